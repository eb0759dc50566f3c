package transfer_test

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sim"
)

// bounds is one configuration of the explorer.
type bounds struct {
	sites, days, letters int
	lag                  bool // the journal reaches the baton in a step of its own
	hub                  bool // the hub is a second medium as well
	backups, restores    int
	clone                bool // the old PC of a restored site runs on
	skews                int  // clocks set wrong, or right again
	agreeWrong           bool // two people may agree to set the date back, the right one having been seen
	reassign             bool // the hub may be asked to give site 0's days elsewhere
	calm                 bool // the power never fails within a step
	forge                bool // a thief has site 0's key, and no clinician's
}

var (
	siteNames = []id.Site{"S0", "S1", "S2"}
	limits    = transfer.Limits{StartWithin: 99, VisitMax: 99, Unwitnessed: 3, OpenHours: 20}
)

// base is the calendar day of the explorer's day 1.
const base day.Day = 1000

type entry struct {
	fact any
	at   transfer.At
}

// pc is one PC of a site with what survives it: the journal on its disk, and
// how much of that is on the baton, at the hub and in the newest backup.
type pc struct {
	site             int
	s                transfer.State
	journal          []entry // never changed in place
	baton, hub, back int
	old, sealed      bool
	skew             int
}

type paper struct {
	letter                 transfer.Letter
	from, to               int // from is -1 for the hub
	visible, void, forgery bool
}

type world struct {
	b       *bounds
	m       *sim.Machine
	today   day.Day
	doses   int
	pcs     []pc
	papers  []paper
	hub     transfer.Holding // site 0's days as the hub holds them, once sealed
	sealed  day.Day
	backups int
	births  int
	skewed  int
	broken  string // the first broken promise
	cut     int    // effects to be done in this step before the crash; -1: all
	cutoff  bool   // the crash came
}

func start(b *bounds, m *sim.Machine) *world {
	w := &world{b: b, m: m, today: base, cut: -1}
	for n := range b.sites {
		p := pc{site: n, back: -1}
		if b.backups == 0 {
			p.back = 0 // what the site was founded with
		}
		p.s = first(n)
		w.pcs = append(w.pcs, p)
	}
	return w
}

// first is the state of a site before its journal: site 0 is home.
func first(site int) transfer.State {
	s := transfer.State{Inst: transfer.Installation{Site: siteNames[site], Number: 1, Phase: transfer.Enrolled}, Holding: transfer.Holding{Patient: "a1"}}
	if site == 0 {
		s.Holding = transfer.ApplyRegistered(s.Holding, "a1", base)
	}
	return s
}

func (w *world) clone() *world {
	c := *w
	c.pcs = append([]pc(nil), w.pcs...)
	c.papers = append([]paper(nil), w.papers...)
	return &c
}

func (w *world) believed(n int) day.Day { return w.today + day.Day(w.pcs[n].skew) }

func (w *world) breaks(what string) {
	if w.broken == "" {
		w.broken = what
	}
}

// do gives an event to a PC and carries out the effects in their order; after
// w.cut of them the power fails. It answers whether the machine agreed.
func (w *world) do(n int, e transfer.Event) bool {
	p := &w.pcs[n]
	p.s.Inst.Size = int64(len(p.journal))
	after, effects, no := w.m.Step(p.s, e, limits)
	if !slices.ContainsFunc(effects, appends) {
		p.s = after // nothing of it is for the disk
	}
	for _, f := range effects {
		if w.cut == 0 {
			w.cutoff = true
			p.s, _, _ = w.m.Step(p.s, transfer.Crash{}, limits)
			return false
		}
		w.cut--
		w.effect(n, after, f)
	}
	return no == nil
}

func appends(f transfer.Effect) bool {
	_, ok := f.(transfer.Append)
	return ok
}

func (w *world) effect(n int, after transfer.State, f transfer.Effect) {
	p := &w.pcs[n]
	switch f := f.(type) {
	case transfer.Append:
		p.s = after
		at := transfer.At{Seq: int64(len(p.journal)), Day: w.believed(n)}
		p.journal = append(p.journal[:len(p.journal):len(p.journal)], entry{f.Fact, at})
		if g, ok := f.Fact.(transfer.Given); ok {
			w.write(n, g, at)
		}
	case transfer.Mirror:
		if !w.b.lag {
			w.mirror(n, "baton:k")
		}
	case transfer.Reveal:
		w.reveal(n, f.Out)
	case transfer.Swallow:
		w.doses++
		if w.doses > 1 {
			w.breaks("I1: two doses on one day")
		}
	case transfer.Incident:
	default:
		panic(fmt.Sprintf("effect %T", f))
	}
}

