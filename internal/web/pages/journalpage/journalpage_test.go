package journalpage

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "journal-good", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "journal-broken", func(p *words.Printer) templ.Component { return Show(SampleBroken(p)) })
	story.Check(t, "journal-new", func(p *words.Printer) templ.Component { return Show(SampleNew(p)) })
}
