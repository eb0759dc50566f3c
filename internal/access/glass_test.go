package access

import (
	"errors"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

const minute = 60 * 1000

// noon is when the record is opened in the tables.
const noon = day.Instant(1_795_000_000_000)

func opened() *GlassBroken {
	return &GlassBroken{Glass: "g", Patient: "a", Person: "m", Name: "M", From: noon, Until: noon + 60*minute, Reason: "unconscious"}
}

// ruleOf is the rule of a refusal; any other error fails.
func ruleOf(t *testing.T, err error) string {
	t.Helper()
	var no *reason.Refusal
	if !errors.As(err, &no) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return no.Rule
}

func TestUnder(t *testing.T) {
	ruletable.Run(t, "glass_under.txt", func(r *ruletable.Row) string {
		at := func(column string) day.Instant { return noon + day.Instant(r.Int(column))*minute }
		m := Moment{Now: at("now"), Newest: at("newest"), Ran: -1}
		if s := r.Text("ran"); s != "" {
			m.Ran = int64(r.Number(s)) * minute
		}
		g := opened()
		if !r.Yes("broken") {
			g = nil
		}
		if err := Under(g, id.Person(r.Text("by")), id.Patient(r.Text("patient")), m); err != nil {
			return ruleOf(t, err)
		}
		return "yes"
	})
}

func TestDecideBreak(t *testing.T) {
	ruletable.Run(t, "glass_break.txt", func(r *ruletable.Row) string {
		s := Opening{Sees: r.Yes("sees"), Now: noon}
		if n := r.Int("good"); n > 0 {
			s.Until = noon + day.Instant(n)*minute
		}
		f, err := DecideBreak(s, Break{Patient: "a", Reason: r.Words("words", glassTextMax)}, "m", "M")
		if err != nil {
			return ruleOf(t, err)
		}
		if f.Patient != "a" || f.Person != "m" || f.Name != "M" || f.From != noon || strings.TrimSpace(f.Reason) == "" {
			t.Errorf("got %+v", f)
		}
		if f.Until != noon+60*minute {
			return "another time"
		}
		return "60"
	})
}

func TestDecideReview(t *testing.T) {
	ruletable.Run(t, "glass_review.txt", func(r *ruletable.Row) string {
		s := Answering{Broken: opened(), Answered: r.Yes("answered"), Others: r.Yes("others")}
		if !r.Yes("broken") {
			s.Broken = nil
		}
		f, err := DecideReview(s, Review{Glass: "g", Found: Found(r.Text("found")), Note: r.Words("words", glassTextMax)}, id.Person(r.Text("by")), "N")
		if err != nil {
			return ruleOf(t, err)
		}
		if f.Glass != "g" || f.Patient != "a" || f.Name != "N" || f.Note == "" {
			t.Errorf("got %+v", f)
		}
		if f.Alone {
			return string(f.Found) + ",alone"
		}
		return string(f.Found)
	})
}

// TestGlassOpensNothingElse: the glass is for reading, and the actions that it
// stands for change nothing by themselves: who has it alone can do nothing
// that was not theirs before.
func TestGlassOpensNothingElse(t *testing.T) {
	for _, act := range Actions {
		for d, row := range one() {
			if act != BreakGlass && Allow(Actor{Person: "p", Duties: row}, act, Elsewhere) == nil {
				t.Errorf("%s reaches people of other sites with duty %d", act, d)
			}
		}
	}
}
