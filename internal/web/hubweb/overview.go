package hubweb

import (
	"errors"
	"time"

	"github.com/a-h/templ"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/hub"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/web/pages/programmepage"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
)

const (
	silentAfter = 26 * time.Hour  // a site that syncs daily is heard within this
	skewSaid    = time.Minute     // a smaller difference may be the line's
	skewBad     = 5 * time.Minute // a doubtful time of a dose
)

// ask is the sign-in page.
func ask(v visit, chosen, wrong string) templ.Component {
	g := programmepage.SignIn{Shell: v.bare("hub.sign_in", "/"), Chosen: chosen, Error: wrong, People: persons(v), Form: v.s.hub.NewForm()}
	g.Shell.Flash = ui.Notice{Kind: v.s.sessions.PopString(v.ctx, "flash_kind"), Text: v.s.sessions.PopString(v.ctx, "flash")}
	return programmepage.Ask(g)
}

func askFirst(v visit, f typed.Form) templ.Component {
	return programmepage.AskFirst(programmepage.First{Shell: v.bare("hub.first", "/first"), People: persons(v), Form: f})
}

func persons(v visit) (out []ui.Option) {
	for _, m := range v.s.hub.People() {
		out = append(out, ui.Option{Value: string(m.Person), Label: m.Name})
	}
	return out
}

// forbidden says that none of a person's duties allows what they asked for.
func forbidden(v visit, err error) templ.Component {
	g := programmepage.Forbidden{Shell: v.shell("", "hub.title", "/me")}
	var no *reason.Refusal
	if errors.As(err, &no) {
		g.Said = v.p.Refusal(no)
	}
	return programmepage.ShowForbidden(g)
}

// overview is the first page. A database that is away is said on it: what the
// hub knows without it is shown all the same.
func overview(v visit) (templ.Component, error) {
	g := programmepage.Page{Shell: v.shell("overview", "hub.title", "/"), MayRun: v.may(access.RunProgramme)}
	for _, n := range g.Shell.Nav {
		g.Cases += n.Count
	}
	if err := requests(v, &g); err != nil {
		return nil, err
	}
	all, err := standings(v)
	if err != nil {
		v.s.log.Warn("the hub's tables", "err", err) // the shell says it
		return programmepage.Show(g), nil
	}
	g.Sites = all
	letters, err := v.s.hub.DB().OpenLetters(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range letters {
		g.Letters = append(g.Letters, programmepage.Letter{Letter: string(l.Letter), From: string(l.From), To: string(l.To), First: l.First, Last: l.Last, At: l.GivenAt})
	}
	return programmepage.Show(g), nil
}

func requests(v visit, g *programmepage.Page) error {
	all, err := v.s.hub.Requests(v.ctx)
	if err != nil {
		return err
	}
	var parents []ui.Option
	for _, s := range v.s.hub.Directory().Sites() {
		if s.Role == programme.Main {
			parents = append(parents, ui.Option{Value: string(s.Site), Label: string(s.Site) + " · " + s.Name})
		}
	}
	for _, r := range all {
		x := programmepage.Request{
			ID: r.ID, Code: string(r.From.Site), Name: r.From.Name, At: r.At, Words: r.From.Words(), Parents: parents, Yes: v.form("yes-" + r.ID), No: v.form("no-" + r.ID),
		}
		if r.Rule != nil {
			x.Refused = v.p.Refusal(r.Rule)
		}
		g.Requests = append(g.Requests, x)
	}
	return nil
}

// standings are all sites that joined, with what is known of each.
func standings(v visit) ([]programmepage.Site, error) {
	db := v.s.hub.DB()
	heads, err := db.Heads(v.ctx)
	if err != nil {
		return nil, err
	}
	counts, err := db.Counts(v.ctx)
	if err != nil {
		return nil, err
	}
	restores, err := db.Restores(v.ctx)
	if err != nil {
		return nil, err
	}
	byHead, byCount, owes := map[id.Site]hubdb.Head{}, map[id.Site]hubdb.Count{}, map[id.Site]bool{}
	for _, h := range heads {
		byHead[h.Site] = h
	}
	for _, c := range counts {
		byCount[c.Site] = c
	}
	for _, r := range restores {
		owes[r.Site] = !r.Letters && r.AccountedAt == 0
	}
	var out []programmepage.Site
	for _, s := range v.s.hub.Directory().Sites() {
		h := byHead[s.Site]
		x := programmepage.Site{
			Code: string(s.Site), Name: s.Name, Role: v.p.T("hub.role." + string(s.Role)), Contact: h.ContactAt, Entries: int(h.Size), Signed: int(h.Settled),
			NewestDay: h.NewestDay, Patients: int(byCount[s.Site].Related), Stopped: h.Stopped != "",
		}
		said, ok := v.s.hub.Heard(s.Site)
		x.Clock, x.ClockBad = clock(v, said, ok)
		x.Waits = waits(v, s, h, said, owes[s.Site])
		out = append(out, x)
	}
	return out, nil
}

// waits is what the hub waits for from a site, in words: the answer of people
// first.
func waits(v visit, s programme.Site, h hubdb.Head, said hub.Heard, owes bool) (out []string) {
	add := func(key string, args ...any) { out = append(out, v.p.T(key, args...)) }
	if h.Stopped != "" {
		add("hub.wait.people")
	}
	if owes {
		add("hub.wait.account")
	}
	if said.Number != 0 && said.Number != s.Number {
		add("hub.wait.number", "said", said.Number, "known", s.Number)
	}
	age := v.s.hub.Now() - h.ContactAt
	switch {
	case h.ContactAt == 0:
		add("hub.wait.first")
	case age > day.Instant(silentAfter.Milliseconds()):
		add("hub.wait.silent", "n", int(int64(age)/86_400_000))
	}
	if n := h.Backlog(); n > 0 {
		add("hub.wait.backlog", "n", int(n))
	}
	if n := h.Size - h.Settled; n > 0 {
		add("hub.wait.unsigned", "n", int(n))
	}
	return out
}

// clock is how a site's clock stands, in words.
func clock(v visit, said hub.Heard, ok bool) (text string, bad bool) {
	if !ok || !said.Clock {
		return v.p.T("hub.clock.unknown"), false
	}
	off := time.Duration(said.Skew) * time.Millisecond
	key := "hub.clock.ahead"
	if off < 0 {
		off, key = -off, "hub.clock.behind"
	}
	if off < skewSaid {
		return v.p.T("hub.clock.good"), false
	}
	return v.p.T(key, "n", int(off/time.Minute)), off >= skewBad
}
