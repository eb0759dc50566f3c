package web

import (
	"errors"
	"net/http"
	"slices"

	"tram/internal/access"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/web/pages/glass"
	page "tram/internal/web/pages/journalpage"
)

// looksListed is how many looks at one record are listed.
const looksListed = 200

// papersListed is how many papers made are listed.
const papersListed = 50

// journal shows the journal and, to those who may audit, who looked at a
// record. Asking who looked leaves a trace itself.
func (a *ask) journal() error { return a.showJournal(page.Check{State: page.NotChecked}, "") }

// checkJournal reads the whole journal against itself and its signatures now.
// That it could not be read says nothing about the journal.
func (a *ask) checkJournal() error {
	began := a.c.Now()
	r, newest, err := a.c.VerifyJournal(a.ctx(), a.by)
	done := page.Check{State: page.Good, At: a.c.Now(), Entries: int(r.Entries), Seconds: int((a.c.Now() - began) / 1000)}
	switch {
	case errors.Is(err, journal.ErrBroken):
		done.State, done.Text = page.Broken, err.Error()
	case err != nil:
		done.State = page.Failed
	}
	return a.showJournal(done, newest)
}

func (a *ask) showJournal(check page.Check, newest string) error {
	h := a.c.Head()
	pg := page.Page{
		Shell: a.shell("journal", a.p.T("journal.title")), Size: int(h.Size), SignedAt: h.LastHLC.Instant(), Root: h.Hash.String(),
		CanAudit: a.may(access.SeeAudit, access.NoPatient), Code: a.v.query("code"), Form: a.fresh(), Check: check, Checkpoint: newest,
	}
	if pg.CanAudit {
		if err := a.printed(&pg); err != nil {
			return err
		}
	}
	if pg.CanAudit {
		var err error
		if pg.Opened, err = a.openings(access.SeeAudit, false); err != nil {
			return err
		}
		pg.CanAnswer = a.may(access.ReviewGlass, access.NoPatient) && slices.ContainsFunc(pg.Opened, func(x glass.Opening) bool { return x.Waits })
	}
	if pg.CanAudit && pg.Code != "" {
		if err := a.looks(&pg); err != nil {
			return err
		}
	}
	code := http.StatusOK
	if pg.NotFound {
		code = http.StatusUnprocessableEntity
	}
	return a.show(code, page.Show(pg))
}

// printed lists the papers made, each with who made it.
func (a *ask) printed(pg *page.Page) error {
	return a.c.View(a.ctx(), func(v *clinicdb.View) error {
		all, err := v.Printed(papersListed)
		for _, x := range all {
			pg.Printed = append(pg.Printed, page.Printed{At: x.At, By: a.name(x.By), Paper: x.Paper, About: a.about(v, x.About)})
		}
		return err
	})
}

// about says what a paper was about: a day, a person by code, or the number of
// a sheet.
func (a *ask) about(v *clinicdb.View, s string) string {
	if d, err := day.Parse(s); err == nil {
		return a.p.Day(d)
	}
	if row, err := v.Patient(id.Patient(s)); err == nil {
		return row.Code
	}
	return s
}

func (a *ask) looks(pg *page.Page) error {
	var row clinicdb.Patient
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		row, _, err = v.PatientByCode(pg.Code)
		return err
	})
	if errors.Is(err, clinicdb.ErrNotFound) {
		pg.NotFound = true
		return nil
	}
	if err != nil {
		return err
	}
	if _, err = a.c.See(a.ctx(), a.by, access.SeeAudit, row.Patient, "audit", ""); err != nil {
		return err
	}
	pg.Asked = &page.Person{ID: row.Patient, Name: row.Details.Name, Code: row.Code}
	return a.c.View(a.ctx(), func(v *clinicdb.View) error {
		all, err := v.Looks(row.Patient, looksListed)
		for _, l := range all {
			pg.Looks = append(pg.Looks, page.Look{At: l.At, By: a.name(l.By), Part: l.Part, Why: l.Why, Glass: l.Glass != ""})
		}
		return err
	})
}
