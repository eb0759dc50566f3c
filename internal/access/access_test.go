package access

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"tram/internal/duty"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

var update = flag.Bool("update", false, "write testdata/matrix.txt")

const matrixHead = `# The access matrix: who may do what, for whom. Written by go test ./internal/access -update; a change is a privacy review.
# none: an act that concerns no patient.  care: a person in treatment here.  former: a person who was.
# elsewhere: a person known only from what other sites told.  A dash is no.
`

// matrix asks Allow for every action, duty and relation; a person has one duty
// in each column, and all of them in the last.
func matrix() string {
	relations := []struct {
		rel  Relation
		name string
	}{{NoPatient, "none"}, {InCare, "care"}, {Former, "former"}, {Elsewhere, "elsewhere"}}
	var sb strings.Builder
	sb.WriteString(matrixHead + "\n")
	line := func(cells []string) {
		for i, c := range cells {
			sb.WriteString(c)
			if i < len(cells)-1 {
				sb.WriteString(strings.Repeat(" ", max(1, 18-len(c))))
			}
		}
		sb.WriteString("\n")
	}
	head := []string{"action"}
	for _, d := range duty.All {
		head = append(head, string(d))
	}
	line(append(head, "all_duties"))
	for _, act := range Actions {
		cells := []string{string(act)}
		for _, duties := range append(one(), duty.All) {
			var may []string
			for _, r := range relations {
				if Allow(Actor{Person: "p", Duties: duties}, act, r.rel) == nil {
					may = append(may, r.name)
				}
			}
			cells = append(cells, strings.Join(append(may, "-")[:max(1, len(may))], "+"))
		}
		line(cells)
	}
	return sb.String()
}

// one lists each duty alone.
func one() (lists [][]duty.Duty) {
	for _, d := range duty.All {
		lists = append(lists, []duty.Duty{d})
	}
	return lists
}

func TestMatrix(t *testing.T) {
	got := matrix()
	if *update {
		if err := os.WriteFile("testdata/matrix.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the table allows something else than the reviewed matrix:\n%s", diff(string(want), got))
	}
}

func diff(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out []string
	for _, l := range w {
		if !slices.Contains(g, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}

// TestEveryActionIsInTheTable: an action that is listed can be done by
// somebody, and one in the table is listed.
func TestEveryActionIsInTheTable(t *testing.T) {
	seen := map[Action]bool{}
	for _, act := range Actions {
		if seen[act] {
			t.Errorf("%s is listed twice", act)
		}
		seen[act] = true
		row, ok := table[act]
		if !ok || !duty.Known(row.duties) {
			t.Errorf("%s: in the table %v, duties %v", act, ok, row.duties)
		}
	}
	for act := range table {
		if !seen[act] {
			t.Errorf("%s is in the table and not in the list", act)
		}
	}
}

// TestEveryActionConstantIsListed reads the constants of this room from its
// source: a new one cannot be forgotten in the list.
func TestEveryActionConstantIsListed(t *testing.T) {
	b, err := os.ReadFile("access.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) < 4 || f[1] != "Action" || f[2] != "=" {
			continue
		}
		n++
		if act := Action(strings.Trim(f[3], `"`)); !slices.Contains(Actions, act) {
			t.Errorf("%s is not in Actions", act)
		}
	}
	if n != len(Actions) {
		t.Errorf("%d constants in the source, %d in the list", n, len(Actions))
	}
}

func TestAllow(t *testing.T) {
	ruletable.Run(t, "allow.txt", func(r *ruletable.Row) string {
		a := Actor{Person: "p"}
		r.Each("who", map[string]func(string){"nobody": func(string) { a.Person = "" }, "somebody": func(string) {}})
		for _, d := range strings.FieldsFunc(r.Text("duties"), func(c rune) bool { return c == '+' }) {
			a.Duties = append(a.Duties, duty.Duty(d))
		}
		err := Allow(a, Action(r.Text("action")), Relation(r.Text("relation")))
		var refused *reason.Refusal
		switch {
		case err == nil:
			return "yes"
		case !errors.As(err, &refused):
			t.Fatalf("error = %v, want a refusal", err)
		}
		return refused.Rule
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t, "matrix.txt") }

// TestDeniesByDefault: what has no name here is allowed to nobody, whatever
// their duties.
func TestDeniesByDefault(t *testing.T) {
	all := Actor{Person: "p", Duties: duty.All}
	for _, act := range []Action{"", "see_everything", "SERVE_DOSE", "serve_dose ", "*"} {
		for _, rel := range []Relation{NoPatient, InCare, Former, Elsewhere, ""} {
			if err := Allow(all, act, rel); reason.Rule(err) != "ACCESS-02" {
				t.Errorf("Allow(%q, %q) = %v, want ACCESS-02", act, rel, err)
			}
		}
	}
	for _, act := range Actions {
		for _, rel := range []Relation{"", "stranger", "IN_CARE"} {
			if err := Allow(all, act, rel); reason.Rule(err) != "ACCESS-02" {
				t.Errorf("Allow(%q, %q) = %v, want ACCESS-02", act, rel, err)
			}
		}
		for _, duties := range [][]duty.Duty{nil, {""}, {"admin"}, {"Physician"}} {
			if err := Allow(Actor{Person: "p", Duties: duties}, act, InCare); reason.Rule(err) != "ACCESS-02" {
				t.Errorf("Allow with duties %q, %q = %v, want ACCESS-02", duties, act, err)
			}
		}
	}
}

// TestDutiesAddUp: two duties allow what either allows and nothing more.
func TestDutiesAddUp(t *testing.T) {
	for _, act := range Actions {
		for _, rel := range []Relation{NoPatient, InCare, Former, Elsewhere} {
			may := func(list ...duty.Duty) bool { return Allow(Actor{Person: "p", Duties: list}, act, rel) == nil }
			for _, a := range duty.All {
				for _, b := range duty.All {
					if may(a, b) != (may(a) || may(b)) {
						t.Errorf("%s for %s with %s and %s", act, rel, a, b)
					}
				}
			}
		}
	}
}

func ExampleAllow() {
	err := Allow(Actor{Person: "p", Duties: []duty.Duty{duty.Inspector}}, SeeRecord, InCare)
	fmt.Println(err)
	// Output: refused by ACCESS-02 action=see_record
}
