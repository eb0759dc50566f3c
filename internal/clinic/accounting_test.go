package clinic_test

import (
	"testing"

	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
)

// TestLettersAreAccountedFor: a site of a programme whose PC and second medium
// were lost together doses nobody by right until people have found its letters;
// then from the next day, and not on the days in them.
func TestLettersAreAccountedFor(t *testing.T) {
	w := newTwoSites(t)
	s := w.tg
	p := s.Patient("Vàng A Thử", mg)
	q := s.Patient("Lò Thị Khác", mg)
	f := pour(t, s, q, mg)
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
	code := ""
	err := s.View(ctx, func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		code = row.Code
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	account := func(a clinic.Accounting, second clinic.Witness) error {
		_, err := s.Account(ctx, s.Nurse, s.NewForm(), a, second)
		return err
	}
	all := clinic.Accounting{Sources: []string{"counterfoils", "neighbours"}, Whole: true, Note: "MC: bs Nam, 7:10"}
	saysRule(t, "at a site that forgot nothing", account(all, s.Witness()), "INST-16")

	restoredSite(t, s, nil)
	if _, err := s.RecordBirth(ctx, s.Nurse, s.NewForm(), clinic.BirthSay{Day: s.Today()}, s.Witness()); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "dose while letters may be missing", pourAt(s, p), "INST-06")
	err = s.View(ctx, func(v *clinicdb.View) error {
		waits, err := s.Unaccounted(v)
		if !waits {
			t.Error("the page does not ask for the letters")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tomorrow := s.Today() + 1
	with := func(l clinic.FoundLetter) clinic.Accounting {
		a := all
		a.Found = []clinic.FoundLetter{l}
		return a
	}
	found := clinic.FoundLetter{Line: 1, Code: code, To: "MC", First: tomorrow, Last: tomorrow + 3}
	saysRule(t, "nobody was asked", account(clinic.Accounting{Whole: true}, s.Witness()), "INST-15")
	saysRule(t, "a neighbour is missing", account(clinic.Accounting{Sources: all.Sources}, s.Witness()), "INST-15")
	saysRule(t, "somebody unknown", account(with(clinic.FoundLetter{Line: 1, Code: "TG-9999-X", To: "MC", First: tomorrow}), s.Witness()), "INST-20")
	saysRule(t, "a site unknown", account(with(clinic.FoundLetter{Line: 1, Code: code, To: "XX", First: tomorrow}), s.Witness()), "INST-21")
	saysRule(t, "to itself", account(with(clinic.FoundLetter{Line: 1, Code: code, To: "TG", First: tomorrow}), s.Witness()), "INST-21")
	saysRule(t, "one person twice", account(with(found), clinic.Witness{Person: s.Nurse.Person, PIN: clinictest.NursePIN}), "DAY-12")
	saysRule(t, "all is found", account(with(found), s.Witness()), "")
	saysRule(t, "again", account(with(found), s.Witness()), "INST-16")
	if _, err := s.ConfirmDate(ctx, s.Nurse, s.NewForm(), s.Today(), clinic.Say{OnlyPC: true}, s.Witness()); err != nil {
		t.Fatal(err)
	}
	saysRule(t, "on the same day", pourAt(s, p), "INST-04")

	s.NextMorning()
	closeAndOpen(t, s)
	s.Order(p, order.Maintenance, mg, s.Today(), s.Today()+9)
	s.Order(q, order.Maintenance, mg, s.Today(), s.Today()+9)
	saysRule(t, "on a day that was given away", pourAt(s, p), "TRANSFER-21")
	saysRule(t, "somebody whose days stayed", pourAt(s, q), "")
}
