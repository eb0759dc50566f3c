package letters

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestStory(t *testing.T) {
	story.Check(t, "letters", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "refused", func(p *words.Printer) templ.Component { return Show(SampleRefused(p)) })
	story.Check(t, "reading", func(p *words.Printer) templ.Component { return Read(SampleReading(p)) })
	story.Check(t, "sending", func(p *words.Printer) templ.Component { return Send(SampleSending(p)) })
	story.Check(t, "paper", func(p *words.Printer) templ.Component { return Print(SamplePaper(p)) })
}
