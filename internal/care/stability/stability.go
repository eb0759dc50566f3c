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
	WholeFrom   day.Day   // from this day to yesterday every day's outcome is known here; Never: none is
	Missed      []day.Day // days on which the person stayed away; a day on which the clinic did not give is none
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

// Answer is what is said of a person on a day. Against, Missing and Met are
// all whole, whatever the kind: who brings a test learns of the missed days as
// well.
type Answer struct {
	Kind    Kind
	Against []reason.Warning // why not stable
	Missing []reason.Warning // what has to be known, or set by the programme
	Met     []reason.Warning // what speaks for it, under the ids of the rules that would have spoken against
	Grounds []Ground         // of Against, in its order: what each stands on
}

// Ground is a reason against with the day of the newest thing behind it: the
// change of the dose, the last missed day, the test.
type Ground struct {
	Rule string  `json:"rule"`
	Day  day.Day `json:"day"`
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

// against adds a reason with the day of the newest thing behind it; one number
// of the rulebook may stand behind it too.
func (a *Answer) against(l Limit, newest day.Day, rule string, nameValue ...any) {
	a.Against = append(a.Against, sourced(l, rule, nameValue))
	a.Grounds = append(a.Grounds, Ground{rule, newest})
}

// met says that a rule has nothing against it.
func (a *Answer) met(l Limit, rule string, nameValue ...any) {
	a.Met = append(a.Met, sourced(l, rule, nameValue))
}

func sourced(l Limit, rule string, nameValue []any) reason.Warning {
	w := reason.Warn(rule, nameValue...)
	w.Source, w.Status = l.Source, l.Status
	return w
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
		a.against(l, s.FirstDose, "STAB-01", "day", s.FirstDose+day.Day(l.Value))
	default:
		a.met(l, "STAB-01", "days", l.Value)
	}
}

func (a *Answer) sameDose(s State, today day.Day, lim Limits) {
	l := lim.DoseDays
	switch {
	case !a.set(l):
	case s.SameSince == day.Never:
		a.missing("STAB-12")
	case int(today-s.SameSince) < l.Value:
		a.against(l, s.SameSince, "STAB-02", "since", s.SameSince, "days", l.Value)
	default:
		a.met(l, "STAB-02", "days", l.Value)
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
	from := today - day.Day(l.Value) + 1
	whole := s.WholeFrom != day.Never && s.WholeFrom <= from
	if !whole {
		a.missing("STAB-13", "from", from)
	}
	in := func(days []day.Day) (n int, newest day.Day) {
		for _, d := range days {
			if d <= today && d >= from {
				n++
				newest = max(newest, d)
			}
		}
		return n, newest
	}
	if n, last := in(s.Missed); mostKnown && n > most.Value {
		a.against(most, last, "STAB-03", "n", n, "days", l.Value, "most", most.Value)
	} else if mostKnown && whole {
		a.met(most, "STAB-03", "n", n, "days", l.Value, "most", most.Value)
	}
	if n, last := in(s.Intoxicated); n > 0 {
		a.against(l, last, "STAB-05", "n", n, "days", l.Value)
	} else if whole {
		a.met(l, "STAB-05", "days", l.Value)
	}
	if n, last := in(s.Vomited); n >= often {
		a.against(l, last, "STAB-06", "n", n, "days", l.Value)
	} else if whole {
		a.met(l, "STAB-06", "n", n, "days", l.Value)
	}
}
