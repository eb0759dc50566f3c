package sitedir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/baton"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
)

// Restore says from what a site is brought back to life.
//
//	From and Baton    a backup, and what happened after it
//	From alone        a backup; what happened after it is forgotten
//	Baton alone       the whole journal from the baton, into a new directory
//	Baton alone       into a directory that has the site, an older copy of
//	                  itself: brought forward where it lies
//	From and Hub      a backup, and what the hub has beyond it; for when the
//	                  baton is lost
type Restore struct {
	Dir        string
	From       string // backup file; ""
	Identities []age.Identity
	Baton      baton.FS                             // nil: lost
	Hub        AskHub                               // nil: not asked. Not with Baton, which has what the hub has and more
	Unlock     func(dir string) (*keys.Keys, error) // the keys that lie in dir: by passphrase or by two shares
	Progress   func(step string, done, total int64)
}

// AskHub asks the hub, which the directory's own records name, for the site's
// journal beyond its first from entries.
type AskHub func(ctx context.Context, k *keys.Keys, v *clinicdb.View, from int64) (AtHub, error)

// AtHub is what the hub has: entries that go on from those here, and the root
// over Size of them, which it signed.
type AtHub struct {
	Entries [][]byte
	Size    int64
	Hash    tlog.Hash
	Receipt clinicdb.Receipt
}

// Code is a one-time code for a manager whose secrets did not come back.
type Code struct {
	Name, Code string
}

// Restored is what a restore did.
type Restored struct {
	Birth
	Resumed bool   // an interrupted one was taken up
	Codes   []Code // where no manager has a PIN here any more
}

// errNothing says that there is nothing to restore from.
var errNothing = errors.New("nothing to restore from: a backup, the baton, or both are needed")

// ErrHubFork says that what the hub has does not go on from the journal that is
// restored, or is not what the hub signed. Nothing is restored.
var ErrHubFork = errors.New("the hub holds another history of this site; call the programme's office")

// errBoth says that the hub is asked only where there is no baton.
var errBoth = errors.New("the baton has what the hub has, and more: give one of them, and the baton if it is there")

// Run restores. The directory of a backup must be new. A restore that fails
// takes away what it wrote; one that was cut off is told apart by Open and goes
// on when it is run again. The installation's number is raised on the PC and on
// the baton before it answers, so that an older PC sees that it is over.
func (r Restore) Run(ctx context.Context, o Options) (Restored, error) {
	o.fill(now)
	if r.Progress == nil {
		r.Progress = func(string, int64, int64) {}
	}
	if r.Hub != nil && r.Baton != nil {
		return Restored{}, errBoth
	}
	if r.From == "" && r.Baton == nil {
		if l, err := readLocal(r.Dir); err != nil || l.Restoring == nil || l.Restoring.Birth == nil {
			return Restored{}, errors.Join(errNothing, err)
		}
	}
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return Restored{}, fmt.Errorf("make the directory: %w", err)
	}
	held, err := lock(r.Dir)
	if err != nil {
		return Restored{}, err
	}
	w := &restorer{Restore: r, o: o}
	err = w.run(ctx)
	_ = held.Close() // the lock goes with it
	switch {
	case err == nil || w.decided || !w.marked:
	case w.fresh:
		Remove(r.Dir)
		_ = os.Remove(r.Dir) // ours if it is empty
	default:
		err = errors.Join(err, w.unmark())
	}
	return w.done, err
}

// restorer is a restore under way.
type restorer struct {
	Restore
	o       Options
	local   local
	marked  bool // the directory says that a restore is under way
	fresh   bool // the files in the directory are ours
	decided bool // the new number is written down: from here on it only goes forward
	keys    *keys.Keys
	site    id.Site
	done    Restored
}

func (w *restorer) run(ctx context.Context) error {
	if err := w.begin(); err != nil {
		return err
	}
	if w.local.Restoring.Birth != nil {
		return w.finish(ctx)
	}
	if err := w.unpack(); err != nil {
		return err
	}
	db, err := openDB(w.Dir, w.keys, w.o)
	if err != nil {
		return err
	}
	birth, err := w.recover(ctx, db)
	if err == nil {
		w.done.Codes, err = w.codes(ctx, db)
	}
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	w.local.Restoring.Birth = &birth
	if err := w.local.write(w.Dir); err != nil {
		return err
	}
	return w.finish(ctx)
}

