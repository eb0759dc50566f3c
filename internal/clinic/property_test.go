package clinic_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// TestAnyMorning walks random mornings through the whole door: pours,
// outcomes, corrections, holds, spills, restarts, by two windows. After each
// step at most one dose of a patient counts on a day and the bottle's book is
// the sum of its facts; at the end the tables made again from the journal are
// the same.
func TestAnyMorning(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	rapid.Check(t, func(rt *rapid.T) {
		m := &morning{s: s, rt: rt}
		for i := range 3 {
			m.people = append(m.people, s.Patient(fmt.Sprintf("Giàng A Thử %d", i), 20*mg))
		}
		for range rapid.IntRange(5, 15).Draw(rt, "steps") {
			m.step()
			for _, p := range m.people {
				standing(t, s, p)
			}
		}
	})
	var before map[string][32]byte
	err := s.View(ctx, func(v *clinicdb.View) (err error) {
		before, err = v.Digest()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rebuild(nil); err != nil {
		t.Fatal(err)
	}
	err = s.View(ctx, func(v *clinicdb.View) error {
		after, err := v.Digest()
		for table, sum := range before {
			if after[table] != sum {
				t.Errorf("table %s is not what the journal makes of it", table)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

type morning struct {
	s      *clinictest.Site
	rt     *rapid.T
	people []id.Patient
	doses  []id.Dose
}

// step does one thing somebody might do. A refusal is an answer; any other
// error fails.
func (m *morning) step() {
	s, rt := m.s, m.rt
	p := rapid.SampledFrom(m.people).Draw(rt, "patient")
	by := s.Nurse
	if rapid.Bool().Draw(rt, "window 2") {
		by = s.Assistant
	}
	w := s.Witness()
	s.Pass(1000)
	var err error
	what := rapid.IntRange(0, 9).Draw(rt, "what")
	if len(m.doses) == 0 {
		what = 0
	}
	d := id.Dose("")
	if len(m.doses) > 0 {
		d = rapid.SampledFrom(m.doses).Draw(rt, "dose")
	}
	switch what {
	case 0, 1, 2:
		var f dose.Poured
		f, err = s.Pour(ctx, by, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
		if err == nil {
			m.doses = append(m.doses, f.Dose)
		}
	case 3:
		_, err = s.Swallow(ctx, by, s.NewForm(), d)
	case 4:
		_, err = s.TakePart(ctx, by, s.NewForm(), dose.TakePart{Dose: d, Rest: unit.Millilitre, Why: "coughed"}, w)
	case 5:
		_, err = s.NotGive(ctx, by, s.NewForm(), dose.NotGive{Dose: d, Why: dose.Declined, Wasted: rapid.Bool().Draw(rt, "wasted")}, w)
	case 6:
		_, err = s.AnswerDose(ctx, by, s.NewForm(), dose.Answer{Dose: d, Outcome: rapid.SampledFrom([]dose.Outcome{dose.Taken, dose.NotTaken, dose.Unknown}).Draw(rt, "outcome"), Note: "asked"}, w)
	case 7:
		_, err = s.CorrectDose(ctx, by, s.NewForm(), dose.Correct{Dose: d, Outcome: rapid.SampledFrom([]dose.Outcome{dose.Taken, dose.NotTaken}).Draw(rt, "outcome"), Reason: "wrong button"}, w)
	case 8:
		_, err = s.Hold(ctx, by, s.NewForm(), dose.Hold{Patient: p, Why: dose.Asleep})
	case 9:
		_, err = s.Release(ctx, by, s.NewForm(), p, "awake")
	}
	if err != nil && reason.Rule(err) == "" {
		rt.Fatalf("%v", err)
	}
}

// TestWrongOrderNeverPoured: whatever the screen shows, only the order's
// amount is poured.
func TestWrongOrderNeverPoured(t *testing.T) {
	s, p := ready(t)
	for _, shown := range []unit.Microgram{0, -1, 19 * mg, 200 * mg, 1 << 60} {
		_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: shown})
		wantRule(t, err, "DOSE-08")
	}
	_, _, err := s.WriteOrder(ctx, s.Doctor, s.NewForm(), order.Write{Patient: p, Phase: order.Maintenance, Amount: 300 * mg, First: s.Today(), Last: s.Today(), Reason: "x"}, clinictest.DoctorPIN)
	if reason.Rule(err) == "" {
		t.Fatalf("300 mg above the programme's maximum: %v", err)
	}
}
