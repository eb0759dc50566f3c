package ruletable

import (
	"slices"
	"strings"
	"testing"
)

func TestParseIsStrict(t *testing.T) {
	for _, c := range []struct{ name, text, problem string }{
		{"short line", "about dose want\nX-01 80\n", "line 2 has 2 columns, want 3"},
		{"long line", "about dose want\nX-01 80 ok ok\n", "line 2 has 4 columns"},
		{"no cases", "# a head\nabout dose want\n", "no line below"},
		{"nothing", "# only a comment\n", "about is needed"},
		{"want not last", "about want dose\nX-01 ok 80\n", "want as the last"},
		{"no about", "dose want\n80 ok\n", "about is needed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parse(c.text); err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("parse(%q) error = %v, want %q in it", c.text, err, c.problem)
			}
		})
	}
	tab, err := parse("# head\nabout dose want\n\nX-01 80 ok # notice\nX-01 81 X-01\n")
	if err != nil || len(tab.rows) != 2 || tab.rows[0].line != 4 || !slices.Equal(tab.rows[1].fields, []string{"X-01", "81", "X-01"}) {
		t.Fatalf("parse = %+v, %v", tab, err)
	}
}

func TestGapsAreFound(t *testing.T) {
	code := map[string]bool{"X-01": true, "X-02": true, "X-03": true}
	tab := func(text string) []table {
		one, err := parse("about want\n" + text)
		if err != nil {
			t.Fatal(err)
		}
		return []table{one}
	}
	full := "X-01 X-01\nX-01 ok\nX-02 X-02,X-03\nX-02 X-03\nX-03 ok\n"
	if got := gaps(code, tab(full)); got != nil {
		t.Errorf("gaps = %q, want none", got)
	}
	for text, want := range map[string]string{
		strings.Replace(full, "X-01 X-01\n", "", 1): "X-01 is the answer of no line",
		strings.Replace(full, "X-01 ok\n", "", 1):   "no line about X-01 stands just inside",
		strings.Replace(full, "X-02 X-03\n", "", 1): "no line about X-02 stands just inside",
		full + "X-09 ok\n":                          "line 7 is about X-09, which the code does not name",
		full + "- X-08\n":                           "line 7 wants X-08, which the code does not name",
	} {
		if got := gaps(code, tab(text)); !slices.Equal(got, []string{want}) {
			t.Errorf("gaps of %q = %q, want %q", text, got, want)
		}
	}
}
