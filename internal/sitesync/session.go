package sitesync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sitesync/wire"
)

func replies(s *Syncer) string { return wire.Replies(s.o.Door.Site().Site) }

// session is one connection to the hub. One goroutine runs it.
type session struct {
	*Syncer
	nc       *nats.Conn
	js       jetstream.JetStream
	link     clinicdb.Link
	cosigner note.Verifier
	closed   <-chan struct{}
	pokes    chan *nats.Msg

	answered bool
	sent     int64     // entries handed to the transport
	sentAt   time.Time // when the last of them was
	signed   int64     // entries under a receipt of this hub as it is now
	held     int64     // entries under the largest receipt there ever was
	next     uint64    // sequence of the transport's last message of this site
	newest   int64     // number of the last entry in our inbox
	readTo   int64
	readMark string
	since    time.Time // when the first entry that waits was seen; zero while none does
}

func (s *Syncer) newSession(nc *nats.Conn, link clinicdb.Link, closed <-chan struct{}) (*session, error) {
	v, err := journal.NewCosignVerifier(link.Cosigner)
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("reach the hub: %w", err)
	}
	x := &session{
		Syncer: s, nc: nc, js: js, link: link, cosigner: v, closed: closed, pokes: make(chan *nats.Msg, 64), readTo: link.ReadTo, readMark: link.ReadMark,
	}
	if _, err := nc.ChanSubscribe(wire.Inbox(s.o.Door.Site().Site), x.pokes); err != nil {
		return nil, fmt.Errorf("listen to the hub: %w", err)
	}
	return x, nil
}

// run says hello and then sends and reads whatever there is, until the
// connection or ctx ends. It looks at levels, not at events: what comes while
// something else is under way is found at the next turn.
func (x *session) run(ctx context.Context) error {
	wake, stop := x.o.Door.Watch()
	defer stop()
	if err := x.hello(ctx); err != nil {
		return err
	}
	tick := time.NewTimer(helloEvery)
	defer tick.Stop()
	hurry := false
	for {
		if err := x.turn(ctx, hurry); err != nil {
			return err
		}
		hurry = false
		tick.Reset(x.pause())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-x.closed:
			return fmt.Errorf("the line: %w", errors.Join(nats.ErrConnectionClosed, x.nc.LastError()))
		case _, open := <-wake:
			if !open {
				return context.Canceled // the site is closing
			}
		case <-x.hurry:
			hurry = true
		case m := <-x.pokes:
			if err := x.poked(ctx, m); err != nil {
				return err
			}
		case <-tick.C:
			if x.waiting() == 0 || x.sent > x.signed && time.Since(x.sentAt) >= receiptWait {
				if err := x.hello(ctx); err != nil { // also sends again what was lost on the way
					return err
				}
			}
		}
	}
}

// turn sends what is due and reads what is there.
func (x *session) turn(ctx context.Context, hurry bool) error {
	if err := x.send(ctx, hurry); err != nil {
		return err
	}
	if err := x.read(ctx); err != nil {
		return err
	}
	x.refresh(ctx)
	return nil
}

func (x *session) waiting() int64 { return x.o.Door.Head().Size - x.sent }

// pause is how long nothing needs doing by itself.
func (x *session) pause() time.Duration {
	switch {
	case x.waiting() > 0 && !x.since.IsZero():
		return max(0, x.o.Linger-time.Since(x.since)) + time.Millisecond
	case x.sent > x.signed:
		return max(0, receiptWait-time.Since(x.sentAt)) + time.Millisecond
	}
	return helloEvery
}

// ask asks the hub one question.
func (x *session) ask(ctx context.Context, q wire.Question) (wire.Answer, error) {
	var a wire.Answer
	q.Version, q.Number = x.o.Version, x.o.Number
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	m, err := x.nc.RequestWithContext(ctx, wire.Ask(x.o.Door.Site().Site), wire.Marshal(q))
	if err != nil {
		return a, fmt.Errorf("ask the hub: %w", err)
	}
	if err := wire.Unmarshal(m.Data, &a); err != nil {
		return a, fmt.Errorf("the hub's answer: %w", err)
	}
	if a.Refused != "" {
		return a, fmt.Errorf("the hub's answer: %s", a.Refused)
	}
	return a, nil
}

