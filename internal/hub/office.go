package hub

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/care/programme"
	"tram/internal/care/staff"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/fact"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
	"tram/internal/sqlitefile"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// office is the hub's own book: its journal, folded in memory, and the secrets
// of its people.
type office struct {
	file *sqlitefile.File
	keys journal.Keys

	mu   sync.Mutex // one writer
	log  *journal.Log
	zone atomic.Pointer[day.Zone]
	book atomic.Pointer[book]
}

// book is what the hub's journal says now.
type book struct {
	directory programme.Directory
	people    []staff.Member
}

func openOffice(path string, k *keys.Keys) (*office, error) {
	f, err := sqlitefile.Open(path, sqlitefile.Options{Key: k.Data})
	if err != nil {
		return nil, fmt.Errorf("open the hub's book: %w", err)
	}
	o := &office{file: f, keys: k.Journal}
	err = f.Write(func(c *sqlitefile.Conn) error { return c.Script(journal.Schema) })
	if err == nil {
		err = sqlitefile.Migrate(f, schemaFiles, "schema")
	}
	if err == nil {
		err = f.Read(context.Background(), func(c *sqlitefile.Conn) error {
			o.log, err = journal.Open(c, programme.Hub, k.Journal)
			return errors.Join(err, o.read(c))
		})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the hub's book: %w", err), f.Close())
	}
	return o, nil
}

// read folds the whole journal: it is short, a few facts for each site.
func (o *office) read(c *sqlitefile.Conn) error {
	var b book
	err := journal.Entries(c, programme.Hub, 0, 0, func(e journal.Entry, _ []byte) error {
		v, err := fact.Decode(e.Kind, e.Fact)
		if errors.Is(err, fact.ErrUnknown) {
			return nil // of a newer hub; kept, and known again after the upgrade
		}
		if err != nil {
			return err
		}
		b.apply(v)
		return nil
	})
	if err != nil {
		return err
	}
	o.book.Store(&b)
	return o.setZone()
}

func (o *office) setZone() error {
	name := o.directory().Programme.Zone
	if name == "" {
		return nil // not founded yet
	}
	z, err := day.LoadZone(name)
	o.zone.Store(&z)
	return err
}

func (b *book) apply(v any) {
	b.directory.Apply(v)
	switch f := v.(type) {
	case staff.Enrolled:
		b.people = append(slices.Clip(b.people), staff.Member{Person: f.Person, Name: f.Name, Duties: f.Duties})
	case staff.DutiesSet:
		b.people = slices.Clone(b.people)
		for i := range b.people {
			if b.people[i].Person == f.Person {
				b.people[i].Duties = f.Duties
			}
		}
	case staff.Left:
		b.people = slices.Clone(b.people)
		for i := range b.people {
			b.people[i].Left = b.people[i].Left || b.people[i].Person == f.Person
		}
	}
}

func (o *office) directory() programme.Directory { return o.book.Load().directory }

// record appends facts as one durable act.
func (o *office) record(by id.Person, now day.Instant, facts ...any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := *o.book.Load()
	err := o.file.Write(func(c *sqlitefile.Conn) error {
		for _, v := range facts {
			kind, body, err := fact.Encode(v)
			if err != nil {
				return err
			}
			b.apply(v)
			if _, err := o.log.Append(c, journal.Entry{Day: o.dayOf(now, b), By: by, Kind: kind, Fact: body}, now); err != nil {
				return err
			}
		}
		return o.log.Seal(c, o.dayOf(now, b))
	})
	if err != nil {
		o.log.Rollback()
		return fmt.Errorf("record in the hub's journal: %w", err)
	}
	o.log.Commit()
	o.book.Store(&b)
	return o.setZone()
}

func (o *office) dayOf(now day.Instant, b book) day.Day {
	if z := o.zone.Load(); z != nil {
		return z.DayOf(now)
	}
	if z, err := day.LoadZone(b.directory.Programme.Zone); err == nil {
		return z.DayOf(now)
	}
	return day.Day(int64(now) / 86_400_000)
}

// segment reads the hub's own journal from an entry on.
func (o *office) segment(ctx context.Context, from int64) (journal.Segment, error) {
	var s journal.Segment
	err := o.file.Read(ctx, func(c *sqlitefile.Conn) (err error) {
		s, err = journal.Outgoing(c, programme.Hub, o.keys, from, ownMost, bodyMax*ownMost)
		return err
	})
	return s, err
}

