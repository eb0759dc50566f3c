package clinic

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/rulebook"
	"tram/internal/sqlitefile"
)

// errPanic says that a decision met what cannot be.
var errPanic = errors.New("a promise was broken inside the program")

// groupMax is how many commands share one durable commit. More would make the
// last of them wait without making the first faster.
const groupMax = 64

// act is one command on its way.
type act struct {
	ctx    context.Context
	by     access.Actor
	form   id.Form
	same   sameAct // of an act with a form: is this what it was answered with?
	under  string
	decide func(t *turn) ([]any, error)
	local  func(tx *clinicdb.Tx) error // secrets of this PC, kept in the same transaction; may be nil
	answer chan answered               // holds one message, so that whoever writes never waits
	facts  []any
	again  bool
	err    error
}

type answered struct {
	facts []any
	again bool // the form was answered before; these are the facts of then
	err   error
	write bool // no answer yet: the asker writes next
}

// turn is what a decision gets: the records, the moment and the rules. It must
// not write: facts are its only effect.
type turn struct {
	tx    *clinicdb.Tx
	by    access.Actor
	now   day.Instant
	today day.Day
	book  *rulebook.Book
	c     *Clinic
}

// do runs a command through the writer and answers its first fact. T is the
// type of that fact; the act's own sameAct keeps other kinds away.
func do[T any](ctx context.Context, c *Clinic, a *act) (T, error) {
	facts, err := c.run(ctx, a)
	var none T
	if err != nil {
		return none, err
	}
	if len(facts) == 0 {
		return none, nil
	}
	f, ok := facts[0].(T)
	if !ok {
		return none, reason.Refuse("FORM-01")
	}
	return f, nil
}

// commitGroup commits a group, and when the machinery failed under one of
// them, each alone: a fault of one must not become the answer of all.
func (c *Clinic) commitGroup(group []*act) {
	err := c.commitSafely(group)
	if err != nil && len(group) > 1 && !errors.Is(err, sqlitefile.ErrStopped) && c.Broken() == nil {
		for _, a := range group {
			c.commitGroup([]*act{a})
		}
		return
	}
	if err == nil {
		c.after(group) // before anyone is answered: whoever enrols a person finds that person
	} else {
		c.fault(err)
	}
	for _, a := range group {
		if a.err == nil && err != nil {
			a.facts, a.err = nil, err
		}
		a.answer <- answered{facts: a.facts, again: a.again, err: a.err}
	}
}

// commitSafely is commit that turns a panic into a fault after which nothing
// more is written: what cannot be has been met, and people find out why.
func (c *Clinic) commitSafely(group []*act) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
			c.log.Rollback()
			c.broken.Store(&err)
		}
	}()
	return c.commit(group)
}

// commit runs the decisions of a group one after the other in one transaction,
// so that each sees the facts of those before it. A refusal wrote nothing, so
// it costs the others nothing. An error is a fault: nothing of the group was
// written.
func (c *Clinic) commit(group []*act) error {
	for _, a := range group {
		a.facts, a.again, a.err = nil, false, nil
	}
	err := c.db.Write(func(tx *clinicdb.Tx) error {
		wrote := false
		for i, a := range group {
			n, err := c.one(tx, a, i == len(group)-1)
			if err != nil {
				return err
			}
			wrote = wrote || n > 0
		}
		if !wrote {
			return nil
		}
		return c.log.Seal(tx.Conn(), c.Today())
	})
	if err != nil {
		c.log.Rollback()
		if errors.Is(err, sqlitefile.ErrStopped) || errors.Is(err, journal.ErrBroken) {
			c.broken.Store(&err)
		}
		return fmt.Errorf("commit: %w", err)
	}
	c.log.Commit()
	return nil
}

// one decides one command and writes its facts; n is how many. last says that
// nothing more is appended in this group. A refusal, or a
// fault while reading, becomes the command's own answer; an error while
// writing is returned and fails the group.
func (c *Clinic) one(tx *clinicdb.Tx, a *act, last bool) (n int, err error) {
	if a.ctx != nil && a.ctx.Err() != nil {
		a.err = a.ctx.Err() // the asker has gone before anything was decided
		return 0, nil
	}
	if done, err := c.again(tx, a); done || err != nil {
		a.err = err
		return 0, nil
	}
	t := &turn{tx: tx, by: c.present(a.by), now: c.clock(), book: c.Book(), c: c}
	t.today = c.zone.DayOf(t.now)
	facts, err := a.decide(t)
	if err != nil {
		a.err = err
		return 0, nil
	}
	if err := c.record(tx, a, t, facts, last); err != nil {
		return 0, err
	}
	if a.local != nil {
		if err := a.local(tx); err != nil {
			return 0, err
		}
	}
	a.facts = facts
	return len(facts), nil
}

