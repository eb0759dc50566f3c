package web

import (
	"tram/internal/access"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	page "tram/internal/web/pages/staff"
	"tram/internal/web/pages/typed"
)

// codeHours is how long a one-time code is good, as the clinic keeps it.
const codeHours = 24

// staffForms are the forms of the people's page; open names the one that was
// sent: "new", or a person's id.
type staffForms struct {
	enrol, person typed.Form
	open          string
	once          *page.Once
}

func (a *ask) staff() error { return a.showStaff(staffForms{enrol: a.fresh()}) }

func (a *ask) showStaff(f staffForms) error {
	pg := page.Page{
		Shell: a.shell("staff", a.p.T("staff.title")), Can: a.may(access.ManageStaff, access.NoPatient), New: f.enrol, Once: f.once, Open: f.open,
	}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		all, err := v.Staff()
		for _, m := range all {
			x := page.Person{ID: m.Person, Name: m.Name, Duties: m.Duties, Left: m.Left, Self: m.Person == a.by.Person, Form: a.fresh()}
			if f.open == string(m.Person) {
				x.Form = f.person
			}
			pg.People = append(pg.People, x)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := a.proving(&pg.New); err != nil {
		return err
	}
	for i := range pg.People {
		pg.People[i].Form.High = pg.New.High
	}
	return a.show(status(f.enrol, f.person), page.Show(pg))
}

// dutiesOf reads the chosen duties; the care room refuses what does not exist.
func dutiesOf(chosen []string) []duty.Duty {
	var list []duty.Duty
	for _, d := range chosen {
		list = append(list, duty.Duty(d))
	}
	return list
}

// postEnrol adds a person. The answer shows the one-time code itself instead of
// going to another page: it is nowhere else to be shown.
func (a *ask) postEnrol() error {
	f := staffForms{enrol: a.typed("name"), open: "new"}
	chosen := dutiesOf(a.keep(&f.enrol, "duty"))
	done, code, err := a.c.Enrol(a.ctx(), a.by, f.enrol.ID, a.val("name"), chosen, a.val("pin"))
	if err != nil {
		if !a.refused(&f.enrol, err, "pin") {
			return err
		}
		return a.showStaff(f)
	}
	return a.showStaff(staffForms{enrol: a.fresh(), once: &page.Once{Name: done.Name, Code: code, Hours: codeHours}})
}

func (a *ask) postStaff() error {
	s, err := a.pathID()
	if err != nil {
		return err
	}
	f := staffForms{enrol: a.fresh(), person: a.typed("reason"), open: s}
	chosen, p, pin := dutiesOf(a.keep(&f.person, "duty")), id.Person(s), a.val("pin")
	switch a.val("act") {
	case "duties":
		err = a.c.SetDuties(a.ctx(), a.by, f.person.ID, p, chosen, a.val("reason"), pin)
	case "leave":
		err = a.c.Leave(a.ctx(), a.by, f.person.ID, p, a.val("reason"), pin)
	case "reset":
		var code string
		if code, err = a.c.ResetPIN(a.ctx(), a.by, p, pin); err == nil {
			return a.showStaff(staffForms{enrol: a.fresh(), once: &page.Once{Name: a.name(p), Code: code, Hours: codeHours}})
		}
	default:
		return errForm
	}
	if err == nil {
		return a.done("/staff", "staff.done")
	}
	if !a.refused(&f.person, err, "pin") {
		return err
	}
	return a.showStaff(f)
}
