package sim

import (
	"fmt"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/reason"
)

// about gives an event about a person to a site's machine and carries out the
// effects in their order; the power may fail before, between and after them. It
// answers the rule that refused, or "".
func (s *Sim) about(n, person int32, e transfer.Event) string {
	t, r := &s.sites[n], s.relationOf(person, n)
	cup := r.cup
	if r.session != t.session {
		cup = day.Never
	}
	st := transfer.State{Inst: t.inst, Holding: r.h, Cup: cup}
	st.Inst.Size = t.size()
	after, effects, no := s.cfg.Machine.Step(st, e, s.lim)
	s.tick++
	s.mix(uint64(n)<<40 | uint64(uint32(person))<<8 | uint64(len(effects)))
	if no != nil {
		s.mix(uint64(no.Rule[len(no.Rule)-1])<<8 | uint64(no.Rule[len(no.Rule)-2]))
	}
	if !appends(effects) {
		t.inst, r.h, r.cup, r.session = after.Inst, after.Holding, after.Cup, t.session
	}
	if len(effects) > 0 {
		s.effects(n, person, &after, effects)
	}
	switch e.(type) {
	case transfer.Pour, transfer.HandOver:
	default:
		s.conserved(person)
	}
	return rule(no)
}

// rule is a refusal's rule, or "" for yes.
func rule(no *reason.Refusal) string {
	if no == nil {
		return ""
	}
	return no.Rule
}

// ofSite gives an event about the installation to its machine.
func (s *Sim) ofSite(n int32, e transfer.Event) string {
	t := &s.sites[n]
	st := transfer.State{Inst: t.inst, Cup: 1}
	st.Inst.Size = t.size()
	after, effects, no := s.cfg.Machine.Step(st, e, s.lim)
	s.tick++
	s.mix(uint64(n)<<40 | 1<<32 | uint64(len(effects)))
	if after.Cup == day.Never {
		t.session++ // the cups of this session are questions now
	}
	if !appends(effects) {
		t.inst = after.Inst
	}
	if len(effects) > 0 {
		s.effects(n, -1, &after, effects)
	}
	return rule(no)
}

func appends(effects []transfer.Effect) bool {
	for _, e := range effects {
		if _, ok := e.(transfer.Append); ok {
			return true
		}
	}
	return false
}

// effects does what the machine asks for, until the power fails.
func (s *Sim) effects(n, person int32, after *transfer.State, effects []transfer.Effect) {
	cut := -1
	switch {
	case s.strikes(crashBefore):
		cut = 0
		s.took(crashBefore)
	case len(effects) > 1 && s.strikes(crashWithin):
		cut = 1 + s.rng.IntN(len(effects)-1)
		s.took(crashWithin)
	case s.strikes(crashAfter):
		cut = len(effects)
		s.took(crashAfter)
	}
	for i, f := range effects {
		if i == cut {
			break
		}
		s.effect(n, person, after, f)
	}
	if cut >= 0 {
		s.ofSite(n, transfer.Crash{})
		s.begin(n)
	}
}

func (s *Sim) effect(n, person int32, after *transfer.State, f transfer.Effect) {
	t := &s.sites[n]
	switch f := f.(type) {
	case transfer.Append:
		s.checkAppend(n, person, f.Fact)
		t.inst = after.Inst
		if person >= 0 {
			r := s.relationOf(person, n)
			r.h, r.cup, r.session = after.Holding, after.Cup, t.session
		}
		at := transfer.At{Seq: t.size(), Day: t.inst.Day}
		if person < 0 {
			s.toAll(n, f.Fact, at)
		}
		t.journal = append(t.journal, entry{f.Fact, at, person})
		switch g := f.Fact.(type) {
		case transfer.Given:
			s.write(n, person, g, at.Seq)
		case transfer.Accepted:
			s.acceptedAt(n, person, g)
		}
	case transfer.Mirror:
		if t.batonIn && !t.late {
			s.mirror(n)
		}
	case transfer.Reveal:
		s.reveal(n, person, f.Out)
	case transfer.Swallow:
		s.swallow(n, person)
	case transfer.Incident:
		s.report.Incidents++
	default:
		panic(fmt.Sprintf("sim: effect %T", f))
	}
}

// toAll folds a fact about the installation into everyone's days there, where it
// is about them as well.
func (s *Sim) toAll(n int32, fact any, at transfer.At) {
	switch fact.(type) {
	case transfer.InstallationRestored, transfer.InstallationAdjudicated:
		for _, m := range s.sites[n].members {
			r := s.relationOf(m, n)
			r.h = s.cfg.Machine.Fold(transfer.State{Inst: s.sites[n].inst, Holding: r.h}, fact, at).Holding
		}
	}
}

// mirror brings the journal to the baton and releases what waited for it.
func (s *Sim) mirror(n int32) {
	t := &s.sites[n]
	t.baton, t.batonOf = t.size(), t.inst.Number
	if len(t.pending) > 0 {
		s.release(n, "baton:k", t.baton)
	}
}

