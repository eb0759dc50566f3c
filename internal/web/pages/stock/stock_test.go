package stock

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "stock-list", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "stock-receive", func(p *words.Printer) templ.Component { return Show(SampleReceive(p)) })
	story.Check(t, "stock-empty", func(p *words.Printer) templ.Component { return Show(SampleEmpty(p)) })
}
