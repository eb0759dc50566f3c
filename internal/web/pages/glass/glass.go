// Package glass draws the pages of an emergency: finding the person, saying why
// their record is opened, the list that a manager answers for, and the lines
// that stand in the record for everyone who opens it.
//
// What an opening allows is decided in package access; the record itself is
// drawn by package patient, without any of its forms.
package glass

import (
	"tram/internal/access"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Find is the page that looks for a person.
type Find struct {
	Shell ui.Shell
	Form  id.Form
	Asked string
	Short bool // too little was typed to look for
	Found []Person
}

// Person is somebody who was found.
type Person struct {
	ID   id.Patient
	Name string
	Code string
	Born day.Partial
	Rel  access.Relation
	Sees bool // the record is open to the asker as it is
}

// Ask is the page that asks why a record is opened.
type Ask struct {
	Shell  ui.Shell
	Person Person
	Over   *words.Said // why an opening of before is over; nil for none
	Form   typed.Form
}

// Waiting is the page of the openings that nobody has answered for.
type Waiting struct {
	Shell ui.Shell
	Rows  []Opening
	Next  string // address of the page that the person would have come to
}

// Opening is one record that was opened in an emergency.
type Opening struct {
	ID          id.Glass
	From, Until day.Instant
	Who         string
	Site        string // where it was opened; "" here
	Reason      string
	Of          *Person // whose record; nil on that record's own page
	Answers     []Answer
	Waits       bool       // this site's manager has not answered
	Own         bool       // the asker's, for another manager to answer
	Alone       bool       // the asker's, and no other manager works here
	Form        typed.Form // to answer with
}

// Answer is what a manager said.
type Answer struct {
	Name  string
	Site  string // "" here
	At    day.Instant
	Found access.Found
	Note  string
	Alone bool
}

// relation says in words how a person stands to the site.
func relation(p *words.Printer, r access.Relation) string {
	switch r {
	case access.Elsewhere:
		return p.T("glass.there")
	case access.Former:
		return p.T("glass.former")
	case access.InCare, access.NoPatient:
	}
	return p.T("glass.here")
}

// called is a person's name, or that it is not known.
func called(p *words.Printer, x Person) string {
	if x.Name == "" {
		return p.T("glass.no_name")
	}
	return x.Name
}

func founds(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, f := range access.Founds {
		out = append(out, ui.Option{Value: string(f), Label: p.T("glass.found." + string(f))})
	}
	return out
}

// found is an answer in words; one of a newer program is shown as it is.
func found(p *words.Printer, f access.Found) string {
	if p.Missing("glass.found." + string(f)) {
		return string(f)
	}
	return p.T("glass.found." + string(f))
}
