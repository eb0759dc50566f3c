package sitedir_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tram/internal/care/patient"
	"tram/internal/care/site"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/keys"
	"tram/internal/rulebook"
	"tram/internal/sitedir"

	"tram/internal/access"
)

const (
	pass = "sương mù trên đèo"
	name = "Sùng Thị Chẵn Lẻ"
)

func founding() clinic.Founding {
	limit := int64(200_000)
	return clinic.Founding{
		Site:    site.Founded{Site: "TT", Name: "Trạm thử", Programme: "ĐBV 1", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi"},
		Manager: "Lò Thị Nhàn", Duties: []duty.Duty{duty.Dispenser, duty.Manager}, PIN: "205173",
		Numbers: []rulebook.Confirm{{Key: rulebook.DailyMax, Value: &limit, Reason: "test programme"}},
	}
}

func TestCreateOpenVerify(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "d")
	if _, err := sitedir.Open(ctx, dir, sitedir.Options{}); !errors.Is(err, sitedir.ErrNoSite) {
		t.Fatalf("no site: %v", err)
	}
	o := sitedir.Options{Passphrase: pass}
	shares, person, err := sitedir.Create(ctx, dir, founding(), o)
	if err != nil || len(shares) != 3 {
		t.Fatalf("%v %v", shares, err)
	}
	if _, _, err := sitedir.Create(ctx, dir, founding(), o); !errors.Is(err, keys.ErrExist) {
		t.Fatalf("a second site in one directory: %v", err)
	}
	if _, err := sitedir.Open(ctx, dir, sitedir.Options{Passphrase: "wrong"}); !errors.Is(err, keys.ErrPassphrase) {
		t.Fatalf("wrong passphrase: %v", err)
	}
	s, err := sitedir.Open(ctx, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	by := access.Actor{Person: person}
	if _, err := s.Register(ctx, by, s.NewForm(), patient.Details{Name: name}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	noPlainText(t, dir)
	r, err := sitedir.Verify(ctx, dir, o, func(string, int64) {})
	if err != nil || r.Entries < 4 || r.Tables < 15 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// noPlainText looks for the patient's name in every byte of the directory.
func noPlainText(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("Chẵn")) || bytes.Contains(b, []byte("Sùng")) {
			t.Errorf("%s holds a name in plain text", f.Name())
		}
	}
}

// TestEditedTableIsFound: a table edited by hand, with the right key and past
// the program, is not what the journal makes of it.
func TestEditedTableIsFound(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if _, _, err := sitedir.Create(ctx, dir, founding(), sitedir.Options{}); err != nil {
		t.Fatal(err)
	}
	s, err := sitedir.Open(ctx, dir, sitedir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.View(ctx, func(v *clinicdb.View) error { return v.Conn().Exec(`UPDATE staff SET duties = '["physician"]'`) })
	if err == nil {
		t.Fatal("a view could write")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, dir, `UPDATE staff SET duties = '["physician"]'`)
	if _, err := sitedir.Verify(ctx, dir, sitedir.Options{}, func(string, int64) {}); !errors.Is(err, sitedir.ErrProjection) {
		t.Fatalf("got %v, want ErrProjection", err)
	}
}
