package clinic

import (
	"errors"
	"fmt"
	"slices"

	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// roll is everyone who is dosed here on a day, as the records stood after so
// many entries. It never changes once it is made: a newer one takes its place.
//
// Between two looks at the window a few entries come, each about one person.
// Reading all people, orders and doses again for them was most of the page's
// time with 500 people.
type roll struct {
	told   clinicdb.Told
	today  day.Day
	people []person
	at     map[id.Patient]int
}

// newsMax is how many entries are looked through before everyone is read anew.
const newsMax = 64

// errAnew says that the news concern more than single persons.
var errAnew = errors.New("the roll is made anew")

// roll is everyone as of this view: the newest one kept, brought up to date.
// Everything in it is projected from the journal and from what was heard, so
// the numbers of their entries say whether it still holds. It is asked outside
// of transactions that write: what they read may never come to be.
func (c *Clinic) roll(v *clinicdb.View, today day.Day) ([]person, error) {
	told, err := v.Told()
	if err != nil {
		return nil, fmt.Errorf("read how far the records go: %w", err)
	}
	old := c.rolled.Load()
	var r *roll
	if old != nil && old.today == today && old.told.Heard == told.Heard {
		r, err = c.goOn(v, old, told)
	} else {
		err = errAnew
	}
	if errors.Is(err, errAnew) {
		r = &roll{told: told, today: today}
		r.people, err = c.everyone(v, today)
		if err == nil {
			r.at = places(r.people)
		}
	}
	if err != nil {
		return nil, err
	}
	if old == nil || old.told.Own < told.Own || old.told.Heard != told.Heard || old.today != today {
		c.rolled.Store(r) // of two at once the last stays; each is true of its own moment
	}
	return r.people, nil
}

func places(people []person) map[id.Patient]int {
	at := make(map[id.Patient]int, len(people))
	for i := range people {
		at[people[i].row.Patient] = i
	}
	return at
}

// goOn reads anew those whom the entries since then are about, or answers
// errAnew.
func (c *Clinic) goOn(v *clinicdb.View, old *roll, told clinicdb.Told) (*roll, error) {
	switch n := told.Own - old.told.Own; {
	case n == 0:
		return old, nil
	case n < 0 || n > newsMax:
		return nil, errAnew
	}
	var touched []id.Patient
	err := journal.Entries(v.Conn(), c.site.Site, old.told.Own, 0, func(e journal.Entry, _ []byte) error {
		p, how := concerns(e)
		switch {
		case how == nobody:
			return nil
		case how == many || p == "":
			return errAnew
		}
		if _, here := old.at[p]; !here {
			return errAnew
		}
		touched = append(touched, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r := &roll{told: told, today: old.today, people: slices.Clone(old.people), at: old.at}
	slices.Sort(touched)
	for _, p := range slices.Compact(touched) {
		if r.people[r.at[p]], err = reread(v, r.people[r.at[p]], r.today); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// reach is how far an entry reaches into the roll.
type reach int

const (
	nobody reach = iota // it changes nothing that the roll holds
	single              // one person's doses and holds, and what is counted from them
	many                // more, or it is not known here
)

// concerns says whom an entry is about. A kind that is not named reaches far.
func concerns(e journal.Entry) (id.Patient, reach) {
	switch e.Kind {
	case "access.seen", "access.printed", "staff.signed_in", "staff.secret_set", "staff.locked_out", "patient.noted", "patient.urine_tested", "stock.spilled", "stock.counted":
		return "", nobody
	case "dose.poured", "dose.swallowed", "dose.part_taken", "dose.not_given", "dose.answered", "dose.vomited", "dose.replacement_allowed",
		"dose.corrected", "dose.held", "dose.released":
		var p id.Patient
		err := journal.Members(e.Fact, func(name string, value []byte) error {
			if name == "patient" {
				p = id.Patient(journal.Text(value))
			}
			return nil
		})
		if err != nil {
			return "", many
		}
		return p, single
	}
	return "", many
}

// reread is a person of the roll with doses, holds and row as they are now.
func reread(v *clinicdb.View, old person, today day.Day) (person, error) {
	p := person{orders: old.orders, answer: old.answer}
	var err error
	if p.row, err = v.Patient(old.row.Patient); err != nil {
		return p, fmt.Errorf("read patient %s: %w", old.row.Patient, err)
	}
	if p.today, err = v.DosesHere(old.row.Patient, today); err != nil {
		return p, fmt.Errorf("read the doses of %s: %w", old.row.Patient, err)
	}
	holds, err := v.HoldsOf(old.row.Patient, today)
	if err != nil {
		return p, fmt.Errorf("read the holds of %s: %w", old.row.Patient, err)
	}
	for i := range holds { // newest first
		if p.hold == nil && holds[i].Day == today && holds[i].ReleasedAt == 0 {
			p.hold = &holds[i]
		}
	}
	return p, nil
}
