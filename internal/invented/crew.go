package invented

import (
	"fmt"
	"slices"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// makeCrew plans who is in treatment when, before anything happens.
func (w *world) makeCrew() {
	n := w.place.Patients + w.place.Gone
	for i := range n {
		p := &person{
			length: between(w.people, 28, 30), notes: between(w.people, 0, 29), arrives: w.usualMinute(), target: w.targetDose(), misses: w.habit(),
		}
		p.earlier = i < w.place.Before || i >= w.place.Patients
		p.begins = w.first
		if !p.earlier {
			p.begins = w.starts(i)
		}
		w.crew = append(w.crew, p)
	}
	w.departures()
	if w.place.Staged {
		w.stage()
	}
}

// starts spreads the starters over the history, one of them lately.
func (w *world) starts(i int) day.Day {
	if i == w.place.Patients-1 {
		return w.last - day.Day(between(w.people, 7, 10))
	}
	return w.first + day.Day(between(w.people, 6, int(w.last-w.first)-20))
}

// departures says who leaves and when; where several leave, one comes back.
func (w *world) departures() {
	gone := w.crew[w.place.Patients:]
	for i, p := range gone {
		p.leaves = w.first + day.Day(between(w.people, 35, int(w.last-w.first)-30))
		if i > 0 && i%6 == 5 {
			p.returns = p.leaves + 20
		}
	}
	if w.place.Staged && len(w.crew) > 30 {
		p := w.crew[7]
		p.leaves = w.last - 80
		p.returns = w.last - 58
	}
}

// stage gives people the parts that the morning after the history should show.
func (w *world) stage() {
	cast := []role{endsSoon}
	switch n := w.place.Patients; {
	case n > 30:
		cast = []role{endsSoon, endsSoon, endsSoon, expired, waiting, waiting, missedTwo, missedFew, lastPart}
	case n > 10:
		cast = []role{endsSoon, expired, waiting, missedTwo, lastPart}
	}
	for i, r := range cast {
		at := (i * 7) % w.place.Before
		for w.crew[at].role != plain || w.crew[at].leaves != day.Never {
			at = (at + 1) % w.place.Before
		}
		p := w.crew[at]
		p.role, p.misses, p.target = r, 20, max(p.target, 60*unit.Milligram)
	}
	if w.place.Patients > 10 {
		p := w.crew[w.place.Patients-2]
		p.role, p.begins, p.misses = dayFour, w.last-2, 0
	}
	w.force()
}

// force makes sure that what seldom happens happens at least once.
func (w *world) force() {
	if w.place.Patients < 10 {
		return
	}
	for i, o := range []outcome{heldBack, part, spilt, wrongPerson, unanswered, vomited, corrected, heldThenGiven} {
		p := w.crew[(3+2*i)%w.place.Before]
		p.forced, p.from = o, w.first+day.Day(9+17*i)%(w.last-w.first-quietDays)
	}
}

// usualMinute is when a person comes: most of them early, on the way to work.
func (w *world) usualMinute() int {
	return min(w.people.IntN(morningLength), w.people.IntN(morningLength))
}

// targetDose is where the dose settles: 60 to 110 mg for most, 40 to 130 for
// all.
func (w *world) targetDose() unit.Microgram {
	mg := 60 + 5*w.people.IntN(11)
	switch n := w.people.IntN(100); {
	case n < 9:
		mg = 40 + 5*w.people.IntN(4)
	case n > 93:
		mg = 115 + 5*w.people.IntN(4)
	}
	return unit.Microgram(mg) * unit.Milligram
}

// habit is how often a person stays away, in ten-thousandths of the days.
func (w *world) habit() int {
	switch n := w.people.IntN(10); {
	case n < 6:
		return between(w.people, 20, 90)
	case n < 9:
		return between(w.people, 100, 260)
	}
	return between(w.people, 350, 700)
}

// register puts a person on the register and gives a card.
func (w *world) register(p *person, d day.Day, at day.Instant, by id.Person, source string) {
	w.codes++
	f, err := patient.DecideRegister(w.details(), id.CheckCode(fmt.Sprintf("%s-%04d", w.place.Founded.Site, w.codes)), false, d)
	if !w.decided(d, "register", err) {
		return
	}
	f.Patient, f.Source = id.Patient(w.newID()), source
	p.row, p.inCare = f, true
	w.tell(at, by, f)
	w.giveCard(p, at+20*second, by)
	w.photograph(p, d, at+40*second, by)
}

func (w *world) giveCard(p *person, at day.Instant, by id.Person) {
	card := id.CheckCode("T-" + id.Normal(w.newID()[:8]))
	w.tell(at, by, patient.CardGiven{Patient: p.row.Patient, Card: card})
}

// takeOver is the afternoon on which the site was set up: the staff, the stock
// and everyone who was in treatment already, from the paper books.
func (w *world) takeOver(d day.Day) {
	manager := w.staff[0].Person
	at := w.foundedAt() + 10*minute
	for _, p := range w.staff[1:] {
		w.tell(at, manager, p.Enrolled)
		w.tell(at+second, manager, secretSet(p.Person, "code"))
		w.tell(at+2*minute, p.Person, secretSet(p.Person, "pin"))
		at += 4 * minute
	}
	w.firstStock(d, at)
	at += 20 * minute
	for i, p := range w.crew {
		if p.earlier {
			w.takePatient(p, d, at, fmt.Sprintf("so-theo-doi.xlsx:%d", i+2))
			at += 5 * second
		}
	}
	if len(w.crew) > 30 && w.place.Staged { // two people of one name: the year of birth tells them apart
		w.sameName(w.crew[11], w.crew[29], at)
	}
}

// takePatient brings in a person who was in treatment before the record
// begins: the register, the order in force, and the doses of the last days.
func (w *world) takePatient(p *person, d day.Day, at day.Instant, source string) {
	manager := w.staff[0].Person
	w.register(p, d, at, manager, source)
	p.amount = p.target
	p.firstDose = d - day.Day(between(w.people, 150, 1500))
	w.record(p, p.firstDose, 20*unit.Milligram, at, source)
	for x := d - recordedDays + 1; x <= d; x++ {
		w.record(p, x, p.amount, at, source)
	}
	first := d - day.Day(w.people.IntN(p.length-3))
	w.writeOrder(p, d, at, order.Write{
		Phase: order.Maintenance, Amount: p.amount, First: first, Last: first + day.Day(p.length) - 1, Reason: importReason, Imported: true,
	}, manager, true)
}

func (w *world) record(p *person, d day.Day, amount unit.Microgram, at day.Instant, source string) {
	w.tell(at, w.staff[0].Person, dose.Recorded{Dose: id.Dose(w.newID()), Patient: p.row.Patient, Day: d, Amount: amount, Source: source})
	p.lastDay, p.lastAmount = d, amount
}

// sameName gives b the name of a.
func (w *world) sameName(a, b *person, at day.Instant) {
	d := b.row.Details
	d.Name, d.Sex = a.row.Details.Name, a.row.Details.Sex
	if d.Birth.Year == a.row.Details.Birth.Year {
		d.Birth.Year -= 4
	}
	w.change(b, d, w.first-1, at)
}

func (w *world) change(p *person, details patient.Details, d day.Day, at day.Instant) {
	f, err := patient.DecideChange(p.row.Patient, details, false, "", d)
	if w.decided(d, "change details", err) {
		p.row.Details = f.Details
		w.tell(at, w.staff[0].Person, f)
	}
}

// stays says whether a person is meant to be in care on a morning.
func (p *person) stays(d day.Day) bool {
	if d < p.begins || !p.inCare {
		return false
	}
	return p.leaves == day.Never || d <= p.leaves || (p.returns != day.Never && d >= p.returns)
}

// absent says whether a person stays away on a morning: now and then, on
// Sundays more often, in the harvest, when the path is out; and seldom for
// many days.
func (w *world) absent(p *person, d day.Day) bool {
	away := w.keptAway(p, d)
	if away {
		p.row3++
	} else {
		p.row3 = 0
	}
	return away
}

func (w *world) keptAway(p *person, d day.Day) bool {
	left := w.last - d // days to the end
	switch {
	case p.role == missedTwo && left < 2, p.role == missedFew && left < 4:
		return true
	case p.role.calm() && left < quietDays, d-p.begins < inductionDays && !p.earlier, p.returns != day.Never && d >= p.returns && d < p.returns+inductionDays:
		return false
	case d <= p.away:
		return true
	case left > quietDays && !p.role.calm() && w.habits.IntN(1500) == 0:
		p.away = d + day.Day(w.longAway()) - 1
		return true
	case p.row3 >= 3:
		return false
	}
	n := p.misses
	if d.Weekday() == 0 {
		n *= 2
	}
	if harvest(d) {
		n *= 2
	}
	if slices.Contains(w.rain, d) && p.notes%3 == 0 { // a third live beyond the ford
		n += 2500
	}
	if p.row3 > 0 {
		n += 2200
	}
	return chance(w.habits, n)
}

// longAway is four or five days for most of those who stay away long.
func (w *world) longAway() int {
	if w.habits.IntN(10) < 7 {
		return between(w.habits, 4, 5)
	}
	return between(w.habits, 6, 9)
}
