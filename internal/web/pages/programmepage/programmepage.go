// Package programmepage is the hub's first page: the sites and how their
// journals stand, who asks to join, open letters, records that look like one
// person, and incidents.
//
// It knows codes and numbers, and no name of a patient: the hub's people
// telephone the sites. Each list says in words when it is empty.
package programmepage

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the overview.
type Page struct {
	Shell     ui.Shell
	Sites     []Site
	Requests  []Request
	Letters   []Letter
	Pairs     []Pair
	Incidents []Incident
	Form      id.Form
	MayAnswer bool
}

// Site is one site as the hub knows it.
type Site struct {
	Code, Name, Role string // Role in words
	Contact          day.Instant
	Entries, Backlog int
	NewestDay        day.Day
	Patients         int
	Stopped          string // why its journal is not taken; "" while all is well
}

// Request is a site that asks to join.
type Request struct {
	ID, Code, Name string
	At             day.Instant
	Words          string // its key, to compare by telephone
	Refused        words.Said
	Parents        []ui.Option
}

// Letter is a site letter nobody has accepted yet.
type Letter struct {
	Letter, From, To string
	First, Last      day.Day
	At               day.Instant
}

// Pair are two records that look like one person.
type Pair struct {
	One, Two         string // ids
	OneCode, TwoCode string
	Certain          bool // the same identity number
}

// Incident is something that people must look at.
type Incident struct {
	ID, Site, What string
	Day            day.Day
	At             day.Instant
	Detail         string
}

// SignIn asks who is there.
type SignIn struct {
	Shell  ui.Shell
	People []ui.Option
	Chosen string
	Error  string
	Form   id.Form
}

// roles are the answers to what a site is.
func roles(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, r := range []string{"main", "satellite", "unit", "office"} {
		out = append(out, ui.Option{Value: r, Label: p.T("hub.role." + r)})
	}
	return out
}
