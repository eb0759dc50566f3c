package sim

import (
	"slices"

	"tram/internal/care/transfer"
	"tram/internal/day"
)

// die takes a site's PC away; its baton is in the safe, or gone as well.
func (s *Sim) die(n int32) {
	t := &s.sites[n]
	t.down = true
	t.session++
	t.confirmed = day.Never
	if s.strikes(batonLost) {
		s.took(batonLost)
		t.batonGone = true
	}
	if s.strikes(pcCloned) {
		s.took(pcCloned)
		old := &oldPC{inst: t.inst}
		for _, m := range t.members[:min(len(t.members), 8)] {
			old.holding = append(old.holding, held{m, s.relationOf(m, n).h})
		}
		t.old = old
	}
}

// restore brings a site back from a backup and what media there are.
func (s *Sim) restore(n int32) {
	t := &s.sites[n]
	b := t.backups[0]
	if s.strikes(backupOld) {
		s.took(backupOld)
		b = t.backups[1]
	}
	t.skew = 0 // the date is confirmed before anything else
	r := transfer.Restore{
		Today: s.today, Confirmed: true, Backup: transfer.Head{Site: t.code, Number: b.inst.Number, Size: b.size},
		HubReleases: s.hubReleases, Newest: t.newest, Witness: "p2",
	}
	size := b.size
	if !t.batonGone {
		r.Baton, r.BatonID = &transfer.Head{Site: t.code, Number: t.batonOf, Size: t.baton}, "k"
		r.NotWithout = t.baton == t.size() && s.rng.IntN(4) > 0 // said only where it is true
		size = max(size, t.baton)
	}
	if t.online {
		r.Hub = &transfer.Head{Site: t.code, Number: t.hubOf, Size: t.hub}
		size = max(size, t.hub)
	}
	died, truth := *t, t.size()
	if s.strikes(batonOlder) && r.Baton != nil && b.size > 0 {
		s.took(batonOlder)
		wrong := r
		wrong.Baton = &transfer.Head{Site: t.code, Number: b.inst.Number, Size: b.size - 1}
		if no := s.ofSite(n, transfer.Rebirth{Restore: wrong}); no == "INST-14" {
			s.reached(olderRefused)
		}
	}
	r.OnlyBaton = r.Baton != nil && t.baton < b.size
	s.replay(n, b, size)
	s.voids(n, size)
	t.hub, t.baton = min(t.hub, size), min(t.baton, size)
	t.batonIn, t.late = true, false
	no := s.ofSite(n, transfer.Rebirth{Restore: r})
	for no == "" && t.inst.Phase == transfer.Recovering {
		no = s.ofSite(n, transfer.Rebirth{Restore: r}) // the power failed before it was on the disk
	}
	if no != "" {
		s.violate("L3", n, -1, "a restore was refused: "+no)
		died.down = false
		*t = died
		return
	}
	s.report.Restores++
	t.down, t.batonGone = false, false
	t.reborn, t.wholeBirth = s.today, !t.inst.Missing
	t.births = append(t.births, birth{died.inst.Number, size})
	if size > b.size && size == died.baton {
		s.reached(batonWins)
	}
	if r.NotWithout && t.inst.Fence < s.today {
		s.reached(sameDayRestore)
	}
	t.forgetful = died.forgetful || size < truth && !(r.Baton != nil && (r.Hub != nil || !s.hubReleases))
	if t.inst.Phase == transfer.Adjudication {
		t.forgetful = true
		t.whole = s.today + day.Day(s.rng.IntN(5))
	}
	s.mirror(n)
	t.backups[0], t.backups[1] = snapshot{size: t.base}, snapshot{size: t.base}
	s.backup(n) // those of the old number are of another journal now
	s.backup(n)
	for _, m := range t.members {
		s.conserved(m)
	}
}

// birth says how many entries of a number its successor knew.
type birth struct {
	number int
	size   int64
}

