package invented

import (
	"cmp"
	"fmt"
	"slices"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// outcome is what becomes of one person's visit.
type outcome int

const (
	ordinary      outcome = iota
	heldBack              // no dose today
	heldThenGiven         // seen again after an hour
	part                  // a part was swallowed
	spilt                 // the cup fell; poured again
	wrongPerson           // the cup was not handed over, and went back
	unanswered            // nobody said what became of it; found out later
	vomited               // and a part replaced
	vomitedOnly           // nothing replaced
	corrected             // put right later in the morning

	// What a visit leads to later in the same morning.
	release
	again
	replace
	answer
	correct
)

// visit is something that happens at the window, at its time.
type visit struct {
	at      day.Instant // when the cup is poured, or the later act happens
	seen    day.Instant // when the person's record was opened
	end     day.Instant // when the outcome is answered
	p       *person
	by      id.Person
	station id.Station
	what    outcome
	dose    id.Dose // that a later act is about
}

// morning serves everyone who comes, in the order of time.
func (w *world) morning(d day.Day) {
	w.queue = w.schedule(d)
	for len(w.queue) > 0 && w.err == nil {
		v := w.queue[0]
		w.queue = w.queue[1:]
		switch v.what {
		case release:
			w.released(v, d)
		case replace:
			w.replaced(v, d)
		case again:
			v.what = ordinary
			w.poured(v, d, dose.Pour{Shown: w.state(v.p, d).Ordered})
		case answer:
			w.answered(v)
		case correct:
			w.correctedLater(v)
		default:
			w.serve(v, d)
		}
	}
}

// later puts an act into the queue, in its place by time.
func (w *world) later(v visit) {
	i, _ := slices.BinarySearchFunc(w.queue, v, func(a, b visit) int { return cmp.Compare(a.at, b.at) })
	w.queue = slices.Insert(w.queue, i, v)
}

// schedule says who comes when: each person about the usual minute, one after
// the other at each window.
func (w *world) schedule(d day.Day) []visit {
	type arrival struct {
		at day.Instant
		p  *person
	}
	open := w.o.Zone.At(d, 6, 30)
	var come []arrival
	for _, p := range w.crew {
		p.today, p.held = p.today[:0], 0
		if p.stays(d) && !w.absent(p, d) {
			m := min(max(p.arrives+between(w.habits, -12, 12), 0), morningLength+10)
			come = append(come, arrival{open + day.Instant(m)*minute + day.Instant(w.habits.IntN(60_000)), p})
		}
	}
	slices.SortStableFunc(come, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	free := make([]day.Instant, w.place.Windows)
	var out []visit
	for _, a := range come {
		i := slices.Index(free, slices.Min(free))
		seen := max(a.at, free[i])
		v := visit{p: a.p, seen: seen, by: w.server(d, i), station: id.Station(fmt.Sprintf("%d", i+1)), what: w.fate(a.p, d)}
		v.at = seen + w.span(11, 32)
		v.end = v.at + w.span(20, 60)
		free[i] = v.end + w.span(4, 14)
		if w.waits(a.p, d) { // the physician is called while the next are served
			v.at, v.end = v.at+12*minute, v.end+12*minute
			free[i] = seen + minute
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b visit) int { return cmp.Compare(a.at, b.at) })
	return out
}

func (w *world) span(lo, hi int) day.Instant {
	return day.Instant(between(w.window, lo*1000, hi*1000))
}

// waits says whether missed days ask for the physician before the dose.
func (w *world) waits(p *person, d day.Day) bool {
	s := dose.State{LastTaken: p.lastDay}
	missed := s.MissedDays(d)
	if missed == 0 {
		return false
	}
	row, ok := w.o.Dose.GapFor(missed)
	return !ok || row.Action != dose.Same
}

// fate is what becomes of a visit.
func (w *world) fate(p *person, d day.Day) outcome {
	n := w.habits.IntN(10_000)
	switch {
	case p.role == lastPart && d == w.last:
		return part
	case w.waits(p, d) || d == w.last || (p.role.calm() && w.last-d < quietDays):
		return ordinary // the last day ends without a story, but for the one that is meant
	case p.forced != ordinary && d >= p.from:
		o := p.forced
		p.forced = ordinary
		return o
	}
	for _, x := range []struct {
		often int
		o     outcome
	}{
		{oftenHeld / 2, heldBack},
		{oftenHeld / 2, heldThenGiven},
		{oftenPart, part},
		{oftenSpilt, spilt},
		{oftenWrong, wrongPerson},
		{oftenUnanswered, unanswered},
		{oftenVomited / 2, vomited},
		{oftenVomited / 2, vomitedOnly},
		{oftenCorrected, corrected},
	} {
		if n -= x.often; n < 0 {
			return x.o
		}
	}
	return ordinary
}

// serve is one person at the window.
func (w *world) serve(v visit, d day.Day) {
	w.seen(v.p, v.seen, v.by)
	if w.waits(v.p, d) {
		w.answerGap(v.p, w.state(v.p, d), d, v.at-2*minute)
	}
	if v.what == heldBack || v.what == heldThenGiven {
		w.hold(v, d)
		return
	}
	w.poured(v, d, dose.Pour{Shown: w.state(v.p, d).Ordered})
	w.talk(v.p, d, v.end)
}

// state is what the dose room needs to know, put together as the door does.
func (w *world) state(p *person, d day.Day) dose.State {
	s := dose.State{
		DayOpen: w.book.Open == d, LeftCare: !p.inCare, Today: p.today, LastTaken: p.lastDay, LastAmount: p.lastAmount, LastAt: p.lastAt,
		HeldSince: p.held, HeldWhy: dose.Intoxicated, Answer: p.answer, NewestDay: w.book.Newest,
	}
	for _, e := range p.today {
		if e.Outcome != dose.NotTaken {
			s.LastAt = max(s.LastAt, e.EndedAt, e.PouredAt)
		}
	}
	in, no := order.InForce(p.orders, d)
	if no != nil {
		s.NoOrder = no
	} else {
		s.Order, s.Ordered, s.Induction = in.Order, in.Amount, in.Phase == order.Induction
	}
	for _, b := range w.bottles {
		if b.Opened == day.Never {
			break
		}
		s.VolumeLeft += b.Left
		if !s.BottleOpen || s.BottleDated == day.Never {
			s.Strength, s.BottleDated, s.BottleOpen = b.Strength, b.Expiry, true
		}
	}
	return s
}

// poured fills the cup, and then tells what became of it.
func (w *world) poured(v visit, d day.Day, c dose.Pour) {
	c.Patient = v.p.row.Patient
	volume, err := strength.Volume(c.Shown)
	if !w.decided(d, "measure", err) {
		return
	}
	w.enough(volume, d, v.at-6*second, v.by)
	plan, err := dose.DecidePour(w.state(v.p, d), c, d, v.at, w.o.Dose)
	if !w.decided(d, "pour", err) {
		return
	}
	f := dose.Poured{
		Dose: id.Dose(w.newIDAt(v.at)), Patient: c.Patient, Day: d, Order: plan.Order, Amount: plan.Amount, Volume: plan.Volume,
		Draws: w.draw(plan.Volume, d), Station: v.station, Replaces: plan.Replaces,
	}
	v.p.today = append(v.p.today, dose.Entry{
		Dose: f.Dose, Patient: f.Patient, Day: d, Amount: f.Amount, Volume: f.Volume, Outcome: dose.PouredOnly, Replaces: f.Replaces,
		PouredAt: v.at, PouredBy: v.by, Station: v.station, VomitedMin: -1,
	})
	v.dose = f.Dose
	w.tell(v.at, v.by, f)
	w.ended(v, d, f)
}

// ended says what became of the cup.
func (w *world) ended(v visit, d day.Day, f dose.Poured) {
	e := v.p.entry(v.dose)
	with := dose.Second{Person: w.other(d, v.by)}
	switch v.what {
	case part:
		rest := f.Volume / unit.Microlitre(between(w.window, 3, 5))
		rest -= rest % (unit.Millilitre / 2)
		g, err := dose.DecidePart(*e, dose.TakePart{Dose: v.dose, Rest: max(rest, unit.Millilitre/2), Why: partWhy, Witness: with}, v.by, d)
		if w.decided(d, "part", err) {
			e.Outcome, e.Taken, e.EndedAt = dose.PartOnly, g.Taken, v.end
			w.tell(v.end, v.by, g)
		}
	case spilt, wrongPerson:
		w.notGiven(v, d, f, with)
	case unanswered:
		v.what, v.at = answer, w.o.Zone.At(d, 9, 12)+w.span(0, 240)
		w.later(v)
	default:
		g, err := dose.DecideSwallowed(*e, v.by, d)
		if w.decided(d, "swallowed", err) {
			e.Outcome, e.Taken, e.EndedAt = dose.Taken, e.Amount, v.end
			w.tell(v.end, v.by, g)
		}
		w.afterwards(v, d)
	}
}

// afterwards is what follows a dose that was swallowed.
func (w *world) afterwards(v visit, d day.Day) {
	switch v.what {
	case vomited, vomitedOnly:
		w.vomit(v, d)
	case corrected:
		v.what, v.at = correct, w.o.Zone.At(d, 9, 16)+w.span(0, 200)
		w.later(v)
	}
}

func (p *person) entry(d id.Dose) *dose.Entry {
	for i := range p.today {
		if p.today[i].Dose == d {
			return &p.today[i]
		}
	}
	return &dose.Entry{}
}

// notGiven is a cup that was not handed over: spilt, or put back.
func (w *world) notGiven(v visit, d day.Day, f dose.Poured, with dose.Second) {
	e := v.p.entry(v.dose)
	c := dose.NotGive{Dose: v.dose, Why: dose.Spilt, Note: spiltNote, Wasted: true, Witness: with}
	if v.what == wrongPerson && len(f.Draws) == 1 && w.openLeft() > smallestStart {
		c.Why, c.Note, c.Wasted = dose.WrongPerson, wrongNote, false
	}
	g, err := dose.DecideNotGiven(*e, c, v.by, d)
	if !w.decided(d, "not given", err) {
		return
	}
	e.Outcome, e.EndedAt, e.Again = dose.NotTaken, v.end, g.Again
	if !g.Wasted {
		w.putBack(f.Draws[0])
	}
	w.tell(v.end, v.by, g)
	v.what, v.at = again, v.end+w.span(30, 70)
	v.end = v.at + w.span(20, 50)
	w.later(v)
}

// vomit is recorded some minutes after the dose; where staff saw it, the
// physician may allow what the rule table proposes.
func (w *world) vomit(v visit, d day.Day) {
	e := v.p.entry(v.dose)
	minutes := between(w.window, 6, 24)
	at := v.end + day.Instant(minutes)*minute + 20*second
	f, err := dose.DecideVomited(*e, dose.Vomit{Dose: v.dose, Minutes: minutes, Seen: v.what == vomited, Note: vomitNote}, at)
	if !w.decided(d, "vomited", err) {
		return
	}
	e.VomitedMin, e.VomitSeen = f.Minutes, f.Seen
	w.tell(at, v.by, f)
	row, ok := w.o.Dose.VomitFor(minutes)
	if v.what != vomited || !ok || row.Percent == 0 {
		return
	}
	amount := unit.Microgram(int64(e.Taken) * int64(row.Percent) / 100)
	amount -= amount % (unit.Milligram / 2)
	g, err := dose.DecideReplacement(*e, amount, replaceWhy, d)
	if !w.decided(d, "replacement", err) {
		return
	}
	e.Replacement = g.Amount
	w.tell(at+6*minute, w.physician(), g)
	v.what, v.at = replace, at+10*minute+w.span(0, 60)
	v.end, v.by = v.at+w.span(20, 50), w.server(d, 1)
	w.later(v)
}

// replaced pours what the physician allowed.
func (w *world) replaced(v visit, d day.Day) {
	e := v.p.entry(v.dose)
	c := dose.Pour{Shown: e.Replacement, Replacement: e.Dose}
	v.what = ordinary
	w.poured(v, d, c)
}

// hold keeps a dose back from someone who is not sober.
func (w *world) hold(v visit, d day.Day) {
	look := w.o.Zone.At(d, 9, 10)
	f, err := dose.DecideHold(w.state(v.p, d), dose.Hold{
		Patient: v.p.row.Patient, Why: dose.Intoxicated, Signs: holdSigns, Called: holdCalled, Plan: holdPlan, LookAt: look,
	}, d)
	if !w.decided(d, "hold", err) {
		return
	}
	v.p.held = v.at
	w.tell(v.at, v.by, f)
	if v.what == heldThenGiven {
		v.what, v.at = release, look+w.span(10, 400)
		v.end = v.at + minute + w.span(20, 50)
		w.later(v)
	}
}

// released lifts a hold and gives the dose.
func (w *world) released(v visit, d day.Day) {
	f, err := dose.DecideRelease(w.state(v.p, d), v.p.row.Patient, releaseNote, d)
	if !w.decided(d, "release", err) {
		return
	}
	v.p.held = 0
	w.tell(v.at, v.by, f)
	v.at += 40 * second
	v.what = ordinary
	w.poured(v, d, dose.Pour{Shown: w.state(v.p, d).Ordered})
}

// answered is what two people found out about a cup nobody had answered for.
func (w *world) answered(v visit) {
	e := v.p.entry(v.dose)
	by := w.other(e.Day, v.by)
	if !w.serves(by) {
		by = v.by
	}
	with := w.other(e.Day, by)
	f, err := dose.DecideAnswer(*e, dose.Answer{Dose: v.dose, Outcome: dose.Taken, Note: answerNote, Witness: dose.Second{Person: with}}, by)
	if w.decided(e.Day, "answer", err) {
		e.Outcome, e.Taken, e.EndedAt = dose.Taken, e.Amount, v.at
		w.tell(v.at, by, f)
	}
}

// serves says whether a person may act on doses.
func (w *world) serves(p id.Person) bool {
	return slices.Contains(w.by["dispenser"], p) || slices.Contains(w.by["physician"], p)
}

// correctedLater puts right an entry: a part had been left in the cup.
func (w *world) correctedLater(v visit) {
	e := v.p.entry(v.dose)
	taken := e.Amount - 5*unit.Milligram
	f, err := dose.DecideCorrect(*e, dose.Correct{
		Dose: v.dose, Outcome: dose.PartOnly, Taken: taken, Reason: correctWhy, Witness: dose.Second{Person: w.other(e.Day, v.by)},
	}, v.by)
	if w.decided(e.Day, "correct", err) {
		e.Outcome, e.Taken, e.Corrected = dose.PartOnly, f.Taken, true
		w.tell(v.at, v.by, f)
	}
}

// signIn records who works today.
func (w *world) signIn(d day.Day) {
	at := w.at(w.window, d, 6, 14)
	for i, p := range w.staff {
		w.tell(at+day.Instant(i)*3*minute, p.Person, staff.SignedIn{Person: p.Person, Station: "1"})
	}
}

// openLeft is what the open bottles hold by the book.
func (w *world) openLeft() (v unit.Microlitre) {
	for _, b := range w.bottles {
		if b.Opened != day.Never {
			v += b.Left
		}
	}
	return v
}

// open is the bottles in use, the one opened first before the next.
func (w *world) open() []stock.Bottle {
	n := 0
	for n < len(w.bottles) && w.bottles[n].Opened != day.Never {
		n++
	}
	return w.bottles[:n]
}
