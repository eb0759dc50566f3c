// Package system lives through weeks of three sites with the real doors over
// real encrypted SQLite, on disks that lose power, fail, run full and are
// brought back from old copies.
//
// Everything above the disk and the stick ships: the door (clinic), its tables
// (clinicdb, sqlitefile), the journal, the letters' bytes (letter), the baton,
// and the hub's tables (hubdb), which lie on such a disk too.
// One seed decides everything; time is the scheduler's. After each step the
// promises of docs/simulator.md are checked against a record that no site sees.
//
// It refuses to know the network's own faults below "came late, twice, in
// another order, altered": the transport has its tests. It promises that
// one seed is one history.
package system

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"tram/internal/baton"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/reason"
)

// Config is one history.
type Config struct {
	Seed  uint64
	Days  int     // before the quiet ones; at most 45
	Storm float64 // multiplies how often faults strike; 0 is 1
	Parts Parts
}

// Parts are what tests put in the place of what ships, to see that a mistake is
// caught. The zero value is what ships.
type Parts struct {
	Letters func(clinic.Letters) clinic.Letters
	Medium  func(clinic.Medium) clinic.Medium
	Show    func(context.Context, *clinic.Clinic, id.Letter) ([]byte, error)
	Pouring func(db *clinicdb.DB, p id.Patient) error // before each pouring
	Click   func(c *clinic.Clinic, form id.Form) id.Form
	Heard   func([]clinic.Heard) []clinic.Heard
	Uptime  func(func() time.Duration) func() time.Duration
	Stick   func(baton.FS) baton.FS
	Ingest  func(pieces []hubdb.Piece, take func([]hubdb.Piece) (hubdb.Batch, error)) (hubdb.Batch, error)
}

// person is an invented person, and what is true of them.
type person struct {
	id    id.Patient
	home  int
	at    int     // where they live now
	visit int     // index of the letter they travel with; -1
	last  day.Day // true day of the newest dose
	where int
	wrong bool // it was given under a wrong date
	word  bool // it was given on people's word, without the right
}

// gift is where a dose was given, and how far that site's journal was then.
type gift struct {
	site int
	size int64
	gone bool // neither the site nor the hub has it any more
}

// paper is a letter as it lies on a table.
type paper struct {
	letter      id.Letter
	who         int
	from, to    int
	first, last day.Day
	seq         int64
	back        bool
	text        string // "" until it was shown
	taken, lost bool
}

type world struct {
	ground *Ground
	ctx    context.Context
	cfg    Config
	parts  Parts
	dice   *rand.Rand
	today  day.Day
	clock  int64 // milliseconds of the true day
	calm   bool

	sites  []*site
	people []person
	papers []paper
	hub    hub
	gave   map[id.Dose]gift
	split  bool // a site refuses what another one writes anew under numbers it had used
	report Report
	hash   uint64
}

// Run lives through one history.
func (g *Ground) Run(ctx context.Context, c Config) (r Report) {
	if c.Storm == 0 {
		c.Storm = 1
	}
	w := &world{ground: g, ctx: ctx, cfg: c, parts: c.Parts, dice: rand.New(rand.NewPCG(c.Seed, 2)), today: g.start, gave: map[id.Dose]gift{}, hash: 14695981039346656037}
	w.report.Runs, w.report.First = 1, c.Seed
	w.people = append(w.people, g.people...)
	for n := range sitesMax {
		s := &site{n: n, code: id.Site([]string{"MC", "TG", "MN"}[n]), keys: g.keys[n], crew: g.crew[n], disk: g.disks[n].Copy(), stick: g.sticks[n].Copy(), held: g.held[n], plugged: true}
		s.keys.Journal.Verifier, s.wrapStick = remember(s.keys.Journal.Verifier), c.Parts.Stick
		s.rand = rand.NewChaCha8([32]byte{1: byte(n), 2: byte(c.Seed), 3: byte(c.Seed >> 8), 4: byte(c.Seed >> 16), 5: byte(c.Seed >> 24)})
		w.sites = append(w.sites, s)
	}
	defer func() {
		for _, s := range w.sites {
			w.shut(s)
		}
		w.shutHub()
		w.report.Hash = w.hash
		r = w.report
	}()
	if err := w.startHub(g.hub.Copy()); err != nil {
		w.violate("P5", w.sites[0], fmt.Sprintf("the hub does not open: %v", err))
		return
	}
	for _, s := range w.sites {
		if err := w.open(s); err != nil {
			w.violate("P4", s, fmt.Sprintf("does not open: %v", err))
			return
		}
		s.backup = s.disk.Copy()
		s.acked = s.c.Head()
	}
	for range min(c.Days, 45) {
		if ctx.Err() != nil {
			return
		}
		w.day()
	}
	w.calm = true
	for range 3 {
		w.day()
	}
	w.settle()
	return
}

func (w *world) shut(s *site) {
	if s.c != nil {
		_ = s.c.Close() // its disk may have no power
		s.c = nil
	}
	s.baton = nil
}

// now is the time by a site's clock.
func (w *world) now(s *site) day.Instant {
	w.clock += 40
	return w.ground.zone.At(w.today, 6, 30) + day.Instant(w.clock+s.skew)
}

// uptime is how long a site's PC has run. The days go by for it too, whatever
// its clock says.
func (w *world) uptime(s *site) time.Duration {
	return time.Duration(w.today-w.ground.start)*24*time.Hour + time.Duration(w.clock+s.ran)*time.Millisecond
}

// chance draws whether something happens that happens so often in a thousand.
func (w *world) chance(perMille float64) bool {
	return float64(w.dice.IntN(1_000_000)) < 1000*perMille
}

// strikes draws a fault.
func (w *world) strikes(k fault) bool {
	hit := w.chance(min(kinds[k].perMille*w.cfg.Storm, 500))
	return hit && !w.calm
}

func (w *world) mix(s *site, what string, err error) {
	h := fnv.New64a()
	rule := reason.Rule(err)
	if err != nil && rule == "" {
		rule = "fault"
	}
	_, _ = fmt.Fprintf(h, "%d %d %s %s", w.today, s.n, what, rule)
	if s.c != nil {
		head := s.c.Head()
		_, _ = h.Write(head.Hash[:])
	}
	w.hash = (w.hash ^ h.Sum64()) * 1099511628211
	w.report.Steps++
}

// isFault says whether an error is none of the refusals.
func isFault(err error) bool { return err != nil && reason.Rule(err) == "" }