// recovered is how many entries of a number are good.
func (t *site) recovered(number int) int64 {
	for _, b := range t.births {
		if b.number >= number {
			return b.size
		}
	}
	return t.size()
}

// replay makes the tables again from a backup and the entries up to size.
func (s *Sim) replay(n int32, b snapshot, size int64) {
	t := &s.sites[n]
	inst := b.inst
	for _, m := range t.members {
		r := s.relationOf(m, n)
		r.h = transfer.Holding{Patient: s.people[m].id}
	}
	for _, h := range b.holding {
		s.relationOf(h.person, n).h = h.h
	}
	t.journal = slices.Clip(t.journal[:size-t.base])
	for _, e := range t.journal[b.size-t.base:] {
		st := transfer.State{Inst: inst}
		if e.person >= 0 {
			r := s.relationOf(e.person, n)
			st.Holding = r.h
			st = s.cfg.Machine.Fold(st, e.fact, e.at)
			r.h, inst = st.Holding, st.Inst
			continue
		}
		inst = s.cfg.Machine.Fold(st, e.fact, e.at).Inst
		t.inst = inst
		s.toAll(n, e.fact, e.at)
	}
	inst.Phase = transfer.Recovering
	t.inst = inst
}

// voids lets letters die that never left the dead disk.
func (s *Sim) voids(n int32, size int64) {
	t := &s.sites[n]
	pending := t.pending
	t.pending = nil
	for _, l := range pending {
		switch x := &s.letters[l]; {
		case x.visible:
		case x.Seq >= size:
			x.void = true
		default:
			t.pending = append(t.pending, l)
		}
	}
}

