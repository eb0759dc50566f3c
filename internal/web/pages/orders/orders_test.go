package orders

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "orders-desk", func(p *words.Printer) templ.Component { return Show(SamplePage(p)) })
	story.Check(t, "orders-empty", func(p *words.Printer) templ.Component { return Show(SampleEmpty(p)) })
	story.Check(t, "orders-write", func(p *words.Printer) templ.Component { return Write(SampleWrite(p)) })
	story.Check(t, "orders-first", func(p *words.Printer) templ.Component { return Write(SampleFirst(p)) })
}