// begin looks what is in the directory, and marks it as a restore under way
// before anything else is written.
func (w *restorer) begin() error {
	l, err := readLocal(w.Dir)
	if err != nil {
		return err
	}
	here, err := holdsSite(w.Dir)
	if err != nil {
		return err
	}
	switch {
	case l.Restoring != nil:
		w.local, w.done.Resumed, w.fresh, w.marked = l, true, l.Restoring.Fresh, true
		if w.decided = l.Restoring.Birth != nil; w.decided || !w.fresh {
			return nil
		}
		for _, name := range []string{DatabaseName, DatabaseName + "-wal", DatabaseName + "-shm", keys.FileName} {
			if err := os.Remove(filepath.Join(w.Dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("clear the interrupted restore: %w", err)
			}
		}
		return nil
	case here && w.From != "":
		return fmt.Errorf("%w: %s", keys.ErrExist, w.Dir)
	}
	w.fresh = !here
	l.Restoring = &restoring{From: filepath.Base(w.From), Fresh: w.fresh}
	w.local, w.marked = l, true
	return l.write(w.Dir)
}

// unmark takes the mark off a directory that was a site before.
func (w *restorer) unmark() error {
	w.local.Restoring = nil
	return w.local.write(w.Dir)
}

func holdsSite(dir string) (bool, error) {
	for _, name := range []string{DatabaseName, keys.FileName} {
		_, err := os.Stat(filepath.Join(dir, name))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return false, fmt.Errorf("look for a site: %w", err)
		}
	}
	return false, nil
}

// unpack puts the files in their places and opens the keys.
func (w *restorer) unpack() error {
	var m *Manifest
	switch {
	case w.From != "":
		got, err := unpackInto(w.From, w.Identities, w.Dir)
		if err != nil {
			return err
		}
		m, w.site = &got, got.Site
	case w.fresh:
		return w.keysOfBaton()
	}
	var err error
	if w.keys, err = w.Unlock(w.Dir); err != nil {
		return err
	}
	if m != nil {
		return m.vouched(w.keys)
	}
	return nil
}

// keysOfBaton takes the wrapped keys from the baton; a copy that was torn gives
// way to the other.
func (w *restorer) keysOfBaton() error {
	told, err := baton.Told(w.Baton)
	if err != nil {
		return err
	}
	w.site = told.Site
	copies, err := baton.WrappedKeys(w.Baton)
	if err != nil {
		return err
	}
	err = fmt.Errorf("the baton has no keys on it: a backup is needed besides: %w", keys.ErrNone)
	for _, raw := range copies {
		if rerr := os.Remove(filepath.Join(w.Dir, keys.FileName)); rerr != nil && !errors.Is(rerr, os.ErrNotExist) {
			return fmt.Errorf("take the keys from the baton: %w", rerr)
		}
		if err = keys.Put(w.Dir, raw); err != nil {
			return err
		}
		if w.keys, err = w.Unlock(w.Dir); !errors.Is(err, keys.ErrDamaged) {
			return err
		}
	}
	return err
}

// recover brings the journal as far as the baton goes.
func (w *restorer) recover(ctx context.Context, db *clinicdb.DB) (Birth, error) {
	log, err := w.openLog(ctx, db)
	if err != nil {
		return Birth{}, err
	}
	head := log.Head()
	birth := Birth{OfNumber: w.keys.Number, Backup: Head{w.site, w.keys.Number, head.Size}}
	if w.Hub != nil {
		if err := w.fromHub(ctx, db, log, &birth); err != nil {
			return Birth{}, err
		}
	}
	if w.Baton != nil {
		b, err := baton.Open(batonConfig(w.keys, w.site, w.Baton, w.o.Rand))
		if err != nil {
			return Birth{}, err
		}
		there := b.Head()
		if there.Size < head.Size {
			return Birth{}, fmt.Errorf("%w: it has %d entries to %s, the backup %d to %s", ErrOlder, there.Size, there.LastDay, head.Size, head.NewestDay)
		}
		w.Progress("read the baton", 0, there.Size)
		if _, err := b.Verify(w.keys.Journal.Verifier, func(n int64) { w.Progress("read the baton", n, there.Size) }); err != nil {
			return Birth{}, err
		}
		if err := w.replay(ctx, db, log, b); err != nil {
			return Birth{}, err
		}
		birth.OfNumber = max(birth.OfNumber, there.Number)
		birth.Baton = &Head{w.site, there.Number, there.Size}
		birth.Medium, birth.Complete = "baton:"+b.Header().Baton, !b.Torn()
		birth.Torn = b.Torn()
	}
	got := log.Head()
	birth.Number, birth.OfSize, birth.OfHash = birth.OfNumber+1, got.Size, got.Hash.String()
	return birth, nil
}

