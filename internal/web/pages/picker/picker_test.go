package picker

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSample(t *testing.T) {
	story.Check(t, "picker", func(p *words.Printer) templ.Component { return Show(Sample(p)) })
}
