package daybook

import (
	"errors"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

func no(t *testing.T, err error) string {
	t.Helper()
	var r *reason.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return r.Rule
}

func witness(r *ruletable.Row) Second {
	if s := r.Text("second"); s != "alone" {
		return Second{Person: id.Person(s)}
	}
	return Second{Alone: true}
}

func TestOpen(t *testing.T) {
	ruletable.Run(t, "open.txt", func(r *ruletable.Row) string {
		s := State{Newest: day.Day(r.Int("newest")), Open: day.Day(r.Int("open")), Last: day.Day(r.Int("closed"))}
		c := Open{Day: day.Day(r.Int("shown")), Typed: day.Day(r.Int("typed")), Second: witness(r)}
		f, err := DecideOpen(s, c, "nurse", day.Day(r.Int("pc")))
		if err != nil {
			return no(t, err)
		}
		if f.Day != c.Day || f.Confirmed != c.Second.Person || f.Confirmed == "nurse" {
			t.Errorf("fact %+v", f)
		}
		if f.Typed {
			return "opened,typed"
		}
		return "opened"
	})
}

func TestClose(t *testing.T) {
	ruletable.Run(t, "close.txt", func(r *ruletable.Row) string {
		c := Close{
			Day: day.Day(r.Int("day")), Questions: r.Int("questions"), Uncounted: r.Int("uncounted"), Expected: 60, Dosed: 55, Missed: 4, Held: 1, Second: witness(r),
		}
		f, err := DecideClose(State{Open: day.Day(r.Int("open")), Newest: 100}, c, "nurse")
		if err != nil {
			return no(t, err)
		}
		if want := (Closed{Day: c.Day, Expected: 60, Dosed: 55, Missed: 4, Held: 1, Witness: c.Second.Person}); f != want {
			t.Errorf("fact %+v, want %+v", f, want)
		}
		return "closed"
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }
