// Package hubweb shows the hub to the programme's people: how the sites stand,
// who asks to join, and what waits for an answer.
//
// A handler does one thing of the hub and redirects, or shows one page. It
// holds no rule, and shows no name of a patient. Whoever is not signed in sees
// the sign-in page and nothing else; a form is taken from this origin only.
package hubweb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"

	"tram/internal/care/programme"
	"tram/internal/care/staff"
	"tram/internal/duty"
	"tram/internal/hub"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/web/static"
	"tram/internal/web/ui"
	"tram/internal/words"
)

const (
	sessionFor = 12 * time.Hour
	idleFor    = 20 * time.Minute
	bodyMax    = 64 << 10
)

// Server is the hub's face.
type Server struct {
	hub      *hub.Hub
	words    *words.Catalog
	log      *slog.Logger
	sessions *scs.SessionManager
	handler  http.Handler
}

// New prepares the hub's pages; they are served over TLS only.
func New(h *hub.Hub, log *slog.Logger) (*Server, error) {
	cat, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	s := &Server{hub: h, words: cat, log: log, sessions: scs.New()}
	s.sessions.Lifetime, s.sessions.IdleTimeout, s.sessions.HashTokenInStore = sessionFor, idleFor, true
	s.sessions.Cookie.Name, s.sessions.Cookie.Secure, s.sessions.Cookie.SameSite = "tram_hub", true, http.SameSiteStrictMode
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fault(w, err) }
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /{$}", s.show(overview))
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusSeeOther) })
	mux.HandleFunc("POST /signin", s.signIn)
	mux.HandleFunc("POST /lock", s.signOut)
	mux.HandleFunc("POST /language", s.language)
	for path, do := range map[string]act{
		"/approve": approve, "/refuse": refuse, "/pair": pair, "/incident": incident, "/resume": resume,
	} {
		mux.HandleFunc("POST "+path, s.do(do))
	}
	s.handler = headers(http.NewCrossOriginProtection().Handler(s.sessions.LoadAndSave(mux)))
	return s, nil
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
	ctx context.Context
	s   *Server
	r   *http.Request
	p   *words.Printer
	who staff.Member
}

// act is what a form does; its error is shown above the page.
type act func(v visit) error

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

func (v visit) may() bool { return duty.Has(v.who.Duties, duty.Manager) }

func (v visit) shell(title string) ui.Shell {
	return ui.Shell{
		P: v.p, Title: v.p.T(title), Site: v.s.hub.Directory().Programme.Name, Now: v.s.hub.Now(), Person: v.who.Name, Langs: v.s.words.Langs(), Path: "/", Wide: true,
		Flash: ui.Notice{Kind: v.s.sessions.PopString(v.ctx, "flash_kind"), Text: v.s.sessions.PopString(v.ctx, "flash")},
	}
}

// show makes a page for whoever is signed in, and the sign-in page for others.
func (s *Server) show(page func(v visit) (templ.Component, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.visit(r)
		if !ok {
			s.render(w, r, http.StatusOK, ask(v, "", ""))
			return
		}
		c, err := page(v)
		if err != nil {
			s.fault(w, err)
			return
		}
		s.render(w, r, http.StatusOK, c)
	}
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

// do runs a form's act and shows the page again with what came of it.
func (s *Server) do(a act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.visit(r)
		if ok && v.may() {
			kind, text := "good", v.p.T("hub.done")
			err := a(v)
			var no *reason.Refusal
			switch {
			case errors.As(err, &no):
				said := v.p.Refusal(no)
				kind, text = "stop", said.Text+" "+said.Do+" ("+said.Rule+")"
			case errors.Is(err, hub.ErrNoRequest):
				kind, text = "take", v.p.T("hub.gone")
			case err != nil:
				s.fault(w, err)
				return
			}
			s.sessions.Put(r.Context(), "flash_kind", kind)
			s.sessions.Put(r.Context(), "flash", text)
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	v, _ := s.visit(r)
	person := id.Person(r.PostFormValue("person"))
	m, err := s.hub.SignIn(r.Context(), person, r.PostFormValue("password"))
	if errors.Is(err, hub.ErrPassword) {
		s.render(w, r, http.StatusUnprocessableEntity, ask(v, string(person), v.p.T("hub.wrong")))
		return
	}
	if err == nil {
		err = s.sessions.RenewToken(r.Context())
	}
	if err != nil {
		s.fault(w, err)
		return
	}
	s.sessions.Put(r.Context(), "person", string(m.Person))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.fault(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) language(w http.ResponseWriter, r *http.Request) {
	for _, l := range s.words.Langs() {
		if l == r.PostFormValue("lang") {
			s.sessions.Put(r.Context(), "lang", l)
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func approve(v visit) error {
	f := v.r.PostFormValue
	return v.s.hub.Approve(v.ctx, v.who.Person, f("request"), programme.Role(f("role")), id.Site(f("parent")))
}

func refuse(v visit) error {
	return v.s.hub.Refuse(v.who.Person, v.r.PostFormValue("request"), v.r.PostFormValue("why"))
}

func pair(v visit) error {
	f := v.r.PostFormValue
	return v.s.hub.AnswerPair(v.ctx, v.who.Person, programme.PairAnswered{
		One: id.Patient(f("one")), Two: id.Patient(f("two")), Same: f("same") == "yes", Why: f("why"),
	})
}

func incident(v visit) error {
	f := v.r.PostFormValue
	return v.s.hub.AnswerIncident(v.ctx, v.who.Person, programme.IncidentAnswered{Incident: f("incident"), Answer: f("answer")})
}

func resume(v visit) error { return v.s.hub.DB().Resume(v.ctx, id.Site(v.r.PostFormValue("site"))) }
