package hubweb

import (
	"strings"

	"github.com/a-h/templ"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/sitesync/wire"
	"tram/internal/web/pages/programmepage"
)

// namedFor is how long a clinician is named where nobody says otherwise.
const namedFor = 365

// clinicians is who signs letters, and who made a key and is not named with it.
func clinicians(v visit) (templ.Component, error) {
	g := programmepage.Clinicians{Shell: v.shell("clinicians", "hub.clinicians", "/clinicians"), MayRun: v.may(access.RunProgramme)}
	hands, err := v.s.hub.DB().Hands(v.ctx)
	if err != nil {
		return nil, err
	}
	dir, today := v.s.hub.Directory(), v.s.hub.Today()
	byPerson := map[id.Person]hubdb.Hand{}
	for _, h := range hands {
		byPerson[h.Person] = h
		c, named := dir.Clinician(h.Person)
		if h.Key == "" || h.LeftAt != 0 || named && c.Key == h.Key && c.Signs(today) {
			continue
		}
		if _, joined := dir.Site(h.Site); !joined {
			continue
		}
		x := hand(v, h)
		x.State, x.Until, x.Form = v.p.T("hub.signs_waits"), today+namedFor, v.form("name-"+string(h.Person))
		if named && c.Key != h.Key {
			x.State = v.p.T("hub.signs_new_key")
		}
		g.Asking = append(g.Asking, x)
	}
	for _, c := range dir.Clinicians() {
		x := hand(v, byPerson[c.Person])
		x.Person, x.Site, x.Name, x.Words = string(c.Person), string(c.Site), c.Name, wire.WordsOf(c.Key)
		x.Until, x.From, x.Form = c.Until, c.From, v.form("stop-"+string(c.Person))
		switch {
		case c.From != day.Never:
			x.State = v.p.T("hub.signs_ended", "day", c.From)
		case !c.Signs(today):
			x.State = v.p.T("hub.signs_over", "day", c.Until+1)
		case byPerson[c.Person].LeftAt != 0:
			x.State = v.p.T("hub.signs_left")
		default:
			x.State, x.Good = v.p.T("hub.signs_until", "day", c.Until), true
		}
		g.Named = append(g.Named, x)
	}
	return programmepage.ShowClinicians(g), nil
}

func hand(v visit, h hubdb.Hand) programmepage.Hand {
	return programmepage.Hand{
		Person: string(h.Person), Site: string(h.Site), Name: h.Name, Duties: dutyNames(v, h.Duties), Words: wire.WordsOf(h.Key), KeyAt: h.KeyAt,
	}
}

func dutyNames(v visit, all []duty.Duty) string {
	var names []string
	for _, d := range all {
		if duty.Has(duty.All, d) {
			names = append(names, v.p.T("duty."+string(d)))
		}
	}
	return strings.Join(names, ", ")
}

func name(v visit) (string, error) {
	at := "name-" + v.val("person")
	until, err := day.Parse(v.val("until"))
	if err != nil {
		return at, errAsked{"until", "hub.day_wanted"}
	}
	return at, v.s.hub.NameClinician(v.ctx, v.signed(), id.Site(v.val("site")), id.Person(v.val("person")), until)
}

func endSigning(v visit) (string, error) {
	return "stop-" + v.val("person"), v.s.hub.EndClinician(v.ctx, v.signed(), programme.ClinicianEnded{
		Person: id.Person(v.val("person")), From: v.s.hub.Today(), Why: v.val("why"),
	})
}

// people is those who work at the hub.
func people(v visit) (templ.Component, error) {
	g := programmepage.People{Shell: v.shell("people", "hub.people", "/people"), MayRun: v.may(access.ManageStaff), New: v.form("new")}
	g.Code, g.CodeFor = v.s.sessions.PopString(v.ctx, "code"), v.s.sessions.PopString(v.ctx, "code_for")
	if v.again != nil {
		g.Open = v.again.at
	}
	for _, m := range v.s.hub.People() {
		x := programmepage.Person{ID: string(m.Person), Name: m.Name, Self: m.Person == v.who.Person, Form: v.form(string(m.Person))}
		for _, d := range m.Duties {
			x.Chosen = append(x.Chosen, string(d))
		}
		for _, o := range programmepage.Duties(v.p) {
			if duty.Has(m.Duties, duty.Duty(o.Value)) {
				x.Duties = append(x.Duties, o)
			}
		}
		g.People = append(g.People, x)
	}
	return programmepage.ShowPeople(g), nil
}

// chosen are the duties that were ticked.
func (v visit) chosen() (out []duty.Duty) {
	for _, d := range v.r.PostForm["duty"] {
		out = append(out, duty.Duty(d))
	}
	return out
}

// once shows a code on the next page, and on no other.
func (v visit) once(name, code string) {
	v.s.sessions.Put(v.ctx, "code", code)
	v.s.sessions.Put(v.ctx, "code_for", name)
	v.s.flash(v, "good", "hub.saved")
}

func addPerson(v visit) (string, error) {
	m, code, err := v.s.hub.AddPerson(v.ctx, v.signed(), v.val("name"), v.chosen())
	if err == nil {
		v.once(m.Name, code)
	}
	return "new", err
}

func changePerson(v visit) (string, error) {
	p := id.Person(v.r.PathValue("person"))
	at, h := string(p), v.s.hub
	v.s.flash(v, "good", "hub.saved")
	var err error
	switch v.val("act") {
	case "code":
		var code string
		if code, err = h.NewFirstCode(v.ctx, v.signed(), p); err == nil {
			v.once(h.Called(p), code)
		}
	case "leave":
		err = h.EndPerson(v.ctx, v.signed(), p, v.val("why"))
	default:
		err = h.SetDuties(v.ctx, v.signed(), p, v.chosen(), v.val("why"))
	}
	if err != nil {
		v.s.sessions.Remove(v.ctx, "flash")
	}
	return at, err
}

// me is the page on which a person changes their password.
func me(v visit) (templ.Component, error) {
	g := programmepage.Me{Shell: v.shell("", "hub.password", "/me"), Name: v.who.Name, Duties: dutyNames(v, v.who.Duties), Form: v.form("me")}
	return programmepage.ShowMe(g), nil
}

func changePassword(v visit) (string, error) {
	if v.r.PostFormValue("new") != v.r.PostFormValue("again") {
		return "me", errAsked{"again", "hub.not_same"}
	}
	err := v.s.hub.ChangePassword(v.ctx, v.signed(), v.r.PostFormValue("new"))
	if err == nil {
		v.s.flash(v, "good", "hub.password_done")
	}
	return "me", err
}