// hello finds out how far this site is at the hub, and holds that against its
// own journal before anything is sent.
func (x *session) hello(ctx context.Context) error {
	held, err := x.o.Door.Receipt(ctx)
	if err != nil {
		return err
	}
	a, err := x.ask(ctx, wire.Question{Op: wire.Hello, Size: x.o.Door.Head().Size, Receipt: held.Size, ReadTo: x.readTo, Mark: x.readMark, Now: x.o.Door.Now()})
	if err != nil {
		return err
	}
	x.answered = true
	if err := x.o.Door.SetContact(); err != nil {
		return err
	}
	size, err := x.receipt(ctx, a.Receipt)
	if err != nil {
		return err
	}
	x.sent, x.signed, x.next, x.newest, x.held = size, size, a.Next, a.Newest, held.Size
	if a.Again {
		if err := x.readAgain(); err != nil {
			return err
		}
	}
	x.set(func(st *Status) {
		st.Connected, st.Trouble, st.Detail, st.HubNow, st.HubBack = true, None, "", a.Now, size < held.Size
	})
	if a.Stopped != "" {
		return fmt.Errorf("%w: %s", errStopped, a.Stopped)
	}
	return nil
}

// receipt judges a receipt and keeps it; it answers how many entries it
// covers. None at all says that the hub has nothing of this site.
func (x *session) receipt(ctx context.Context, text []byte) (int64, error) {
	if len(text) == 0 {
		return 0, nil
	}
	cp, at, err := journal.ReadCosigned(text, x.o.Door.Origin(), x.cosigner)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errStranger, err)
	}
	if head := x.o.Door.Head(); cp.Size > head.Size {
		return 0, fmt.Errorf("%w: %d entries, here are %d", errForgot, cp.Size, head.Size)
	}
	root, err := x.o.Door.RootAt(ctx, cp.Size)
	if err != nil {
		return 0, err
	}
	if root != cp.Hash {
		return 0, fmt.Errorf("%w: at %d entries", errFork, cp.Size)
	}
	if err := x.o.Door.TakeReceipt(ctx, cp.Size, at, text); err != nil {
		return 0, err
	}
	return cp.Size, nil
}

// send hands segments to the transport while there are entries that are due.
func (x *session) send(ctx context.Context, hurry bool) error {
	for {
		n := x.waiting()
		if n <= 0 {
			x.since = time.Time{}
			return nil
		}
		if x.since.IsZero() {
			x.since = time.Now()
		}
		if n < fullSegment && !hurry && time.Since(x.since) < x.o.Linger {
			return nil
		}
		if err := x.sendOne(ctx); err != nil {
			return err
		}
	}
}

func (x *session) sendOne(ctx context.Context) error {
	seg, err := x.o.Door.Outgoing(ctx, x.sent, segmentMost, wire.SegmentSize)
	if err != nil {
		return err
	}
	if len(seg.Entries) == 0 {
		return nil
	}
	root, err := x.o.Door.RootAt(ctx, seg.End())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	ack, err := x.js.PublishMsg(ctx, &nats.Msg{Subject: wire.Journal(seg.Site), Data: wire.Pack(seg)},
		jetstream.WithMsgID(fmt.Sprintf("%s/%d/%s", seg.Site, seg.From, root)), jetstream.WithExpectLastSequencePerSubject(x.next))
	var api *jetstream.APIError
	if errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		return x.hello(ctx) // somebody else wrote, or an answer was lost; the receipt tells which
	}
	if err != nil {
		return fmt.Errorf("send entries from %d: %w", seg.From, err)
	}
	x.sent, x.sentAt, x.since, x.next = seg.End(), time.Now(), time.Time{}, max(x.next, ack.Sequence)
	return nil
}

// poked takes what the hub says by itself.
func (x *session) poked(ctx context.Context, m *nats.Msg) error {
	var p wire.Poke
	if err := wire.Unmarshal(m.Data, &p); err != nil {
		return fmt.Errorf("the hub's word: %w", err)
	}
	x.newest = max(x.newest, p.Newest)
	if p.Again {
		return x.hello(ctx)
	}
	if len(p.Receipt) == 0 {
		return nil
	}
	size, err := x.receipt(ctx, p.Receipt)
	if err != nil {
		return err
	}
	x.signed, x.sent = max(x.signed, size), max(x.sent, size)
	if size >= x.held {
		x.set(func(st *Status) { st.HubBack = false })
	}
	return x.o.Door.SetContact()
}

