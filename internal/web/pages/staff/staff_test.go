package staff

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "staff-list", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "staff-once", func(p *words.Printer) templ.Component { return Show(SampleOnce(p)) })
}
