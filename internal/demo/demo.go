// Package demo opens the demonstration: the invented places as real sites,
// each with its own keys, encrypted database and journal in its own directory.
//
// It makes a place once and then keeps what visitors recorded there. It never
// touches a directory that it did not make itself: a note (see note.go) is
// written before anything else, says whether the history is whole, and a place
// whose making was cut short is made again from nothing. It decides nothing
// about care, and nothing it makes is of a real person.
package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"tram/internal/baton"
	"tram/internal/care/staff"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/invented"
	"tram/internal/rulebook"
	"tram/internal/sitedir"
	"tram/internal/unit"
)

// Options are what the demonstration is opened with.
type Options struct {
	Dir   string
	Seed  uint64 // of a place that is not made yet
	Fresh bool   // make every place again; what visitors recorded is lost
	Main  bool   // with the main clinic, as the first of a programme's sites
	// Progress is told how many facts of all histories are written. Calls
	// come one at a time. It may be nil, and is not called when all is there.
	Progress func(done, total int)
	Clock    clinic.Clock // nil: the PC's clock
	Fault    func(error)  // told of every fault of a commit; may be nil
}

// Person is an invented member of staff with the PIN that the sign-in page of
// the demonstration shows.
type Person struct {
	staff.Member
	PIN string
}

// Site is an opened place.
type Site struct {
	*clinic.Clinic
	Dir    string
	People []Person // with PINs, as they were made; a visitor may have changed one since
	Last   day.Day  // newest day on record
	Made   bool     // made just now

	opened   *sitedir.Site
	stickDir string // the folder that stands for the site's stick
}

// Close closes the place and lets go of its directory.
func (s *Site) Close() error { return s.opened.Close() }

// ErrForeign says that a directory holds something the demonstration did not
// make; it is left alone.
var ErrForeign = errors.New("this directory holds something that is not the demonstration")

// workers is how many places are made at once: clinics' PCs have two cores.
const workers = 2

// Open opens all places, in their usual order, and makes those that are
// missing or half made. When it returns an error, nothing stays open.
func Open(ctx context.Context, o Options) ([]*Site, error) {
	if o.Clock == nil {
		o.Clock = func() day.Instant { return day.InstantOf(time.Now()) }
	}
	places := invented.Places()
	if o.Main {
		places = append([]invented.Place{invented.MainClinic()}, places...)
	}
	sites := make([]*Site, len(places))
	meter := &meter{tell: o.Progress}
	var mu sync.Mutex
	var first error
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	slots := make(chan struct{}, workers)
	var wait sync.WaitGroup
	for i := len(places) - 1; i >= 0; i-- { // the largest first: it takes longest
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			s, err := openPlace(ctx, places[i], o, meter)
			mu.Lock()
			defer mu.Unlock()
			sites[i] = s
			if err != nil {
				stop() // the others need not go on
				if first == nil {
					first = fmt.Errorf("demonstration, %s: %w", places[i].Founded.Site, err)
				}
			}
		})
	}
	wait.Wait()
	if first != nil {
		return nil, errors.Join(first, Close(sites))
	}
	if err := stageReturn(ctx, sites); err != nil {
		return nil, errors.Join(fmt.Errorf("demonstration, somebody who may return: %w", err), Close(sites))
	}
	return sites, nil
}

// Close closes the places that are open.
func Close(sites []*Site) error {
	var all []error
	for _, s := range sites {
		if s != nil {
			all = append(all, s.Close())
		}
	}
	return errors.Join(all...)
}

