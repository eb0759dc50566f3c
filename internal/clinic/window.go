package clinic

import (
	"context"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stock"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// careMax is how many reasons to stop or take care the window shows: more than
// three are not read.
const careMax = 3

// Status is where a patient stands in today's queue.
type Status string

// The states of the queue.
const (
	ToCome   Status = "to_come"
	Poured   Status = "poured"   // the cup is filled and nobody has answered yet
	Question Status = "question" // poured, and nobody answered in time
	Holding  Status = "held"
	Done     Status = "done"
	NotGiven Status = "not_given"
)

// QueueRow is one patient in today's queue.
type QueueRow struct {
	Patient clinicdb.Patient
	Status  Status
	Amount  unit.Microgram  // of the order in force; 0 when there is none
	Volume  unit.Microlitre // from the open bottle's strength; 0 when no bottle is open
	NoOrder *reason.Refusal // why no order is in force
	Dose    dose.Entry      // today's dose; zero while none was poured
	Missed  int             // whole days without methadone before today
	GapOpen bool            // the gap waits for a physician's answer
	Served  *Claim          // who has the patient open; nil when nobody has
}

// Queue is the window at one moment.
type Queue struct {
	Day     day.Day
	Open    bool            // the day is open: its date was confirmed and it is not closed
	Stale   day.Day         // a day before today that was never closed; Never if none
	Closed  bool            // today was closed already
	Rows    []QueueRow      // in the order of codes
	Bottles []stock.Bottle  // open
	Left    unit.Microlitre // in the open bottles, by the book
	Needed  unit.Microlitre // for those still to come
}

// Count is how many rows have a status.
func (q Queue) Count(s Status) (n int) {
	for _, r := range q.Rows {
		if r.Status == s {
			n++
		}
	}
	return n
}

// Queue composes today's queue from a handful of reads, whatever the length of
// the history.
func (c *Clinic) Queue(ctx context.Context, by access.Actor) (q Queue, err error) {
	if err := access.Allow(c.present(by), access.SeeWindow, access.NoPatient); err != nil {
		return q, err
	}
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		q, err = c.queue(v, c.Today(), c.clock())
		return err
	})
	return q, err
}

func (c *Clinic) queue(v *clinicdb.View, today day.Day, now day.Instant) (Queue, error) {
	q := Queue{Day: today}
	w, err := loadWindow(v, today)
	if err != nil {
		return q, err
	}
	q.Open, q.Bottles, q.Left = w.isOpen, w.draws, w.left()
	if w.open.Day != day.Never && w.open.Day != today {
		q.Stale = w.open.Day
	}
	if closed, err := v.LastClosed(); err != nil {
		return q, fmt.Errorf("read the last closed day: %w", err)
	} else if closed == today {
		q.Closed = true
	}
	people, err := c.roll(v, today)
	if err != nil {
		return q, err
	}
	served, lim := c.served(), *c.doseLimits.Load()
	stale := day.Instant(c.Book().StalePourMinutes()) * 60_000
	for _, p := range people {
		row := w.row(p, lim, now, stale)
		if cl, ok := served[p.row.Patient]; ok {
			row.Served = &cl
		}
		if row.Status == ToCome {
			q.Needed += row.Volume
		}
		q.Rows = append(q.Rows, row)
	}
	return q, nil
}

// everyone reads the queue's part of all patients who are dosed here today.
func (c *Clinic) everyone(v *clinicdb.View, today day.Day) ([]person, error) {
	rows, err := v.PatientsInCare()
	if err != nil {
		return nil, fmt.Errorf("read the patients: %w", err)
	}
	if rows, err = hereOn(v, rows, today); err != nil {
		return nil, err
	}
	orders, err := v.OrdersAround(today)
	if err != nil {
		return nil, fmt.Errorf("read the orders: %w", err)
	}
	doses, err := v.DosesOn(today)
	if err != nil {
		return nil, fmt.Errorf("read today's doses: %w", err)
	}
	holds, err := v.HoldsOn(today)
	if err != nil {
		return nil, fmt.Errorf("read today's holds: %w", err)
	}
	answers, err := v.GapsAnswered()
	if err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	people := make([]person, len(rows))
	for i, r := range rows {
		people[i] = person{row: r, orders: orders[r.Patient]}
	}
	at := places(people)
	for _, e := range doses {
		if i, ok := at[e.Patient]; ok {
			people[i].today = append(people[i].today, e)
		}
	}
	for k := range holds { // oldest first: the newest stays
		if i, ok := at[holds[k].Patient]; ok && holds[k].ReleasedAt == 0 {
			people[i].hold = &holds[k]
		}
	}
	for k := len(answers) - 1; k >= 0; k-- { // newest first: the newest stays
		if i, ok := at[answers[k].Patient]; ok {
			people[i].answer = &answers[k]
		}
	}
	return people, nil
}

