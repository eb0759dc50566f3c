// Package dose decides whether an observed dose may be poured, what may become
// of it, and what a gap in treatment means; and it says why not.
//
// It reads no clock, no database and no configuration: the caller brings the
// day, the state and the limits. It does not know bottles beyond their
// strength (package stock) nor prescriptions beyond the one in force (package
// order). It promises at most one scheduled dose of a patient on a clinic day,
// recorded before the cup leaves the counter, and that nothing ends as
// swallowed unless a person said so. Rules: docs/rules.md, DOSE-01 and on.
package dose

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// Outcome is what became of a poured dose.
type Outcome string

// The outcomes. Poured means that nobody has answered yet; Unknown means that
// two people looked into it and could not find out: it counts as taken for
// safety and stays a question for the physician.
const (
	PouredOnly Outcome = "poured"
	Taken      Outcome = "swallowed"
	PartOnly   Outcome = "part_taken"
	NotTaken   Outcome = "not_given"
	Unknown    Outcome = "unknown"
)

// Draw is liquid taken from one bottle for a dose.
type Draw struct {
	Bottle id.Bottle       `json:"bottle"`
	Volume unit.Microlitre `json:"volume_ul"`
}

// Pour asks to pour one dose. The volume follows from the amount and the
// strength; the screen sends the amount it showed, so that a changed order is
// noticed before the cup is filled.
type Pour struct {
	Patient     id.Patient
	Shown       unit.Microgram // the amount on the screen when the person pressed
	Replacement id.Dose        // the vomited dose this one replaces; "" for the dose of the day
}

// Poured says that a dose was measured into the cup. It is durable before the
// cup leaves the counter. Journal kind "dose.poured". Fields are only ever
// added.
type Poured struct {
	Dose     id.Dose         `json:"dose"`
	Patient  id.Patient      `json:"patient"`
	Day      day.Day         `json:"day"`
	Order    id.Order        `json:"order"`
	Amount   unit.Microgram  `json:"amount_ug"`
	Volume   unit.Microlitre `json:"volume_ul"`
	Draws    []Draw          `json:"draws"`
	Station  id.Station      `json:"station,omitempty"`
	Replaces id.Dose         `json:"replaces,omitempty"`
}

// Swallowed says that the dose was seen swallowed, whole. Journal kind
// "dose.swallowed".
type Swallowed struct {
	Dose    id.Dose    `json:"dose"`
	Patient id.Patient `json:"patient"`
}

// PartTaken says that only a part was swallowed; the rest is waste, seen by a
// witness. Journal kind "dose.part_taken".
type PartTaken struct {
	Dose    id.Dose         `json:"dose"`
	Patient id.Patient      `json:"patient"`
	Taken   unit.Microgram  `json:"taken_ug"`
	Rest    unit.Microlitre `json:"rest_ul"`
	Why     string          `json:"why"`
	Witness id.Person       `json:"witness,omitempty"` // empty only where one person works alone
}

// NotGiven says that the cup was not handed over. The liquid is waste, seen by
// a witness, or went back untouched into its bottle. Journal kind
// "dose.not_given".
type NotGiven struct {
	Dose    id.Dose    `json:"dose"`
	Patient id.Patient `json:"patient"`
	Why     NotWhy     `json:"why"`
	Note    string     `json:"note,omitempty"`
	Wasted  bool       `json:"wasted"`            // false: back into the bottle it came from
	Witness id.Person  `json:"witness,omitempty"` // empty only where one person works alone
	Again   bool       `json:"again,omitempty"`   // two people saw it was not given: the day's dose may be poured again
}

// NotWhy is why a cup was not handed over.
type NotWhy string

// The reasons a cup is not handed over.
const (
	WrongPerson NotWhy = "wrong_person"
	Declined    NotWhy = "declined"
	Spilt       NotWhy = "spilt" // before it was handed over
	LeftWindow  NotWhy = "left_window"
	Unwell      NotWhy = "unwell"
)

// NotWhys lists the reasons in the order in which they are offered.
var NotWhys = []NotWhy{WrongPerson, Declined, Spilt, LeftWindow, Unwell}

// Answered says what two people found out about a poured dose nobody had
// answered for. Journal kind "dose.answered".
type Answered struct {
	Dose    id.Dose    `json:"dose"`
	Patient id.Patient `json:"patient"`
	Outcome Outcome    `json:"outcome"` // Taken, NotTaken or Unknown
	Note    string     `json:"note"`
	Witness id.Person  `json:"witness,omitempty"`
}

// Vomited says that a patient vomited after a dose. What follows is the
// physician's decision. Journal kind "dose.vomited".
type Vomited struct {
	Dose    id.Dose    `json:"dose"`
	Patient id.Patient `json:"patient"`
	Minutes int        `json:"minutes"` // since the dose was swallowed
	Seen    bool       `json:"seen"`    // by staff
	Note    string     `json:"note,omitempty"`
}

// ReplacementAllowed says that a physician allowed a replacement of a vomited
// dose, at most once for a dose. Journal kind "dose.replacement_allowed".
type ReplacementAllowed struct {
	Dose    id.Dose        `json:"dose"`
	Patient id.Patient     `json:"patient"`
	Amount  unit.Microgram `json:"amount_ug"`
	Reason  string         `json:"reason"`
}

// HoldWhy is why a dose is held back at the window.
type HoldWhy string

