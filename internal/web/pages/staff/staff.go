// Package staff draws the people who work at a site: their duties, a one-time
// code for a new PIN, and leaving.
//
// A secret is shown once, to the person who asked for it, and never again.
package staff

import (
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the list of people with its forms.
type Page struct {
	Shell  ui.Shell
	People []Person // those who work here first
	Can    bool     // may manage people
	New    typed.Form
	Once   *Once // a code just made; nil otherwise
	Open   string
}

// Person is one member of staff.
type Person struct {
	ID     id.Person
	Name   string
	Duties []duty.Duty
	Left   bool
	Self   bool // the person signed in
	Form   typed.Form
}

// Once is a one-time code, shown this one time.
type Once struct {
	Name, Code string
	Hours      int // how long it is good
}

func duties(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, d := range duty.All {
		list = append(list, ui.Option{Value: string(d), Label: p.T("duty." + string(d)), Hint: p.T("staff.duty_hint." + string(d))})
	}
	return list
}

// chosen are a person's duties as check box values, unless the form says
// otherwise.
func (p Person) chosen() []string {
	var list []string
	for _, d := range p.Duties {
		list = append(list, string(d))
	}
	return list
}
