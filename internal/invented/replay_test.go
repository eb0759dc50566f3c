package invented

import (
	"fmt"
	"testing"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// replay keeps the state of a site from the facts alone, by its own means, so
// that it can judge the generator's.
type replay struct {
	o      Options
	open   day.Day
	newest day.Day
	people map[id.Patient]*history
	order  []id.Patient
	book   *book
	expiry map[id.Bottle]day.Day
}

// history is one person's part.
type history struct {
	left   bool
	orders map[id.Order]*order.Standing
	wrote  map[id.Order]order.Written
	doses  []dose.Entry
	held   day.Instant
	heldOn day.Day
	answer *dose.GapAnswered
	missed []dose.Missed
}

func newReplay(o Options) *replay {
	return &replay{o: o, people: map[id.Patient]*history{}, book: newBook(), expiry: map[id.Bottle]day.Day{}}
}

func (r *replay) add(f Fact) error {
	if v, ok := f.Fact.(dose.Poured); ok { // judged before it counts
		if err := r.judge(f, v); err != nil {
			return fmt.Errorf("%s on %s: %w", v.Dose, v.Day, err)
		}
	}
	if err := r.book.add(f); err != nil {
		return err
	}
	switch v := f.Fact.(type) {
	case daybook.Opened:
		r.open, r.newest = v.Day, v.Day
	case daybook.Closed:
		r.open = day.Never
	case stock.Received:
		r.expiry[v.Bottle] = v.Expiry
	case patient.Registered:
		r.people[v.Patient] = &history{orders: map[id.Order]*order.Standing{}, wrote: map[id.Order]order.Written{}}
		r.order = append(r.order, v.Patient)
	case patient.Left:
		r.people[v.Patient].left = true
	case patient.Returned:
		r.people[v.Patient].left = false
	default:
		r.orders(f)
		r.doses(f)
	}
	return nil
}

func (r *replay) orders(f Fact) {
	switch v := f.Fact.(type) {
	case order.Written:
		h := r.people[v.Patient]
		h.wrote[v.Order] = v
		h.orders[v.Order] = &order.Standing{Order: v.Order, Patient: v.Patient, Phase: v.Phase, Amount: v.Amount, First: v.First, Last: v.Last, WrittenAt: f.At}
	case order.Signed:
		h := r.people[v.Patient]
		h.orders[v.Order].Signed, h.orders[v.Order].SignedAt = true, f.At
		for _, old := range h.wrote[v.Order].Replaces {
			h.stop(old, h.wrote[v.Order].First)
		}
	case order.Stopped:
		r.people[v.Patient].stop(v.Order, v.From)
	}
}

func (h *history) stop(o id.Order, from day.Day) {
	if s := h.orders[o]; s.StoppedFrom == day.Never || s.StoppedFrom > from {
		s.StoppedFrom = from
	}
}

func (r *replay) doses(f Fact) {
	switch v := f.Fact.(type) {
	case dose.Recorded:
		h := r.people[v.Patient]
		h.doses = append(h.doses, dose.Entry{Dose: v.Dose, Patient: v.Patient, Day: v.Day, Amount: v.Amount, Taken: v.Amount, Outcome: dose.Taken})
	case dose.Poured:
		h := r.people[v.Patient]
		h.doses = append(h.doses, dose.Entry{
			Dose: v.Dose, Patient: v.Patient, Day: v.Day, Amount: v.Amount, Volume: v.Volume, Outcome: dose.PouredOnly,
			Replaces: v.Replaces, PouredAt: f.At, PouredBy: f.By, VomitedMin: -1,
		})
	case dose.Swallowed:
		e := r.people[v.Patient].entry(v.Dose)
		e.Outcome, e.Taken, e.EndedAt = dose.Taken, e.Amount, f.At
	case dose.Answered:
		e := r.people[v.Patient].entry(v.Dose)
		e.Outcome, e.Taken, e.EndedAt = v.Outcome, e.Amount, f.At
	case dose.PartTaken:
		e := r.people[v.Patient].entry(v.Dose)
		e.Outcome, e.Taken, e.EndedAt = dose.PartOnly, v.Taken, f.At
	case dose.NotGiven:
		e := r.people[v.Patient].entry(v.Dose)
		e.Outcome, e.Again, e.EndedAt = dose.NotTaken, v.Again, f.At
	case dose.Vomited:
		r.people[v.Patient].entry(v.Dose).VomitedMin = v.Minutes
	case dose.ReplacementAllowed:
		r.people[v.Patient].entry(v.Dose).Replacement = v.Amount
	case dose.Corrected:
		e := r.people[v.Patient].entry(v.Dose)
		e.Outcome, e.Taken = v.Outcome, v.Taken
	case dose.Held:
		r.people[v.Patient].held, r.people[v.Patient].heldOn = f.At, v.Day
	case dose.Released:
		r.people[v.Patient].held = 0
	case dose.GapAnswered:
		r.people[v.Patient].answer = &v
	case dose.Missed:
		r.people[v.Patient].missed = append(r.people[v.Patient].missed, v)
	}
}

func (h *history) entry(d id.Dose) *dose.Entry {
	for i := len(h.doses) - 1; i >= 0; i-- {
		if h.doses[i].Dose == d {
			return &h.doses[i]
		}
	}
	panic("a fact about a dose that was never poured: " + string(d))
}

func (h *history) standing() []order.Standing {
	var out []order.Standing
	for _, s := range h.orders {
		out = append(out, *s)
	}
	return out
}

// state is what was known at that moment.
func (r *replay) state(p id.Patient, d day.Day) dose.State {
	h := r.people[p]
	s := dose.State{DayOpen: r.open == d, NewestDay: r.newest, LeftCare: h.left, Answer: h.answer, Strength: 10_000}
	for _, e := range h.doses {
		if e.Outcome != dose.NotTaken {
			s.LastAt = max(s.LastAt, e.EndedAt, e.PouredAt)
		}
		switch {
		case e.Day == d:
			s.Today = append(s.Today, e)
		case e.Outcome != dose.NotTaken && e.Day >= s.LastTaken:
			s.LastTaken, s.LastAmount = e.Day, e.Taken
		}
	}
	if h.heldOn == d {
		s.HeldSince, s.HeldWhy = h.held, dose.Intoxicated
	}
	if in, no := order.InForce(h.standing(), d); no == nil {
		s.Order, s.Ordered, s.Induction = in.Order, in.Amount, in.Phase == order.Induction
	} else {
		s.NoOrder = no
	}
	for b := range r.book.open {
		if left, ok := r.book.left[b]; ok {
			s.VolumeLeft += left
			s.BottleOpen = true
			s.BottleDated = max(s.BottleDated, r.expiry[b])
		}
	}
	return s
}

func (r *replay) judge(f Fact, v dose.Poured) error {
	s := r.state(v.Patient, v.Day)
	plan, err := dose.DecidePour(s, dose.Pour{Patient: v.Patient, Shown: v.Amount, Replacement: v.Replaces}, v.Day, f.At, r.o.Dose)
	if err == nil && (plan.Order != v.Order || plan.Volume != v.Volume) {
		return fmt.Errorf("plan %+v, poured %+v", plan, v)
	}
	return err
}

func replayed(t *testing.T, s Site, o Options) *replay {
	t.Helper()
	r := newReplay(o)
	for _, f := range s.Facts {
		if err := r.add(f); err != nil {
			t.Fatalf("%s: %v", s.Founded.Site, err)
		}
	}
	return r
}

// Every pour of the histories would have been allowed by the dose room, given
// what the facts before it say.
func TestEveryPourWasAllowed(t *testing.T) {
	for _, s := range histories(t, 1) {
		r := replayed(t, s, options(t, 1))
		for _, h := range r.people {
			for _, e := range h.doses {
				if e.Outcome == dose.PouredOnly {
					t.Errorf("%s: dose %s of %s was never answered", s.Founded.Site, e.Dose, e.Day)
				}
			}
		}
	}
}

// Every person in care has a dose or a mark on every day that was closed since
// their first morning.
func TestEveryDayIsAccountedFor(t *testing.T) {
	for _, s := range histories(t, 1) {
		in := map[id.Patient]bool{}
		done := map[id.Patient]bool{}
		for _, f := range s.Facts {
			switch v := f.Fact.(type) {
			case patient.Registered:
				in[v.Patient] = true
			case patient.Left:
				delete(in, v.Patient)
			case patient.Returned:
				in[v.Patient] = true
			case dose.Swallowed:
				done[v.Patient] = true
			case dose.PartTaken:
				done[v.Patient] = true
			case dose.Answered:
				done[v.Patient] = true
			case dose.Missed:
				if done[v.Patient] {
					t.Errorf("%s: marked as missed on %s, with a dose", s.Founded.Site, v.Day)
				}
				done[v.Patient] = true
			case daybook.Closed:
				if v.Expected != len(in) || v.Dosed != len(done) || v.Dosed+v.Missed+v.Held != v.Expected {
					t.Errorf("%s %s: %+v, want %d expected and %d dosed", s.Founded.Site, v.Day, v, len(in), len(done))
				}
			case stock.Counted: // the marks of the closing are all told by now
				if len(done) != len(in) {
					t.Errorf("%s %s: %d of %d accounted for", s.Founded.Site, v.Day, len(done), len(in))
				}
				clear(done)
			}
		}
		if want := place(t, s.Founded.Site).Patients; len(in) != want {
			t.Errorf("%s: %d in care at the end, want %d", s.Founded.Site, len(in), want)
		}
	}
}

func place(t *testing.T, code id.Site) Place {
	t.Helper()
	for _, p := range Places() {
		if p.Founded.Site == code {
			return p
		}
	}
	t.Fatalf("no place %s", code)
	return Place{}
}

// tomorrow counts what the morning after the history shows.
type tomorrow struct {
	expired, waiting, other     int // why there is no order
	endsSoon, two, four, gap    int
	part, dayFour, dosesAllowed int
}

func look(r *replay) tomorrow {
	var n tomorrow
	d := r.o.Last + 1
	r.open, r.newest = d, d
	for _, p := range r.order {
		h := r.people[p]
		if h.left {
			continue
		}
		s := r.state(p, d)
		n.orders(s, h, d)
		_, err := dose.DecidePour(s, dose.Pour{Shown: s.Ordered}, d, r.o.Zone.At(d, 7, 0), r.o.Dose)
		switch {
		case err == nil:
			n.dosesAllowed++
		case reason.Rule(err) == "DOSE-06":
			n.gap++
		}
		switch s.MissedDays(d) {
		case 2:
			n.two++
		case 4:
			n.four++
		}
		if last := h.doses[len(h.doses)-1]; last.Day == r.o.Last && last.Outcome == dose.PartOnly {
			n.part++
		}
	}
	return n
}

func (n *tomorrow) orders(s dose.State, h *history, d day.Day) {
	if s.NoOrder != nil {
		switch s.NoOrder.Rule {
		case "ORDER-42":
			n.expired++
		case "ORDER-41":
			n.waiting++
		default:
			n.other++
		}
		return
	}
	in := h.orders[s.Order]
	if in.Phase == order.Maintenance && in.Last-d < 3 {
		n.endsSoon++
	}
	if s.Induction && h.doses[0].Day == d-3 && s.Ordered == h.doses[0].Amount+5*unit.Milligram {
		n.dayFour++
	}
}

// The morning after the history shows at the large place what a visitor should
// meet, whatever the seed.
func TestTheNextMorningIsStaged(t *testing.T) {
	for seed := range uint64(6) {
		o := options(t, seed)
		s, err := Places()[2].History(o)
		if err != nil {
			t.Fatal(err)
		}
		n := look(replayed(t, s, o))
		if n.expired != 1 || n.waiting != 2 || n.other != 0 || n.dayFour != 1 || n.part != 1 {
			t.Errorf("seed %d: %+v; want 1 expired, 2 waiting, 1 on day four, 1 part taken", seed, n)
		}
		if n.endsSoon < 3 || n.two < 1 || n.four < 1 || n.gap < 1 || n.gap > 3 || n.dosesAllowed < 55 {
			t.Errorf("seed %d: %+v; want orders that end soon, two days missed, four missed, and most ready to be dosed", seed, n)
		}
	}
}
