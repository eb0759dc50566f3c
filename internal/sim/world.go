package sim

import (
	"math/rand/v2"
	"strconv"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
)

// Config says what to live through.
type Config struct {
	Seed     uint64
	Sites    int
	Patients int
	Days     int
	Storm    float64 // multiplies how often faults strike; 0 is 1
	Machine  Machine // the protocol; only tests give another
}

// start is the first day: a calendar day like any other.
const start day.Day = 20_000

// quiet is the days without faults at the end, in which everything must come
// right: the longest letter and the longest way ahead of it.
const quiet = 50

// Sim is one run.
type Sim struct {
	cfg     Config
	lim     transfer.Limits
	rng     *rand.Rand
	dice    *rand.PCG // the source of rng, without the detour
	weather weather
	calm    bool
	// hubReleases: in this programme the hub's receipt alone lets a letter be seen.
	hubReleases bool
	today       day.Day
	sites       []site
	people      []person
	letters     []letter
	hubInst     transfer.Installation
	hash        uint64
	tick        int64
	report      Report
}

type entry struct {
	fact   any
	at     transfer.At
	person int32 // -1: about the installation
}

// site is a place with its PC and what survives it, and what is true of it
// whatever its PC believes.
type site struct {
	code    id.Site
	inst    transfer.Installation
	session int32
	journal []entry // from entry base on
	base    int64
	baton   int64 // entries on the baton
	hub     int64 // entries at the hub
	batonOf int   // number of the installation that wrote it last
	hubOf   int
	backups [2]snapshot
	members []int32 // people it knows anything of
	pending []int32 // letters given and not yet released
	inbox   []delivery
	old     *oldPC

	skew      day.Day
	batonIn   bool
	late      bool // the baton is written late today
	online    bool
	cutFor    int
	down      bool    // no PC: waits for its restore
	batonGone bool    // and no baton
	lost      day.Day // sealed on
	whole     day.Day // adjudication can end on

	newest     int     // highest number there has been
	maxDay     day.Day // newest day ever in its journals
	confirmed  day.Day // the date that people confirmed for this session
	witnessed  bool
	forgetful  bool // it may have forgotten letters
	misdated   bool // two people agreed on a wrong date
	births     []birth
	reborn     day.Day
	wholeBirth bool
}

func (s *site) size() int64 { return s.base + int64(len(s.journal)) }

func (s *site) open() bool {
	return s.lost == day.Never && !s.down && (s.inst.Phase == transfer.Open || s.inst.Phase == transfer.Unwitnessed)
}

// snapshot is a backup: what the tables said, and up to where.
type snapshot struct {
	size    int64
	inst    transfer.Installation
	holding []held
}

type held struct {
	person int32
	h      transfer.Holding
}

type oldPC struct {
	inst    transfer.Installation
	holding []held
}

type delivery struct {
	letter int32
	on     day.Day
}

// relation is what one site knows of one person.
type relation struct {
	site    int32
	session int32
	cup     day.Day
	h       transfer.Holding
}

type person struct {
	id       id.Patient
	rels     []relation
	at, home int32
	trip     trip
	left     bool    // a cup was left on the counter
	papers   []int32 // letters in the pocket
	letters  []int32 // all letters about the person that still matter
	cups     int8    // by right, on the true day
	outside  bool    // one of them under a date that two people had wrong
	attested bool    // one on people's word today
	card     bool    // the card shows it
	last     day.Day // true day of the last cup by right
}

type trip struct {
	to          int32
	first, last day.Day
	on          bool
	never       bool
}

type letter struct {
	transfer.Letter
	person   int32
	from, to int32 // from is -1 for the hub
	closed   bool  // its closing reached the disk
	visible  bool
	void     bool // died with the disk, unseen
	taken    int64
	given    int64
}

func newSim(c Config) *Sim {
	dice := rand.NewPCG(c.Seed, 0x7472616d)
	s := &Sim{cfg: c, lim: transfer.Proposed, rng: rand.New(dice), dice: dice, today: start, hash: 14695981039346656037}
	s.weather = forecast(s.rng, c.Storm)
	s.hubReleases = s.rng.IntN(2) == 0
	s.hubInst = transfer.Installation{Site: transfer.Hub, Number: 1, Phase: transfer.Open}
	for n := range c.Sites {
		t := site{code: id.Site("S" + strconv.Itoa(n)), newest: 1, batonOf: 1, hubOf: 1, online: true}
		t.inst = transfer.Installation{Site: t.code, Number: 1, Phase: transfer.Enrolled}
		s.sites = append(s.sites, t)
	}
	for n := range c.Patients {
		p := person{id: id.Patient("p" + strconv.Itoa(n)), at: int32(s.rng.IntN(c.Sites))}
		p.home = p.at
		p.rels = []relation{{site: p.at, h: transfer.ApplyRegistered(transfer.Holding{}, p.id, start)}}
		s.people = append(s.people, p)
		t := &s.sites[p.at]
		t.members = append(t.members, int32(n))
	}
	for n := range s.sites {
		s.backup(int32(n))
		s.backup(int32(n))
	}
	return s
}

// relationOf finds or makes what a site knows of a person.
func (s *Sim) relationOf(person, site int32) *relation {
	p := &s.people[person]
	for i := range p.rels {
		if p.rels[i].site == site {
			return &p.rels[i]
		}
	}
	p.rels = append(p.rels, relation{site: site, h: transfer.Holding{Patient: p.id}})
	s.sites[site].members = append(s.sites[site].members, person)
	return &p.rels[len(p.rels)-1]
}

func (s *Sim) believed(n int32) day.Day { return s.today + s.sites[n].skew }

// mix puts a number into the hash of this history.
func (s *Sim) mix(x uint64) { s.hash = (s.hash ^ x) * 1099511628211 }

// backup keeps the two newest copies of the tables, and of the journal what a
// restore from the older one needs.
func (s *Sim) backup(n int32) {
	t := &s.sites[n]
	b := snapshot{size: t.size(), inst: t.inst, holding: make([]held, 0, len(t.members))}
	for _, m := range t.members {
		b.holding = append(b.holding, held{m, s.relationOf(m, n).h})
	}
	t.backups[1], t.backups[0] = t.backups[0], b
	if cut := t.backups[1].size - t.base; cut > 0 {
		t.journal = append([]entry(nil), t.journal[cut:]...)
		t.base += cut
	}
}
