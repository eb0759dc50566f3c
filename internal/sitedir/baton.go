package sitedir

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tram/internal/baton"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
)

// Standing is how a baton stands to the journal here.
type Standing string

// The standings. Same and Behind are in order; each other one stops the site
// from acting until people have answered.
const (
	Same       Standing = "same"       // knows everything
	Behind     Standing = "behind"     // knows less: mirror to it
	Ahead      Standing = "ahead"      // knows more: this directory has forgotten
	Fork       Standing = "fork"       // another history of this site
	Superseded Standing = "superseded" // a newer installation of this site exists: this one is over
	Swapped    Standing = "swapped"    // an older copy of itself: it lacks what was on it
	Retired    Standing = "retired"    // not the baton last made for this site
)

// Relation is what CheckBaton found.
type Relation struct {
	Standing
	Site   id.Site
	Baton  string     // id
	There  baton.Head // what the baton knows
	Here   int64      // entries of the journal here
	Number int        // of this installation
	Acked  int64      // entries that were known to be on the baton
	Notice string     // something wrong with the baton that does not matter yet
}

// Head is the relation in the words of the protocol, for transfer.Forgotten
// and transfer.DecideOpen.
func (r Relation) Head() transfer.Head {
	return transfer.Head{Site: r.Site, Number: r.There.Number, Size: r.There.Size, Other: r.Standing == Fork}
}

// errStanding makes an error of a standing that keeps a baton from being used.
func (r Relation) refuse() error {
	switch r.Standing {
	case Same, Behind:
		return nil
	case Ahead:
		return fmt.Errorf("%w: it has %d entries, here are %d", ErrForgotten, r.There.Size, r.Here)
	case Superseded:
		return fmt.Errorf("%w: number %d, this is number %d", baton.ErrNewer, r.There.Number, r.Number)
	case Swapped:
		return fmt.Errorf("%w: %d entries were on it, now there are %d", ErrSwapped, r.Acked, r.There.Size)
	case Retired:
		return fmt.Errorf("%w: %s", ErrRetired, r.Baton)
	}
	return fmt.Errorf("%w: among its first %d entries", ErrFork, r.There.Size)
}

// Errors of a baton that does not fit the journal here.
var (
	ErrForgotten = errors.New("the baton knows more than this PC: this directory is an older copy")
	ErrFork      = errors.New("the baton holds another history of this site")
	ErrSwapped   = errors.New("this is an older copy of the baton")
	ErrRetired   = errors.New("this baton was replaced by another one")
	ErrOlder     = errors.New("the baton is older than what is to be restored")
)

// CheckBaton compares a baton with the journal. A standing is an answer; an
// error says that it could not find out.
func CheckBaton(ctx context.Context, s *Site, b *baton.Baton) (Relation, error) {
	var r Relation
	err := s.View(ctx, func(v *clinicdb.View) error {
		var err error
		r, err = relate(v, s.Site().Site, s.Keys, s.known(), b)
		return err
	})
	return r, err
}

func (s *Site) known() local {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local
}

func relate(v *clinicdb.View, site id.Site, k *keys.Keys, l local, b *baton.Baton) (Relation, error) {
	r := Relation{Site: site, Baton: b.Header().Baton, There: b.Head(), Number: k.Number, Notice: b.Notice()}
	log, err := journal.Open(v.Conn(), site, k.Journal)
	if err != nil {
		return r, fmt.Errorf("compare with the baton: %w", err)
	}
	head := log.Head()
	r.Here = head.Size
	same := r.There.Size > r.Here // more than is here cannot be compared
	if !same {
		root, err := journal.RootAt(v.Conn(), site, r.There.Size)
		if err != nil {
			return r, fmt.Errorf("compare with the baton: %w", err)
		}
		same = root == r.There.Hash
	}
	known := l.Baton == "" || l.Baton == r.Baton
	if l.Baton == r.Baton {
		r.Acked = l.Acked
	}
	switch {
	case r.There.Number > r.Number:
		r.Standing = Superseded
	case !same:
		r.Standing = Fork
	case !known:
		r.Standing = Retired
	case r.There.Size > r.Here:
		r.Standing = Ahead
	case r.There.Size < r.Acked:
		r.Standing = Swapped
	case r.There.Size == r.Here && r.There.Number == r.Number:
		r.Standing = Same
	default:
		r.Standing = Behind
	}
	return r, nil
}

// OpenBaton opens the baton in a folder as this site's.
func OpenBaton(s *Site, fs baton.FS, rand io.Reader) (*baton.Baton, error) {
	return baton.Open(batonConfig(s.Keys, s.Site().Site, fs, rand))
}

func batonConfig(k *keys.Keys, site id.Site, fs baton.FS, rand io.Reader) baton.Config {
	return baton.Config{FS: fs, Key: k.BatonKey(), Rand: rand, Site: site}
}

