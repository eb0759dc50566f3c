package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"tram/internal/access"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/reason"
	"tram/internal/web/pages/fault"
)

// route is one address with the permission it needs. A route without an
// action is not served unless it says that it is open to people who have not
// signed in.
type route struct {
	pattern string        // "POST /window/pour"
	action  access.Action // what it stands for in the access table
	open    bool          // for the sign-in pages only
	quiet   bool          // asked for by the page itself: no sign of a person being there
	upload  int64         // takes a file, in a form of up to so many bytes; 0: takes none
	many    []string      // fields that may come more than once (check boxes)
	handle  func(v *visit) error
}

// routes lists every address of the site; one line for each noun.
func (s *Server) routes() []route {
	return slices.Concat(
		s.signinRoutes(),
		s.windowRoutes(),
		s.eventRoutes(),
		s.moreRoutes(),
	)
}

// entry is what happens around a handler: limits, session and lock,
// permission; then a whole page or a fault page.
func (s *Server) entry(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{s: s, w: w, r: r.WithContext(clinic.At(r.Context(), pcOf(r))), route: rt}
		v.seat = s.seatOf(r)
		v.speak()
		done, err := v.enter()
		if done && err == nil {
			return
		}
		if err == nil {
			err = rt.handle(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// enter reads what was sent and lets the person in; done says that the answer
// was given. What takes a file is read only from who may send one: it is large.
func (v *visit) enter() (done bool, err error) {
	if v.route.upload == 0 {
		if err := v.check(); err != nil {
			return false, err
		}
		return v.admit()
	}
	if done, err := v.admit(); done || err != nil {
		return done, err
	}
	return false, v.check()
}

// pcOf is the address of the PC that asks, without the port: a new window there
// is the same place.
func pcOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// check reads the query and the form within their limits. A parameter that
// comes twice is refused: which one counts is a guess that others make
// differently.
func (v *visit) check() error {
	q, err := url.ParseQuery(v.r.URL.RawQuery)
	if err != nil || !sound(q, v.route.many) {
		return errForm
	}
	if v.r.Method != http.MethodPost {
		return nil
	}
	body, limit := v.r.Body, max(bodyMax, v.route.upload)
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, limit)
	kind, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return errForm
	case kind == "application/x-www-form-urlencoded":
		err = v.r.ParseForm()
	case kind == "multipart/form-data" && v.route.upload > 0:
		err = v.r.ParseMultipartForm(limit) // all of it in memory: it is about people, and a temporary file would lie open on the disk
	default:
		return errForm
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		_, _ = io.CopyN(io.Discard, body, drainMax) // a browser that still sends does not hear why it is refused
		return errLarge
	}
	if err != nil || len(v.r.PostForm) > fieldsMax || !sound(v.r.PostForm, v.route.many) {
		return errForm
	}
	return nil
}

// sound says that each field comes once, unless it may come often, and that
// all is text.
func sound(vals url.Values, many []string) bool {
	for name, list := range vals {
		if len(list) > 1 && !slices.Contains(many, name) {
			return false
		}
		if len(list) > fieldsMax {
			return false
		}
		for _, x := range append(list, name) {
			if !utf8.ValidString(x) || strings.ContainsRune(x, 0) {
				return false
			}
		}
	}
	return true
}

// admit lets the person in, or sends them to sign in or to unlock; done says
// that the answer was given.
func (v *visit) admit() (done bool, err error) {
	if v.route.open {
		return false, nil
	}
	if v.route.action == "" {
		return false, fmt.Errorf("route %s names no action", v.route.pattern)
	}
	now, today := v.s.clinic.Now(), v.s.clinic.Today()
	switch state := v.seat.state(now, today, v.s.idle); state {
	case away:
		return true, v.keepAnd("/signin")
	case shut:
		if v.seat.lock() {
			v.s.clinic.Free(v.seat.actor())
		}
		return true, v.keepAnd("/locked")
	case here:
	}
	v.by = v.seat.actor()
	m, ok := v.s.clinic.Member(v.by.Person)
	if !ok || m.Left {
		v.seat.leave()
		return true, v.seeOther("/signin")
	}
	v.by.Duties, v.name = m.Duties, m.Name
	if !v.asksItself() {
		v.seat.touch(now, v.r.URL.Path)
	}
	return false, access.Allow(v.by, v.route.action, access.InCare)
}

// asksItself says that the page asks, to refresh itself, and no person.
func (v *visit) asksItself() bool { return v.route.quiet || v.r.Header.Get("HX-Request") != "" }

// keepAnd keeps a form that was sent by someone who must first prove who they
// are, and sends them there.
func (v *visit) keepAnd(where string) error {
	if v.asksItself() {
		v.w.WriteHeader(http.StatusUnauthorized) // the page's own question; the person sees the lock already
		return nil
	}
	if v.r.Method == http.MethodPost && v.route.upload == 0 {
		if v.seat == nil {
			var err error
			if v.seat, err = v.s.newSeat(v.r.Context()); err != nil {
				return err
			}
		}
		v.seat.keep(v.r.URL.Path, v.r.PostForm)
	}
	return v.seeOther(where)
}

// fail answers an error: a refusal in words, a missing page, a fault with a
// number. It is the one place where faults are logged.
func (v *visit) fail(err error) {
	g := fault.Page{Back: "/"}
	status := http.StatusInternalServerError
	var no *reason.Refusal
	switch {
	case errors.As(err, &no):
		said := v.p.Refusal(no)
		g.Kind, g.Said, status = fault.Refused, &said, http.StatusUnprocessableEntity
		if strings.HasPrefix(no.Rule, "ACCESS-") {
			status = http.StatusForbidden
			g.Glass = v.glassOf()
		}
	case errors.Is(err, errMissing), errors.Is(err, clinicdb.ErrNotFound):
		g.Kind, status = fault.Missing, http.StatusNotFound
	case errors.Is(err, errForm):
		g.Kind, status = fault.BadForm, http.StatusBadRequest
	case errors.Is(err, errLarge):
		g.Kind, status = fault.TooLarge, http.StatusRequestEntityTooLarge
	default:
		v.s.fault(v.w, v.r, err)
		return
	}
	g.Shell = v.shell(v.p.T("fault."+string(g.Kind)), "")
	if err := v.show(status, fault.Show(g)); err != nil {
		v.s.fault(v.w, v.r, err)
	}
}

// fault answers what our machinery could not do: one calm sentence and a
// number, with the cause in the log under that number.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the browser has gone; nobody reads the answer
	}
	n := s.number()
	s.log.Error("fault", "number", n, "method", r.Method, "route", r.Pattern, "err", err)
	g := fault.Page{Kind: fault.Fault, Number: n, Back: "/"}
	if s.clinic.Broken() != nil {
		g.Kind = fault.Broken
	}
	s.plain(w, r, http.StatusInternalServerError, g)
}

// foreign answers a request that another site's page made.
func (s *Server) foreign(w http.ResponseWriter, r *http.Request) {
	s.plain(w, r, http.StatusForbidden, fault.Page{Kind: fault.Foreign, Back: "/"})
}

// plain shows a fault page outside of a visit.
func (s *Server) plain(w http.ResponseWriter, r *http.Request, status int, g fault.Page) {
	v := &visit{s: s, w: w, r: r}
	v.speak()
	g.Shell = v.shell(v.p.T("fault."+string(g.Kind)), "")
	if err := v.show(status, fault.Show(g)); err != nil {
		http.Error(w, v.p.T("fault.fault"), http.StatusInternalServerError)
	}
}