// The reasons for a hold.
const (
	Intoxicated HoldWhy = "intoxicated"
	Asleep      HoldWhy = "asleep"
	Refuses     HoldWhy = "refuses"
	Ill         HoldWhy = "ill"
	Other       HoldWhy = "other"
)

// HoldWhys lists the reasons in the order in which they are offered.
var HoldWhys = []HoldWhy{Intoxicated, Asleep, Refuses, Ill, Other}

// Held says that the dose of a day is held back. It is no missed dose of the
// person's, but the day counts as a day without methadone. Journal kind
// "dose.held".
type Held struct {
	Patient id.Patient  `json:"patient"`
	Day     day.Day     `json:"day"`
	Why     HoldWhy     `json:"why"`
	Signs   string      `json:"signs,omitempty"`      // speech, gait, pupils, drowsiness, breathing
	Called  string      `json:"called,omitempty"`     // who was called
	Plan    string      `json:"plan,omitempty"`       // wait and look again, smaller dose, no dose
	LookAt  day.Instant `json:"look_again,omitempty"` // when to look again; 0 if not planned
}

// Released says that a hold was lifted after the person was seen again.
// Journal kind "dose.released".
type Released struct {
	Patient id.Patient `json:"patient"`
	Day     day.Day    `json:"day"`
	Note    string     `json:"note"`
}

// Missed says that a patient had no dose on a day, marked by the closing of
// that day. Journal kind "dose.missed".
type Missed struct {
	Patient id.Patient  `json:"patient"`
	Day     day.Day     `json:"day"`
	Cause   MissedCause `json:"cause"`
}

// MissedCause tells a dose the person did not come for from one that the
// clinic did not give: only Absent counts in adherence.
type MissedCause string

// The causes of a day without a dose.
const (
	Absent    MissedCause = "absent"
	HeldBack  MissedCause = "held"
	NoOrder   MissedCause = "no_order"
	CupNotPut MissedCause = "not_given"
)

// Corrected puts right a mistaken entry about a dose; the entry it corrects
// stays. A correction never frees the day for another dose. Journal kind
// "dose.corrected".
type Corrected struct {
	Dose    id.Dose        `json:"dose"`
	Patient id.Patient     `json:"patient"`
	Outcome Outcome        `json:"outcome"`  // Taken, PartOnly or NotTaken
	Taken   unit.Microgram `json:"taken_ug"` // amount swallowed, as it truly was
	Reason  string         `json:"reason"`
	Witness id.Person      `json:"witness,omitempty"`
}

// GapAnswered is the physician's answer after missed days. Journal kind
// "dose.gap_answered".
type GapAnswered struct {
	Patient id.Patient `json:"patient"`
	After   day.Day    `json:"after"` // last day with a dose: the gap this answers; Never if none is known
	Action  GapAction  `json:"action"`
	Order   id.Order   `json:"order,omitempty"` // the new order, for a reduction or a restart
	Reason  string     `json:"reason,omitempty"`
	Rule    string     `json:"rule,omitempty"` // what the table proposed, as "reduce 50" and its source
	Day     day.Day    `json:"day"`            // the answer holds on this day, and on the next if the table says the same then
}

// Recorded is a dose that was given before this programme kept the record, or
// outside it, taken from a file with its source. It moves no bottle here.
// Journal kind "dose.recorded".
type Recorded struct {
	Dose    id.Dose        `json:"dose"`
	Patient id.Patient     `json:"patient"`
	Day     day.Day        `json:"day"`
	Amount  unit.Microgram `json:"amount_ug"`
	Source  string         `json:"source"` // file hash and line
}

// Attested is a dose given on people's word where the machine has no right to
// the day: after a restore, in a storm, with a lost letter. It happened, so it is
// recorded; it is counted and reported apart from doses by right. Journal kind
// "dose.attested".
type Attested struct {
	Dose      id.Dose         `json:"dose"`
	Patient   id.Patient      `json:"patient"`
	Day       day.Day         `json:"day"`
	Amount    unit.Microgram  `json:"amount_ug"`
	Volume    unit.Microlitre `json:"volume_ul,omitempty"`
	Draws     []Draw          `json:"draws,omitempty"` // absent: from a paper sheet, with no bottle of this record
	Why       string          `json:"why"`
	Rule      string          `json:"rule,omitempty"` // the rule that said no
	Card      bool            `json:"card,omitempty"` // a card was seen and shows no dose of this day
	Physician id.Person       `json:"physician"`      // who decided, on the telephone or here
	Witness   id.Person       `json:"witness,omitempty"`
}

// Entry is one dose of a patient as it stands, read from storage.
type Entry struct {
	Dose        id.Dose
	Patient     id.Patient
	Day         day.Day
	Amount      unit.Microgram  // poured
	Volume      unit.Microlitre // poured
	Taken       unit.Microgram  // swallowed, as last answered or corrected
	Outcome     Outcome
	Replaces    id.Dose
	PouredAt    day.Instant
	PouredBy    id.Person
	Station     id.Station
	EndedAt     day.Instant // when the outcome was answered; 0 while poured
	Again       bool        // not given, and the day's dose may be poured again
	VomitedMin  int         // minutes after the dose; -1 if not vomited
	VomitSeen   bool
	Replacement unit.Microgram // allowed by a physician; 0 if none
	Corrected   bool
	Attested    bool // given on people's word, past a rule
}

// Counts says whether the entry occupies its day: everything but a cup that
// two people saw was not given.
func (e Entry) Counts() bool { return e.Outcome != NotTaken || !e.Again }
