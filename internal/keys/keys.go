// Package keys holds a site's secrets at rest: the key of its database, the
// key that signs its journal, and how each is unlocked.
//
// The database key is random. It lies in keys.json wrapped by a passphrase
// that a person types at opening (argon2id, XChaCha20-Poly1305), and can be
// put together again from two of three printed recovery shares. The signing
// key is wrapped by the database key, so either way opens both. A file made
// without a passphrase says so in its own words and is for demonstrations.
// The package reads no clock and makes no chance of its own; it promises that
// a file it wrote is whole on the disk before it answers, and that a wrong
// passphrase and a damaged file are told apart from each other and from a
// missing file.
package keys

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/text/unicode/norm"

	"tram/internal/journal"
)

// FileName is the file in a site's data directory.
const FileName = "keys.json"

// Errors of opening, told apart because each asks for something else.
var (
	ErrPassphrase = errors.New("the passphrase is wrong")
	ErrNone       = errors.New("there are no keys here")
	ErrExist      = errors.New("there are keys here already")
	ErrDamaged    = errors.New("the key file is damaged")
)

// Cost of unlocking: about a third of a second on an old PC, once at opening.
const (
	wrapMemory = 64 * 1024
	wrapTime   = 3
	saltLen    = 16
)

// Keys are a site's keys, unlocked.
type Keys struct {
	Data      [32]byte // key of the database
	Journal   journal.Keys
	Protected bool   // a passphrase guards them
	Number    int    // of this installation; raised at every restore
	Public    string // the journal's public key, in note form
}

// file is keys.json. Fields are only ever added.
type file struct {
	Format   string `json:"format"`
	Name     string `json:"name"`     // of the journal's signer
	Verifier string `json:"verifier"` // public key, in the note format
	Number   int    `json:"number"`
	Guard    string `json:"guard"`          // "passphrase", or in words that there is none
	Salt     []byte `json:"salt,omitempty"` // of the passphrase
	Data     []byte `json:"data"`           // the database key, wrapped; plain where there is no passphrase
	Signer   []byte `json:"signer"`         // the signing key, wrapped by the database key
}

const (
	format        = "tram keys 1"
	unprotected   = "none: demonstration, anyone with this file can read the database"
	byPassphrase  = "passphrase"
	signerNameMax = 80
)

// Create makes new keys in dir. name is the journal's origin, such as
// "tg.dbv/tram": lower case letters, digits, dots and dashes, and a slash. An
// empty passphrase makes an unprotected file. The shares are shown once and
// kept nowhere.
func Create(dir, name, passphrase string, rand io.Reader) (*Keys, []Share, error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err == nil {
		return nil, nil, ErrExist
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("look for keys: %w", err)
	}
	var seed [ed25519.SeedSize]byte
	k := &Keys{Protected: passphrase != "", Number: 1}
	for _, b := range [][]byte{seed[:], k.Data[:]} {
		if _, err := io.ReadFull(rand, b); err != nil {
			return nil, nil, fmt.Errorf("make keys: %w", err)
		}
	}
	skey, vkey, err := signerText(name, seed)
	if err != nil {
		return nil, nil, err
	}
	k.Public = vkey
	f := file{Format: format, Name: name, Verifier: vkey, Number: 1}
	if f.Signer, err = wrap(k.signerKey(), []byte(skey), name, rand); err != nil {
		return nil, nil, err
	}
	if err := f.guard(k.Data, passphrase, rand); err != nil {
		return nil, nil, err
	}
	if k.Journal, err = signers(skey, vkey); err != nil {
		return nil, nil, err
	}
	shares, err := Split(k.Data, rand)
	if err != nil {
		return nil, nil, err
	}
	return k, shares, f.write(path)
}

// Open unlocks the keys in dir with the passphrase.
func Open(dir, passphrase string) (*Keys, error) {
	f, err := read(dir)
	if err != nil {
		return nil, err
	}
	data := f.Data
	if f.Guard == byPassphrase {
		if data, err = unwrap(wrapKey(passphrase, f.Salt), f.Data, f.Name); err != nil {
			return nil, fmt.Errorf("%w (or the file was changed)", ErrPassphrase)
		}
	}
	if len(data) != len(Keys{}.Data) {
		return nil, fmt.Errorf("%w: the database key", ErrDamaged)
	}
	return f.unlock([32]byte(data))
}

// Recover unlocks the keys in dir with two recovery shares, for when the
// passphrase is lost, and guards them with a new one from now on. The shares
// stay good.
func Recover(dir string, one, two Share, passphrase string, rand io.Reader) (*Keys, error) {
	f, err := read(dir)
	if err != nil {
		return nil, err
	}
	data, err := Join(one, two)
	if err != nil {
		return nil, err
	}
	k, err := f.unlock(data)
	if err != nil {
		return nil, fmt.Errorf("%w: they are of other keys, or %w", ErrShare, err)
	}
	if err := f.guard(data, passphrase, rand); err != nil {
		return nil, err
	}
	k.Protected = f.Guard == byPassphrase
	return k, f.write(filepath.Join(dir, FileName))
}

