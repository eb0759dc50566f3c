package sim

import (
	"fmt"

	"tram/internal/care/transfer"
	"tram/internal/day"
)

// Violation is a broken promise: which, and where in this history.
type Violation struct {
	Promise string `json:"promise"`
	Seed    uint64 `json:"seed"`
	Day     int    `json:"day"`
	Step    int64  `json:"step"`
	What    string `json:"what"`
}

// violate notes a broken promise; the first hundred are kept.
func (s *Sim) violate(promise string, site, person int32, what string) {
	s.report.Broken++
	if len(s.report.Violations) < 100 {
		s.report.Violations = append(s.report.Violations, Violation{
			promise, s.cfg.Seed, int(s.today - start), s.tick, fmt.Sprintf("site %d, person %d: %s", site, person, what),
		})
	}
}

// checkAppend holds a fact against what is true of the site, before the site's
// own state takes it in. P9, P10.
func (s *Sim) checkAppend(n, person int32, fact any) {
	t := &s.sites[n]
	switch f := fact.(type) {
	case transfer.Dosed:
		if f.Attested {
			return
		}
		if f.Day < t.maxDay {
			s.violate("P10", n, person, "a dose for a day before the newest of the journal")
		}
		t.maxDay = max(t.maxDay, f.Day)
		if f.Day != t.confirmed {
			s.violate("P10", n, person, "a dose on a date that nobody confirmed")
		}
		if !t.open() || t.forgetful {
			s.violate("P9", n, person, "a dose by an installation that may not dose")
		}
	case transfer.Given:
		if t.inst.Phase != transfer.Open || !t.witnessed || t.forgetful || t.lost != day.Never {
			s.violate("P9", n, person, fmt.Sprintf("a letter by an installation that may not give (%s, witnessed %v, forgetful %v)", t.inst.Phase, t.witnessed, t.forgetful))
		}
		if s.people[person].last == s.today && f.First <= s.today && !t.misdated && !s.people[person].outside {
			s.violate("P2", n, person, "a day that was dosed is given away")
		}
		if f.Number != t.newest {
			s.violate("P9", n, person, "a letter under a number that is not the newest")
		}
	case transfer.InstallationOpened:
		t.maxDay = max(t.maxDay, f.Day)
	case transfer.InstallationRestored:
		if f.Number <= t.newest {
			s.violate("P9", n, person, "a number that fell")
		}
		t.newest = max(t.newest, f.Number)
	}
}

// checkDose is the second look at a cup in a hand.
func (s *Sim) checkDose(n, person int32) {
	t := &s.sites[n]
	if t.inst.Number != t.newest || t.inst.Phase == transfer.Fenced {
		s.violate("P9", n, person, "a dose by a superseded installation")
	}
	if s.believed(n) != t.confirmed {
		s.violate("P10", n, person, "a cup handed over on a date that nobody confirmed")
	}
}

// conserved checks I2 for a person: for every day from today on, usable holders
// and open letters together are one at most. It is asked whenever authority moved.
func (s *Sim) conserved(person int32) {
	p := &s.people[person]
	var room [16]transfer.Span
	all := room[:0]
	var owner [16]int
	own := owner[:0]
	for i := range p.rels {
		for _, d := range transfer.Usable(s.sites[p.rels[i].site].inst, p.rels[i].h, s.today) {
			all, own = append(all, d), append(own, i)
		}
	}
	keep := p.letters[:0]
	for k, l := range p.letters {
		x := &s.letters[l]
		if x.void || x.Last != day.Never && x.Last < s.today {
			continue
		}
		keep = append(keep, l)
		if !x.closed || s.holdsLetter(p, x) {
			continue
		}
		if x.taken > 0 && s.sites[x.to].inst.Missing {
			continue // accepted and forgotten; people will find it before anything is accepted there
		}
		d := transfer.Span{First: max(x.First, s.today), Last: x.Last}
		for i := range p.rels {
			if p.rels[i].site == x.to {
				d.First = max(d.First, s.sites[x.to].inst.Fence+1, p.rels[i].h.Spent+1)
			}
		}
		all, own = append(all, d), append(own, 100+k)
	}
	p.letters = keep
	for i := range all {
		for k := range i {
			if own[i] == own[k] {
				continue
			}
			if d, both := all[i].Overlap(all[k], s.today); both {
				s.violate("P2", -1, person, fmt.Sprintf("day %d belongs to two (%d, %d of %v)", d-start, own[k], own[i], p.rels))
				return
			}
		}
	}
}

// holdsLetter says whether the letter's destination has accepted it, as far as
// its own record knows.
func (s *Sim) holdsLetter(p *person, l *letter) bool {
	for i := range p.rels {
		if p.rels[i].site != l.to {
			continue
		}
		for _, in := range p.rels[i].h.In {
			if in.Letter == l.ID {
				return true
			}
		}
	}
	return false
}

// unchanged checks P13 and P11: an event that had to be refused was, and changed
// nothing of the person's days.
func (s *Sim) unchanged(promise string, n, person int32, before transfer.Holding, no, what string) {
	after := s.relationOf(person, n).h
	if no == "" || len(after.Days) != len(before.Days) || len(after.In) != len(before.In) || len(after.Out) != len(before.Out) || after.Spent != before.Spent {
		s.violate(promise, n, person, what)
	}
}

// endCheck is liveness, after the quiet days: everyone who is still in care was
// dosed by right on the last day, where they were. L2, L4.
func (s *Sim) endCheck() {
	for i := range s.people {
		p := &s.people[i]
		if p.last != s.today {
			s.violate("L2", p.at, int32(i), fmt.Sprintf("not dosed by right on the last quiet day: last %d of %d; knows %v, trip %v, letters %v", p.last-start, s.today-start, p.rels, p.trip, s.story(p)))
		}
	}
	for n := range s.sites {
		t := &s.sites[n]
		if t.lost == day.Never && (!t.open() || t.forgetful || t.inst.Number != t.newest) {
			s.violate("L3", int32(n), -1, "site not working after the quiet days: "+string(t.inst.Phase))
		}
	}
}

// story is a person's letters in words, for whoever looks for the mistake.
func (s *Sim) story(p *person) []string {
	var out []string
	for _, at := range p.letters {
		l := &s.letters[at]
		out = append(out, fmt.Sprintf("%s %d to %d, days %d-%d, visible %v, taken %v", l.ID, l.from, l.to, l.First, l.Last, l.visible, l.taken > 0))
	}
	return out
}
