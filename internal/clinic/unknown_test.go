package clinic_test

import (
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/reason"
)

// TestUnknownDoseEndsNoGap: a dose of which nobody knows whether it was taken
// keeps its day from a second one, and ends no gap: the days without a dose are
// counted from the last one that is known. A part ends the gap.
func TestUnknownDoseEndsNoGap(t *testing.T) {
	for _, x := range []struct {
		outcome dose.Outcome
		want    string
	}{{dose.Unknown, "DOSE-06"}, {dose.Taken, ""}, {dose.PartOnly, ""}} {
		s, p := ready(t)
		f := pour(t, s, p, 20*mg)
		must(t, err1(s.Swallow(ctx, s.Nurse, s.NewForm(), f.Dose)))
		s.Order(p, order.Maintenance, 20*mg, s.Today()+1, s.Today()+20)
		closeDay(t, s)
		for range 4 { // three days missed: the same dose
			s.NextMorning()
		}
		s.OpenDay()
		f = pour(t, s, p, 20*mg)
		first := x.outcome
		if first == dose.PartOnly {
			first = dose.Taken
		}
		must(t, err1(s.AnswerDose(ctx, s.Nurse, s.NewForm(), dose.Answer{Dose: f.Dose, Outcome: first, Note: "hỏi lại"}, s.Witness())))
		if x.outcome == dose.PartOnly {
			must(t, err1(s.CorrectDose(ctx, s.Nurse, s.NewForm(), dose.Correct{Dose: f.Dose, Outcome: x.outcome, Taken: 5 * mg, Reason: "nhầm"}, s.Witness())))
		}
		_, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
		wantRule(t, err, "DOSE-02")
		must(t, err1(s.CloseDay(ctx, s.Nurse, s.NewForm(), s.Today(), counted(s, 996), s.Witness())))
		s.NextMorning()
		s.OpenDay()
		_, err = s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: p, Shown: 20 * mg})
		if got := reason.Rule(err); got != x.want {
			t.Errorf("the day after %s: %v, want rule %q", x.outcome, err, x.want)
		}
	}
}
