package system

import (
	"errors"
	"fmt"

	"tram/internal/baton"
	"tram/internal/care/dose"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/sqlitefile/faultfs"
)

var errOlder = errors.New("the baton is older than the copy")

// restore is a PC that died: an older copy of its file, brought forward from
// the baton and from what the hub holds, under a new number.
func (w *world) restore(s *site) {
	if s.sealed {
		return
	}
	w.took(pcDies)
	w.report.Restores++
	w.shut(s)
	dead, honest := s.disk, s.acked
	s.plug(true)
	onStick := s.stickSize()
	absent := w.strikes(batonAbsent)
	s.disk = s.backup.Copy()
	if !absent && w.strikes(batonOld) {
		w.took(batonOld)
		if err := w.offerOld(s); errors.Is(err, errOlder) {
			w.reached(olderRefused)
		} else {
			w.violate("P9", s, fmt.Sprintf("an older baton: %v", err))
		}
	}
	birth, err := w.recover(s, absent)
	if err != nil {
		w.violate("P4", s, fmt.Sprintf("does not come back from its copy: %v", err))
		return
	}
	if absent {
		w.took(batonAbsent)
		s.plug(false)
	}
	s.keys.Number = birth.Number
	if err := w.open(s); err != nil {
		w.violate("P4", s, fmt.Sprintf("does not open after a restore: %v", err))
		s.c = nil
		return
	}
	have := s.c.Head().Size
	if !absent && have < onStick {
		w.violate("P4", s, fmt.Sprintf("%d entries were on the baton, %d came back", onStick, have))
	}
	if have < honest.Size {
		s.acked = s.c.Head() // the rest went with the disk; the birth record says how far it goes
		s.floor = day.Never
	}
	if have < w.hub.ever[s.n] {
		w.forgetTwice(s, have)
	}
	w.remembers(s)
	w.born(s, birth, have >= honest.Size && onStick >= honest.Size)
	if w.strikes(pcCloned) && s.plugged && s.c != nil {
		w.clone(s, dead)
	}
}

// forgetTwice is a PC that comes back without entries that the hub had signed
// for and forgot too, when it was itself restored: only sites that heard them
// have them still. No promise covers two losses at once (P5: any single fault
// of the hub); what is left of those doses is not compared.
func (w *world) forgetTwice(s *site, have int64) {
	w.report.ForgotTwice++
	w.hub.ever[s.n] = have
	for d, g := range w.gave {
		if g.site == s.n && g.size > have-2 { // a cup poured just before may have lost its answer
			g.gone = true
			w.gave[d] = g
		}
	}
}

// offerOld is a restore from a stick that knows less than the copy.
func (w *world) offerOld(s *site) error {
	db, err := s.file()
	if err != nil {
		return err
	}
	size := int64(0)
	err = db.View(w.ctx, func(v *clinicdb.View) error {
		log, err := journal.Open(v.Conn(), s.code, s.keys.Journal)
		if err == nil {
			size = log.Head().Size
		}
		return err
	})
	_ = db.Close() // only read from
	if err != nil {
		return err
	}
	old := baton.Config{FS: w.ground.sticks[s.n].Copy(), Key: s.keys.BatonKey(), Rand: s.rand, Site: s.code}
	b, err := baton.Open(old)
	if err != nil {
		return err
	}
	there := b.Head()
	head := transfer.Head{Site: s.code, Number: there.Number, Size: there.Size}
	_, err = transfer.DecideRestore(transfer.Restore{
		Today: w.today, Confirmed: true, Backup: transfer.Head{Site: s.code, Number: s.keys.Number, Size: size}, BatonID: batonID, Baton: &head,
		HubReleases: true, NotWithout: true, Newest: s.keys.Number, Witness: s.second.Person,
	})
	if there.Size < size && reason.Rule(err) == "INST-14" || there.Size == size {
		return errOlder
	}
	return err
}

