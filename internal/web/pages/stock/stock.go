// Package stock draws the bottles of a site: what is open, what is sealed, and
// the forms with which a bottle is received, opened, spilled from or taken out
// of use.
//
// Every act here has two people, or is marked as one person's alone.
package stock

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the list of bottles with its forms.
type Page struct {
	Shell   ui.Shell
	Today   day.Day
	Bottles []Bottle // open, then sealed, then finished
	Can     bool     // may handle bottles
	Receive typed.Form
	Spill   typed.Form
	Finish  typed.Form
	Second  ui.Second
	Open    string // the form shown unfolded: "receive", "spill", "finish"
}

// State is how a bottle stands.
type State string

// The states.
const (
	InUse    State = "open"
	Sealed   State = "sealed"
	Finished State = "finished"
)

// Bottle is one bottle.
type Bottle struct {
	ID        id.Bottle
	Code      string
	Product   string
	Lot       string
	Expiry    day.Day
	Strength  unit.Strength
	Size      unit.Microlitre
	Left      unit.Microlitre // by the book
	State     State
	OpenedDay day.Day
}

// soon is how many days before the expiry a bottle is marked.
const soon = 60

// expiry says whether a bottle may no longer be used, or soon not.
func (p Page) expiry(b Bottle) string {
	switch {
	case b.State == Finished:
	case b.Expiry < p.Today:
		return "stop"
	case int(b.Expiry-p.Today) <= soon:
		return "take"
	}
	return ""
}

// total is the balance of all bottles of one strength.
type total struct {
	Strength unit.Strength
	Bottles  int
	Left     unit.Microlitre
}

// totals are the balances by strength: mL of different strengths are never
// added up.
func (p Page) totals() []total {
	var list []total
next:
	for _, b := range p.Bottles {
		if b.State == Finished {
			continue
		}
		for i := range list {
			if list[i].Strength == b.Strength {
				list[i].Bottles++
				list[i].Left += b.Left
				continue next
			}
		}
		list = append(list, total{b.Strength, 1, b.Left})
	}
	return list
}

// in are the bottles in a state, as options of a list.
func (p Page) in(w *words.Printer, st State) []ui.Option {
	var list []ui.Option
	for _, b := range p.Bottles {
		if b.State == st {
			list = append(list, ui.Option{Value: string(b.ID), Label: w.T("daybook.bottle_line", "code", b.Code, "lot", b.Lot, "volume", b.Left, "strength", b.Strength)})
		}
	}
	return list
}
