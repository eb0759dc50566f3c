package register

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "register-new", func(p *words.Printer) templ.Component { return Show(SampleNew(p)) })
	story.Check(t, "register-wrong", func(p *words.Printer) templ.Component { return Show(SampleWrong(p)) })
	story.Check(t, "register-change", func(p *words.Printer) templ.Component { return Show(SampleChange(p)) })
}
