package dose

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// State is what the decisions need to know of the patient and the window, read
// once before the call.
type State struct {
	DayOpen     bool            // the day was opened, its date confirmed by people, and not closed
	NotReady    *reason.Refusal // why this PC doses nobody now; nil when it may, and at a site of its own
	NoRight     *reason.Refusal // why today is not this site's to dose the patient; nil when it is
	Answerable  bool            // people may answer for what NotReady or NoRight says
	LeftCare    bool            // the patient's course of treatment here has ended
	Order       id.Order        // order in force today; "" if none
	Ordered     unit.Microgram  // its amount
	Induction   bool            // the order in force starts a course of treatment
	NoOrder     *reason.Refusal // why there is no order in force; nil when there is one
	Today       []Entry         // the patient's doses of today, oldest first
	LastTaken   day.Day         // last day before today with a dose known to be taken, whole or in part; Never if none is known
	LastAmount  unit.Microgram  // amount taken then
	LastAt      day.Instant     // moment of the newest dose known, today's included; 0 if unknown
	HeldSince   day.Instant     // a hold of today that is not lifted; 0 if none
	HeldWhy     HoldWhy         // why
	Answer      *GapAnswered    // the physician's newest answer to a gap; nil if none
	Strength    unit.Strength   // of the open bottle; 0 if none is open
	NewestDay   day.Day         // newest day in the site's journal
	VolumeLeft  unit.Microlitre // in the open bottles of that strength, by the book
	BottleOpen  bool            // at least one bottle is open
	BottleDated day.Day         // expiry of the open bottle drawn from; Never if not known
}

// GapRow is one line of the programme's rule table for missed days.
type GapRow struct {
	From, To int            // whole days without methadone, both included; To 0 is open-ended
	Action   GapAction      // what the guideline says
	Percent  int            // for Reduce: percent of the order
	CapUg    unit.Microgram // for Reduce and Restart: not above this amount; 0 if the source names none
	Source   string         // id of the source in the rulebook
	Status   string         // verified, unverified, derived, partly, set
}

// GapAction is what follows from missed days.
type GapAction string

// The actions. Same needs nobody; every other waits for a physician's answer.
const (
	Same         GapAction = "same"
	SeePhysician GapAction = "see_physician"
	Reduce       GapAction = "reduce"
	Restart      GapAction = "restart"
	NewFile      GapAction = "new_file"
)

// VomitRow is one line of the rule table for a vomited dose.
type VomitRow struct {
	FromMin, ToMin int // minutes since the dose, both included; ToMin 0 is open-ended
	Percent        int // of the dose that a physician may replace; 0 is none
	Source, Status string
}

// Limits are the numbers this room needs, from the rulebook in force.
type Limits struct {
	Version       int        // rulebook version, recorded with each decision
	Gaps          []GapRow   // contiguous from 1 day; empty: every gap asks the physician
	Vomits        []VomitRow // contiguous from 0 minutes; empty: every case asks the physician
	MinHours      int        // fewest hours between two doses; 0: the programme has set none
	WatchFromDay  int        // days after a start or a rise with special care, from
	WatchToDay    int        // and to; 0: not set
	WatchStatus   string
	WatchSource   string
	OrderEndsDays int // warn when the order ends within so many days
}

// MissedDays is the number of whole days without methadone between the last
// dose and today: 0 when it was yesterday or when none is known.
func (s State) MissedDays(today day.Day) int {
	if s.LastTaken == day.Never || s.LastTaken >= today {
		return 0
	}
	return int(today-s.LastTaken) - 1
}

// GapFor is the table's row for a number of missed days. ok is false when the
// table says nothing about it: then a physician is asked.
func (l Limits) GapFor(missed int) (row GapRow, ok bool) {
	for _, r := range l.Gaps {
		if missed >= r.From && (r.To == 0 || missed <= r.To) {
			return r, true
		}
	}
	return GapRow{}, false
}

// VomitFor is the table's row for minutes since the dose; ok as in GapFor.
func (l Limits) VomitFor(minutes int) (row VomitRow, ok bool) {
	for _, r := range l.Vomits {
		if minutes >= r.FromMin && (r.ToMin == 0 || minutes <= r.ToMin) {
			return r, true
		}
	}
	return VomitRow{}, false
}

// Plan is what DecidePour allows: the order, the amount and its volume.
type Plan struct {
	Order    id.Order
	Amount   unit.Microgram
	Volume   unit.Microlitre
	Replaces id.Dose
}

// DecidePour answers whether the dose may be poured now: the plan, or the
// first rule that says no. The order of the checks is the order in which a
// person should hear them, and is part of the contract (testdata/pour.txt).
func DecidePour(s State, c Pour, today day.Day, now day.Instant, lim Limits) (Plan, error) {
	if err := mayServe(s, today); err != nil {
		return Plan{}, err
	}
	plan, err := planned(s, c, today)
	if err != nil {
		return Plan{}, err
	}
	if c.Replacement == "" {
		if err := gapAllows(s, today, lim); err != nil {
			return Plan{}, err
		}
		if err := hoursAllow(s, now, lim); err != nil {
			return Plan{}, err
		}
	}
	if c.Shown != plan.Amount {
		return Plan{}, reason.Refuse("DOSE-08", "ordered", plan.Amount, "shown", c.Shown)
	}
	return measured(s, plan, today)
}

// mayServe holds the checks that come before any amount: is this a day, a
// patient and a moment at which anything may be poured?
func mayServe(s State, today day.Day) error {
	newest := max(s.NewestDay, s.LastTaken) // a dose of a later day says as much as an opened day
	switch {
	case today < newest:
		return reason.Refuse("DAY-02", "today", today, "newest", newest)
	case !s.DayOpen:
		return reason.Refuse("DAY-01")
	case s.NotReady != nil:
		return s.NotReady
	case s.LeftCare:
		return reason.Refuse("DOSE-01")
	case s.HeldSince != 0:
		return reason.Refuse("DOSE-05", "at", s.HeldSince, "why", string(s.HeldWhy))
	}
	return nil
}