// write puts the letter into the world; a mutant may have shown it already.
func (w *world) write(n int, g transfer.Given, at transfer.At) {
	l := transfer.Letter{
		ID: g.Letter, Patient: g.Patient, From: w.pcs[n].s.Inst.Site, Number: g.Number, Seq: at.Seq, To: g.To, First: g.First, Last: g.Last, Why: g.Why,
	}
	for i := range w.papers {
		if w.papers[i].letter.ID == g.Letter {
			w.papers[i].letter.Seq = at.Seq
			return
		}
	}
	w.papers = append(w.papers, paper{letter: l, from: w.pcs[n].site, to: siteIndex(g.To)})
}

func (w *world) reveal(n int, o transfer.Out) {
	p := &w.pcs[n]
	for i := range w.papers {
		if l := &w.papers[i]; l.letter.ID == o.Letter {
			l.visible = true
			if int(l.letter.Seq) >= max(p.baton, p.hub) {
				w.breaks("I3: a letter was seen that is on one medium only")
			}
			return
		}
	}
	w.papers = append(w.papers, paper{letter: transfer.Letter{
		ID: o.Letter, Patient: "a1", From: p.s.Inst.Site, Number: p.s.Inst.Number, Seq: 1 << 40, To: o.To, First: o.Span.First, Last: o.Span.Last, Why: o.Why,
	}, from: p.site, to: siteIndex(o.To), visible: true})
}

func siteIndex(s id.Site) int {
	for i, n := range siteNames {
		if n == s {
			return i
		}
	}
	return -1
}

// mirror brings the journal to a medium and tells the machine.
func (w *world) mirror(n int, medium string) {
	p := &w.pcs[n]
	if p.old {
		return // its baton is in the new PC
	}
	if medium == "hub" {
		p.hub = len(p.journal)
	} else {
		p.baton = len(p.journal)
	}
	w.do(n, transfer.Mirrored{Medium: medium, Size: int64(len(p.journal))})
}

// open opens a PC if it is not open for the day its clock says. with says
// whether the baton is in it.
func (w *world) open(n int, with bool) bool {
	p := &w.pcs[n]
	today := w.believed(n)
	if p.s.Inst.Phase == transfer.Open && p.s.Inst.Day == today {
		return true
	}
	o := transfer.Opening{Day: today, Confirmed: today == w.today || w.b.agreeWrong && w.openedOn(n, w.today), OnlyPC: !p.old}
	if with {
		h := w.batonHead(p.site)
		o.Baton, o.BatonID = &h, "k"
	}
	p.s.Inst.Size = int64(len(p.journal))
	after, effects, no := w.m.Step(p.s, transfer.Begin{Opening: o}, limits)
	if no == nil && w.openedOn(n, today) {
		effects = nil // the same day again: nothing new for the journal
	}
	p.s = after
	for _, f := range effects {
		w.effect(n, after, f)
	}
	return no == nil
}

// openedOn says whether the journal has the opening of that day already.
func (w *world) openedOn(n int, d day.Day) bool {
	j := w.pcs[n].journal
	for i := len(j) - 1; i >= 0; i-- {
		if f, ok := j[i].fact.(transfer.InstallationOpened); ok {
			return f.Day == d
		}
	}
	return false
}

// batonHead is what the site's baton says: it is with the newest PC's journal.
func (w *world) batonHead(site int) transfer.Head {
	for i := range w.pcs {
		if p := &w.pcs[i]; p.site == site && !p.old {
			return transfer.Head{Site: siteNames[site], Number: p.s.Inst.Number, Size: int64(p.baton)}
		}
	}
	panic("a site without a PC")
}

// fold replays entries over a site's first state.
func (w *world) fold(site int, journal []entry) transfer.State {
	s := first(site)
	for _, e := range journal {
		s = w.m.Fold(s, e.fact, e.at)
	}
	return s
}

