package stability

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

func limits(unset string) Limits {
	set := func(name string, v int) Limit {
		if name == unset {
			return Limit{Key: name, Status: "unknown"}
		}
		return Limit{Key: name, Value: v, Known: true, Source: "PROGRAMME", Status: "set"}
	}
	return Limits{
		InductionDays: set("first", 14), DoseDays: set("dose", 30), WindowDays: set("window", 30), MissedMax: set("missed", 2), UrineDays: set("urine", 60),
	}
}

func days(r *ruletable.Row, column string) []day.Day {
	var out []day.Day
	for _, s := range split(r.Text(column)) {
		out = append(out, day.Day(r.Number(s)))
	}
	return out
}

func split(s string) []string {
	if s == "" || s == "-" {
		return nil
	}
	return strings.Split(s, ",")
}

func TestStable(t *testing.T) {
	ruletable.Run(t, "stable.txt", func(r *ruletable.Row) string {
		s := State{
			FirstDose: day.Day(r.Int("first")), SameSince: day.Day(r.Int("same")), WholeFrom: day.Day(r.Int("whole")),
			Missed: days(r, "missed"), Intoxicated: days(r, "high"), Vomited: days(r, "vomited"),
		}
		for _, one := range split(r.Text("test")) {
			d, says, _ := strings.Cut(one, ":")
			s.Tests = append(s.Tests, Test{Day: day.Day(r.Number(d)), Opioid: Opioid(says)})
		}
		unset := r.Text("unset")
		a := Of(s, 200, limits(unset))
		said := []string{string(a.Kind)}
		for _, w := range slices.Concat(a.Against, a.Missing) {
			said = append(said, w.Rule)
			if w.Rule == "STAB-10" && w.Args[0].Value != unset {
				t.Errorf("asks for %v, want %s", w.Args[0].Value, unset)
			}
		}
		return strings.Join(said, ",")
	})
}

// TestReads: a word that nobody knows is never read as "no opioid".
func TestReads(t *testing.T) {
	for list, want := range map[string]Opioid{
		"": None, "Methadone": None, "methamphetamine,THC": None, "amphetamines": None, " Heroin ": Found, "THC,morphin": Found, "Thuốc phiện": Found,
		"xylazine": Unclear, "opioid?": Unclear, "xylazine,morphine": Found, "THC,xylazine": Unclear,
	} {
		if got := Reads(split(list)); got != want {
			t.Errorf("Reads(%q) = %s, want %s", list, got, want)
		}
	}
}

// TestPropose walks every role, place and answer.
func TestPropose(t *testing.T) {
	type asked struct {
		r Role
		w Where
		k Kind
	}
	want := map[asked]Proposal{
		{Main, Where{Here: true}, Stable}:                      ToSatellite,
		{Main, Where{Here: true, Known: true}, Stable}:         Return,
		{Satellite, Where{Known: true}, Stable}:                Return,
		{Satellite, Where{Here: true}, NotStable}:              ToMain,
		{Satellite, Where{Here: true, Known: true}, NotStable}: ToMain,
	}
	for _, r := range []Role{Main, Satellite, "unit", "office", ""} {
		for _, w := range []Where{{}, {Here: true}, {Known: true}, {Here: true, Known: true}} {
			for _, k := range []Kind{Stable, NotStable, CannotSay} {
				if got := Propose(r, w, k); got != want[asked{r, w, k}] {
					t.Errorf("Propose(%s, %+v, %s) = %q, want %q", r, w, k, got, want[asked{r, w, k}])
				}
			}
		}
	}
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }

func grounds(t *testing.T, r *ruletable.Row, column string) []Ground {
	var out []Ground
	for _, one := range split(r.Text(column)) {
		rule, d, ok := strings.Cut(one, "@")
		if !ok {
			t.Fatalf("ground %q has no day", one)
		}
		out = append(out, Ground{rule, day.Day(r.Number(d))})
	}
	return out
}

