package closing

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "closing-question", func(p *words.Printer) templ.Component { return Show(SampleQuestion(p)) })
	story.Check(t, "closing-measure", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "closing-differs", func(p *words.Printer) templ.Component { return Show(SampleDiffers(p)) })
	story.Check(t, "closing-done", func(p *words.Printer) templ.Component { return Done(SampleDone(p)) })
	story.Check(t, "closing-alone", func(p *words.Printer) templ.Component { return Done(SampleAlone(p)) })
}
