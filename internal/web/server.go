// Package web shows the clinic to people with browsers, and takes what they
// send to it.
//
// A handler has two moves: do (parse, one call of the clinic, redirect) or show
// (read, render). No rule lives here, and every route names the one action of
// the access table that it stands for. What holds for every page is done in one
// place, in this order: headers, same origin, limits, session and lock,
// permission, handler, and a whole page or a fault page, never half of one.
// Nothing is kept in the browser but a random token.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"tram/internal/clinic"
	"tram/internal/id"
	"tram/internal/portrait"
	"tram/internal/sitesync"
	"tram/internal/web/pages/signin"
	"tram/internal/web/static"
	"tram/internal/words"
)

// Limits of what is taken from a browser and for how long; an old PC on a bad
// link is slow, an attacker is slower.
const (
	bodyMax       = 1 << 20            // of a form
	uploadMax     = 20 << 20           // of a file to import
	photoMax      = portrait.UploadMax // of a form with a picture
	drainMax      = 64 << 20           // of what was too much and is read to its end, to be answered
	fieldsMax     = 1000
	headerMax     = 16 << 10
	readHeaderFor = 5 * time.Second
	readFor       = 60 * time.Second
	writeFor      = 60 * time.Second
	idleFor       = 2 * time.Minute
	sessionFor    = 12 * time.Hour // a shift; a new day asks again anyway
)

// Options are what a site's pages are opened with.
type Options struct {
	Clinic     *clinic.Clinic
	Log        *slog.Logger
	Secure     bool          // served over TLS: cookies are marked Secure
	Stations   int           // places of work offered at sign-in; at least 1
	IdleWindow time.Duration // lock at the window with nobody open; 0: 60 s
	IdleElse   time.Duration // lock elsewhere; 0: 5 min
	PINs       []signin.PIN  // demonstration only: the invented people's PINs
	Sites      string        // address of the site picker; "" outside a demonstration
	Sync       Sync          // how the site stands to its hub; nil: it syncs with none
}

// Sync is a site's line to its hub, as the pages need it.
type Sync interface {
	Status() sitesync.Status
	Hurry() // somebody stands at the printer with a letter
}

// Server is the web face of one site.
type Server struct {
	clinic   *clinic.Clinic
	words    *words.Catalog
	log      *slog.Logger
	opts     Options
	sessions *scs.SessionManager
	seats    seats
	mux      *http.ServeMux // every address, by method
	handler  http.Handler
	ending   chan struct{} // closed when the program is told to stop
	end      sync.Once
}

// New prepares the pages of a site.
func New(o Options) (*Server, error) {
	cat, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Stations < 1 {
		o.Stations = 1
	}
	if o.IdleWindow == 0 {
		o.IdleWindow = time.Minute
	}
	if o.IdleElse == 0 {
		o.IdleElse = 5 * time.Minute
	}
	s := &Server{clinic: o.Clinic, words: cat, log: o.Log, opts: o, ending: make(chan struct{})}
	s.sessions = newSessions(string(o.Clinic.Site().Site), o.Secure)
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.fault(w, r, err) }
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.pattern, s.entry(rt))
	}
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.Handle("/", s.entry(route{pattern: "/", open: true, handle: func(*visit) error { return errMissing }}))
	s.mux = mux
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(s.foreign))
	s.handler = s.headers(s.alive(same.Handler(s.sessions.LoadAndSave(mux))))
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// pageOf is the page that a form's address belongs to: the address itself, or
// what stands above it, where that can be looked at. A page shown in answer to
// a form comes back to there after a change of language.
func (s *Server) pageOf(address string) string {
	for ; len(address) > 1; address = path.Dir(address) {
		_, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: address}})
		if strings.HasPrefix(pattern, http.MethodGet+" ") {
			return address
		}
	}
	return "/"
}

// EndStreams ends the streams of events, which would otherwise hold up a program
// that is told to stop; every other answer is still given.
func (s *Server) EndStreams() { s.end.Do(func() { close(s.ending) }) }

// HTTP is a server for a handler of ours with the time limits set.
func HTTP(h http.Handler, log *slog.Logger) *http.Server {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderFor, ReadTimeout: readFor, WriteTimeout: writeFor, IdleTimeout: idleFor,
		MaxHeaderBytes: headerMax, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.Background() },
	}
	if streams, ok := h.(interface{ EndStreams() }); ok {
		srv.RegisterOnShutdown(streams.EndStreams)
	}
	return srv
}

// contentPolicy lets a page load from this server only; pictures may also be
// made in the page (a camera's frame). There is no inline script or style.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"media-src 'self' blob:; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers sets what every answer carries.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=()")
		h.Set("Cache-Control", "no-store") // static files set their own
		if s.opts.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// alive turns a panic into a fault page and a line in the log.
func (s *Server) alive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			x := recover()
			if x == nil {
				return
			}
			if x == http.ErrAbortHandler { //nolint:errorlint // the documented sentinel is compared by identity
				panic(x)
			}
			s.fault(w, r, fmt.Errorf("panic: %v", x))
		}()
		next.ServeHTTP(w, r)
	})
}

// errMissing says that there is no such page.
var errMissing = errors.New("no such page")

// errForm says that the browser sent something that no page of ours sends.
var errForm = errors.New("not a form of ours")

// errLarge says that too much was sent.
var errLarge = errors.New("too large")

// number makes the number a person quotes about a fault.
func (s *Server) number() string {
	f := string(s.clinic.NewForm())
	return "F-" + upper(f[:5])
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
	}
	return string(b)
}

// station is the name of a place of work, as facts hold it.
func station(n string) id.Station { return id.Station("window " + n) }
