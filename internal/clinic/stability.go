package clinic

import (
	"context"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/stability"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/rulebook"
)

// Steadiness is what is said of one person's treatment on a day, what follows
// from it at this site, and what people answered.
type Steadiness struct {
	Patient  clinicdb.Patient
	Answer   stability.Answer
	Here     bool                       // this site holds the day
	Proposal stability.Proposal         // what is asked of people, Nothing where nothing is
	To       id.Site                    // to whom: of a return the site the person came from, of ToMain the main clinic; "" where people choose
	Asked    bool                       // nobody here has answered, or what the answer stood on has changed
	Own      *clinicdb.StabilityAnswer  // this site's newest answer to the proposal; nil when there is none
	Others   []clinicdb.StabilityAnswer // of other sites to the same proposal
}

// Steady is stability at one moment over all patients of the site.
type Steady struct {
	Day    day.Day
	Role   stability.Role // "" at a site of its own, which proposes nothing
	Limits stability.Limits
	People []Steadiness // in the order of codes: who is dosed here, or may return
}

// Waiting is how many proposals nobody has answered.
func (s Steady) Waiting() (n int) {
	for _, p := range s.People {
		if p.Asked {
			n++
		}
	}
	return n
}

// Kind is how many of those dosed here an answer was given for.
func (s Steady) Kind(k stability.Kind) (n int) {
	for _, p := range s.People {
		if p.Here && p.Answer.Kind == k {
			n++
		}
	}
	return n
}

// Stability composes the lists from a handful of reads, whatever the length of
// the history. It is computed when it is asked for, so that it is never of
// yesterday. The look leaves one trace for all.
func (c *Clinic) Stability(ctx context.Context, by access.Actor) (s Steady, err error) {
	if err := c.looked(ctx, by, access.SeeRecord, "stability"); err != nil {
		return s, err
	}
	return c.viewSteady(ctx)
}

// steadyWait is how many proposals wait on a day, after so many changes.
type steadyWait struct {
	day     day.Day
	changes int64
	n       int
}

// StabilityWaiting is how many proposals nobody has answered, for the pages
// that lead to them. Every page asks, so it is computed once a day, and again
// after facts of this site that can change it and whenever the list is opened;
// what was heard of others counts from then on.
func (c *Clinic) StabilityWaiting(ctx context.Context, by access.Actor) (int, error) {
	if err := access.Allow(c.present(by), access.SeeRecord, access.InCare); err != nil {
		return 0, err
	}
	if w := c.steadyWait.Load(); w != nil && w.day == c.Today() && w.changes == c.steadyChanges.Load() {
		return w.n, nil
	}
	s, err := c.viewSteady(ctx)
	return s.Waiting(), err
}

func (c *Clinic) viewSteady(ctx context.Context) (s Steady, err error) {
	changes := c.steadyChanges.Load() // before the reading, so that a count is never taken for newer than it is
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		s, err = c.steady(v)
		return err
	})
	if err == nil {
		c.steadyWait.Store(&steadyWait{s.Day, changes, s.Waiting()})
	}
	return s, err
}

// steadies says whether a fact can change which proposals wait: not the doses
// of a morning, which are many and change it when their day is closed.
func steadies(v any) bool {
	switch v.(type) {
	case stability.Answered, patient.UrineTested, patient.Left, patient.Returned, dose.Held, dose.Vomited, daybook.Closed, order.Signed, order.Stopped,
		rulebook.Confirmed, transfer.Given, transfer.Accepted:
		return true
	}
	return false
}

// placed is where the people of a site are dosed, and how they came and went.
type placed struct {
	role    stability.Role
	parent  id.Site // main clinic of a satellite
	many    bool
	held    map[id.Patient]bool
	letters map[id.Patient]clinicdb.Moved
	dir     programme.Directory
}

