package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/site"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/unit"
)

const (
	benchPIN    = "205173" // the invented nurse's
	benchAmount = 80 * unit.Milligram
	benchVolume = unit.Microlitre(8000) // of that, at 10 mg/mL
	benchRenew  = 28                    // days between two orders of a patient
	benchMiss   = 40                    // one day in so many nobody came
	seedCacheKB = 128 << 10             // one connection writes all of it; SQLite itself ends at 256 MiB here
)

// benchSite is an invented site with a history and a clock of its own.
type benchSite struct {
	*sitedir.Site
	dir string
	mu  sync.Mutex
	now day.Instant

	zone     day.Zone
	first    day.Day
	next     day.Day // the first day after the history
	nurse    access.Actor
	patients []id.Patient
	orders   []id.Order // of each patient, the newest
	bottle   id.Bottle
	chance   *rand.ChaCha8
	given    int // doses in the history
}

// newBenchSite founds a site whose history is to end yesterday.
func newBenchSite(ctx context.Context, dir string, patients, days int) (*benchSite, error) {
	s := &benchSite{dir: dir, chance: rand.NewChaCha8([32]byte{1})}
	var err error
	if s.zone, err = day.LoadZone("Asia/Ho_Chi_Minh"); err != nil {
		return nil, err
	}
	s.first = s.zone.DayOf(day.InstantOf(time.Now())) - day.Day(days)
	s.next = s.first
	s.set(s.zone.At(s.first-1, 8, 0))
	_, nurse, err := sitedir.Create(ctx, dir, clinic.Founding{
		Site:    site.Founded{Site: "BN", Name: "Bench", Programme: "bench", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		Manager: "Bench Nurse", Duties: duty.All, PIN: benchPIN,
	}, sitedir.Options{Clock: s.clock})
	if err != nil {
		return nil, err
	}
	s.nurse = access.Actor{Person: nurse, Duties: duty.All, Station: "window 1"}
	for range patients {
		s.patients = append(s.patients, id.Patient(s.id()))
	}
	s.orders = make([]id.Order, patients)
	if err := s.open(ctx, seedCacheKB); err != nil {
		return nil, err
	}
	return s, s.StreamInvented(ctx, s.arrivals(), func(int) {})
}

// open opens the site; cacheKB 0 is what a clinic has.
func (s *benchSite) open(ctx context.Context, cacheKB int) (err error) {
	s.Site, err = sitedir.Open(ctx, s.dir, sitedir.Options{
		Clock: s.clock, CacheKB: cacheKB, Fault: func(err error) { fmt.Fprintln(os.Stderr, "fault:", err) },
	})
	return err
}

func (s *benchSite) close() error {
	if s.Site == nil {
		return nil
	}
	err := s.Site.Close()
	s.Site = nil
	return err
}

// reopen forgets what was in memory, and asks the system to do so as well
// where it can be asked.
func (s *benchSite) reopen(ctx context.Context) error {
	if err := s.close(); err != nil {
		return err
	}
	if err := forget(filepath.Join(s.dir, sitedir.DatabaseName)); err != nil {
		return err
	}
	return s.open(ctx, 0)
}

// copyTo is the same site once more, in another directory and opened.
func (s *benchSite) copyTo(ctx context.Context, dir string) (*benchSite, error) {
	if err := s.close(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for _, name := range []string{sitedir.DatabaseName, keys.FileName} {
		if err := copyFile(filepath.Join(s.dir, name), filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	out := &benchSite{
		dir: dir, now: s.now, zone: s.zone, first: s.first, next: s.next, nurse: s.nurse, patients: s.patients, orders: s.orders,
		bottle: s.bottle, chance: rand.NewChaCha8([32]byte{2, byte(s.next)}), given: s.given,
	}
	return out, errors.Join(s.open(ctx, seedCacheKB), out.open(ctx, 0))
}

func (s *benchSite) clock() day.Instant {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now++ // time passes, so that no two entries are of one moment
	return s.now
}

func (s *benchSite) set(i day.Instant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = i
}

// id makes an id as random as the ones of a clinic: where an id falls in a
// table decides what an insert costs.
func (s *benchSite) id() string {
	var b [10]byte
	_, _ = s.chance.Read(b[:]) // never fails
	return id.Encode(b[:])
}

// idAt makes an id as a clinic does for doses and forms.
func (s *benchSite) idAt(at day.Instant) string {
	var b [5]byte
	_, _ = s.chance.Read(b[:]) // never fails
	return id.EncodeAt(int64(at), b)
}

// seed is a fact that came by a form, as all do that a person typed; a look
// leaves its trace by itself.
func (s *benchSite) seed(at day.Instant, f any) clinic.Seed {
	out := clinic.Seed{At: at, By: s.nurse.Person, Fact: f}
	if _, ok := f.(access.Seen); !ok {
		out.Form = id.Form(s.idAt(at))
	}
	return out
}

// arrivals register everyone.
func (s *benchSite) arrivals() iter.Seq[clinic.Seed] {
	return func(yield func(clinic.Seed) bool) {
		for i, p := range s.patients {
			f := patient.Registered{Patient: p, Code: clinic.Code("BN", i+1), Day: s.first - 1, Details: patient.Details{
				Name: fmt.Sprintf("Nguyễn Văn Thử %d", i), Birth: day.Partial{Year: 1980}, Commune: "Nà Thử", Phone: "0900 000 000",
			}}
			if !yield(s.seed(s.clock(), f)) {
				return
			}
		}
	}
}

// grow adds days of history, made while it is written.
func (s *benchSite) grow(ctx context.Context, days int) error {
	show := progress("facts")
	last := s.next + day.Day(days)
	step := fmt.Sprintf("%d days of %d patients", days, len(s.patients))
	err := s.StreamInvented(ctx, s.mornings(last), func(done int) { show(step, int64(done), int64(days)*int64(len(s.patients))*int64(entriesPerDose)) })
	s.next = last
	return err
}

// entriesPerDose is what a plain dose leaves: the look, the cup, the outcome.
const entriesPerDose = 3

// mornings is the past until a day: everyone on one dose, looked at before it;
// an order and a note every four weeks, a day missed now and then, and a bottle
// for each day.
func (s *benchSite) mornings(last day.Day) iter.Seq[clinic.Seed] {
	return func(yield func(clinic.Seed) bool) {
		for d := s.next; d < last; d++ {
			at := s.zone.At(d, 6, 0)
			add := func(f any) bool {
				at += 2000
				return yield(s.seed(at, f))
			}
			for _, f := range s.opening(d) {
				if !add(f) {
					return
				}
			}
			var absent []any
			for i := range s.patients {
				came, facts := s.visit(i, d, at, d < last-5)
				if !came {
					absent = append(absent, facts...)
					continue
				}
				for _, f := range facts {
					if !add(f) {
						return
					}
				}
			}
			for _, f := range append(s.closing(d, len(absent)), absent...) {
				if !add(f) {
					return
				}
			}
		}
	}
}

// opening is a bottle for the day, and the day.
func (s *benchSite) opening(d day.Day) []any {
	s.bottle = id.Bottle(s.id())
	return []any{
		stock.Received{
			Bottle: s.bottle, Code: id.CheckCode("B-" + string(s.bottle)), Product: "Methadone", Lot: "L", Expiry: d + 400, Strength: 10_000,
			Volume: benchVolume * unit.Microlitre(len(s.patients)+1),
		},
		stock.Opened{Bottle: s.bottle, Day: d},
		daybook.Opened{Day: d},
	}
}

func (s *benchSite) closing(d day.Day, absent int) []any {
	left := benchVolume * unit.Microlitre(absent+1)
	return []any{
		daybook.Closed{Day: d, Expected: len(s.patients), Dosed: len(s.patients) - absent, Missed: absent},
		stock.Counted{Bottle: s.bottle, Day: d, Book: left, Measured: left},
		stock.Finished{Bottle: s.bottle, Day: d},
	}
}

// visit is what a patient's day leaves; came is false for a day missed.
func (s *benchSite) visit(i int, d day.Day, at day.Instant, mayMiss bool) (came bool, out []any) {
	p, age := s.patients[i], int(d-s.first)
	if renew := s.orders[i] == "" || (age+i)%benchRenew == 0; renew {
		w := order.Written{Order: id.Order(s.id()), Patient: p, Phase: order.Maintenance, Amount: benchAmount, First: d, Last: d + 2*benchRenew}
		if s.orders[i] != "" {
			w.Replaces = []id.Order{s.orders[i]}
		}
		s.orders[i] = w.Order
		out = append(out, w, order.Signed{Order: w.Order, Patient: p}, patient.Noted{
			Patient: p, Day: d, Text: "Ổn định, ngủ tốt, không thèm nhớ. Hẹn khám lại sau bốn tuần.",
		})
	} else if mayMiss && (age*7+i)%benchMiss == 0 {
		return false, []any{dose.Missed{Patient: p, Day: d, Cause: dose.Absent}}
	}
	s.given++
	ds := id.Dose(s.idAt(at))
	return true, append(out,
		access.Seen{Patient: p, Part: "window"},
		dose.Poured{
			Dose: ds, Patient: p, Day: d, Order: s.orders[i], Amount: benchAmount, Volume: benchVolume, Station: s.nurse.Station,
			Draws: []dose.Draw{{Bottle: s.bottle, Volume: benchVolume}},
		},
		dose.Swallowed{Dose: ds, Patient: p})
}

// begin opens the next day at a moment of it.
func (s *benchSite) begin(ctx context.Context, at day.Instant) (day.Day, error) {
	d := s.zone.DayOf(at)
	s.set(at)
	s.next = d + 1
	return d, s.write(ctx, s.opening(d))
}

// beginNext opens the next day early in the morning.
func (s *benchSite) beginNext(ctx context.Context) (day.Day, error) {
	return s.begin(ctx, s.zone.At(s.next, 6, 30))
}

// end answers for every cup and closes the day; it answers how many cups there
// were, so that a dose that was answered and is not there is found.
func (s *benchSite) end(ctx context.Context, d day.Day) (cups int, err error) {
	var waiting, all []dose.Entry
	err = s.View(ctx, func(v *clinicdb.View) error {
		if waiting, err = v.OpenDoses(d); err != nil {
			return err
		}
		all, err = v.DosesOn(d)
		return err
	})
	if err != nil {
		return 0, err
	}
	var facts []any
	for _, e := range waiting {
		facts = append(facts, dose.Swallowed{Dose: e.Dose, Patient: e.Patient})
	}
	facts = append(facts, daybook.Closed{Day: d, Expected: len(s.patients), Dosed: len(all)}, stock.Finished{Bottle: s.bottle, Day: d})
	return len(all), s.write(ctx, facts)
}

func (s *benchSite) write(ctx context.Context, facts []any) error {
	var seeds []clinic.Seed
	for _, f := range facts {
		seeds = append(seeds, s.seed(s.clock(), f))
	}
	return s.SeedInvented(ctx, seeds, func(int, int) {})
}

func (s *benchSite) pour(ctx context.Context, p id.Patient) error {
	_, err := s.Pour(ctx, s.nurse, s.NewForm(), dose.Pour{Patient: p, Shown: benchAmount})
	return err
}

// copyFile copies a file that nobody writes to.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
