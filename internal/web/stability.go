package web

import (
	"context"
	"net/url"
	"slices"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/care/stability"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	page "tram/internal/web/pages/stability"
	"tram/internal/web/pages/typed"
)

func (m *more) stabilityRoutes() []route {
	return []route{
		{pattern: "GET /stability", action: access.SeeRecord, handle: m.ask((*ask).stability)},
		{pattern: "POST /stability/{id}", action: access.AnswerStability, handle: m.ask((*ask).postStability)},
	}
}

func (a *ask) stability() error { return a.showStability("", typed.Form{}) }

// lists are what a role proposes, in the order in which it is looked at.
func lists(r stability.Role) []stability.Proposal {
	switch r {
	case stability.Main:
		return []stability.Proposal{stability.ToSatellite, stability.Return}
	case stability.Satellite:
		return []stability.Proposal{stability.ToMain, stability.Return}
	}
	return nil
}

// showStability shows the lists; f is the form that was sent about a person,
// when something was wrong with it.
func (a *ask) showStability(about id.Patient, f typed.Form) error {
	s, err := a.c.Stability(a.ctx(), a.by)
	if err != nil {
		return err
	}
	dir, err := a.c.Directory(a.ctx())
	if err != nil {
		return err
	}
	slices.SortStableFunc(s.People, func(x, y clinic.Steadiness) int { return a.p.Compare(x.Patient.Details.Name, y.Patient.Details.Name) })
	pg := page.Page{
		Shell: a.shell("stability", a.p.T("stability.title")), Role: s.Role, Unset: notSet(s.Limits),
		Can: a.may(access.AnswerStability, access.InCare), CanSet: a.may(access.ManageRules, access.NoPatient),
	}
	for _, k := range []stability.Kind{stability.Stable, stability.NotStable, stability.CannotSay} {
		pg.Counts = append(pg.Counts, page.Count{Kind: k, N: s.Kind(k)})
	}
	for _, p := range lists(s.Role) {
		pg.Lists = append(pg.Lists, page.List{Proposal: p})
	}
	for _, x := range s.People {
		if x.Here {
			pg.All = append(pg.All, stabilityRow(x))
		}
		if x.Proposal == stability.Nothing {
			continue
		}
		c := a.stabilityCase(dir, x)
		switch {
		case x.Asked:
			if c.Form = a.fresh(); x.Patient.Patient == about {
				c.Form = f
			}
			i := slices.IndexFunc(pg.Lists, func(l page.List) bool { return l.Proposal == x.Proposal })
			pg.Lists[i].Cases = append(pg.Lists[i].Cases, c)
		case c.Own.Agreed:
			pg.Agreed = append(pg.Agreed, c)
		default:
			pg.NotNow = append(pg.NotNow, c)
		}
	}
	return a.show(status(f), page.Show(pg))
}

// notSet are the numbers that nobody set.
func notSet(l stability.Limits) (keys []string) {
	for _, x := range []stability.Limit{l.InductionDays, l.DoseDays, l.WindowDays, l.MissedMax, l.UrineDays} {
		if !x.Known {
			keys = append(keys, x.Key)
		}
	}
	return keys
}

func stabilityRow(x clinic.Steadiness) page.Row {
	r := page.Row{Patient: x.Patient.Patient, Name: x.Patient.Details.Name, Code: x.Patient.Code, Kind: x.Answer.Kind}
	for _, w := range slices.Concat(x.Answer.Against, x.Answer.Missing) {
		if w.Rule != "STAB-10" { // said once for all, above
			r.Reasons = append(r.Reasons, w)
		}
	}
	return r
}

func (a *ask) stabilityCase(dir programme.Directory, x clinic.Steadiness) page.Case {
	c := page.Case{
		Patient: x.Patient.Patient, Name: x.Patient.Details.Name, Code: x.Patient.Code, Here: x.Here, Proposal: x.Proposal, Grounds: x.Answer.Met,
	}
	if x.To != "" {
		c.To = siteName(dir, x.To)
	}
	if x.Proposal == stability.ToMain {
		c.Grounds = x.Answer.Against
	}
	c.Own, c.Others = a.answers(dir, x)
	if x.Here && a.may(access.SendLetter, clinic.Relation(x.Patient)) {
		c.Letter = a.filledLetter(x.Patient.Patient, x.To)
	}
	return c
}