// fromHub brings the journal as far as the hub has it, and keeps the hub's
// receipt: it is the witness of what came back.
func (w *restorer) fromHub(ctx context.Context, db *clinicdb.DB, log *journal.Log, birth *Birth) error {
	head := log.Head()
	w.Progress("ask the hub", 0, 0)
	var there AtHub
	var root tlog.Hash
	err := db.View(ctx, func(v *clinicdb.View) (err error) {
		if there, err = w.Hub(ctx, w.keys, v, head.Size); err == nil && there.Size > 0 {
			root, err = journal.RootAt(v.Conn(), w.site, min(there.Size, head.Size))
		}
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("take over from the hub: %w", err)
	case there.Size == 0:
		return fmt.Errorf("take over from the hub: it has nothing of %s", w.site)
	case there.Size <= head.Size && root != there.Hash:
		return fmt.Errorf("%w: after %d entries", ErrHubFork, there.Size)
	}
	for at := 0; at < len(there.Entries); at += replayGroup {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := adopt(db, log, there.Entries[at:min(at+replayGroup, len(there.Entries))]); err != nil {
			return err
		}
		w.Progress("take over from the hub", log.Head().Size, there.Size)
	}
	if len(there.Entries) > 0 && log.Head().Hash != there.Hash {
		return fmt.Errorf("%w: after %d entries", ErrHubFork, there.Size)
	}
	birth.AtHub = there.Size
	return db.Write(func(tx *clinicdb.Tx) error {
		i, err := tx.Installation()
		if err != nil {
			return fmt.Errorf("read the installation: %w", err)
		}
		birth.OfNumber = max(birth.OfNumber, i.Number) // a later PC of this site sent to the hub, too
		return tx.KeepReceipt(log.Head().NewestDay, there.Receipt)
	})
}

func (w *restorer) openLog(ctx context.Context, db *clinicdb.DB) (*journal.Log, error) {
	var log *journal.Log
	err := db.View(ctx, func(v *clinicdb.View) error {
		site, err := v.Site()
		switch {
		case err == nil:
			w.site = site.Site
		case !errors.Is(err, clinicdb.ErrNotFound):
			return fmt.Errorf("read the site: %w", err)
		case w.Baton == nil || !w.fresh:
			return fmt.Errorf("%w: %s", ErrNoSite, w.Dir)
		}
		log, err = journal.Open(v.Conn(), w.site, w.keys.Journal)
		return err
	})
	return log, err
}

// replayGroup is how many entries are adopted in one durable transaction: each
// leaves a journal in order, so that a restore that is cut off can go on.
const replayGroup = 500

// replay appends to the journal what the baton has beyond it, byte for byte,
// and projects it. The baton was verified; that it goes on from this journal is
// asked here, of the root over the entries that both have.
func (w *restorer) replay(ctx context.Context, db *clinicdb.DB, log *journal.Log, b *baton.Baton) error {
	head, total := log.Head(), b.Head().Size
	var edge journal.Edge
	var group [][]byte
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := adopt(db, log, group)
		group = group[:0]
		w.Progress("take over from the baton", log.Head().Size, total)
		return err
	}
	meets := func() error {
		if edge.Size() == head.Size && edge.Root() != head.Hash {
			return fmt.Errorf("%w: among the first %d entries", ErrFork, head.Size)
		}
		return nil
	}
	err := meets()
	if err == nil {
		err = b.Replay(func(raw []byte) error {
			if edge.Size() >= head.Size {
				group = append(group, append([]byte(nil), raw...))
			}
			edge.Add(raw, func(int64, tlog.Hash) {})
			if err := meets(); err != nil || len(group) < replayGroup {
				return err
			}
			return flush()
		})
	}
	if err == nil && len(group) > 0 {
		err = flush()
	}
	if err == nil && log.Head().Hash != b.Head().Hash {
		err = fmt.Errorf("%w: after %d entries", ErrFork, total)
	}
	return err
}