// MakeBaton makes the site's baton and mirrors the whole journal to it; from
// then on an earlier one is Retired. An earlier one of this site that fits the
// journal is taken into use again.
func MakeBaton(ctx context.Context, s *Site, fs baton.FS, rand io.Reader, progress func(done, total int64)) (Relation, error) {
	var raw [10]byte
	if _, err := io.ReadFull(rand, raw[:]); err != nil {
		return Relation{}, fmt.Errorf("make a baton: %w", err)
	}
	h := baton.Header{
		Programme: s.Site().Programme, Site: s.Site().Site, Number: s.Keys.Number, Baton: id.Encode(raw[:]), Made: s.Today().String(),
	}
	c := batonConfig(s.Keys, s.Site().Site, fs, rand)
	b, err := baton.Make(c, h)
	if errors.Is(err, baton.ErrExist) {
		var oerr error
		if b, oerr = baton.Open(c); oerr != nil {
			return Relation{}, err // it says what is there
		}
	} else if err != nil {
		return Relation{}, err
	}
	defer func() { _ = b.Close() }() // Mirror has flushed
	r, err := CheckBaton(ctx, s, b)
	if err != nil {
		return r, err
	}
	if r.Standing != Retired {
		if err := r.refuse(); err != nil {
			return r, err
		}
	}
	if r.There.Size > r.Here { // a retired one that knows more
		r.Standing = Ahead
		return r, r.refuse()
	}
	if err := s.use(r.Baton, b.Head().Size); err != nil {
		return r, err
	}
	return Mirror(ctx, s, b, progress)
}

// use notes which baton is the site's, and how much of the journal it has.
func (s *Site) use(baton string, acked int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.local.Baton == baton && s.local.Acked == acked {
		return nil
	}
	l := s.local
	l.Baton, l.Acked = baton, acked
	if err := l.write(s.Dir); err != nil {
		return err
	}
	s.local = l
	return nil
}

// What one segment read from the journal holds at most: the baton splits it
// further, and each part waits for the stick.
const (
	mirrorEntries = 5000
	mirrorBytes   = 1 << 20
)

// Mirror brings the baton up to the journal, with the wrapped keys, and is
// durable on the stick before it returns. It never waits for the window and the
// window never waits for it; a letter does. A baton that is neither Same nor
// Behind is refused with the reason.
func Mirror(ctx context.Context, s *Site, b *baton.Baton, progress func(done, total int64)) (Relation, error) {
	r, err := CheckBaton(ctx, s, b)
	if err == nil {
		err = r.refuse()
	}
	if err != nil {
		return r, err
	}
	for {
		seg, err := s.segment(ctx, b.Head().Size)
		if err != nil {
			return r, err
		}
		if len(seg.Entries) == 0 {
			break
		}
		if err := b.Append(baton.Addition{Number: s.Keys.Number, Entries: seg.Entries, Checkpoint: string(seg.Checkpoint)}); err != nil {
			return r, err
		}
		if progress != nil {
			progress(b.Head().Size, max(r.Here, b.Head().Size))
		}
	}
	if b.Head().Number < s.Keys.Number {
		if err := b.Append(baton.Addition{Number: s.Keys.Number}); err != nil {
			return r, err
		}
	}
	wrapped, err := keys.Raw(s.Dir)
	if err == nil {
		err = b.PutKeys(wrapped)
	}
	if err == nil {
		err = s.use(r.Baton, b.Head().Size)
	}
	if err != nil {
		return r, err
	}
	return CheckBaton(ctx, s, b)
}

func (s *Site) segment(ctx context.Context, from int64) (journal.Segment, error) {
	var seg journal.Segment
	err := s.View(ctx, func(v *clinicdb.View) error {
		var err error
		seg, err = journal.Outgoing(v.Conn(), s.Site().Site, s.Keys.Journal, from, mirrorEntries, mirrorBytes)
		return err
	})
	if err != nil {
		return seg, fmt.Errorf("read the journal for the baton: %w", err)
	}
	return seg, nil
}

// Peek compares a baton with a directory on which a program may be running, and
// reads the whole baton when asked.
func Peek(ctx context.Context, dir string, o Options, fs baton.FS, whole func(done int64)) (Relation, baton.Report, error) {
	o.fill(now)
	var report baton.Report
	l, err := readLocal(dir)
	if err != nil {
		return Relation{}, report, err
	}
	k, err := unlock(dir, o.Passphrase)
	if err != nil {
		return Relation{}, report, err
	}
	db, err := openDB(dir, k, o)
	if err != nil {
		return Relation{}, report, err
	}
	defer func() { _ = db.Close() }() // only read from
	var r Relation
	var b *baton.Baton
	err = db.View(ctx, func(v *clinicdb.View) error {
		site, err := v.Site()
		if err != nil {
			return fmt.Errorf("read the site: %w", err)
		}
		if b, err = baton.Open(batonConfig(k, site.Site, fs, o.Rand)); err != nil {
			return err
		}
		r, err = relate(v, site.Site, k, l, b)
		return err
	})
	if err != nil || whole == nil {
		return r, report, err
	}
	report, err = b.Verify(k.Journal.Verifier, whole)
	return r, report, err
}
