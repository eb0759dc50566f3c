package programme

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

func keyOf(b byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(b), 32)))
}

func joined(s id.Site, role Role, parent id.Site) SiteJoined {
	return SiteJoined{
		Site: s, Name: "Trạm " + string(s), Language: "vi", Number: 1, Verifier: strings.ToLower(string(s)) + ".dbv/tram+00+k", Box: keyOf(s[0]),
		NKey: "U" + strings.Repeat(string(s[0]), 55), Role: role, Parent: parent,
	}
}

func directory() Directory {
	return Fold(
		Founded{Programme: "DBV", Verifier: "hub.dbv/tram+00+k"}, joined("TG", Main, ""), joined("HS", Satellite, "TG"),
		InstallationEnded{Site: "TG", Number: 1, Size: 500}, SiteChanged{Site: "TG", Number: 3},
		ClinicianNamed{Person: "p1", Name: "Lò Thị Mai", Site: "TG", Key: keyOf('1'), Until: 130},
	)
}

func said(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "ok"
	}
	var refused *reason.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return refused.Rule
}

func TestJoin(t *testing.T) {
	ruletable.Run(t, "join.txt", func(r *ruletable.Row) string {
		f := joined(id.Site(r.Text("site")), Role(r.Text("role")), id.Site(r.Text("parent")))
		f.Name = r.Words("name", nameMax)
		switch k := r.Text("keys"); k {
		case "own":
			f.Verifier, f.NKey, f.Box = "own+00+k", "U"+strings.Repeat("o", 55), keyOf('o')
		case "hub":
			f.Verifier = "hub.dbv/tram+00+k"
		case "half":
			f.Box = ""
		case "old":
			f.Number = 0
		default:
			other := joined(id.Site(k), Main, "")
			f.Verifier, f.NKey, f.Box = other.Verifier, other.NKey, other.Box
		}
		got, err := DecideJoin(directory(), Join{f, r.Text("programme")})
		if err == nil {
			return string(got.Site)
		}
		return said(t, err)
	})
}

func TestEnd(t *testing.T) {
	ruletable.Run(t, "end.txt", func(r *ruletable.Row) string {
		_, err := DecideEnd(directory(), InstallationEnded{Site: id.Site(r.Text("site")), Number: r.Int("number"), Size: int64(r.Int("size")), Why: r.Words("why", textMax)})
		return said(t, err)
	})
}

func TestRestored(t *testing.T) {
	ruletable.Run(t, "restored.txt", func(r *ruletable.Row) string {
		facts, err := DecideRestored(directory(), Restored{
			Site: id.Site(r.Text("site")), Number: r.Int("number"), OfNumber: r.Int("of"), OfSize: int64(r.Int("size")),
		})
		if err != nil {
			return said(t, err)
		}
		var out []string
		for _, f := range facts {
			switch f := f.(type) {
			case InstallationEnded:
				out = append(out, fmt.Sprintf("end:%d@%d", f.Number, f.Size))
			case SiteChanged:
				out = append(out, fmt.Sprintf("number:%d", f.Number))
			}
		}
		if out == nil {
			return "nothing"
		}
		return strings.Join(out, ",")
	})
}

func TestClinician(t *testing.T) {
	ruletable.Run(t, "clinician.txt", func(r *ruletable.Row) string {
		keys := map[string]string{"k1": keyOf('1'), "k2": keyOf('2'), "bad": "none", "zero": keyOf(0)}
		_, err := DecideClinician(directory(), ClinicianNamed{
			Person: id.Person(r.Text("person")), Name: r.Words("name", nameMax), Site: id.Site(r.Text("site")), Key: keys[r.Text("key")],
			Until: 100 + day.Day(r.Int("until")),
		}, 100)
		return said(t, err)
	})
}

func TestAnswers(t *testing.T) {
	ruletable.Run(t, "answers.txt", func(r *ruletable.Row) string {
		one, two, keep, why := r.Text("one"), r.Text("two"), id.Patient(r.Text("keep")), r.Words("why", textMax)
		var err error
		switch r.Text("what") {
		case "clinician":
			_, err = DecideClinicianEnd(directory(), ClinicianEnded{Person: id.Person(one), From: 100, Why: why})
		case "pair":
			var f PairAnswered
			f, err = DecidePair(PairAnswered{
				One: id.Patient(one), Two: id.Patient(two), Same: keep != "", Keep: map[bool]id.Patient{true: keep}[keep != "none"], Why: why,
				OneCode: "code " + one, TwoCode: "code " + two,
			})
			if err == nil && (f.OneCode != "code "+string(f.One) || f.TwoCode != "code "+string(f.Two) || f.One > f.Two) {
				t.Errorf("pair %+v", f)
			}
		case "incident":
			_, err = DecideIncident(IncidentAnswered{Incident: one, Answer: why})
		}
		return said(t, err)
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }

// TestDirectory: what a fold of the facts answers about keys and numbers, and
// that facts read twice, or told again with a longer life, change nothing.
func TestDirectory(t *testing.T) {
	facts := []any{
		Founded{Programme: "DBV"},
		SiteChanged{Site: "TG", Name: "too early"},
		joined("TG", Main, ""),
		InstallationEnded{Site: "TG", Number: 1, Size: 500},
		InstallationEnded{Site: "TG", Number: 1, Size: 900},
		SiteChanged{Site: "TG", Number: 2, Name: "Tỏa Sáng"},
		SiteChanged{Site: "TG", Number: 1},
		ClinicianNamed{Person: "p1", Key: keyOf('1'), Until: 200},
		ClinicianEnded{Person: "p1", From: 150},
		ClinicianEnded{Person: "p1", From: 170},
	}
	d := Fold(append(facts, facts[2:]...)...)
	s, ok := d.Site("TG")
	if !ok || s.Number != 2 || s.Name != "Tỏa Sáng" {
		t.Fatalf("site = %+v", s)
	}
	for _, c := range []struct {
		number int
		seq    int64
		want   bool
	}{{1, 499, true}, {1, 500, false}, {2, 10_000, true}, {3, 0, false}, {0, 0, false}} {
		if got := s.Good(c.number, c.seq); got != c.want {
			t.Errorf("entry %d of installation %d is good: %v, want %v", c.seq, c.number, got, c.want)
		}
	}
	p, ok := d.Clinician("p1")
	if !ok || !p.Signs(149) || p.Signs(150) || p.Signs(201) {
		t.Fatalf("clinician = %+v", p)
	}
	if _, ok := d.Site("NS"); ok {
		t.Fatal("a site that never joined was found")
	}
	before := d
	d.Apply(joined("NS", Satellite, "TG"))
	if _, ok := before.Site("NS"); ok || len(d.Sites()) != 2 {
		t.Fatal("a directory handed out changed later")
	}
}
