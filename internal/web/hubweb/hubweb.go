// Package hubweb shows the hub to the programme's people: how the sites stand,
// who asks to join, what waits for an answer, who signs letters, and who works
// here.
//
// A handler does one thing of the hub and redirects, or shows one page. It
// holds no rule, and shows no name of a patient. Whoever is not signed in sees
// the sign-in page and nothing else; a form is taken from this origin only, and
// a second press of one does nothing more.
package hubweb

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/hub"
	"tram/internal/id"
	"tram/internal/web/pages/typed"
	"tram/internal/web/static"
	"tram/internal/web/ui"
	"tram/internal/words"
)

const (
	sessionFor = 12 * time.Hour
	idleFor    = 20 * time.Minute
	bodyMax    = 64 << 10
	formsMost  = 10_000 // sent forms that are remembered
)

// Server is the hub's face.
type Server struct {
	hub      *hub.Hub
	words    *words.Catalog
	log      *slog.Logger
	sessions *scs.SessionManager
	handler  http.Handler

	mu   sync.Mutex
	sent map[id.Form]bool // forms that did something
}

// New prepares the hub's pages; they are served over TLS only.
func New(h *hub.Hub, log *slog.Logger) (*Server, error) {
	cat, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	s := &Server{hub: h, words: cat, log: log, sessions: scs.New(), sent: map[id.Form]bool{}}
	s.sessions.Lifetime, s.sessions.IdleTimeout, s.sessions.HashTokenInStore = sessionFor, idleFor, true
	s.sessions.Cookie.Name, s.sessions.Cookie.Secure, s.sessions.Cookie.SameSite = "tram_hub", true, http.SameSiteStrictMode
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fault(w, err) }
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("POST /signin", s.signIn)
	mux.HandleFunc("GET /first", s.first)
	mux.HandleFunc("POST /first", s.setFirst)
	mux.HandleFunc("POST /lock", s.signOut)
	mux.HandleFunc("POST /language", s.language)
	for _, p := range pages {
		mux.HandleFunc("GET "+p.path, s.show(p))
		for path, do := range p.acts {
			mux.HandleFunc("POST "+path, s.do(p, do))
		}
	}
	s.handler = headers(http.NewCrossOriginProtection().Handler(s.sessions.LoadAndSave(mux)))
	return s, nil
}

// page is one page, what one must be allowed to see it, and the forms on it.
type page struct {
	path   string
	action access.Action
	show   func(v visit) (templ.Component, error)
	acts   map[string]act
}

// pages are all but those of whoever is not signed in.
var pages = []page{
	{"/{$}", access.SeeProgramme, overview, map[string]act{"/approve": approve, "/refuse": refuse}},
	{"/cases", access.SeeProgramme, cases, map[string]act{"/cases/answer": answer, "/cases/pair": pair}},
	{"/sites/{site}", access.SeeProgramme, oneSite, map[string]act{"/sites/{site}/end": end, "/sites/{site}/resume": resume}},
	{"/sites/{site}/patients", access.ListPatients, patients, nil},
	{"/clinicians", access.SeeProgramme, clinicians, map[string]act{"/clinicians/name": name, "/clinicians/end": endSigning}},
	{"/people", access.SeeProgramme, people, map[string]act{"/people": addPerson, "/people/{person}": changePerson}},
	{"/me", access.ConfirmIdentity, me, map[string]act{"/me": changePassword}},
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		next.ServeHTTP(w, r)
	})
}

// visit is one request of someone who is signed in.
type visit struct {
	ctx   context.Context
	s     *Server
	r     *http.Request
	p     *words.Printer
	who   staff.Member
	again *again // the form that was refused, when its page is shown again
}

// again is a form as it was sent and what is wrong with it.
type again struct {
	at   string // which of the page's forms
	form typed.Form
	used bool // the page has that form
}

