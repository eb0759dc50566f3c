// Package order decides about prescriptions: what a physician may write and
// sign, which order is in force on a day, and what stops one.
//
// It reads no clock and no database; limits come from the rulebook with their
// source and status, never from this code. It does not know who may sign
// (package access) nor whether a dose was given (package dose). It promises
// that no sequence of its decisions puts an order in force above a hard limit;
// that of two signed orders whose writers could not know of each other the safer
// one is in force until a physician answers; and that any others that disagree
// put none in force. Rules: docs/rules.md, ORDER-01 and on.
package order

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// Phase is the part of treatment an order belongs to; the prescription length
// and the limits differ by phase.
type Phase string

// The phases. Taper is a planned, agreed reduction.
const (
	Induction   Phase = "induction"
	Adjustment  Phase = "adjustment"
	Maintenance Phase = "maintenance"
	Taper       Phase = "taper"
)

// Phases lists all phases in the order of treatment.
var Phases = []Phase{Induction, Adjustment, Maintenance, Taper}

// Override is a physician's recorded reason for going past one warning.
type Override struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"` // as typed; never empty
}

// Write asks to write an order for an observed daily dose.
type Write struct {
	Patient   id.Patient
	Phase     Phase
	Amount    unit.Microgram
	First     day.Day // first day of the order
	Last      day.Day // last day of the order, included
	Reason    string  // why this dose; required when the amount changes
	Overrides []Override
	Imported  bool // comes from a file; written by nobody here, so it waits for a signature
}

// Written says that an order was written. It is not in force until it is
// signed. Journal kind "order.written". Fields are only ever added.
type Written struct {
	Order     id.Order       `json:"order"`
	Patient   id.Patient     `json:"patient"`
	Phase     Phase          `json:"phase"`
	Amount    unit.Microgram `json:"amount_ug"`
	First     day.Day        `json:"first"`
	Last      day.Day        `json:"last"`
	Reason    string         `json:"reason,omitempty"`
	Replaces  []id.Order     `json:"replaces,omitempty"` // end the day before First once this one is signed
	Overrides []Override     `json:"overrides,omitempty"`
	Imported  bool           `json:"imported,omitempty"`
	Rules     int            `json:"rules_version"` // version of the rulebook the decision was made with
	// KnewEnded are orders whose days would reach into this one's, and whose end
	// by a stop or a replacement the writer knew.
	KnewEnded []id.Order `json:"knew_ended,omitempty"`
}

// Signed says that a physician signed an order, by entering the PIN again.
// Journal kind "order.signed". The entry's person is the signer.
type Signed struct {
	Order   id.Order   `json:"order"`
	Patient id.Patient `json:"patient"`
}

// Stop asks to end an order early.
type Stop struct {
	Order  id.Order
	From   day.Day // first day on which it is no longer in force
	Reason string
}

// Stopped says that an order ended early. Journal kind "order.stopped".
type Stopped struct {
	Order   id.Order   `json:"order"`
	Patient id.Patient `json:"patient"`
	From    day.Day    `json:"from"`
	Reason  string     `json:"reason"`
	Knew    []id.Order `json:"knew,omitempty"` // the patient's other orders that whoever stopped this one knew, as far as they had not ended
	For     id.Order   `json:"for,omitempty"`  // the order that a physician chose instead; empty for a plain stop
}

// Ending is a stop as an order's record keeps it.
type Ending struct {
	Site id.Site    `json:"site"` // where it was stopped; "" is this site
	From day.Day    `json:"from"`
	Knew []id.Order `json:"knew"`
	For  id.Order   `json:"for"`
}

// Standing is an order with what happened to it, as read from storage.
type Standing struct {
	Order       id.Order
	Patient     id.Patient
	Phase       Phase
	Amount      unit.Microgram
	First, Last day.Day
	Reason      string
	Overrides   []Override
	Imported    bool
	WrittenBy   id.Person
	WrittenAt   day.Instant
	Signed      bool
	SignedBy    id.Person
	SignedAt    day.Instant
	StoppedFrom day.Day // first day no longer in force, by a stop or a replacing order; Never if it runs to Last
	Site        id.Site // where it was written; "" is this site
	Replaces    []id.Order
	KnewEnded   []id.Order
	Stops       []Ending
}

// Covers says whether the order's days, as ended by stops, include d.
func (s Standing) Covers(d day.Day) bool {
	return s.First <= d && d <= s.Last && (s.StoppedFrom == day.Never || d < s.StoppedFrom)
}

// Limit is one number of the rulebook with where it comes from. A limit that
// is not Known has no value: nothing is compared with it, and the person is
// told that the programme has not set it.
type Limit struct {
	Value  int64  // in the unit the field's name says
	Known  bool   // false: the programme has no number
	Source string // id of the source in the rulebook
	Status string // verified, unverified, derived, partly, set
}

// Limits are the numbers this room needs, from the rulebook in force.
type Limits struct {
	Version             int             // rulebook version, recorded with each decision
	FirstDoseMaxUg      Limit           // usual largest first dose
	FirstDoseCareUg     Limit           // first doses from here on need extra care; not every guideline has it, silent when not known
	FirstDoseHighMaxUg  Limit           // largest first dose at high tolerance; hard: no order above it starts treatment
	DailyMaxUg          Limit           // hard: the programme's largest daily dose
	StepMaxInductionUg  Limit           // largest single rise in induction
	StepMaxUg           Limit           // largest single rise later
	RiseGapDays         Limit           // fewest days between two rises
	FirstRiseDays       Limit           // days after the start without any rise
	WeekRiseInductionUg Limit           // largest sum of rises in 7 days, induction
	WeekRiseUg          Limit           // the same, later
	MaintenanceMinUg    Limit           // usual maintenance range, low end
	MaintenanceMaxUg    Limit           // usual maintenance range, high end
	InductionDays       Limit           // length of the induction phase
	LengthDays          map[Phase]Limit // longest prescription by phase
}

// History is what DecideWrite and DecideSign need to know of the patient,
// read before the call.
type History struct {
	Orders    []Standing // all orders of the patient, oldest first
	FirstDose day.Day    // first dose of this course of treatment; Never if none is known
	LastDose  day.Day    // last day on which a dose was taken; Never if none is known
	// LastAmount is what was taken on LastDose; 0 if not known. A rise is
	// measured from it where no earlier order is known.
	LastAmount unit.Microgram
	Strengths  []unit.Strength // of the bottles this site has; the amount must be measurable in each
	// RestartMaxUg is the most a new order may be after a gap that the
	// rule table answers with a restart or a reduction; 0 when there is no gap.
	RestartMaxUg unit.Microgram
}
