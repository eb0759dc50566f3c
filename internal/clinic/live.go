package clinic

import (
	"sync"

	"tram/internal/access"
	"tram/internal/day"
	"tram/internal/id"
)

// live tells pages that something was recorded. A page that is slow misses
// nothing: it is told again and reads the whole state.
type live struct {
	mu    sync.Mutex
	subs  map[chan struct{}]bool
	ended bool
}

func (l *live) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.subs {
		select {
		case ch <- struct{}{}:
		default: // told already and not yet awake
		}
	}
}

func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for ch := range l.subs {
		close(ch)
	}
	l.subs = nil
}

// Watch returns a channel that receives after facts were recorded, and a
// function that ends it. The channel is closed when the site closes.
func (c *Clinic) Watch() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	l := &c.live
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		close(ch)
		return ch, func() {}
	}
	if l.subs == nil {
		l.subs = map[chan struct{}]bool{}
	}
	l.subs[ch] = true
	return ch, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.subs, ch)
	}
}

// claimFor is how long a patient shows as being served at a window after the
// last touch.
const claimFor = 2 * 60 * 1000

// claims tell one window that another has a patient before it. They are a
// courtesy between colleagues and no lock: the dose itself is guarded by the
// record.
type claims struct {
	mu sync.Mutex
	by map[id.Patient]Claim
}

// Claim is who has a patient open.
type Claim struct {
	Person  id.Person
	Station id.Station
	At      day.Instant
}

// Serve notes that a patient is open at the actor's station, and answers who
// else has the patient open; ok is false when nobody has.
func (c *Clinic) Serve(by access.Actor, p id.Patient) (other Claim, ok bool) {
	now := c.clock()
	c.claims.mu.Lock()
	defer c.claims.mu.Unlock()
	if c.claims.by == nil {
		c.claims.by = map[id.Patient]Claim{}
	}
	for q, old := range c.claims.by { // one patient at a time at a station
		if now-old.At > claimFor || now < old.At || (q != p && old.Person == by.Person && old.Station == by.Station) {
			delete(c.claims.by, q)
		}
	}
	if old, found := c.claims.by[p]; found && (old.Person != by.Person || old.Station != by.Station) {
		return old, true
	}
	c.claims.by[p] = Claim{by.Person, by.Station, now}
	return Claim{}, false
}

// Free ends what Serve noted.
func (c *Clinic) Free(by access.Actor) {
	c.claims.mu.Lock()
	defer c.claims.mu.Unlock()
	for q, old := range c.claims.by {
		if old.Person == by.Person && old.Station == by.Station {
			delete(c.claims.by, q)
		}
	}
}

// served is who has each patient open now.
func (c *Clinic) served() map[id.Patient]Claim {
	now := c.clock()
	c.claims.mu.Lock()
	defer c.claims.mu.Unlock()
	out := map[id.Patient]Claim{}
	for p, cl := range c.claims.by {
		if now-cl.At <= claimFor {
			out[p] = cl
		}
	}
	return out
}
