package clinic_test

import (
	"errors"
	"fmt"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/sqlitefile"
	"tram/internal/sqlitefile/faultfs"
)

// onDisk puts the site on a disk that obeys the test.
func onDisk(d *faultfs.FS) clinictest.Options {
	return func(o *sqlitefile.Options) { o.Base = d; o.Readers = 1 }
}

// diskSite is a ready site on a disk that obeys the test.
func diskSite(t *testing.T) (*clinictest.Site, *faultfs.FS, id.Patient) {
	t.Helper()
	d := faultfs.New(t.TempDir())
	s := clinictest.New(t, onDisk(d))
	s.OpenDay()
	s.OpenBottle()
	return s, d, s.Patient("Vàng A Sáng", 20*mg)
}

// standing checks everything that must hold however the morning ended: the
// journal verifies, the tables are what it makes of them, the bottle's book is
// the sum of its facts, and each patient has at most one dose that counts. It
// answers today's doses of the patient.
func standing(t *testing.T, s *clinictest.Site, p id.Patient) []dose.Entry {
	t.Helper()
	verified(t, s)
	return onRecord(t, s, p)
}

// verified reads the whole journal.
func verified(t *testing.T, s *clinictest.Site) {
	t.Helper()
	err := s.View(ctx, func(v *clinicdb.View) error {
		_, err := journal.Verify(v.Conn(), s.Clinic.Site().Site, s.Keys.Verifier, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// onRecord is standing without the journal.
func onRecord(t *testing.T, s *clinictest.Site, p id.Patient) []dose.Entry {
	t.Helper()
	var out []dose.Entry
	err := s.View(ctx, func(v *clinicdb.View) (err error) {
		if out, err = v.DosesOf(p, s.Today(), s.Today()); err != nil {
			return err
		}
		b, err := v.Bottle(s.Bottle)
		if err != nil {
			return err
		}
		book, err := v.BookAt(s.Today())
		if err == nil && book != b.Left {
			err = fmt.Errorf("book %v, sum of facts %v", b.Left, book)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range out {
		if e.Counts() {
			n++
		}
	}
	if n > 1 {
		t.Fatalf("%d doses that count: %v", n, out)
	}
	return out
}

// TestEachWriteFailing pours while each write and each sync in turn fails,
// once without reaching the disk and once after reaching it. A dose the screen
// called poured is on record after the restart; one it did not is there whole
// or not at all; nothing is half there (T3).
func TestEachWriteFailing(t *testing.T) {
	for _, stored := range []bool{false, true} {
		failed := 0
		for n := 1; ; n++ {
			s, d, p := diskSite(t)
			d.FailAt(n, stored)
			_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
			if !d.Failed() {
				_ = s.Close()
				break
			}
			failed++
			d.FailAt(1<<40, false)
			if err != nil && s.Broken() == nil {
				t.Fatalf("operation %d (reached the disk: %v): the door looks well after %v", n, stored, err)
			}
			if err := s.Reopen(); err != nil {
				t.Fatalf("operation %d (reached the disk: %v): reopen: %v", n, stored, err)
			}
			doses := standing(t, s, p)
			if err == nil && len(doses) != 1 {
				t.Fatalf("operation %d (reached the disk: %v): the screen said poured, on record are %d", n, stored, len(doses))
			}
			if err != nil && len(doses) == 0 {
				if _, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg}); err != nil {
					t.Fatalf("operation %d: after the restart: %v", n, err)
				}
			}
			_ = s.Close()
		}
		if failed < 2 {
			t.Fatalf("only %d operations failed; the test does not reach the disk", failed)
		}
		t.Logf("reached the disk %v: %d write boundaries", stored, failed)
	}
}

// TestPowerCutAtEachWrite cuts the power at each operation of a pouring and a
// swallowing, three ways each, and opens what is left.
func TestPowerCutAtEachWrite(t *testing.T) {
	s, d, p := diskSite(t)
	type cut struct {
		disk          *faultfs.FS
		poured, drunk bool // what the screen had said by then
	}
	var cuts []cut
	var poured, drunk bool
	d.AfterEach(func(op int) {
		for seed := range uint64(3) {
			cuts = append(cuts, cut{d.Crash(uint64(op)<<8 | seed), poured, drunk})
		}
	})
	f, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	if err != nil {
		t.Fatal(err)
	}
	poured = true
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
	drunk = true
	d.AfterEach(nil)
	cuts = append(cuts, cut{d.Crash(99), poured, drunk})
	for i, c := range cuts {
		if err := s.Reopen(onDisk(c.disk)); err != nil {
			t.Fatalf("cut %d: %v", i, err)
		}
		doses := standing(t, s, p)
		switch {
		case c.drunk && (len(doses) != 1 || doses[0].Outcome != dose.Taken):
			t.Fatalf("cut %d: the screen said swallowed, on record is %v", i, doses)
		case c.poured && len(doses) != 1:
			t.Fatalf("cut %d: the screen said poured, on record is %v", i, doses)
		}
	}
	t.Logf("%d disks after a power cut opened", len(cuts))
}

// TestDiskFull: the dose is refused before the cup, in time to take paper, and
// when there is room again the same morning goes on.
func TestDiskFull(t *testing.T) {
	s, d, p := diskSite(t)
	total := int64(0)
	for _, n := range d.Names() {
		total += int64(len(d.Bytes(n)))
	}
	d.Room(total)
	var err error
	for i := 0; err == nil && i < 200; i++ {
		_, err = s.Note(ctx, s.Assistant, s.NewForm(), p, fmt.Sprintf("filling the disk %d", i))
	}
	if err == nil || reason.Rule(err) != "" {
		t.Fatalf("a full disk answered %v", err)
	}
	if !errors.Is(err, sqlitefile.ErrFull) && !errors.Is(err, sqlitefile.ErrStopped) {
		t.Fatalf("got %v, want disk full", err)
	}
	if _, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg}); err == nil {
		t.Fatal("poured on a full disk")
	}
	d.Room(0)
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	if doses := standing(t, s, p); len(doses) != 0 {
		t.Fatalf("half a dose: %v", doses)
	}
	if _, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg}); err != nil {
		t.Fatal(err)
	}
}
