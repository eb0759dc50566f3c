// Package opening draws the start of a day: the date that two people confirm,
// and the bottles that are opened.
//
// The date stands large with its weekday, because the PC's clock is only a
// proposal. After a jump the date must be typed: nobody confirms by habit what
// they had to write.
package opening

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the start of a day.
type Page struct {
	Shell   ui.Shell
	Today   day.Day // as the PC believes
	Last    day.Day // newest day worked here; Never at a new site
	Jump    bool    // the date must be typed
	Back    bool    // the PC's date is before the newest day
	Opened  bool    // today is open
	Closed  bool    // today was closed
	Stale   day.Day // an earlier day that is still open; Never if none
	Needed  unit.Microlitre
	Open    []Bottle
	Sealed  []Bottle
	Confirm typed.Form
	Bottle  typed.Form
	Second  ui.Second
	Again   bool // today is open, and its date must be named once more
	Alone   bool // neither baton nor hub is at hand: staff say that no other PC is in use
	Baton   bool // the baton is plugged in
	Birth   *Birth
	Letters bool // letters may be missing since a restore: people account for them
}

// Birth is a restore that two people must answer for before anything else.
type Birth struct {
	Entries int  // that came back
	Baton   bool // a baton was read
	Whole   bool // to its end
}

// Bottle is a bottle that may be opened or is open.
type Bottle struct {
	ID        id.Bottle
	Code, Lot string
	Product   string
	Expiry    day.Day
	Strength  unit.Strength
	Left      unit.Microlitre
	Expired   bool
}

// left is what the open bottles hold together, by the book.
func (p Page) left() unit.Microlitre {
	var v unit.Microlitre
	for _, b := range p.Open {
		v += b.Left
	}
	return v
}

// short says whether the open bottles hold less than today needs.
func (p Page) short() bool { return p.left() < p.Needed }

// step is where the morning stands: 1 confirm the date, 2 open a bottle, 3 go
// to the window.
func (p Page) step() int {
	switch {
	case !p.Opened, p.Again:
		return 1
	case len(p.Open) == 0:
		return 2
	}
	return 3
}

func (p Page) sealedOptions(w *words.Printer) []ui.Option {
	var list []ui.Option
	for _, b := range p.Sealed {
		if !b.Expired {
			list = append(list, ui.Option{Value: b.Code, Label: w.T("daybook.bottle_line", "code", b.Code, "lot", b.Lot, "volume", b.Left, "strength", b.Strength)})
		}
	}
	return list
}

// days is how many days lie between the last day worked and today.
func (p Page) days() int { return int(p.Today - p.Last) }