// answers are this site's answer to a proposal and those of others.
func (a *ask) answers(dir programme.Directory, x clinic.Steadiness) (own *page.Said, others []page.Said) {
	said := func(s clinicdb.StabilityAnswer) page.Said {
		out := page.Said{Agreed: s.Agreed, Why: s.Why, On: s.Day}
		if s.Site == "" {
			out.By = a.name(s.By)
		} else {
			out.Site = siteName(dir, s.Site)
		}
		return out
	}
	if x.Own != nil {
		s := said(*x.Own)
		own = &s
	}
	for _, o := range x.Others {
		others = append(others, said(o))
	}
	return own, others
}

// filledLetter is the address of the letter's form with what an agreement says
// of it: for good, from tomorrow on, because today's dose is given here.
func (a *ask) filledLetter(p id.Patient, to id.Site) string {
	q := url.Values{"why": {string(transfer.ForGood)}, "first": {(a.c.Today() + 1).String()}}
	if to != "" {
		q.Set("to", string(to))
	}
	return "/patient/" + string(p) + "/letter?" + q.Encode()
}

// fillLetter fills the letter's form from its address, as far as what stands
// there can be meant. A person reads it before anything is sent.
func (a *ask) fillLetter(f *typed.Form) {
	if why := transfer.Why(a.v.query("why")); slices.Contains([]transfer.Why{transfer.ForGood, transfer.Visit, transfer.Back}, why) {
		f.Set("why", string(why))
	}
	if first, err := day.Parse(a.v.query("first")); err == nil {
		f.Set("first", first.Typed())
	}
	if to := a.v.query("to"); to != "" {
		f.Set("to", to)
	}
}

func (a *ask) postStability() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed("why")
	ask := stability.Answering{Patient: p, Shown: stability.Proposal(a.val("proposal")), Agreed: a.val("answer") == "agree", Why: a.val("why")}
	said, err := a.c.AnswerStability(a.ctx(), a.by, f.ID, ask)
	if err != nil {
		if ref, ok := asRefusal(err); ok && ref.Rule == "STAB-20" { // what is refused stands on the page no more
			a.v.flash("stop", a.p.Refusal(ref).Text)
			return a.v.seeOther("/stability")
		}
		if !a.refused(&f, err, "") {
			return err
		}
		return a.showStability(p, f)
	}
	return a.stabilityAnswered(p, said)
}

// stabilityAnswered goes on where the answer leads: an agreement about someone
// whose days are here to the letter, filled in.
func (a *ask) stabilityAnswered(p id.Patient, said stability.Answered) error {
	if !said.Agreed {
		return a.done("/stability", "stability.done.not_now")
	}
	var x clinic.Steadiness
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		if err == nil {
			x, _, err = a.c.StabilityOf(v, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !x.Here || !a.may(access.SendLetter, access.InCare) {
		return a.done("/stability", "stability.done.agreed_wait")
	}
	return a.done(a.filledLetter(p, x.To), "stability.done.agreed")
}

// stabilityToday is what a record's page shows of the person's stability; nil
// for someone who left.
func (a *ask) stabilityToday(v *clinicdb.View, row clinicdb.Patient) (*page.Today, error) {
	if !row.InCare() {
		return nil, nil
	}
	x, since, err := a.c.StabilityOf(v, row)
	if err != nil {
		return nil, err
	}
	dir, err := v.Directory()
	if err != nil {
		return nil, err
	}
	t := &page.Today{
		Patient: row.Patient, Kind: x.Answer.Kind, Since: since, Against: x.Answer.Against, Missing: x.Answer.Missing, Met: x.Answer.Met, Asked: x.Asked,
	}
	t.Own, t.Others = a.answers(dir, x)
	return t, nil
}

// stabilityWaits is how many proposals wait, for the list of pages. A page that
// could not ask shows none, and the list itself tells the fault.
func (v *visit) stabilityWaits() int {
	n, err := v.s.clinic.StabilityWaiting(context.WithoutCancel(v.r.Context()), v.by)
	if err != nil {
		return 0
	}
	return n
}