// unlock opens the rest of the file with the database key.
func (f *file) unlock(data [32]byte) (*Keys, error) {
	k := &Keys{Data: data, Protected: f.Guard == byPassphrase, Number: f.Number, Public: f.Verifier}
	skey, err := unwrap(k.signerKey(), f.Signer, f.Name)
	if err != nil {
		return nil, fmt.Errorf("%w: the signing key", ErrDamaged)
	}
	k.Journal, err = signers(string(skey), f.Verifier)
	return k, err
}

// signerKey wraps the signing key. It is derived, because the database key
// itself is for the database's cipher and nothing else.
func (k *Keys) signerKey() []byte {
	mac := hmac.New(sha256.New, k.Data[:])
	mac.Write([]byte("tram signing key 1")) // a hash takes every write
	return mac.Sum(nil)
}

// Box is the private X25519 key to which letters to this site are sealed. It is
// derived, so that a file of keys made before letters has one, too.
func (k *Keys) Box() [32]byte {
	mac := hmac.New(sha256.New, k.Data[:])
	mac.Write([]byte("tram box key 1")) // a hash takes every write
	return [32]byte(mac.Sum(nil))
}

// BoxPublic is the public half of Box, in base64, for the programme's directory.
func (k *Keys) BoxPublic() (string, error) {
	b := k.Box()
	private, err := ecdh.X25519().NewPrivateKey(b[:])
	if err != nil {
		return "", fmt.Errorf("box key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(private.PublicKey().Bytes()), nil
}

// Protected says whether opening needs a passphrase.
func Protected(dir string) (bool, error) {
	f, err := read(dir)
	return f.Guard == byPassphrase, err
}

func read(dir string) (file, error) {
	var f file
	b, err := os.ReadFile(filepath.Join(dir, FileName))
	if errors.Is(err, os.ErrNotExist) {
		return f, ErrNone
	}
	if err != nil {
		return f, fmt.Errorf("read keys: %w", err)
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if f.Format != format {
		return f, fmt.Errorf("%w: format %q, this program knows %q", ErrDamaged, f.Format, format)
	}
	return f, nil
}

// signerText makes the note package's text form of the key pair from a seed,
// so that the caller decides where chance comes from.
func signerText(name string, seed [ed25519.SeedSize]byte) (skey, vkey string, err error) {
	r := strings.NewReader(string(seed[:]))
	skey, vkey, err = note.GenerateKey(r, name)
	if err != nil {
		return "", "", fmt.Errorf("make the signing key: %w", err)
	}
	return skey, vkey, nil
}

func signers(skey, vkey string) (journal.Keys, error) {
	s, err := note.NewSigner(skey)
	if err != nil {
		return journal.Keys{}, fmt.Errorf("%w: the signing key", ErrDamaged)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil || v.Name() != s.Name() || v.KeyHash() != s.KeyHash() {
		return journal.Keys{}, fmt.Errorf("%w: the public key is not the signing key's", ErrDamaged)
	}
	return journal.Keys{Signer: s, Verifier: v}, nil
}

// guard puts the database key under the passphrase, or says in the file that
// nothing guards it.
func (f *file) guard(data [32]byte, passphrase string, rand io.Reader) error {
	f.Guard, f.Salt, f.Data = unprotected, nil, data[:]
	if passphrase == "" {
		return nil
	}
	salt := make([]byte, saltLen)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return fmt.Errorf("wrap keys: %w", err)
	}
	sealed, err := wrap(wrapKey(passphrase, salt), data[:], f.Name, rand)
	f.Guard, f.Salt, f.Data = byPassphrase, salt, sealed
	return err
}

// wrap seals a secret: a random nonce, then the ciphertext, bound to the name.
func wrap(key, secret []byte, name string, rand io.Reader) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("wrap keys: %w", err)
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, fmt.Errorf("wrap keys: %w", err)
	}
	return aead.Seal(nonce, nonce, secret, []byte(name)), nil
}

func unwrap(key, sealed []byte, name string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("unwrap keys: %w", err)
	}
	n := chacha20poly1305.NonceSizeX
	if len(sealed) < n {
		return nil, ErrDamaged
	}
	return aead.Open(nil, sealed[:n], sealed[n:], []byte(name))
}

// wrapKey makes a key from a passphrase. Keyboards disagree on how an accented
// letter is written, so it is put into one form first.
func wrapKey(passphrase string, salt []byte) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(passphrase)), salt, wrapTime, wrapMemory, 1, chacha20poly1305.KeySize)
}

func checkName(name string) error {
	if name == "" || len(name) > signerNameMax || !strings.Contains(name, "/") {
		return fmt.Errorf("name %q of the journal: a name like tg.dbv/tram is needed", name)
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '/' {
			return fmt.Errorf("name %q of the journal: only a-z, 0-9, dot, dash and slash", name)
		}
	}
	return nil
}

func (f *file) write(path string) error {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return WriteWhole(path, append(b, '\n'))
}

// WriteWhole writes a file so that after a power cut there is the whole file
// or none: beside it, flushed, then renamed.
func WriteWhole(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // after the rename there is nothing to remove
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	syncDir(filepath.Dir(path))
	return nil
}

// syncDir makes the rename durable where the system lets a directory be
// flushed; Windows does not, and journals its own renames.
func syncDir(dir string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}
