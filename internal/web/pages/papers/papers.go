// Package papers draws the papers a site must keep or take along: the
// dispensing register of a day, a page of the stock book, the people who did
// not come, a patient's record sheet, tomorrow's sheet for a day without the
// PC, and the count of the bottles.
//
// A paper is a plain HTML page with its own style for A4; the browser prints
// it. It holds what the window recorded and nothing that somebody would have to
// type. It does not know storage: the handlers fill the structs. It promises
// that the same state prints the same bytes, so that a second copy of a
// register is a copy; the moment of printing therefore stands in the journal
// and not on the paper.
package papers

import (
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/ui"
)

// Head is what every paper carries.
type Head struct {
	Site      string
	Programme string
	Day       day.Day     // the day the paper is about; its month, for the stock book
	AsOf      day.Instant // moment of the newest fact on the paper; 0 if it does not matter
	Open      bool        // the day is not closed: the paper is a draft
	Invented  bool        // a demonstration: all people are invented
	Shell     ui.Shell    // what stands around the paper on the screen; nothing of it is printed
}

// Mark is what a day came to for one patient, as the register says it.
type Mark string

// The marks. Question is a poured dose nobody has answered for.
const (
	Swallowed Mark = "swallowed"
	Part      Mark = "part"
	NotGiven  Mark = "not_given"
	Unclear   Mark = "unclear"
	Question  Mark = "question"
	Recorded  Mark = "recorded"
	Held      Mark = "held"
	Missed    Mark = "missed"
	NoOrder   Mark = "no_order"
	Waiting   Mark = "waiting"
)

// Marks lists all marks.
var Marks = []Mark{Swallowed, Part, NotGiven, Unclear, Question, Recorded, Held, Missed, NoOrder, Waiting}

// MarkOf is the mark of a dose outcome.
func MarkOf(o dose.Outcome) Mark {
	switch o {
	case dose.Taken:
		return Swallowed
	case dose.PartOnly:
		return Part
	case dose.NotTaken:
		return NotGiven
	case dose.Unknown:
		return Unclear
	case dose.PouredOnly:
	}
	return Question
}

// MarkOfMissed is the mark of a day without a dose.
func MarkOfMissed(c dose.MissedCause) Mark {
	switch c {
	case dose.HeldBack:
		return Held
	case dose.NoOrder:
		return NoOrder
	case dose.CupNotPut:
		return NotGiven
	case dose.Absent:
	}
	return Missed
}

// RegisterRow is one line of the dispensing register.
type RegisterRow struct {
	Code, Name string
	Birth      day.Partial
	Ordered    unit.Microgram  // 0 where no order was in force
	Mark       Mark            // what the day came to
	Poured     unit.Microgram  // 0 where nothing was poured
	Volume     unit.Microlitre // of the poured dose
	Taken      unit.Microgram  // swallowed
	At         day.Instant     // of pouring; 0 where nothing was poured
	By         string          // who poured
	Witness    string          // of a part, a waste or an answer; "" if none
	Vomited    bool
	VomitedMin int    // minutes after the dose, with Vomited
	Extra      bool   // the replacement of a vomited dose
	Corrected  bool   // a later entry put the first one right
	Attested   bool   // on people's word, past a rule
	Why        string // reason as recorded; "" if none
}

// BottleRow is one bottle of a day: book at the start, what moved, the count.
type BottleRow struct {
	Code, Lot string
	Expiry    day.Day
	Strength  unit.Strength
	Start     unit.Microlitre // by the book, when the day began or the bottle was received
	Drawn     unit.Microlitre // poured for doses, less what went back untouched
	Wasted    unit.Microlitre // rests and cups not handed over
	Spilled   unit.Microlitre
	Book      unit.Microlitre // by the book before the count
	Counted   bool
	Measured  unit.Microlitre // with Counted
	Why       string          // explanation of the difference
}

// Diff is what was measured less the book.
func (b BottleRow) Diff() unit.Microlitre { return b.Measured - b.Book }

// Register is the dispensing register of one day.
type Register struct {
	Head     Head
	Rows     []RegisterRow
	Bottles  []BottleRow
	Dispense string // who counted and signs; "" leaves the line empty
	Witness  string
}

// Sum is the totals under a register.
type Sum struct {
	People, Dosed, Missed, Held, Other int
	Attested                           int // of the doses: on people's word
	Taken                              unit.Microgram
	Volume                             unit.Microlitre
}

// Sum counts the register. A replacement adds liquid and no person.
func (r Register) Sum() Sum {
	var s Sum
	for _, row := range r.Rows {
		s.Taken += row.Taken
		s.Volume += row.Volume
		if row.Attested {
			s.Attested++
		}
		if row.Extra {
			continue
		}
		s.People++
		switch row.Mark {
		case Swallowed, Part, Recorded:
			s.Dosed++
		case Missed:
			s.Missed++
		case Held:
			s.Held++
		case NotGiven, Unclear, Question, NoOrder, Waiting:
			s.Other++
		}
	}
	return s
}

