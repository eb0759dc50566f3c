package clinic

import (
	"context"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// dayTriesMax is how many wrong PINs of one person a clinic day bears, forgiven
// or not: right PINs in between must not give a patient guesser a thousand
// tries a year.
const dayTriesMax = 3 * staff.TriesMax

// passwordTriesMax is how many wrong tries in all lock a person out for good:
// the last five of them are for the password, which wrong PINs call for.
const passwordTriesMax = 2 * staff.TriesMax

// placeKey carries where a secret is typed.
type placeKey struct{}

// At notes where the secrets of a command are typed: the address of the PC. A
// right PIN forgives the wrong ones typed at the same place and no others, or
// a person at work would forgive, unknowing, who guesses elsewhere.
func At(ctx context.Context, place string) context.Context {
	return context.WithValue(ctx, placeKey{}, place)
}

func placeOf(ctx context.Context) string {
	s, _ := ctx.Value(placeKey{}).(string)
	return s
}

// guard serialises the checks of one person's secrets, so that five tries at
// once are five tries, and remembers where the wrong ones were typed.
type guard struct {
	mu    sync.Mutex
	locks map[id.Person]*sync.Mutex
	wrong map[id.Person]*mistakes
}

// mistakes are one person's wrong tries of a day.
type mistakes struct {
	day day.Day
	all int            // forgiven or not
	at  map[string]int // not forgiven, by place
}

func (g *guard) lock(p id.Person) func() {
	g.mu.Lock()
	if g.locks == nil {
		g.locks, g.wrong = map[id.Person]*sync.Mutex{}, map[id.Person]*mistakes{}
	}
	l := g.locks[p]
	if l == nil {
		l = &sync.Mutex{}
		g.locks[p] = l
	}
	g.mu.Unlock()
	l.Lock()
	return l.Unlock
}

// note remembers a wrong try and answers how many the day has seen.
func (g *guard) note(p id.Person, place string, today day.Day) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.wrong[p]
	if m == nil || m.day != today {
		m = &mistakes{day: today, at: map[string]int{}}
		g.wrong[p] = m
	}
	m.all++
	m.at[place]++
	return m.all
}

// left is how many of the tries still count after a right PIN at a place: those
// typed elsewhere today. Tries of an earlier day, and of before the program was
// started, are forgiven.
func (g *guard) left(p id.Person, place string, today day.Day, tries int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.wrong[p]
	if m == nil || m.day != today {
		return 0
	}
	delete(m.at, place)
	n := 0
	for _, k := range m.at {
		n += k
	}
	return min(n, tries)
}

// forget forgives everything: the person proved more than a PIN.
func (g *guard) forget(p id.Person) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.wrong, p)
}

// CheckPIN proves a PIN. STAFF-10: wrong; STAFF-11: too many wrong ones, the
// person is locked out until another person resets the PIN; STAFF-12: no PIN
// was ever set; STAFF-17: too many wrong ones, and the password is needed.
func (c *Clinic) CheckPIN(ctx context.Context, p id.Person, pin string) error {
	defer c.guard.lock(p)()
	s, err := c.provePIN(ctx, p, pin)
	if err != nil || s.Tries == 0 {
		return err
	}
	left := c.guard.left(p, placeOf(ctx), c.Today(), s.Tries)
	if left == s.Tries {
		return nil
	}
	s.Tries = left
	return c.keep(ctx, p, s)
}

// provePIN is CheckPIN for who holds the person's guard and may have more to
// prove: the wrong tries before it are not forgiven yet.
func (c *Clinic) provePIN(ctx context.Context, p id.Person, pin string) (clinicdb.Secrets, error) {
	s, err := c.secrets(ctx, p)
	switch {
	case err != nil:
		return s, err
	case s.Tries >= staff.TriesMax:
		return s, lockedOut(s)
	}
	return s, c.comparePIN(ctx, p, s, pin)
}

