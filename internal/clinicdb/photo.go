package clinicdb

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"tram/internal/care/patient"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

func (t *Tx) photographed(e journal.Entry, f patient.Photographed) error {
	return t.c.Exec(`UPDATE patients SET photo = ?, photo_day = ? WHERE patient = ?`, f.Hash, int64(e.Day), string(f.Patient))
}

func (t *Tx) photoWithdrawn(f patient.PhotoWithdrawn) error {
	return t.c.Exec(`UPDATE patients SET photo = '', photo_day = 0 WHERE patient = ? AND photo = ?`, string(f.Patient), f.Hash)
}

// ErrPhoto says that the pictures beside the journal are not those that it
// names: one is missing, altered, or there and shown by nobody.
var ErrPhoto = errors.New("a photo is not as the journal has it")

// nameOf is the name of a picture: the SHA-256 of its bytes.
func nameOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// KeepPhoto keeps a picture under its name, in the transaction of the fact
// that names it. One that is there already stays as it is.
func (t *Tx) KeepPhoto(b []byte) error {
	if err := t.c.Exec(`INSERT INTO blobs (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING`, nameOf(b), b); err != nil {
		return fmt.Errorf("keep a photo: %w", err)
	}
	return nil
}

// DropPhoto takes a picture away, unless somebody is still shown by it. What
// it held is overwritten in the file.
func (t *Tx) DropPhoto(hash string) error {
	err := t.c.Script(`PRAGMA secure_delete = ON`)
	if err == nil {
		err = t.c.Exec(`DELETE FROM blobs WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM patients WHERE photo = ?1)`, hash)
	}
	if back := t.c.Script(`PRAGMA secure_delete = OFF`); err == nil {
		err = back
	}
	if err != nil {
		return fmt.Errorf("take a photo away: %w", err)
	}
	return nil
}

// UnshownPhotos are the pictures that nobody is shown by, which a restore can
// leave: they were withdrawn after the copy was made.
func (v *View) UnshownPhotos() ([]string, error) {
	var out []string
	err := v.c.Query(`SELECT hash FROM blobs WHERE hash NOT IN (SELECT photo FROM patients) ORDER BY hash`, nil, func(r *sqlitefile.Row) error {
		out = append(out, r.Text(0))
		return nil
	})
	return out, err
}

// HasPhoto says whether a picture is here: after a restore from an older copy
// one may be named and lost.
func (v *View) HasPhoto(hash string) (bool, error) {
	if hash == "" {
		return false, nil
	}
	return v.c.One(`SELECT 1 FROM blobs WHERE hash = ?`, []any{hash}, none)
}

// Photo is a picture by its name, or ErrNotFound. One that was altered is
// ErrPhoto and is not shown.
func (v *View) Photo(hash string) ([]byte, error) {
	var b []byte
	err := v.one(`SELECT bytes FROM blobs WHERE hash = ?`, []any{hash}, func(r *sqlitefile.Row) error {
		b = r.Blob(0)
		return nil
	})
	if err == nil && nameOf(b) != hash {
		return nil, fmt.Errorf("%w: %s was altered", ErrPhoto, hash)
	}
	return b, err
}

// CheckPhotos compares the pictures with what the records name: each is there
// and is what it was, and none is there that nobody is shown by. n is how many.
func (v *View) CheckPhotos() (n int, err error) {
	err = v.c.Query(`SELECT patient, photo FROM patients WHERE photo <> '' ORDER BY patient`, nil, func(r *sqlitefile.Row) error {
		p, hash := id.Patient(r.Text(0)), r.Text(1)
		switch _, err := v.Photo(hash); {
		case errors.Is(err, ErrNotFound):
			return fmt.Errorf("%w: that of patient %s is missing; take it again or withdraw it", ErrPhoto, p)
		case err != nil:
			return fmt.Errorf("photo of patient %s: %w", p, err)
		}
		n++
		return nil
	})
	if err != nil {
		return n, err
	}
	left, err := v.UnshownPhotos()
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%w: %s is here and nobody is shown by it", ErrPhoto, left[0])
	}
	return n, err
}
