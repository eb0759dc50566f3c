package system

import (
	"fmt"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// day is one true day of everybody.
func (w *world) day() {
	w.today++
	w.clock = 0
	for _, s := range w.sites {
		w.morning(s)
		if s.opened == w.today || s.wrong {
			w.report.SiteDays++
		}
	}
	for n := range w.people {
		w.visit(n)
	}
	for _, s := range w.sites {
		if s.c != nil && !s.sealed {
			w.midday(s)
		}
	}
	for _, s := range w.sites {
		w.evening(s)
	}
	w.exchange()
	w.conserved()
}

// morning opens a site, with whatever is wrong with its clock and its baton.
func (w *world) morning(s *site) {
	if w.calm || s.skew != 0 && w.chance(500) {
		s.skew = 0
	}
	if w.strikes(pcDies) {
		w.restore(s)
	}
	if s.c == nil {
		return
	}
	if forgot := w.strikes(batonForgotten); forgot != !s.plugged {
		s.plug(!forgot)
	}
	if !s.plugged {
		w.took(batonForgotten)
	}
	w.skewClock(s)
	w.follow(s)
	if s.c != nil && s.opened != day.Never {
		w.closeOld(s)
	}
	if s.c != nil && s.opened == day.Never {
		w.openDay(s)
	}
	if s.c != nil && s.opened != day.Never && w.strikes(wordOld) {
		w.ageWord(s)
	}
}

const hour = 3600 * 1000

// skewClock sets a clock wrong before the opening.
func (w *world) skewClock(s *site) {
	switch {
	case w.strikes(clockHours):
		s.skew = int64(1+w.dice.IntN(10)) * hour
		w.took(clockHours)
	case w.strikes(clockDay):
		s.skew = 24 * hour
		if w.chance(500) {
			s.skew = -s.skew
		}
		w.took(clockDay)
	case w.strikes(clockYear):
		s.skew = int64(w.dice.IntN(2)*2-1) * 366 * 24 * hour
		w.took(clockYear)
	}
}

func (w *world) believed(s *site) day.Day { return w.ground.zone.DayOf(w.now(s)) }

// openDay is people naming the date. A clock that says another day is set right
// once the door has refused.
func (w *world) openDay(s *site) {
	s.wrong = false
	shown, says := w.believed(s), w.today
	if off := shown - w.today; off*off == 1 && w.strikes(dateBoth) {
		says, s.wrong = shown, true
		w.took(dateBoth)
	}
	ask := func(on day.Day) error {
		form := s.c.NewForm()
		f := func() error {
			_, err := s.c.OpenDay(w.ctx, s.manager, form, daybook.Open{Day: shown, Typed: on}, s.witness(), clinic.Say{OnlyPC: true})
			return err
		}
		return w.twice(s, "open", f)
	}
	err := ask(says)
	if shown != says {
		if err == nil {
			w.violate("P10", s, "a day was opened on a date that people did not name")
		}
		w.reached(dateRefused)
		if s.skew = 0; s.c == nil {
			return
		}
		shown = w.believed(s)
		err = ask(says)
	}
	if reason.Rule(err) == "INST-09" {
		s.plug(true)
		err = ask(says)
	}
	if err != nil {
		s.wrong = false
		return
	}
	s.opened = says
	if !s.plugged {
		w.reached(unwitnessed)
	}
	if says < s.floor {
		w.violate("P10", s, "a day below one that people had confirmed was opened")
	}
	s.floor = max(s.floor, says)
}

// closeOld closes a day left open.
func (w *world) closeOld(s *site) {
	if err := w.closeDay(s, s.opened); err == nil {
		s.opened = day.Never
	}
}

// closeDay answers what is open, counts and closes.
func (w *world) closeDay(s *site, d day.Day) error {
	c, err := s.c.Closing(w.ctx, d)
	if err != nil {
		return err
	}
	for _, q := range c.Questions {
		form := s.c.NewForm()
		err := w.twice(s, "answer", func() error {
			_, err := s.c.AnswerDose(w.ctx, s.manager, form, dose.Answer{Dose: q.Dose, Outcome: dose.Taken, Note: "seen"}, s.witness())
			return err
		})
		if err != nil {
			return err
		}
	}
	if c, err = s.c.Closing(w.ctx, d); err != nil {
		return err
	}
	var counts []clinic.Count
	for _, b := range c.Bottles {
		counts = append(counts, clinic.Count{Bottle: b.Bottle, Measured: b.Left})
	}
	form := s.c.NewForm()
	return w.twice(s, "close", func() error {
		_, err := s.c.CloseDay(w.ctx, s.manager, form, d, counts, s.witness())
		return err
	})
}

// midday is what befalls a PC while people are at work.
func (w *world) midday(s *site) {
	switch {
	case w.strikes(diskFull):
		w.fill(s)
	case w.strikes(bitFlip):
		w.flip(s)
	}
}

// evening closes, mirrors and keeps a copy.
func (w *world) evening(s *site) {
	if s.c == nil {
		return
	}
	if s.opened != day.Never && !w.strikes(leftOpen) {
		if w.closeDay(s, s.opened) == nil {
			s.opened = day.Never
		}
	} else if s.opened != day.Never {
		w.took(leftOpen)
	}
	if w.chance(800) {
		s.plug(true)
	}
	w.follow(s)
	if w.chance(150) && !s.sealed {
		s.backup = s.disk.Copy()
	}
	w.mix(s, "evening", nil)
}

// visit is a person coming to a window.
func (w *world) visit(n int) {
	p := &w.people[n]
	if w.chance(60) {
		return // stays at home today
	}
	w.travel(n)
	s := w.sites[p.at]
	if w.serve(s, n) && p.at != p.home && !s.wrong {
		w.reached(visitDose)
	}
	if w.strikes(twoSites) {
		w.took(twoSites)
		w.serve(w.sites[(p.at+1+w.dice.IntN(2))%sitesMax], n)
	}
}

// serve pours and watches; it answers whether a cup was handed over.
func (w *world) serve(s *site, n int) bool {
	p := &w.people[n]
	if s.c == nil || s.opened == day.Never {
		return false
	}
	f, form, err := w.pour(s, p.id)
	if rule := reason.Rule(err); rule == "DOSE-06" || rule == "DOSE-07" {
		answer := s.c.NewForm()
		gap := w.twice(s, "gap", func() error {
			_, err := s.c.AnswerGap(w.ctx, s.doctor, answer, clinic.GapAnswer{Patient: p.id, Action: dose.Same, Reason: "seen and well", PIN: doctorPIN})
			return err
		})
		if gap == nil {
			w.reached(gapAnswered)
			f, form, err = w.pour(s, p.id)
		}
	}
	if err != nil {
		return s.c != nil && isRight(err) && w.strikes(onWord) && w.attest(s, p)
	}
	w.swallows(s, p, f)
	if s.c == nil { // it did not open again; that is told already
		return true
	}
	if w.strikes(doubleClick) {
		w.clickAgain(s, p.id, form, f.Dose)
	}
	swallow := s.c.NewForm()
	_ = w.twice(s, "swallow", func() error { // one that fails is asked of people at the closing
		_, err := s.c.Swallow(w.ctx, s.manager, swallow, f.Dose)
		return err
	})
	return true
}

// pour asks for the cup; a form whose answer was lost is sent again.
func (w *world) pour(s *site, p id.Patient) (f dose.Poured, form id.Form, err error) {
	if w.parts.Pouring != nil {
		if err := w.parts.Pouring(s.db, p); err != nil {
			return f, form, err
		}
	}
	form = s.c.NewForm()
	err = w.twice(s, "pour", func() (err error) {
		f, err = s.c.Pour(w.ctx, s.manager, form, dose.Pour{Patient: p, Shown: amount})
		return err
	})
	return f, form, err
}

// clickAgain sends a form a second time: one fact, one answer. P11.
func (w *world) clickAgain(s *site, p id.Patient, form id.Form, first id.Dose) {
	w.took(doubleClick)
	if w.parts.Click != nil {
		form = w.parts.Click(s.c, form)
	}
	before := s.c.Head().Size
	f, err := s.c.Pour(w.ctx, s.manager, form, dose.Pour{Patient: p, Shown: amount})
	if err != nil || f.Dose != first || s.c.Head().Size != before {
		w.violate("P11", s, fmt.Sprintf("a form sent twice: dose %s, then %s, %v; %d entries, then %d", first, f.Dose, err, before, s.c.Head().Size))
	}
}

// swallows is what is true: a cup in a hand. P1, P9, P10.
func (w *world) swallows(s *site, p *person, f dose.Poured) {
	w.report.Doses++
	w.gave[f.Dose] = gift{site: s.n, size: s.acked.Size}
	if p.last == w.today {
		switch {
		case p.wrong || s.wrong:
			w.report.Doubles++
		case p.word:
			w.report.WordDoubles++
		default:
			w.violate("P1", s, fmt.Sprintf("%s has a second dose today, after one at %s", p.id, w.sites[p.where].code))
		}
	}
	if f.Day != s.opened {
		w.violate("P10", s, "a dose on a date that nobody confirmed")
	}
	if s.sealed {
		w.violate("P9", s, "a dose by an installation that may not dose")
	}
	p.last, p.where, p.wrong, p.word = w.today, s.n, s.wrong, false
}

// view reads a site's tables.
func (w *world) view(s *site, fn func(*clinicdb.View) error) {
	if err := s.c.View(w.ctx, fn); err != nil {
		w.violate("P6", s, fmt.Sprintf("cannot be read: %v", err))
	}
}
