package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/programme"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/sitesync/wire"
)

// start begins to take in and to answer.
func (h *Hub) start(ctx context.Context) error {
	questions := make(chan *nats.Msg, 1024)
	if _, err := h.transport.nc.ChanQueueSubscribe("ask.*", "hub", questions); err != nil {
		return fmt.Errorf("listen to the sites: %w", err)
	}
	for range askers {
		h.work.Go(func() { h.answerAll(ctx, questions) })
	}
	h.work.Go(func() { h.takeAll(ctx) })
	h.work.Go(func() { h.tellDigests(ctx) })
	return nil
}

// takeAll takes in what the sites send, batch by batch, until ctx ends.
func (h *Hub) takeAll(ctx context.Context) {
	wait := retryFirst
	for ctx.Err() == nil {
		err := h.takeOwn(ctx)
		if err == nil {
			err = h.settle(ctx) // what a hub that was cut off had taken in and not acted on
		}
		for err == nil && ctx.Err() == nil {
			if h.behind.Swap(false) {
				if err = h.takeOwn(ctx); err != nil {
					h.behind.Store(true)
					break
				}
			}
			if err = h.takeSome(ctx); err == nil {
				wait = retryFirst
				h.fault(nil)
			}
		}
		if ctx.Err() != nil {
			return
		}
		h.fault(err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, retryLast)
	}
}

// takeSome takes in what has come: verified, stored and projected in one
// transaction, then acknowledged, then signed for. A crash between any two
// lines leaves messages that come again and change nothing.
func (h *Hub) takeSome(ctx context.Context) error {
	msgs, err := h.fetch(ctx)
	if err != nil || len(msgs) == 0 {
		return err
	}
	pieces, kept := h.read(msgs)
	b, err := h.ingest(ctx, pieces, kept)
	if err != nil {
		return err // not acknowledged: the transport gives them again
	}
	h.counts.entries.Add(int64(b.Entries))
	h.counts.segments.Add(int64(len(pieces)))
	for _, m := range kept {
		if err := m.Ack(); err != nil {
			h.o.Log.Warn("acknowledge to the transport", "err", err) // it comes again and changes nothing
		}
	}
	if err := h.sign(ctx, b.Outcomes); err != nil {
		return err
	}
	h.poke(ctx, b.Inboxes)
	if b.People > 0 {
		h.someone()
	}
	if b.Restores {
		return h.settle(ctx)
	}
	return nil
}

func (h *Hub) fetch(ctx context.Context) ([]jetstream.Msg, error) {
	f, err := h.transport.cons.Fetch(fetchMost, jetstream.FetchMaxWait(fetchWait))
	if err != nil {
		return nil, fmt.Errorf("read from the transport: %w", err)
	}
	var out []jetstream.Msg
	for m := range f.Messages() {
		out = append(out, m)
	}
	if err := f.Error(); err != nil && len(out) == 0 && !errors.Is(err, nats.ErrTimeout) {
		return nil, fmt.Errorf("read from the transport: %w", err)
	}
	return out, ctx.Err()
}

// ingest waits for a database that is away, so that what was fetched is not
// fetched again and again meanwhile.
func (h *Hub) ingest(ctx context.Context, pieces []hubdb.Piece, msgs []jetstream.Msg) (hubdb.Batch, error) {
	wait := retryFirst
	for {
		b, err := h.db.Ingest(ctx, pieces, h.secret(), h.o.Clock())
		h.fault(err)
		if err == nil || ctx.Err() != nil {
			return b, err
		}
		for _, m := range msgs {
			_ = m.InProgress() // if it is lost, the message comes again
		}
		select {
		case <-ctx.Done():
			return b, ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, retryLast)
	}
}

// read reads messages as segments; what is none is noted and taken from the
// transport, because it would be none the next time as well.
func (h *Hub) read(msgs []jetstream.Msg) ([]hubdb.Piece, []jetstream.Msg) {
	d := h.Directory()
	var pieces []hubdb.Piece
	var kept []jetstream.Msg
	for _, m := range msgs {
		s := wire.SiteOf(m.Subject())
		seg, err := wire.Unpack(m.Data())
		if err == nil && seg.Site != s {
			err = fmt.Errorf("it speaks of site %s", seg.Site)
		}
		v, verr := verifier(d, s)
		if err = errors.Join(err, verr); err != nil {
			h.counts.refused.Add(1)
			h.o.Log.Warn("a message that is no segment", "site", string(s), "err", err)
			if err := m.Term(); err != nil {
				h.o.Log.Warn("acknowledge to the transport", "err", err)
			}
			continue
		}
		pieces, kept = append(pieces, hubdb.Piece{Segment: seg, Verifier: v}), append(kept, m)
	}
	return pieces, kept
}

func verifier(d programme.Directory, s id.Site) (note.Verifier, error) {
	f, ok := d.Site(s)
	if !ok {
		return nil, fmt.Errorf("site %s never joined", s)
	}
	return note.NewVerifier(f.Verifier)
}

// sign signs for what is in the database now and tells the sites.
func (h *Hub) sign(ctx context.Context, outcomes []hubdb.Outcome) error {
	newest := map[id.Site]hubdb.Outcome{}
	again := map[id.Site]bool{}
	for _, o := range outcomes {
		newest[o.Head.Site] = o
		again[o.Head.Site] = again[o.Head.Site] || o.State == hubdb.Gap || o.State == hubdb.Stopped
	}
	for s, o := range newest {
		r, err := h.receipt(s, o.Head, o.Root)
		if err != nil {
			return err
		}
		h.counts.receipts.Add(1)
		h.say(ctx, s, wire.Poke{Receipt: r, Again: again[s]})
	}
	return nil
}

