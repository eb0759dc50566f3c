package system

import (
	"context"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/letter"
	"tram/internal/reason"
)

// travel moves a person: a letter is asked for, carried, taken, and sent back.
func (w *world) travel(n int) {
	p := &w.people[n]
	if p.visit < 0 {
		if p.at == p.home && w.chance(60) && !w.calm {
			w.sendAway(n)
		}
		return
	}
	l := &w.papers[p.visit]
	switch {
	case l.back:
		if w.carry(n, l) {
			w.reached(earlyBack)
			p.visit, p.at = -1, p.home
		}
	case l.last < w.today:
		p.visit, p.at = -1, p.home
	case !l.taken:
		if l.first <= w.today && w.carry(n, l) {
			p.at = l.to
		}
	case w.strikes(earlyReturn) && l.last > w.today:
		w.sendBack(n)
	}
}

func (w *world) sendAway(n int) {
	p := &w.people[n]
	from, to := w.sites[p.home], (p.home+1+w.dice.IntN(sitesMax-1))%sitesMax
	first := w.today + day.Day(w.dice.IntN(2))
	last := first + day.Day(w.dice.IntN(5))
	w.send(n, from, clinic.Send{Patient: p.id, To: w.sites[to].code, First: first, Last: last, Why: transfer.Visit, PIN: doctorPIN}, to)
}

func (w *world) sendBack(n int) {
	p := &w.people[n]
	w.took(earlyReturn)
	w.send(n, w.sites[p.at], clinic.Send{Patient: p.id, To: w.sites[p.home].code, Why: transfer.Back, PIN: doctorPIN}, p.home)
}

// send asks for a letter, and keeps what was given.
func (w *world) send(n int, s *site, ask clinic.Send, to int) {
	if s.c == nil || s.opened == day.Never {
		return
	}
	if s.plugged && w.strikes(batonPulled) {
		s.plug(false)
		w.took(batonPulled)
	}
	tear := w.armTear(s)
	var g transfer.Given
	form := s.c.NewForm()
	err := w.twice(s, "send", func() (err error) {
		got, err := s.c.SendLetter(w.ctx, s.doctor, form, ask)
		if got.Letter != "" {
			g = got
		}
		return err
	})
	w.endTear(s, tear)
	if g.Letter == "" || reason.Rule(err) != "" || s.c == nil {
		return
	}
	if s.sealed {
		w.violate("P9", s, "a letter by an installation that may not give")
	}
	w.report.Given++
	l := paper{letter: g.Letter, who: n, from: s.n, to: to, first: g.First, last: g.Last, back: ask.Why == transfer.Back, seq: s.c.Head().Size - 1}
	if out, err := w.seqOf(s, g.Letter); err == nil {
		l.seq = out
	}
	w.papers = append(w.papers, l)
	w.people[n].visit = len(w.papers) - 1
	w.show(&w.papers[len(w.papers)-1])
}

// show asks for the letter's paper. P3.
func (w *world) show(l *paper) {
	s := w.sites[l.from]
	if s.c == nil {
		return
	}
	ask := w.parts.Show
	if ask == nil {
		manager := s.manager
		ask = func(ctx context.Context, c *clinic.Clinic, x id.Letter) ([]byte, error) {
			return look(ctx, c, manager, x)
		}
	}
	raw, err := ask(w.ctx, s.c, l.letter)
	if reason.Rule(err) == "TRANSFER-09" {
		w.reached(lateShown)
	}
	if err != nil {
		return
	}
	if w.hub.ever[s.n] <= l.seq && s.stickSize() <= l.seq {
		w.violate("P3", s, fmt.Sprintf("letter %s is seen, entry %d is on no second medium", l.letter, l.seq))
	}
	text := letter.Text(raw)
	if l.text != "" {
		if text != l.text {
			w.violate("P3", s, "a letter shown again is another one")
		}
		w.reached(reprinted)
	}
	l.text = text
}

func look(ctx context.Context, c *clinic.Clinic, by access.Actor, l id.Letter) ([]byte, error) {
	out, err := c.LetterToShow(ctx, by, l)
	return out.Bytes, err
}

// carry brings the paper to a window, with what happens to paper.
func (w *world) carry(n int, l *paper) bool {
	if l.text == "" {
		w.show(l)
	}
	if l.text == "" {
		return false
	}
	if !l.lost && w.strikes(paperLost) {
		w.took(paperLost)
		l.lost = true
		w.show(l)
	}
	to := w.sites[l.to]
	if to.c == nil || to.opened == day.Never {
		return false
	}
	if w.strikes(paperWrongSite) {
		w.wrongSite(l)
	}
	if w.strikes(paperForged) {
		w.forge(to, l)
	}
	if err := w.take(to, l.text, w.people[n].id); err != nil && reason.Rule(err) != "TRANSFER-14" {
		return false
	}
	l.taken = true
	w.report.Taken++
	if w.strikes(paperTwice) {
		w.takeAgain(to, l)
	}
	return true
}

func (w *world) take(s *site, text string, p id.Patient) error {
	form := s.c.NewForm()
	return w.twice(s, "take", func() error {
		_, err := s.c.TakeLetter(w.ctx, s.second, form, text, "")
		return err
	})
}

// takeAgain scans the same paper, or its photocopy, once more.
func (w *world) takeAgain(s *site, l *paper) {
	w.took(paperTwice)
	if s.c == nil {
		return
	}
	before := s.c.Head().Size
	_, err := s.c.TakeLetter(w.ctx, s.second, s.c.NewForm(), l.text, "")
	if err == nil || s.c.Head().Size != before {
		w.violate("P13", s, fmt.Sprintf("a letter counted twice (%v)", err))
		return
	}
	if reason.Rule(err) == "TRANSFER-14" {
		w.reached(secondScan)
	}
}

func (w *world) wrongSite(l *paper) {
	s := w.sites[3-l.from-l.to]
	if s.c == nil || s.opened == day.Never {
		return
	}
	w.took(paperWrongSite)
	before := s.c.Head().Size
	_, err := s.c.TakeLetter(w.ctx, s.second, s.c.NewForm(), l.text, "")
	if err == nil {
		w.violate("P13", s, "a letter to another site was taken")
		return
	}
	if s.c.Head().Size > before+1 {
		w.violate("P13", s, "a letter to another site wrote more than an incident")
	}
	w.reached(wrongSiteRefused)
	s.acked = s.c.Head()
}

// forge changes one byte of a letter.
func (w *world) forge(s *site, l *paper) {
	raw, err := letter.Bytes(l.text)
	if err != nil {
		w.violate("P13", s, fmt.Sprintf("a letter cannot be read back: %v", err))
		return
	}
	w.took(paperForged)
	raw[w.dice.IntN(len(raw))] ^= 1 << w.dice.IntN(8)
	before := s.c.Head().Size
	if _, err := s.c.TakeLetter(w.ctx, s.second, s.c.NewForm(), letter.Text(raw), ""); err == nil {
		w.violate("P13", s, "an altered letter was taken")
		return
	}
	if s.c.Head().Size > before+1 {
		w.violate("P13", s, "an altered letter wrote more than an incident")
	}
	s.acked = s.c.Head()
	w.reached(forgeryNoted)
}
