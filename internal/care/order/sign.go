package order

import (
	"strings"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// find is the patient's order by its id; ORDER-13 when there is none.
func find(h History, o id.Order) (Standing, error) {
	for _, s := range h.Orders {
		if s.Order == o {
			return s, nil
		}
	}
	return Standing{}, reason.Refuse("ORDER-13")
}

// DecideSign answers a physician who signs a waiting order. The hard limits
// are asked again, as they stand now: between writing and signing the rulebook
// or the person's treatment may have changed.
func DecideSign(h History, o id.Order, by id.Person, today day.Day, lim Limits) (Signed, error) {
	s, err := find(h, o)
	switch {
	case err != nil:
		return Signed{}, err
	case by == "":
		return Signed{}, reason.Refuse("ORDER-17")
	case s.Signed:
		return Signed{}, reason.Refuse("ORDER-14", "at", s.SignedAt)
	case s.StoppedFrom != day.Never && end(s) < max(s.First, today):
		return Signed{}, reason.Refuse("ORDER-15", "from", s.StoppedFrom)
	case s.Last < today:
		return Signed{}, reason.Refuse("ORDER-16", "last", s.Last)
	}
	if err := underHardLimits(h, asWrite(s), lim); err != nil {
		return Signed{}, err
	}
	return Signed{Order: s.Order, Patient: s.Patient}, nil
}

// SignWarnings lists what a physician should see before signing: every warning
// the order would raise today that nobody answered for when it was written. An
// order from a file comes with all of them.
func SignWarnings(h History, o id.Order, lim Limits) ([]reason.Warning, error) {
	s, err := find(h, o)
	if err != nil {
		return nil, err
	}
	others := h
	others.Orders = nil
	for _, x := range h.Orders {
		if x.Order != o {
			others.Orders = append(others.Orders, x)
		}
	}
	_, open := covered(warnings(others, asWrite(s), lim), s.Overrides)
	return open, nil
}

func asWrite(s Standing) Write {
	return Write{
		Patient: s.Patient, Phase: s.Phase, Amount: s.Amount, First: s.First, Last: s.Last,
		Reason: s.Reason, Overrides: s.Overrides, Imported: s.Imported,
	}
}

// DecideStop answers Stop: an order, signed or waiting, ends early, from today
// on or later, with a reason.
func DecideStop(h History, c Stop, today day.Day) (Stopped, error) {
	s, err := find(h, c.Order)
	switch {
	case err != nil:
		return Stopped{}, err
	case end(s) < max(s.First, today):
		return Stopped{}, reason.Refuse("ORDER-18", "last", end(s))
	case c.From < today || c.From > end(s):
		return Stopped{}, reason.Refuse("ORDER-19", "from", c.From, "today", today, "last", end(s))
	case strings.TrimSpace(c.Reason) == "":
		return Stopped{}, reason.Refuse("ORDER-20")
	case len(c.Reason) > textMax:
		return Stopped{}, reason.Refuse("ORDER-11", "max", textMax)
	}
	return Stopped{Order: s.Order, Patient: s.Patient, From: c.From, Reason: c.Reason, Knew: inSight(h, s.Order, today)}, nil
}

// inSight names the patient's orders but one, as far as they have not ended.
func inSight(h History, but id.Order, today day.Day) []id.Order {
	var list []id.Order
	for _, o := range h.Orders {
		if o.Order != but && end(o) >= max(o.First, today) {
			list = append(list, o.Order)
		}
	}
	return list
}
