package dose

import (
	"strings"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// textMax is the most text one fact carries, in runes: a journal entry holds
// 16 KiB, a rune takes up to four bytes, and a note is never cut.
const textMax = 3000

// Second is the other person of an act that needs two. Alone is true where the
// site has one person only: the act is then marked single, and reported.
type Second struct {
	Person id.Person // "" if nobody was asked
	Alone  bool
}

// second checks the two-person rule: DOSE-15 when nobody witnessed, DOSE-16
// when the witness is the person acting.
func second(by id.Person, w Second) error {
	switch {
	case w.Person == by && by != "":
		return reason.Refuse("DOSE-16")
	case w.Person == "" && !w.Alone:
		return reason.Refuse("DOSE-15")
	}
	return nil
}

// DecideSwallowed answers whether the person at the counter may say that the
// dose was swallowed: the same person, on the same day, who poured it. Anyone
// else answers the question with a witness (DecideAnswer).
func DecideSwallowed(e Entry, by id.Person, today day.Day) (Swallowed, error) {
	if err := stillPoured(e); err != nil {
		return Swallowed{}, err
	}
	if e.Day != today || e.PouredBy != by {
		return Swallowed{}, reason.Refuse("DOSE-11")
	}
	return Swallowed{Dose: e.Dose, Patient: e.Patient}, nil
}

// stillPoured refuses to answer twice: DOSE-14.
func stillPoured(e Entry) error {
	if e.Outcome != PouredOnly {
		return reason.Refuse("DOSE-14", "at", e.EndedAt)
	}
	return nil
}

// TakePart asks to record that only a part was swallowed.
type TakePart struct {
	Dose    id.Dose
	Rest    unit.Microlitre // left in the cup, or spilled from it, as measured or judged
	Why     string
	Witness Second
}

// DecidePart answers TakePart. The amount swallowed follows from the rest and
// the strength; it is never typed. DOSE-17: the rest is not less than the cup.
func DecidePart(e Entry, c TakePart, by id.Person, today day.Day) (PartTaken, error) {
	if err := stillPoured(e); err != nil {
		return PartTaken{}, err
	}
	if e.Day != today || e.PouredBy != by {
		return PartTaken{}, reason.Refuse("DOSE-11")
	}
	if c.Rest <= 0 || c.Rest >= e.Volume {
		return PartTaken{}, reason.Refuse("DOSE-17", "poured", e.Volume)
	}
	if err := note(c.Why, true); err != nil {
		return PartTaken{}, err
	}
	if err := second(by, c.Witness); err != nil {
		return PartTaken{}, err
	}
	// Volume and amount are in proportion exactly, because the pouring was.
	taken := unit.Microgram(int64(e.Amount) * int64(e.Volume-c.Rest) / int64(e.Volume))
	return PartTaken{Dose: e.Dose, Patient: e.Patient, Taken: taken, Rest: c.Rest, Why: c.Why, Witness: c.Witness.Person}, nil
}

// NotGive asks to record that the cup was not handed over.
type NotGive struct {
	Dose    id.Dose
	Why     NotWhy
	Note    string
	Wasted  bool
	Witness Second
}

// DecideNotGiven answers NotGive. When two people saw that the cup was not
// handed over, the day's dose may be poured again; where one person works
// alone it may not, because then one mistaken word would make a second dose
// (docs/decisions, "a cup not given").
func DecideNotGiven(e Entry, c NotGive, by id.Person, today day.Day) (NotGiven, error) {
	if err := stillPoured(e); err != nil {
		return NotGiven{}, err
	}
	if e.Day != today {
		return NotGiven{}, reason.Refuse("DOSE-11")
	}
	if !contains(NotWhys, c.Why) {
		return NotGiven{}, reason.Refuse("DOSE-18")
	}
	if c.Why == Spilt {
		c.Wasted = true
	}
	if err := note(c.Note, false); err != nil {
		return NotGiven{}, err
	}
	if err := second(by, c.Witness); err != nil {
		return NotGiven{}, err
	}
	return NotGiven{
		Dose: e.Dose, Patient: e.Patient, Why: c.Why, Note: c.Note, Wasted: c.Wasted,
		Witness: c.Witness.Person, Again: c.Witness.Person != "",
	}, nil
}

// Answer asks to record what was found out about a dose nobody answered for.
type Answer struct {
	Dose    id.Dose
	Outcome Outcome
	Note    string
	Witness Second
}

// DecideAnswer answers Answer: taken, not taken, or unknown, with a note of
// how it was found out and a second person. It never frees the day.
func DecideAnswer(e Entry, c Answer, by id.Person) (Answered, error) {
	if err := stillPoured(e); err != nil {
		return Answered{}, err
	}
	if c.Outcome != Taken && c.Outcome != NotTaken && c.Outcome != Unknown {
		return Answered{}, reason.Refuse("DOSE-18")
	}
	if err := note(c.Note, true); err != nil {
		return Answered{}, err
	}
	if err := second(by, c.Witness); err != nil {
		return Answered{}, err
	}
	return Answered{Dose: e.Dose, Patient: e.Patient, Outcome: c.Outcome, Note: c.Note, Witness: c.Witness.Person}, nil
}

// Vomit asks to record that the patient vomited.
type Vomit struct {
	Dose    id.Dose
	Minutes int
	Seen    bool
	Note    string
}

// DecideVomited answers Vomit. DOSE-19: the dose was not swallowed, or vomiting
// is recorded already. DOSE-20: minutes that cannot be.
func DecideVomited(e Entry, c Vomit, now day.Instant) (Vomited, error) {
	if (e.Outcome != Taken && e.Outcome != PartOnly) || e.VomitedMin >= 0 {
		return Vomited{}, reason.Refuse("DOSE-19")
	}
	// The answer may have come long after the swallowing; the pouring did not.
	from := e.EndedAt
	if e.PouredAt != 0 {
		from = e.PouredAt
	}
	since := max(0, int((now-from)/60_000))
	if c.Minutes < 0 || c.Minutes > since+1 {
		return Vomited{}, reason.Refuse("DOSE-20", "since", since)
	}
	if err := note(c.Note, false); err != nil {
		return Vomited{}, err
	}
	return Vomited{Dose: e.Dose, Patient: e.Patient, Minutes: c.Minutes, Seen: c.Seen, Note: c.Note}, nil
}

// DecideReplacement answers a physician who allows the replacement of a
// vomited dose: once, on the same day, never above the dose it replaces, and a
// whole dose only where the table says so or the reason says why (DOSE-21).
func DecideReplacement(e Entry, amount unit.Microgram, why string, today day.Day) (ReplacementAllowed, error) {
	if e.VomitedMin < 0 || e.Day != today || e.Replacement > 0 || e.Replaces != "" {
		return ReplacementAllowed{}, reason.Refuse("DOSE-12")
	}
	if amount <= 0 || amount > e.Taken {
		return ReplacementAllowed{}, reason.Refuse("DOSE-21", "taken", e.Taken)
	}
	if err := note(why, true); err != nil {
		return ReplacementAllowed{}, err
	}
	return ReplacementAllowed{Dose: e.Dose, Patient: e.Patient, Amount: amount, Reason: why}, nil
}

// Hold asks to hold back today's dose.
type Hold struct {
	Patient id.Patient
	Why     HoldWhy
	Signs   string
	Called  string
	Plan    string
	LookAt  day.Instant
}

// DecideHold answers Hold. DOSE-22: a dose of today is already poured or
// taken; DOSE-23: held already.
func DecideHold(s State, c Hold, today day.Day) (Held, error) {
	if !s.DayOpen {
		return Held{}, reason.Refuse("DAY-01")
	}
	for _, e := range s.Today {
		if e.Replaces == "" && e.Counts() {
			return Held{}, reason.Refuse("DOSE-22", "at", e.PouredAt)
		}
	}
	if s.HeldSince != 0 {
		return Held{}, reason.Refuse("DOSE-23", "at", s.HeldSince)
	}
	if !contains(HoldWhys, c.Why) {
		return Held{}, reason.Refuse("DOSE-18")
	}
	if err := note(c.Signs+c.Called+c.Plan, false); err != nil {
		return Held{}, err
	}
	return Held{Patient: c.Patient, Day: today, Why: c.Why, Signs: c.Signs, Called: c.Called, Plan: c.Plan, LookAt: c.LookAt}, nil
}

// DecideRelease lifts a hold of today after the person was seen again; a note
// of what was seen is required. DOSE-24: nothing is held.
func DecideRelease(s State, p id.Patient, what string, today day.Day) (Released, error) {
	if s.HeldSince == 0 {
		return Released{}, reason.Refuse("DOSE-24")
	}
	if err := note(what, true); err != nil {
		return Released{}, err
	}
	return Released{Patient: p, Day: today, Note: what}, nil
}

// Correct asks to put right a mistaken entry.
type Correct struct {
	Dose    id.Dose
	Outcome Outcome
	Taken   unit.Microgram // for PartOnly; the amount swallowed
	Reason  string
	Witness Second
	OfDay   []Entry // all the patient's doses of the corrected dose's day, itself included
}

// DecideCorrect answers Correct. A dose nobody has answered for is answered,
// not corrected (DOSE-25); a correction that changes nothing is refused
// (DOSE-26). A cup that was not given and freed its day is not corrected back
// into a day that another dose has taken since (DOSE-32): two doses of one day
// are no slip of the pen, and people act before they write.
func DecideCorrect(e Entry, c Correct, by id.Person) (Corrected, error) {
	if e.Outcome == PouredOnly {
		return Corrected{}, reason.Refuse("DOSE-25")
	}
	var taken unit.Microgram
	switch c.Outcome {
	case Taken:
		taken = e.Amount
	case NotTaken:
	case PartOnly:
		if c.Taken <= 0 || c.Taken >= e.Amount {
			return Corrected{}, reason.Refuse("DOSE-17", "poured", e.Volume)
		}
		taken = c.Taken
	default:
		return Corrected{}, reason.Refuse("DOSE-18")
	}
	if c.Outcome == e.Outcome && taken == e.Taken {
		return Corrected{}, reason.Refuse("DOSE-26")
	}
	if !e.Counts() && taken > 0 {
		if err := dayFree(e, c.OfDay); err != nil {
			return Corrected{}, err
		}
	}
	if err := note(c.Reason, true); err != nil {
		return Corrected{}, err
	}
	if err := second(by, c.Witness); err != nil {
		return Corrected{}, err
	}
	return Corrected{Dose: e.Dose, Patient: e.Patient, Outcome: c.Outcome, Taken: taken, Reason: c.Reason, Witness: c.Witness.Person}, nil
}

// dayFree refuses (DOSE-32) when another dose occupies the place of e in its
// day: as the dose of the day, or as the replacement of the same dose. It also
// refuses when the doses of the day were not brought, because then nobody
// knows.
func dayFree(e Entry, ofDay []Entry) error {
	itself := false
	for _, o := range ofDay {
		if o.Dose == e.Dose {
			itself = true
		} else if o.Day == e.Day && o.Replaces == e.Replaces && o.Counts() {
			return reason.Refuse("DOSE-32", "at", o.PouredAt, "amount", o.Amount)
		}
	}
	if !itself {
		return reason.Refuse("DOSE-32", "at", e.PouredAt, "amount", e.Amount)
	}
	return nil
}

// DecideGapAnswer answers the physician's answer to a gap. DOSE-27: there is no
// gap to answer. DOSE-28: an answer that gives more than the table proposes
// needs a reason.
func DecideGapAnswer(s State, p id.Patient, act GapAction, why string, today day.Day, lim Limits) (GapAnswered, error) {
	missed := s.MissedDays(today)
	row, ok := lim.GapFor(missed)
	unknown := s.LastTaken == day.Never && !s.Induction
	if missed == 0 && !unknown {
		return GapAnswered{}, reason.Refuse("DOSE-27")
	}
	switch act {
	case Same, SeePhysician, Reduce, Restart:
	default:
		return GapAnswered{}, reason.Refuse("DOSE-18")
	}
	against := act == Same && (!ok || row.Action != Same) ||
		act == Reduce && ok && (row.Action == Restart || row.Action == NewFile)
	if err := note(why, false); err != nil {
		return GapAnswered{}, err
	}
	if against && strings.TrimSpace(why) == "" {
		return GapAnswered{}, reason.Refuse("DOSE-28", "missed", missed)
	}
	rule := ""
	if ok {
		rule = string(row.Action) + " " + row.Source
	}
	return GapAnswered{Patient: p, After: s.LastTaken, Action: act, Reason: why, Rule: rule, Day: today}, nil
}

// Proposed is the amount the table's row makes of an order: the same, a
// percentage not above the cap, or the restart dose. Half micrograms round
// down; the door rounds further to what the strength can measure.
func (r GapRow) Proposed(ordered, restartMax unit.Microgram) unit.Microgram {
	amount := ordered
	switch r.Action {
	case Reduce:
		amount = unit.Microgram(int64(ordered) * int64(r.Percent) / 100)
	case Restart, NewFile:
		amount = min(ordered, restartMax)
	case Same, SeePhysician:
	}
	if r.CapUg > 0 && (r.Action == Reduce || r.Action == Restart) {
		amount = min(amount, r.CapUg)
	}
	return amount
}

// note checks a free text: DOSE-29 when one is needed and none was typed,
// DOSE-30 when it is too long for the journal.
func note(s string, needed bool) error {
	if needed && strings.TrimSpace(s) == "" {
		return reason.Refuse("DOSE-29")
	}
	if utf8.RuneCountInString(s) > textMax {
		return reason.Refuse("DOSE-30", "max", textMax)
	}
	return nil
}

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