func openPlace(ctx context.Context, p invented.Place, o Options, m *meter) (*Site, error) {
	dir := filepath.Join(o.Dir, strings.ToLower(string(p.Founded.Site)))
	n, err := readNote(dir)
	if err != nil {
		return nil, err
	}
	made := !n.Whole || o.Fresh
	if made {
		if n, err = makePlace(ctx, dir, p, o, m); err != nil {
			return nil, err
		}
	}
	stick := filepath.Join(o.Dir, "baton-"+strings.ToLower(string(p.Founded.Site)))
	open := sitedir.Options{Clock: o.Clock, Fault: o.Fault, Baton: baton.Dir(stick)}
	opened, err := sitedir.Open(ctx, dir, open)
	if errors.Is(err, sitedir.ErrNoSite) && !made { // somebody removed the files; nothing is left to keep
		made = true
		if n, err = makePlace(ctx, dir, p, o, m); err != nil {
			return nil, err
		}
		opened, err = sitedir.Open(ctx, dir, open)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; tram demo --fresh makes it again", err)
	}
	s := &Site{Clinic: opened.Clinic, opened: opened, stickDir: stick, Dir: dir, People: n.people(), Made: made}
	if err := s.check(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// check refuses a site of real people under the note of an invented one, and
// finds the newest day.
func (s *Site) check(ctx context.Context) error {
	if !s.Site().Invented {
		return fmt.Errorf("%w: %s", ErrForeign, s.Dir)
	}
	return s.View(ctx, func(v *clinicdb.View) error {
		days, err := v.Days(1)
		if err != nil {
			return fmt.Errorf("read the newest day: %w", err)
		}
		if len(days) > 0 {
			s.Last = days[0].Day
		}
		return nil
	})
}

// makePlace makes one place from nothing. The note says "being made" until the
// last fact is on the disk; a crash anywhere between leaves that word.
func makePlace(ctx context.Context, dir string, p invented.Place, o Options, m *meter) (note, error) {
	n := note{Format: noteFormat, Site: p.Founded.Site, Seed: o.Seed}
	if err := n.write(dir); err != nil {
		return n, err
	}
	sitedir.Remove(dir)
	s, err := found(ctx, dir, p, o)
	if err != nil {
		return n, err
	}
	if err := fill(ctx, dir, s, o, m); err != nil {
		return n, err
	}
	for _, x := range s.Staff {
		n.Staff = append(n.Staff, noted{Person: x.Person, Name: x.Name, Duties: x.Duties, PIN: x.PIN})
	}
	n.Whole = true
	return n, n.write(dir)
}

// found founds the site on the day before its history and makes the history
// that follows, up to yesterday.
func found(ctx context.Context, dir string, p invented.Place, o Options) (invented.Site, error) {
	zone, err := day.LoadZone(p.Founded.Zone)
	if err != nil {
		return invented.Site{}, err
	}
	wanted, err := options(o.Seed, zone, zone.DayOf(o.Clock())-1, p.Founded.Rules)
	if err != nil {
		return invented.Site{}, err
	}
	manager := p.People(o.Seed)[0]
	founding := clinic.Founding{Site: p.Founded, Manager: manager.Name, Duties: manager.Duties, PIN: manager.PIN, Numbers: numbers()}
	at := p.FoundedAt(wanted)
	_, person, err := sitedir.Create(ctx, dir, founding, sitedir.Options{Clock: func() day.Instant { return at }})
	if err != nil {
		return invented.Site{}, err
	}
	wanted.Manager = person
	return p.History(wanted)
}

// numbers are those that the invented programme sets where its rule set has
// none. The others stay open, as the rulebook's page then shows.
func numbers() []rulebook.Confirm {
	dailyMax, tolerance := int64(200*unit.Milligram), int64(3*unit.Millilitre)
	window, missed, urine := int64(30), int64(3), int64(60)
	return []rulebook.Confirm{
		{Key: rulebook.DailyMax, Value: &dailyMax, Reason: invented.Disclaimer},
		{Key: rulebook.CountTolerance, Value: &tolerance, Reason: invented.Disclaimer},
		{Key: rulebook.StableWindowDays, Value: &window, Reason: invented.Disclaimer},
		{Key: rulebook.StableMissedMax, Value: &missed, Reason: invented.Disclaimer},
		{Key: rulebook.StableUrineDays, Value: &urine, Reason: invented.Disclaimer},
	}
}

// options are what a history is made from: the limits in force at the site.
func options(seed uint64, zone day.Zone, last day.Day, rules string) (invented.Options, error) {
	o := invented.Options{Seed: seed, Last: last, Zone: zone}
	set, err := rulebook.Load(rules)
	if err != nil {
		return o, err
	}
	changes, err := rulebook.DecideConfirm(set, nil, numbers())
	if err != nil {
		return o, fmt.Errorf("the invented programme's numbers: %w", err)
	}
	book, err := rulebook.Effective(set, changes)
	if err != nil {
		return o, fmt.Errorf("the invented programme's rulebook: %w", err)
	}
	o.Order, o.Dose = book.Order(), book.Dose()
	if most, ok := book.RestartMax(); ok {
		o.RestartMax = most
	}
	o.Tolerance.Volume, o.Tolerance.Known = book.CountTolerance()
	return o, nil
}

// fill writes the history and the PINs through the door.
func fill(ctx context.Context, dir string, s invented.Site, o Options, m *meter) error {
	history := make([]clinic.Seed, len(s.Facts))
	for i, f := range s.Facts {
		history[i] = clinic.Seed{At: f.At, By: f.By, Fact: f.Fact, Blob: f.Blob}
	}
	m.expect(len(history))
	opened, err := sitedir.Open(ctx, dir, sitedir.Options{Clock: o.Clock, Fault: o.Fault, CacheKB: fillCacheKB})
	if err != nil {
		return err
	}
	done := 0
	err = opened.SeedInvented(ctx, history, func(n, _ int) {
		m.add(n - done)
		done = n
	})
	for _, x := range s.Staff[1:] { // the first has had a PIN since the founding
		if err == nil {
			err = opened.SeedSecret(x.Person, x.PIN)
		}
	}
	return errors.Join(err, opened.Close())
}

// fillCacheKB holds a whole place while it is made.
const fillCacheKB = 32 << 10

// meter adds up the progress of the places.
type meter struct {
	mu          sync.Mutex
	tell        func(done, total int)
	done, total int
}

func (m *meter) expect(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total += n
	m.show()
}

func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done += n
	m.show()
}

func (m *meter) show() {
	if m.tell != nil {
		m.tell(m.done, m.total)
	}
}
