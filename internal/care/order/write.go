package order

import (
	"slices"
	"strings"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// DecideWrite answers Write: the order to journal (its id is left to the door),
// or the warnings that no override covers yet, or the first rule that refuses.
// While a warning is uncovered nothing is written. The order of the checks is
// part of the contract (testdata/write.txt): first what cannot be, then the
// hard limits, then what a physician may answer for.
func DecideWrite(h History, c Write, today day.Day, lim Limits) (Written, []reason.Warning, error) {
	if err := possible(c, today); err != nil {
		return Written{}, nil, err
	}
	if err := underHardLimits(h, c, lim); err != nil {
		return Written{}, nil, err
	}
	if err := measurable(h, c); err != nil {
		return Written{}, nil, err
	}
	if err := notTooLong(c, lim); err != nil {
		return Written{}, nil, err
	}
	if err := explained(h, c); err != nil {
		return Written{}, nil, err
	}
	var used []Override
	if !c.Imported {
		var open []reason.Warning
		if used, open = covered(warnings(h, c, lim), c.Overrides); len(open) > 0 {
			return Written{}, open, nil
		}
	}
	return Written{
		Patient: c.Patient, Phase: c.Phase, Amount: c.Amount, First: c.First, Last: c.Last, Reason: c.Reason,
		Replaces: replaced(h, c), Overrides: used, Imported: c.Imported, Rules: lim.Version, KnewEnded: knownEnded(h, c),
	}, nil, nil
}

// possible refuses what can be no order at all, whoever asks for it.
func possible(c Write, today day.Day) error {
	switch {
	case !slices.Contains(Phases, c.Phase):
		return reason.Refuse("ORDER-01")
	case c.Amount <= 0 || c.Amount > amountMax:
		return reason.Refuse("ORDER-02", "amount", c.Amount)
	case c.First == day.Never || c.Last == day.Never || c.Last < c.First || length(c) > lengthMax:
		return reason.Refuse("ORDER-03", "first", c.First, "last", c.Last)
	case c.First < today && !c.Imported:
		return reason.Refuse("ORDER-04", "first", c.First, "today", today)
	case c.Last < today: // a file's order may have begun, but not ended
		return reason.Refuse("ORDER-16", "last", c.Last)
	case c.First > today+aheadMax:
		return reason.Refuse("ORDER-05", "first", c.First, "max", aheadMax)
	}
	return nil
}

// underHardLimits holds the limits no reason goes past. It is asked again at
// the signature.
func underHardLimits(h History, c Write, lim Limits) error {
	if lim.DailyMaxUg.Known && int64(c.Amount) > lim.DailyMaxUg.Value {
		return reason.Refuse("ORDER-06", "amount", c.Amount, "max", unit.Microgram(lim.DailyMaxUg.Value))
	}
	if starts(h, c) && !c.Imported && lim.FirstDoseHighMaxUg.Known && int64(c.Amount) > lim.FirstDoseHighMaxUg.Value {
		return reason.Refuse("ORDER-07", "amount", c.Amount, "max", unit.Microgram(lim.FirstDoseHighMaxUg.Value))
	}
	return nil
}

// starts says whether the order begins a course of treatment: in induction,
// with no dose known, or after a gap that asks for a new start.
func starts(h History, c Write) bool {
	return c.Phase == Induction && (h.FirstDose == day.Never || h.RestartMaxUg > 0)
}

// measurable refuses an amount that needs a fraction of a microlitre in any of
// the site's bottles. A site without bottles is not asked: the window refuses
// there what it cannot measure.
func measurable(h History, c Write) error {
	for _, s := range h.Strengths {
		if _, err := s.Volume(c.Amount); err != nil {
			return reason.Refuse("ORDER-08", "amount", c.Amount)
		}
	}
	return nil
}

// notTooLong refuses a prescription longer than its phase allows, by a number
// that was read or that the programme set. By any other number it is a warning
// (ORDER-33): what nobody confirmed does not stop a person's treatment.
func notTooLong(c Write, lim Limits) error {
	l := lim.LengthDays[c.Phase]
	if l.Known && sure(l) && length(c) > l.Value {
		return reason.Refuse("ORDER-09", "days", int(length(c)), "max", int(l.Value), "phase", string(c.Phase))
	}
	return nil
}

func length(c Write) int64 { return int64(c.Last) - int64(c.First) + 1 }

// sure says whether a limit was read in its source or set by the programme.
func sure(l Limit) bool { return l.Status == "verified" || l.Status == "set" }

// explained checks the texts: a reason where the amount changes, a reason on
// every override, and none too long for the journal.
func explained(h History, c Write) error {
	prev, known := amountBefore(h, c.First, isSigned)
	if known && prev != c.Amount && !c.Imported && strings.TrimSpace(c.Reason) == "" {
		return reason.Refuse("ORDER-10", "before", prev, "now", c.Amount)
	}
	size := len(c.Reason)
	for _, o := range c.Overrides {
		if strings.TrimSpace(o.Reason) == "" {
			return reason.Refuse("ORDER-12", "rule", o.Rule)
		}
		size += len(o.Rule) + len(o.Reason)
	}
	if size > textMax {
		return reason.Refuse("ORDER-11", "max", textMax)
	}
	return nil
}

// covered splits warnings into the overrides that answer them, one for a rule,
// and the warnings still open.
func covered(all []reason.Warning, given []Override) ([]Override, []reason.Warning) {
	var used []Override
	var open []reason.Warning
	for _, w := range all {
		i := slices.IndexFunc(given, func(o Override) bool { return o.Rule == w.Rule })
		switch {
		case i < 0:
			open = append(open, w)
		case !slices.Contains(used, given[i]):
			used = append(used, given[i])
		}
	}
	return used, open
}

// replaced names the orders that end the day before this one begins, once it
// is signed: every order, signed or waiting, with a day in common.
func replaced(h History, c Write) []id.Order {
	var list []id.Order
	for _, o := range h.Orders {
		if o.First <= c.Last && end(o) >= c.First && end(o) >= o.First {
			list = append(list, o.Order)
		}
	}
	return list
}

// knownEnded names the orders whose days reach into this one's and that are
// known to be stopped or replaced, whether before it begins or later.
func knownEnded(h History, c Write) []id.Order {
	var list []id.Order
	for _, o := range h.Orders {
		if o.First <= c.Last && o.Last >= c.First && o.StoppedFrom != day.Never {
			list = append(list, o.Order)
		}
	}
	return list
}