func (s *Server) visit(r *http.Request) (visit, bool) {
	v := visit{ctx: r.Context(), s: s, r: r}
	lang := s.sessions.GetString(r.Context(), "lang")
	if lang == "" {
		lang = "vi"
	}
	v.p = s.words.For(lang).In(s.hub.Zone())
	var ok bool
	v.who, ok = s.hub.Member(id.Person(s.sessions.GetString(r.Context(), "person")))
	return v, ok
}

func (v visit) may(a access.Action) bool { return v.s.hub.May(v.who.Person, a) == nil }

// form is one of the page's forms: new, or as it was sent.
func (v visit) form(at string) typed.Form {
	if v.again != nil && v.again.at == at {
		f := v.again.form
		v.again.used = true
		f.ID = v.s.hub.NewForm()
		return f
	}
	return typed.Form{ID: v.s.hub.NewForm()}
}

// val is a field of the form that was sent.
func (v visit) val(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }

// signed is who acts, with the password that they typed for it.
func (v visit) signed() hub.Signed {
	return hub.Signed{Person: v.who.Person, Password: v.r.PostFormValue("password")}
}

// bare is the shell of a page for nobody in particular.
func (v visit) bare(title, path string) ui.Shell {
	return ui.Shell{P: v.p, Title: v.p.T(title), Site: v.s.hub.Directory().Programme.Name, Now: v.s.hub.Now(), Langs: v.s.words.Langs(), Path: path}
}

func (v visit) shell(key, title, path string) ui.Shell {
	sh := v.bare(title, path)
	sh.Person, sh.Here, sh.Wide = v.who.Name, key, true
	sh.Flash = ui.Notice{Kind: v.s.sessions.PopString(v.ctx, "flash_kind"), Text: v.s.sessions.PopString(v.ctx, "flash")}
	waiting, err := v.waiting()
	if err == nil {
		err = v.s.hub.Fault()
	}
	if err != nil {
		v.s.log.Warn("the hub's tables", "err", err)
		sh.Broken = append(sh.Broken, v.p.T("hub.away", "detail", err.Error()))
	}
	if !v.may(access.SeeProgramme) {
		return sh
	}
	for _, n := range []ui.Nav{
		{Key: "overview", Href: "/", Icon: "home"},
		{Key: "cases", Href: "/cases", Icon: "alert-triangle", Count: waiting},
		{Key: "clinicians", Href: "/clinicians", Icon: "pen-line"},
		{Key: "people", Href: "/people", Icon: "users"},
	} {
		n.Label = v.p.T("hub.nav." + n.Key)
		sh.Nav = append(sh.Nav, n)
	}
	return sh
}

// waiting is how many cases wait for an answer.
func (v visit) waiting() (int, error) {
	incidents, err := v.s.hub.DB().OpenIncidents(v.ctx)
	if err != nil {
		return 0, err
	}
	pairs, err := v.s.hub.DB().OpenPairs(v.ctx)
	return len(incidents) + len(pairs), err
}

// show makes a page for whoever is signed in, and the sign-in page for others.
func (s *Server) show(p page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.visit(r)
		if !ok {
			s.render(w, r, http.StatusOK, ask(v, "", ""))
			return
		}
		s.page(w, v, p, http.StatusOK)
	}
}

// page shows a page, or says that one may not.
func (s *Server) page(w http.ResponseWriter, v visit, p page, status int) {
	if err := s.hub.May(v.who.Person, p.action); err != nil {
		s.render(w, v.r, http.StatusForbidden, forbidden(v, err))
		return
	}
	c, err := p.show(v)
	if err != nil {
		s.failed(w, v, err)
		return
	}
	s.render(w, v.r, status, c)
}

// render writes a whole page or none.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		s.fault(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.log.Debug("a page that was not read to its end", "err", err)
	}
}

func (s *Server) fault(w http.ResponseWriter, err error) {
	s.log.Error("a page of the hub", "err", err)
	http.Error(w, "The hub could not answer. Nothing was changed. / Máy chủ không trả lời được. Chưa có gì thay đổi.", http.StatusInternalServerError)
}
