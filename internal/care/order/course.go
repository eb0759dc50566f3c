package order

import (
	"cmp"
	"slices"

	"tram/internal/day"
	"tram/internal/unit"
)

// end is the last day of an order as ended by a stop or a replacement. It is
// before First when the order never was in force.
func end(s Standing) day.Day {
	if s.StoppedFrom != day.Never && s.StoppedFrom <= s.Last {
		return s.StoppedFrom - 1
	}
	return s.Last
}

func isSigned(s Standing) bool { return s.Signed }

// isPlanned takes waiting orders as if they were signed, but not those from a
// file: nobody here has judged them.
func isPlanned(s Standing) bool { return s.Signed || !s.Imported }

// course is the orders of this course of treatment with a day before first,
// oldest first.
func course(h History, first day.Day, take func(Standing) bool) []Standing {
	var list []Standing
	for _, o := range h.Orders {
		if take(o) && o.First < first && end(o) >= o.First && end(o) >= h.FirstDose {
			list = append(list, o)
		}
	}
	slices.SortStableFunc(list, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.WrittenAt, b.WrittenAt), cmp.Compare(a.Order, b.Order))
	})
	return list
}

// amountBefore is the daily amount before first: of the order in force the day
// before, or of the one that ended last. Of two that disagree it is the
// smaller, so that a rise is never measured too small. Where no order is known
// it is the amount of the last dose.
func amountBefore(h History, first day.Day, take func(Standing) bool) (amount unit.Microgram, known bool) {
	var newest day.Day
	for _, o := range course(h, first, take) {
		e := min(end(o), first-1)
		if !known || e > newest || (e == newest && o.Amount < amount) {
			amount, newest, known = o.Amount, e, true
		}
	}
	if !known && h.LastAmount > 0 && h.LastDose < first {
		return h.LastAmount, true
	}
	return amount, known
}

// rise is a step up from one order to the next.
type rise struct {
	day day.Day
	by  unit.Microgram
}

// rises lists the steps up before first, oldest first.
func rises(h History, first day.Day, take func(Standing) bool) []rise {
	var list []rise
	orders := course(h, first, take)
	for i := 1; i < len(orders); i++ {
		if by := orders[i].Amount - orders[i-1].Amount; by > 0 {
			list = append(list, rise{orders[i].First, by})
		}
	}
	return list
}