// row is a patient's line in the queue.
func (w window) row(p person, lim dose.Limits, now, stale day.Instant) QueueRow {
	r := QueueRow{Patient: p.row, Status: ToCome}
	s := w.state(p)
	r.NoOrder = s.NoOrder
	r.Amount = s.Ordered
	if v, err := s.Strength.Volume(s.Ordered); err == nil && s.BottleOpen {
		r.Volume = v
	}
	if p.hold != nil {
		r.Status = Holding
	}
	for _, e := range p.today {
		r.Dose, r.Status = e, status(e, now, stale)
	}
	if r.Status == ToCome {
		r.Missed = s.MissedDays(w.today)
		s.DayOpen = true // a physician answers before the window opens, too
		_, err := dose.DecidePour(s, dose.Pour{Shown: s.Ordered}, w.today, now, lim)
		rule := reason.Rule(err)
		r.GapOpen = rule == "DOSE-06" || rule == "DOSE-07" || rule == "DOSE-13"
	}
	return r
}

func status(e dose.Entry, now, stale day.Instant) Status {
	switch {
	case e.Outcome == dose.PouredOnly && now-e.PouredAt > stale:
		return Question
	case e.Outcome == dose.PouredOnly:
		return Poured
	case e.Outcome == dose.NotTaken && e.Again:
		return ToCome
	case e.Outcome == dose.NotTaken:
		return NotGiven
	}
	return Done
}

// AtWindow is one patient opened at the window.
type AtWindow struct {
	Patient  clinicdb.Patient
	Status   Status
	Plan     dose.Plan        // what may be poured now; zero when something stops it
	Ordered  unit.Microgram   // of the order in force; 0 when there is none
	Volume   unit.Microlitre  // of that, from the open bottle's strength; 0 when it cannot be measured
	Strength unit.Strength    // of the open bottle; 0 when none is open
	Care     []reason.Warning // at most three, most important first; the first stops when its Stop is set
	Today    []dose.Entry     // today's doses, oldest first
	Hold     *clinicdb.Hold   // a hold of today that is not lifted
	Missed   int              // whole days without methadone before today
	LastDay  day.Day          // last day with a dose before today
	Last     unit.Microgram   // and the amount
	Order    order.Standing   // in force; zero when there is none
	Replace  dose.Entry       // a vomited dose whose replacement is allowed and not yet poured; zero if none
	Other    *Claim           // who else has the patient open
	Photo    string           // name of the portrait, where it is here; "" otherwise
	// Attestable: today is not this site's, and people may answer for a dose.
	Attestable bool
}

// Identify opens a patient at the window: it leaves the trace, notes that the
// patient is being served here, and answers all that the window shows.
func (c *Clinic) Identify(ctx context.Context, by access.Actor, p id.Patient) (AtWindow, error) {
	row, err := c.See(ctx, by, access.SeeWindow, p, "window", "")
	if err != nil {
		return AtWindow{}, err
	}
	var a AtWindow
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		if row, err = v.Patient(p); err != nil {
			return fmt.Errorf("read patient %s: %w", p, err)
		}
		a, err = c.atWindow(v, row)
		return err
	})
	if err != nil {
		return AtWindow{}, err
	}
	if other, ok := c.Serve(by, p); ok {
		a.Other = &other
	}
	return a, nil
}

