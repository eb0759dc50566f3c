// Package patients draws the list of the people in treatment here, with a
// search that also finds those who left.
//
// A row says who the person is and whether an order carries them on; it tells
// no more of the record than that. Nothing is found by too little, so that the
// list is no way to read the register.
package patients

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the list.
type Page struct {
	Shell ui.Shell
	Asked string // what was typed; "" shows everyone in treatment
	Short bool   // too little was typed to search with
	Rows  []Row
	New   bool // may register a person
	Form  id.Form
}

// Row is one person.
type Row struct {
	ID         id.Patient
	Code, Name string
	Born       day.Partial
	Place      string
	Ordered    unit.Microgram // 0 when no order is in force
	OrderLast  day.Day
	Last       day.Day // newest day with a dose; Never if none is known
	Former     bool
}

func ordered(p *words.Printer, r Row) string {
	if r.Ordered == 0 {
		return ""
	}
	return p.Mg(r.Ordered)
}
