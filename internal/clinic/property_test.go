package clinic_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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
	registered := 0 // nobody is taken for another one of before
	rapid.Check(t, func(rt *rapid.T) {
		m := &morning{s: s, rt: rt}
		for range 3 {
			registered++
			m.people = append(m.people, s.Patient(fmt.Sprintf("Giàng A Thử %d", registered), 20*mg))
		}
		for range rapid.IntRange(5, 15).Draw(rt, "steps") {
			m.step()
			for _, p := range m.people {
				onRecord(t, s, p)
			}
			if _, err := s.Queue(ctx, s.Nurse); err != nil { // carried on from step to step
				rt.Fatal(err)
			}
		}
		sameQueue(t, s)
		verified(t, s) // what a step spoils stays spoilt
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

// sameQueue wants the queue that is carried on from look to look to be the one
// that is read anew.
func sameQueue(t *testing.T, s *clinictest.Site) {
	t.Helper()
	kept, err := s.Queue(ctx, s.Nurse)
	if err != nil {
		t.Fatal(err)
	}
	anew, err := s.QueueAnew(ctx, s.Nurse)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(anew, kept, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("the queue, read anew (-) and carried on (+):\n%s", diff)
	}
}

// TestRollFollows: whatever happens to a person, to the orders or to the day,
// the next look at the window shows it.
func TestRollFollows(t *testing.T) {
	s, p := ready(t)
	other := s.Patient("Vàng A Thử", 30*mg)
	sameQueue(t, s)
	f, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	if err != nil {
		t.Fatal(err)
	}
	sameQueue(t, s)
	for _, x := range []struct {
		name string
		act  func() error
	}{
		{"a vomited dose", func() error {
			if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
				return err
			}
			_, err := s.Vomited(ctx, s.Nurse, s.NewForm(), dose.Vomit{Dose: f.Dose, Minutes: 0, Seen: true})
			return err
		}},
		{"a new person", func() error {
			s.Patient("Người Mới", 20*mg)
			return nil
		}},
		{"more news than are looked through", func() error {
			for range 40 {
				if _, err := s.Hold(ctx, s.Nurse, s.NewForm(), dose.Hold{Patient: other, Why: dose.Asleep}); err != nil {
					return err
				}
				if _, err := s.Release(ctx, s.Nurse, s.NewForm(), other, "awake"); err != nil {
					return err
				}
			}
			return nil
		}},
		{"the next day", func() error {
			s.NextMorning()
			return nil
		}},
	} {
		if err := x.act(); err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		sameQueue(t, s)
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
