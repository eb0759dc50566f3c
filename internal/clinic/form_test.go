package clinic_test

import (
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/rulebook"
	"tram/internal/unit"
)

// TestFormOfAnotherSubject: a form that was answered says nothing about other
// contents sent under its number: another patient, another amount, other words,
// one more order to sign, another measured volume. What it was answered with is
// answered again, without a new fact.
// long: one table of acts, each with what is the same and what is not.
func TestFormOfAnotherSubject(t *testing.T) {
	s, p := ready(t)
	q := s.Patient("Vì Thị Hai", 20*mg)
	cup := map[id.Patient]id.Dose{}
	pour := func(form id.Form, who id.Patient, shown unit.Microgram) error {
		f, err := s.Pour(ctx, s.Nurse, form, dose.Pour{Patient: who, Shown: shown})
		if err == nil {
			cup[who] = f.Dose
		}
		return err
	}
	write := func(who id.Patient, day1 day.Day) id.Order {
		w := order.Write{Patient: who, Phase: order.Induction, Amount: 20 * mg, First: day1, Last: day1, Reason: "test"}
		f, warn, err := s.WriteOrder(ctx, s.Doctor, s.NewForm(), w, "")
		if err != nil || len(warn) > 0 {
			t.Fatal(warn, err)
		}
		return f.Order
	}
	today := s.Today()
	chosen, added := write(p, today+3), write(q, today+3)
	limit, other := int64(150_000), int64(160_000)
	rule := func(v *int64) []rulebook.Confirm {
		return []rulebook.Confirm{{Key: rulebook.DailyMax, Value: v, Reason: "vì thử"}}
	}
	for _, x := range []struct {
		name        string
		same, other func(id.Form) error
	}{
		{
			"pour for another person",
			func(f id.Form) error { return pour(f, p, 20*mg) },
			func(f id.Form) error { return pour(f, q, 20*mg) },
		},
		{
			"pour another amount",
			func(f id.Form) error { return pour(f, q, 20*mg) },
			func(f id.Form) error { return pour(f, q, 25*mg) },
		},
		{
			"swallowed another cup",
			func(f id.Form) error { return err1(s.Swallow(ctx, s.Nurse, f, cup[p])) },
			func(f id.Form) error { return err1(s.Swallow(ctx, s.Nurse, f, cup[q])) },
		},
		{
			"another outcome of the cup",
			func(f id.Form) error { return err1(s.Swallow(ctx, s.Nurse, f, cup[q])) },
			func(f id.Form) error {
				return err1(s.NotGive(ctx, s.Nurse, f, dose.NotGive{Dose: cup[q], Why: dose.Declined}, s.Witness()))
			},
		},
		{
			"other minutes",
			func(f id.Form) error {
				return err1(s.Vomited(ctx, s.Nurse, f, dose.Vomit{Dose: cup[q], Minutes: 0, Seen: true}))
			},
			func(f id.Form) error {
				return err1(s.Vomited(ctx, s.Nurse, f, dose.Vomit{Dose: cup[q], Minutes: 1, Seen: true}))
			},
		},
		{
			"another correction",
			func(f id.Form) error {
				return err1(s.CorrectDose(ctx, s.Nurse, f, dose.Correct{Dose: cup[p], Outcome: dose.PartOnly, Taken: 10 * mg, Reason: "nhầm"}, s.Witness()))
			},
			func(f id.Form) error {
				return err1(s.CorrectDose(ctx, s.Nurse, f, dose.Correct{Dose: cup[p], Outcome: dose.PartOnly, Taken: 15 * mg, Reason: "nhầm"}, s.Witness()))
			},
		},
		{
			"other words of a note",
			func(f id.Form) error { return err1(s.Note(ctx, s.Doctor, f, p, "Khỏe,  ăn ngủ tốt. ")) },
			func(f id.Form) error { return err1(s.Note(ctx, s.Doctor, f, p, "Mệt, ăn ngủ kém.")) },
		},
		{
			"another new person",
			func(f id.Form) error {
				return err1(s.Register(ctx, s.Nurse, f, patient.Details{Name: "Lường  Thị Ba"}))
			},
			func(f id.Form) error {
				return err1(s.Register(ctx, s.Nurse, f, patient.Details{Name: "Lường Thị Tư"}))
			},
		},
		{
			"one more order to sign",
			func(f id.Form) error {
				return err1(s.SignOrders(ctx, s.Doctor, f, []id.Order{chosen}, clinictest.DoctorPIN))
			},
			func(f id.Form) error {
				return err1(s.SignOrders(ctx, s.Doctor, f, []id.Order{chosen, added}, clinictest.DoctorPIN))
			},
		},
		{
			"another number of a rule",
			func(f id.Form) error { return s.ConfirmRules(ctx, s.Nurse, f, rule(&limit), clinictest.NursePIN) },
			func(f id.Form) error { return s.ConfirmRules(ctx, s.Nurse, f, rule(&other), clinictest.NursePIN) },
		},
		{
			"another spilled volume",
			func(f id.Form) error { return err1(s.SpillBottle(ctx, s.Nurse, f, spill(s.Bottle, 2), s.Witness())) },
			func(f id.Form) error { return err1(s.SpillBottle(ctx, s.Nurse, f, spill(s.Bottle, 3), s.Witness())) },
		},
		{
			"another measured volume",
			func(f id.Form) error { return err1(s.CloseDay(ctx, s.Nurse, f, today, counted(s, 994), s.Witness())) },
			func(f id.Form) error { return err1(s.CloseDay(ctx, s.Nurse, f, today, counted(s, 993), s.Witness())) },
		},
	} {
		form := s.NewForm()
		must(t, x.same(form))
		size := s.Head().Size
		if err := x.same(form); err != nil {
			t.Errorf("%s: the same form again: %v", x.name, err)
		}
		if err := x.other(form); reason.Rule(err) != "FORM-01" {
			t.Errorf("%s: answered %v, want FORM-01", x.name, err)
		}
		if got := s.Head().Size; got != size {
			t.Errorf("%s: %d facts more", x.name, got-size)
		}
	}
}