func (c *Clinic) placed(v *clinicdb.View, today day.Day) (pl placed, err error) {
	if pl.many, err = v.Manyfold(); err != nil || !pl.many {
		return pl, err
	}
	if pl.dir, err = v.Directory(); err != nil {
		return pl, err
	}
	if own, ok := pl.dir.Site(c.site.Site); ok {
		pl.role, pl.parent = stability.Role(own.Role), own.Parent
	}
	if pl.held, err = v.HeldOn(today); err != nil {
		return pl, err
	}
	pl.letters, err = v.MovedForGood()
	return pl, err
}

// of is where a person is dosed, and the other site the person came from or
// went to for good; "" where there is none that counts. A visit has its last
// day and needs no proposal to end.
func (pl placed) of(p id.Patient) (w stability.Where, other id.Site) {
	w.Here = !pl.many || pl.held[p]
	m, ok := pl.letters[p]
	s, known := pl.dir.Site(m.Site)
	if !ok || !known {
		return w, ""
	}
	switch {
	case pl.role == stability.Main && w.Here && m.Way == "in" && s.Role == programme.Satellite,
		pl.role == stability.Satellite && !w.Here && m.Way == "out" && s.Role == programme.Main:
		w.Known = true
		return w, m.Site
	}
	return w, ""
}

func (c *Clinic) steady(v *clinicdb.View) (Steady, error) {
	out := Steady{Day: c.Today(), Limits: c.Book().Stability()}
	pl, err := c.placed(v, out.Day)
	if err != nil {
		return out, err
	}
	out.Role = pl.role
	rows, err := v.PatientsInCare()
	if err != nil {
		return out, fmt.Errorf("read the patients: %w", err)
	}
	courses, err := loadCourses(v, "", out.Day, out.Limits)
	if err != nil {
		return out, err
	}
	answers, err := v.StabilityAnswers("")
	if err != nil {
		return out, err
	}
	of := map[id.Patient][]clinicdb.StabilityAnswer{}
	for _, a := range answers {
		of[a.Patient] = append(of[a.Patient], a)
	}
	for _, row := range rows {
		w, _ := pl.of(row.Patient)
		if !w.Here && !w.Known {
			continue
		}
		s, err := c.steadiness(v, pl, row, courses.state(row, out.Day, out.Limits), of[row.Patient], out.Day)
		if err != nil {
			return out, err
		}
		out.People = append(out.People, s)
	}
	return out, nil
}

// steadiness composes what is said of one person.
func (c *Clinic) steadiness(v *clinicdb.View, pl placed, row clinicdb.Patient, state stability.State, answers []clinicdb.StabilityAnswer, today day.Day) (Steadiness, error) {
	lim := c.Book().Stability()
	w, other := pl.of(row.Patient)
	s := Steadiness{Patient: row, Answer: stability.Of(state, today, lim), Here: w.Here, To: other}
	s.Proposal = stability.Propose(pl.role, w, s.Answer.Kind)
	if s.Proposal == stability.ToMain {
		s.To = pl.parent
	}
	var last *stability.Answered
	for i := range answers {
		a := &answers[i]
		switch {
		case a.Proposal != s.Proposal:
		case a.Site == "":
			s.Own, last = a, &a.Answered
		default:
			s.Others = append(s.Others, *a)
		}
	}
	if last != nil && s.Proposal != stability.ToMain && s.Proposal != stability.Nothing {
		var err error
		if state, err = since(v, row, state, last.Day, today, lim); err != nil {
			return s, err
		}
	}
	s.Asked = stability.Asks(s.Proposal, last, state, today, lim)
	return s, nil
}

// since is a state that also knows what happened from the window before a day
// on: what an answer of that day stood on.
func since(v *clinicdb.View, row clinicdb.Patient, s stability.State, from, today day.Day, lim stability.Limits) (stability.State, error) {
	var one course
	err := v.TroubledDays(row.Patient, from-day.Day(lim.WindowDays.Value), today, one.troubled)
	if err == nil {
		err = v.UrineOf(row.Patient, one.tested)
	}
	if err != nil {
		return s, err
	}
	before := from - day.Day(lim.DoseDays.Value)
	if one.orders, err = v.OrdersLately(row.Patient, before); err != nil {
		return s, fmt.Errorf("read orders of %s: %w", row.Patient, err)
	}
	s.Missed, s.Intoxicated, s.Vomited, s.Tests, s.SameSince = one.missed, one.intoxicated, one.vomited, one.tests, one.sameSince(today, before)
	return s, nil
}

