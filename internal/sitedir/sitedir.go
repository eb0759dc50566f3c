// Package sitedir is a site's data directory: the keys, the encrypted
// database, and the door opened over both.
//
// It wires and decides nothing. It promises that a directory is either a whole
// site or none: a founding that was interrupted is told apart and can be done
// again, and a site is never opened with keys that are not its own.
package sitedir

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"tram/internal/baton"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
	"tram/internal/sqlitefile"
)

// DatabaseName is the database's file in the directory.
const DatabaseName = "tram.db"

// ErrNoSite says that the directory holds no site, or half of one.
var ErrNoSite = errors.New("there is no site here")

// Options are what a directory is opened with; the zero value is a running
// clinic.
type Options struct {
	Passphrase string
	Clock      clinic.Clock // nil: the PC's clock
	Rand       io.Reader    // nil: crypto/rand
	Fault      func(error)  // told of every fault of a commit; may be nil
	Readers    int          // connections for reading; 0: four
	CacheKB    int          // of each connection; 0: the default
	Baton      baton.FS     // where the baton is plugged in; nil: nowhere
}

func (o *Options) fill(clock func() day.Instant) {
	if o.Clock == nil {
		o.Clock = clock
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Readers == 0 {
		o.Readers = 4
	}
}

// Site is an opened site.
type Site struct {
	*clinic.Clinic
	Keys *keys.Keys
	Dir  string

	stick *stick // nil: no place for a baton
	rand  io.Reader
	lock  *os.File
	mu    sync.Mutex // of local
	local local
}

// Close closes the door and lets go of the directory.
func (s *Site) Close() error {
	err := s.Clinic.Close()
	if lerr := s.lock.Close(); err == nil && lerr != nil && !errors.Is(lerr, os.ErrClosed) {
		err = fmt.Errorf("unlock the directory: %w", lerr)
	}
	return err
}

// Create makes a new site in dir, which must be empty or absent, and returns
// the recovery shares to print and the first person's id.
func Create(ctx context.Context, dir string, f clinic.Founding, o Options) ([]keys.Share, id.Person, error) {
	o.fill(now)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("make the directory: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, DatabaseName)); err == nil {
		return nil, "", fmt.Errorf("%w: %s", keys.ErrExist, dir)
	}
	k, shares, err := keys.Create(dir, signerName(f), o.Passphrase, o.Rand)
	if err != nil {
		return nil, "", err
	}
	db, err := openDB(dir, k, o)
	if err != nil {
		return nil, "", err
	}
	person, err := clinic.Found(ctx, clinic.Options{DB: db, Keys: k.Journal, Clock: o.Clock, Rand: o.Rand}, f)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		Remove(dir) // nothing was told to anyone yet
		return nil, "", err
	}
	return shares, person, nil
}

// Remove takes away a site's files. It is for a founding that failed and for a
// demonstration that starts afresh; a real site is never removed by the
// program.
func Remove(dir string) {
	for _, name := range []string{DatabaseName, DatabaseName + "-wal", DatabaseName + "-shm", keys.FileName, LockName, localName, backupsName} {
		_ = os.Remove(filepath.Join(dir, name))
	}
}

// signerName is the origin of the site's journal: "tg.dbv/tram".
func signerName(f clinic.Founding) string {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') || r == '-' {
				return r
			}
			return -1
		}, strings.ToLower(s))
	}
	programme := plain(f.Site.Programme)
	if programme == "" {
		programme = "programme"
	}
	return plain(string(f.Site.Site)) + "." + programme[:min(len(programme), 40)] + "/tram"
}

