// Package clinic is the door of a site: one method for each command, and the
// questions that need more than one room's knowledge.
//
// Every command goes the same way: allow (access), load once (clinicdb),
// decide (a care room), commit (journal and projections in one durable
// transaction). Time, chance and identity enter here and nowhere below. It
// holds no rule of its own. It promises that a command that returned an error
// wrote nothing, that one that returned none is on durable storage, and that
// the same form sent twice is one act with one answer.
package clinic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/site"
	"tram/internal/care/staff"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/rulebook"
)

// Clock tells the time; a test sets it.
type Clock func() day.Instant

// Options are what a site's door is opened with.
type Options struct {
	DB    *clinicdb.DB
	Keys  journal.Keys // signs and verifies this site's checkpoints
	Clock Clock
	// Uptime is how long the PC has run, whatever its date says; nil is the
	// process's own monotonic clock.
	Uptime func() time.Duration
	Rand   io.Reader // for ids; crypto/rand.Reader outside tests
	Fault  func(error)
	// HashKiB is the memory one hash of a PIN or password takes; 0 is the cost
	// a clinic uses. Tests take less: they hash thousands.
	HashKiB uint32
	// Letters writes and reads site letters; nil at a site of its own.
	Letters Letters
	// Medium is the second medium, the baton; nil where there is none.
	Medium Medium
	// Unseal opens what the programme's hub sealed to this site for a use; nil
	// where nothing is.
	Unseal func(use, sealed string) ([]byte, error)
}

func (o Options) hashKiB() uint32 {
	if o.HashKiB == 0 {
		return hashMemory
	}
	return o.HashKiB
}

// Clinic is one site's door. Its methods may be called at once from many
// goroutines; commands run one at a time, in groups that share one durable
// commit.
type Clinic struct {
	db    *clinicdb.DB
	log   *journal.Log
	clock Clock
	rand  *lockedReader
	fault func(error)

	hashKiB  uint32
	verifier note.Verifier
	keys     journal.Keys

	site       site.Founded
	zone       day.Zone
	book       atomic.Pointer[rulebook.Book]
	doseLimits atomic.Pointer[dose.Limits] // of book, asked for with every dose
	people     atomic.Pointer[map[id.Person]staff.Member]

	letters Letters
	medium  Medium
	unseal  func(use, sealed string) ([]byte, error)
	opened  atomic.Pointer[opened] // the key of digests
	probes  probes
	word    word
	birth   birth
	byHand  byHand
	rolled  atomic.Pointer[roll]           // the newest look at everyone; nil before the first
	forgot  atomic.Pointer[transfer.Phase] // another medium knows more than this journal

	writing writing
	broken  atomic.Pointer[error]
	ended   atomic.Bool

	steadyWait    atomic.Pointer[steadyWait] // proposals that wait, as last computed
	steadyChanges atomic.Int64               // facts since the start that can change which do

	live   live
	claims claims
	looks  looks
	glass  broken
	guard  guard
	making sync.Mutex // held while a portrait is made
}

// ErrClosed says that the site is shutting down.
var ErrClosed = errors.New("the site is closed")

