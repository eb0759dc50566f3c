package web

import (
	"tram/internal/access"
	"tram/internal/clinicdb"
	"tram/internal/reason"
	"tram/internal/sitesync/wire"
	"tram/internal/web/pages/me"
	"tram/internal/web/pages/typed"
)

func (m *more) meRoutes() []route {
	return []route{
		{pattern: "GET /me", action: access.ConfirmIdentity, handle: m.ask((*ask).me)},
		{pattern: "POST /me/pin", action: access.ConfirmIdentity, handle: m.ask((*ask).postMyPIN)},
		{pattern: "POST /me/password", action: access.ConfirmIdentity, handle: m.ask((*ask).postMyPassword)},
	}
}

func (a *ask) me() error { return a.showMe(a.fresh(), a.fresh()) }

func (a *ask) showMe(pin, pass typed.Form) error {
	return a.showMine(pin, pass, a.fresh(), status(pin, pass))
}

func (a *ask) showMine(pin, pass, key typed.Form, code int) error {
	set, err := a.c.HasPassword(a.ctx(), a.by.Person)
	if err != nil {
		return err
	}
	m, _ := a.c.Member(a.by.Person)
	pg := me.Page{Shell: a.shell("", a.p.T("me.title")), Name: m.Name, Duties: a.v.duties(m), Password: set, PIN: pin, Pass: pass, Key: key}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error { return a.signs(v, &pg) })
	if err != nil {
		return err
	}
	return a.show(code, me.Show(pg))
}

// signs says how the person stands to signing letters, at a site of several.
func (a *ask) signs(v *clinicdb.View, pg *me.Page) error {
	many, err := v.Manyfold()
	if err != nil || !many || !a.may(access.SendLetter, access.InCare) {
		return err
	}
	dir, err := v.Directory()
	if err != nil {
		return err
	}
	pg.Letters = true
	who, named := dir.Clinician(a.by.Person)
	m, _ := a.c.Member(a.by.Person)
	pg.Made = m.Signs != ""
	if pg.Made {
		pg.KeyWords = wire.WordsOf(m.Signs)
	}
	if named && who.Key == m.Signs && who.Signs(a.c.Today()) {
		pg.Until = who.Until
	}
	return nil
}

func (a *ask) postMyPIN() error {
	f := a.typed()
	if a.val("new_pin") != a.val("new_pin_again") {
		f.Wrong("new_pin_again", a.p.T("signin.not_same"))
		return a.showMe(f, a.fresh())
	}
	err := a.c.SetPIN(a.ctx(), a.by.Person, a.val("pin"), "", a.val("new_pin"))
	return a.mine(err, &f, func() error { return a.showMe(f, a.fresh()) }, "signin.pin_changed")
}

func (a *ask) postMyPassword() error {
	f := a.typed()
	if a.val("new_password") != a.val("new_password_again") {
		f.Wrong("new_password_again", a.p.T("signin.not_same"))
		return a.showMe(a.fresh(), f)
	}
	err := a.c.SetPassword(a.ctx(), a.by.Person, a.val("pin"), a.val("password"), a.val("new_password"))
	return a.mine(err, &f, func() error { return a.showMe(a.fresh(), f) }, "me.password_done")
}

// mine answers a change of one's own secret: done, or what is wrong beside its
// field.
func (a *ask) mine(err error, f *typed.Form, again func() error, done string) error {
	if err == nil {
		return a.done("/me", done)
	}
	field := "pin"
	switch reason.Rule(err) {
	case "STAFF-06", "STAFF-07":
		field = "new_pin"
	case "STAFF-08", "STAFF-09":
		field = "new_password"
	case "STAFF-15":
		field = "password"
	}
	said := a.v.refusal(err)
	if said == nil {
		return err
	}
	f.Wrong(field, said.Text+" "+said.Do)
	return again()
}