func (c *Clinic) atWindow(v *clinicdb.View, row clinicdb.Patient) (AtWindow, error) {
	now := c.clock()
	today := c.zone.DayOf(now)
	s, p, w, err := c.doseState(v, row, today)
	if err != nil {
		return AtWindow{}, err
	}
	book := c.Book()
	lim := book.Dose()
	a := AtWindow{
		Patient: row, Ordered: s.Ordered, Strength: s.Strength, Today: p.today, Hold: p.hold, Missed: s.MissedDays(today),
		LastDay: s.LastTaken, Last: s.LastAmount, Care: dose.Care(s, w.signs(p), today, now, lim, careMax),
		Status: w.row(p, lim, now, day.Instant(book.StalePourMinutes())*60_000).Status,
	}
	_, _, err = dose.DecideAttest(s, dose.Attest{}, "", today)
	a.Attestable = reason.Rule(err) == "DOSE-15" // all that is wanting is people's word
	if in, no := order.InForce(p.orders, today); no == nil {
		a.Order = in
	}
	a.Care = withOdds(a.Care, p.orders, today)
	if vol, err := s.Strength.Volume(s.Ordered); err == nil && s.BottleOpen {
		a.Volume = vol
	}
	for _, e := range p.today {
		if e.Replacement > 0 {
			if plan, err := dose.DecidePour(s, dose.Pour{Shown: e.Replacement, Replacement: e.Dose}, today, now, lim); err == nil {
				a.Replace, a.Plan = e, plan
			}
		}
	}
	if plan, err := dose.DecidePour(s, dose.Pour{Shown: s.Ordered}, today, now, lim); err == nil {
		a.Plan = plan
	}
	here, err := v.HasPhoto(row.Photo)
	if err != nil {
		return AtWindow{}, fmt.Errorf("look for the photo of %s: %w", row.Patient, err)
	}
	if here {
		a.Photo = row.Photo
	}
	return a, nil
}

// withOdds puts that the dose is the safer of two before what else to take care
// of: whoever pours should know that a physician is still asked.
func withOdds(care []reason.Warning, orders []order.Standing, today day.Day) []reason.Warning {
	odds, ok := order.At(orders, today)
	if !ok || odds.Rule.Stop || len(care) > 0 && care[0].Stop {
		return care
	}
	care = append([]reason.Warning{odds.Rule}, care...)
	return care[:min(len(care), careMax)]
}

// Gap is a patient whose missed days wait for a physician's answer.
type Gap struct {
	Patient  clinicdb.Patient
	Missed   int     // whole days without methadone; 0 when no earlier dose is known
	LastDay  day.Day // Never when none is known
	Ordered  unit.Microgram
	Row      dose.GapRow    // what the rule table says; zero when Known is false
	Known    bool           // the table says something about this gap
	Proposed unit.Microgram // the dose that follows from it, as the open strengths can measure it
}

// Gaps are the patients in care whose missed days wait for an answer, with
// what the rule table proposes.
func (c *Clinic) Gaps(ctx context.Context, by access.Actor) ([]Gap, error) {
	if err := access.Allow(c.present(by), access.AllowDose, access.InCare); err != nil {
		return nil, err
	}
	var out []Gap
	err := c.db.View(ctx, func(v *clinicdb.View) error {
		today := c.Today()
		q, err := c.queue(v, today, c.clock())
		if err != nil {
			return err
		}
		for _, r := range q.Rows {
			if r.GapOpen {
				out = append(out, c.gapOf(r))
			}
		}
		return nil
	})
	return out, err
}

func (c *Clinic) gapOf(r QueueRow) Gap {
	g := Gap{Patient: r.Patient, Missed: r.Missed, LastDay: r.Patient.LastDay, Ordered: r.Amount}
	g.Row, g.Known = c.doseLimits.Load().GapFor(r.Missed)
	restart, ok := c.Book().RestartMax()
	if g.Known && (ok || g.Row.Action == dose.Reduce || g.Row.Action == dose.Same) {
		g.Proposed = g.Row.Proposed(r.Amount, restart)
		g.Proposed -= g.Proposed % unit.Milligram // whole milligrams can be measured in every strength sold
	}
	return g
}
