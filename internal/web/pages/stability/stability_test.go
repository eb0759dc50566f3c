package stability

import (
	"bytes"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "stability-main", func(p *words.Printer) templ.Component { return Show(SampleMain(p)) })
	story.Check(t, "stability-satellite", func(p *words.Printer) templ.Component { return Show(SampleSatellite(p)) })
	story.Check(t, "stability-unset", func(p *words.Printer) templ.Component { return Show(SampleUnset(p)) })
}

// TestEveryReasonHasItsRule: each reason of a proposal stands with its rule, and
// with its source where it has one; whoever may only look gets no button.
func TestEveryReasonHasItsRule(t *testing.T) {
	cat, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := cat.For("en")
	pg := SampleMain(p)
	for _, f := range pg.Lists[0].Cases[0].facts(p) {
		if f.Rule == "" || f.Source == "" || f.Status == "" || strings.Contains(f.Text, "stability.met") || strings.Contains(f.Text, "{") {
			t.Errorf("reason %+v", f)
		}
	}
	pg.Can = false
	var out bytes.Buffer
	if err := Show(pg).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), `name="answer"`) || !strings.Contains(out.String(), "STAB-02") {
		t.Error("who may not answer sees a button, or no reasons")
	}
}
