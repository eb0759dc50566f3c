package web

import (
	"net/http"
	"slices"
	"strings"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
	page "tram/internal/web/pages/glass"
	record "tram/internal/web/pages/patient"
	"tram/internal/web/pages/typed"
)

func (m *more) glassRoutes() []route {
	return []route{
		{pattern: "GET /glass", action: access.BreakGlass, handle: m.ask((*ask).findGlass)},
		{pattern: "POST /glass", action: access.BreakGlass, handle: m.ask((*ask).postFindGlass)},
		{pattern: "GET /glass/{id}", action: access.BreakGlass, handle: m.ask((*ask).beforeGlass)},
		{pattern: "POST /glass/{id}", action: access.BreakGlass, handle: m.ask((*ask).postGlass)},
		{pattern: "GET /glass/{id}/record", action: access.BreakGlass, handle: m.ask((*ask).underGlass)},
		{pattern: "GET /glass/waiting", action: access.ReviewGlass, handle: m.ask((*ask).glassesWaiting)},
		{pattern: "POST /glass/waiting/{id}", action: access.ReviewGlass, handle: m.ask((*ask).postReviewGlass)},
	}
}

// How many openings a page shows.
const (
	openedMax  = 20  // of one record
	glassesMax = 100 // on the journal's page
)

func (a *ask) postFindGlass() error {
	a.v.seat.look(a.val("q"))
	return a.v.seeOther("/glass")
}

// findGlass looks for a person whose record is to be opened in an emergency.
// Nobody is listed: who asks knows whom they need.
func (a *ask) findGlass() error {
	pg := page.Find{Shell: a.shell("glass", a.p.T("glass.title")), Form: a.c.NewForm(), Asked: a.v.seat.looked()}
	pg.Short = pg.Asked != "" && letters(pg.Asked) < 2
	if pg.Asked != "" && !pg.Short {
		here, there, err := a.c.FindForGlass(a.ctx(), a.by, pg.Asked)
		if err != nil {
			return err
		}
		a.byName(here)
		a.byName(there)
		for _, x := range here {
			pg.Found = append(pg.Found, a.atGlass(x, clinic.Relation(x)))
		}
		for _, x := range there {
			pg.Found = append(pg.Found, a.atGlass(x, access.Elsewhere))
		}
	}
	return a.show(http.StatusOK, page.Look(pg))
}

func (a *ask) atGlass(x clinicdb.Patient, rel access.Relation) page.Person {
	return page.Person{ID: x.Patient, Name: x.Details.Name, Code: x.Code, Born: x.Details.Birth, Rel: rel, Sees: a.may(access.SeeRecord, rel)}
}

func (a *ask) beforeGlass() error { return a.showGlass(a.fresh()) }

// showGlass asks why a record is to be opened, or goes to it where it is open.
func (a *ask) showGlass(f typed.Form) error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	at, err := a.c.BeforeGlass(a.ctx(), a.by, p)
	if err != nil {
		return err
	}
	if at.Good != nil && !f.Bad() {
		return a.v.seeOther(underGlass(p))
	}
	pg := page.Ask{Shell: a.shell("glass", a.p.T("glass.title")), Person: a.atGlass(at.Person, at.Rel), Form: f}
	if at.Over != nil && !f.Bad() {
		said := a.p.Refusal(at.Over)
		pg.Over = &said
	}
	if err := a.proving(&pg.Form); err != nil {
		return err
	}
	return a.show(status(f), page.Reason(pg))
}

// underGlass is the address of a record that was opened in an emergency.
func underGlass(p id.Patient) string { return "/glass/" + string(p) + "/record" }

func (a *ask) postGlass() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed("reason")
	if _, err = a.c.BreakGlass(a.ctx(), a.by, f.ID, access.Break{Patient: p, Reason: a.val("reason")}, a.v.field("pin")); err == nil {
		return a.v.seeOther(underGlass(p))
	}
	if !a.refused(&f, err, "pin") {
		return err
	}
	return a.showGlass(f)
}

// underGlass shows a record under the actor's own opening: to read, without a
// form. When the hour is over the page that asks says so, and asks again.
func (a *ask) underGlass() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	pg := record.Page{Base: underGlass(p)}
	err = a.c.SeeUnderGlass(a.ctx(), a.by, p, "record", func(v *clinicdb.View, row clinicdb.Patient, g clinic.UnderGlass) error {
		pg.Under = &record.Under{Until: g.Until, Reason: g.Reason, There: g.Rel == access.Elsewhere}
		return a.readRecord(v, row, &pg)
	})
	if strings.HasPrefix(reason.Rule(err), "GLASS-") {
		return a.v.seeOther("/glass/" + string(p))
	}
	if err != nil {
		return err
	}
	pg.Shell = a.shell("glass", pg.Patient.Details.Name)
	return a.show(http.StatusOK, record.Show(pg))
}

