package clinic

import (
	"context"
	"fmt"
	"sync"

	"tram/internal/access"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Birth is a restore that was made outside of the door, from a backup, a baton
// or both, and that people have not answered for yet. Until they have, this PC
// doses nobody: it may have forgotten what it did.
type Birth struct {
	Number  int // of the new installation; the keys have it already
	OfSize  int64
	Hash    string // of the journal that was recovered
	Backup  transfer.Head
	Baton   *transfer.Head // nil: there was none
	BatonID string
	Whole   bool         // the baton was read to its end
	Done    func() error // told once the birth record is durable
}

// birth is the one that waits, if any.
type birth struct {
	mu    sync.Mutex
	waits *Birth
}

func (b *birth) get() *Birth {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waits
}

func (b *birth) set(x *Birth) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = x
}

// AwaitBirth tells the door that the journal it opened was restored. Where the
// birth record stands in it already, only Done is left to do.
func (c *Clinic) AwaitBirth(ctx context.Context, b Birth) error {
	var i transfer.Installation
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		i, err = v.Installation()
		return err
	})
	if err != nil {
		return err
	}
	if i.Number >= b.Number {
		return b.Done()
	}
	c.birth.set(&b)
	c.live.tell()
	return nil
}

// Born is the restore that people must answer for, or nil.
func (c *Clinic) Born() *Birth { return c.birth.get() }

// BirthSay is what two people say of a restore.
type BirthSay struct {
	Day        day.Day // the date they name
	NotWithout bool    // nothing was done at this site since the baton's last entry
	OnlyBaton  bool    // a baton older than the backup is the site's only one
}

// RecordBirth appends the birth record of the new installation. INST-17 stands
// before every other act until then.
func (c *Clinic) RecordBirth(ctx context.Context, by access.Actor, form id.Form, say BirthSay, w Witness) (transfer.InstallationRestored, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return transfer.InstallationRestored{}, err
	}
	f, err := do[transfer.InstallationRestored](ctx, c, &act{
		by: by, form: form, same: as(func(transfer.InstallationRestored) bool { return true }),
		decide: func(t *turn) ([]any, error) { return facts(t.restored(say, w)) },
	})
	if err != nil {
		return f, err
	}
	if b := c.birth.get(); b != nil && b.Number == f.Number {
		if err := b.Done(); err != nil {
			return f, fmt.Errorf("the birth record is recorded; note it: %w", err)
		}
		c.birth.set(nil)
	}
	return f, c.Mirror(ctx)
}

func (t *turn) restored(say BirthSay, w Witness) (transfer.InstallationRestored, error) {
	none := transfer.InstallationRestored{}
	if err := t.allow(access.OpenDay, access.NoPatient); err != nil {
		return none, err
	}
	b := t.c.birth.get()
	if b == nil {
		return none, reason.Refuse("INST-18")
	}
	second := t.second(w)
	if second.Person == t.by.Person && second.Person != "" {
		return none, reason.Refuse("DAY-12")
	}
	ask := transfer.Restore{
		Today: t.today, Confirmed: say.Day == t.today, Backup: b.Backup, BatonID: b.BatonID, Baton: b.Baton,
		NotWithout: say.NotWithout && b.Whole, OnlyBaton: say.OnlyBaton, Newest: b.Number - 1, Hash: b.Hash,
		Witness: second.Person, Alone: second.Alone,
	}
	many, err := t.tx.Manyfold()
	if err != nil {
		return none, err
	}
	ask.HubReleases = many
	hub, err := hubHead(&t.tx.View, transfer.Installation{Site: t.c.site.Site, Number: b.Number - 1}, t.now)
	if err != nil {
		return none, err
	}
	if hub != nil && hub.Size <= b.OfSize {
		ask.Hub = hub // one that knows more is read before this, or is no witness of what was recovered
	}
	f, err := transfer.DecideRestore(ask)
	f.OfSize = b.OfSize
	f.Letters = f.Letters || !many // a site of its own has never written one
	return f, err
}
