package web

import (
	"net/http"
	"slices"
	"strconv"

	"tram/internal/access"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/web/pages/locked"
	"tram/internal/web/pages/signin"
	"tram/internal/web/ui"
)

func (s *Server) signinRoutes() []route {
	return []route{
		{pattern: "GET /{$}", action: access.ConfirmIdentity, handle: (*visit).home},
		{pattern: "GET /signin", open: true, handle: (*visit).signIn},
		{pattern: "POST /signin", open: true, handle: (*visit).postSignIn},
		{pattern: "POST /signin/pin", open: true, handle: (*visit).postPIN},
		{pattern: "GET /switch", open: true, handle: (*visit).switchUser},
		{pattern: "POST /lock", open: true, handle: (*visit).postLock},
		{pattern: "GET /locked", open: true, handle: (*visit).lockedPage},
		{pattern: "POST /unlock", open: true, handle: (*visit).postUnlock},
		{pattern: "GET /again", action: access.ConfirmIdentity, handle: (*visit).again},
		{pattern: "POST /awake", action: access.ConfirmIdentity, quiet: true, handle: (*visit).awake},
		{pattern: "POST /language", open: true, handle: (*visit).postLanguage},
	}
}

// home is the first page a person may open; who answers for records opened in
// an emergency sees those that wait before anything else.
func (v *visit) home() error {
	waits, err := v.glassWaits()
	if err != nil {
		return err
	}
	if waits {
		return v.seeOther("/glass/waiting")
	}
	if nav := v.nav(); len(nav) > 0 {
		return v.seeOther(nav[0].Href)
	}
	return reason.Refuse("ACCESS-02")
}

// stationCookie remembers which window this browser stands at.
const stationCookie = "tram_station"

// remember keeps a small choice of this browser for a year; it says nothing
// about a person.
func (v *visit) remember(name, value string) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: v.s.opts.Secure, SameSite: http.SameSiteStrictMode,
	})
}

// signIn shows the names, or the PIN field of the chosen one.
func (v *visit) signIn() error {
	return v.showSignIn(http.StatusOK, id.Person(v.query("person")), func(g *signin.Page) { g.NewPIN = v.query("code") != "" })
}

func (v *visit) showSignIn(status int, chosen id.Person, more func(*signin.Page)) error {
	members, err := v.members()
	if err != nil {
		return err
	}
	g := signin.Page{Shell: v.shell(v.p.T("signin.title"), ""), PINs: v.s.opts.PINs, Form: v.newForm(), Station: "1"}
	g.Shell.Path = "/signin"
	if v.seat != nil {
		g.Shell.Flash = v.seat.said()
		if v.seat.keeps() {
			g.Shell.Flash = ui.Notice{Kind: "take", Text: v.p.T("signin.again")}
		}
	}
	for _, m := range members {
		if m.Left {
			continue
		}
		x := signin.Person{Person: m.Person, Name: m.Name, Duties: v.duties(m)}
		g.People = append(g.People, x)
		if m.Person == chosen {
			g.Chosen = &x
		}
	}
	for n := 1; n <= v.s.opts.Stations; n++ {
		g.Stations = append(g.Stations, ui.Option{Value: strconv.Itoa(n), Label: v.p.T("signin.station_n", "n", n)})
	}
	if c, err := v.r.Cookie(stationCookie); err == nil && v.stationOK(c.Value) {
		g.Station = c.Value
	}
	if more != nil {
		more(&g)
	}
	return v.show(status, signin.Show(g))
}

// stationOK says whether n is a place of work of this site.
func (v *visit) stationOK(n string) bool {
	i, err := strconv.Atoi(n)
	return err == nil && i >= 1 && i <= v.s.opts.Stations && strconv.Itoa(i) == n
}

// postSignIn proves a person and seats them with a new token.
func (v *visit) postSignIn() error {
	person, n := id.Person(v.field("person")), v.field("station")
	if !v.stationOK(n) {
		n = "1"
	}
	actor, err := v.s.clinic.SignIn(v.r.Context(), person, v.field("pin"), v.r.PostForm.Get("password"), station(n))
	if err != nil {
		said := v.refusal(err)
		if said == nil {
			return err
		}
		return v.showSignIn(http.StatusUnprocessableEntity, person, func(g *signin.Page) {
			g.Problem, g.Station = said, n
			g.Password = said.Rule == "STAFF-14" || said.Rule == "STAFF-15" || said.Rule == "STAFF-17" || v.r.PostForm.Has("password")
		})
	}
	old := v.seat
	if v.seat, err = v.s.newSeat(v.r.Context()); err != nil {
		return err
	}
	v.seat.hand(old)
	if old != nil {
		v.s.clinic.Free(old.actor())
	}
	v.seat.start(actor, v.s.clinic.Now(), v.today())
	v.remember(stationCookie, n)
	if v.seat.keeps() {
		return v.seeOther("/again")
	}
	return v.seeOther("/")
}

