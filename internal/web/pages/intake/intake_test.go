package intake

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"tram/internal/intake"
	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "intake-upload", func(p *words.Printer) templ.Component { return Show(SampleUpload(p)) })
	story.Check(t, "intake-preview", func(p *words.Printer) templ.Component { return Show(SamplePreview(p, sampleFile)) })
	story.Check(t, "intake-stopped", func(p *words.Printer) templ.Component { return Show(SamplePreview(p, sampleDoses)) })
	for _, k := range []intake.Kind{intake.Patients, intake.Orders, intake.Doses} {
		story.Check(t, "intake-done-"+string(k), func(p *words.Printer) templ.Component { return Finished(SampleDone(p, k)) })
	}
}

// TestEveryProblemHasItsSentence: a row may be refused for any of these, and
// the person must be told which, with every argument filled in.
func TestEveryProblemHasItsSentence(t *testing.T) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(intake.Codes) < 40 {
		t.Fatalf("only %d codes", len(intake.Codes))
	}
	for _, lang := range c.Langs() {
		p := c.For(lang)
		for _, code := range intake.Codes {
			got := problem(p, intake.Problem{Line: 7, Column: "mg", Code: code, Value: "8,5", Other: 3})
			for _, bad := range []string{"⟦", "{"} {
				if got == "" || strings.Contains(got, bad) {
					t.Errorf("%s %s: %q", lang, code, got)
				}
			}
		}
	}
}