// restore brings a site back from its backup, its baton and, if reachable, the
// hub. stated: people say that nothing happened since the baton's last entry.
func (w *world) restore(n int, hubReached, stated bool) {
	p := &w.pcs[n]
	old := *p
	number := func(size int) int { return w.fold(p.site, old.journal[:size]).Inst.Number }
	r := transfer.Restore{
		Today: w.believed(n), Confirmed: p.skew == 0, Backup: transfer.Head{Site: siteNames[p.site], Number: number(old.back), Size: int64(old.back)},
		Baton: &transfer.Head{Site: siteNames[p.site], Number: number(old.baton), Size: int64(old.baton)}, BatonID: "k",
		HubReleases: w.b.hub, NotWithout: stated, Newest: old.s.Inst.Number, Witness: "p2",
	}
	size := max(old.back, old.baton)
	if hubReached {
		r.Hub = &transfer.Head{Site: siteNames[p.site], Number: number(old.hub), Size: int64(old.hub)}
		size = max(size, old.hub)
	}
	p.journal = old.journal[:size:size]
	p.s = w.fold(p.site, p.journal)
	p.s.Inst.Phase = transfer.Recovering
	if !w.do(n, transfer.Rebirth{Restore: r}) {
		w.pcs[n] = old // refused: the restore is given up
		return
	}
	p = &w.pcs[n]
	for i := range w.papers { // what never left the dead disk does not exist
		if l := &w.papers[i]; l.from == p.site && int(l.letter.Seq) >= size {
			l.void = true
		}
	}
	p.hub = min(p.hub, size)
	w.mirror(n, "baton:k")
	w.births++
	if w.b.clone {
		old.old = true // and its baton was pulled out for the new one
		old.s, _, _ = w.m.Step(old.s, transfer.Unplug{}, limits)
		w.pcs = append(w.pcs, old)
	}
}

// seal closes site 0 under two names; its journal goes to the hub.
func (w *world) seal() {
	p := &w.pcs[0]
	p.sealed, p.s.Cup = true, day.Never
	w.sealed = w.today
	w.hub = w.fold(0, p.journal).Holding
}

// reassign asks the hub to give site 0's days from a day on to a site.
func (w *world) reassign(to int, from day.Day) {
	s := transfer.State{Inst: transfer.Installation{Site: transfer.Hub, Number: 1, Phase: transfer.Open, Day: w.today, Floor: w.today}, Holding: w.hub}
	sealed := transfer.Sealed{Site: siteNames[0]}
	if w.sealed != day.Never {
		sealed = transfer.Sealed{Site: siteNames[0], Day: w.sealed, By: "a", Witness: "b", Read: true}
	} else {
		s.Holding = first(0).Holding // all that the hub would be guessing from
	}
	c := transfer.Issue{Letter: w.letterID(), To: siteNames[to], First: from, Why: transfer.ForGood}
	after, effects, _ := w.m.Step(s, transfer.Reassign{Sealed: sealed, Issue: c, Today: w.today}, limits)
	for _, f := range effects {
		if a, ok := f.(transfer.Append); ok {
			g := a.Fact.(transfer.Given)
			w.papers = append(w.papers, paper{letter: transfer.Letter{ID: g.Letter, Patient: "a1", From: transfer.Hub, Number: 1, To: g.To, First: g.First, Last: g.Last, Why: g.Why}, from: -1, to: to, visible: true})
			w.hub = after.Holding
		}
	}
}

func (w *world) letterID() id.Letter { return id.Letter("l" + strconv.Itoa(len(w.papers))) }

// conserved checks I2: for every day from today on, usable holders and letters
// not yet accepted are one at most.
func (w *world) conserved() {
	var all [][]transfer.Span
	for i := range w.pcs {
		if p := &w.pcs[i]; !p.old && !p.sealed {
			all = append(all, transfer.Usable(p.s.Inst, p.s.Holding, w.today))
		}
	}
	for i := range w.papers {
		l := &w.papers[i]
		if l.void || l.forgery || w.taken(l) {
			continue
		}
		s := transfer.Span{First: l.letter.First, Last: l.letter.Last}
		for n := range w.pcs {
			if p := &w.pcs[n]; p.site == l.to && !p.old {
				s.First = max(s.First, p.s.Inst.Fence+1, p.s.Holding.Spent+1)
			}
		}
		all = append(all, []transfer.Span{s})
	}
	for i := range all {
		for k := range i {
			if overlap(all[i], all[k], w.today, w.today+day.Day(w.b.days)) {
				w.breaks("I2: two have one day")
			}
		}
	}
}

// taken says whether the letter's site has accepted it.
func (w *world) taken(l *paper) bool {
	for n := range w.pcs {
		p := &w.pcs[n]
		if p.site != l.to || p.old {
			continue
		}
		if p.sealed {
			return true
		}
		for _, in := range p.s.Holding.In {
			if in.Letter == l.letter.ID {
				return true
			}
		}
	}
	return false
}

func overlap(a, b []transfer.Span, from, to day.Day) bool {
	for _, x := range a {
		for _, y := range b {
			if first, ok := x.Overlap(y, from); ok && first <= to {
				return true
			}
		}
	}
	return false
}

