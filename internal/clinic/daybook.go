package clinic

import (
	"context"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stock"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// OpenDay opens the clinic day on the date two people confirmed. At a site of
// several, say is what they say besides, and the opening of the installation is
// recorded with it.
func (c *Clinic) OpenDay(ctx context.Context, by access.Actor, form id.Form, cmd daybook.Open, w Witness, say ...Say) (daybook.Opened, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return daybook.Opened{}, err
	}
	f, err := do[daybook.Opened](ctx, c, &act{by: by, form: form, same: as(func(f daybook.Opened) bool { return f.Day == cmd.Day }), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.OpenDay, access.NoPatient); err != nil {
			return nil, err
		}
		s, err := dayState(&t.tx.View)
		if err != nil {
			return nil, err
		}
		cmd.Second = daybook.Second(t.second(w))
		f, err := daybook.DecideOpen(s, cmd, by.Person, t.today)
		if err != nil {
			return nil, err
		}
		opening, err := t.opening(f.Day, said(say))
		return append([]any{f}, opening...), err
	}})
	if err == nil {
		c.word.given(f.Day)
	}
	return f, err
}

func said(say []Say) Say {
	if len(say) == 0 {
		return Say{}
	}
	return say[0]
}

// Count is what was measured in one bottle at the closing.
type Count struct {
	Bottle   id.Bottle
	Measured unit.Microlitre
	Why      string // explanation of a difference
}

// CloseDay closes the open day: everyone without a dose is marked, every open
// bottle is counted, and the day ends, in one transaction. d is the day shown
// on the form; a day left open before today is closed the same way.
func (c *Clinic) CloseDay(ctx context.Context, by access.Actor, form id.Form, d day.Day, counts []Count, w Witness) (daybook.Closed, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return daybook.Closed{}, err
	}
	all, err := c.run(ctx, &act{by: by, form: form, same: sameClosing(d, counts), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.OpenDay, access.NoPatient); err != nil {
			return nil, err
		}
		closing, err := closingOf(&t.tx.View, d)
		if err != nil {
			return nil, err
		}
		second := t.second(w)
		counted, err := t.countAll(closing.Bottles, counts, d, second)
		if err != nil {
			return nil, err
		}
		closed, err := daybook.DecideClose(closing.state, daybook.Close{
			Day: d, Questions: len(closing.Questions), Uncounted: len(closing.Bottles) - len(counted), Expected: closing.Expected,
			Dosed: closing.Dosed, Missed: len(closing.Missing) - closing.Held, Held: closing.Held, Second: daybook.Second(second),
		}, by.Person)
		if err != nil {
			return nil, err
		}
		out := []any{closed}
		for _, m := range closing.Missing {
			out = append(out, dose.Missed{Patient: m.Patient.Patient, Day: d, Cause: m.Cause})
		}
		return append(out, counted...), nil
	}})
	if err != nil {
		return daybook.Closed{}, err
	}
	f, ok := all[0].(daybook.Closed)
	if !ok {
		return daybook.Closed{}, reason.Refuse("FORM-01")
	}
	return f, nil
}

// countAll decides the counts of the open bottles; a bottle that was not
// measured has none and daybook refuses the closing for it.
func (t *turn) countAll(open []stock.Bottle, counts []Count, d day.Day, w second) ([]any, error) {
	var out []any
	tol := stock.Tolerance{}
	tol.Volume, tol.Known = t.book.CountTolerance()
	for _, b := range open {
		for _, n := range counts {
			if n.Bottle != b.Bottle {
				continue
			}
			f, err := stock.DecideCount(b, stock.Count{Bottle: b.Bottle, Measured: n.Measured, Why: n.Why, Witness: stock.Second(w)}, tol, t.by.Person, d)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
			break
		}
	}
	return out, nil
}

// Missing is a patient without a dose on a day, with why.
type Missing struct {
	Patient clinicdb.Patient
	Cause   dose.MissedCause
}

// Closing is what the closing of a day shows before it is confirmed.
type Closing struct {
	Day       day.Day
	Questions []dose.Entry // poured doses nobody answered for
	Missing   []Missing
	Held      int // of those, held back by the clinic
	Expected  int
	Dosed     int
	Bottles   []stock.Bottle // open; each is measured
	state     daybook.State
}

// Closing composes what the closing of day d shows.
func (c *Clinic) Closing(ctx context.Context, d day.Day) (out Closing, err error) {
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		out, err = closingOf(v, d)
		return err
	})
	return out, err
}

func closingOf(v *clinicdb.View, d day.Day) (Closing, error) {
	out := Closing{Day: d}
	var err error
	if out.state, err = dayState(v); err != nil {
		return out, err
	}
	if out.Bottles, err = v.OpenBottles(); err != nil {
		return out, fmt.Errorf("read the open bottles: %w", err)
	}
	if out.Questions, err = v.OpenDoses(day.Never); err != nil {
		return out, fmt.Errorf("read the questions: %w", err)
	}
	people, err := v.PatientsInCare()
	if err != nil {
		return out, fmt.Errorf("read the patients: %w", err)
	}
	if people, err = hereOn(v, people, d); err != nil {
		return out, err
	}
	cause, err := causes(v, d)
	if err != nil {
		return out, err
	}
	out.Expected = len(people)
	for _, p := range people {
		why := cause(p)
		switch why {
		case "":
			out.Dosed++
		case dose.HeldBack:
			out.Held++
			fallthrough
		default:
			out.Missing = append(out.Missing, Missing{p, why})
		}
	}
	return out, nil
}

// causes answers for each patient why there is no dose on day d, or "" when
// there is one.
func causes(v *clinicdb.View, d day.Day) (func(clinicdb.Patient) dose.MissedCause, error) {
	doses, err := v.DosesOn(d)
	if err != nil {
		return nil, fmt.Errorf("read the day's doses: %w", err)
	}
	holds, err := v.HoldsOn(d)
	if err != nil {
		return nil, fmt.Errorf("read the day's holds: %w", err)
	}
	orders, err := v.OrdersAround(d)
	if err != nil {
		return nil, fmt.Errorf("read the orders: %w", err)
	}
	taken, cups, held := map[id.Patient]bool{}, map[id.Patient]bool{}, map[id.Patient]bool{}
	for _, e := range doses {
		cups[e.Patient] = true
		taken[e.Patient] = taken[e.Patient] || e.Outcome != dose.NotTaken
	}
	for _, h := range holds {
		held[h.Patient] = true
	}
	return func(p clinicdb.Patient) dose.MissedCause {
		_, no := order.InForce(orders[p.Patient], d)
		switch {
		case taken[p.Patient]:
			return ""
		case held[p.Patient]:
			return dose.HeldBack
		case cups[p.Patient]:
			return dose.CupNotPut
		case no != nil:
			return dose.NoOrder
		}
		return dose.Absent
	}, nil
}