// Open opens the door of a founded site and checks the newest part of its
// journal against its signed checkpoint. A journal that does not fit is
// journal.ErrBroken: nothing may be written then.
func Open(ctx context.Context, o Options) (*Clinic, error) {
	c := &Clinic{
		db: o.DB, clock: o.Clock, rand: &lockedReader{r: o.Rand}, fault: o.Fault, hashKiB: o.hashKiB(), verifier: o.Keys.Verifier, keys: o.Keys,
		letters: o.Letters, medium: o.Medium, unseal: o.Unseal,
	}
	c.word.uptime = o.Uptime
	if c.word.uptime == nil {
		began := time.Now()
		c.word.uptime = func() time.Duration { return time.Since(began) }
	}
	c.writing.init()
	if c.fault == nil {
		c.fault = func(error) {}
	}
	err := o.DB.View(ctx, func(v *clinicdb.View) error {
		var err error
		if c.site, err = v.Site(); err != nil {
			return fmt.Errorf("read the site: %w", err)
		}
		if c.zone, err = day.LoadZone(c.site.Zone); err != nil {
			return err
		}
		if err := c.loadPeople(v); err != nil {
			return err
		}
		if err := c.loadBook(v); err != nil {
			return err
		}
		c.log, err = journal.Open(v.Conn(), c.site.Site, o.Keys)
		return err
	})
	if err == nil {
		err = c.dropUnshown(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("open the site: %w", err)
	}
	return c, nil
}

// Close waits for the commands that are under way, takes no more, and closes
// the file.
func (c *Clinic) Close() error {
	if c.ended.Swap(true) {
		return nil
	}
	c.writing.end()
	c.live.close()
	return c.db.Close()
}

// Site is what the site is.
func (c *Clinic) Site() site.Founded { return c.site }

// Zone is the site's time zone.
func (c *Clinic) Zone() day.Zone { return c.zone }

// Now is the present instant by the PC's clock.
func (c *Clinic) Now() day.Instant { return c.clock() }

// Today is the date the PC believes; it is certain only once people confirmed
// it by opening the day.
func (c *Clinic) Today() day.Day { return c.zone.DayOf(c.clock()) }

// Book is the rulebook in force.
func (c *Clinic) Book() *rulebook.Book { return c.book.Load() }

// Member is a person of the staff; ok is false for someone unknown here.
func (c *Clinic) Member(p id.Person) (m staff.Member, ok bool) {
	m, ok = (*c.people.Load())[p]
	return m, ok
}

// View reads the records at one moment; for pages. Looking at a person's
// record goes through See, which leaves the trace.
func (c *Clinic) View(ctx context.Context, fn func(v *clinicdb.View) error) error {
	return c.db.View(ctx, fn)
}

// Head is the journal's newest state.
func (c *Clinic) Head() journal.Head { return c.log.Head() }

// Broken is why the site writes nothing any more, or nil: the journal did not
// fit, or the disk failed in a way after which nothing can be trusted.
func (c *Clinic) Broken() error {
	if p := c.broken.Load(); p != nil {
		return *p
	}
	return c.db.File().Stopped() // from the write that failed on, not from the next
}

func (c *Clinic) loadPeople(v *clinicdb.View) error {
	all, err := v.Staff()
	if err != nil {
		return fmt.Errorf("read the staff: %w", err)
	}
	people := make(map[id.Person]staff.Member, len(all))
	for _, m := range all {
		people[m.Person] = m
	}
	c.people.Store(&people)
	return nil
}

func (c *Clinic) loadBook(v *clinicdb.View) error {
	set, err := rulebook.Load(c.site.Rules)
	if err != nil {
		return fmt.Errorf("rule set %q: %w", c.site.Rules, err)
	}
	changes, err := bookChanges(v)
	if err != nil {
		return err
	}
	book, err := rulebook.Effective(set, changes)
	if err != nil {
		return fmt.Errorf("rulebook: %w", err)
	}
	lim := book.Dose()
	c.book.Store(&book)
	c.doseLimits.Store(&lim)
	return nil
}

func bookChanges(v *clinicdb.View) ([]rulebook.Confirmed, error) {
	texts, err := v.Rules()
	if err != nil {
		return nil, fmt.Errorf("read the programme's numbers: %w", err)
	}
	var changes []rulebook.Confirmed
	for _, t := range texts {
		var f rulebook.Confirmed
		if err := json.Unmarshal([]byte(t), &f); err != nil {
			return nil, fmt.Errorf("the programme's number: %w", err)
		}
		changes = append(changes, f)
	}
	return changes, nil
}

// newID makes a random id of 80 bits.
func (c *Clinic) newID() string {
	var b [10]byte
	if _, err := io.ReadFull(c.rand, b[:]); err != nil {
		panic(fmt.Sprintf("clinic: no randomness: %v", err)) // crypto/rand never fails on the systems we run on
	}
	return id.Encode(b[:])
}

// newIDAt makes an id that sorts by now, with 40 bits of chance.
func (c *Clinic) newIDAt(now day.Instant) string {
	var b [5]byte
	if _, err := io.ReadFull(c.rand, b[:]); err != nil {
		panic(fmt.Sprintf("clinic: no randomness: %v", err))
	}
	return id.EncodeAt(int64(now), b)
}

// NewForm makes the id of a form that is about to be shown.
func (c *Clinic) NewForm() id.Form { return id.Form(c.newIDAt(c.clock())) }

type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

// People are all people who ever worked here, in no order.
func (c *Clinic) People() []staff.Member {
	var out []staff.Member
	for _, m := range *c.people.Load() {
		out = append(out, m)
	}
	return out
}

// Flush moves what was committed from the write-ahead file into the database
// file; for copies and for measuring.
func (c *Clinic) Flush() error { return c.db.File().Checkpoint() }

// Rebuild makes every projection again from the journal, in one transaction.
// Tables that were right stay what they were.
func (c *Clinic) Rebuild(progress func(done int64)) error {
	return c.db.Write(func(tx *clinicdb.Tx) error { return tx.Rebuild(progress) })
}

// VerifyJournal reads the whole journal against itself and its checkpoints,
// and answers the newest checkpoint as it was signed.
func (c *Clinic) VerifyJournal(ctx context.Context, by access.Actor) (r journal.Report, newest string, err error) {
	if err := access.Allow(c.present(by), access.SeeJournal, access.NoPatient); err != nil {
		return r, "", err
	}
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		if r, err = journal.Verify(v.Conn(), c.site.Site, c.verifier, nil); err != nil {
			return err
		}
		newest, err = journal.Newest(v.Conn(), c.site.Site)
		return err
	})
	return r, newest, err
}