// Open opens the site in dir, for this program alone.
func Open(ctx context.Context, dir string, o Options) (*Site, error) {
	o.fill(now)
	l, err := readLocal(dir)
	if err != nil {
		return nil, err
	}
	if l.Restoring != nil {
		return nil, fmt.Errorf("%w: %s", ErrRestoring, dir)
	}
	k, err := unlock(dir, o.Passphrase)
	if err != nil {
		return nil, err
	}
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	var second *stick
	if o.Baton != nil {
		second = &stick{fs: o.Baton}
	}
	c, err := openClinic(ctx, dir, k, o, second)
	if err != nil {
		_ = held.Close() // the first error is the one to tell
		return nil, err
	}
	s := &Site{Clinic: c, Keys: k, Dir: dir, lock: held, local: l, stick: second, rand: o.Rand}
	if second != nil {
		second.site = s
	}
	if err := s.awaitBirth(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func openClinic(ctx context.Context, dir string, k *keys.Keys, o Options, second *stick) (*clinic.Clinic, error) {
	db, err := openDB(dir, k, o)
	if err != nil {
		return nil, err
	}
	mail, err := letterbox(ctx, db, k)
	if err != nil {
		_ = db.Close() // the first error is the one to tell
		return nil, err
	}
	with := clinic.Options{DB: db, Keys: k.Journal, Clock: o.Clock, Rand: o.Rand, Fault: o.Fault, Letters: mail, Unseal: k.OpenSealed}
	if second != nil {
		with.Medium = second
	}
	c, err := clinic.Open(ctx, with)
	if err != nil {
		_ = db.Close()
		if errors.Is(err, clinicdb.ErrNotFound) {
			return nil, fmt.Errorf("%w: %s", ErrNoSite, dir)
		}
		return nil, err
	}
	return c, nil
}

func unlock(dir, passphrase string) (*keys.Keys, error) {
	k, err := keys.Open(dir, passphrase)
	if errors.Is(err, keys.ErrNone) {
		return nil, fmt.Errorf("%w: %s", ErrNoSite, dir)
	}
	return k, err
}

func openDB(dir string, k *keys.Keys, o Options) (*clinicdb.DB, error) {
	file, err := sqlitefile.Open(filepath.Join(dir, DatabaseName), sqlitefile.Options{Key: k.Data, Readers: o.Readers, CacheKB: o.CacheKB})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db, err := clinicdb.New(file)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return db, nil
}

// Verification is what Verify found in order.
type Verification struct {
	journal.Report
	Tables int // projections made again from the journal and found the same
	Photos int // pictures that are what the journal names
}

// ErrProjection says that a table is not what the journal makes of it.
var ErrProjection = errors.New("a table is not what the journal makes of it")

// Verify reads the whole journal against itself and its checkpoints, then
// makes every projection again beside and compares, and the pictures with what
// names them. It changes nothing.
func Verify(ctx context.Context, dir string, o Options, progress func(step string, done int64)) (Verification, error) {
	o.fill(now)
	var out Verification
	k, err := unlock(dir, o.Passphrase)
	if err != nil {
		return out, err
	}
	db, err := openDB(dir, k, o)
	if err != nil {
		return out, err
	}
	defer func() { _ = db.Close() }() // only read from
	beside, done, err := scratch(k)
	if err != nil {
		return out, err
	}
	defer done()
	var have, want map[string][32]byte
	var photos error
	err = db.View(ctx, func(v *clinicdb.View) error {
		if out.Report, err = project(v, beside, k, progress); err != nil {
			return err
		}
		have, err = v.Digest()
		out.Photos, photos = v.CheckPhotos()
		return err
	})
	if err != nil {
		return out, err
	}
	err = beside.View(ctx, func(v *clinicdb.View) error {
		want, err = v.Digest()
		return err
	})
	if err != nil {
		return out, err
	}
	for table, sum := range have {
		if want[table] != sum {
			return out, fmt.Errorf("%w: %s", ErrProjection, table)
		}
		out.Tables++
	}
	return out, photos // last: a table that was altered may name any picture
}

// scratchKB is the page cache of the tables made again: the indexes by random
// ids of five years of 500 people fit, so that no page is sealed twice.
const scratchKB = 160 << 10

// scratch is an empty encrypted database in a directory of its own; done takes
// both away.
func scratch(k *keys.Keys) (db *clinicdb.DB, done func(), err error) {
	tmp, err := os.MkdirTemp("", "tram-verify-*")
	if err != nil {
		return nil, nil, fmt.Errorf("room for the tables: %w", err)
	}
	remove := func() { _ = os.RemoveAll(tmp) }
	file, err := sqlitefile.Open(filepath.Join(tmp, DatabaseName), sqlitefile.Options{Key: k.Data, Readers: 1, CacheKB: scratchKB})
	if err != nil {
		remove()
		return nil, nil, fmt.Errorf("open the tables: %w", err)
	}
	if db, err = clinicdb.New(file); err != nil {
		_ = file.Close() // the first error is the one to tell
		remove()
		return nil, nil, err
	}
	return db, func() { _ = db.Close(); remove() }, nil
}

// project verifies the journal and makes every projection of it in beside, in
// one reading.
func project(v *clinicdb.View, beside *clinicdb.DB, k *keys.Keys, progress func(step string, done int64)) (journal.Report, error) {
	site, err := v.Site()
	if err != nil {
		return journal.Report{}, fmt.Errorf("read the site: %w", err)
	}
	var report journal.Report
	err = beside.Write(func(tx *clinicdb.Tx) error {
		again, err := tx.Retrace(v)
		if err != nil {
			return err
		}
		report, err = journal.VerifyWith(v.Conn(), site.Site, k.Journal.Verifier, journal.Beside{
			Progress: func(n int64) { progress("journal and tables", n) },
			Prepare:  clinicdb.Prepare,
			Take:     again.Take,
		})
		if err != nil {
			return err
		}
		return again.End()
	})
	return report, err
}