// postPIN sets a new PIN with a one-time code.
func (v *visit) postPIN() error {
	person, pin := id.Person(v.field("person")), v.field("pin")
	again := func(more func(*signin.Page)) error {
		return v.showSignIn(http.StatusUnprocessableEntity, person, func(g *signin.Page) { g.NewPIN = true; more(g) })
	}
	if pin != v.field("again") {
		return again(func(g *signin.Page) { g.PINError = v.p.T("signin.not_same") })
	}
	if v.field("code") == "" {
		return again(func(g *signin.Page) { g.Problem = v.refusal(reason.Refuse("STAFF-16")) })
	}
	if err := v.s.clinic.SetPIN(v.r.Context(), person, "", v.field("code"), pin); err != nil {
		said := v.refusal(err)
		if said == nil {
			return err
		}
		return again(func(g *signin.Page) { g.Problem = said })
	}
	return v.showSignIn(http.StatusOK, person, func(g *signin.Page) {
		g.Shell.Flash = ui.Notice{Kind: "good", Text: v.p.T("signin.pin_is_set")}
	})
}

// switchUser ends the person's place and shows the names. Same-site cookies
// keep other pages from doing it.
func (v *visit) switchUser() error {
	if v.seat != nil {
		v.s.clinic.Free(v.seat.actor())
		v.seat.leave()
	}
	v.w.Header().Set("Clear-Site-Data", `"cache"`)
	return v.seeOther("/signin")
}

// byScript says that our script asks and wants a status, no page.
func (v *visit) byScript() bool { return v.r.Header.Get("Tram-Script") != "" }

// postLock locks the screen and frees the patient for colleagues. A page that
// locks because nobody touched it says how many seconds it waited; when the
// person worked in another page of this browser since, it is told so.
func (v *visit) postLock() error {
	if n, ok := whole(v.field("idle")); ok && v.byScript() && v.seat != nil && v.seat.busy(v.s.clinic.Now(), n) {
		v.w.WriteHeader(http.StatusConflict)
		return nil
	}
	if v.seat != nil && v.seat.lock() {
		v.s.clinic.Free(v.seat.actor())
	}
	if v.byScript() {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.seeOther("/locked")
}

func (v *visit) lockedPage() error { return v.showLocked(http.StatusOK, "/", "") }

func (v *visit) showLocked(status int, back, wrong string) error {
	who := v.seat.actor().Person
	if who == "" {
		return v.seeOther("/signin")
	}
	g := locked.Page{Shell: v.shell(v.p.T("ui.locked"), ""), Person: v.person(who), Back: back, Wrong: wrong, Kept: v.seat.keeps()}
	g.Shell.Path = "/locked"
	return v.show(status, locked.Show(g))
}

// postUnlock opens the screen for the person it was locked for.
func (v *visit) postUnlock() error {
	who := v.seat.actor().Person
	m, known := v.s.clinic.Member(who)
	if who == "" || !known || m.Left || v.seat.expired(v.today()) {
		if v.byScript() {
			v.w.WriteHeader(http.StatusUnauthorized)
			return nil
		}
		return v.seeOther("/signin")
	}
	if err := v.s.clinic.CheckPIN(v.r.Context(), who, v.field("pin")); err != nil {
		said := v.refusal(err)
		switch {
		case said == nil:
			return err
		case v.byScript():
			v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			v.w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = v.w.Write([]byte(said.Text + " " + said.Do)) // the browser went away: nothing to do for it
			return nil
		}
		return v.showLocked(http.StatusUnprocessableEntity, v.back(), said.Text+" "+said.Do)
	}
	v.seat.unlock(v.s.clinic.Now())
	switch {
	case v.byScript():
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	case v.seat.keeps():
		return v.seeOther("/again")
	}
	return v.seeOther(v.back())
}

// again shows the form that was sent while nobody could answer for it. It is
// given out once: what is not sent again is dropped.
func (v *visit) again() error {
	k := v.seat.take()
	if k == nil {
		return v.seeOther("/")
	}
	g := locked.Resume{Shell: v.shell(v.p.T("locked.again"), ""), Action: k.path, Back: "/"}
	for name, list := range k.fields {
		for _, x := range list {
			g.Fields = append(g.Fields, locked.Field{Name: name, Value: x, Secret: slices.Contains(secrets, name)})
		}
	}
	slices.SortFunc(g.Fields, func(a, b locked.Field) int {
		if a.Name != b.Name {
			return v.p.Compare(a.Name, b.Name)
		}
		return v.p.Compare(a.Value, b.Value)
	})
	return v.show(http.StatusOK, locked.Again(g))
}

// awake is the page's word that somebody types or points there.
func (v *visit) awake() error {
	v.seat.touch(v.s.clinic.Now(), "")
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// postLanguage chooses the language of this browser.
func (v *visit) postLanguage() error {
	if lang := v.field("lang"); slices.Contains(v.s.words.Langs(), lang) {
		v.remember(langCookie, lang)
	}
	return v.seeOther(v.back())
}
