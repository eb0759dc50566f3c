// Package hub is the programme's hub: it takes in every site's journal, signs
// what it has on its disk, and passes on what other sites must know.
//
// It is a site too, with the code HUB, keys and a journal of its own in which
// the programme's facts stand. The transport (NATS JetStream, in this process
// or a cluster) only carries: a receipt is signed after the database has
// committed, and until then the site keeps what it sent. It refuses nothing
// that happened and decides nothing about care; what does not fit becomes an
// incident for people. It promises that whatever a receipt covers is in the
// database, and that a site reads and writes nothing but its own.
package hub

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
	"tram/internal/sqlitefile"
)

// Names of the hub's files in its directory.
const (
	OfficeName   = "hub.db"       // its own journal, people, codes
	DatabaseName = "programme.db" // all journals and tables, where there is no PostgreSQL
	storeName    = "transport"    // what the embedded transport has not yet passed on
)

// Clock tells the time; a test sets it.
type Clock func() day.Instant

// Options are what a hub is opened with.
type Options struct {
	Dir        string
	Passphrase string
	Postgres   string         // address; "" for SQLite in the directory
	NATS       string         // address of a cluster; "" for a transport in this process
	NATSRoots  *x509.CertPool // that vouch for the cluster; nil: the machine's own
	Clock      Clock
	Rand       io.Reader
	Log        *slog.Logger
	HashKiB    uint32 // cost of a password; 0 is the usual one
}

func (o *Options) fill() {
	if o.Clock == nil {
		o.Clock = func() day.Instant { return day.InstantOf(time.Now()) }
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Hub is an opened hub.
type Hub struct {
	o         Options
	keys      *keys.Keys
	cosigner  journal.Cosigner
	office    *office
	db        *hubdb.DB
	transport *transport

	own    sync.Mutex    // one at a time takes the hub's own journal into the tables
	behind atomic.Bool   // it has entries that the tables lack
	untold chan struct{} // somebody to tell of in digests, or a site without a key
	stop   context.CancelFunc
	work   sync.WaitGroup
	failed error // why the database was not reached at the last try; nil while it is
	fails  sync.Mutex

	hellos sync.Mutex
	heard  map[id.Site]Heard
	counts counts
}

// ErrTwoHistories says that the hub's own journal and the one in its tables are
// not one: hub.db was restored from a backup and then written to, or belongs
// to another database.
var ErrTwoHistories = errors.New("the hub's own journal is another one than in its tables; restore the newest hub.db")

// ErrNoHub says that the directory holds no hub.
var ErrNoHub = errors.New("there is no hub here")

// Open opens the hub in a directory: its book, its database and its transport,
// and starts to work. A database that is away is waited for; the hub answers
// meanwhile that it is.
func Open(ctx context.Context, o Options) (*Hub, error) {
	o.fill()
	k, err := keys.Open(o.Dir, o.Passphrase)
	if errors.Is(err, keys.ErrNone) {
		return nil, fmt.Errorf("%w: %s", ErrNoHub, o.Dir)
	}
	if err != nil {
		return nil, err
	}
	h := &Hub{o: o, keys: k, cosigner: journal.NewCosigner(receiptName(k), k.ReceiptSeed()), untold: make(chan struct{}, 1)}
	if h.office, err = openOffice(filepath.Join(o.Dir, OfficeName), k); err != nil {
		return nil, err
	}
	if h.db, err = openDB(ctx, o, k); err != nil {
		return nil, errors.Join(err, h.office.close())
	}
	if h.transport, err = startTransport(ctx, o, k, h.office.directory); err != nil {
		return nil, errors.Join(err, h.db.Close(), h.office.close())
	}
	err = h.takeOwn(ctx)
	if errors.Is(err, ErrTwoHistories) || errors.Is(err, journal.ErrBroken) {
		h.transport.close()
		return nil, errors.Join(err, h.db.Close(), h.office.close())
	} // any other fault is tried again while the hub works
	if err := errors.Join(h.resumeNumbers(ctx, err), o.remember()); err != nil {
		h.transport.close()
		return nil, errors.Join(err, h.db.Close(), h.office.close())
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	if err := h.start(run); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func openDB(ctx context.Context, o Options, k *keys.Keys) (*hubdb.DB, error) {
	if o.Postgres != "" {
		return hubdb.OpenPostgres(ctx, o.Postgres)
	}
	return hubdb.OpenSQLite(filepath.Join(o.Dir, DatabaseName), sqlitefile.Options{Key: k.Data, CacheKB: cacheKB})
}

func receiptName(k *keys.Keys) string { return k.Journal.Verifier.Name() + "-receipts" }

// Close ends the work that is under way and closes everything.
func (h *Hub) Close() error {
	h.stop()
	h.work.Wait()
	h.transport.close()
	return errors.Join(h.db.Close(), h.office.close())
}

// DB is the hub's database, for reading.
func (h *Hub) DB() *hubdb.DB { return h.db }

// Directory is what the programme's facts say now.
func (h *Hub) Directory() programme.Directory { return h.office.directory() }

// Now is the hub's clock.
func (h *Hub) Now() day.Instant { return h.o.Clock() }

// Fault is why the database was not reached at the last try, or nil.
func (h *Hub) Fault() error {
	h.fails.Lock()
	defer h.fails.Unlock()
	return h.failed
}

func (h *Hub) fault(err error) {
	h.fails.Lock()
	defer h.fails.Unlock()
	if err != nil {
		h.counts.faults.Add(1)
	}
	if err != nil && h.failed == nil {
		h.o.Log.Error("the hub takes nothing in", "err", err)
	}
	h.failed = err
}

// Record writes facts of the programme into the hub's journal and passes them
// on. It answers once they are durable there; the tables follow by themselves
// when their database is away.
func (h *Hub) Record(ctx context.Context, by id.Person, facts ...any) error {
	if err := h.office.record(by, h.o.Clock(), facts...); err != nil {
		return err
	}
	h.transport.forget() // who may sign in has changed
	for _, v := range facts {
		switch v.(type) {
		case programme.SiteJoined, programme.SiteChanged:
			h.someone()
		}
	}
	if err := h.takeOwn(ctx); err != nil {
		h.behind.Store(true)
		h.fault(err)
	}
	return nil
}

// takeOwn takes the hub's own journal into the tables, as any site's.
func (h *Hub) takeOwn(ctx context.Context) error {
	h.own.Lock()
	defer h.own.Unlock()
	for {
		head, root, err := h.db.Head(ctx, programme.Hub)
		if err != nil {
			return err
		}
		if err := h.office.remember(ctx, h.db, head.Size, root, h.o.Clock()); err != nil {
			return err
		}
		seg, err := h.office.segment(ctx, head.Size)
		if err != nil || len(seg.Entries) == 0 {
			return err
		}
		b, err := h.db.Ingest(ctx, []hubdb.Piece{{Segment: seg, Verifier: h.keys.Journal.Verifier}}, h.secret(), h.o.Clock())
		if err != nil {
			return err
		}
		if o := b.Outcomes[0]; o.State != hubdb.Stored {
			return fmt.Errorf("the hub's own journal is %s at entry %d: %s", o.State, seg.From, o.Why)
		}
		h.poke(ctx, b.Inboxes)
	}
}

// secret keys the traces by which double registrations are found.
func (h *Hub) secret() []byte {
	s := h.keys.ReceiptSeed()
	return append([]byte("pairs"), s[:]...)
}
