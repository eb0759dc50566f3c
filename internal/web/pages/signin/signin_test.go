package signin

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	for _, name := range []string{"signin-names", "signin-pin", "signin-wrong", "signin-code"} {
		story.Check(t, name, func(p *words.Printer) templ.Component { return Show(Samples(p)[name]) })
	}
}