// recover brings the copy forward and says what the door must be told.
func (w *world) recover(s *site, absent bool) (clinic.Birth, error) {
	none := clinic.Birth{}
	db, err := s.file()
	if err != nil {
		return none, err
	}
	defer func() { _ = db.Close() }() // each adoption is durable
	var log *journal.Log
	err = db.View(w.ctx, func(v *clinicdb.View) (err error) {
		log, err = journal.Open(v.Conn(), s.code, s.keys.Journal)
		return err
	})
	if err != nil {
		return none, err
	}
	birth := clinic.Birth{
		Number: s.keys.Number + 1, Backup: transfer.Head{Site: s.code, Number: s.keys.Number, Size: log.Head().Size}, BatonID: batonID, Whole: true,
		Done: func() error { return nil },
	}
	if !absent {
		b, err := baton.Open(s.batonConfig())
		if err != nil {
			return none, err
		}
		if b.Head().Size > log.Head().Size {
			w.reached(batonWins)
		}
		birth.Baton = &transfer.Head{Site: s.code, Number: b.Head().Number, Size: b.Head().Size}
		seq := int64(0)
		err = b.Replay(func(raw []byte) error {
			if seq++; seq <= log.Head().Size {
				return nil
			}
			return adopt(db, log, raw)
		})
		if err == nil { // the stick tells older PCs at once, as a restore does
			err = b.Append(baton.Addition{Number: birth.Number})
			s.held = b.Head()
		}
		if err != nil {
			return none, err
		}
	}
	raws, err := w.hub.db.Entries(w.ctx, s.code, log.Head().Size, 100_000)
	if err != nil {
		return none, err
	}
	for _, raw := range raws {
		if err := adopt(db, log, raw); err != nil {
			return none, err
		}
	}
	birth.OfSize, birth.Hash = log.Head().Size, log.Head().Hash.String()
	return birth, nil
}

func adopt(db *clinicdb.DB, log *journal.Log, raw []byte) error {
	err := db.Write(func(tx *clinicdb.Tx) error {
		e, err := log.Adopt(tx.Conn(), raw)
		if err == nil {
			err = tx.Project(e, nil)
		}
		if err != nil {
			return err
		}
		return log.Seal(tx.Conn(), log.NextDay())
	})
	if err != nil {
		log.Rollback()
		return err
	}
	log.Commit()
	return nil
}

// born is the birth record: nobody is dosed before it. P9.
func (w *world) born(s *site, b clinic.Birth, nothingForgotten bool) {
	if err := s.c.AwaitBirth(w.ctx, b); err != nil {
		w.violate("P9", s, fmt.Sprintf("the restore is not told: %v", err))
		return
	}
	s.skew, s.wrong = 0, false
	if _, err := s.c.Pour(w.ctx, s.manager, s.c.NewForm(), dose.Pour{Patient: w.people[s.n*peopleEach].id, Shown: amount}); err == nil {
		w.violate("P9", s, "a dose before the birth record")
	} else {
		w.reached(birthAwaited)
	}
	w.openDayOf(s)
	f, err := s.c.RecordBirth(w.ctx, s.manager, s.c.NewForm(), clinic.BirthSay{Day: w.today, NotWithout: nothingForgotten, OnlyBaton: true}, s.witness())
	if err != nil {
		if reason.Rule(err) == "" {
			w.violate("P9", s, fmt.Sprintf("the birth record: %v", err))
		}
		s.sealed = true // the medium that would answer is not here
		w.reached(adjudicating)
		return
	}
	s.acked = s.c.Head()
	if f.Number != s.keys.Number {
		w.violate("P9", s, fmt.Sprintf("number %d, the keys have %d", f.Number, s.keys.Number))
	}
	w.view(s, func(v *clinicdb.View) error {
		i, _, err := s.c.Installation(v)
		s.sealed = i.Phase == transfer.Adjudication
		return err
	})
	if s.sealed {
		w.reached(adjudicating)
	}
	w.follow(s)
}

// openDayOf reads which day the restored journal has open.
func (w *world) openDayOf(s *site) {
	s.opened = day.Never
	w.view(s, func(v *clinicdb.View) error {
		d, ok, err := v.OpenDay()
		if ok {
			s.opened = d.Day
		}
		return err
	})
}

// clone switches the dead PC on again, with the baton in it. P9.
func (w *world) clone(s *site, disk *faultfs.FS) {
	w.took(pcCloned)
	old := &site{n: s.n, code: s.code, keys: s.keys, crew: s.crew, disk: disk.Copy(), stick: s.stick, plugged: true, rand: s.rand, wrapStick: s.wrapStick}
	old.keys.Number--
	if err := w.open(old); err != nil {
		w.violate("P4", s, fmt.Sprintf("the old PC does not open: %v", err))
		return
	}
	defer w.shut(old)
	w.follow(old)
	calm := w.calm
	w.calm = true // its own disk is not what is looked at
	defer func() { w.calm = calm }()
	w.openDayOf(old)
	if old.opened == day.Never {
		w.openDay(old)
	}
	for n := range peopleEach {
		p := w.people[s.n*peopleEach+n]
		if _, err := old.c.Pour(w.ctx, old.manager, old.c.NewForm(), dose.Pour{Patient: p.id, Shown: amount}); err == nil {
			w.violate("P9", s, "a dose by a superseded installation")
			return
		}
	}
	w.view(old, func(v *clinicdb.View) error {
		i, _, err := old.c.Installation(v)
		if i.Phase == transfer.Fenced {
			w.reached(oldFenced)
		} else {
			w.violate("P9", s, fmt.Sprintf("the old PC is %s and not fenced", i.Phase))
		}
		return err
	})
	w.haunt(s, old)
}