// planned finds what there is to pour: the dose of the day, or the replacement
// a physician allowed. DOSE-02 stands before everything about the order: that
// the patient was dosed already is what must be heard first.
func planned(s State, c Pour, today day.Day) (Plan, error) {
	for _, e := range s.Today {
		if e.Outcome == PouredOnly {
			return Plan{}, reason.Refuse("DOSE-03", "at", e.PouredAt, "amount", e.Amount)
		}
	}
	if c.Replacement != "" {
		return replacement(s, c.Replacement)
	}
	for _, e := range s.Today {
		if e.Replaces == "" && e.Counts() {
			return Plan{}, reason.Refuse("DOSE-02", "at", e.PouredAt, "amount", e.Amount)
		}
	}
	if s.LastTaken == today { // told as an earlier dose, but it is today's
		return Plan{}, reason.Refuse("DOSE-02", "at", s.LastAt, "amount", s.LastAmount)
	}
	if s.NoRight != nil {
		return Plan{}, s.NoRight // before the order: whose day it is does not depend on it
	}
	if err := inForce(s); err != nil {
		return Plan{}, err
	}
	return Plan{Order: s.Order, Amount: s.Ordered}, nil
}

// inForce refuses without an order in force: DOSE-04, or what the order room
// says about it.
func inForce(s State) error {
	switch {
	case s.Order != "":
		return nil
	case s.NoOrder != nil:
		return s.NoOrder
	}
	return reason.Refuse("DOSE-04")
}

// replacement is the dose a physician allowed in place of a vomited one, once.
// What was true when it was allowed is asked again: the order may have been
// stopped since, and a correction may have found that less was taken (DOSE-21).
func replacement(s State, of id.Dose) (Plan, error) {
	for _, e := range s.Today {
		if e.Replaces == of && e.Counts() {
			return Plan{}, reason.Refuse("DOSE-02", "at", e.PouredAt, "amount", e.Amount)
		}
	}
	for _, e := range s.Today {
		if e.Dose != of || e.Replacement <= 0 {
			continue
		}
		if err := inForce(s); err != nil {
			return Plan{}, err
		}
		if e.Replacement > e.Taken {
			return Plan{}, reason.Refuse("DOSE-21", "taken", e.Taken)
		}
		return Plan{Order: s.Order, Amount: e.Replacement, Replaces: of}, nil
	}
	return Plan{}, reason.Refuse("DOSE-12")
}

// gapAllows asks the rule table about missed days. DOSE-06 is a gap that waits
// for the physician; DOSE-07 a patient of whom no earlier dose is known, whose
// tolerance nobody can tell. An answer is for one gap: after the next dose, or
// when the gap has grown out of it, a new one is needed (DOSE-13 while the
// physician's answer is to see the person first).
func gapAllows(s State, today day.Day, lim Limits) error {
	if a := s.Answer; a != nil && a.After == s.LastTaken && a.Day <= today {
		if a.Action == SeePhysician {
			return reason.Refuse("DOSE-13")
		}
		if answered(s, *a, today, lim) {
			return nil
		}
	}
	missed := s.MissedDays(today)
	if s.LastTaken == day.Never {
		if s.Induction {
			return nil
		}
		return reason.Refuse("DOSE-07")
	}
	if missed == 0 {
		return nil
	}
	row, ok := lim.GapFor(missed)
	if !ok || row.Action != Same {
		return reason.Refuse("DOSE-06", "missed", missed, "last", s.LastTaken)
	}
	return nil
}

// answered says whether the physician's answer still holds today: on its own
// day, and on the next one if the table says the same about the longer gap. A
// reduction or a restart holds for the order that was written with it and no
// other: the old order is the dose that was found too much.
func answered(s State, a GapAnswered, today day.Day, lim Limits) bool {
	if (a.Action == Reduce || a.Action == Restart) && (a.Order == "" || a.Order != s.Order) {
		return false
	}
	switch today - a.Day {
	case 0:
		return true
	case 1:
		then, known := lim.GapFor(s.MissedDays(a.Day))
		now, ok := lim.GapFor(s.MissedDays(today))
		return s.LastTaken == day.Never || known && ok && then == now
	}
	return false
}

// hoursAllow keeps doses apart where the programme set a number of hours: a
// day's end and the next day's start can be close together.
func hoursAllow(s State, now day.Instant, lim Limits) error {
	if lim.MinHours == 0 || s.LastAt == 0 {
		return nil
	}
	if int64(now-s.LastAt) < int64(lim.MinHours)*3_600_000 {
		return reason.Refuse("DOSE-09", "hours", lim.MinHours, "at", s.LastAt)
	}
	return nil
}

// measured turns the amount into a volume of the open bottle.
func measured(s State, plan Plan, today day.Day) (Plan, error) {
	if !s.BottleOpen {
		return Plan{}, reason.Refuse("STOCK-01")
	}
	if s.BottleDated != day.Never && s.BottleDated < today {
		return Plan{}, reason.Refuse("STOCK-03", "expiry", s.BottleDated)
	}
	v, err := s.Strength.Volume(plan.Amount)
	if err != nil || v <= 0 {
		return Plan{}, reason.Refuse("DOSE-10", "amount", plan.Amount)
	}
	if v > s.VolumeLeft {
		return Plan{}, reason.Refuse("STOCK-02", "left", s.VolumeLeft, "needed", v)
	}
	plan.Volume = v
	return plan, nil
}
