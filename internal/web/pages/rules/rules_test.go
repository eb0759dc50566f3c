package rules

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/rulebook"
	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	for _, id := range rulebook.IDs() {
		story.Check(t, "rules-"+id, func(p *words.Printer) templ.Component { return Show(SamplePage(p, id)) })
	}
	story.Check(t, "rules-edit", func(p *words.Printer) templ.Component { return Edit(SampleEdit(p)) })
	story.Check(t, "rules-set", func(p *words.Printer) templ.Component { return Edit(SampleSet(p)) })
	for _, key := range []string{rulebook.MissedKey, rulebook.VomitedKey} {
		story.Check(t, "rules-"+key, func(p *words.Printer) templ.Component { return EditTable(SampleTable(p, key)) })
	}
}

// TestValueIsSaidAsPeopleSayIt: micrograms and microlitres never reach the
// screen.
func TestValueIsSaidAsPeopleSayIt(t *testing.T) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		lang, unit, want string
		n                int64
	}{
		{"vi", "ug", "82,5 mg", 82_500},
		{"en", "ug", "82.5 mg", 82_500},
		{"vi", "ul", "1 mL", 1_000},
		{"en", "days", "1 day", 1},
		{"en", "days", "3 days", 3},
		{"vi", "hours", "20 giờ", 20},
		{"en", "minutes", "15 minutes", 15},
		{"vi", "permille", "5 ‰", 5},
	} {
		if got := words.Plain(Value(c.For(x.lang), x.n, x.unit)); got != x.want {
			t.Errorf("%d %s in %s: %q, want %q", x.n, x.unit, x.lang, got, x.want)
		}
	}
}
