package clinic

import (
	"errors"
	"fmt"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stock"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// signsDays is how far back the window looks for absences.
const signsDays = 30

// window is what is the same for every patient at one moment: the day, the
// open bottles.
type window struct {
	today  day.Day
	open   clinicdb.Day
	isOpen bool // today was opened and is not closed
	newest day.Day
	draws  []stock.Bottle // the bottles the next dose comes from
}

// loadWindow reads what all patients share.
func loadWindow(v *clinicdb.View, today day.Day) (window, error) {
	w := window{today: today}
	var err error
	open, ok, err := v.OpenDay()
	if err != nil {
		return w, fmt.Errorf("read the open day: %w", err)
	}
	w.open, w.isOpen = open, ok && open.Day == today
	if w.newest, err = newestDay(v); err != nil {
		return w, err
	}
	if w.draws, err = v.OpenBottles(); err != nil {
		return w, fmt.Errorf("read the open bottles: %w", err)
	}
	return w, nil
}

// newestDay is the newest day that people confirmed. The PC's clock alone
// never makes a day: a clock a year ahead must not lock the site out.
func newestDay(v *clinicdb.View) (day.Day, error) {
	d, err := v.NewestDay()
	if err != nil {
		return 0, fmt.Errorf("read the newest day: %w", err)
	}
	return d, nil
}

// usable are the open bottles a dose may be drawn from: not those past their
// date. Where every one is past it they all stay, and the dose is refused with
// that reason instead of with "no bottle".
func (w window) usable() []stock.Bottle {
	var in []stock.Bottle
	for _, b := range w.draws {
		if b.Expiry == day.Never || b.Expiry >= w.today {
			in = append(in, b)
		}
	}
	if len(in) == 0 {
		return w.draws
	}
	return in
}

// left is what the usable bottles hold together, by the book.
func (w window) left() (v unit.Microlitre) {
	for _, b := range w.usable() {
		v += b.Left
	}
	return v
}

// bottle puts the open bottles into a dose's state.
func (w window) bottle(s *dose.State) {
	for _, b := range w.usable() {
		if b.Left > 0 || s.Strength == 0 {
			s.Strength, s.BottleDated, s.BottleOpen = b.Strength, b.Expiry, true
			if b.Left > 0 {
				break
			}
		}
	}
	s.VolumeLeft = w.left()
}

// person is one patient's part of the state, from one patient's rows.
type person struct {
	row    clinicdb.Patient
	orders []order.Standing
	today  []dose.Entry
	hold   *clinicdb.Hold // of today, not lifted
	answer *clinicdb.GapAnswer
	absent int
	last   *dose.Entry // newest dose before today; nil when the row tells it already
}

// state composes what the dose room needs to know. What two rooms share is put
// together here: the order room says which order is in force.
func (w window) state(p person) dose.State {
	s := dose.State{
		DayOpen: w.isOpen, LeftCare: !p.row.InCare(), Today: p.today, NewestDay: w.newest,
		LastTaken: p.row.LastDay, LastAmount: p.row.LastAmount, LastAt: p.row.LastAt,
	}
	if p.last != nil {
		s.LastTaken, s.LastAmount, s.LastAt = p.last.Day, p.last.Taken, p.last.PouredAt
	}
	for _, e := range p.today {
		if e.Outcome != dose.NotTaken {
			s.LastAt = max(s.LastAt, e.PouredAt)
		}
	}
	in, no := order.InForce(p.orders, w.today)
	if no != nil {
		s.NoOrder = no
	} else {
		s.Order, s.Ordered, s.Induction = in.Order, in.Amount, in.Phase == order.Induction
	}
	if p.hold != nil {
		s.HeldSince, s.HeldWhy = p.hold.At, p.hold.Why
	}
	if p.answer != nil {
		s.Answer = &p.answer.GapAnswered
	}
	w.bottle(&s)
	return s
}

// signs composes what the window looks at beyond the pouring decision.
func (w window) signs(p person) dose.Signs {
	g := dose.Signs{
		CourseStart: p.row.FirstDose, MissedMonth: p.absent, LastPart: p.row.LastHow == dose.PartOnly || p.row.LastHow == dose.Unknown,
		VomitedLast: p.row.LastVomit,
	}
	in, no := order.InForce(p.orders, w.today)
	for _, o := range p.orders {
		if !o.Signed && o.StoppedFrom == day.Never && o.Last >= w.today {
			g.WaitingOrder = true
		}
		if no == nil && o.Signed && o.Order != in.Order && o.First < in.First {
			g.Before = o.Amount // oldest first: the newest before it stays
		}
	}
	if no == nil {
		g.OrderFirst, g.OrderLast = in.First, in.Last
	}
	return g
}

// loadPerson reads one patient's part.
func loadPerson(v *clinicdb.View, row clinicdb.Patient, today day.Day) (person, error) {
	p := person{row: row}
	var err error
	if p.orders, err = v.OrdersLately(row.Patient, today-signsDays); err != nil {
		return p, fmt.Errorf("read orders of %s: %w", row.Patient, err)
	}
	if p.today, err = v.DosesOf(row.Patient, today, today); err != nil {
		return p, fmt.Errorf("read doses of %s: %w", row.Patient, err)
	}
	if row.LastDay == today {
		last, ok, err := v.LastTaken(row.Patient, today)
		if err != nil {
			return p, fmt.Errorf("read the last dose of %s: %w", row.Patient, err)
		}
		if !ok {
			last = dose.Entry{}
		}
		p.last = &last
	}
	holds, err := v.HoldsOf(row.Patient, today)
	if err != nil {
		return p, fmt.Errorf("read holds of %s: %w", row.Patient, err)
	}
	for i := range holds {
		if holds[i].Day == today && holds[i].ReleasedAt == 0 {
			p.hold = &holds[i]
		}
	}
	answers, err := v.GapAnswers(row.Patient, row.LastDay)
	if err != nil {
		return p, fmt.Errorf("read answers for %s: %w", row.Patient, err)
	}
	if len(answers) > 0 {
		p.answer = &answers[0] // gapAllows asks whether it is for this gap
	}
	missed, err := v.MissedOf(row.Patient, today-signsDays, today-1)
	if err != nil {
		return p, fmt.Errorf("read missed days of %s: %w", row.Patient, err)
	}
	for _, m := range missed {
		if m.Cause == dose.Absent {
			p.absent++
		}
	}
	return p, nil
}

// doseState is the whole state for one patient.
func (c *Clinic) doseState(v *clinicdb.View, row clinicdb.Patient, today day.Day) (dose.State, person, window, error) {
	w, err := loadWindow(v, today)
	if err != nil {
		return dose.State{}, person{}, w, err
	}
	p, err := loadPerson(v, row, today)
	if err != nil {
		return dose.State{}, p, w, err
	}
	s := w.state(p)
	if s.NotReady, s.NoRight, err = c.right(v, row.Patient, today); err != nil {
		return dose.State{}, p, w, err
	}
	no, err := Doubled(v, row.Patient, today)
	if err != nil {
		return dose.State{}, p, w, err
	}
	if no != nil {
		s.NotReady, s.NoRight = no, nil // first of all: nobody's word makes one person two
	}
	for _, no := range []*reason.Refusal{s.NotReady, s.NoRight} {
		s.Answerable = s.Answerable || no != nil && transfer.Answerable(no)
	}
	return s, p, w, nil
}

// dayState is what the daybook's decisions need.
func dayState(v *clinicdb.View) (daybook.State, error) {
	var s daybook.State
	open, ok, err := v.OpenDay()
	if err != nil {
		return s, fmt.Errorf("read the open day: %w", err)
	}
	if ok {
		s.Open = open.Day
	}
	if s.Last, err = v.LastClosed(); err != nil {
		return s, fmt.Errorf("read the last closed day: %w", err)
	}
	s.Newest, err = newestDay(v)
	return s, err
}

// history is what the order room needs of a patient.
func (t *turn) history(row clinicdb.Patient) (order.History, error) {
	orders, err := t.tx.Orders(row.Patient)
	if err != nil {
		return order.History{}, fmt.Errorf("read orders of %s: %w", row.Patient, err)
	}
	strengths, err := t.tx.Strengths()
	if err != nil {
		return order.History{}, fmt.Errorf("read strengths: %w", err)
	}
	return order.History{
		Orders: orders, FirstDose: row.FirstDose, LastDose: row.LastDay, LastAmount: row.LastAmount, Strengths: strengths,
		RestartMaxUg: t.afterGap(row),
	}, nil
}

// afterGap is what the rule table makes of the last dose after missed days: the
// most an order may be without a physician's recorded reason. 0 when there is
// no gap, or the table leaves the amount to the physician.
func (t *turn) afterGap(row clinicdb.Patient) unit.Microgram {
	missed := dose.State{LastTaken: row.LastDay}.MissedDays(t.today)
	if missed == 0 {
		return 0
	}
	r, ok := t.c.doseLimits.Load().GapFor(missed)
	restart, known := t.book.RestartMax()
	switch {
	case !ok:
		return 0
	case r.Action == dose.Reduce, known && (r.Action == dose.Restart || r.Action == dose.NewFile):
		return r.Proposed(row.LastAmount, restart)
	}
	return 0
}

// doseOf loads a dose and checks the permission for its patient.
func (t *turn) doseOf(act accessAction, d id.Dose) (dose.Entry, clinicdb.Patient, error) {
	e, err := t.tx.Dose(d)
	if errors.Is(err, clinicdb.ErrNotFound) {
		return e, clinicdb.Patient{}, reason.Refuse("DOSE-31")
	}
	if err != nil {
		return e, clinicdb.Patient{}, fmt.Errorf("read dose %s: %w", d, err)
	}
	row, err := t.patient(act, e.Patient)
	return e, row, err
}
