package fault

import (
	"tram/internal/reason"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Kinds lists what can happen, for the storybook.
var Kinds = []Kind{Fault, Broken, Missing, Refused, BadForm, TooLarge, Foreign}

// Sample is one of the pages.
func Sample(p *words.Printer, k Kind) Page {
	g := Page{Shell: ui.Shell{P: p, Title: p.T("fault." + string(k)), Site: "Trạm Y tế xã Thanh Minh (mẫu)", Path: "/"}, Kind: k, Back: "/"}
	if k == Fault || k == Broken {
		g.Number = "F-7QK2"
	}
	if k == Refused {
		said := p.Refusal(reason.Refuse("ACCESS-02"))
		g.Said = &said
	}
	return g
}
