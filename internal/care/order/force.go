package order

import (
	"cmp"
	"slices"

	"tram/internal/day"
	"tram/internal/reason"
)

// InForce is the order in force on a day, or why there is none. Two signed
// orders for the same amount are one. Of two whose writers could not know of
// each other the safer one is in force until a physician answers ([Odds]): the
// smaller dose, to the earlier end, and none where one of the two was stopped.
// Any others that disagree put none in force (ORDER-44).
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
	if no := stopsAll(orders, on, d); no != nil {
		return Standing{}, no
	}
	return safest(on), nil
}

// stopsAll is the first reason for which none of the orders that cover a day
// is in force: what cannot be told, then a stop, then an end, then orders that
// disagree though one writer knew the other.
func stopsAll(orders, on []Standing, d day.Day) *reason.Refusal {
	for _, s := range on {
		if s.Amount <= 0 || !slices.Contains(Phases, s.Phase) {
			return reason.Refuse("ORDER-51", "order", string(s.Order))
		}
	}
	for _, s := range on {
		for i := range orders {
			if len(orders[i].Stops) == 0 { // nearly always; asked for every day of a record
				continue
			}
			if from, ok := stoppedUnseen(s, orders[i]); ok && d >= from {
				return reason.Refuse("ORDER-50", "one", s.Amount, "from", from)
			}
		}
	}
	for _, s := range on {
		for i := range orders {
			if orders[i].Last < d && outlives(s, orders[i], d) {
				return reason.Refuse("ORDER-49", "one", s.Amount, "last", orders[i].Last)
			}
		}
	}
	for i, a := range on {
		for _, b := range on[i+1:] {
			if a.Amount != b.Amount && !apart(a, b) {
				return reason.Refuse("ORDER-44", "one", a.Amount, "other", b.Amount)
			}
		}
	}
	return nil
}

// safest is the smallest of the doses, given to the earliest of the ends, with
// the care of an induction where any of the orders is one. Where no order is
// apart from another it is the newest one.
func safest(on []Standing) Standing {
	best := on[0]
	last, induction := end(best), false
	odds := false
	for i, a := range on {
		for _, b := range on[i+1:] {
			odds = odds || atOdds(a, b)
		}
	}
	if !odds {
		return best
	}
	for _, s := range on {
		if s.Amount < best.Amount || s.Amount == best.Amount && end(s) < end(best) {
			best = s
		}
		last, induction = min(last, end(s)), induction || s.Phase == Induction
	}
	best.Last = last
	if induction {
		best.Phase = Induction
	}
	return best
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
