package invented

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/unit"
)

const (
	second day.Instant = 1000
	minute             = 60 * second
)

// world is one place while its history is made.
type world struct {
	o     Options
	place Place
	first day.Day // first morning
	last  day.Day // last morning

	// Chance comes in streams, so that what happens to bottles moves nothing
	// of what happens to people: History relies on it.
	people, habits, desk, window, shelf, ids *rand.Rand

	staff   []Person
	by      map[duty.Duty][]id.Person
	crew    []*person
	names   map[string]bool
	drawn   map[int][]byte // portraits by the number of the code
	codes   int
	bottles []stock.Bottle // sealed and open, the one opened first before the next
	start   unit.Microlitre
	labels  int
	rain    []day.Day // days on which paths are out
	book    daybook.State
	queue   []visit
	buf     []Fact // of the day
	emit    func(Fact) error
	err     error // the first thing that went wrong; everything after it is void
}

// person is an invented patient while the history is made.
type person struct {
	row    patient.Registered
	inCare bool
	orders []order.Standing
	today  []dose.Entry
	held   day.Instant
	answer *dose.GapAnswered

	firstDose  day.Day // of this course of treatment
	lastDay    day.Day // newest day before today with a dose taken
	lastAmount unit.Microgram
	lastAt     day.Instant

	begins   day.Day // first morning here, by plan
	leaves   day.Day // last morning, by plan; Never if the person stays
	returns  day.Day // first morning of a second course; Never if none
	earlier  bool    // in treatment before the record begins
	amount   unit.Microgram
	target   unit.Microgram
	cover    day.Day // last day with an order
	length   int     // days of a monthly order
	nextRise day.Day

	misses  int // ten-thousandths of the days
	away    day.Day
	row3    int // days missed in a row
	arrives int // usual minute after the opening
	notes   int // on which day of the month the counsellor sees the person
	role    role
	forced  outcome // what must happen to one of the person's doses
	from    day.Day // and from which day on
}

// role is what a person is meant to show on the morning after the history.
type role int

const (
	plain     role = iota
	endsSoon       // the order ends within three days
	expired        // the order ended on the last day
	waiting        // the next order waits for a signature
	dayFour        // fourth day of induction, first rise
	missedTwo      // two days missed: the same dose
	missedFew      // four days missed: the physician decides
	lastPart       // the last dose was taken in part
)

// calm says whether nothing unplanned may happen to the person near the end.
func (r role) calm() bool { return r != plain }

func newWorld(p Place, o Options, start unit.Microlitre, emit func(Fact) error) (*world, error) {
	if o.Days == 0 {
		o.Days = halfYear
	}
	if o.Last == day.Never || o.Days < 60 || o.Zone == (day.Zone{}) || len(p.Duties) < 2 {
		return nil, fmt.Errorf("invented history of %s: needs a last day, a zone, two people and at least 60 days", p.Founded.Site)
	}
	w := &world{o: o, place: p, last: o.Last, first: o.Last - day.Day(o.Days) + 1, start: start, emit: emit}
	w.begin()
	w.makeCrew()
	w.makeRain()
	return w, nil
}

// begin sets up chance and the people who work at the place.
func (w *world) begin() {
	w.names, w.by, w.drawn = map[string]bool{}, map[duty.Duty][]id.Person{}, map[int][]byte{}
	for i, r := range []**rand.Rand{&w.people, &w.habits, &w.desk, &w.window, &w.shelf, &w.ids} {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%s %d", w.place.Founded.Site, i) // a hash never fails
		*r = rand.New(rand.NewPCG(w.o.Seed, h.Sum64()))
	}
	w.makeStaff()
}

// run makes the whole history.
func (w *world) run() error {
	w.takeOver(w.first - 1)
	w.flush()
	for d := w.first; d <= w.last && w.err == nil; d++ {
		w.openDay(d)
		w.morning(d)
		w.closeDay(d)
		w.afternoon(d)
		w.flush()
	}
	if w.err != nil {
		return fmt.Errorf("invented history of %s: %w", w.place.Founded.Site, w.err)
	}
	return nil
}

