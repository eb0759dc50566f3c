package system

import (
	"errors"
	"fmt"

	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/sqlitefile/faultfs"
)

// errGone says that a site is not there to be asked.
var errGone = errors.New("the PC does not run")

// twice is a command as staff give it: where the answer did not come, the same
// form is sent once more after the restart.
func (w *world) twice(s *site, what string, fn func() error) error {
	size := s.acked.Size
	err := w.do(s, what, fn)
	if !isFault(err) || s.c == nil {
		return err
	}
	there := s.c.Head().Size > size
	if err = w.do(s, what, fn); err == nil && there {
		w.reached(answeredTwice)
	}
	return err
}

// do gives one command to a site, perhaps with a fault under it. P4.
func (w *world) do(s *site, what string, fn func() error) error {
	if s.c == nil {
		return errGone
	}
	var image *faultfs.FS
	disk, kind := s.disk, faults
	switch {
	case w.strikes(powerCut):
		kind = powerCut
		at, seed := disk.Ops()+1+w.dice.IntN(10), w.dice.Uint64()
		disk.AfterEach(func(op int) {
			if op == at {
				image = disk.Crash(seed)
				disk.Kill()
			}
		})
	case w.strikes(writeFails):
		kind = writeFails
		disk.FailAt(1+w.dice.IntN(6), false)
	case w.strikes(writeLies):
		kind = writeLies
		disk.FailAt(1+w.dice.IntN(6), true)
	}
	before := s.c.Head().Size
	err := fn()
	if err == nil {
		s.acked = s.c.Head()
	} else if !isFault(err) && s.c.Head().Size != before && reason.Rule(err) != "TRANSFER-12" {
		w.violate("P18", s, fmt.Sprintf("%s was refused with %s and wrote", what, reason.Rule(err)))
	}
	switch {
	case kind == powerCut && image != nil:
		w.took(powerCut)
		if err == nil {
			w.reached(cutAcked)
		}
		w.shut(s)
		s.disk = image
		if s.plugged {
			w.tearStick(s)
		}
		w.reboot(s)
	case kind == writeFails || kind == writeLies:
		if disk.Failed() {
			w.took(kind)
		}
		disk.FailAt(1<<40, false)
	}
	disk.AfterEach(nil)
	if s.c != nil && s.c.Broken() != nil {
		w.shut(s)
		w.reboot(s)
	}
	w.mix(s, what, err)
	return err
}

// reboot opens what a crash left: it opens, everything acknowledged is there to
// the last byte, and people name the date again.
func (w *world) reboot(s *site) {
	w.report.Restarts++
	if err := w.open(s); err != nil {
		s.c = nil
		w.violate("P4", s, fmt.Sprintf("does not open after a crash: %v", err))
		return
	}
	w.remembers(s)
	w.follow(s)
	if w.report.Restarts%8 == 0 {
		w.audit(s)
	}
	w.nameDate(s)
}

// remembers checks that all that was acknowledged is in the journal, as it was.
func (w *world) remembers(s *site) {
	if s.c.Head().Size < s.acked.Size {
		w.violate("P4", s, fmt.Sprintf("%d entries were acknowledged, %d are there", s.acked.Size, s.c.Head().Size))
		return
	}
	root, err := s.c.RootAt(w.ctx, s.acked.Size)
	if err != nil || root != s.acked.Hash {
		w.violate("P4", s, fmt.Sprintf("the first %d entries are not those acknowledged (%v)", s.acked.Size, err))
	}
}

// nameDate is people's word once more, where the door asks for it.
func (w *world) nameDate(s *site) {
	if s.c == nil || s.opened == day.Never {
		return
	}
	need := false
	w.view(s, func(v *clinicdb.View) (err error) {
		need, err = s.c.NeedsWord(v)
		return err
	})
	if !need {
		return
	}
	if _, err := s.c.ConfirmDate(w.ctx, s.manager, s.c.NewForm(), s.opened, w.say(), s.witness()); err == nil {
		s.acked = s.c.Head()
		w.reached(dateAgain)
	}
}

// fill lets the disk run full under a morning's notes, and makes room again.
func (w *world) fill(s *site) {
	total := int64(0)
	for _, n := range s.disk.Names() {
		total += int64(len(s.disk.Bytes(n)))
	}
	s.disk.Room(total)
	p := w.people[s.n*peopleEach].id
	var err error
	for i := 0; i < 60 && !isFault(err); i++ {
		if _, err = s.c.Note(w.ctx, s.doctor, s.c.NewForm(), p, fmt.Sprintf("note %d of a full disk, long enough to need a page of its own before long", i)); err == nil {
			s.acked = s.c.Head()
		}
	}
	s.disk.Room(0)
	if !isFault(err) {
		return
	}
	w.took(diskFull)
	if s.c.Broken() != nil {
		w.shut(s)
		w.reboot(s)
	}
	if s.c == nil {
		return
	}
	w.remembers(s)
	if _, err := s.c.Note(w.ctx, s.doctor, s.c.NewForm(), p, "there is room again"); isFault(err) {
		w.violate("P18", s, fmt.Sprintf("after a full disk: %v", err))
	}
	s.acked = s.c.Head()
	w.reached(fullRefused)
}

// flip turns one bit of a copy of the disk and looks whether what is read from
// it is either refused or right. P6.
func (w *world) flip(s *site) {
	good, err := w.contents(s.disk.Copy(), s)
	if err != nil {
		w.violate("P6", s, fmt.Sprintf("a copy of an honest disk: %v", err))
		return
	}
	bad := s.disk.Copy()
	size := int64(len(bad.Bytes("tram.db")))
	bad.Flip("tram.db", w.dice.Int64N(8*size))
	w.took(bitFlip)
	got, err := w.contents(bad, s)
	switch {
	case err != nil:
		w.reached(flipNoticed)
	case got == good:
		w.reached(flipHarmless)
	default:
		w.violate("P6", s, "a turned bit is read as if it were true")
	}
}

// contents opens a disk beside and answers what all its tables hold.
func (w *world) contents(d *faultfs.FS, s *site) (string, error) {
	other := &site{n: s.n, code: s.code, keys: s.keys, disk: d}
	db, err := other.file()
	if err != nil {
		return "", err
	}
	out := ""
	err = db.View(w.ctx, func(v *clinicdb.View) error {
		r, err := journal.Verify(v.Conn(), s.code, s.keys.Journal.Verifier, nil)
		if err != nil {
			return err
		}
		sums, err := v.Digest()
		out = fmt.Sprint(r.Hash, sums)
		return err
	})
	_ = db.Close() // a copy
	return out, err
}
