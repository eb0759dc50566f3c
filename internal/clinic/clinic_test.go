package clinic_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

var ctx = context.Background()

const mg = unit.Milligram

// ready is a site with its day open, a bottle open, and one patient on 20 mg.
func ready(t *testing.T) (*clinictest.Site, id.Patient) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	return s, s.Patient("Vàng A Sáng", 20*mg)
}

func pour(t *testing.T, s *clinictest.Site, p id.Patient, amount unit.Microgram) dose.Poured {
	t.Helper()
	f, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: amount})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantRule(t *testing.T, err error, rule string) {
	t.Helper()
	if reason.Rule(err) != rule {
		t.Fatalf("got %v, want a refusal by %s", err, rule)
	}
}

func TestOneDose(t *testing.T) {
	s, p := ready(t)
	f := pour(t, s, p, 20*mg)
	if f.Volume != 2*unit.Millilitre || f.Draws[0].Bottle != s.Bottle {
		t.Fatalf("poured %v", f)
	}
	_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DOSE-03")
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
	_, err = s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DOSE-02")
	a, err := s.Identify(ctx, s.Nurse, p)
	if err != nil || a.Status != clinic.Done {
		t.Fatalf("status %v, %v", a.Status, err)
	}
	q, err := s.Queue(ctx, s.Nurse)
	if err != nil || q.Left != 998*unit.Millilitre || q.Count(clinic.Done) != 1 {
		t.Fatalf("queue %+v, %v", q, err)
	}
}

// TestTenAtOnce: one patient, ten windows that press at the same moment, and
// the same form sent ten times.
func TestTenAtOnce(t *testing.T) {
	s, p := ready(t)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	doses := make([]id.Dose, 20)
	same := s.NewForm()
	for i := range errs {
		form := same
		if i >= 10 {
			form = s.NewForm()
		}
		wg.Go(func() {
			f, err := s.Pour(ctx, s.Nurse, form, dose.Pour{Patient: p, Shown: 20 * mg})
			errs[i], doses[i] = err, f.Dose
		})
	}
	wg.Wait()
	got := map[id.Dose]bool{}
	for i, err := range errs {
		if err == nil {
			got[doses[i]] = true
		} else if r := reason.Rule(err); r != "DOSE-03" {
			t.Errorf("answer %d: %v", i, err)
		}
	}
	if len(got) != 1 {
		t.Fatalf("%d different doses were answered, want 1", len(got))
	}
	q, err := s.Queue(ctx, s.Nurse)
	if err != nil || q.Left != 998*unit.Millilitre {
		t.Fatalf("left %v, %v", q.Left, err)
	}
}

// TestSameFormSameAnswer: a form sent again long after, also when its patient
// has been dosed, answers with the fact of then and writes nothing.
func TestSameFormSameAnswer(t *testing.T) {
	s, p := ready(t)
	form := s.NewForm()
	first, err := s.Pour(ctx, s.Nurse, form, dose.Pour{Patient: p, Shown: 20 * mg})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), first.Dose); err != nil {
		t.Fatal(err)
	}
	size := s.Head().Size
	again, err := s.Pour(ctx, s.Nurse, form, dose.Pour{Patient: p, Shown: 20 * mg})
	if err != nil || again.Dose != first.Dose || s.Head().Size != size {
		t.Fatalf("again %v, %v, journal %d → %d", again, err, size, s.Head().Size)
	}
	_, err = s.Swallow(ctx, s.Nurse, form, first.Dose)
	wantRule(t, err, "FORM-01")
	_, err = s.Pour(ctx, s.Assistant, form, dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "FORM-01")
}

// TestTwoWindowsOneBottle: the last millilitres of a bottle are given once,
// and the shortage is said, not floored (T2).
func TestTwoWindowsOneBottle(t *testing.T) {
	s := clinictest.New(t)
	s.OpenDay()
	s.OpenBottle()
	var people []id.Patient
	for i := range 60 {
		people = append(people, s.Patient(fmt.Sprintf("Giàng A %d", i), 20*mg))
	}
	// The bottle holds 1000 mL; spill all but 100 mL: fifty doses of 2 mL.
	_, err := s.SpillBottle(ctx, s.Nurse, s.NewForm(), spill(s.Bottle, 900), s.Witness())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, len(people))
	for i, p := range people {
		by := s.Nurse
		if i%2 == 1 {
			by = s.Assistant
		}
		wg.Go(func() { _, errs[i] = s.Pour(ctx, by, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg}) })
	}
	wg.Wait()
	given, short := 0, 0
	for _, err := range errs {
		switch {
		case err == nil:
			given++
		case reason.Rule(err) == "STOCK-02":
			short++
		default:
			t.Error(err)
		}
	}
	if given != 50 || short != 10 {
		t.Fatalf("%d given, %d refused for want of liquid; want 50 and 10", given, short)
	}
}

