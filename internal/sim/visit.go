package sim

import (
	"strconv"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
)

// visits is everyone's morning: half of them, then what befalls the sites, then
// the others, then those who try at a second place.
func (s *Sim) visits() {
	half := len(s.people) / 2
	for i := range s.people[:half] {
		s.visit(int32(i))
	}
	for n := range s.sites {
		s.midday(int32(n))
	}
	for i := half; i < len(s.people); i++ {
		s.visit(int32(i))
	}
	for n := range s.sites {
		s.again(int32(n))
	}
}

// again is people who come a second time to a site that was restored since
// morning: does it remember them?
func (s *Sim) again(n int32) {
	t := &s.sites[n]
	if t.reborn != s.today || !t.open() || s.calm {
		return
	}
	for k := 0; k < len(t.members); k++ { // attending can add members
		if m := t.members[k]; s.people[m].at == n && s.rng.IntN(4) == 0 {
			s.took(twoSites)
			s.attend(m, n)
		}
	}
}

func (s *Sim) visit(i int32) {
	p := &s.people[i]
	p.cups, p.outside, p.attested, p.card = 0, false, false, false
	s.travel(p)
	draw := s.dice.Uint64()
	s.report.PatientDays++
	if !s.calm && draw&0xff < 18 {
		return // not every day is everyone's
	}
	s.attend(i, p.at)
	if s.calm {
		return
	}
	if s.strikes(twoSites) {
		s.took(twoSites)
		s.attend(i, int32(s.rng.IntN(len(s.sites))))
	}
	if s.strikes(paperCopied) && len(p.letters) > 0 {
		s.took(paperCopied)
		s.scan(int32(s.rng.IntN(len(s.sites))), i, p.letters[s.rng.IntN(len(p.letters))])
	}
	if s.strikes(paperForged) {
		s.forge(i, p.at)
	}
	switch {
	case p.trip.on && p.at != p.home && s.strikes(earlyReturn):
		s.comeBack(i)
	case !p.trip.on && draw>>8&0x7f == 0:
		s.plan(i)
	}
}

// travel is where the person is today.
func (s *Sim) travel(p *person) {
	if p.trip.on {
		switch {
		case p.trip.last != day.Never && s.today > p.trip.last:
			p.trip.on, p.at = false, p.home
		case s.today >= p.trip.first && !p.trip.never:
			p.at = p.trip.to
			if p.trip.last == day.Never {
				p.home, p.trip.on = p.at, false
			}
		}
	}
}

// attend is one person at one window: letters first, then the dose, and what
// people do when the machine says no.
func (s *Sim) attend(i, n int32) {
	p, t := &s.people[i], &s.sites[n]
	if t.lost != day.Never {
		s.relationOf(i, n) // whose letters the hub accepts at the sealed desk
		s.relocate(i)
		return
	}
	if !t.open() && !t.down && t.skew == 0 && t.inst.Phase == transfer.NoDate {
		s.begin(n)
	}
	if !t.open() {
		s.attest(i, n)
		return
	}
	for k := 0; k < len(p.papers); k++ {
		l := p.papers[k]
		if s.letters[l].to == n {
			s.scan(n, i, l)
			p.papers = append(p.papers[:k], p.papers[k+1:]...)
			k--
		} else if s.strikes(paperWrongSite) {
			s.took(paperWrongSite)
			s.scan(n, i, l)
		}
	}
	if p.card && !s.strikes(cardLost) {
		s.about(n, i, transfer.Told{Day: s.today})
	} else if p.card {
		s.took(cardLost)
	}
	if p.left {
		p.left = false
		s.about(n, i, transfer.HandOver{Today: s.believed(n)}) // yesterday's cup, still standing there
	}
	s.pour(i, n)
}

// pour is the dose, once more after what can be put right at the window.
func (s *Sim) pour(i, n int32) {
	p, t := &s.people[i], &s.sites[n]
	for range 2 {
		no := s.about(n, i, transfer.Pour{Today: s.believed(n)})
		if no == "" {
			s.cup(i, n)
			return
		}
		switch no {
		case "INST-01", "INST-02", "INST-03":
			if t.skew != 0 {
				s.reached(dateRefused)
				t.skew = 0
			}
			s.begin(n)
			continue
		case "INST-04":
			s.reached(fencedDay)
			s.attest(i, n)
		case "TRANSFER-21":
			s.reprint(i, n)
			s.lostHere(i, n)
		case "TRANSFER-22":
			s.lostHere(i, n)
		}
		return
	}
	if !s.calm && p.cups == 0 {
		s.attest(i, n)
	}
}

