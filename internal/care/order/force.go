package order

import (
	"cmp"
	"slices"

	"tram/internal/day"
	"tram/internal/reason"
)

// InForce is the order in force on a day, or why there is none. Two signed
// orders for the same amount are one; two that disagree put none in force
// (ORDER-44) until a physician stops one or signs a new order.
func InForce(orders []Standing, d day.Day) (Standing, *reason.Refusal) {
	var on []Standing
	for _, s := range orders {
		if s.Signed && s.Covers(d) {
			on = append(on, s)
		}
	}
	if len(on) == 0 {
		return Standing{}, whyNone(orders, d)
	}
	slices.SortFunc(on, func(a, b Standing) int { // newest first
		return cmp.Or(cmp.Compare(b.First, a.First), cmp.Compare(b.SignedAt, a.SignedAt), cmp.Compare(b.Order, a.Order))
	})
	for _, s := range on[1:] {
		if s.Amount != on[0].Amount {
			return Standing{}, reason.Refuse("ORDER-44", "one", on[0].Amount, "other", s.Amount)
		}
	}
	return on[0], nil
}

// whyNone says why no order is in force, the way out that is nearest first: a
// signature, then what ended, then what has not begun.
func whyNone(orders []Standing, d day.Day) *reason.Refusal {
	var stopped, ended, ahead Standing
	for _, s := range orders {
		switch {
		case !s.Signed && s.Covers(d):
			return reason.Refuse("ORDER-41", "first", s.First, "amount", s.Amount)
		case !s.Signed:
		case s.First <= d && d <= s.Last: // signed and not covering d: it was stopped
			if s.StoppedFrom > stopped.StoppedFrom {
				stopped = s
			}
		case end(s) < s.First: // never was in force
		case end(s) < d && (ended.Order == "" || end(s) > end(ended)):
			ended = s
		case s.First > d && (ahead.First == day.Never || s.First < ahead.First):
			ahead = s
		}
	}
	switch {
	case stopped.Order != "":
		return reason.Refuse("ORDER-43", "from", stopped.StoppedFrom)
	case ended.Order != "" && ahead.Order == "":
		return reason.Refuse("ORDER-42", "last", end(ended))
	case ahead.Order != "":
		return reason.Refuse("ORDER-45", "first", ahead.First)
	}
	return reason.Refuse("ORDER-40")
}
