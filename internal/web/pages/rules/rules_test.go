package rules

import (
	"context"
	"strings"
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

// TestSentencesAreTheReaders: no sentence of a set reaches a reader of another
// language as the set has it.
func TestSentencesAreTheReaders(t *testing.T) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := c.For("vi")
	for _, id := range rulebook.IDs() {
		set, err := rulebook.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		own := []string{set.Legal, set.Note, set.Missed.Note, set.Vomited.Note}
		for _, n := range set.Numbers {
			own = append(own, n.Condition, n.Edition)
		}
		for _, r := range set.Missed.Rows {
			own = append(own, r.Condition)
		}
		for _, r := range set.Vomited.Rows {
			own = append(own, r.Condition)
		}
		for _, s := range set.Sources {
			own = append(own, s.Text)
		}
		var page strings.Builder
		if err := Show(SamplePage(p, id)).Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		for _, text := range own {
			if text != "" && rulebook.In("vi", text) != text && strings.Contains(page.String(), ">"+text+"<") {
				t.Errorf("%s: %q stands in English", id, text)
			}
		}
	}
}
