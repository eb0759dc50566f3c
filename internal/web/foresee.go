package web

import (
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// foreseen is what the care rooms are told about a day that has not come: as if
// the window stood open with a full bottle, and nobody had come yet. Only the
// sheet for a day without the PC is made from it; nothing is ever poured by it.
type foreseen struct {
	day      day.Day
	morning  day.Instant
	strength unit.Strength
	limits   dose.Limits
	orders   map[id.Patient][]order.Standing
	answers  map[id.Patient]clinicdb.GapAnswer
	absent   map[id.Patient]int
}

// plenty is more than any bottle holds: whether the liquid suffices is looked
// at on the day.
const plenty = 1000 * 1000 * unit.Millilitre

func (a *ask) foresee(v *clinicdb.View, d day.Day) (foreseen, error) {
	f := foreseen{day: d, morning: a.c.Zone().At(d, 6, 30), limits: a.c.Book().Dose(), answers: map[id.Patient]clinicdb.GapAnswer{}}
	var err error
	if f.orders, err = v.OrdersAround(d - 30); err != nil {
		return f, err
	}
	if f.absent, err = v.AbsentSince(d - 30); err != nil {
		return f, err
	}
	answers, err := v.GapAnswers("", d-1)
	if err != nil {
		return f, err
	}
	for i := len(answers) - 1; i >= 0; i-- { // newest first: the newest stays
		f.answers[answers[i].Patient] = answers[i]
	}
	open, err := v.OpenBottles()
	if err != nil {
		return f, err
	}
	strengths, err := v.Strengths()
	if err != nil {
		return f, err
	}
	switch {
	case len(open) > 0:
		f.strength = open[0].Strength
	case len(strengths) == 1:
		f.strength = strengths[0]
	}
	return f, nil
}

func (f foreseen) state(p clinicdb.Patient) dose.State {
	s := dose.State{
		DayOpen: true, LastTaken: p.LastDay, LastAmount: p.LastAmount, LastAt: p.LastAt, Strength: f.strength, BottleOpen: f.strength > 0, VolumeLeft: plenty,
	}
	in, no := order.InForce(f.orders[p.Patient], f.day)
	if no != nil {
		s.NoOrder = no
	} else {
		s.Order, s.Ordered, s.Induction = in.Order, in.Amount, in.Phase == order.Induction
	}
	if x, ok := f.answers[p.Patient]; ok {
		s.Answer = &x.GapAnswered
	}
	return s
}

func (f foreseen) signs(p clinicdb.Patient) dose.Signs {
	g := dose.Signs{
		CourseStart: p.FirstDose, MissedMonth: f.absent[p.Patient], VomitedLast: p.LastVomit,
		LastPart: p.LastHow == dose.PartOnly || p.LastHow == dose.Unknown,
	}
	in, no := order.InForce(f.orders[p.Patient], f.day)
	if no != nil {
		return g
	}
	g.OrderFirst, g.OrderLast = in.First, in.Last
	for _, o := range f.orders[p.Patient] {
		if o.Signed && o.Order != in.Order && o.First < in.First {
			g.Before = o.Amount
		}
	}
	return g
}
