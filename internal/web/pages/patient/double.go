package patient

import (
	"tram/internal/care/patient"
	"tram/internal/id"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Double is a second record of the person.
type Double struct {
	Other    id.Patient
	Code     string
	Site     string      // that registered it, by name; "" for this one
	Here     id.Patient  // Other, where it is on this site's register; "" otherwise
	Why      string      // the programme's words; "" while it has not answered
	Stop     *words.Said // why nobody is dosed here because of it; nil when it stops nothing
	Ask      string      // the rule of Stop: it says what can be answered here
	Answered string      // what was written when it was answered here
}

// asks says whether somebody here can answer it now.
func (d Double) asks() bool { return d.goesOn() || d.Ask == "PATIENT-36" }

func (d Double) goesOn() bool { return d.Ask == "PATIENT-35" }

func (d Double) where(p *words.Printer) string {
	if d.Site == "" {
		return p.T("double.other_here", "code", d.Code)
	}
	return p.T("double.other", "code", d.Code, "site", d.Site)
}

func dosed(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, x := range []patient.Dosed{patient.NotDosed, patient.WasDosed, patient.DosedMaybe} {
		out = append(out, ui.Option{Value: string(x), Label: p.T("double.dosed." + string(x))})
	}
	return out
}