func counted(s *clinictest.Site, ml int64) []clinic.Count {
	return []clinic.Count{{Bottle: s.Bottle, Measured: unit.Microlitre(ml) * unit.Millilitre}}
}

// TestGapWhy: the reason an answer to missed days leaves on its order is told
// from words that somebody wrote.
func TestGapWhy(t *testing.T) {
	s, p := ready(t)
	f := pour(t, s, p, 20*mg)
	must(t, err1(s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose)))
	s.Order(p, order.Maintenance, 20*mg, s.Today()+1, s.Today()+20)
	closeDay(t, s)
	for range 6 {
		s.NextMorning()
	}
	s.OpenDay()
	ask := clinic.GapAnswer{Patient: p, Action: dose.Restart, Amount: 10 * mg, Days: 3, PIN: clinictest.DoctorPIN}
	must(t, err1(s.AnswerGap(ctx, s.Doctor, s.NewForm(), ask)))
	why := ""
	must(t, s.View(ctx, func(v *clinicdb.View) error {
		all, err := v.Orders(p)
		why = all[len(all)-1].Reason
		return err
	}))
	if act, missed, ok := clinic.GapWhy(why); !ok || act != dose.Restart || missed != 5 {
		t.Errorf("%q is read as %v, %d, %v", why, act, missed, ok)
	}
	for _, text := range []string{"", "gap:", "gap:same:4", "gap:reduce:x", "gap:reduce:-1", "gap: giảm sau 4 ngày", "lỡ 4 ngày"} {
		if _, _, ok := clinic.GapWhy(text); ok {
			t.Errorf("%q is taken for a sign", text)
		}
	}
}
