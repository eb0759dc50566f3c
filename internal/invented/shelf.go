package invented

import (
	"fmt"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// openDay opens the clinic day: two people confirm its date.
func (w *world) openDay(d day.Day) {
	w.signIn(d)
	by := w.server(d, 0)
	c := daybook.Open{Day: d, Second: daybook.Second{Person: w.other(d, by)}}
	if w.book.Jumps(d) {
		c.Typed = d
	}
	f, err := daybook.DecideOpen(w.book, c, by, d)
	if w.decided(d, "open the day", err) {
		w.book.Open, w.book.Newest = d, d
		w.tell(w.at(w.window, d, 6, 27), by, f)
	}
}

// closeDay marks who had no dose, counts the open bottles and ends the day, as
// the door does: the closing first, then the marks and the counts.
func (w *world) closeDay(d day.Day) {
	by := w.server(d, 0)
	with := w.other(d, by)
	at := w.o.Zone.At(d, 9, 25) + w.span(0, 1200)
	for _, f := range w.buf {
		at = max(at, f.At+3*minute)
	}
	w.spill(d, at-70*second, by)
	w.finish(d, at-50*second, by)
	marks := w.marks(d)
	c := daybook.Close{Day: d, Second: daybook.Second{Person: with}}
	for _, p := range w.crew {
		if p.inCare {
			c.Expected++
		}
	}
	for _, m := range marks {
		if m.Cause == dose.HeldBack {
			c.Held++
		}
	}
	c.Dosed, c.Missed = c.Expected-len(marks), len(marks)-c.Held
	f, err := daybook.DecideClose(w.book, c, by)
	if !w.decided(d, "close the day", err) {
		return
	}
	w.book.Open, w.book.Last = day.Never, d
	w.tell(at, by, f)
	for _, m := range marks {
		w.tell(at, by, m)
	}
	w.count(d, at, by, with)
	for i, paper := range []string{"register", "stock", "missed", "sheet"} {
		w.tell(at+minute+day.Instant(i)*12*second, by, access.Printed{Paper: paper, About: d.String()})
	}
}

// marks are the days without a dose, and carries today's doses over to
// tomorrow's "last dose".
func (w *world) marks(d day.Day) []dose.Missed {
	var out []dose.Missed
	for _, p := range w.crew {
		if !p.inCare {
			continue
		}
		if cause := p.carry(d); cause != "" {
			out = append(out, dose.Missed{Patient: p.row.Patient, Day: d, Cause: cause})
		}
	}
	return out
}

// carry remembers the day's dose and answers why there is none.
func (p *person) carry(d day.Day) dose.MissedCause {
	dosed := false
	for _, e := range p.today {
		if e.Outcome != dose.NotTaken {
			dosed = true
			p.lastDay, p.lastAmount, p.lastAt = d, e.Taken, e.EndedAt
		}
	}
	if dosed && p.firstDose == day.Never {
		p.firstDose = d
	}
	_, no := order.InForce(p.orders, d)
	switch {
	case dosed:
		return ""
	case p.held != 0:
		return dose.HeldBack
	case len(p.today) > 0:
		return dose.CupNotPut
	case no != nil:
		return dose.NoOrder
	}
	return dose.Absent
}

// firstStock is what the store held when the record began: sealed bottles, and
// the one in use with what the paper book said was left.
func (w *world) firstStock(d day.Day, at day.Instant) {
	by := w.by["dispenser"][0]
	w.receive(d, at, by, w.start, takenOver)
	f, err := stock.DecideOpen(w.bottles[0], nil, stock.Second{Person: w.other(d, by)}, by, d)
	if w.decided(d, "open the first bottle", err) {
		w.bottles[0].Opened = d
		w.tell(at+minute, by, f)
	}
	for i := range w.need() {
		w.receive(d, at+2*minute+day.Instant(i)*8*second, by, bottleSize, takenOver)
	}
}

// need is how many sealed bottles a month takes, and the reserve.
func (w *world) need() int {
	var daily unit.Microgram
	for _, p := range w.crew {
		if p.leaves == day.Never {
			daily += p.target
		}
	}
	month, err := strength.Volume(daily * 31)
	w.decided(w.first, "a month's need", err)
	return int(month/bottleSize) + 1 + reserve
}

func (w *world) receive(d day.Day, at day.Instant, by id.Person, v unit.Microlitre, note string) {
	w.labels++
	year, month, _ := d.Civil()
	f, err := stock.DecideReceive(stock.Receive{
		Code: id.CheckCode(fmt.Sprintf("%s-C%04d", w.place.Founded.Site, w.labels)), Product: "Methadone hydrochloride 10 mg/mL",
		Lot: fmt.Sprintf("HC%02d%02d", year%100, month), Expiry: d + bottleLife, Strength: strength, Volume: v, Note: note,
		Witness: stock.Second{Person: w.other(d, by)},
	}, false, by, d)
	if !w.decided(d, "receive a bottle", err) {
		return
	}
	f.Bottle = id.Bottle(w.newID())
	w.tell(at, by, f)
	w.bottles = append(w.bottles, stock.Bottle{
		Bottle: f.Bottle, Code: f.Code, Product: f.Product, Lot: f.Lot, Expiry: f.Expiry, Strength: f.Strength, Size: f.Volume, Left: f.Volume,
	})
}

// monthlyStock fetches from the district's store what a month needs.
func (w *world) monthlyStock(d day.Day) {
	if _, _, dom := d.Civil(); dom != 24 {
		return
	}
	by := w.server(d, 0)
	at := w.at(w.shelf, d, 15, 20)
	for sealed := len(w.bottles) - len(w.open()); sealed < w.need(); sealed++ {
		w.receive(d, at, by, bottleSize, delivered)
		at += 9 * second
	}
}

// enough opens the next bottle when those in use do not hold v.
func (w *world) enough(v unit.Microlitre, d day.Day, at day.Instant, by id.Person) {
	n := len(w.open())
	if w.err != nil || w.openLeft() >= v || n == len(w.bottles) {
		return
	}
	f, err := stock.DecideOpen(w.bottles[n], w.open(), stock.Second{Person: w.other(d, by)}, by, d)
	if w.decided(d, "open a bottle", err) {
		w.bottles[n].Opened = d
		w.tell(at, by, f)
	}
}

// draw takes a volume out of the bottles in use.
func (w *world) draw(v unit.Microlitre, d day.Day) []dose.Draw {
	taken, err := stock.Draw(w.open(), v)
	if !w.decided(d, "draw", err) {
		return nil
	}
	var out []dose.Draw
	for _, t := range taken {
		w.move(t.Bottle, -t.Volume)
		out = append(out, dose.Draw{Bottle: t.Bottle, Volume: t.Volume})
	}
	return out
}

func (w *world) putBack(d dose.Draw) { w.move(d.Bottle, d.Volume) }

func (w *world) move(b id.Bottle, v unit.Microlitre) {
	for i := range w.bottles {
		if w.bottles[i].Bottle == b {
			w.bottles[i].Left += v
			return
		}
	}
}

// finish takes empty bottles out of use.
func (w *world) finish(d day.Day, at day.Instant, by id.Person) {
	for len(w.open()) > 0 && w.bottles[0].Left == 0 && w.err == nil {
		f, err := stock.DecideFinish(w.bottles[0], stock.Second{Person: w.other(d, by)}, by, d)
		if w.decided(d, "finish a bottle", err) {
			w.tell(at, by, f)
			w.bottles = append(w.bottles[:0], w.bottles[1:]...)
		}
	}
}

// spill loses a little, about once in two months.
func (w *world) spill(d day.Day, at day.Instant, by id.Person) {
	n, v := w.shelf.IntN(60), unit.Microlitre(between(w.shelf, 4, 16))*unit.Millilitre/2
	if n != 0 || len(w.open()) == 0 || w.bottles[0].Left <= v {
		return
	}
	f, err := stock.DecideSpill(w.bottles[0], stock.Spill{
		Bottle: w.bottles[0].Bottle, Volume: v, Why: spillWhy, Witness: stock.Second{Person: w.other(d, by)},
	}, by, d)
	if w.decided(d, "spill", err) {
		w.bottles[0].Left -= v
		w.tell(at, by, f)
	}
}

// count measures every bottle in use. A little sticks to glass and cups, so
// the measurement is at or under the book more often than over it.
func (w *world) count(d day.Day, at day.Instant, by, with id.Person) {
	for i := range w.open() {
		b := &w.bottles[i]
		diff := w.difference()
		if measured := b.Left + diff; measured < 0 || measured > b.Size {
			diff = 0
		}
		c := stock.Count{Bottle: b.Bottle, Measured: b.Left + diff, Witness: stock.Second{Person: with}}
		if diff != 0 && (!w.o.Tolerance.Known || max(diff, -diff) > w.o.Tolerance.Volume) {
			c.Why = countWhy
		}
		f, err := stock.DecideCount(*b, c, w.o.Tolerance, by, d)
		if w.decided(d, "count", err) {
			b.Left = f.Measured
			w.tell(at, by, f)
		}
	}
}

// difference is what a count finds: nothing on most days, up to 3 mL on the
// others, more once in a hundred days.
func (w *world) difference() unit.Microlitre {
	half := unit.Millilitre / 2
	switch n := w.shelf.IntN(100); {
	case n < 58:
		return 0
	case n < 74:
		return -half
	case n < 83:
		return -2 * half
	case n < 88:
		return -unit.Microlitre(between(w.shelf, 3, 5)) * half
	case n < 98:
		return half
	case n < 99:
		return -6 * half
	}
	return -unit.Microlitre(between(w.shelf, 8, 12)) * half
}
