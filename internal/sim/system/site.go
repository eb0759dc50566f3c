package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tram/internal/baton"
	"tram/internal/baton/faultstick"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/sqlitefile"
	"tram/internal/sqlitefile/faultfs"
)

// site is one PC with its disk, its stick and its people.
type site struct {
	n    int
	code id.Site
	keys keys.Keys
	crew

	disk    *faultfs.FS
	stick   *faultstick.Stick
	plugged bool
	baton   *baton.Baton // opened; nil: to be opened

	c    *clinic.Clinic
	db   *clinicdb.DB
	rand io.Reader

	skew   int64        // of the PC's clock, in milliseconds
	opened day.Day      // the day people opened; Never when closed
	floor  day.Day      // newest day that people ever confirmed here
	acked  journal.Head // the newest head that a screen had said was recorded
	backup *faultfs.FS
	ran    int64 // milliseconds that the PC ran besides what the days take
	read   reading
	held   baton.Head // the newest head that the stick acknowledged
	cut    int        // days without a line
	sealed bool       // stands in adjudication: people of several sites must answer
	wrong  bool       // two people confirmed a wrong date

	wrapStick func(baton.FS) baton.FS // nil, or a test's
}

func (s *site) witness() clinic.Witness {
	return clinic.Witness{Person: s.second.Person, PIN: secondPIN}
}

func (s *site) batonConfig() baton.Config {
	c := baton.Config{FS: s.stick, Key: s.keys.BatonKey(), Rand: s.rand, Site: s.code}
	if s.wrapStick != nil {
		c.FS = s.wrapStick(c.FS)
	}
	return c
}

// file opens the encrypted tables on the site's disk.
func (s *site) file() (*clinicdb.DB, error) {
	f, err := sqlitefile.Open("tram.db", sqlitefile.Options{Key: s.keys.Data, Readers: 1, Base: s.disk, CacheKB: 1024})
	if err != nil {
		return nil, err
	}
	db, err := clinicdb.New(f)
	if err != nil {
		_ = f.Close() // the first error is the one to tell
	}
	return db, err
}

func (w *world) options(s *site) (clinic.Options, error) {
	db, err := s.file()
	if err != nil {
		return clinic.Options{}, err
	}
	s.db = db
	o := clinic.Options{
		DB: db, Keys: s.keys.Journal, Rand: s.rand, Clock: func() day.Instant { return w.now(s) }, HashKiB: 8,
		Uptime:  func() time.Duration { return w.uptime(s) },
		Letters: sitedir.Letters(s.code, "THU", &s.keys), Medium: medium{s},
	}
	if w.parts.Uptime != nil {
		o.Uptime = w.parts.Uptime(o.Uptime)
	}
	if w.parts.Letters != nil {
		o.Letters = w.parts.Letters(o.Letters)
	}
	if w.parts.Medium != nil {
		o.Medium = w.parts.Medium(o.Medium)
	}
	return o, nil
}

// open opens the door over what is on the disk.
func (w *world) open(s *site) error {
	o, err := w.options(s)
	if err != nil {
		return err
	}
	if s.c, err = clinic.Open(w.ctx, o); err != nil {
		_ = s.db.Close() // the first error is the one to tell
	}
	return err
}

// medium is the site's stick as the door's second medium: the real baton.
type medium struct{ s *site }

var errFork = errors.New("the baton holds another history")

func (m medium) Look() (transfer.Head, string, bool, error) {
	h := transfer.Head{Site: m.s.code}
	if !m.s.plugged || m.s.c == nil {
		return h, "", false, nil
	}
	b, err := m.open()
	if err != nil {
		return h, "", false, err
	}
	there := b.Head()
	h.Number, h.Size = there.Number, there.Size
	if there.Size <= m.s.c.Head().Size {
		root, err := m.s.c.RootAt(context.Background(), there.Size)
		if err != nil {
			return h, "", false, err
		}
		h.Other = root != there.Hash
	}
	return h, "baton:" + b.Header().Baton, true, nil
}

func (m medium) open() (*baton.Baton, error) {
	if m.s.baton != nil {
		return m.s.baton, nil
	}
	b, err := baton.Open(m.s.batonConfig())
	m.s.baton = b
	return b, err
}

// Mirror brings the stick up to the journal, unless it knows better.
func (m medium) Mirror(ctx context.Context, c *clinic.Clinic) (int64, string, error) {
	h, name, plugged, err := m.Look()
	if err != nil || !plugged {
		return 0, "", err
	}
	if h.Other || h.Number > m.s.keys.Number {
		return 0, "", errFork
	}
	b := m.s.baton
	for b.Head().Size < c.Head().Size || b.Head().Number < m.s.keys.Number {
		seg, err := c.Outgoing(ctx, b.Head().Size, 500, 1<<20)
		if err == nil {
			err = b.Append(baton.Addition{Number: m.s.keys.Number, Entries: seg.Entries, Checkpoint: string(seg.Checkpoint)})
		}
		if err != nil {
			m.s.baton = nil // it is opened again and shows what is there
			return 0, "", fmt.Errorf("mirror: %w", err)
		}
		m.s.held = b.Head()
	}
	return b.Head().Size, name, nil
}

// plug takes the stick out, or puts it in.
func (s *site) plug(in bool) {
	if s.plugged != in {
		s.plugged, s.baton = in, nil
	}
}

// stickSize is how many entries the stick has, whoever says otherwise. It is
// read again when something was written since.
func (s *site) stickSize() int64 {
	if s.read.stick == s.stick && s.read.wrote == s.stick.Wrote() {
		return s.read.size
	}
	b, err := baton.Open(s.batonConfig())
	if err != nil {
		return 0
	}
	s.read = reading{s.stick, s.stick.Wrote(), b.Head().Size}
	return s.read.size
}

// reading is what was read from a stick when so many bytes had been written.
type reading struct {
	stick *faultstick.Stick
	wrote int64
	size  int64
}
