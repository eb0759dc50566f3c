package hubdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// Piece is a segment as it arrived, with the key its site signs with.
type Piece struct {
	Segment  journal.Segment
	Verifier note.Verifier
}

// State is what became of a piece.
type State string

// The states. Stored and Known are done; Gap waits for what lies between;
// Stopped is for people.
const (
	Stored  State = "stored"
	Known   State = "known"   // every entry was here already
	Gap     State = "gap"     // entries before it are missing here
	Stopped State = "stopped" // it does not go on from what is here
)

// Outcome is what became of a piece, and how far the site's journal is here
// now.
type Outcome struct {
	State State
	Head  Head
	Root  tlog.Hash
	Why   string // for Stopped
}

// Batch is what one transaction took in.
type Batch struct {
	Outcomes []Outcome // one for each piece
	Entries  int       // new ones
	Inboxes  []id.Site // sites that have something new to read
	Facts    []Fact    // the programme's own
	Restores bool      // a restored installation is among the entries
	People   int       // registrations, and changes of what is written of people
}

// Fact is an entry of the programme's own journal.
type Fact struct {
	Entry journal.Entry
}

// Ingest takes in pieces in their order, as one transaction: when it answers
// without an error everything it calls stored is durable. secret keys the
// hashes by which double registrations are found.
func (d *DB) Ingest(ctx context.Context, pieces []Piece, secret []byte, now day.Instant) (Batch, error) {
	var b Batch
	err := d.write(ctx, func(c conn, k *known) error {
		in := newIntake(c, k, secret, now)
		defer func() { _ = in.wait() }() // whatever happens, nothing uses the transaction after this
		for i, p := range pieces {
			o, err := in.piece(p)
			if err != nil {
				return err
			}
			b.Outcomes = append(b.Outcomes, o)
			if i%flushEvery == flushEvery-1 {
				if err := in.flush(); err != nil {
					return err
				}
			}
		}
		if err := in.finish(); err != nil {
			return err
		}
		b.Entries, b.Inboxes, b.Facts = in.taken, in.poked(), in.facts
		b.Restores = in.births > 0
		b.People = len(in.people)
		return nil
	})
	if err != nil {
		return Batch{}, fmt.Errorf("take in %d segments: %w", len(pieces), err)
	}
	return b, nil
}

// piece judges one segment and gathers its rows.
func (in *intake) piece(p Piece) (Outcome, error) {
	s := p.Segment
	h := in.head(s.Site)
	if h.Stopped != "" {
		return in.outcome(h, Stopped, h.Stopped), nil
	}
	h.ContactAt = max(h.ContactAt, in.now)
	if s.From > h.Size {
		h.Ahead = max(h.Ahead, s.End())
		return in.outcome(h, Gap, ""), nil
	}
	known := min(h.Size, s.End()) - s.From
	same, err := in.sameAs(s.Site, s.From, s.Entries[:known])
	if err != nil {
		return Outcome{}, err
	}
	if !same {
		return in.stop(h, s, "fork", "the entries sent are not those held here")
	}
	s.From, s.Entries = s.From+known, s.Entries[known:]
	if s.From < h.Size { // it ends within what is here, so its checkpoint says nothing new
		return in.outcome(h, Known, ""), nil
	}
	// A segment that turns out not to be the journal's must leave no hash behind:
	// the first one stays, and every proof would be built on it.
	var whole []block
	edge, cp, err := s.Extend(h.edge, p.Verifier, func(i int64, x tlog.Hash) { whole = append(whole, block{i, x}) })
	if errors.Is(err, journal.ErrBroken) {
		kind := "fork"
		if cp.Note == nil {
			kind = "forged"
		}
		return in.stopOr(h, s, kind, err)
	}
	if err != nil {
		return Outcome{}, err
	}
	if err := in.take(h, s); err != nil {
		return in.stopOr(h, s, "unreadable", err)
	}
	for _, b := range whole {
		in.blocks.add(s.Site, b.idx, b.hash[:])
	}
	h.edge, h.Size, h.Ahead = edge, edge.Size(), max(h.Ahead, cp.Size)
	if cp.Size == h.Size {
		h.Settled, h.Checkpoint = cp.Size, cp.Note
	}
	if len(s.Entries) == 0 {
		return in.outcome(h, Known, ""), nil
	}
	return in.outcome(h, Stored, ""), nil
}

// block is a hash of the journal's tree over a whole block of entries.
type block struct {
	idx  int64
	hash tlog.Hash
}

func (in *intake) outcome(h *head, s State, why string) Outcome {
	in.dirty[h.Site] = true
	return Outcome{State: s, Head: h.Head, Root: h.edge.Root(), Why: why}
}

// stopOr stops the site's journal, unless the segment is merely not the
// site's: a forged one must not stop an honest site.
func (in *intake) stopOr(h *head, s journal.Segment, kind string, err error) (Outcome, error) {
	if kind == "forged" {
		in.incident("journal.forged", h.Site, "", day.Never, fmt.Sprintf("from %d: %v", s.From, err))
		return in.outcome(h, Stopped, err.Error()), nil
	}
	return in.stop(h, s, kind, err.Error())
}

// stop takes nothing more of a journal until people have looked: two
// histories of one site.
func (in *intake) stop(h *head, s journal.Segment, kind, why string) (Outcome, error) {
	h.Stopped = fmt.Sprintf("%s at entry %d: %s", kind, s.From, why)
	in.incident("journal."+kind, h.Site, "", day.Never, h.Stopped+"\n"+string(s.Checkpoint))
	return in.outcome(h, Stopped, h.Stopped), nil
}

// sameAs says whether entries are those held here under their numbers. Rows of
// this transaction that are not written yet are looked at as well.
func (in *intake) sameAs(site id.Site, from int64, entries [][]byte) (bool, error) {
	if len(entries) == 0 {
		return true, nil
	}
	if err := in.wait(); err != nil {
		return false, err
	}
	to, n, same := from+int64(len(entries)), 0, true
	look := func(seq int64, raw []byte) {
		if seq >= from && seq < to {
			same = same && bytes.Equal(raw, entries[seq-from])
			n++
		}
	}
	err := between(in.c, site, from, to, func(seq int64, raw []byte) error {
		look(seq, raw)
		return nil
	})
	if err != nil {
		return false, err
	}
	for i, raw := range in.fresh[site] {
		look(in.freshFrom[site]+int64(i), raw)
	}
	if same && n != len(entries) {
		return false, fmt.Errorf("%d of %d entries of %s are here: %w", n, len(entries), site, journal.ErrBroken)
	}
	return same, nil
}

// take gathers the rows of entries that go on from those here.
func (in *intake) take(h *head, s journal.Segment) error {
	var entries []journal.Entry
	for i, raw := range s.Entries {
		e, err := journal.Peek(raw)
		if err == nil && (e.Site != s.Site || e.Seq != s.From+int64(i)) {
			err = fmt.Errorf("entry %d of %s lies in the place of %d", e.Seq, e.Site, s.From+int64(i))
		}
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	if in.fresh[s.Site] == nil {
		in.freshFrom[s.Site] = s.From
	}
	if len(entries) > 0 {
		in.fresh[s.Site] = append(in.fresh[s.Site], s.Entries...)
		in.chunks.add(s.Site, s.From, len(entries), pack(s.Entries))
		in.taken += len(entries)
	}
	for _, e := range entries {
		h.NewestDay = max(h.NewestDay, e.Day)
		in.project(e)
	}
	return nil
}