// read reads the inbox to its end.
func (x *session) read(ctx context.Context) error {
	for x.newest > x.readTo {
		a, err := x.ask(ctx, wire.Question{Op: wire.Hear, ReadTo: x.readTo, Mark: x.readMark})
		if err != nil {
			return err
		}
		x.newest = a.Newest
		if a.Again {
			if err := x.readAgain(); err != nil {
				return err
			}
			continue
		}
		if len(a.Sent) == 0 {
			x.newest = x.readTo // the rest is not proven yet; the hub pokes when it is
			return nil
		}
		if err := x.hear(ctx, a.Sent); err != nil {
			return err
		}
	}
	return nil
}

// readAgain begins the inbox anew; what was heard before is known again by its
// site and number.
func (x *session) readAgain() error {
	x.readTo, x.readMark = 0, ""
	return x.o.Door.ReadAgain()
}

// hear verifies what was sent and gives it to the door, in its order: the
// programme's own entries first make known whose signatures follow.
func (x *session) hear(ctx context.Context, sent []wire.Sent) error {
	d, err := x.o.Door.Directory(ctx)
	if err != nil {
		return err
	}
	var run []clinic.Heard
	flush := func() error {
		if len(run) == 0 {
			return nil
		}
		if _, err := x.o.Door.Hear(run); err != nil {
			return err
		}
		last := run[len(run)-1]
		x.readTo, x.readMark, run = last.Num, last.Mark, nil
		d, err = x.o.Door.Directory(ctx)
		return err
	}
	last, mark := x.readTo, x.readMark
	for _, s := range sent {
		if s.Num <= last {
			return fmt.Errorf("%w: number %d after %d", errLying, s.Num, last)
		}
		last = s.Num
		v, known := x.verifier(d, s.Site)
		if !known { // its joining may be in the run
			if err := flush(); err != nil {
				return err
			}
			v, known = x.verifier(d, s.Site)
		}
		h, err := proven(s, v, known)
		if err != nil {
			return errors.Join(err, flush())
		}
		mark = journal.Mark(mark, s.Site, s.Seq)
		h.Mark = mark
		if run = append(run, h); len(run) >= heardMost {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func proven(s wire.Sent, v note.Verifier, known bool) (clinic.Heard, error) {
	if !known {
		return clinic.Heard{}, fmt.Errorf("%w: entry %d of %s, which the programme does not name", errLying, s.Seq, s.Site)
	}
	e, _, err := journal.ReadReceipt(s.Proof, v)
	if err != nil {
		return clinic.Heard{}, fmt.Errorf("%w: entry %d of %s: %w", errLying, s.Seq, s.Site, err)
	}
	if e.Site != s.Site || e.Seq != s.Seq {
		return clinic.Heard{}, fmt.Errorf("%w: entry %d of %s is %d of %s", errLying, s.Seq, s.Site, e.Seq, e.Site)
	}
	raw, err := e.Encode()
	if err != nil {
		return clinic.Heard{}, err
	}
	return clinic.Heard{Entry: e, Raw: raw, Num: s.Num}, nil
}

// verifier is the key of a site as the programme names it; the hub's own came
// with the code by which this site joined.
func (x *session) verifier(d programme.Directory, s id.Site) (note.Verifier, bool) {
	text := x.link.Verifier
	if s != programme.Hub {
		f, ok := d.Site(s)
		if !ok {
			return nil, false
		}
		text = f.Verifier
	}
	v, err := note.NewVerifier(text)
	return v, err == nil
}

// OwnAtHub asks the hub for this site's own journal from an entry on, for a
// site that was restored from a backup; at is the hub's clock. The entries are
// proven by the receipt that comes with them once all are there.
func (s *Syncer) OwnAtHub(ctx context.Context, from int64) (entries [][]byte, receipt []byte, at day.Instant, err error) {
	link, ok, err := s.o.Door.Link(ctx)
	if err == nil && !ok {
		err = errRefused
	}
	if err != nil {
		return nil, nil, 0, err
	}
	nc, closed, err := s.dial(link)
	if err != nil {
		return nil, nil, 0, err
	}
	defer nc.Close()
	x, err := s.newSession(nc, link, closed)
	if err != nil {
		return nil, nil, 0, err
	}
	for {
		a, err := x.ask(ctx, wire.Question{Op: wire.Own, Size: from + int64(len(entries))})
		if err != nil {
			return nil, nil, 0, err
		}
		entries = append(entries, a.Entries...)
		if len(a.Entries) == 0 {
			return entries, a.Receipt, a.Now, nil
		}
	}
}