// adopt is one transaction: entries, their projections, and a checkpoint.
func adopt(db *clinicdb.DB, log *journal.Log, group [][]byte) error {
	err := db.Write(func(tx *clinicdb.Tx) error {
		for _, raw := range group {
			e, err := log.Adopt(tx.Conn(), raw)
			if err != nil {
				return err
			}
			if err := tx.Project(e, nil); err != nil {
				return err
			}
		}
		return log.Seal(tx.Conn(), log.NextDay())
	})
	if err != nil {
		log.Rollback()
		return fmt.Errorf("take over the journal: %w", err)
	}
	log.Commit()
	return nil
}

// codes gives every manager a one-time code where none of them has a PIN here.
func (w *restorer) codes(ctx context.Context, db *clinicdb.DB) ([]Code, error) {
	need := map[id.Person]string{}
	err := db.View(ctx, func(v *clinicdb.View) error {
		all, err := v.Staff()
		if err != nil {
			return fmt.Errorf("read the staff: %w", err)
		}
		for _, m := range all {
			if m.Left || !duty.Has(m.Duties, duty.Manager) {
				continue
			}
			s, err := v.Secrets(m.Person)
			if err != nil {
				return fmt.Errorf("read the secrets: %w", err)
			}
			if s.PIN != "" {
				need = nil
				return nil
			}
			need[m.Person] = m.Name
		}
		return nil
	})
	if err != nil || len(need) == 0 {
		return nil, err
	}
	var out []Code
	err = db.Write(func(tx *clinicdb.Tx) error {
		for p, name := range need {
			code, keep, err := clinic.OneTimeCode(w.o.Rand, w.o.Clock())
			if err != nil {
				return err
			}
			if err := tx.SetSecrets(p, keep); err != nil {
				return err
			}
			out = append(out, Code{name, code})
		}
		return nil
	})
	return out, err
}

// finish raises the number here and on the baton, and leaves the birth record
// for the door. Each step may be done twice.
func (w *restorer) finish(ctx context.Context) error {
	w.decided = true
	birth := *w.local.Restoring.Birth
	w.done.Birth = birth
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := keys.Raise(w.Dir, birth.Number); err != nil {
		return err
	}
	k, err := w.keys, error(nil)
	if k == nil { // an interrupted restore goes on here
		if k, err = w.Unlock(w.Dir); err != nil {
			return err
		}
	}
	next := local{Format: localFormat, Birth: &birth}
	if w.Baton != nil && birth.Baton != nil {
		if next.Baton, err = w.raise(k, birth); err != nil {
			return err
		}
		next.Acked = birth.OfSize
	}
	return next.write(w.Dir)
}

// raise writes the new number to the baton.
func (w *restorer) raise(k *keys.Keys, birth Birth) (string, error) {
	b, err := baton.Open(batonConfig(k, birth.Backup.Site, w.Baton, w.o.Rand))
	if err != nil {
		return "", err
	}
	defer func() { _ = b.Close() }() // Append has flushed
	if b.Head().Size != birth.OfSize {
		return "", fmt.Errorf("%w: %d entries were restored, %d are on it now", ErrFork, birth.OfSize, b.Head().Size)
	}
	if b.Head().Number != birth.Number {
		if err := b.Append(baton.Addition{Number: birth.Number}); err != nil {
			return "", err
		}
	}
	wrapped, err := keys.Raw(w.Dir)
	if err == nil {
		err = b.PutKeys(wrapped)
	}
	return b.Header().Baton, err
}