// release tells the machine what a medium has, letter by letter.
func (s *Sim) release(n int32, medium string, size int64) {
	t := &s.sites[n]
	pending := t.pending
	t.pending = nil
	for _, l := range pending {
		s.about(n, s.letters[l].person, transfer.Mirrored{Medium: medium, Size: size})
		if !s.letters[l].visible { // released before a crash or a restore: it lies in the outbox
			if s.about(n, s.letters[l].person, transfer.Show{Letter: s.letters[l].ID}) == "" {
				s.reached(reprintAfterCrash)
			}
		}
		if !s.letters[l].visible && !s.letters[l].void {
			t.pending = append(t.pending, l)
		}
	}
}

// acceptedAt notes that a letter was taken, and takes it out of the pocket.
func (s *Sim) acceptedAt(n, person int32, f transfer.Accepted) {
	s.report.Letters.Accepted++
	for _, l := range s.people[person].letters {
		if s.letters[l].ID == f.Letter {
			s.letters[l].taken = s.tick
		}
	}
}

// write puts a letter into the world; a broken protocol may have shown it before.
func (s *Sim) write(n, person int32, g transfer.Given, seq int64) {
	s.report.Letters.Given++
	p := &s.people[person]
	for i := len(p.letters) - 1; i >= 0; i-- {
		if l := &s.letters[p.letters[i]]; l.ID == g.Letter {
			l.Seq, l.closed = seq, true
			return
		}
	}
	l := letter{person: person, from: n, to: s.siteOf(string(g.To)), closed: true, given: s.tick}
	l.Letter = transfer.Letter{
		ID: g.Letter, Patient: g.Patient, From: s.sites[n].code, Number: g.Number, Seq: seq, To: g.To, First: g.First, Last: g.Last, Why: g.Why,
	}
	if p.last == s.today || p.attested {
		l.LastDay = s.today
	}
	p.letters = append(p.letters, int32(len(s.letters)))
	s.sites[n].pending = append(s.sites[n].pending, int32(len(s.letters)))
	s.letters = append(s.letters, l)
}

// reveal makes a letter visible: in the person's pocket, and on the network.
func (s *Sim) reveal(n, person int32, o transfer.Out) {
	p := &s.people[person]
	at := int32(-1)
	for i := len(p.letters) - 1; i >= 0 && at < 0; i-- {
		if s.letters[p.letters[i]].ID == o.Letter {
			at = p.letters[i]
		}
	}
	for k := len(s.letters) - 1; k >= 0 && at < 0; k-- { // over, and so no longer with the person's
		if s.letters[k].ID == o.Letter {
			at = int32(k)
		}
	}
	if at < 0 { // shown before it was closed: only a broken protocol does that
		s.write(n, person, transfer.Given{Letter: o.Letter, Patient: p.id, To: o.To, First: o.Span.First, Last: o.Span.Last, Why: o.Why}, 1<<40)
		at = int32(len(s.letters) - 1)
		s.letters[at].closed = false
	}
	l := &s.letters[at]
	t := &s.sites[n]
	if !l.visible && (!l.closed || l.Seq >= max(t.baton, t.hub)) {
		s.violate("P3", n, person, "letter seen before its closing was on PC and second medium")
	}
	if l.visible {
		s.report.Letters.Reprinted++
	}
	l.visible = true
	switch {
	case s.strikes(paperLost):
		s.took(paperLost)
	case p.at == n:
		p.papers = append(p.papers, at)
	}
	s.send(n, at)
}

// send puts a letter on the network, which may lose, delay and repeat it.
func (s *Sim) send(n, at int32) {
	if !s.sites[n].online {
		return
	}
	if s.strikes(netLost) {
		s.took(netLost)
		return
	}
	d := delivery{at, s.today}
	if s.strikes(netDelay) {
		s.took(netDelay)
		d.on += day.Day(1 + s.rng.IntN(9))
	}
	to := &s.sites[s.letters[at].to]
	to.inbox = append(to.inbox, d)
	if s.strikes(netTwice) {
		s.took(netTwice)
		to.inbox = append(to.inbox, delivery{at, s.today + day.Day(s.rng.IntN(30))})
	}
}

func (s *Sim) siteOf(code string) int32 {
	n := int32(0)
	for _, c := range code[1:] {
		n = n*10 + (c - '0')
	}
	return n
}

// swallow is a cup by right: the moment everything else is about.
func (s *Sim) swallow(n, person int32) {
	p, t := &s.people[person], &s.sites[n]
	s.report.Doses++
	p.cups++
	p.last = s.today
	p.outside = p.outside || t.misdated
	if p.cups > 1 {
		if p.outside {
			s.report.Doubles++ // two people had the date wrong: beyond the machine, and counted
		} else {
			s.violate("P1", n, person, "two doses on one true day")
		}
	}
	if t.inst.Phase == transfer.Unwitnessed {
		s.reached(unwitnessedDose)
	}
	if n != p.home && !t.misdated {
		s.reached(visitDose)
	}
	s.checkDose(n, person)
}
