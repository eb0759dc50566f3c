package fault

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	for _, k := range Kinds {
		story.Check(t, "fault-"+string(k), func(p *words.Printer) templ.Component { return Show(Sample(p, k)) })
	}
}
