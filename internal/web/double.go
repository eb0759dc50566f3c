package web

import (
	"time"

	"tram/internal/care/patient"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	page "tram/internal/web/pages/patient"
	"tram/internal/web/pages/register"
	"tram/internal/web/pages/typed"
)

// likely looks for records of the person who is being registered, and keeps
// what was answered for each; what has no answer yet is asked.
func (a *ask) likely(pg *register.Page, f *typed.Form, d patient.Details) ([]patient.Said, error) {
	found, err := a.c.Likely(a.ctx(), a.by, d)
	if err != nil {
		return nil, err
	}
	dir, err := a.c.Directory(a.ctx())
	if err != nil {
		return nil, err
	}
	var said []patient.Said
	for _, c := range found {
		x := register.Likely{ID: c.Other, Code: c.Code, Number: c.Why == patient.ByIdentity}
		if c.Site != "" {
			x.Site = siteName(dir, c.Site)
		}
		pg.Likely = append(pg.Likely, x)
		f.Set(x.Answer(), a.val(x.Answer()))
		f.Set(x.Note(), a.val(x.Note()))
		if a.val(x.Answer()) == "" {
			f.Wrong(x.Answer(), a.p.T("register.likely_first"))
			continue
		}
		if a.val(x.Note()) == "" {
			f.Wrong(x.Note(), a.p.Refusal(reason.Refuse("PATIENT-32")).Do)
		}
		said = append(said, patient.Said{Other: c.Other, Answer: patient.Answer(a.val(x.Answer())), Note: a.val(x.Note())})
	}
	return said, nil
}

// unasked takes away those of one name who are asked about as likely anyway.
func unasked(similar []register.Similar, asked []register.Likely) []register.Similar {
	var out []register.Similar
	for _, s := range similar {
		likely := false
		for _, x := range asked {
			likely = likely || x.ID == s.ID
		}
		if !likely {
			out = append(out, s)
		}
	}
	return out
}

// registered registers the person as answered, or records that they have a
// record already; next is where to go then.
func (a *ask) registered(f typed.Form, d patient.Details, said []patient.Said) error {
	for _, s := range said {
		if s.Answer != patient.OnePerson {
			continue
		}
		known, err := a.c.KnownAlready(a.ctx(), a.by, f.ID, d, s)
		if err != nil {
			return err
		}
		next := "/patients"
		if known.Site == "" {
			next = "/patient/" + string(known.Other)
		}
		return a.done(next, "register.known", "code", known.Code)
	}
	done, err := a.c.RegisterAnswered(a.ctx(), a.by, f.ID, d, said)
	if err != nil {
		return err
	}
	return a.done("/patient/"+string(done.Patient), "register.done_new", "code", done.Code)
}

// listOld is after how long the list of other sites' numbers is called old.
const listOld = 24 * time.Hour

// listNote says what this site cannot know of identity numbers elsewhere.
func (a *ask) listNote() (string, error) {
	l, err := a.c.DigestList(a.ctx())
	switch {
	case err != nil:
		return "", err
	case l.State == clinic.ListWaits:
		return a.p.T("register.list_waits"), nil
	case l.State == clinic.ListPresent && a.c.Now()-l.Contact > day.Instant(listOld.Milliseconds()):
		return a.p.T("register.list_old", "at", l.Contact), nil
	}
	return "", nil
}

// doubles are the second records of a person, with what is to be answered here.
func (a *ask) doubles(v *clinicdb.View, p id.Patient, today day.Day) ([]page.Double, error) {
	all, err := v.DoublesOf(p)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	dir, err := v.Directory()
	if err != nil {
		return nil, err
	}
	var out []page.Double
	for _, d := range all {
		if d.Verdict > 0 && !d.Same || d.Verdict == 0 && !d.Asked {
			continue
		}
		x := page.Double{Other: d.Other, Code: d.Code, Why: d.Why, Here: d.Here}
		if d.Site != "" {
			x.Site = siteName(dir, d.Site)
		}
		for _, said := range d.Answers {
			if said.Verdict == d.Verdict {
				x.Answered = said.Note
			}
		}
		if no := patient.Stop(d.Double, today); no != nil {
			for i, arg := range no.Args {
				if arg.Name == "site" {
					no.Args[i].Value = x.Site
				}
			}
			said := a.p.Refusal(no)
			x.Stop, x.Ask = &said, no.Rule
		}
		out = append(out, x)
	}
	return out, nil
}

func (a *ask) postDouble() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.freshForms()
	f.double = a.typed("other", "dosed", "note")
	_, err = a.c.AnswerDouble(a.ctx(), a.by, f.double.ID, patient.DoubleAnswered{
		Patient: p, Other: id.Patient(a.val("other")), Answer: patient.Answer(a.val("answer")), Dosed: patient.Dosed(a.val("dosed")), Note: a.val("note"),
	})
	if err == nil {
		return a.done("/patient/"+string(p), "double.answered")
	}
	if !a.refused(&f.double, err, "") {
		return err
	}
	return a.showRecord(p, f)
}
