package web

import (
	"tram/internal/access"
	"tram/internal/reason"
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
	set, err := a.c.HasPassword(a.ctx(), a.by.Person)
	if err != nil {
		return err
	}
	m, _ := a.c.Member(a.by.Person)
	pg := me.Page{Shell: a.shell("", a.p.T("me.title")), Name: m.Name, Duties: a.v.duties(m), Password: set, PIN: pin, Pass: pass}
	return a.show(status(pin, pass), me.Show(pg))
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
