package glass

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	for name, page := range map[string]func(*words.Printer) templ.Component{
		"glass-find":         func(p *words.Printer) templ.Component { return Look(SampleFind(p)) },
		"glass-find-none":    func(p *words.Printer) templ.Component { return Look(SampleFindNone(p)) },
		"glass-ask":          func(p *words.Printer) templ.Component { return Reason(SampleAsk(p)) },
		"glass-sees":         func(p *words.Printer) templ.Component { return Reason(SampleSees(p)) },
		"glass-waiting":      func(p *words.Printer) templ.Component { return List(SampleWaiting(p)) },
		"glass-none-waiting": func(p *words.Printer) templ.Component { return List(SampleNoneWaiting(p)) },
	} {
		story.Check(t, name, page)
	}
}