func TestAnswer(t *testing.T) {
	ruletable.Run(t, "answer.txt", func(r *ruletable.Row) string {
		asked := Proposal(strings.TrimPrefix(r.Text("asked"), "-"))
		a := Of(State{Tests: []Test{{Day: 180, Opioid: Found}}}, 200, limits(""))
		f, err := DecideAnswer(Answering{Patient: "p", Shown: Proposal(r.Text("shown")), Agreed: r.Yes("agreed"), Why: " " + r.Words("words", whyMax) + " "}, asked, a, 200)
		if err != nil {
			return reason.Rule(err)
		}
		if f.Patient != "p" || f.Day != 200 || f.Proposal != asked || f.Why != strings.TrimSpace(f.Why) {
			t.Errorf("fact %+v", f)
		}
		said := []string{"not_now"}
		if f.Agreed {
			said[0] = "agreed"
		}
		for _, g := range f.Grounds {
			said = append(said, fmt.Sprintf("%s@%d", g.Rule, g.Day))
		}
		return strings.Join(said, ",")
	})
}

func TestAsks(t *testing.T) {
	ruletable.Run(t, "asks.txt", func(r *ruletable.Row) string {
		s := State{
			FirstDose: day.Day(r.Int("first")), SameSince: day.Day(r.Int("same")), WholeFrom: 1,
			Missed: days(r, "missed"), Intoxicated: days(r, "high"), Vomited: days(r, "vomited"),
		}
		for _, one := range split(r.Text("test")) {
			d, says, _ := strings.Cut(one, ":")
			s.Tests = append(s.Tests, Test{Day: day.Day(r.Number(d)), Opioid: Opioid(says)})
		}
		var last *Answered
		r.Text("case")
		if text := r.Text("answered"); text != "" {
			p, d, _ := strings.Cut(text, "@")
			last = &Answered{Proposal: Proposal(p), Day: day.Day(r.Number(d))}
		}
		if knew := grounds(t, r, "knew"); last != nil {
			last.Grounds = knew
		}
		p := Proposal(strings.TrimPrefix(r.Text("proposal"), "-"))
		if k := Of(s, 200, limits("")).Kind; p == ToMain && k != NotStable || p != ToMain && p != Nothing && k != Stable {
			t.Errorf("%s is not what follows from %s", p, k)
		}
		if Asks(p, last, s, 200, limits("")) {
			return "yes"
		}
		return "no"
	})
}

// TestSince: the days are counted back until one was not stable, or cannot be
// known to have been.
func TestSince(t *testing.T) {
	whole := State{FirstDose: 100, SameSince: 110, WholeFrom: 1, Tests: []Test{{Day: 120, Opioid: None}, {Day: 160, Opioid: None}}}
	held := whole
	held.Intoxicated = []day.Day{150}
	late := whole
	late.WholeFrom = 165
	for name, x := range map[string]struct {
		s    State
		want day.Day
	}{"the dose": {whole, 140}, "the hold": {held, 180}, "the record": {late, 194}, "not now": {State{}, day.Never}} {
		if got := Since(x.s, 200, limits("")); got != x.want {
			t.Errorf("%s: since %d, want %d", name, got, x.want)
		}
	}
}

// TestMet: each of the six rules is told once, against or met, where all is
// known; and what is not known speaks for nothing.
func TestMet(t *testing.T) {
	s := State{FirstDose: 100, SameSince: 150, WholeFrom: 150, Intoxicated: []day.Day{199}, Tests: []Test{{Day: 180, Opioid: None}}}
	a := Of(s, 200, limits(""))
	var said []string
	for _, w := range slices.Concat(a.Against, a.Met) {
		said = append(said, w.Rule)
		if w.Source != "PROGRAMME" || w.Status != "set" {
			t.Errorf("%s stands on %q, %q", w.Rule, w.Source, w.Status)
		}
	}
	if got := strings.Join(said, " "); got != "STAB-05 STAB-01 STAB-02 STAB-03 STAB-06 STAB-04" {
		t.Errorf("said %s", got)
	}
	if a := Of(State{}, 200, limits("")); len(a.Met) != 0 {
		t.Errorf("of nothing known %v is met", a.Met)
	}
}