// cup is what happens between pouring and swallowing.
func (s *Sim) cup(i, n int32) {
	p := &s.people[i]
	before := s.relationOf(i, n).h
	if before.Spent != s.believed(n) {
		return // the power failed before it was recorded: there is no cup
	}
	if s.strikes(doubleClick) {
		s.took(doubleClick)
		no := s.about(n, i, transfer.Pour{Today: s.believed(n)})
		s.unchanged("P11", n, i, before, no, "a double click was two doses")
	}
	switch {
	case s.strikes(cupLeft):
		s.took(cupLeft)
		p.left = true
		return
	case s.strikes(wrongPerson):
		s.took(wrongPerson) // noticed before the cup: the day is spent all the same
		return
	}
	s.about(n, i, transfer.HandOver{Today: s.believed(n)})
}

// lostHere is a person whose day it is not at this site: a physician may decide,
// and they find out where to go.
func (s *Sim) lostHere(i, n int32) {
	if s.strikes(storm) {
		s.took(storm)
		s.attest(i, n)
	}
	if s.calm || s.rng.IntN(3) == 0 {
		s.relocate(i)
	}
}

// attest is a dose on people's word, where the machine has no right.
func (s *Sim) attest(i, n int32) {
	p, t := &s.people[i], &s.sites[n]
	if s.rng.IntN(10) == 0 || p.card || p.last == s.today && !s.strikes(cardLost) {
		return // no physician to be had, or the card shows today's dose
	}
	s.reached(attestedDose)
	s.report.Attested++
	if p.cups > 0 || p.attested {
		s.report.Proven++
	}
	p.attested, p.card = true, true
	if t.down || t.lost != day.Never {
		return // on paper, entered when there is a PC again
	}
	s.about(n, i, transfer.Attest{Today: s.today})
}

// scan shows a letter at a site and holds the answer against what must be.
func (s *Sim) scan(n, i, at int32) {
	l, t := &s.letters[at], &s.sites[n]
	if !t.open() || !l.visible {
		return
	}
	r := s.relationOf(i, n)
	before, known := r.h, s.holdsLetter(&s.people[i], l) && l.to == n
	a := transfer.Accept{Letter: l.Letter, Signed: true}
	if l.from >= 0 && t.online {
		from := &s.sites[l.from]
		if born := from.inst; from.newest > l.Number && born.Number == from.newest {
			a.Ended, a.EndedAt = true, from.recovered(l.Number)
			a.Known = s.accountedFor(l)
		}
	}
	if s.strikes(paperOther) {
		s.took(paperOther)
		wrong := a
		wrong.Shown = "somebody else"
		no := s.about(n, i, transfer.Scan{Accept: wrong, Today: s.believed(n)})
		s.unchanged("P13", n, i, before, no, "a letter counted on another person's page")
	}
	no := s.about(n, i, transfer.Scan{Accept: a, Today: s.believed(n)})
	switch {
	case l.to != n:
		s.report.Letters.WrongSite++
		s.unchanged("P13", n, i, before, no, "a letter counted at a site it does not name")
		if no == "TRANSFER-13" {
			s.reached(wrongSiteRefused)
		}
	case known:
		s.report.Letters.Rescanned++
		s.unchanged("P13", n, i, before, no, "a letter counted twice")
		if no == "TRANSFER-14" {
			s.reached(secondScan)
		}
	}
}

// accountedFor says whether the site that gave a letter knows it today, be it
// from its journal or from people.
func (s *Sim) accountedFor(l *letter) bool {
	for _, o := range s.relationOf(l.person, l.from).h.Out {
		if o.Letter == l.ID {
			return true
		}
	}
	return false
}

// forge shows a letter that no clinician signed.
func (s *Sim) forge(i, n int32) {
	if !s.sites[n].open() {
		return
	}
	s.took(paperForged)
	s.report.Letters.Forged++
	before := s.relationOf(i, n).h
	noted := s.report.Incidents
	l := transfer.Letter{ID: "forged", Patient: s.people[i].id, From: s.sites[(n+1)%int32(len(s.sites))].code, Number: 1, To: s.sites[n].code, First: s.today, Why: transfer.ForGood}
	no := s.about(n, i, transfer.Scan{Accept: transfer.Accept{Letter: l}, Today: s.believed(n)})
	s.unchanged("P13", n, i, before, no, "a forged letter counted")
	if s.report.Incidents > noted {
		s.reached(forgeryNoted)
	}
}

