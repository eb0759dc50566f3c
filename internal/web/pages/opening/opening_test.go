package opening

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "opening-before", func(p *words.Printer) templ.Component { return Show(SampleBefore(p)) })
	story.Check(t, "opening-jump", func(p *words.Printer) templ.Component { return Show(SampleJump(p)) })
	story.Check(t, "opening-first", func(p *words.Printer) templ.Component { return Show(SampleFirst(p)) })
	story.Check(t, "opening-bottle", func(p *words.Printer) templ.Component { return Show(SampleBottle(p)) })
	story.Check(t, "opening-restored", func(p *words.Printer) templ.Component { return Show(SampleRestored(p)) })
	story.Check(t, "opening-letters", func(p *words.Printer) templ.Component { return Show(SampleLetters(p)) })
	story.Check(t, "opening-again", func(p *words.Printer) templ.Component { return Show(SampleAgain(p)) })
	story.Check(t, "opening-alone", func(p *words.Printer) templ.Component { return Show(SampleAlone(p)) })
}