// receipt signs that a site's first entries are in the database.
func (h *Hub) receipt(s id.Site, head hubdb.Head, root [32]byte) ([]byte, error) {
	if head.Size == 0 {
		return nil, nil
	}
	v, err := verifier(h.Directory(), s)
	if err != nil {
		return nil, err
	}
	var signed []byte
	if head.Settled == head.Size {
		signed = head.Checkpoint
	}
	return h.cosigner.Cosign(v.Name(), head.Size, root, signed, v, h.o.Clock())
}

// say tells a site something, if it listens. Whoever does not hears it at the
// next hello.
func (h *Hub) say(_ context.Context, s id.Site, p wire.Poke) {
	if err := h.transport.nc.Publish(wire.Inbox(s), wire.Marshal(p)); err != nil {
		h.o.Log.Warn("tell a site", "site", string(s), "err", err)
	}
}

// poke tells sites that there is something in their inbox.
func (h *Hub) poke(ctx context.Context, sites []id.Site) {
	for _, s := range sites {
		newest, _, err := h.db.InboxAt(ctx, s, 0, "")
		if err != nil {
			h.o.Log.Warn("the inbox", "site", string(s), "err", err)
			continue
		}
		h.say(ctx, s, wire.Poke{Newest: newest})
	}
}

// settle does what follows from the sites' restores: a restored installation
// ends the one before, and everyone is told. It reads them from the tables, so
// that one taken in just before a crash is settled at the next start.
func (h *Hub) settle(ctx context.Context) error {
	all, err := h.db.Restores(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		more, err := programme.DecideRestored(h.Directory(), programme.Restored{Site: r.Site, Number: r.Number, OfNumber: r.OfNumber, OfSize: r.OfSize, OfHash: r.OfHash})
		if err != nil {
			h.o.Log.Warn("a restored installation", "site", string(r.Site), "err", err)
			continue
		}
		if len(more) == 0 {
			continue
		}
		if err := h.Record(ctx, r.By, more...); err != nil {
			return err
		}
	}
	return nil
}

// answerAll answers sites' questions until ctx ends.
func (h *Hub) answerAll(ctx context.Context, questions <-chan *nats.Msg) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-questions:
			h.answer(ctx, m)
		}
	}
}

func (h *Hub) answer(ctx context.Context, m *nats.Msg) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	s := wire.SiteOf(m.Subject)
	var q wire.Question
	err := wire.Unmarshal(m.Data, &q)
	var a wire.Answer
	if err == nil {
		a, err = h.reply(ctx, s, q)
	}
	if err != nil {
		h.o.Log.Warn("a site's question", "site", string(s), "op", q.Op, "err", err)
		a = wire.Answer{Refused: "the hub could not answer; it is tried again"}
	}
	a.Now = h.o.Clock()
	if err := m.Respond(wire.Marshal(a)); err != nil {
		h.o.Log.Warn("answer a site", "site", string(s), "err", err)
	}
}

func (h *Hub) reply(ctx context.Context, s id.Site, q wire.Question) (wire.Answer, error) {
	switch q.Op {
	case wire.Hello:
		return h.hello(ctx, s, q)
	case wire.Hear:
		return h.hear(ctx, s, q)
	case wire.Own:
		entries, err := h.db.Entries(ctx, s, q.Size, ownMost)
		if err != nil {
			return wire.Answer{}, err
		}
		head, root, err := h.db.Head(ctx, s)
		if err != nil {
			return wire.Answer{}, err
		}
		r, err := h.receipt(s, head, root)
		return wire.Answer{Entries: within(entries), Receipt: r}, err
	}
	return wire.Answer{Refused: "this hub does not know the question " + q.Op}, nil
}

// within keeps as many entries as one message holds.
func within(entries [][]byte) [][]byte {
	size := 0
	for i, e := range entries {
		if size += 2 * len(e); size > wire.MessageMax && i > 0 {
			return entries[:i]
		}
	}
	return entries
}

func (h *Hub) hello(ctx context.Context, s id.Site, q wire.Question) (wire.Answer, error) {
	h.heardHello(s, q)
	if err := h.db.SetContact(ctx, s, q.Size, h.o.Clock()); err != nil {
		return wire.Answer{}, err
	}
	head, root, err := h.db.Head(ctx, s)
	if err != nil {
		return wire.Answer{}, err
	}
	if q.Size < head.Size {
		detail := fmt.Sprintf("installation %d has fewer entries than the %d that the hub holds", q.Number, head.Size)
		if err := h.db.Note(ctx, "journal.forgot", s, detail, h.o.Clock()); err != nil {
			return wire.Answer{}, err
		}
	}
	a := wire.Answer{Stopped: head.Stopped}
	if a.Receipt, err = h.receipt(s, head, root); err != nil {
		return a, err
	}
	if a.Next, err = h.transport.last(ctx, s); err != nil {
		return a, err
	}
	a.Newest, a.Again, err = h.db.InboxAt(ctx, s, q.ReadTo, q.Mark)
	return a, err
}

func (h *Hub) hear(ctx context.Context, s id.Site, q wire.Question) (wire.Answer, error) {
	var a wire.Answer
	var err error
	if a.Newest, a.Again, err = h.db.InboxAt(ctx, s, q.ReadTo, q.Mark); err != nil || a.Again {
		return a, err
	}
	sent, newest, err := h.db.Inbox(ctx, s, q.ReadTo, heardMost)
	a.Newest = newest
	for _, x := range sent {
		a.Sent = append(a.Sent, wire.Sent{Num: x.Num, Site: x.Site, Seq: x.Seq, Proof: x.Proof})
	}
	return a, err
}

// heardMost is how many proofs one answer holds.
const heardMost = 200
