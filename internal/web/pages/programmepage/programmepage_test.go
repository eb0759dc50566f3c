package programmepage

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSample(t *testing.T) {
	story.Check(t, "programmepage", func(p *words.Printer) templ.Component { return Show(Sample(p)) })
	story.Check(t, "programmepage", func(p *words.Printer) templ.Component { return Ask(SampleSignIn(p)) })
}
