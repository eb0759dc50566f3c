// Package sitesync keeps a site and its hub in step whenever there is a line:
// it sends the site's journal, takes the hub's signed receipts, and reads what
// other sites and the programme have for this one.
//
// The journal is the outbox and the receipt is the only thing that counts as
// sent: nothing is deleted, everything may be sent again, and a message that
// the transport lost comes again by itself. It holds no rule and decides
// nothing about care. It promises that "all sent" is said only when a receipt
// that verifies covers the journal's head, and that whatever the hub sends is
// believed only with its writer's own signature. The format is
// docs/spec/sync.md.
package sitesync

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/care/programme"
	"tram/internal/care/site"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/journal"
)

// Door is what sync needs of the site: clinic.Clinic.
type Door interface {
	Site() site.Founded
	Origin() string
	Now() day.Instant
	Head() journal.Head
	Watch() (<-chan struct{}, func())
	Outgoing(ctx context.Context, from int64, most, bytes int) (journal.Segment, error)
	RootAt(ctx context.Context, size int64) (tlog.Hash, error)
	Link(ctx context.Context) (clinicdb.Link, bool, error)
	SetContact() error
	Receipt(ctx context.Context) (clinicdb.Receipt, error)
	TakeReceipt(ctx context.Context, size int64, signedAt day.Instant, note []byte) error
	Directory(ctx context.Context) (programme.Directory, error)
	Hear(entries []clinic.Heard) (int, error)
	ReadAgain() error
}

// Options are what sync is started with.
type Options struct {
	Door   Door
	Seed   [32]byte // keys.SyncSeed
	Number int      // of the installation
	// Version is the program's, told to the hub.
	Version string
	Log     *slog.Logger
	// Linger is how long a few new entries wait for more before they are sent;
	// 0 is the time a clinic uses, below nothing waits.
	Linger time.Duration
	// Dial adds options to the connection; tests dial in process.
	Dial []nats.Option
}

// Syncer keeps one site in step.
type Syncer struct {
	o      Options
	public string // the site's key for signing in
	keys   nkeys.KeyPair
	hurry  chan struct{}

	mu      sync.Mutex
	status  Status
	covered int64 // entries under the largest receipt
	told    map[chan struct{}]bool
}

// NKey is the public key that belongs to a seed; the hub knows the site by it.
func NKey(seed [32]byte) (string, error) {
	k, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if err != nil {
		return "", fmt.Errorf("the key for sync: %w", err)
	}
	return k.PublicKey()
}

// New prepares sync; Run does it.
func New(o Options) (*Syncer, error) {
	k, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, o.Seed[:])
	if err != nil {
		return nil, fmt.Errorf("the key for sync: %w", err)
	}
	public, err := k.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("the key for sync: %w", err)
	}
	if o.Linger == 0 {
		o.Linger = lingerDefault
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Syncer{o: o, public: public, keys: k, hurry: make(chan struct{}, 1)}, nil
}

// Hurry sends what waits now, and asks the hub for its receipt: somebody
// stands at the printer with a letter.
func (s *Syncer) Hurry() {
	select {
	case s.hurry <- struct{}{}:
	default: // asked already, and not yet answered
	}
}

// Run syncs until ctx ends. It never gives up: a hub that is not there is the
// ordinary state of a clinic in the mountains.
func (s *Syncer) Run(ctx context.Context) {
	wait := retryFirst
	for ctx.Err() == nil {
		link, ok, err := s.o.Door.Link(ctx)
		switch {
		case ctx.Err() != nil:
			return // told to end while it read; that is no trouble
		case err != nil:
			s.trouble(Fault, err)
		case !ok:
			s.trouble(NotJoined, nil)
		default:
			good, err := s.connected(ctx, link)
			if good {
				wait = retryFirst
			}
			if err != nil && ctx.Err() == nil {
				s.trouble(troubleOf(err), err)
			}
		}
		s.refresh(ctx)
		select {
		case <-ctx.Done():
		case <-s.hurry:
		case <-time.After(wait):
		}
		wait = min(2*wait, retryLast)
	}
}

// connected runs one connection until it ends; good says whether the hub
// answered on it.
func (s *Syncer) connected(ctx context.Context, link clinicdb.Link) (good bool, err error) {
	nc, closed, err := s.dial(link)
	if err != nil {
		return false, err
	}
	defer nc.Close()
	sess, err := s.newSession(nc, link, closed)
	if err != nil {
		return false, err
	}
	err = sess.run(ctx)
	return sess.answered, err
}

func (s *Syncer) dial(link clinicdb.Link) (nc *nats.Conn, closed <-chan struct{}, err error) {
	u, err := url.Parse(link.URL)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: the hub's address: %w", errRefused, err)
	}
	end := make(chan struct{})
	o := []nats.Option{
		nats.Name("site " + string(s.o.Door.Site().Site)),
		nats.Nkey(s.public, s.keys.Sign),
		nats.CustomInboxPrefix(replies(s)),
		nats.NoReconnect(), // Run reconnects, and says meanwhile how things stand
		nats.ReconnectBufSize(-1),
		nats.Timeout(dialWait),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(2),
		nats.IgnoreDiscoveredServers(),
		nats.ClosedHandler(func(*nats.Conn) { close(end) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { s.o.Log.Warn("sync", "err", err) }),
	}
	if u.Scheme == "wss" || u.Scheme == "tls" {
		o = append(o, nats.Secure(TLS(link.Pin)))
	}
	if u.Path != "" {
		o = append(o, nats.ProxyPath(u.Path))
		u.Path = ""
	}
	nc, err = nats.Connect(u.String(), append(o, s.o.Dial...)...)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errNoLine, err)
	}
	return nc, end, nil
}

// TLS is how a hub is recognised. A pinned hub is the one with that key,
// whatever names and dates its certificate bears: the key came with the code
// that people carried over, and a PC whose clock is wrong must still find its
// hub. Without a pin the web's authorities vouch for the name and the date.
func TLS(pin []byte) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(pin) == 0 {
		return c
	}
	c.InsecureSkipVerify = true // VerifyConnection asks for more
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		if len(cs.PeerCertificates) == 0 || subtle.ConstantTimeCompare(PinOf(cs.PeerCertificates[0])[:len(pin)], pin) != 1 {
			return errStranger
		}
		return nil
	}
	return c
}

// PinOf is what a pin is held against: the hash of a certificate's public key.
func PinOf(c *x509.Certificate) []byte {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return sum[:]
}

var (
	errStranger = errors.New("this is not the hub that the site joined")
	errNoLine   = errors.New("the hub is not reached")
	errRefused  = errors.New("the hub refuses this site")
	errLying    = errors.New("the hub sent what its writer did not sign")
	errForgot   = errors.New("the hub has more of this journal than this site")
	errFork     = errors.New("the hub has another history of this journal")
	errStopped  = errors.New("the hub takes no more of this journal until people have looked")
)
