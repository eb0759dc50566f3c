package clinicdb_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tram/internal/clinicdb"
	"tram/internal/fact"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

func open(t *testing.T) *clinicdb.DB {
	t.Helper()
	f, err := sqlitefile.Open(filepath.Join(t.TempDir(), "t.db"), sqlitefile.Options{Key: [32]byte{5}, Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	db, err := clinicdb.New(f)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestEveryKindHasAProjection projects every form of every kind ever written,
// each into a fresh moment. A fact about something that is not there may be
// refused by the tables; a kind nobody thought of would panic.
func TestEveryKindHasAProjection(t *testing.T) {
	db := open(t)
	golden, err := os.ReadFile("../fact/testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSpace(string(golden)), "\n") {
		kind, body, _ := strings.Cut(line, "\t")
		seen[kind] = true
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: %v", kind, r)
				}
			}()
			_ = db.Write(func(tx *clinicdb.Tx) error {
				return tx.Project(journal.Entry{Site: "TG", Seq: int64(i), HLC: journal.HLC{Ms: int64(i + 1)}, Day: 20000, By: "p1", Kind: kind, Fact: []byte(body)}, nil)
			})
		}()
	}
	for _, k := range fact.Kinds {
		if !seen[k.Name] {
			t.Errorf("kind %s is in no line", k.Name)
		}
	}
}

// TestANewerKindIsKept: a fact this program does not know changes no table and
// fails nothing.
func TestANewerKindIsKept(t *testing.T) {
	db := open(t)
	err := db.Write(func(tx *clinicdb.Tx) error {
		return tx.Project(journal.Entry{Site: "TG", Seq: 0, HLC: journal.HLC{Ms: 1}, Day: 20000, By: "p1", Kind: "dose.levitated", Fact: []byte(`{}`)}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNotThereIsSaid: absent is not failed, and a closed file is not absent.
func TestNotThereIsSaid(t *testing.T) {
	db := open(t)
	look := func() (err error) {
		verr := db.View(t.Context(), func(v *clinicdb.View) error {
			_, err = v.Patient("nobody")
			return err
		})
		return errors.Join(err, verr)
	}
	if err := look(); !errors.Is(err, clinicdb.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := look(); err == nil || errors.Is(err, clinicdb.ErrNotFound) {
		t.Fatalf("a closed file answered %v", err)
	}
}

// TestSearchMeansWhatWasTyped: the signs of a pattern are letters like any
// other, and one letter alone is no question.
func TestSearchMeansWhatWasTyped(t *testing.T) {
	db := open(t)
	err := db.Write(func(tx *clinicdb.Tx) error {
		body := `{"patient":"a1","code":"TG-0001-T","day":"2026-11-23","details":{"name":"Đỗ Thị Hằng","former":"R1"}}`
		return tx.Project(journal.Entry{Site: "TG", Seq: 0, HLC: journal.HLC{Ms: 1}, Day: 20000, By: "p1", Kind: "patient.registered", Fact: []byte(body)}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]int{"do hang": 1, "HẰNG": 1, "Đỗ": 1, "tg-0001": 1, "r1": 1, "%%": 0, "__": 0, "d": 0, "": 0, "hang do x": 0} {
		err := db.View(t.Context(), func(v *clinicdb.View) error {
			got, err := v.Search(typed)
			if len(got) != want {
				t.Errorf("%q found %d, want %d", typed, len(got), want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
