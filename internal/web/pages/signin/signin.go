// Package signin is the page on which a person chooses their name and proves
// it with a PIN.
//
// It knows names and duties, no secrets. It promises that nothing is chosen
// beforehand and that nobody is told which of two things was wrong beyond what
// the rule says. In a demonstration it lists the invented people's PINs.
package signin

import (
	"strings"

	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the sign-in page: first the names, then the PIN of the chosen one.
type Page struct {
	Shell    ui.Shell
	People   []Person
	Chosen   *Person // nil: nobody chosen yet
	Form     id.Form
	Password bool        // the first sign-in of the day needs the password too
	NewPIN   bool        // a one-time code sets a new PIN
	PINError string      // beside the PIN
	Problem  *words.Said // why the sign-in was refused
	Stations []ui.Option // places of work to choose from
	Station  string      // chosen
	PINs     []PIN       // demonstration only
}

// Person is one of the staff.
type Person struct {
	Person id.Person
	Name   string
	Duties string // in words
}

// PIN is an invented person's PIN, shown in a demonstration.
type PIN struct {
	Name   string
	Duties []duty.Duty // the page says them in the reader's language
	PIN    string
}

func duties(p *words.Printer, list []duty.Duty) string {
	said := make([]string, 0, len(list))
	for _, d := range list {
		said = append(said, p.T("duty."+string(d)))
	}
	return strings.Join(said, ", ")
}
