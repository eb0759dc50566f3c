package clinic_test

import (
	"testing"

	"tram/internal/care/daybook"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
)

// restoredSite lets the door of a site find that it was restored.
func restoredSite(t *testing.T, s *clinictest.Site, baton *transfer.Head) (done *int) {
	t.Helper()
	done = new(int)
	err := s.AwaitBirth(ctx, clinic.Birth{
		Number: 2, OfSize: s.Head().Size, Hash: "h", Backup: transfer.Head{Site: s.Site().Site, Number: 1, Size: s.Head().Size},
		Baton: baton, BatonID: "k", Whole: true, Done: func() error { *done++; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// TestRestoredSiteDosesNobody (T7): at a site of its own, restored from a backup
// alone, nobody is dosed until two people have answered, and then from the next
// day: what was done today may be what was forgotten.
func TestRestoredSiteDosesNobody(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	p := s.Patient("Vàng A Thử", mg)
	done := restoredSite(t, s, nil)
	saysRule(t, "dose after a restore", pourAt(s, p), "INST-17")
	alone := clinic.Witness{Person: s.Nurse.Person, PIN: clinictest.NursePIN}
	_, err := s.RecordBirth(ctx, s.Nurse, s.NewForm(), clinic.BirthSay{Day: s.Today()}, alone)
	saysRule(t, "one person twice", err, "DAY-12")
	_, err = s.RecordBirth(ctx, s.Nurse, s.NewForm(), clinic.BirthSay{Day: s.Today() - 1}, s.Witness())
	saysRule(t, "another date", err, "INST-02")
	f, err := s.RecordBirth(ctx, s.Nurse, s.NewForm(), clinic.BirthSay{Day: s.Today()}, s.Witness())
	if err != nil || f.Number != 2 || f.Complete || *done != 1 {
		t.Fatalf("%+v, %v, told %d times", f, err, *done)
	}
	_, err = s.RecordBirth(ctx, s.Nurse, s.NewForm(), clinic.BirthSay{Day: s.Today()}, s.Witness())
	saysRule(t, "answer twice", err, "INST-18")
	saysRule(t, "before the date is named again", pourAt(s, p), "INST-02")
	if _, err := s.ConfirmDate(ctx, s.Nurse, s.NewForm(), s.Today(), clinic.Say{OnlyPC: true}, s.Witness()); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "on the day of the restore", pourAt(s, p), "INST-04")
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	if again := restoredSite(t, s, nil); *again != 1 || s.Born() != nil {
		t.Errorf("a birth record that is in the journal is asked for again")
	}
	s.NextMorning()
	closeAndOpen(t, s)
	saysRule(t, "on the next day", pourAt(s, p), "ORDER-42") // past the fence: the next thing to hear is that the order was for yesterday
}

// TestRestoredWithItsBaton: with the baton and two people's word that nothing
// was done since its last entry, doses go on the same day; the door asks before
// the day can be opened.
func TestRestoredWithItsBaton(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	p := s.Patient("Vàng A Thử", mg)
	size := s.Head().Size
	restoredSite(t, s, &transfer.Head{Site: s.Site().Site, Number: 1, Size: size})
	f, err := s.RecordBirth(ctx, s.Nurse, s.NewForm(), clinic.BirthSay{Day: s.Today(), NotWithout: true}, s.Witness())
	if err != nil || !f.Complete {
		t.Fatalf("%+v, %v", f, err)
	}
	if _, err := s.ConfirmDate(ctx, s.Nurse, s.NewForm(), s.Today(), clinic.Say{OnlyPC: true}, s.Witness()); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "the same day", pourAt(s, p), "")
}

// TestRestoredDayIsNotOpened: the morning after a restore begins with the
// restore.
func TestRestoredDayIsNotOpened(t *testing.T) {
	s := clinictest.New(t)
	restoredSite(t, s, nil)
	today := s.Today()
	_, err := s.Clinic.OpenDay(ctx, s.Nurse, s.NewForm(), daybook.Open{Day: today, Typed: today}, s.Witness(), clinic.Say{OnlyPC: true})
	saysRule(t, "open the day", err, "INST-17")
}
