package sitesync

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"

	"github.com/nats-io/nats.go"

	"tram/internal/day"
	"tram/internal/journal"
	"tram/internal/sitesync/wire"
)

// Trouble is why sync does not go on, for a person.
type Trouble string

// The troubles. The first two are ordinary life; those from Stranger on are
// for people to look at, and nothing is sent meanwhile.
const (
	None        Trouble = ""
	NotJoined   Trouble = "not_joined"  // the site belongs to no hub yet
	Unreachable Trouble = "unreachable" // no line, or no hub at the other end
	Certificate Trouble = "certificate" // the hub's certificate has expired or is for another name
	Refused     Trouble = "refused"     // the hub does not know this site's key, or no longer
	Fault       Trouble = "fault"       // something failed here or there; it is tried again
	Stranger    Trouble = "stranger"    // another machine answers in the hub's place
	Lying       Trouble = "lying"       // what the hub sent is not signed by whom it names
	Forgot      Trouble = "forgot"      // this site has forgotten entries that the hub has: restored from a backup
	Fork        Trouble = "fork"        // two histories of this journal: a copy of this PC is in use
	Stopped     Trouble = "stopped"     // the hub waits for people to answer
)

// Status is how sync stands.
type Status struct {
	Joined    bool
	Connected bool
	Size      int64       // entries here
	Waiting   int64       // entries that no receipt covers
	Synced    bool        // a receipt covers the head
	SyncedAt  day.Instant // when the hub signed the newest receipt; 0 while there is none
	Contact   day.Instant // when the hub was last reached; 0 never
	HubNow    day.Instant // the hub's clock at the last hello, to show beside ours
	HubBack   bool        // the hub has less than it has signed before: restored; it gets everything again
	Trouble   Trouble
	Detail    string // of the trouble, for those who repair
}

// Days is how many whole days ago the hub was reached; -1 if never.
func (s Status) Days(now day.Instant) int {
	if s.Contact == 0 {
		return -1
	}
	return max(0, int((now-s.Contact)/86_400_000))
}

// Status is how sync stands now.
func (s *Syncer) Status() Status {
	s.mu.Lock()
	st, covered := s.status, s.covered
	s.mu.Unlock()
	st.Size = s.o.Door.Head().Size // an entry of a moment ago waits already
	st.Waiting = max(0, st.Size-covered)
	st.Synced = st.Joined && st.Waiting == 0 && st.SyncedAt != 0 && !st.HubBack
	return st
}

// refresh reads the receipt and holds it against the head.
func (s *Syncer) refresh(ctx context.Context) {
	r, err := s.o.Door.Receipt(ctx)
	if err != nil {
		return // the next one will say; what was said before stays said
	}
	link, joined, err := s.o.Door.Link(ctx)
	if err != nil {
		return
	}
	at := day.Instant(0)
	if r.Size > 0 {
		at = r.At
	}
	s.set(func(st *Status) {
		s.covered = r.Size
		st.Joined, st.SyncedAt, st.Contact = joined, at, link.ContactAt
	})
}

func (s *Syncer) set(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
	for ch := range s.told {
		select {
		case ch <- struct{}{}:
		default: // told already and not yet awake
		}
	}
}

// Watch returns a channel that receives after the status changed, and a
// function that ends it.
func (s *Syncer) Watch() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = map[chan struct{}]bool{}
	}
	s.told[ch] = true
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.told, ch)
	}
}

// trouble notes why sync does not go on.
func (s *Syncer) trouble(t Trouble, err error) {
	detail := ""
	if err != nil {
		detail = err.Error()
		s.o.Log.Info("sync", "trouble", string(t), "err", err)
	}
	s.set(func(st *Status) { st.Connected, st.Trouble, st.Detail = false, t, detail })
}

// troubleOf sorts an error by what a person can do about it.
func troubleOf(err error) Trouble {
	var expired x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var line net.Error
	switch {
	case errors.Is(err, errStranger):
		return Stranger
	case errors.As(err, &expired), errors.As(err, &name), errors.As(err, &unknown):
		return Certificate
	case errors.Is(err, errRefused), errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked),
		errors.Is(err, nats.ErrPermissionViolation):
		return Refused
	case errors.Is(err, errFork):
		return Fork
	case errors.Is(err, errForgot):
		return Forgot
	case errors.Is(err, errStopped):
		return Stopped
	case errors.Is(err, errLying), errors.Is(err, journal.ErrBroken), errors.Is(err, wire.ErrForm):
		return Lying
	case errors.Is(err, errNoLine), errors.As(err, &line), errors.Is(err, io.ErrClosedPipe), errors.Is(err, io.EOF), errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout), errors.Is(err, nats.ErrConnectionClosed),
		errors.Is(err, nats.ErrNoResponders), errors.Is(err, nats.ErrDisconnected), errors.Is(err, nats.ErrStaleConnection), errors.Is(err, context.DeadlineExceeded):
		return Unreachable
	}
	return Fault
}