// course is what the records say of one person's treatment of late.
type course struct {
	known                        []bool // from the first day of the window to yesterday
	missed, intoxicated, vomited []day.Day
	tests                        []stability.Test
	orders                       []order.Standing
}

func (c *course) troubled(_ id.Patient, d day.Day, what string) {
	switch what {
	case clinicdb.AwayDay:
		c.missed = append(c.missed, d)
	case clinicdb.IntoxicatedDay:
		c.intoxicated = append(c.intoxicated, d)
	case clinicdb.VomitedDay:
		c.vomited = append(c.vomited, d)
	}
}

func (c *course) tested(_ id.Patient, t stability.Test) { c.tests = append(c.tests, t) }

// courses are the courses of one patient or of all, over the days from first.
type courses struct {
	first day.Day // of the days whose outcome was asked for
	same  day.Day // first day of which the order was asked for
	of    map[id.Patient]*course
	told  map[id.Patient]day.Day
}

func (cs *courses) at(p id.Patient) *course {
	c := cs.of[p]
	if c == nil {
		c = &course{}
		cs.of[p] = c
	}
	return c
}

// longBack is how far back the page of one person looks for the day since which
// the treatment is stable.
const longBack = 400

// loadCourses reads what stability is made of: of all patients over the days
// that the limits ask about, of one patient further back.
func loadCourses(v *clinicdb.View, p id.Patient, today day.Day, lim stability.Limits) (*courses, error) {
	window, same := day.Day(max(lim.WindowDays.Value, 1)), day.Day(max(lim.DoseDays.Value, 1))
	if p != "" {
		window, same = window+longBack, same+longBack
	}
	cs := &courses{first: today - window + 1, same: today - same, of: map[id.Patient]*course{}}
	err := v.KnownDays(p, cs.first, today-1, func(p id.Patient, d day.Day) {
		c := cs.at(p)
		if c.known == nil {
			c.known = make([]bool, today-cs.first)
		}
		c.known[d-cs.first] = true
	})
	if err != nil {
		return nil, err
	}
	err = v.TroubledDays(p, cs.first, today, func(p id.Patient, d day.Day, what string) { cs.at(p).troubled(p, d, what) })
	if err != nil {
		return nil, err
	}
	tested := func(p id.Patient, t stability.Test) { cs.at(p).tested(p, t) }
	if p == "" {
		err = v.NewestUrine(today, tested)
	} else {
		err = v.UrineOf(p, tested)
	}
	if err != nil {
		return nil, err
	}
	if cs.told, err = v.ToldFirst(); err != nil {
		return nil, err
	}
	return cs, cs.loadOrders(v, p)
}

func (cs *courses) loadOrders(v *clinicdb.View, p id.Patient) error {
	if p != "" {
		lately, err := v.OrdersLately(p, cs.same)
		cs.at(p).orders = lately
		if err != nil {
			return fmt.Errorf("read orders of %s: %w", p, err)
		}
		return nil
	}
	all, err := v.OrdersAround(cs.same)
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	for p, lately := range all {
		cs.at(p).orders = lately
	}
	return nil
}

// state composes what the stability room needs to know of a person.
func (cs *courses) state(row clinicdb.Patient, today day.Day, lim stability.Limits) stability.State {
	c := cs.at(row.Patient)
	told, byLetter := cs.told[row.Patient]
	first := c.firstDose(row, told, byLetter, today, lim)
	return stability.State{
		FirstDose: first, SameSince: c.sameSince(today, cs.same), WholeFrom: c.wholeFrom(cs.first, first, today),
		Missed: c.missed, Intoxicated: c.intoxicated, Vomited: c.vomited, Tests: c.tests,
	}
}

