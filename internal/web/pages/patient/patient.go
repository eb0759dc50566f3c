// Package patient draws the record of one person: who they are, the order in
// force, the doses of the last weeks as a strip of days, the orders, and
// everything else that happened, newest first.
//
// The page struct holds what the handler read; nothing is decided here. A day
// without a dose stays visible in the strip, and every picture has its table.
package patient

import (
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/paper"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/glass"
	"tram/internal/web/pages/papers"
	"tram/internal/web/pages/stability"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
)

// Page is the record of one person.
type Page struct {
	Shell    ui.Shell
	Patient  Person
	Order    *Order          // in force today; nil when there is none
	NoOrder  *reason.Refusal // why there is none
	Odds     *reason.Warning // how orders of different sites differ; nil when they do not
	Strength unit.Strength   // of the open bottle, for mL; 0 when none is open
	Today    day.Day
	Span     int             // days in the strip: 30 or 90
	Days     []Day           // one for each day of the span, oldest first
	Orders   []Order         // newest first
	Older    int             // orders that were left out of them
	Events   []Event         // newest first
	Opened   []glass.Opening // in emergencies, newest first
	Under    *Under          // the opening under which the page is shown; nil for who may see it anyway
	Base     string          // address of the page
	Can      Can
	Doubles  []Double
	Double   typed.Form // answers one of them
	Where    string     // where the person is dosed today; "" at a site of its own
	Note     typed.Form
	// Stability is what is said of it today; nil for someone who left.
	Stability *stability.Today
	NoteCare  []string // gentle questions about the note before it is kept
	Urine     typed.Form
	End       typed.Form
	Return    typed.Form
	Stop      typed.Form // for the order in force
	Open      string     // the form to show unfolded: "urine", "end", "stop"
}

// Under is the emergency opening under which a record is shown: only to read.
type Under struct {
	Until  day.Instant
	Reason string
	There  bool // the record is another site's, as it told
}

// Person is who the record is about.
type Person struct {
	ID         id.Patient
	Code, Card string
	Details    patient.Details
	Registered day.Day
	FirstDose  day.Day // of this course of treatment; Never if none is known
	LastDay    day.Day // newest day with a dose; Never if none is known
	LastAmount unit.Microgram
	Left       day.Day // Never while in care
	LeftWhy    patient.LeftWhy
	Photo      string // address of the portrait; "" if there is none
}

// InCare says whether the person is in treatment here.
func (p Person) InCare() bool { return p.Left == day.Never }

// Can is what the person at the screen may do here.
type Can struct {
	Write, Change, Note, End, Papers, Send bool
}

// OrderState is how an order stands today.
type OrderState string

// The states.
const (
	InForce OrderState = "in_force"
	Ahead   OrderState = "ahead"   // signed, starts later
	Waiting OrderState = "waiting" // not signed
	Ended   OrderState = "ended"
	Stopped OrderState = "stopped"
)

// OrderStates lists all states.
var OrderStates = []OrderState{InForce, Ahead, Waiting, Ended, Stopped}

// Order is one order of the person.
type Order struct {
	ID          id.Order
	State       OrderState
	Amount      unit.Microgram
	Volume      unit.Microlitre // at the open bottle's strength; 0 when it is not known
	Phase       order.Phase
	First, Last day.Day // Last as ended by a stop or a later order
	Reason      string
	WrittenBy   string
	SignedBy    string
	Imported    bool
	Overrides   []order.Override
}

// Day is one day of the strip.
type Day struct {
	Day     day.Day
	Mark    papers.Mark // "" for a day on which nothing was expected
	Ordered unit.Microgram
	Poured  unit.Microgram
	Volume  unit.Microlitre
	Taken   unit.Microgram
	At      day.Instant
	By      string
	Vomited bool
}

// EventKind is what happened.
type EventKind string

// The kinds of event.
const (
	EventHeld        EventKind = "held"
	EventReleased    EventKind = "released"
	EventVomited     EventKind = "vomited"
	EventPart        EventKind = "part"
	EventNotGiven    EventKind = "not_given"
	EventUnclear     EventKind = "unclear"
	EventCorrected   EventKind = "corrected"
	EventAttested    EventKind = "attested"
	EventGap         EventKind = "gap"
	EventNote        EventKind = "note"
	EventUrineClear  EventKind = "urine_none" // none of the panel found
	EventUrineFound  EventKind = "urine_found"
	EventLeft        EventKind = "left"
	EventMissed      EventKind = "missed"
	EventReplacement EventKind = "replacement"
)

// EventKinds lists all kinds.
var EventKinds = []EventKind{
	EventHeld, EventReleased, EventVomited, EventPart, EventNotGiven, EventUnclear, EventCorrected, EventAttested, EventGap, EventNote,
	EventUrineClear, EventUrineFound, EventLeft, EventMissed, EventReplacement,
}

// Event is one thing that happened.
type Event struct {
	Kind   EventKind
	Day    day.Day
	At     day.Instant // 0 when only the day is known
	By     string
	Code   string         // the reason's code: of a hold, a gap's action, an end of care
	N      int            // minutes after the dose, for EventVomited
	Amount unit.Microgram // taken, or allowed
	Found  []string       // substances, for EventUrineFound
	Text   string         // as typed
}

// Substances are the codes of a urine test's panel, in the order offered.
var Substances = []string{"opiates", "methadone", "amphetamines", "benzodiazepines", "cannabis", "buprenorphine"}

// Methods are how a urine sample was given.
var Methods = []string{"observed", "temperature", "unobserved"}

// CardPage is a person's card, to be printed. It carries a number and a date
// and nothing else: a card that is found must say nothing about its owner.
type CardPage struct {
	Shell ui.Shell
	Code  string
	Card  string // what a scanner reads
	Given day.Day
	QR    paper.Code
	Bars  paper.Code
}
