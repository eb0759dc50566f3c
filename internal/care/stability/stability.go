// Package stability says whether a person's treatment is stable, with every
// reason: the dose unchanged for long enough, few missed days, no opioid in the
// urine tests, no dose held back or vomited again and again.
//
// It knows no clock and no storage, and it moves nobody: it says what may be
// proposed, and a person decides. What is not known stays unknown. A reason
// against stability that is known is enough to say "not stable"; "stable" is
// said only when nothing is missing. Rules: docs/rules.md, STAB-01 and on.
package stability

import (
	"tram/internal/day"
	"tram/internal/reason"
)

// Limit is one number of the rulebook with where it comes from. A limit that is
// not Known has no value: the programme is asked for it.
type Limit struct {
	Key    string // in the rulebook
	Value  int    // days
	Known  bool   // false: the programme has no number
	Source string // id of the source in the rulebook
	Status string // verified, unverified, derived, partly, set
}

// Limits are the numbers this room needs, from the rulebook in force.
type Limits struct {
	InductionDays Limit // length of the dose-finding phase
	DoseDays      Limit // the dose has been the same for so many days
	WindowDays    Limit // the days, today among them, in which missed days and problems count
	MissedMax     Limit // most missed days in the window
	UrineDays     Limit // a urine test is at most so many days old
}

// State is what is known of a person's treatment.
type State struct {
	FirstDose   day.Day   // of this course; Never: not known
	SameSince   day.Day   // first day of the amount now ordered; Never: no order, or not known
	WholeFrom   day.Day   // from this day on every day's outcome is known here; Never: none is
	Missed      []day.Day // days without a dose that staff did not hold back
	Intoxicated []day.Day // days on which a dose was held back for signs of intoxication
	Vomited     []day.Day // days on which a dose was vomited
	Tests       []Test    // urine tests, in any order
}

// Kind is one of three answers.
type Kind string

// The answers.
const (
	Stable    Kind = "stable"
	NotStable Kind = "not_stable"
	CannotSay Kind = "cannot_say"
)

// Answer is what is said of a person on a day. Against and Missing are both
// whole, whatever the kind: who brings a test learns of the missed days as well.
type Answer struct {
	Kind    Kind
	Against []reason.Warning // why not stable
	Missing []reason.Warning // what has to be known, or set by the programme
}

// Of answers whether a person is stable on a day.
func Of(s State, today day.Day, lim Limits) Answer {
	var a Answer
	a.induction(s, today, lim)
	a.sameDose(s, today, lim)
	a.window(s, today, lim)
	a.urine(s, today, lim)
	switch {
	case len(a.Against) > 0:
		a.Kind = NotStable
	case len(a.Missing) > 0:
		a.Kind = CannotSay
	default:
		a.Kind = Stable
	}
	return a
}

// against adds a reason; one number of the rulebook may stand behind it.
func (a *Answer) against(l Limit, rule string, nameValue ...any) {
	w := reason.Warn(rule, nameValue...)
	w.Source, w.Status = l.Source, l.Status
	a.Against = append(a.Against, w)
}

func (a *Answer) missing(rule string, nameValue ...any) {
	a.Missing = append(a.Missing, reason.Warn(rule, nameValue...))
}

// set says whether the programme has a number, and asks for it where not.
func (a *Answer) set(l Limit) bool {
	if !l.Known {
		a.missing("STAB-10", "key", l.Key)
	}
	return l.Known
}

func (a *Answer) induction(s State, today day.Day, lim Limits) {
	l := lim.InductionDays
	switch {
	case !a.set(l):
	case s.FirstDose == day.Never:
		a.missing("STAB-11")
	case int(today-s.FirstDose) < l.Value:
		a.against(l, "STAB-01", "day", s.FirstDose+day.Day(l.Value))
	}
}

func (a *Answer) sameDose(s State, today day.Day, lim Limits) {
	l := lim.DoseDays
	switch {
	case !a.set(l):
	case s.SameSince == day.Never:
		a.missing("STAB-12")
	case int(today-s.SameSince) < l.Value:
		a.against(l, "STAB-02", "since", s.SameSince, "days", l.Value)
	}
}

// often is how many vomited doses in the window are "again and again": more
// than one is what the word says.
const often = 2

// window looks at the last days. What was seen counts even where the record
// does not reach back over all of them; that nothing was seen does not.
func (a *Answer) window(s State, today day.Day, lim Limits) {
	l, most := lim.WindowDays, lim.MissedMax
	mostKnown := a.set(most)
	if !a.set(l) {
		return
	}
	if from := today - day.Day(l.Value) + 1; s.WholeFrom == day.Never || s.WholeFrom > from {
		a.missing("STAB-13", "from", from)
	}
	in := func(days []day.Day) int {
		n := 0
		for _, d := range days {
			if d <= today && int(today-d) < l.Value {
				n++
			}
		}
		return n
	}
	if n := in(s.Missed); mostKnown && n > most.Value {
		a.against(most, "STAB-03", "n", n, "days", l.Value, "most", most.Value)
	}
	if n := in(s.Intoxicated); n > 0 {
		a.against(l, "STAB-05", "n", n, "days", l.Value)
	}
	if n := in(s.Vomited); n >= often {
		a.against(l, "STAB-06", "n", n, "days", l.Value)
	}
}
