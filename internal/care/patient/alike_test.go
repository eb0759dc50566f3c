package patient

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"tram/internal/day"
	"tram/internal/ruletable"
)

// spaced reads a cell in which _ stands for a blank.
func spaced(s string) string { return strings.ReplaceAll(s, "_", " ") }

// likeOf is one person of a row; the second may be the first, disfigured.
func likeOf(t *testing.T, r *ruletable.Row, name, born, sex, more, first string) Details {
	t.Helper()
	d := Details{Name: spaced(r.Text(name)), Sex: Sex(r.Text(sex))}
	switch d.Name {
	case "nfd":
		d.Name = norm.NFD.String(first)
	case "hidden":
		d.Name = strings.ReplaceAll(first, "n", "\u200bn")
	case "half":
		d.Name = strings.ReplaceAll(first, " ", "\u00a0\u2060")
	case "upper":
		d.Name = strings.ToUpper(first)
	case "joined":
		d.Name = strings.ReplaceAll(first, " ", "")
	case "turned":
		w := strings.Fields(first)
		slices.Reverse(w)
		d.Name = strings.Join(w, " ")
	}
	var err error
	if d.Birth, err = day.ParsePartial(r.Text(born)); err != nil {
		t.Fatal(err)
	}
	set := func(to *string) func(string) { return func(v string) { *to = spaced(v) } }
	r.Each(more, map[string]func(string){"commune": set(&d.Commune), "phone": set(&d.Phone), "identity": set(&d.Identity)})
	return d
}

// TestAlike: each line both ways round, and found by its traces as well.
func TestAlike(t *testing.T) {
	ruletable.Run(t, "alike.txt", func(r *ruletable.Row) string {
		a := likeOf(t, r, "one", "born1", "sex1", "more1", "")
		b := likeOf(t, r, "two", "born2", "sex2", "more2", a.Name)
		got := Alike(a, b)
		if back := Alike(b, a); back != got {
			t.Errorf("%q is %q to %q, and the other way round %q", a.Name, got, b.Name, back)
		}
		of := Traces(b)
		if common := slices.ContainsFunc(Traces(a), func(s string) bool { return slices.Contains(of, s) }); got != Unlike && !common {
			t.Errorf("no common trace in %q and %q", Traces(a), of)
		}
		switch got {
		case ByIdentity:
			return "PATIENT-30"
		case ByName:
			return "PATIENT-31"
		}
		return "no"
	})
}

func TestNumbers(t *testing.T) {
	ruletable.Run(t, "number.txt", func(r *ruletable.Row) string {
		typed := spaced(r.Text("typed"))
		switch typed {
		case "hidden":
			typed = "011085\u200b000123"
		case "wide":
			typed = "０１１０８５０００１２３"
		case "arabic":
			typed = "٠١١٠٨٥٠٠٠١٢٣"
		case "many":
			typed = "040123451/040123452/040123453/040123454/040123455"
		}
		n := Numbers(typed)
		if len(n) == 0 {
			return "none"
		}
		return strings.Join(n, "+")
	})
}

// FuzzAlike: whatever is typed, the answer is the same both ways round, a name
// is like itself, and traces stay few.
func FuzzAlike(f *testing.F) {
	f.Add("Lò Văn Ún", "lo van un", "011085000123")
	f.Add("((", "\u0301\u200b", "////")
	f.Fuzz(func(t *testing.T, a, b, n string) {
		x, y := Details{Name: a, Identity: n, Birth: day.Partial{Year: 1985, Month: 3, Dom: 7}}, Details{Name: b, Birth: day.Partial{Year: 1985, Month: 7, Dom: 3}}
		if Alike(x, y) != Alike(y, x) {
			t.Errorf("%q and %q are not alike both ways", a, b)
		}
		if len(parts(a)) > 0 && Alike(x, Details{Name: a, Birth: x.Birth}) != ByName {
			t.Errorf("%q is not like itself", a)
		}
		if got := len(Traces(x)); got > 64 {
			t.Errorf("%d traces of %q", got, a)
		}
	})
}