// StockLine is one line of the stock book: a day, or one receipt.
type StockLine struct {
	Day      day.Day
	Text     StockText
	Bottle   string // code, for a receipt, a spill or a count
	In       unit.Microlitre
	Doses    unit.Microlitre // out, to the patients
	Lost     unit.Microlitre // out, wasted or spilled
	Diff     unit.Microlitre // by the count; negative is missing liquid
	Left     unit.Microlitre // balance after the line
	By       string
	Witness  string
	Explains string
}

// StockText is what a line of the stock book says.
type StockText string

// The kinds of line.
const (
	Carried  StockText = "carried" // balance brought forward
	Received StockText = "received"
	DayDoses StockText = "doses" // all doses of a day
	Spill    StockText = "spilled"
	Waste    StockText = "wasted"
	Count    StockText = "counted"
	Finished StockText = "finished"
)

// StockTexts lists all kinds of line.
var StockTexts = []StockText{Carried, Received, DayDoses, Spill, Waste, Count, Finished}

// StockBook is the stock book's page of one month for one product and strength.
type StockBook struct {
	Head     Head
	Product  string
	Strength unit.Strength // 0 where the bottles differ: then the page counts mL alone
	Lines    []StockLine
}

// Sum adds up the columns of the page.
func (b StockBook) Sum() StockLine {
	var s StockLine
	for _, l := range b.Lines {
		s.In += l.In
		s.Doses += l.Doses
		s.Lost += l.Lost
		s.Diff += l.Diff
		s.Left = l.Left
	}
	return s
}

// AbsentRow is one person who did not come.
type AbsentRow struct {
	Code, Name       string
	Birth            day.Partial
	Phone            string // "" if the register holds none
	Commune, Village string
	Last             day.Day // last day with a dose; Never if none is known
	Days             int     // days without a dose, the day of the paper included
	Held             bool    // was here and held back
}

// Absent is the list of people who did not come on a day. It names no medicine
// and no programme, because it leaves the dispensing room.
type Absent struct {
	Head Head
	Rows []AbsentRow
}

// RecordDay is one day on a patient's record sheet.
type RecordDay struct {
	Day    day.Day
	Mark   Mark
	Poured unit.Microgram
	Volume unit.Microlitre
	Taken  unit.Microgram
	At     day.Instant // of pouring; 0 where nothing was poured
	By     string
	Notes  []string // vomited, corrected, answers, notes: whole sentences, in the reader's language
}

// Record is the sheet that goes into one patient's file.
type Record struct {
	Code, Name string
	Birth      day.Partial
	Ordered    unit.Microgram
	Phase      order.Phase // "" if there is no order
	From, To   day.Day     // first and last day of the order
	SignedBy   string
	Days       []RecordDay // newest first
}

// Records is the record sheets of one or more patients, one page each.
type Records struct {
	Head   Head
	Sheets []Record
}

// SheetRow is one person on tomorrow's sheet.
type SheetRow struct {
	Code, Name string
	Birth      day.Partial
	Amount     unit.Microgram
	Volume     unit.Microlitre
	Last       day.Day // last day with a dose
	LastAmount unit.Microgram
	Care       []reason.Warning // most important first; one with Stop means that no dose is measured
}

// Stop is the reason why no dose may be measured from paper, or nil.
func (r SheetRow) Stop() *reason.Warning {
	for i := range r.Care {
		if r.Care[i].Stop {
			return &r.Care[i]
		}
	}
	return nil
}

// Advice is the rest of what to take care of.
func (r SheetRow) Advice() []reason.Warning {
	var list []reason.Warning
	for _, w := range r.Care {
		if !w.Stop {
			list = append(list, w)
		}
	}
	return list
}

// Sheet is tomorrow's sheet, for a day on which the PC does not work.
type Sheet struct {
	Head     Head   // Day is tomorrow
	Number   string // unique per site and day; entering the sheet later asks for it
	Strength unit.Strength
	Bottles  []BottleRow // open bottles, by the book
	Rows     []SheetRow
	Spare    int // empty lines at the end
}

// CountSheet is the sheet for counting bottles by hand.
type CountSheet struct {
	Head    Head
	Bottles []BottleRow
}

// Title is the key of a paper's title in package words.
type Title string

// The titles.
const (
	TitleRegister Title = "paper.register.title"
	TitleStock    Title = "paper.stock.title"
	TitleAbsent   Title = "paper.absent.title"
	TitleRecord   Title = "paper.record.title"
	TitleSheet    Title = "paper.sheet.title"
	TitleCount    Title = "paper.count.title"
)

// blanks is n empty places, for ranging over in a template.
func blanks(n int) []struct{} { return make([]struct{}, max(0, min(n, 100))) }
