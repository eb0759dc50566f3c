package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"tram/internal/access"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/ui"
)

// newSessions keeps tokens in memory, hashed: they die with the process, which
// is right for a shared PC.
func newSessions(site string, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Lifetime = sessionFor
	m.HashTokenInStore = true
	m.Cookie.Name = "tram_" + strings.ToLower(site)
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteStrictMode
	m.Cookie.Secure = secure
	m.Cookie.Persist = false
	return m
}

// seatKey is the one thing a session holds: which seat it belongs to. All else
// is in the seat, under its own lock, because a session is read at the start
// of a request and written at its end: a refresh under way could otherwise
// undo a lock.
const seatKey = "seat"

// presence is whether somebody is there.
type presence int

const (
	away presence = iota // nobody signed in, or not today
	shut                 // locked
	here
)

// seat is one browser's place: who works there and what is open on it.
type seat struct {
	mu      sync.Mutex
	person  id.Person
	station id.Station
	day     day.Day     // of the sign-in; another day asks again
	seen    day.Instant // last sign of a person
	path    string      // last page
	locked  bool
	patient id.Patient // being served
	find    string     // searched at the window
	asked   string     // searched among the records
	list    string     // of the queue, that is shown
	notice  ui.Notice
	kept    *kept
}

// kept is a form that was sent by nobody in particular: the screen was locked,
// or the session had ended. It waits for a person to send it again.
type kept struct {
	path   string
	fields url.Values
	by     id.Person // who was signed in; "" if unknown
}

// seats are all seats of the site.
type seats struct {
	mu  sync.Mutex
	all map[string]*seat
}

// seatsMax bounds the seats: each sign-in page that is sent a form makes one.
const seatsMax = 2000

// seat finds the seat of a request, or nil.
func (s *Server) seatOf(r *http.Request) *seat {
	key := s.sessions.GetString(r.Context(), seatKey)
	if key == "" {
		return nil
	}
	s.seats.mu.Lock()
	defer s.seats.mu.Unlock()
	return s.seats.all[key]
}

// newSeat gives the browser a new token and a new seat, which is how a person
// starts; the old token is worth nothing from then on.
func (s *Server) newSeat(ctx context.Context) (*seat, error) {
	old := s.sessions.GetString(ctx, seatKey)
	if err := s.sessions.RenewToken(ctx); err != nil {
		return nil, err
	}
	key, d := string(s.clinic.NewForm()), &seat{}
	s.sessions.Put(ctx, seatKey, key)
	s.seats.mu.Lock()
	defer s.seats.mu.Unlock()
	if s.seats.all == nil {
		s.seats.all = map[string]*seat{}
	}
	delete(s.seats.all, old)
	if len(s.seats.all) >= seatsMax {
		s.sweep()
	}
	s.seats.all[key] = d
	return d, nil
}

// sweep drops seats at which nobody was for a shift, and all at which nobody
// is signed in.
func (s *Server) sweep() {
	now := s.clinic.Now()
	for k, d := range s.seats.all {
		d.mu.Lock()
		if d.person == "" || now-d.seen > day.Instant(sessionFor.Milliseconds()) {
			delete(s.seats.all, k)
		}
		d.mu.Unlock()
	}
}

// idle is how long a page stays open without a sign of a person: short at the
// window with nobody before it, because people pass there.
func (s *Server) idle(path string, open id.Patient) time.Duration {
	if strings.HasPrefix(path, "/window") && open == "" {
		return s.opts.IdleWindow
	}
	return s.opts.IdleElse
}

// idleGrace covers the time between the browser's lock and the server's.
const idleGrace = 20 * time.Second

// state says whether somebody is there. A clock that went back does not lock.
func (d *seat) state(now day.Instant, today day.Day, idle func(string, id.Patient) time.Duration) presence {
	if d == nil {
		return away
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.person == "" || d.day != today:
		return away
	case d.locked || now-d.seen > day.Instant((idle(d.path, d.patient)+idleGrace).Milliseconds()):
		return shut
	}
	return here
}

