package order

import (
	"cmp"
	"slices"
	"strings"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Two sites that cannot talk may both write an order for one person. Whether
// they could know of each other is told by the orders themselves, never by a
// clock: whoever writes an order names every other one that it replaces or
// knows to be ended, and whoever stops one names those still standing. What is
// named was known; what is not named, and was written at another site, was not.

// apart says whether two orders were written at different sites without
// knowledge of each other.
func apart(a, b Standing) bool { return a.Site != b.Site && !names(a, b) && !names(b, a) }

func names(a, b Standing) bool {
	return slices.Contains(a.Replaces, b.Order) || slices.Contains(a.KnewEnded, b.Order)
}

// atOdds says whether two signed orders were written apart, share a day and
// say different things about it, or end on different days.
func atOdds(a, b Standing) bool {
	return a.Signed && b.Signed && apart(a, b) && a.First <= end(b) && b.First <= end(a) && (a.Amount != b.Amount || end(a) != end(b)) &&
		!chosen(a, b) && !chosen(b, a)
}

// chosen says whether a physician chose a over x.
func chosen(a, x Standing) bool {
	return slices.ContainsFunc(x.Stops, func(s Ending) bool { return s.For == a.Order })
}

// stoppedUnseen says from which day an order must not be dosed because another
// one was stopped by someone who did not know it, while its own writer did not
// know of the stop: the other is the one it replaces, or one written apart from
// it. A stop beats a dose.
func stoppedUnseen(s, x Standing) (from day.Day, ok bool) {
	if !x.Signed || x.Order == s.Order || slices.Contains(s.KnewEnded, x.Order) || chosen(s, x) {
		return 0, false
	}
	if !slices.Contains(s.Replaces, x.Order) && (!apart(s, x) || x.First > s.Last || s.First > x.Last) {
		return 0, false
	}
	for _, e := range x.Stops {
		if e.Site != s.Site && !slices.Contains(e.Knew, s.Order) && (!ok || e.From < from) {
			from, ok = e.From, true
		}
	}
	return from, ok
}

// outlives says whether an order goes on past the end of another one that was
// written apart from it and that nobody answered: the earlier end counts.
func outlives(s, x Standing, d day.Day) bool {
	ran := x.StoppedFrom == day.Never || x.StoppedFrom > x.Last
	return x.Signed && ran && x.Last < d && apart(s, x) && s.First <= x.Last && x.First <= end(s) && !chosen(s, x)
}

// Odds are a patient's orders that were written or stopped at different sites
// without knowledge of each other. They stand until a physician answers.
type Odds struct {
	Orders []Standing     // all that are concerned, by first day
	Stands Standing       // what is in force meanwhile; zero when nothing is
	Rule   reason.Warning // ORDER-48 while the safer one is in force, else why none is, which stops
}

// At is what is at odds on a day or will be later, as far as orders known now
// say; ok is false where nothing is.
func At(orders []Standing, d day.Day) (o Odds, ok bool) {
	in := map[id.Order]Standing{}
	for _, a := range orders {
		if !a.Signed || end(a) < max(a.First, d) {
			continue
		}
		for _, x := range orders {
			_, stopped := stoppedUnseen(a, x)
			if x.Order != a.Order && (atOdds(a, x) || stopped || outlives(a, x, d)) {
				in[a.Order], in[x.Order] = a, x
			}
		}
	}
	if len(in) == 0 {
		return o, false
	}
	for _, s := range in {
		o.Orders = append(o.Orders, s)
	}
	slices.SortFunc(o.Orders, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Amount, b.Amount), cmp.Compare(a.Order, b.Order))
	})
	var no *reason.Refusal
	if o.Stands, no = InForce(orders, d); no == nil {
		low, high := lowHigh(o.Orders)
		no = reason.Refuse("ORDER-48", "one", low.Amount, "one_last", end(low), "other", high.Amount, "other_last", end(high), "amount", o.Stands.Amount, "last", end(o.Stands))
	}
	o.Rule = reason.Warning{Rule: no.Rule, Args: no.Args, Stop: o.Stands.Order == ""}
	return o, true
}

// lowHigh are the smallest and the largest dose, of equal ones to the earliest
// and the latest end.
func lowHigh(orders []Standing) (low, high Standing) {
	by := func(a, b Standing) int { return cmp.Or(cmp.Compare(a.Amount, b.Amount), cmp.Compare(end(a), end(b))) }
	return slices.MinFunc(orders, by), slices.MaxFunc(orders, by)
}

// Choose asks to answer orders at odds: one of them counts from now on.
type Choose struct {
	Order  id.Order
	Reason string
}

// rivals are the other orders that stand in the way of one: those that share a
// day with it and have not ended, and those whose end does. open says whether
// any of them is at odds with it; one that agrees ends with the others, because
// it may be at odds with them.
func rivals(h History, s Standing, today day.Day) (list []Standing, open bool) {
	for _, x := range h.Orders {
		if x.Order == s.Order || !x.Signed {
			continue
		}
		_, stopped := stoppedUnseen(s, x)
		shares := end(x) >= max(x.First, today) && x.First <= end(s) && s.First <= end(x)
		disagrees := shares && x.Amount != s.Amount
		ended := stopped || outlives(s, x, today)
		open = open || atOdds(s, x) || disagrees || ended
		if shares || ended {
			list = append(list, x)
		}
	}
	return list, open
}

// DecideChoose answers Choose: the others end when it begins, with the order that was
// chosen named in each end, so that it is not asked again anywhere.
func DecideChoose(h History, c Choose, by id.Person, today day.Day, lim Limits) ([]Stopped, error) {
	s, err := find(h, c.Order)
	if err != nil {
		return nil, err
	}
	others, open := rivals(h, s, today)
	switch {
	case by == "":
		return nil, reason.Refuse("ORDER-17")
	case !s.Signed || end(s) < max(s.First, today):
		return nil, reason.Refuse("ORDER-18", "last", end(s))
	case !open:
		return nil, reason.Refuse("ORDER-52")
	case strings.TrimSpace(c.Reason) == "":
		return nil, reason.Refuse("ORDER-20")
	case len(c.Reason) > textMax:
		return nil, reason.Refuse("ORDER-11", "max", textMax)
	}
	if err := underHardLimits(h, asWrite(s), lim); err != nil {
		return nil, err
	}
	var out []Stopped
	for _, x := range others {
		out = append(out, Stopped{
			Order: x.Order, Patient: x.Patient, From: max(today, s.First, x.First), Reason: c.Reason, Knew: inSight(h, x.Order, today), For: s.Order,
		})
	}
	return out, nil
}
