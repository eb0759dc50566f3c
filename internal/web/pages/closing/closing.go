// Package closing draws the end of a day: what is still a question, who did not
// come, what was measured in each bottle, and the two people who answer for it.
//
// The missing people are listed and marked by the closing itself; nobody ticks
// them one by one. After it, the page with the papers of the day needs no
// typing at all.
package closing

import (
	"tram/internal/care/dose"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the closing of a day before it is confirmed.
type Page struct {
	Shell     ui.Shell
	Day       day.Day
	Today     day.Day
	Expected  int
	Dosed     int
	Held      int
	Missing   []Missing
	Questions []Question
	Bottles   []Bottle
	Tolerance unit.Microlitre
	Known     bool // the programme has set a tolerance
	Form      typed.Form
	Second    ui.Second
	Explain   bool // some difference asks for an explanation
}

// Missing is a person without a dose on the day.
type Missing struct {
	ID         id.Patient
	Name, Code string
	Phone      string
	Cause      dose.MissedCause
	Days       int // days without a dose, this one included; 0 when no earlier dose is known
}

// Question is a poured dose that nobody answered for.
type Question struct {
	Dose       id.Dose
	Patient    id.Patient
	Name, Code string
	Amount     unit.Microgram
	Volume     unit.Microlitre
	At         day.Instant
	By         string
	Form       typed.Form
}

// Bottle is an open bottle to be measured.
type Bottle struct {
	ID        id.Bottle
	Code, Lot string
	Strength  unit.Strength
	Book      unit.Microlitre
	Measured  unit.Microlitre // with Differs
	Differs   bool            // what was typed differs from the book
}

// difference is what was typed less the book, in mL and mg.
func (b Bottle) difference(p *words.Printer) string {
	d := b.Measured - b.Book
	size := d
	key := "daybook.more"
	if d < 0 {
		size, key = -d, "daybook.less"
	}
	return p.T(key, "volume", size, "amount", b.Strength.Floor(size))
}

// tolerance says how far a measurement may be off without words.
func (p Page) tolerance() string {
	if !p.Known {
		return p.Shell.P.T("daybook.tolerance_none")
	}
	return p.Shell.P.T("daybook.tolerance", "volume", p.Tolerance)
}

// ready says whether the day can be closed: no question is open.
func (p Page) ready() bool { return len(p.Questions) == 0 }

// absent is how many did not come by themselves.
func (p Page) absent() (n int) {
	for _, m := range p.Missing {
		if m.Cause == dose.Absent {
			n++
		}
	}
	return n
}

// other counts those without a dose for the clinic's own reasons: no
// prescription in force, a cup not handed over.
func (p Page) other() int { return len(p.Missing) - p.Held - p.absent() }

// Result is a closed day with its papers.
type Result struct {
	Shell    ui.Shell
	Day      day.Day
	Expected int
	Dosed    int
	Missed   int
	Held     int
	ClosedAt day.Instant
	ClosedBy string
	Witness  string // "" where one person works alone
	Counts   []Counted
	Tomorrow day.Day
}

// Counted is one bottle's count.
type Counted struct {
	Code     string
	Strength unit.Strength
	Book     unit.Microlitre
	Measured unit.Microlitre
	Why      string
}

func (c Counted) bottle() Bottle {
	return Bottle{Code: c.Code, Strength: c.Strength, Book: c.Book, Measured: c.Measured, Differs: c.Book != c.Measured}
}

// outcomes are the answers to a question about a poured dose.
func outcomes(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, o := range []dose.Outcome{dose.Taken, dose.NotTaken, dose.Unknown} {
		list = append(list, ui.Option{Value: string(o), Label: p.T("daybook.outcome." + string(o))})
	}
	return list
}
