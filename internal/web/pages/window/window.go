// Package window is the page at which doses are given: the queue on one side,
// the person being served on the other.
//
// It shows what it is given and decides nothing: whether a dose may be poured,
// and why not, is said by the clinic. It promises that mg and mL always stand
// together, that no answer about a cup is chosen beforehand, and that the
// button which records a dose as swallowed is never where, or when, the button
// that poured it was.
package window

import (
	"tram/internal/care/dose"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the whole window.
type Page struct {
	Shell  ui.Shell
	Day    Day
	Find   Find
	Lists  Lists
	Pane   *Pane // nil: nobody is being served here
	Form   id.Form
	Serves bool // the person signed in may give doses
}

// Day says whether work can begin.
type Day struct {
	Open   bool
	Closed bool    // today was closed already
	Stale  day.Day // an earlier day that was never closed; Never if none
	Opens  bool    // the person signed in may open and close days
}

// Find is the search field and what it found.
type Find struct {
	Query  string // as typed; "" when nothing was searched
	Error  string
	Found  []Row
	Capped bool // more were found than are shown
}

// Tab names one list of the queue.
type Tab string

// The lists.
const (
	ToCome  Tab = "to_come"
	Came    Tab = "came"
	Waiting Tab = "waiting" // a cup that nobody has answered for
	Held    Tab = "held"
)

// Tabs lists the lists in the order in which they stand.
var Tabs = []Tab{ToCome, Came, Waiting, Held}

// Lists is the queue with its figures.
type Lists struct {
	Here     Tab
	Counts   map[Tab]int
	Rows     []Row           // of the list that is shown
	Left     unit.Microlitre // in the open bottles, by the book
	Needed   unit.Microlitre // for those still to come
	Bottle   bool            // a bottle is open
	Expected int
	Done     int
	Open     id.Patient // who is being served here; "" if nobody
	Form     id.Form
}

// low says that the open bottles do not hold what is still needed.
func (l Lists) low() bool { return l.Bottle && l.Left < l.Needed }

// Row is one patient in a list.
type Row struct {
	Patient  id.Patient
	Name     string
	Code     string
	Born     day.Partial
	Amount   unit.Microgram  // 0: no order in force
	Volume   unit.Microlitre // 0: no bottle open
	At       day.Instant     // of today's dose or hold; 0 if none
	Missed   int             // whole days without methadone
	Stop     bool            // something stops the dose: a gap, no order
	Left     bool            // no longer in care here
	Unsigned bool            // an order waits for its signature and none is in force
	Mark     string          // words about the state, "not given"
	Served   string          // who has the patient open elsewhere, in words
}

// Step is where the person being served stands; it decides the one primary
// action.
type Step string

// The steps.
const (
	Ready   Step = "ready"   // may be poured
	Stopped Step = "stopped" // a rule stops it
	Cup     Step = "cup"     // poured by the person signed in, waiting for the answer
	Ask     Step = "ask"     // poured, and only two people together may answer
	Done    Step = "done"
	NotDone Step = "not_done" // not given today
	Look    Step = "look"     // the person signed in gives no doses
)

// Pane is the patient being served.
type Pane struct {
	Patient  id.Patient
	Name     string
	Code     string
	Born     day.Partial
	Photo    string // address of the photo; "" if there is none
	Step     Step
	Amount   unit.Microgram  // today's dose by the order in force; 0 if none
	Volume   unit.Microlitre // of it; 0 when no bottle is open
	Strength unit.Strength
	Last     unit.Microgram // last dose before today
	LastDay  day.Day        // Never if none is known
	Missed   int
	OrderEnd day.Day // last day of the order; Never if none
	Care     []words.Said
	Pour     Pour  // what the primary button pours, when Step is Ready
	Cup      Given // the cup being answered for, or the dose of today
	Today    []Given
	Hold     Hold
	Other    string // who else is serving the patient, in words
	Act      *Act   // the other action that is open; nil if none
	Can      Can
	Record   string // address of the record; "" if the person may not see it
	Glass    string // where it is opened in an emergency instead; "" if it is not
}

// Pour is what is about to be poured.
type Pour struct {
	Form     id.Form
	Amount   unit.Microgram
	Volume   unit.Microlitre
	Replaces id.Dose // the vomited dose it replaces; "" for the dose of the day
}

// Given is one dose of today.
type Given struct {
	Form      id.Form // for the answer "swallowed"
	Dose      id.Dose
	Amount    unit.Microgram // poured
	Volume    unit.Microlitre
	Taken     unit.Microgram
	Outcome   dose.Outcome
	At        day.Instant
	Ended     day.Instant
	By        string // name of who poured
	Vomited   int    // minutes; -1 if not vomited
	Corrected bool
	Replaces  bool // a replacement of a vomited dose
}

// Hold is a hold of today.
type Hold struct {
	Since day.Instant // 0: none
	Look  day.Instant // when to look again; 0 if not planned
	Signs string
	By    string
}

// Can says which other actions are offered.
type Can struct {
	Hold, Release, Vomited, Spill, Correct, Replace, Attest bool
}

// Kind names an other action; it is also the last part of its address.
type Kind string

// The other actions.
const (
	DoHold     Kind = "hold"
	DoRelease  Kind = "release"
	DoPart     Kind = "part"
	DoNotGiven Kind = "not-given"
	DoVomited  Kind = "vomited"
	DoSpill    Kind = "spilled"
	DoCorrect  Kind = "correct"
	DoAnswer   Kind = "answer"
	DoReplace  Kind = "replace"
	DoAttest   Kind = "attest"
)

// Kinds lists the other actions.
var Kinds = []Kind{DoHold, DoRelease, DoPart, DoNotGiven, DoVomited, DoSpill, DoCorrect, DoAnswer, DoReplace, DoAttest}

// Act is the form of an other action, with what was typed into it.
type Act struct {
	Kind    Kind
	Form    id.Form
	Dose    Given // the dose it is about; zero for hold, release, spill
	Typed   Typed
	Errors  map[string]string // field → what is wrong with it
	Problem *words.Said       // why the act was refused; nil if it was not
	Second  ui.Second
	Bottles []ui.Option // for a spill
	Doctors []ui.Option // for a dose on people's word
}

// Typed is what was typed into the form of an act, kept as it was.
type Typed struct {
	Why, Note, Signs, Called, Minutes, Volume, Amount, Outcome, Seen, Wasted, Bottle, Doctor, Card string
}

func (a *Act) err(field string) string { return a.Errors[field] }

// whys are the answers to why a cup was not handed over.
func whys(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, w := range dose.NotWhys {
		out = append(out, ui.Option{Value: string(w), Label: p.T("window.not_given.why." + string(w))})
	}
	return out
}

// holds are the answers to why a dose is held back.
func holds(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, w := range dose.HoldWhys {
		out = append(out, ui.Option{Value: string(w), Label: p.T("window.hold.why." + string(w))})
	}
	return out
}

// outcomes are the answers to what became of a dose.
func outcomes(p *words.Printer, list ...dose.Outcome) []ui.Option {
	var out []ui.Option
	for _, o := range list {
		out = append(out, ui.Option{Value: string(o), Label: p.T("window.outcome." + string(o))})
	}
	return out
}

// bornYear is the year of birth alone, as the window shows it.
func bornYear(b day.Partial) day.Partial { return day.Partial{Year: b.Year} }
