package sitedir_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"path/filepath"
	"testing"

	"tram/internal/access"
	"tram/internal/care/patient"
	"tram/internal/clinicdb"
	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/sqlitefile"
)

// TestVerifyFindsWhatHappenedToAPhoto: verifying counts the pictures, and finds
// one that is missing, altered, or there without being named. The tables
// themselves refuse all three.
func TestVerifyFindsWhatHappenedToAPhoto(t *testing.T) {
	ctx := context.Background()
	const off = `DROP TRIGGER blobs_no_update; DROP TRIGGER blobs_no_delete; `
	for name, sql := range map[string]string{
		"missing": `DELETE FROM blobs`, "altered": `UPDATE blobs SET bytes = CAST(bytes || 'x' AS BLOB)`,
		"nobody's": `INSERT INTO blobs VALUES (lower(hex(randomblob(32))), x'00')`, "": "",
	} {
		dir := t.TempDir()
		_, person, err := sitedir.Create(ctx, dir, founding(), sitedir.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := sitedir.Open(ctx, dir, sitedir.Options{})
		if err != nil {
			t.Fatal(err)
		}
		by := access.Actor{Person: person}
		f, err := s.Register(ctx, by, s.NewForm(), patient.Details{Name: "Sùng Thị Chẵn"})
		if err != nil {
			t.Fatal(err)
		}
		var pic bytes.Buffer
		if err := png.Encode(&pic, image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Photograph(ctx, by, s.NewForm(), f.Patient, pic.Bytes(), true); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if name == "missing" || name == "altered" {
			if err := tamper(t, dir, sql); err == nil {
				t.Errorf("%s: the tables allowed it", name)
			}
		}
		if name != "" {
			if err := tamper(t, dir, off+sql); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		v, err := sitedir.Verify(ctx, dir, sitedir.Options{}, func(string, int64) {})
		if name == "" && (err != nil || v.Photos != 1) {
			t.Errorf("in order: %d photos, %v", v.Photos, err)
		}
		if name != "" && !errors.Is(err, clinicdb.ErrPhoto) {
			t.Errorf("%s: verify says %v", name, err)
		}
	}
}

// tamper writes into a site's file past the program and answers what the file
// said to it.
func tamper(t *testing.T, dir, sql string) error {
	t.Helper()
	k, err := keys.Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := sqlitefile.Open(filepath.Join(dir, sitedir.DatabaseName), sqlitefile.Options{Key: k.Data, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	return f.Write(func(c *sqlitefile.Conn) error { return c.Script(sql) })
}
