package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// BatonKey encrypts the site's journal on its baton. It is derived from the
// database key under a label of its own, so that whoever restores the keys can
// read the baton, and so that a number does not change it.
func (k *Keys) BatonKey() [32]byte { return k.under("tram baton key 1") }

// BackupKey vouches for what a backup says of itself.
func (k *Keys) BackupKey() [32]byte { return k.under("tram backup key 1") }

func (k *Keys) under(label string) [32]byte {
	mac := hmac.New(sha256.New, k.Data[:])
	mac.Write([]byte(label)) // a hash takes every write
	return [32]byte(mac.Sum(nil))
}

// Raise sets the installation's number in the file; it never falls. Setting
// the number that is there already changes nothing.
func Raise(dir string, number int) error {
	f, err := read(dir)
	if err != nil {
		return err
	}
	switch {
	case number == f.Number:
		return nil
	case number < f.Number:
		return fmt.Errorf("installation number %d: the keys are of number %d, and a number never falls", number, f.Number)
	}
	f.Number = number
	return f.write(filepath.Join(dir, FileName))
}

// Raw is the key file as it lies in dir, for a backup. Its secrets stay wrapped.
func Raw(dir string) ([]byte, error) {
	if _, err := read(dir); err != nil { // a damaged file is not worth keeping
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, FileName))
}

// Put writes a key file from a backup into dir, which must have none.
func Put(dir string, raw []byte) error {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err == nil {
		return ErrExist
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for keys: %w", err)
	}
	return WriteWhole(path, raw)
}
