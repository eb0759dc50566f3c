package invented

import (
	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/staff"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

func secretSet(p id.Person, what string) staff.SecretSet {
	return staff.SecretSet{Person: p, What: what}
}

// afternoon is what follows the closing: people who begin, leave or come back,
// orders, notes, and once a month the way to the district's store.
func (w *world) afternoon(d day.Day) {
	clock := w.at(w.desk, d, 10, 5)
	for _, p := range w.crew {
		if w.err != nil {
			return
		}
		clock += day.Instant(between(w.desk, 20, 90)) * minute / day.Instant(max(len(w.crew), 60))
		switch {
		case p.begins == d+1 && !p.earlier:
			w.orderFor(p, d, w.admit(p, d))
			continue
		case p.leaves == d:
			w.leave(p, d, clock)
			continue
		case p.returns == d+1 && p.returns != day.Never:
			w.comeBack(p, d, clock)
			continue
		}
		if p.stays(d) {
			w.orderFor(p, d, clock)
		}
	}
	w.monthlyStock(d)
}

// admit registers a person who begins tomorrow, and answers when the physician
// writes the first order.
func (w *world) admit(p *person, d day.Day) day.Instant {
	at := w.at(w.desk, d, between(w.desk, 14, 15), between(w.desk, 0, 40))
	by := w.counsellor(d)
	w.register(p, d, at, by, "")
	w.note(p, d, at+6*minute, firstNote)
	w.urine(p, d, at+9*minute, []string{"opiates"})
	p.amount = 20 * unit.Milligram
	switch n := w.desk.IntN(10); {
	case p.role == dayFour:
	case n < 4:
		p.amount = 15 * unit.Milligram
	case n == 9:
		p.amount = 25 * unit.Milligram
	}
	p.cover = d
	p.nextRise = p.begins + 3
	if p.role != dayFour {
		p.nextRise += day.Day(w.desk.IntN(3))
	}
	return at + 15*minute
}

// leave ends a person's treatment here.
func (w *world) leave(p *person, d day.Day, at day.Instant) {
	why := []patient.LeftWhy{patient.Moved, patient.OwnWish, patient.LostTouch}[w.desk.IntN(3)]
	if p.returns != day.Never {
		why = patient.OwnWish
	}
	for _, o := range p.orders {
		f, err := order.DecideStop(w.history(p), order.Stop{Order: o.Order, From: d + 1, Reason: stopReason}, d)
		if err != nil {
			continue // it ended before: there is nothing to stop
		}
		p.stop(f.Order, f.From)
		w.tell(at, w.physician(), f)
	}
	f, err := patient.DecideLeave(p.row.Patient, p.inCare, false, why, "", d)
	if w.decided(d, "leave", err) {
		p.inCare = false
		w.tell(at+30*second, w.physician(), f)
	}
}

// comeBack starts a person's second course; the first dose waits for the
// physician at the window, because of the gap.
func (w *world) comeBack(p *person, d day.Day, at day.Instant) {
	f, err := patient.DecideReturn(p.row.Patient, p.inCare, d)
	if !w.decided(d, "return", err) {
		return
	}
	p.inCare, p.firstDose, p.begins, p.cover, p.role = true, day.Never, p.returns, day.Never, plain
	w.tell(at, w.physician(), f)
	w.note(p, d, at+4*minute, firstNote)
}

// history is what the order room knows of a person.
func (w *world) history(p *person) order.History {
	return order.History{
		Orders: p.orders, FirstDose: p.firstDose, LastDose: p.lastDay, LastAmount: p.lastAmount, Strengths: []unit.Strength{strength},
	}
}

// orderFor writes the next order where one is due, and changes of the dose.
func (w *world) orderFor(p *person, d day.Day, at day.Instant) {
	early := p.firstDose == day.Never || d+1-p.firstDose < inductionDays
	rising := p.amount < p.target
	switch {
	case p.cover == day.Never: // came back; the window decides
	case early && p.cover <= d:
		w.induce(p, d, at)
	case early:
	case rising && p.cover <= d:
		w.adjust(p, d, at)
	case rising:
	case p.role == waiting && d == w.last:
		w.renew(p, d, at, false)
	case w.end(p) != day.Never && p.cover >= w.end(p): // the order that the morning after is to show
	case w.due(p, d):
		w.renew(p, d, at, true)
	case w.last-d > quietDays && chance(w.desk, 22):
		w.newTarget(p, d, at)
	}
}

// due says whether a monthly order is renewed on this afternoon: a few days
// before it ends, or on its last day.
func (w *world) due(p *person, d day.Day) bool {
	left := p.cover - d
	return left <= 0 || (left <= 4 && w.desk.IntN(3) == 0 && !p.role.calm())
}

// induce writes tomorrow's order of the first two weeks, one day long.
func (w *world) induce(p *person, d day.Day, at day.Instant) {
	why := startReason
	if d+1 >= p.nextRise && p.amount < p.target && p.lastDay == d {
		p.amount = w.rise(p, d+1)
		why = pick(w.desk, riseReasons)
	}
	w.writeOrder(p, d, at, order.Write{Phase: order.Induction, Amount: p.amount, First: d + 1, Last: d + 1, Reason: why}, w.physician(), true)
}

// rise is the amount after the next step, 5 or 10 mg, never beyond the target,
// and says when the one after it may be.
func (w *world) rise(p *person, on day.Day) unit.Microgram {
	step := 5 * unit.Milligram
	p.nextRise = on + day.Day(between(w.desk, 3, 5))
	if p.role != dayFour && w.desk.IntN(2) == 0 {
		step *= 2
		p.nextRise = on + day.Day(between(w.desk, 4, 5)) // no more than 20 mg in a week
	}
	return min(p.amount+step, p.target)
}

// adjust writes an order of some days while the dose is still being found.
func (w *world) adjust(p *person, d day.Day, at day.Instant) {
	why := rebuildReason
	if d+1 >= p.nextRise && p.lastDay == d { // nobody's dose rises while they stay away
		p.amount = w.rise(p, d+1)
		if w.desk.IntN(2) == 0 {
			why = pick(w.desk, riseReasons)
		}
	}
	if p.amount >= p.target {
		w.month(p, d, d+1, why, at, true)
		return
	}
	days := max(p.nextRise-d-1, 2)
	w.writeOrder(p, d, at, order.Write{Phase: order.Adjustment, Amount: p.amount, First: d + 1, Last: d + min(days, 5), Reason: why}, w.physician(), true)
}

// renew writes the next month's order at the same dose.
func (w *world) renew(p *person, d day.Day, at day.Instant, sign bool) {
	w.month(p, d, p.cover+1, renewReason, at, sign)
}

// month writes a monthly order. A person with a part in the last morning gets
// one that ends when that part asks for it.
func (w *world) month(p *person, d, first day.Day, why string, at day.Instant, sign bool) {
	last := first + day.Day(p.length) - 1
	if end := w.end(p); end != day.Never && first <= end && last > end-3 { // no order of a day or two just before it
		last = min(end, first+29)
	}
	w.writeOrder(p, d, at, order.Write{Phase: order.Maintenance, Amount: p.amount, First: first, Last: last, Reason: why}, w.physician(), sign)
}

// newTarget changes a settled dose by 5 or 10 mg.
func (w *world) newTarget(p *person, d day.Day, at day.Instant) {
	step := unit.Microgram(5+5*w.desk.IntN(2)) * unit.Milligram
	why := pick(w.desk, upReasons)
	if w.desk.IntN(5) < 2 {
		step, why = -step, pick(w.desk, downReasons)
		if w.desk.IntN(4) == 0 {
			step = -2500 // the small spoon's worth that some ask for
		}
	}
	to := p.amount + step
	if to < 40*unit.Milligram || to > 130*unit.Milligram {
		return
	}
	p.amount, p.target = to, to
	w.month(p, d, d+1, why, at, true)
}

// end is when the orders of a person end whose part asks for it, or Never.
func (w *world) end(p *person) day.Day {
	switch p.role {
	case endsSoon:
		return w.last + 1 + day.Day(p.notes%3)
	case expired, waiting:
		return w.last
	case plain, dayFour, missedTwo, missedFew, lastPart:
	}
	return day.Never
}

// writeOrder writes an order, gives a reason for each warning, and signs it.
func (w *world) writeOrder(p *person, d day.Day, at day.Instant, c order.Write, by id.Person, sign bool) {
	c.Patient = p.row.Patient
	f := w.written(p, w.history(p), d, c)
	if w.err != nil {
		return
	}
	w.tell(at, by, f)
	p.keep(f, by, at)
	if sign {
		w.sign(p, w.history(p), d, at+25*second, f.Order)
	}
}

// written is the order as the order room allows it, with the physician's
// reasons for going past its warnings.
func (w *world) written(p *person, h order.History, d day.Day, c order.Write) order.Written {
	f, warnings, err := order.DecideWrite(h, c, d, w.o.Order)
	if err == nil && len(warnings) > 0 {
		for _, x := range warnings {
			why := overrides[x.Rule]
			if why == "" {
				why = overrideText
			}
			c.Overrides = append(c.Overrides, order.Override{Rule: x.Rule, Reason: why})
		}
		f, _, err = order.DecideWrite(h, c, d, w.o.Order)
	}
	w.decided(d, "write an order", err)
	f.Order = id.Order(w.newID())
	p.cover = f.Last
	return f
}

// keep remembers an order as storage would.
func (p *person) keep(f order.Written, by id.Person, at day.Instant) {
	if len(p.orders) >= ordersKept {
		p.orders = append(p.orders[:0], p.orders[len(p.orders)-ordersKept/2:]...)
	}
	p.orders = append(p.orders, order.Standing{
		Order: f.Order, Patient: f.Patient, Phase: f.Phase, Amount: f.Amount, First: f.First, Last: f.Last, Reason: f.Reason,
		Overrides: f.Overrides, Imported: f.Imported, WrittenBy: by, WrittenAt: at,
	})
}

// sign puts an order in force; those with a day in common end before it.
func (w *world) sign(p *person, h order.History, d day.Day, at day.Instant, o id.Order) {
	f, err := order.DecideSign(h, o, w.physician(), d, w.o.Order)
	if !w.decided(d, "sign an order", err) {
		return
	}
	var first, last day.Day
	for i := range p.orders {
		if s := &p.orders[i]; s.Order == o {
			s.Signed, s.SignedBy, s.SignedAt = true, w.physician(), at
			first, last = s.First, s.Last
		}
	}
	for _, s := range p.orders {
		if s.Order != o && s.First <= last && s.Last >= first {
			p.stop(s.Order, first)
		}
	}
	w.tell(at, w.physician(), f)
}

// stop ends an order as storage would.
func (p *person) stop(o id.Order, from day.Day) {
	for i := range p.orders {
		if s := &p.orders[i]; s.Order == o && (s.StoppedFrom == day.Never || s.StoppedFrom > from) {
			s.StoppedFrom = from
		}
	}
}

// answerGap is the physician's answer at the window, as the rule table
// proposes it; a smaller dose or a new start comes with its order.
func (w *world) answerGap(p *person, s dose.State, d day.Day, at day.Instant) {
	row, ok := w.o.Dose.GapFor(s.MissedDays(d))
	act, why := row.Action, ""
	switch {
	case !ok || act == dose.SeePhysician || act == dose.Same:
		act, why = dose.Same, gapSame
	case act == dose.NewFile:
		act = dose.Restart
	}
	f, err := dose.DecideGapAnswer(s, p.row.Patient, act, why, d, w.o.Dose)
	if !w.decided(d, "answer a gap", err) {
		return
	}
	defer func() { p.answer = &f }()
	if act == dose.Same {
		w.tell(at, w.physician(), f)
		return
	}
	c := order.Write{Phase: order.Adjustment, First: d, Last: d + 2, Reason: reduceReason}
	if act == dose.Restart {
		c.Phase, c.Last, c.Reason = order.Induction, d, restartReason
	}
	c.Patient = p.row.Patient
	c.Amount = row.Proposed(max(s.Ordered, 20*unit.Milligram), w.o.RestartMax)
	c.Amount -= c.Amount % (unit.Milligram / 2)
	h := w.history(p)
	h.RestartMaxUg = c.Amount
	wr := w.written(p, h, d, c)
	f.Order = wr.Order
	p.amount, p.nextRise = c.Amount, d+3
	w.tell(at, w.physician(), f)
	w.tell(at, w.physician(), wr)
	p.keep(wr, w.physician(), at)
	h.Orders = p.orders
	w.sign(p, h, d, at, wr.Order)
	w.note(p, d, w.at(w.desk, d, 9, 55), pick(w.desk, awayNotes))
}

// note is the counsellor's note.
func (w *world) note(p *person, d day.Day, at day.Instant, text string) {
	f, err := patient.DecideNote(p.row.Patient, text, d)
	if w.decided(d, "note", err) {
		w.tell(at, w.counsellor(d), f)
	}
}

// urine is a test's result.
func (w *world) urine(p *person, d day.Day, at day.Instant, found []string) {
	method := pick(w.desk, []string{"temperature", "temperature", "observed"})
	f, err := patient.DecideUrine(p.row.Patient, d, found, method, d)
	if w.decided(d, "urine test", err) {
		w.tell(at, w.counsellor(d), f)
	}
}

// found is what a monthly test finds: nothing for most, more in the first
// months of treatment.
func (w *world) found(p *person, d day.Day) []string {
	opiates, meth := 5, 6
	if p.firstDose != day.Never && d-p.firstDose < 60 {
		opiates = 38
	}
	var out []string
	if w.desk.IntN(100) < opiates {
		out = append(out, "opiates")
	}
	if w.desk.IntN(100) < meth {
		out = append(out, "amphetamines")
	}
	return out
}

// talk is what the counsellor does with a person who has come: once a month a
// test, about as often a note, and a telephone number that has changed.
func (w *world) talk(p *person, d day.Day, at day.Instant) {
	n := (int(d) + p.notes) % 30
	switch {
	case n == 0:
		w.urine(p, d, at+3*minute, w.found(p, d))
	case n == 13 && w.desk.IntN(10) < 7:
		w.note(p, d, at+12*minute, pick(w.desk, counsellorNotes))
	case n == 20 && w.desk.IntN(40) == 0:
		details := p.row.Details
		details.Phone = phone(w.desk)
		w.change(p, details, d, at+2*minute)
	case n == 22 && w.desk.IntN(50) == 0:
		w.giveCard(p, at+2*minute, w.counsellor(d))
	}
}

// seen is the trace of opening a person's record at the window.
func (w *world) seen(p *person, at day.Instant, by id.Person) {
	w.tell(at, by, access.Seen{Patient: p.row.Patient, Part: "window"})
}