func (s *Sim) newLetter() id.Letter { return id.Letter("l" + strconv.FormatInt(s.tick, 36)) }

// elsewhere is another site that is alive, or n itself if there is none.
func (s *Sim) elsewhere(n int32) int32 {
	for range 8 {
		if m := int32(s.rng.IntN(len(s.sites))); m != n && s.sites[m].lost == day.Never {
			return m
		}
	}
	return n
}

// plan writes a letter for days elsewhere.
func (s *Sim) plan(i int32) {
	p := &s.people[i]
	n := p.at
	to := s.elsewhere(n)
	c := transfer.Issue{Letter: s.newLetter(), To: s.sites[to].code, First: s.believed(n) + day.Day(s.rng.IntN(s.lim.StartWithin+2)), Why: transfer.Visit}
	c.Last = c.First + day.Day(s.rng.IntN(s.lim.VisitMax+1))
	switch s.rng.IntN(8) {
	case 0:
		c.Why, c.Last = transfer.ForGood, day.Never
	case 1:
		c.Why = transfer.Storm
	}
	if !s.sites[n].open() || s.about(n, i, transfer.Give{Issue: c, Today: s.believed(n)}) != "" {
		return
	}
	if s.strikes(cancelAsked) {
		s.took(cancelAsked)
		s.about(n, i, transfer.Cancel{Letter: c.Letter})
	}
	p.trip = trip{to: to, first: c.First, last: c.Last, on: true}
	switch {
	case s.strikes(neverArrives):
		s.took(neverArrives)
		p.trip.never = true
		p.trip.last = max(p.trip.last, p.trip.first)
	case s.strikes(thirdSite):
		s.took(thirdSite)
		p.trip.to = s.elsewhere(to)
	}
}

// comeBack ends a visit early: a letter back, or none.
func (s *Sim) comeBack(i int32) {
	p := &s.people[i]
	n := p.at
	s.took(earlyReturn)
	if s.sites[n].open() && s.rng.IntN(4) > 0 {
		c := transfer.Return{Letter: s.newLetter(), To: s.sites[p.home].code}
		if s.about(n, i, transfer.GiveBack{Return: c, Today: s.believed(n)}) == "" {
			s.reached(earlyBack)
		}
	}
	p.trip.on, p.at = false, p.home
}

// reprint asks the site that says "not here" for its letters once more.
func (s *Sim) reprint(i, n int32) {
	p := &s.people[i]
	for _, at := range p.letters {
		l := &s.letters[at]
		if l.from != n || l.void || s.holdsLetter(p, l) || l.Last != day.Never && l.Last < s.today || contains(p.papers, at) {
			continue
		}
		if s.about(n, i, transfer.Show{Letter: l.ID}) == "" {
			s.reached(reprintAfterCrash)
		}
	}
}

func contains(list []int32, x int32) bool {
	for _, y := range list {
		if y == x {
			return true
		}
	}
	return false
}

// relocate is people finding out by telephone where the days are, and the person
// going there tomorrow.
func (s *Sim) relocate(i int32) {
	p := &s.people[i]
	from := s.today + 1
	for k := range p.rels {
		r := &p.rels[k]
		t := &s.sites[r.site]
		if t.lost != day.Never {
			continue
		}
		for _, d := range transfer.Usable(t.inst, r.h, from) {
			if d.Has(from) {
				s.move(p, r.site, d.Last)
				return
			}
		}
	}
	for _, at := range p.letters {
		l := &s.letters[at]
		if l.void || !l.closed || s.holdsLetter(p, l) || !(transfer.Span{First: l.First, Last: l.Last}).Has(from) {
			continue
		}
		if contains(p.papers, at) || l.from < 0 || s.sites[l.from].lost != day.Never {
			if !contains(p.papers, at) && l.visible {
				p.papers = append(p.papers, at) // the hub prints it
			}
			s.move(p, l.to, l.Last)
		} else {
			s.move(p, l.from, from)
		}
		return
	}
}

func (s *Sim) move(p *person, to int32, last day.Day) {
	p.trip = trip{to: to, first: s.today + 1, last: last, on: true}
	if last == day.Never {
		p.home = to
	}
}