// wholeFrom is the first of the unbroken days up to yesterday whose outcome is
// known, of those from first on. Before the first dose, where that is known,
// nothing was to be given.
func (c *course) wholeFrom(first, firstDose, today day.Day) day.Day {
	from := today
	for from > first && (c.known != nil && c.known[from-1-first] || from <= firstDose) {
		from--
	}
	return from
}

// firstDose is the first dose of the course as far as it is known. Of someone
// who came by letter, or with an order from a file, the first dose on record
// may not be the first there was: a short course is then not known to be short.
func (c *course) firstDose(row clinicdb.Patient, told day.Day, byLetter bool, today day.Day, lim stability.Limits) day.Day {
	first := row.FirstDose
	if told != day.Never && (first == day.Never || told < first) {
		first = told
	}
	for _, o := range c.orders {
		byLetter = byLetter || o.Imported
	}
	if first == day.Never || byLetter && int(today-first) < lim.InductionDays.Value {
		return day.Never
	}
	return first
}

// sameSince is the first day of the amount that is ordered today, or one on
// which it was ordered as far back as was asked for. A day without an order
// ends it, because nothing is the same then; but where an order from a file or
// from a letter is the oldest on record, nobody here knows what was before it.
func (c *course) sameSince(today, until day.Day) day.Day {
	in, no := order.InForce(c.orders, today)
	if no != nil {
		return day.Never
	}
	since, oldest := today, in
	for since > until {
		before, no := order.InForce(c.orders, since-1)
		if no != nil {
			if since == oldest.First && (oldest.Imported || oldest.WrittenBy == "") && c.oldest(oldest) {
				return day.Never
			}
			return since
		}
		if before.Amount != in.Amount {
			return since
		}
		since, oldest = since-1, before
	}
	return since
}

func (c *course) oldest(o order.Standing) bool {
	for _, x := range c.orders {
		if x.First < o.First {
			return false
		}
	}
	return true
}

// StabilityOf is what is said of one person today, with the first of the
// unbroken days on which the treatment was stable, as far back as is looked;
// Never when it is not. It is for whoever has the record open already.
func (c *Clinic) StabilityOf(v *clinicdb.View, row clinicdb.Patient) (s Steadiness, stableSince day.Day, err error) {
	today, lim := c.Today(), c.Book().Stability()
	pl, err := c.placed(v, today)
	if err != nil {
		return s, day.Never, err
	}
	s, state, err := c.steadinessOf(v, pl, row, today)
	return s, stability.Since(state, today, lim), err
}

func (c *Clinic) steadinessOf(v *clinicdb.View, pl placed, row clinicdb.Patient, today day.Day) (Steadiness, stability.State, error) {
	lim := c.Book().Stability()
	cs, err := loadCourses(v, row.Patient, today, lim)
	if err != nil {
		return Steadiness{}, stability.State{}, err
	}
	answers, err := v.StabilityAnswers(row.Patient)
	if err != nil {
		return Steadiness{}, stability.State{}, err
	}
	state := cs.state(row, today, lim)
	s, err := c.steadiness(v, pl, row, state, answers, today)
	return s, state, err
}

// AnswerStability records a person's answer to a proposal. It moves nobody:
// who agrees writes a letter next, or asks the other site for one.
func (c *Clinic) AnswerStability(ctx context.Context, by access.Actor, form id.Form, cmd stability.Answering) (stability.Answered, error) {
	return do[stability.Answered](ctx, c, &act{by: by, form: form, same: as(func(f stability.Answered) bool {
		return f.Patient == cmd.Patient && f.Proposal == cmd.Shown && f.Agreed == cmd.Agreed && alike(f.Why, cmd.Why)
	}), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.AnswerStability, cmd.Patient)
		if err != nil {
			return nil, err
		}
		pl, err := c.placed(&t.tx.View, t.today)
		if err != nil {
			return nil, err
		}
		s, _, err := c.steadinessOf(&t.tx.View, pl, row, t.today)
		if err != nil {
			return nil, err
		}
		asked := s.Proposal
		if !s.Asked {
			asked = stability.Nothing
		}
		return facts(stability.DecideAnswer(cmd, asked, s.Answer, t.today))
	}})
}
