package locked

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "locked", func(p *words.Printer) templ.Component { return Show(SampleLocked(p)) })
	story.Check(t, "locked-again", func(p *words.Printer) templ.Component { return Again(SampleResume(p)) })
}
