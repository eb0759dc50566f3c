package programmepage

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSample(t *testing.T) {
	for name, page := range map[string]func(p *words.Printer) templ.Component{
		"hub-overview":   func(p *words.Printer) templ.Component { return Show(Sample(p)) },
		"hub-cases":      func(p *words.Printer) templ.Component { return ShowCases(SampleCases(p)) },
		"hub-site":       func(p *words.Printer) templ.Component { return ShowSite(SampleSite(p)) },
		"hub-patients":   func(p *words.Printer) templ.Component { return ShowPatients(SampleList(p)) },
		"hub-clinicians": func(p *words.Printer) templ.Component { return ShowClinicians(SampleClinicians(p)) },
		"hub-people":     func(p *words.Printer) templ.Component { return ShowPeople(SamplePeople(p)) },
		"hub-me":         func(p *words.Printer) templ.Component { return ShowMe(SampleMe(p)) },
		"hub-forbidden":  func(p *words.Printer) templ.Component { return ShowForbidden(SampleForbidden(p)) },
		"hub-signin":     func(p *words.Printer) templ.Component { return Ask(SampleSignIn(p)) },
		"hub-first":      func(p *words.Printer) templ.Component { return AskFirst(SampleFirst(p)) },
	} {
		story.Check(t, name, page)
	}
}