func TestClosingAMorning(t *testing.T) {
	s, p := ready(t)
	absent := s.Patient("Lò Văn Xa", 20*mg)
	f := pour(t, s, p, 20*mg)
	today := s.Today()
	count := []clinic.Count{{Bottle: s.Bottle, Measured: 998 * unit.Millilitre}}
	_, err := s.CloseDay(ctx, s.Nurse, s.NewForm(), today, count, s.Witness())
	wantRule(t, err, "DAY-09")
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
	_, err = s.CloseDay(ctx, s.Nurse, s.NewForm(), today, nil, s.Witness())
	wantRule(t, err, "DAY-10")
	_, err = s.CloseDay(ctx, s.Nurse, s.NewForm(), today, []clinic.Count{{Bottle: s.Bottle, Measured: 990 * unit.Millilitre}}, s.Witness())
	wantRule(t, err, "STOCK-13")
	_, err = s.CloseDay(ctx, s.Nurse, s.NewForm(), today, count, clinic.Witness{Person: s.Nurse.Person, PIN: clinictest.NursePIN})
	if r := reason.Rule(err); r != "STOCK-11" && r != "DAY-12" {
		t.Fatalf("counter as witness: %v", err)
	}
	closed, err := s.CloseDay(ctx, s.Nurse, s.NewForm(), today, count, s.Witness())
	if err != nil || closed.Dosed != 1 || closed.Missed != 1 || closed.Expected != 2 {
		t.Fatalf("closed %+v, %v", closed, err)
	}
	err = s.View(ctx, func(v *clinicdb.View) error {
		missed, err := v.MissedOn(today)
		if err != nil || len(missed) != 1 || missed[0].Patient != absent || missed[0].Cause != dose.Absent {
			t.Errorf("missed %v, %v", missed, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: absent, Shown: 20 * mg})
	wantRule(t, err, "DAY-01")
}

// TestGapNeedsAPhysician: after more missed days than the table lets pass, the
// window stops, the physician answers with one act, and the new dose is what
// is poured.
func TestGapNeedsAPhysician(t *testing.T) {
	s, p := ready(t)
	f := pour(t, s, p, 20*mg)
	if _, err := s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose); err != nil {
		t.Fatal(err)
	}
	s.Order(p, order.Maintenance, 20*mg, s.Today()+1, s.Today()+20)
	closeDay(t, s)
	for range 6 {
		s.NextMorning()
	}
	s.OpenDay()
	_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DOSE-06")
	gaps, err := s.Gaps(ctx, s.Doctor)
	if err != nil || len(gaps) != 1 || gaps[0].Missed != 5 {
		t.Fatalf("gaps %+v, %v", gaps, err)
	}
	_, err = s.AnswerGap(ctx, s.Nurse, s.NewForm(), clinic.GapAnswer{Patient: p, Action: dose.Same, Reason: "x", PIN: clinictest.NursePIN})
	wantRule(t, err, "ACCESS-02")
	_, err = s.AnswerGap(ctx, s.Doctor, s.NewForm(), clinic.GapAnswer{Patient: p, Action: dose.Reduce, Amount: 30 * mg, Days: 3, PIN: clinictest.DoctorPIN})
	wantRule(t, err, "ORDER-47")
	_, err = s.AnswerGap(ctx, s.Doctor, s.NewForm(), clinic.GapAnswer{Patient: p, Action: dose.Reduce, Amount: 10 * mg, Days: 3, PIN: clinictest.DoctorPIN})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DOSE-08")
	if f := pour(t, s, p, 10*mg); f.Volume != unit.Millilitre {
		t.Fatalf("poured %v", f)
	}
}

func TestClockSetBackClosesTheWindow(t *testing.T) {
	s, p := ready(t)
	closeDay(t, s)
	s.SetClock(s.Zone().At(s.Today()-1, 7, 0))
	_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DAY-02")
}

// TestClockAYearAhead: what is written under a wrong date neither opens a day
// nor locks the site out when the clock is right again, and shows the time of
// the clock as it stood.
func TestClockAYearAhead(t *testing.T) {
	s, p := ready(t)
	right := s.Now()
	s.SetClock(s.Zone().At(s.Today()+365, 7, 0))
	if _, err := s.Note(ctx, s.Assistant, s.NewForm(), p, "written under a wrong date"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DAY-01")
	s.SetClock(right + 60_000)
	f := pour(t, s, p, 20*mg)
	err = s.View(ctx, func(v *clinicdb.View) error {
		e, err := v.Dose(f.Dose)
		if err == nil && e.PouredAt != right+60_000 {
			t.Errorf("poured at %d, want %d", e.PouredAt, right+60_000)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPINs(t *testing.T) {
	s := clinictest.New(t)
	for i := range 4 {
		wantRule(t, s.CheckPIN(ctx, s.Nurse.Person, fmt.Sprintf("00000%d", i)), "STAFF-10")
	}
	wantRule(t, s.CheckPIN(ctx, s.Nurse.Person, "000009"), "STAFF-11")
	wantRule(t, s.CheckPIN(ctx, s.Nurse.Person, clinictest.NursePIN), "STAFF-11")
	if err := s.CheckPIN(ctx, s.Doctor.Person, clinictest.DoctorPIN); err != nil {
		t.Fatal(err)
	}
	_, err := s.ResetPIN(ctx, s.Doctor, s.Nurse.Person, clinictest.DoctorPIN)
	wantRule(t, err, "ACCESS-02")
}

// TestRestartKeepsEverything: after closing and opening the file again the
// same questions get the same answers, and a cup poured before is a question.
func TestRestartKeepsEverything(t *testing.T) {
	s, p := ready(t)
	f := pour(t, s, p, 20*mg)
	size := s.Head().Size
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	if s.Head().Size != size {
		t.Fatalf("journal %d → %d", size, s.Head().Size)
	}
	s.Pass(16 * 60_000)
	q, err := s.Queue(ctx, s.Nurse)
	if err != nil || q.Count(clinic.Question) != 1 {
		t.Fatalf("questions %d, %v", q.Count(clinic.Question), err)
	}
	_, err = s.AnswerDose(ctx, s.Nurse, s.NewForm(), dose.Answer{Dose: f.Dose, Outcome: dose.Unknown, Note: "the power went"}, s.Witness())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
	wantRule(t, err, "DOSE-02")
}

func TestLookingLeavesATrace(t *testing.T) {
	s, p := ready(t)
	for range 3 {
		if _, err := s.Identify(ctx, s.Nurse, p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Identify(ctx, s.Assistant, p); err != nil {
		t.Fatal(err)
	}
	err := s.View(ctx, func(v *clinicdb.View) error {
		looks, err := v.Looks(p, 10)
		if err == nil && (len(looks) != 2 || looks[0].By != s.Assistant.Person || looks[1].By != s.Nurse.Person) {
			t.Errorf("looks %v", looks)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func closeDay(t *testing.T, s *clinictest.Site) {
	t.Helper()
	c, err := s.Closing(ctx, s.Today())
	if err != nil {
		t.Fatal(err)
	}
	var counts []clinic.Count
	for _, b := range c.Bottles {
		counts = append(counts, clinic.Count{Bottle: b.Bottle, Measured: b.Left})
	}
	if _, err := s.CloseDay(ctx, s.Nurse, s.NewForm(), s.Today(), counts, s.Witness()); err != nil {
		t.Fatal(err)
	}
}

// TestWitnessProvesThemself: a witness whose PIN is wrong, who left, or whose
// duty is not to witness, is no witness.
func TestWitnessProvesThemself(t *testing.T) {
	s, p := ready(t)
	f := pour(t, s, p, 20*mg)
	not := dose.NotGive{Dose: f.Dose, Why: dose.Declined}
	_, err := s.NotGive(ctx, s.Nurse, s.NewForm(), not, clinic.Witness{Person: s.Assistant.Person, PIN: "000001"})
	wantRule(t, err, "STAFF-10")
	_, err = s.NotGive(ctx, s.Nurse, s.NewForm(), not, clinic.Witness{})
	wantRule(t, err, "DOSE-15")
	_, err = s.NotGive(ctx, s.Nurse, s.NewForm(), not, clinic.Witness{Person: s.Nurse.Person, PIN: clinictest.NursePIN})
	wantRule(t, err, "DOSE-16")
	_, err = s.NotGive(ctx, s.Nurse, s.NewForm(), not, clinic.Witness{Person: "nobody", PIN: "000001"})
	wantRule(t, err, "STAFF-05")
	if _, err = s.NotGive(ctx, s.Nurse, s.NewForm(), not, s.Witness()); err != nil {
		t.Fatal(err)
	}
	pour(t, s, p, 20*mg) // two people saw that nothing was given
}
