package hub

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"tram/internal/day"
	"tram/internal/keys"
)

// A hub's backup is one file: a tar with the manifest, the wrapped keys, the
// sealed key of the certificate, copies of the hub's book and, where they lie in
// its directory, of the tables; around it age where the programme has given its
// recipients. Nothing in it is readable without the hub's passphrase or two
// recovery shares.
const (
	manifestName = "manifest.json"
	sealedName   = "tls-key.sealed"
	backupFormat = "tram hub backup 1"
	ageHeader    = "age-encryption.org/v1\n"

	manifestMax = 64 << 10
	smallMax    = 64 << 10
	tablesMax   = 256 << 30
)

// Errors of backups.
var (
	ErrBackup   = errors.New("the hub's backup is damaged, or is none")
	ErrIdentity = errors.New("the hub's backup is sealed for the programme: its identity file is needed")
)

// Tables says where the tables of a hub are.
type Tables string

// The places. A backup holds the tables only where it says InFile.
const (
	InFile     Tables = "file"       // in the hub's directory
	InPostgres Tables = "postgresql" // in a database of their own
	Nowhere    Tables = "none"       // there are none yet
)

// Manifest says what a hub's backup is. It names no person.
type Manifest struct {
	Format    string      `json:"format"`
	Programme string      `json:"programme"`
	Name      string      `json:"name"`
	Made      day.Instant `json:"made"`
	Size      int64       `json:"size"` // entries of the hub's own journal
	Root      string      `json:"root"` // over them
	Tables    Tables      `json:"tables"`
	Sites     int         `json:"sites"`   // whose journals are in it; 0 where the tables are not
	Entries   int64       `json:"entries"` // of those journals
	Files     []packed    `json:"files"`
	MAC       []byte      `json:"mac,omitempty"` // of all the rest, with a key of the hub's own
}

// packed is one file in a backup.
type packed struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

func (m Manifest) mac(k *keys.Keys) []byte {
	m.MAC = nil
	text, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("hub: %v", err)) // texts and numbers always encode
	}
	key := k.BackupKey()
	h := hmac.New(sha256.New, key[:])
	h.Write(text)
	return h.Sum(nil)
}

// most bounds what a file of a backup may hold; 0: there is no such file.
func most(name string) int64 {
	switch name {
	case keys.FileName, certName, sealedName:
		return smallMax
	case OfficeName, DatabaseName:
		return tablesMax
	}
	return 0
}

// sealTLS is the certificate's key as it may lie in a backup.
func sealTLS(k *keys.Keys, plain, nonce []byte) ([]byte, error) {
	key := k.BackupKey()
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	return aead.Seal(bytes.Clone(nonce), nonce, plain, []byte(certKeyName)), nil
}

func openTLS(k *keys.Keys, sealed []byte) ([]byte, error) {
	key := k.BackupKey()
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrBackup
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(certKeyName))
	if err != nil {
		return nil, fmt.Errorf("%w: the certificate's key", ErrBackup)
	}
	return plain, nil
}

// pack writes a backup's file, flushes it, and answers its SHA-256.
func pack(path, dir string, m Manifest, to []age.Recipient) (string, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	err = packInto(io.MultiWriter(f, sum), dir, m, to)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return hex.EncodeToString(sum.Sum(nil)), err
}

func packInto(w io.Writer, dir string, m Manifest, to []age.Recipient) error {
	var sealed io.WriteCloser
	if len(to) > 0 {
		var err error
		if sealed, err = age.Encrypt(w, to...); err != nil {
			return fmt.Errorf("seal for the programme: %w", err)
		}
		w = sealed
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	if err := member(tw, manifestName, bytes.NewReader(text), int64(len(text))); err != nil {
		return err
	}
	for _, x := range m.Files {
		f, err := os.Open(filepath.Join(dir, x.Name))
		if err != nil {
			return err
		}
		err = member(tw, x.Name, f, x.Bytes)
		_ = f.Close() // only read from
		if err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return err
	}
	if sealed != nil {
		return sealed.Close()
	}
	return nil
}

func member(tw *tar.Writer, name string, r io.Reader, size int64) error {
	if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(tw, r)
	return err
}

// IsBackup says whether a file is a hub's backup, and not a site's.
func IsBackup(path string, ids []age.Identity) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("open the backup: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	r, err := unsealed(bufio.NewReader(f), ids)
	if err != nil {
		return false, err
	}
	m, err := readManifest(tar.NewReader(r))
	return err == nil && m.Format == backupFormat, nil // what is no tar is no hub's backup either; its reader says so
}

func unsealed(r *bufio.Reader, ids []age.Identity) (io.Reader, error) {
	if head, err := r.Peek(len(ageHeader)); err != nil || string(head) != ageHeader {
		return r, nil // too short for either: the tar reader says so
	}
	if len(ids) == 0 {
		return nil, ErrIdentity
	}
	open, err := age.Decrypt(r, ids...)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrIdentity, err)
	}
	return open, nil
}

func readManifest(tr *tar.Reader) (Manifest, error) {
	var m Manifest
	var text bytes.Buffer
	if _, err := takeFile(tr, manifestName, manifestMax, &text); err != nil {
		return m, err
	}
	if err := json.Unmarshal(text.Bytes(), &m); err != nil {
		return m, fmt.Errorf("%w: the manifest", ErrBackup)
	}
	return m, nil
}

// unpack reads a backup into a directory, or nowhere when dir is "". The files
// are those of the manifest, byte for byte; whether the manifest is the hub's
// own is asked of its MAC, once the keys are open.
func unpack(path string, ids []age.Identity, dir string) (Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("open the backup: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	r, err := unsealed(bufio.NewReaderSize(f, 1<<20), ids)
	if err != nil {
		return Manifest{}, err
	}
	tr := tar.NewReader(r)
	m, err := readManifest(tr)
	if err != nil {
		return m, err
	}
	if m.Format != backupFormat {
		return m, fmt.Errorf("%w: format %q", ErrBackup, m.Format)
	}
	for _, x := range m.Files {
		if err := unpackOne(tr, x, dir); err != nil {
			return m, err
		}
	}
	return m, nil
}

func unpackOne(tr *tar.Reader, x packed, dir string) error {
	limit := most(x.Name)
	if limit == 0 {
		return fmt.Errorf("%w: it holds %q", ErrBackup, x.Name)
	}
	w, shut := io.Discard, func() error { return nil }
	if dir != "" {
		f, err := os.OpenFile(filepath.Join(dir, x.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("bring back %s: %w", x.Name, err)
		}
		w, shut = f, func() error { return errors.Join(f.Sync(), f.Close()) }
	}
	sum, err := takeFile(tr, x.Name, limit, w)
	if cerr := shut(); err == nil {
		err = cerr
	}
	if err == nil && sum != x.SHA256 {
		err = fmt.Errorf("%w: %s was changed", ErrBackup, x.Name)
	}
	return err
}

func takeFile(tr *tar.Reader, name string, limit int64, w io.Writer) (string, error) {
	h, err := tr.Next()
	if err != nil || h.Name != name || h.Size > limit {
		return "", fmt.Errorf("%w: %s is not where it should be", ErrBackup, name)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), tr)
	if errors.Is(err, io.ErrUnexpectedEOF) || err == nil && n != h.Size {
		err = fmt.Errorf("%w: it ends within %s", ErrBackup, name)
	}
	return hex.EncodeToString(sum.Sum(nil)), err
}
