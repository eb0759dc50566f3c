package stability

import (
	"slices"
	"strings"
	"testing"

	"tram/internal/day"
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
		"": None, "Methadone": None, "methamphetamine,THC": None, " Heroin ": Found, "THC,morphin": Found, "Thuốc phiện": Found,
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