// remember holds the hub's journal against the copy in its tables, and takes
// back what a hub.db restored from a backup has forgotten.
func (o *office) remember(ctx context.Context, db *hubdb.DB, size int64, root tlog.Hash, now day.Instant) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for mine := o.log.Head().Size; mine < size; mine = o.log.Head().Size {
		if err := o.takeBack(ctx, db, mine, now); err != nil {
			return err
		}
	}
	if size == 0 {
		return nil
	}
	return o.file.Read(ctx, func(c *sqlitefile.Conn) error {
		mine, err := journal.RootAt(c, programme.Hub, size)
		if err == nil && mine != root {
			err = ErrTwoHistories
		}
		return err
	})
}

// takeBack appends the entries that the tables have and hub.db lacks. The
// people and codes of the time between are in the entries or gone.
func (o *office) takeBack(ctx context.Context, db *hubdb.DB, from int64, now day.Instant) error {
	entries, err := db.Entries(ctx, programme.Hub, from, ownMost)
	if err != nil {
		return err
	}
	err = o.file.Write(func(c *sqlitefile.Conn) error {
		for _, raw := range entries {
			if _, err := o.log.Adopt(c, raw); err != nil {
				return err
			}
		}
		if err := o.log.Seal(c, o.dayOf(now, *o.book.Load())); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		o.log.Rollback()
		return fmt.Errorf("take back the hub's own journal: %w", err)
	}
	o.log.Commit()
	return o.file.Read(ctx, o.read)
}

func (o *office) close() error { return o.file.Close() }

// Founding is what a new hub is made from.
type Founding struct {
	Programme string // short: the same as its sites say
	Name      string
	Rules     string
	Zone      string
	Manager   string // the first person
	Password  string
}

// Create makes a new hub in a directory and answers the recovery shares to
// print and the first person.
func Create(o Options, f Founding) (shares []keys.Share, person id.Person, err error) {
	o.fill()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("make the directory: %w", err)
	}
	who, err := staff.DecideEnrol(f.Manager, []duty.Duty{duty.Manager}, false)
	if err != nil {
		return nil, "", err
	}
	if err := clinic.CheckPassword(f.Password, staff.Member{Name: who.Name, Duties: who.Duties}, f.Name); err != nil {
		return nil, "", err
	}
	if _, err := day.LoadZone(f.Zone); err != nil {
		return nil, "", err
	}
	k, shares, err := keys.Create(o.Dir, signerName(f.Programme), o.Passphrase, o.Rand)
	if err != nil {
		return nil, "", err
	}
	office, err := openOffice(filepath.Join(o.Dir, OfficeName), k)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, office.close()) }()
	who.Person = id.Person(newID(o.Rand))
	err = office.record("tram", o.Clock(), programme.Founded{
		Programme: f.Programme, Name: f.Name, Rules: f.Rules, Zone: f.Zone, Verifier: k.Public,
		Cosigner: journal.NewCosigner(receiptName(k), k.ReceiptSeed()).Verifier(),
	}, who)
	if err == nil {
		err = office.setPassword(who.Person, f.Password, o)
	}
	return shares, who.Person, err
}

// signerName is the origin of the hub's journal: "hub.dbv/tram".
func signerName(programmeName string) string {
	plain := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(programmeName))
	if plain == "" {
		plain = "programme"
	}
	return "hub." + plain[:min(len(plain), 40)] + "/tram"
}

func (o *office) setPassword(p id.Person, password string, opt Options) error {
	hash, err := clinic.HashSecret(password, opt.Rand, opt.HashKiB)
	if err != nil {
		return err
	}
	return o.file.Write(func(c *sqlitefile.Conn) error {
		return c.Exec(`INSERT INTO secrets (person, password) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET password = excluded.password, tries = 0, locked_until = 0`, p, hash)
	})
}

// newID makes a random id of 80 bits.
func newID(r io.Reader) string {
	var b [10]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		panic(fmt.Sprintf("hub: no randomness: %v", err)) // crypto/rand never fails on the systems we run on
	}
	return id.Encode(b[:])
}