var seedA, seedB = maphash.MakeSeed(), maphash.MakeSeed()

// key tells worlds apart by all that can matter from now on. Where clocks are
// right, days that are over are left out: nobody can dose on them again.
func (w *world) key(buf []byte) ([2]uint64, []byte) {
	clip := day.Never
	if w.b.skews == 0 && !w.b.agreeWrong {
		clip = w.today
	}
	d := func(v day.Day) byte {
		if v < clip || v < base {
			return 0
		}
		return byte(v - base + 1)
	}
	b := append(buf[:0], byte(w.today-base), byte(w.doses), byte(w.backups), byte(w.births), byte(w.skewed), d(w.sealed))
	for i := range w.pcs {
		b = w.pcs[i].key(b, w, d)
	}
	for i := range w.papers {
		l := &w.papers[i]
		flags := byte(0)
		for k, on := range []bool{l.visible, l.void, l.forgery} {
			if on {
				flags |= 1 << k
			}
		}
		b = append(b, byte(l.from+1), byte(l.to), d(max(l.letter.First, clip)), d(l.letter.Last), flags)
		if l.from >= 0 && (w.b.restores > 0 || w.b.lag) {
			p, seq := &w.pcs[l.from], int(l.letter.Seq)
			b = append(b, order(seq, p.baton)<<4|order(seq, p.back)<<2|order(seq, p.hub))
		}
	}
	b = spansKey(b, w.hub.Days, clip, d)
	return [2]uint64{maphash.Bytes(seedA, b), maphash.Bytes(seedB, b)}, b
}

func spansKey(b []byte, spans []transfer.Span, clip day.Day, d func(day.Day) byte) []byte {
	for _, s := range spans {
		if !s.Past(clip) {
			b = append(b, d(max(s.First, clip)), d(s.Last))
		}
	}
	return append(b, 255)
}

func (p *pc) key(b []byte, w *world, d func(day.Day) byte) []byte {
	flags := byte(0)
	for k, on := range []bool{p.old, p.sealed, p.skew < 0, p.skew > 0} {
		if on {
			flags |= 1 << k
		}
	}
	b = stateKey(append(b, flags), p.s, w.b, d)
	if w.b.restores == 0 && !w.b.lag {
		return b
	}
	// What a restore would bring back, instead of the whole journal: media only
	// ever take all of it, so no other piece of it can matter again.
	size := max(p.back, p.baton)
	b = append(b, order(p.baton, len(p.journal)), order(p.back, p.baton), order(p.hub, p.baton), order(p.hub, len(p.journal)), order(p.back, p.hub), byte(min(p.back, 0)))
	if w.b.restores > 0 && size < len(p.journal) {
		b = stateKey(b, w.fold(p.site, p.journal[:size]), w.b, d)
	}
	if size = max(size, p.hub); w.b.hub && w.b.restores > 0 && size < len(p.journal) {
		b = stateKey(b, w.fold(p.site, p.journal[:size]), w.b, d)
	}
	return b
}

func order(a, b int) byte {
	switch {
	case a < b:
		return 1
	case a > b:
		return 3
	}
	return 2
}

func stateKey(b []byte, s transfer.State, o *bounds, d func(day.Day) byte) []byte {
	phase := s.Inst.Phase
	switch phase {
	case transfer.Open, transfer.Enrolled, transfer.NoDate:
		if o.skews == 0 {
			phase = transfer.Enrolled // opened again at need
		}
	}
	b = append(b, phase[0], phase[len(phase)-1], byte(s.Inst.Number), d(s.Inst.Floor), d(s.Inst.Fence), d(s.Holding.Spent))
	if s.Cup != day.Never {
		b = append(b, byte(s.Cup-base+1))
	}
	b = append(b, 254)
	if o.skews > 0 || o.agreeWrong {
		b = append(b, d(s.Inst.Day))
	}
	for _, days := range s.Holding.Days {
		if d(days.Last) > 0 || days.Last == day.Never {
			b = append(b, max(d(days.First), d(s.Inst.Floor)), d(days.Last))
		}
	}
	for _, out := range s.Holding.Out {
		b = append(b, 253, out.Letter[len(out.Letter)-1], order(int(b2i(out.Released)), 0))
	}
	b = append(b, 252)
	for _, in := range s.Holding.In {
		b = append(b, in.Letter[len(in.Letter)-1])
	}
	return append(b, 251)
}

func b2i(v bool) byte {
	if v {
		return 1
	}
	return 0
}