func (c *Clinic) comparePIN(ctx context.Context, p id.Person, s clinicdb.Secrets, pin string) error {
	switch {
	case s.PIN == "":
		return reason.Refuse("STAFF-12")
	case secretOK(s.PIN, pin):
		return nil
	}
	most := staff.TriesMax
	if s.Tries >= most {
		most = passwordTriesMax
	}
	return c.wrong(ctx, p, s, reason.Refuse("STAFF-10", "left", most-s.Tries-1))
}

// comparePassword proves a password. STAFF-15: wrong, and counted with the PINs.
func (c *Clinic) comparePassword(ctx context.Context, p id.Person, s clinicdb.Secrets, password string) error {
	switch {
	case s.Tries >= passwordTriesMax:
		return lockedOut(s)
	case secretOK(s.Password, onePassword(password)):
		return nil
	}
	return c.wrong(ctx, p, s, reason.Refuse("STAFF-15"))
}

// onePassword is a password as every keyboard types it: letters with marks come
// in two forms, and blanks at the ends are seen by nobody.
func onePassword(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// lockedOut is the refusal of who made too many tries: the password where there
// is one, another person where there is none or it was guessed at as well.
func lockedOut(s clinicdb.Secrets) error {
	if s.Password != "" && s.Tries < passwordTriesMax {
		return reason.Refuse("STAFF-17")
	}
	return reason.Refuse("STAFF-11")
}

// wrong counts a wrong PIN or password and answers with the refusal, or with
// the lock-out where this try was the last.
func (c *Clinic) wrong(ctx context.Context, p id.Person, s clinicdb.Secrets, no error) error {
	s.Tries++
	if c.guard.note(p, placeOf(ctx), c.Today()) >= dayTriesMax {
		s.Tries = max(s.Tries, staff.TriesMax)
	}
	if s.Tries != staff.TriesMax && s.Tries != passwordTriesMax {
		if err := c.keep(ctx, p, s); err != nil {
			return err
		}
		return no
	}
	if err := c.keep(ctx, p, s, staff.LockedOut{Person: p, Tries: s.Tries}); err != nil {
		return err
	}
	return lockedOut(s)
}

// SignIn proves a person by PIN and records it. The returned actor is who acts
// from now on. Where the person has a password, the first sign-in of a day on
// this PC needs it (STAFF-14, STAFF-15 for a wrong one), and so does the first
// one after too many wrong PINs (STAFF-17); the PIN is for switching quickly
// after that, and does not forgive guessed passwords.
func (c *Clinic) SignIn(ctx context.Context, p id.Person, pin, password string, st id.Station) (access.Actor, error) {
	m, ok := c.Member(p)
	if !ok || m.Left {
		return access.Actor{}, reason.Refuse("STAFF-05")
	}
	defer c.guard.lock(p)()
	s, err := c.secrets(ctx, p)
	if err != nil {
		return access.Actor{}, err
	}
	if err := c.proveAll(ctx, p, &s, pin, password); err != nil {
		return access.Actor{}, err
	}
	if err := c.keep(ctx, p, s, staff.SignedIn{Person: p, Station: st}); err != nil {
		return access.Actor{}, err
	}
	return access.Actor{Person: p, Duties: m.Duties, Station: st}, nil
}

// proveAll proves what a sign-in needs and puts into s what is to be kept.
func (c *Clinic) proveAll(ctx context.Context, p id.Person, s *clinicdb.Secrets, pin, password string) error {
	locked, today := s.Tries >= staff.TriesMax, c.Today()
	if locked && (s.Password == "" || s.Tries >= passwordTriesMax || password == "") {
		return lockedOut(*s)
	}
	if err := c.comparePIN(ctx, p, *s, pin); err != nil {
		return err
	}
	if !locked && (s.Password == "" || s.PasswordDay == today) {
		s.Tries = c.guard.left(p, placeOf(ctx), today, s.Tries)
		return nil
	}
	if password == "" {
		return reason.Refuse("STAFF-14")
	}
	if err := c.comparePassword(ctx, p, *s, password); err != nil {
		return err
	}
	s.PasswordDay, s.Tries = today, 0
	c.guard.forget(p)
	return nil
}