// account is people finding every letter of a site that forgot them.
func (s *Sim) account(n int32) {
	t := &s.sites[n]
	type moment struct {
		tick int64
		f    transfer.Found
	}
	var all []moment
	for _, m := range t.members {
		for _, at := range s.people[m].letters {
			l := &s.letters[at]
			f := transfer.Found{Letter: l.ID, Patient: l.Patient, First: l.First, Last: l.Last}
			if l.from == n && l.visible {
				f.Other = l.To
				all = append(all, moment{l.given, f})
			}
			if l.to == n && l.taken > 0 {
				f.Other, f.In = l.From, true
				all = append(all, moment{l.taken, f})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return int(a.tick - b.tick) })
	c := transfer.Adjudicate{Sources: []string{"counterfoils", "neighbours"}, Whole: true, Witness: "p2", Today: s.today}
	for _, m := range all {
		c.Found = append(c.Found, m.f)
	}
	if s.ofSite(n, transfer.Account{Adjudicate: c}) == "" && !t.inst.Missing {
		t.forgetful = false
		s.reached(adjudicated)
		for _, m := range t.members {
			s.conserved(m)
		}
	}
}

// oldPCTries is somebody switching the old PC on again.
func (s *Sim) oldPCTries(n int32) {
	t := &s.sites[n]
	if t.old == nil || t.old.inst.Number == t.newest || s.rng.IntN(5) > 0 {
		return
	}
	old := t.old
	st := transfer.State{Inst: transfer.Restarted(old.inst)}
	o := transfer.Opening{Day: s.today, Confirmed: true}
	if s.rng.IntN(2) == 0 { // with the baton in it; else staff know that another PC is in use
		o.Baton = &transfer.Head{Site: t.code, Number: t.batonOf, Size: t.baton}
	}
	after, _, no := s.cfg.Machine.Step(st, transfer.Begin{Opening: o}, s.lim)
	old.inst = after.Inst
	if no != nil {
		if after.Inst.Phase == transfer.Fenced {
			s.reached(oldFenced)
			t.old = nil
		}
		return
	}
	for _, h := range old.holding {
		st := transfer.State{Inst: old.inst, Holding: h.h}
		if after, _, no := s.cfg.Machine.Step(st, transfer.Pour{Today: s.today}, s.lim); no == nil {
			s.violate("P9", n, h.person, "a superseded installation poured a dose")
			old.inst = after.Inst
			return
		}
	}
}

// lose burns a site down: sealed under two names, its journal read to the end.
func (s *Sim) lose(n int32) {
	t := &s.sites[n]
	if t.down || t.forgetful || t.inst.Phase == transfer.Adjudication {
		return
	}
	t.hub, t.hubOf = t.size(), t.inst.Number
	s.release(n, "hub", t.hub)
	t.lost = s.today
	t.session++
}

// reassign is the hub giving the days of a sealed site, from the day after.
func (s *Sim) reassign(n int32) {
	t := &s.sites[n]
	if s.today <= t.lost {
		return
	}
	desk := t.inst // the hub accepts at the sealed site's desk what was on its way there
	desk.Phase, desk.Day, desk.Floor = transfer.Open, s.today, max(s.today, t.inst.Floor)
	for _, m := range t.members {
		r, p := s.relationOf(m, n), &s.people[m]
		if len(r.h.Days) == 0 && len(p.letters) == 0 {
			continue
		}
		for _, at := range p.letters {
			l := &s.letters[at]
			if l.to != n || !l.visible || l.void || s.holdsLetter(p, l) {
				continue
			}
			st := transfer.State{Inst: desk, Holding: r.h}
			after, _, no := s.cfg.Machine.Step(st, transfer.Scan{Accept: transfer.Accept{Letter: l.Letter, Signed: true}, Today: s.today}, s.lim)
			if no == nil {
				r.h = after.Holding
				l.taken = s.tick
			}
		}
		sealed := transfer.Sealed{Site: t.code, Day: t.lost, By: "a", Witness: "b", Read: true}
		for _, d := range transfer.Usable(desk, r.h, s.today) {
			s.hubGives(m, r, sealed, d)
		}
	}
}

// hubGives is one letter of the hub, seen at once: the hub has two backups.
func (s *Sim) hubGives(person int32, r *relation, sealed transfer.Sealed, d transfer.Span) {
	p := &s.people[person]
	to := s.elsewhere(r.site)
	if to == r.site {
		return
	}
	c := transfer.Issue{Letter: s.newLetter(), To: s.sites[to].code, First: d.First, Last: d.Last, Why: transfer.Visit}
	if d.Last == day.Never {
		c.Why = transfer.ForGood
	}
	st := transfer.State{Inst: s.hubInst, Holding: r.h}
	after, effects, no := s.cfg.Machine.Step(st, transfer.Reassign{Sealed: sealed, Issue: c, Today: s.today}, s.lim)
	s.tick++
	if no != nil || len(effects) == 0 {
		return
	}
	if sealed.Day != day.Never {
		r.h = after.Holding
		s.reached(reassigned)
	}
	l := letter{person: person, from: -1, to: to, closed: true, visible: true, given: s.tick}
	l.Letter = transfer.Letter{ID: c.Letter, Patient: p.id, From: transfer.Hub, Number: 1, To: c.To, First: c.First, Last: c.Last, Why: c.Why}
	p.letters = append(p.letters, int32(len(s.letters)))
	p.papers = append(p.papers, int32(len(s.letters)))
	s.letters = append(s.letters, l)
	s.report.Letters.Given++
	s.move(p, to, c.Last)
	s.conserved(person)
}

// guess asks the hub for the days of a site that is only silent.
func (s *Sim) guess(n int32) {
	s.took(hubGuess)
	t := &s.sites[n]
	if len(t.members) == 0 {
		return
	}
	m := t.members[s.rng.IntN(len(t.members))]
	for _, d := range s.relationOf(m, n).h.Days {
		if !d.Past(s.today + 1) {
			d.First = max(d.First, s.today+1)
			s.hubGives(m, s.relationOf(m, n), transfer.Sealed{Site: t.code}, d)
			return
		}
	}
}
