package sim

import (
	"tram/internal/care/transfer"
	"tram/internal/day"
)

// Run lives through the days of a configuration and the quiet days after them.
func Run(c Config) Report {
	if c.Machine.Step == nil {
		c.Machine = Protocol()
	}
	s := newSim(c)
	s.report.First, s.report.Runs = c.Seed, 1
	for range c.Days {
		s.day()
	}
	s.calm = true
	for n := range s.sites {
		s.sites[n].online, s.sites[n].cutFor, s.sites[n].skew = true, 0, 0
	}
	for range quiet - 1 {
		s.day()
	}
	s.morningAll()
	s.visits()
	s.endCheck()
	s.report.Steps, s.report.Hash = s.tick, s.hash
	return s.report
}

func (s *Sim) day() {
	s.morningAll()
	s.visits()
	for n := range s.sites {
		s.evening(int32(n))
	}
	s.today++
}

func (s *Sim) morningAll() {
	s.hubInst.Day, s.hubInst.Floor = s.today, s.today
	for n := range s.sites {
		s.morning(int32(n))
	}
}

// morning is a site from the night to the first patient.
func (s *Sim) morning(n int32) {
	t := &s.sites[n]
	if t.lost != day.Never {
		s.reassign(n)
		return
	}
	if t.open() {
		t.confirmed = day.Never // the word for the date was yesterday's
		s.ofSite(n, transfer.Lapse{})
	}
	if t.inst.Phase == transfer.Stopped {
		s.ofSite(n, transfer.Crash{})
	}
	s.network(t)
	if !t.down && s.strikes(pcDies) {
		s.took(pcDies)
		s.die(n)
	}
	if t.down && (s.calm || s.rng.IntN(4) > 0) {
		s.restore(n)
	}
	if t.down {
		return
	}
	if t.inst.Missing && s.today >= t.whole {
		s.account(n)
	}
	s.clocks(t)
	t.misdated, t.late, t.batonIn = false, s.strikes(mirrorLate), true
	if s.strikes(batonForgotten) {
		s.took(batonForgotten)
		t.batonIn = false
	}
	if t.late {
		s.took(mirrorLate)
	}
	s.begin(n)
	if t.open() {
		s.report.SiteDays++
		if !t.online {
			s.report.CutOff++
		}
		s.deliver(n)
		if t.batonIn && !t.late && len(t.pending) > 0 {
			s.mirror(n)
		}
		if t.reborn != day.Never && s.today > t.reborn && t.wholeBirth && s.today <= t.inst.Fence {
			s.violate("L3", n, -1, "a restored site with its baton is fenced on the next day")
		}
	}
	s.oldPCTries(n)
	if s.strikes(siteLost) && s.living() > 2 {
		s.took(siteLost)
		s.lose(n)
	}
	if !t.online && s.strikes(hubGuess) {
		s.guess(n)
	}
}

func (s *Sim) network(t *site) {
	switch {
	case t.cutFor > 0:
		t.cutFor--
	case s.strikes(netCut):
		s.took(netCut)
		t.cutFor = 1 + s.rng.IntN(14)
	}
	t.online = t.cutFor == 0
}

func (s *Sim) clocks(t *site) {
	switch {
	case s.strikes(clockHours):
		s.took(clockHours) // days carry the right, not hours: nothing can follow
	case s.strikes(clockDay):
		s.took(clockDay)
		t.skew = day.Day(s.rng.IntN(2)*2 - 1)
	case s.strikes(clockYear):
		s.took(clockYear)
		t.skew = day.Day(365 * (s.rng.IntN(41) - 20))
	}
}

// begin opens a site as its people would: what they see is put right and tried
// again.
func (s *Sim) begin(n int32) {
	t := &s.sites[n]
	for range 3 {
		if t.open() && t.inst.Day == s.believed(n) {
			return // it looks open
		}
		o := transfer.Opening{Day: s.believed(n), Confirmed: t.skew == 0, OnlyPC: true}
		if t.batonIn {
			o.Baton, o.BatonID = &transfer.Head{Site: t.code, Number: t.batonOf, Size: t.baton}, "k"
		}
		if t.online {
			o.Hub = &transfer.Head{Site: t.code, Number: t.hubOf, Size: t.hub}
		}
		both := false
		if t.skew != 0 {
			if s.strikes(dateOne) {
				s.took(dateOne)
			} else if (t.skew == 1 || t.skew == -1) && s.strikes(dateBoth) {
				s.took(dateBoth)
				o.Confirmed, both = true, true
			}
		}
		witnessed, confirmed := t.witnessed, t.confirmed
		t.witnessed = o.Baton != nil || o.Hub != nil
		if o.Confirmed {
			t.confirmed = o.Day
		}
		no := s.ofSite(n, transfer.Begin{Opening: o})
		if no == "" {
			t.misdated = both
			continue // a crash may have come between: look again
		}
		t.witnessed, t.confirmed = witnessed, confirmed
		switch {
		case t.skew != 0:
			s.reached(dateRefused)
			t.skew = 0 // they look at a telephone
		case no == "INST-09":
			s.reached(unwitnessedMax)
			t.batonIn = true // it was in the safe all the time
		default:
			return
		}
	}
}

// deliver scans the letters that the network brought.
func (s *Sim) deliver(n int32) {
	t := &s.sites[n]
	if !t.online || len(t.inbox) == 0 {
		return
	}
	var later []delivery
	for _, d := range t.inbox {
		switch {
		case d.on > s.today:
			later = append(later, d)
		default:
			s.scan(n, s.letters[d.letter].person, d.letter)
		}
	}
	t.inbox = later
}

// midday is what befalls a site between its patients.
func (s *Sim) midday(n int32) {
	t := &s.sites[n]
	if !t.open() {
		return
	}
	switch {
	case s.strikes(pcDies):
		s.took(pcDies)
		s.die(n)
		if s.rng.IntN(4) > 0 {
			s.restore(n)
			s.begin(n)
		}
	case t.batonIn && s.strikes(batonPulled):
		s.took(batonPulled)
		t.batonIn = false
		s.ofSite(n, transfer.Unplug{})
		s.begin(n)
	case s.strikes(clockMidday):
		s.took(clockMidday)
		t.skew = day.Day(s.rng.IntN(2)*2 - 1)
	case s.strikes(diskFails):
		s.took(diskFails)
		s.ofSite(n, transfer.Fail{})
	}
}

// evening closes a site, brings its journal to hub and baton, and backs it up.
func (s *Sim) evening(n int32) {
	t := &s.sites[n]
	if t.lost != day.Never || t.down {
		return
	}
	if t.open() {
		if s.strikes(notClosed) {
			s.took(notClosed)
		} else {
			s.ofSite(n, transfer.End{})
			t.session++
		}
	}
	if t.inst.Phase == transfer.Stopped {
		return
	}
	if t.batonIn {
		s.mirror(n)
	}
	if t.online && !t.forgetful {
		t.hub, t.hubOf = t.size(), t.inst.Number
		if s.hubReleases && len(t.pending) > 0 {
			s.reached(hubRelease)
			s.release(n, "hub", t.hub)
		}
	}
	if (int(s.today)+int(n))%7 == 0 {
		s.backup(n)
	}
}

func (s *Sim) living() int {
	n := 0
	for i := range s.sites {
		if s.sites[i].lost == day.Never && !s.sites[i].down {
			n++
		}
	}
	return n
}
