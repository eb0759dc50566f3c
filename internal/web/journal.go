package web

import (
	"errors"
	"net/http"

	"tram/internal/access"
	"tram/internal/clinicdb"
	page "tram/internal/web/pages/journalpage"
)

// looksListed is how many looks at one record are listed.
const looksListed = 200

// journal shows the journal and, to those who may audit, who looked at a
// record. Asking who looked leaves a trace itself.
func (a *ask) journal() error {
	h := a.c.Head()
	pg := page.Page{
		Shell: a.shell("journal", a.p.T("journal.title")), Size: int(h.Size), SignedAt: h.LastHLC.Instant(), Root: h.Hash.String(),
		CanAudit: a.may(access.SeeAudit, access.NoPatient), Code: a.v.query("code"),
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
			pg.Looks = append(pg.Looks, page.Look{At: l.At, By: a.name(l.By), Part: l.Part, Why: l.Why})
		}
		return err
	})
}
