package clinic

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"tram/internal/care/site"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
)

// Seed is one fact of an invented history: what, when and by whom.
type Seed struct {
	At   day.Instant
	By   id.Person
	Form id.Form // the form it came by; "" if none
	Fact any
	Blob []byte // the picture that the fact names; nil for all other facts
}

// seedBatch is how many facts of an invented history share a transaction. Ids
// are random, so a page of a table is changed by many of them: the more facts
// share the transaction, the less often it is written.
const seedBatch = 20_000

// SeedInvented writes an invented history into a site that was founded as a
// demonstration; any other site refuses it. The facts go through the same
// journal and the same projections as real ones; only their times are given
// instead of taken from the clock. They must be in the order of time.
func (c *Clinic) SeedInvented(ctx context.Context, history []Seed, progress func(done, total int)) error {
	return c.StreamInvented(ctx, slices.Values(history), func(done int) { progress(done, len(history)) })
}

// StreamInvented is SeedInvented for a history that is made while it is
// written: decades of a large site do not fit into memory.
func (c *Clinic) StreamInvented(ctx context.Context, history iter.Seq[Seed], progress func(done int)) error {
	if !c.site.Invented {
		return errors.New("only a demonstration site takes an invented history")
	}
	done := 0
	batch := make([]Seed, 0, seedBatch)
	write := func() error {
		if err := ctx.Err(); err != nil || len(batch) == 0 {
			return err
		}
		if err := c.seedBatch(batch); err != nil {
			return fmt.Errorf("invented history at %d: %w", done, err)
		}
		done += len(batch)
		batch = batch[:0]
		progress(done)
		return nil
	}
	for s := range history {
		if batch = append(batch, s); len(batch) == cap(batch) {
			if err := write(); err != nil {
				return err
			}
		}
	}
	if err := write(); err != nil {
		return err
	}
	return c.db.View(ctx, func(v *clinicdb.View) error {
		if err := c.loadPeople(v); err != nil {
			return err
		}
		return c.loadBook(v)
	})
}

func (c *Clinic) seedBatch(batch []Seed) error {
	err := c.db.Write(func(tx *clinicdb.Tx) error {
		for _, s := range batch {
			kind, body, err := fact.Encode(s.Fact)
			if err != nil {
				return err
			}
			e := journal.Entry{Day: c.zone.DayOf(s.At), By: s.By, Kind: kind, Form: s.Form, Rules: c.Book().Version, Fact: body}
			if e, err = c.log.Append(tx.Conn(), e, s.At); err != nil {
				return err
			}
			if err := tx.Project(e, s.Fact); err != nil {
				return err
			}
			if s.Blob != nil {
				if err := tx.KeepPhoto(s.Blob); err != nil {
					return err
				}
			}
		}
		return c.log.Seal(tx.Conn(), c.zone.DayOf(batch[len(batch)-1].At))
	})
	if err != nil {
		c.log.Rollback()
		return err
	}
	c.log.Commit()
	return nil
}

// SeedSecret sets the PIN of an invented person; a demonstration shows it on
// its sign-in page.
func (c *Clinic) SeedSecret(p id.Person, pin string) error {
	if !c.site.Invented {
		return errors.New("only a demonstration site takes invented people")
	}
	hash, err := c.hash(pin)
	if err != nil {
		return err
	}
	return c.db.Write(func(tx *clinicdb.Tx) error { return tx.SetSecrets(p, clinicdb.Secrets{PIN: hash}) })
}

// unfounded is a door without its writer, to write a site's first facts
// through.
func unfounded(ctx context.Context, o Options, f site.Founded) (*Clinic, error) {
	zone, err := day.LoadZone(f.Zone)
	if err != nil {
		return nil, err
	}
	c := &Clinic{db: o.DB, clock: o.Clock, rand: &lockedReader{r: o.Rand}, hashKiB: o.hashKiB(), site: f, zone: zone}
	err = o.DB.View(ctx, func(v *clinicdb.View) error {
		_, err := v.Site()
		if err == nil {
			return ErrFounded
		}
		if !errors.Is(err, clinicdb.ErrNotFound) {
			return err
		}
		if err := c.loadPeople(v); err != nil {
			return err
		}
		if err := c.loadBook(v); err != nil {
			return err
		}
		c.log, err = journal.Open(v.Conn(), f.Site, o.Keys)
		return err
	})
	return c, err
}
