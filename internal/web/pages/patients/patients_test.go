package patients

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "patients-list", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "patients-none", func(p *words.Printer) templ.Component { return Show(SampleNone(p)) })
}
