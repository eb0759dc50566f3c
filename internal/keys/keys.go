// Package keys holds a site's secrets at rest: the key of its database, the
// key that signs its journal, and how each is unlocked.
//
// The database key is random. It lies in keys.json wrapped by a passphrase
// that a person types at opening (argon2id, XChaCha20-Poly1305), and can be
// put together again from two of three printed recovery shares. A file made
// without a passphrase says so in its own words and is for demonstrations.
// The package reads no clock and makes no chance of its own; it promises that
// a file it wrote is whole on the disk before it answers, and that a wrong
// passphrase and a damaged file are told apart from each other and from a
// missing file.
package keys

import (
	"crypto/ed25519"
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
	Protected bool // a passphrase guards them
	Number    int  // of this installation; raised at every restore
}

// file is keys.json. Fields are only ever added.
type file struct {
	Format   string `json:"format"`
	Name     string `json:"name"`     // of the journal's signer
	Verifier string `json:"verifier"` // public key, in the note format
	Number   int    `json:"number"`
	Guard    string `json:"guard"`          // "passphrase", or in words that there is none
	Salt     string `json:"salt,omitempty"` // of the passphrase
	Sealed   string `json:"sealed"`         // wrapped secrets; plain where there is no passphrase
	Note     string `json:"note,omitempty"` // for whoever opens the file
}

const (
	format        = "tram keys 1"
	unprotected   = "none: demonstration, anyone with this file can read the database"
	byPassphrase  = "passphrase"
	signerNameMax = 80
)

// secrets are what is wrapped.
type secrets struct {
	Data   string `json:"data"`
	Signer string `json:"signer"`
}

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
	f := file{Format: format, Name: name, Verifier: vkey, Number: 1, Guard: unprotected}
	s := secrets{Data: base64.StdEncoding.EncodeToString(k.Data[:]), Signer: skey}
	if err := seal(&f, s, passphrase, rand); err != nil {
		return nil, nil, err
	}
	if k.Journal, err = signers(skey, vkey); err != nil {
		return nil, nil, err
	}
	shares, err := Split(k.Data, rand)
	if err != nil {
		return nil, nil, err
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, nil, fmt.Errorf("write keys: %w", err)
	}
	return k, shares, writeWhole(path, append(b, '\n'))
}

// Open unlocks the keys in dir.
func Open(dir, passphrase string) (*Keys, error) {
	f, err := read(dir)
	if err != nil {
		return nil, err
	}
	s, err := unseal(f, passphrase)
	if err != nil {
		return nil, err
	}
	k := &Keys{Protected: f.Guard == byPassphrase, Number: f.Number}
	data, err := base64.StdEncoding.DecodeString(s.Data)
	if err != nil || len(data) != len(k.Data) {
		return nil, fmt.Errorf("%w: the database key", ErrDamaged)
	}
	copy(k.Data[:], data)
	k.Journal, err = signers(s.Signer, f.Verifier)
	return k, err
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

func seal(f *file, s secrets, passphrase string, rand io.Reader) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("wrap keys: %w", err)
	}
	if passphrase == "" {
		f.Sealed = base64.StdEncoding.EncodeToString(plain)
		return nil
	}
	salt := make([]byte, saltLen+chacha20poly1305.NonceSizeX)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return fmt.Errorf("wrap keys: %w", err)
	}
	aead, err := chacha20poly1305.NewX(wrapKey(passphrase, salt[:saltLen]))
	if err != nil {
		return fmt.Errorf("wrap keys: %w", err)
	}
	nonce := salt[saltLen:]
	f.Guard, f.Salt = byPassphrase, base64.StdEncoding.EncodeToString(salt[:saltLen])
	f.Sealed = base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, plain, []byte(f.Name)))
	return nil
}

func unseal(f file, passphrase string) (secrets, error) {
	var s secrets
	b, err := base64.StdEncoding.DecodeString(f.Sealed)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if f.Guard == byPassphrase {
		salt, err := base64.StdEncoding.DecodeString(f.Salt)
		if err != nil || len(b) < chacha20poly1305.NonceSizeX {
			return s, ErrDamaged
		}
		aead, err := chacha20poly1305.NewX(wrapKey(passphrase, salt))
		if err != nil {
			return s, fmt.Errorf("unwrap keys: %w", err)
		}
		n := chacha20poly1305.NonceSizeX
		if b, err = aead.Open(nil, b[:n], b[n:], []byte(f.Name)); err != nil {
			return s, ErrPassphrase
		}
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return s, nil
}

func wrapKey(passphrase string, salt []byte) []byte {
	return argon2.IDKey([]byte(passphrase), salt, wrapTime, wrapMemory, 1, chacha20poly1305.KeySize)
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

// writeWhole writes a file so that after a power cut there is the whole file
// or none: beside it, flushed, then renamed.
func writeWhole(path string, b []byte) error {
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