// tell keeps a fact of the day, unless something went wrong before.
func (w *world) tell(at day.Instant, by id.Person, fact any) {
	if w.err == nil {
		w.buf = append(w.buf, Fact{At: at, By: by, Fact: fact})
	}
}

// decided says whether a care room said yes. A no is an error of this package.
func (w *world) decided(d day.Day, what string, err error) bool {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("%s on %s: %w", what, d, err)
	}
	return w.err == nil
}

// flush gives the day's facts away in the order of time.
func (w *world) flush() {
	slices.SortStableFunc(w.buf, func(a, b Fact) int { return cmp.Compare(a.At, b.At) })
	for _, f := range w.buf {
		if w.err != nil {
			break
		}
		w.err = w.emit(f)
	}
	w.buf = w.buf[:0]
}

// newID makes an id as the door does, of 80 bits.
func (w *world) newID() string {
	var b [10]byte
	for i := range b {
		b[i] = byte(w.ids.Uint32())
	}
	return id.Encode(b[:])
}

// newIDAt makes an id that sorts by the moment, as the door does for doses.
func (w *world) newIDAt(at day.Instant) string {
	var b [5]byte
	for i := range b {
		b[i] = byte(w.ids.Uint32())
	}
	return id.EncodeAt(int64(at), b)
}

// at is a moment of a day with seconds that nobody chose.
func (w *world) at(r *rand.Rand, d day.Day, hour, min int) day.Instant {
	return w.o.Zone.At(d, hour, min) + day.Instant(r.IntN(60_000))
}

func (w *world) foundedAt() day.Instant { return w.o.Zone.At(w.first-1, 13, 0) }

// makeStaff makes the people who work here, every one with a PIN.
func (w *world) makeStaff() {
	pins := map[string]bool{}
	for i, duties := range w.place.Duties {
		of := anyPeople(w.people, []share{{thai, 50}, {kinh, 35}, {mong, 15}})
		p := Person{PIN: w.pin(pins)}
		p.Enrolled = staff.Enrolled{Person: id.Person(w.newID()), Name: of.nameOf(w.people, w.people.IntN(100) < 55, w.names), Duties: duties}
		if i == 0 && w.o.Manager != "" {
			p.Person = w.o.Manager
		}
		w.staff = append(w.staff, p)
		for _, d := range duties {
			w.by[d] = append(w.by[d], p.Person)
		}
	}
	for _, d := range []duty.Duty{duty.Counsellor, duty.Physician} {
		if len(w.by[d]) == 0 {
			w.by[d] = w.by[duty.Physician]
		}
	}
}

func (w *world) pin(taken map[string]bool) string {
	for {
		p := fmt.Sprintf("%06d", w.people.IntN(1_000_000))
		if staff.CheckPIN(p) == nil && !taken[p] {
			taken[p] = true
			return p
		}
	}
}

// server is who serves a window on a day; the dispensers take turns.
func (w *world) server(d day.Day, window int) id.Person {
	all := w.by[duty.Dispenser]
	return all[(int(d)+window)%len(all)]
}

// other is a second person beside by.
func (w *world) other(d day.Day, by id.Person) id.Person {
	for i := range w.staff {
		p := w.staff[(i+int(d))%len(w.staff)].Person
		if p != by {
			return p
		}
	}
	return "" // newWorld asked for two people
}

func (w *world) physician() id.Person { return w.by[duty.Physician][0] }

func (w *world) counsellor(d day.Day) id.Person {
	all := w.by[duty.Counsellor]
	return all[int(d)%len(all)]
}

// makeRain chooses the days on which paths are out: in the wet months a storm
// now and then, for two or three days.
func (w *world) makeRain() {
	for d := w.first; d <= w.last; d++ {
		if _, m, _ := d.Civil(); m >= 5 && m <= 9 && w.habits.IntN(24) == 0 {
			for range between(w.habits, 2, 3) {
				w.rain = append(w.rain, d)
				d++
			}
		}
	}
}

// harvest says whether the rice is brought in: in early summer and in autumn.
func harvest(d day.Day) bool {
	_, m, dom := d.Civil()
	return (m == 5 && dom > 20) || (m == 6 && dom < 12) || m == 10
}