// openedOf are the openings of a record, for everyone who opens it.
func (a *ask) openedOf(v *clinicdb.View, dir programme.Directory, p id.Patient) ([]page.Opening, error) {
	all, err := v.Glasses(p, openedMax)
	if err != nil {
		return nil, err
	}
	var out []page.Opening
	for _, g := range all {
		out = append(out, glassLine(dir, g))
	}
	return out, nil
}

func glassLine(dir programme.Directory, g clinicdb.Glass) page.Opening {
	x := page.Opening{ID: g.Glass, From: g.From, Until: g.Until, Who: g.Name, Reason: g.Reason, Waits: !g.Answered()}
	if g.Site != "" {
		x.Site = siteName(dir, g.Site)
	}
	for _, r := range g.Reviews {
		said := page.Answer{Name: r.Name, At: r.At, Found: r.Found, Note: r.Note, Alone: r.Alone}
		if r.Site != "" {
			said.Site = siteName(dir, r.Site)
		}
		x.Answers = append(x.Answers, said)
	}
	return x
}

// openings are the openings of all records: those that wait for an answer, or
// the newest of all.
func (a *ask) openings(action access.Action, waiting bool) ([]page.Opening, error) {
	all, err := a.c.Openings(a.ctx(), a.by, action, waiting, glassesMax)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var dir programme.Directory
	if err := a.c.View(a.ctx(), func(v *clinicdb.View) (err error) { dir, err = v.Directory(); return err }); err != nil {
		return nil, err
	}
	var out []page.Opening
	for _, g := range all {
		x, of := glassLine(dir, g.Glass), a.atGlass(g.Of, access.NoPatient)
		x.Of, x.Own, x.Alone, x.Form = &of, g.Own, g.Alone, a.fresh()
		out = append(out, x)
	}
	return out, nil
}

// glassesWaiting is what a manager sees in the morning, before anything else: the
// records that were opened in an emergency and that nobody has answered for.
func (a *ask) glassesWaiting() error { return a.showWaiting("", typed.Form{}) }

func (a *ask) showWaiting(of id.Glass, f typed.Form) error {
	rows, err := a.openings(access.ReviewGlass, true)
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].ID == of {
			rows[i].Form = f
		}
	}
	pg := page.Waiting{Shell: a.shell("", a.p.T("glass.list")), Rows: rows}
	if len(pg.Shell.Nav) > 0 {
		pg.Next = pg.Shell.Nav[0].Href
	}
	return a.show(status(f), page.List(pg))
}

func (a *ask) postReviewGlass() error {
	g, err := a.pathID()
	if err != nil {
		return err
	}
	f := a.typed("found", "note")
	cmd := access.Review{Glass: id.Glass(g), Found: access.Found(a.val("found")), Note: a.val("note")}
	if _, err = a.c.ReviewGlass(a.ctx(), a.by, f.ID, cmd); err == nil {
		return a.done("/glass/waiting", "glass.reviewed")
	}
	if no, ok := asRefusal(err); ok && (no.Rule == "GLASS-07" || no.Rule == "GLASS-08") {
		return err // the list has no line for it any more
	}
	if !a.refused(&f, err, "") {
		return err
	}
	return a.showWaiting(cmd.Glass, f)
}

// glassOf is where a record is opened in an emergency that was just refused;
// "" where it was no record, or the person may not.
func (v *visit) glassOf() string {
	p := v.r.PathValue("id")
	if v.route.action != access.SeeRecord || v.r.Method != http.MethodGet || !id.Valid(p) || !v.can(access.BreakGlass) {
		return ""
	}
	return "/glass/" + p
}

// glassWaits says whether a record opened in an emergency waits for the answer
// of who is signed in; one's own, which a colleague answers for, does not.
func (v *visit) glassWaits() (bool, error) {
	if !v.can(access.ReviewGlass) {
		return false, nil
	}
	all, err := v.s.clinic.Openings(v.r.Context(), v.by, access.ReviewGlass, true, glassesMax)
	return slices.ContainsFunc(all, func(x clinic.GlassOpening) bool { return !x.Own }), err
}