// present is the actor with the duties the records give now: a duty taken away
// a moment ago is gone, whatever the session believes.
func (c *Clinic) present(a access.Actor) access.Actor {
	m, ok := c.Member(a.Person)
	if !ok || m.Left {
		a.Duties = nil
		if a.Person != systemPerson {
			a.Person = ""
		}
		return a
	}
	a.Duties = m.Duties
	return a
}

// record appends the facts of a command, then projects them; the last
// command's checkpoint is signed meanwhile. The form goes with the first fact.
func (c *Clinic) record(tx *clinicdb.Tx, a *act, t *turn, facts []any, last bool) error {
	form := a.form
	entries := make([]journal.Entry, len(facts))
	for i, v := range facts {
		kind, body, err := fact.Encode(v)
		if err != nil {
			return err
		}
		e := journal.Entry{Day: t.today, By: a.by.Person, Under: a.under, Kind: kind, Form: form, Rules: t.book.Version, Fact: body}
		form = ""
		if entries[i], err = c.log.Append(tx.Conn(), e, t.now); err != nil {
			return err
		}
	}
	if last && len(facts) > 0 {
		c.log.Sign()
	}
	for i, v := range facts {
		if err := tx.Project(entries[i], v); err != nil {
			return err
		}
	}
	return nil
}

// after tells those who watch, and reads again what is kept in memory, once a
// group is durable.
func (c *Clinic) after(group []*act) {
	touched := false
	reload := false
	for _, a := range group {
		touched = touched || (len(a.facts) > 0 && !a.again)
		for _, v := range a.facts {
			reload = reload || keptInMemory(v)
			if steadies(v) {
				c.steadyChanges.Add(1)
			}
		}
	}
	if reload {
		err := c.db.View(context.Background(), func(v *clinicdb.View) error {
			if err := c.loadPeople(v); err != nil {
				return err
			}
			return c.loadBook(v)
		})
		if err != nil {
			c.broken.Store(&err) // duties or limits in memory are not those on record
			c.fault(err)
		}
	}
	if touched {
		c.live.tell()
	}
}

// allow checks a command's permission with the present duties; rel is how the
// patient stands to the site.
func (t *turn) allow(act access.Action, rel access.Relation) error {
	return access.Allow(t.by, act, rel)
}

// patient loads a patient and checks the permission for that patient.
func (t *turn) patient(act access.Action, p id.Patient) (clinicdb.Patient, error) {
	if err := t.allow(act, access.InCare); err != nil && reason.Rule(err) != "ACCESS-03" {
		return clinicdb.Patient{}, err
	}
	row, err := t.tx.Patient(p)
	if errors.Is(err, clinicdb.ErrNotFound) {
		return row, t.unknown(act, p)
	}
	if err != nil {
		return row, fmt.Errorf("read patient %s: %w", p, err)
	}
	return row, t.allow(act, Relation(row))
}

// unknown is the refusal of an act for somebody who has no record here: their
// record is at another site, or nobody ever told of them.
func (t *turn) unknown(act access.Action, p id.Patient) error {
	heard, err := t.tx.HeardOnly(p)
	if err != nil {
		return fmt.Errorf("read what was heard of %s: %w", p, err)
	}
	if heard {
		if err := t.allow(act, access.Elsewhere); err != nil {
			return err
		}
	}
	return reason.Refuse("PATIENT-13")
}

// Relation is how a patient stands to the site.
func Relation(p clinicdb.Patient) access.Relation {
	if p.InCare() {
		return access.InCare
	}
	return access.Former
}

// facts wraps one fact.
func facts(v any, err error) ([]any, error) {
	if err != nil {
		return nil, err
	}
	return []any{v}, nil
}

// keptInMemory says whether a fact changes the staff or the rulebook.
func keptInMemory(v any) bool {
	switch v.(type) {
	case staff.Enrolled, staff.DutiesSet, staff.Left, rulebook.Confirmed:
		return true
	}
	return false
}