// start seats a person.
func (d *seat) start(a access.Actor, now day.Instant, today day.Day) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.person, d.station, d.day, d.seen, d.locked, d.path = a.Person, a.Station, today, now, false, ""
}

// actor is who works here; the duties come from the records.
func (d *seat) actor() access.Actor {
	if d == nil {
		return access.Actor{}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return access.Actor{Person: d.person, Station: d.station}
}

// expired says that the sign-in was on another day.
func (d *seat) expired(today day.Day) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.day != today
}

// busy says that there was a sign of a person well within the last seconds.
func (d *seat) busy(now day.Instant, seconds int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.locked && d.person != "" && now-d.seen < day.Instant(seconds)*1000-day.Instant(idleGrace.Milliseconds())
}

// touch notes a sign of a person.
func (d *seat) touch(now day.Instant, path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = now
	if path != "" {
		d.path = path
	}
}

// lock locks; it answers whether it was open.
func (d *seat) lock() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := !d.locked && d.person != ""
	d.locked = d.person != ""
	return was
}

func (d *seat) unlock(now day.Instant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.locked, d.seen = false, now
}

// leave ends the person's place; a kept form stays for its owner.
func (d *seat) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.person, d.locked, d.patient, d.find, d.asked, d.notice = "", false, "", "", "", ui.Notice{}
}

// open is the patient being served here.
func (d *seat) open() id.Patient {
	if d == nil {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.patient
}

// serve opens a patient here, or nobody, and ends a search.
func (d *seat) serve(p id.Patient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.patient, d.find = p, ""
}

// search keeps what was searched.
func (d *seat) search(q string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.find, d.patient = q, ""
}

// look keeps what is looked for among the records; "" is everyone.
func (d *seat) look(q string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = q
}

func (d *seat) looked() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// turn keeps which list of the queue is shown; "" leaves it as it is.
func (d *seat) turn(list string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if list != "" {
		d.list = list
	}
	return d.list
}

func (d *seat) searched() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.find
}

// say keeps a line for the next page, and said takes it.
func (d *seat) say(n ui.Notice) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notice = n
}

func (d *seat) said() ui.Notice {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.notice
	d.notice = ui.Notice{}
	return n
}

// secrets are the fields that are never kept.
var secrets = []string{
	"pin", "second_pin", "password", "code", "again", "new_pin", "new_pin_again", "new_password", "new_password_again",
}

// keep keeps a form for its owner, without its secrets.
func (d *seat) keep(path string, fields url.Values) {
	f := url.Values{}
	for k, v := range fields {
		f[k] = append([]string(nil), v...)
	}
	for _, k := range secrets {
		if f.Has(k) {
			f.Set(k, "")
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = &kept{path: path, fields: f, by: d.person}
}

// take gives the kept form to a person: to its owner, or to whoever signs in
// where the owner is not known.
func (d *seat) take() *kept {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.kept
	d.kept = nil
	if k == nil || (k.by != "" && k.by != d.person) {
		return nil
	}
	return k
}

func (d *seat) keeps() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept != nil
}

// hand moves a kept form from one seat to the next, at sign-in.
func (d *seat) hand(from *seat) {
	if from == nil || from == d {
		return
	}
	from.mu.Lock()
	k := from.kept
	from.kept = nil
	from.mu.Unlock()
	d.mu.Lock()
	d.kept = k
	d.mu.Unlock()
}

func asRefusal(err error) (*reason.Refusal, bool) {
	var no *reason.Refusal
	ok := errors.As(err, &no)
	return no, ok
}

func parseProblem(err error) unit.ParseProblem {
	var p unit.ParseProblem
	if errors.As(err, &p) {
		return p
	}
	if err != nil {
		return unit.NotNumber
	}
	return ""
}
