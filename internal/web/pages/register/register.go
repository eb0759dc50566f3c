// Package register draws the form with which a person is put on the register
// and with which what is written of them is changed.
//
// What was typed stays in the form when something is wrong, and each problem
// stands beside its field. Only the name is needed; what is not known stays
// empty, and a year is a whole date of birth.
package register

import (
	"tram/internal/id"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the form for a new person, or for changing one.
type Page struct {
	Shell   ui.Shell
	ID      id.Patient // "" for a new person
	Name    string     // of the person being changed, as written now
	Code    string
	Form    typed.Form
	Similar []Similar // people of the same name here already
	Likely  []Likely  // records that may be of this person, each with its question
	// ListNote says what cannot be known here of other sites' numbers; "" when
	// the list is there.
	ListNote string
}

// Similar is a person on the register who may be the same.
type Similar struct {
	ID         id.Patient
	Name, Code string
	Born       string
	Place      string
	Former     bool
}

// New says whether a new person is being written down.
func (p Page) New() bool { return p.ID == "" }

func (p Page) action() string {
	if p.New() {
		return "/register"
	}
	return "/patient/" + string(p.ID) + "/change"
}

func (p Page) title() string {
	if p.New() {
		return p.Shell.P.T("register.new")
	}
	return p.Shell.P.T("register.change")
}

func (p Page) sub() string {
	if p.New() {
		return p.Shell.P.T("register.new_about")
	}
	return p.Name + " · " + p.Code
}

func sexes(p *words.Printer) []ui.Option {
	return []ui.Option{
		{Value: "f", Label: p.T("patient.sex.f")}, {Value: "m", Label: p.T("patient.sex.m")}, {Value: "o", Label: p.T("patient.sex.o")},
	}
}

// languages are offered by their own names; the codes are BCP 47.
func languages(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, c := range []string{"vi", "tai", "hmn", "km", "en", "sw"} {
		list = append(list, ui.Option{Value: c, Label: p.T("register.lang." + c)})
	}
	return list
}
