package clinic

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/journal"
)

// The door's side of sync: what goes out, what comes in. Nothing here is
// decided and nothing is refused: facts happened.

// Heard is an entry of another site, or of the programme, whose proof was
// verified by whoever brings it.
type Heard struct {
	Entry journal.Entry
	Raw   []byte
	Num   int64  // its number in the inbox it was read from; 0 when it came another way
	Mark  string // of everything in the inbox up to that number
}

// Outgoing reads a segment of this site's journal for whoever keeps a copy, at
// most most entries and about bytes bytes; without entries when there are none
// from there on.
func (c *Clinic) Outgoing(ctx context.Context, from int64, most, bytes int) (journal.Segment, error) {
	var s journal.Segment
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		s, err = journal.Outgoing(v.Conn(), c.site.Site, c.keys, from, most, bytes)
		return err
	})
	return s, err
}

// Origin is the name under which this site's journal is signed.
func (c *Clinic) Origin() string { return c.verifier.Name() }

// RootAt is the hash over the first size entries of this site's journal, to
// hold a receipt against.
func (c *Clinic) RootAt(ctx context.Context, size int64) (tlog.Hash, error) {
	var h tlog.Hash
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		h, err = journal.RootAt(v.Conn(), c.site.Site, size)
		return err
	})
	return h, err
}

// Link is how the hub is reached; ok is false while this site has not joined.
func (c *Clinic) Link(ctx context.Context) (l clinicdb.Link, ok bool, err error) {
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		l, err = v.Link()
		if errors.Is(err, clinicdb.ErrNotFound) {
			return nil
		}
		ok = err == nil
		return err
	})
	return l, ok, err
}

// SetLink keeps how the hub is reached, once people on both sides agreed.
func (c *Clinic) SetLink(l clinicdb.Link) error {
	l.JoinedAt = c.clock()
	return c.db.Write(func(tx *clinicdb.Tx) error { return tx.SetLink(l) })
}

// SetContact notes that the hub was reached now.
func (c *Clinic) SetContact() error {
	return c.db.Write(func(tx *clinicdb.Tx) error { return tx.SetContact(c.clock()) })
}

// Receipt is the hub's largest receipt, the zero one while there is none.
func (c *Clinic) Receipt(ctx context.Context) (r clinicdb.Receipt, err error) {
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		r, err = v.Receipt()
		if errors.Is(err, clinicdb.ErrNotFound) {
			return nil
		}
		return err
	})
	return r, err
}

// TakeReceipt keeps a receipt that was verified and held against the journal,
// releases the letters it covers, and tells the pages.
func (c *Clinic) TakeReceipt(ctx context.Context, size int64, signedAt day.Instant, note []byte) error {
	err := c.db.Write(func(tx *clinicdb.Tx) error {
		return tx.KeepReceipt(c.Today(), clinicdb.Receipt{Size: size, At: signedAt, Note: note})
	})
	if err != nil {
		return err
	}
	c.live.tell()
	return c.ReleaseLetters(ctx, hubMedium, size)
}

// hubMedium is the name of the hub as a second medium.
const hubMedium = "hub"

// Directory is the programme as far as this site has heard.
func (c *Clinic) Directory(ctx context.Context) (d programme.Directory, err error) {
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		d, err = v.Directory()
		return err
	})
	return d, err
}

// Hear keeps entries of others in their order and projects them, as one
// transaction together with how far the inbox was read. What was heard before
// changes nothing. It answers how many were new.
func (c *Clinic) Hear(entries []Heard) (int, error) {
	fresh := 0
	err := c.db.Write(func(tx *clinicdb.Tx) error {
		fresh = 0
		for _, h := range entries {
			isNew, err := tx.Hear(h.Entry, h.Raw)
			if err != nil {
				return err
			}
			if isNew {
				fresh++
			}
			if h.Num > 0 {
				if err := tx.SetRead(h.Num, h.Mark); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("hear %d entries: %w", len(entries), err)
	}
	if fresh > 0 {
		c.live.tell()
	}
	return fresh, nil
}

// ReadAgain begins the inbox anew: the hub has another one than before.
func (c *Clinic) ReadAgain() error {
	return c.db.Write(func(tx *clinicdb.Tx) error { return tx.SetRead(0, "") })
}
