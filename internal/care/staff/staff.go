// Package staff decides about the people who work at a site: enrolling, their
// duties, their PINs and passwords, and leaving.
//
// It reads no clock and keeps no secret: a PIN is checked at the door and its
// hash stays on the PC, never in a fact. It does not know what a duty allows
// (package access). It promises that every act has one person behind it and
// that a weak secret is refused before it is kept. Rules: docs/rules.md,
// STAFF-01 and on.
package staff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/reason"
)

// Enrolled says that a person works at the site. Journal kind
// "staff.enrolled". Fields are only ever added.
type Enrolled struct {
	Person id.Person   `json:"person"`
	Name   string      `json:"name"`
	Duties []duty.Duty `json:"duties"`
}

// DutiesSet says which duties a person has from now on; it holds all of them.
// Journal kind "staff.duties_set".
type DutiesSet struct {
	Person id.Person   `json:"person"`
	Duties []duty.Duty `json:"duties"`
	Reason string      `json:"reason,omitempty"`
}

// SecretSet says that a person's PIN or password was set; never what it is.
// Journal kind "staff.secret_set".
type SecretSet struct {
	Person id.Person `json:"person"`
	What   string    `json:"what"` // "pin", "password" or "code" (one-time, by another person)
}

// KeyMade says that a person made a key for signing letters. The programme
// names who may sign; the key alone entitles nobody. Journal kind
// "staff.key_made".
type KeyMade struct {
	Person id.Person `json:"person"`
	Key    string    `json:"key"` // Ed25519 public key, base64
}

// Left says that a person no longer works here. Journal kind "staff.left".
type Left struct {
	Person id.Person `json:"person"`
	Reason string    `json:"reason,omitempty"`
}

// SignedIn says that a person signed in on this PC. Journal kind
// "staff.signed_in".
type SignedIn struct {
	Person  id.Person  `json:"person"`
	Station id.Station `json:"station,omitempty"`
}

// LockedOut says that too many wrong PINs were entered for a person. Journal
// kind "staff.locked_out".
type LockedOut struct {
	Person id.Person `json:"person"`
	Tries  int       `json:"tries"`
}

// Member is a person as it stands, read from storage.
type Member struct {
	Person id.Person
	Name   string
	Duties []duty.Duty
	Left   bool
	Signs  string // public key for signing letters, base64; "" if none was made
}

// Limits of this room.
const (
	nameMax     = 200
	reasonMax   = 2000
	PINDigits   = 6 // digits of a PIN
	TriesMax    = 5 // wrong PINs in a row before the person is locked out
	passwordMin = 8
	managerMin  = 15 // of whoever may change people and rules
	passwordMax = 200
)

// DecideEnrol answers whether a person may be enrolled: STAFF-01 no name, or
// one with invisible characters (two equal names would look the same),
// STAFF-02 no duty or a duty that does not exist, STAFF-03 the name is taken
// by someone who works here (the sign-in page could not tell them apart).
func DecideEnrol(name string, duties []duty.Duty, taken bool) (Enrolled, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "" || utf8.RuneCountInString(name) > nameMax || strings.ContainsFunc(name, unseen):
		return Enrolled{}, reason.Refuse("STAFF-01")
	case !duty.Known(duties):
		return Enrolled{}, reason.Refuse("STAFF-02")
	case taken:
		return Enrolled{}, reason.Refuse("STAFF-03")
	}
	return Enrolled{Name: name, Duties: duties}, nil
}

// unseen says that a rune leaves no mark on the screen.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// explained refuses a reason too long for the journal (DOSE-30).
func explained(why string) error {
	if utf8.RuneCountInString(why) > reasonMax {
		return reason.Refuse("DOSE-30", "max", reasonMax)
	}
	return nil
}

// DecideDuties answers whether a person's duties may be set. The last manager
// cannot lose that duty (STAFF-04): nobody could give it back.
func DecideDuties(m Member, duties []duty.Duty, otherManagers int, why string) (DutiesSet, error) {
	switch {
	case m.Left:
		return DutiesSet{}, reason.Refuse("STAFF-05")
	case !duty.Known(duties):
		return DutiesSet{}, reason.Refuse("STAFF-02")
	case otherManagers == 0 && duty.Has(m.Duties, duty.Manager) && !duty.Has(duties, duty.Manager):
		return DutiesSet{}, reason.Refuse("STAFF-04")
	}
	if err := explained(why); err != nil {
		return DutiesSet{}, err
	}
	return DutiesSet{Person: m.Person, Duties: duties, Reason: why}, nil
}

// DecideLeave answers whether a person may be taken off the staff.
func DecideLeave(m Member, otherManagers int, why string) (Left, error) {
	if m.Left {
		return Left{}, reason.Refuse("STAFF-05")
	}
	if otherManagers == 0 && duty.Has(m.Duties, duty.Manager) {
		return Left{}, reason.Refuse("STAFF-04")
	}
	if err := explained(why); err != nil {
		return Left{}, err
	}
	return Left{Person: m.Person, Reason: why}, nil
}

// CheckPIN refuses a PIN that is not six digits (STAFF-06) or that anyone
// tries first (STAFF-07): one digit repeated, a run up or down, or the same two
// or three digits over and over, as 121212 or 123123.
func CheckPIN(pin string) error {
	if len(pin) != PINDigits {
		return reason.Refuse("STAFF-06", "digits", PINDigits)
	}
	same, up, down := true, true, true
	for i := range pin {
		if pin[i] < '0' || pin[i] > '9' {
			return reason.Refuse("STAFF-06", "digits", PINDigits)
		}
		if i > 0 {
			same = same && pin[i] == pin[i-1]
			up = up && pin[i] == (pin[i-1]-'0'+1)%10+'0'
			down = down && pin[i] == (pin[i-1]-'0'+9)%10+'0'
		}
	}
	if same || up || down || pin[:3] == pin[3:] || pin[:2] == pin[2:4] && pin[:2] == pin[4:] {
		return reason.Refuse("STAFF-07")
	}
	return nil
}

// CheckPassword refuses a password shorter than eight characters, of a manager
// fifteen (STAFF-08), or one that is common, or holds the person's or the site's name (STAFF-09).
// common is the list of refused passwords, in lower case.
func CheckPassword(password string, of Member, site string, common map[string]bool) error {
	least := passwordMin
	if duty.Has(of.Duties, duty.Manager) {
		least = managerMin
	}
	n := utf8.RuneCountInString(password)
	low := strings.ToLower(password)
	switch {
	case n < least || n > passwordMax:
		return reason.Refuse("STAFF-08", "min", least)
	case common[low]:
		return reason.Refuse("STAFF-09")
	}
	for _, w := range append(strings.Fields(strings.ToLower(of.Name)), strings.ToLower(site), "methadone", "tram") {
		if len(w) >= 4 && strings.Contains(low, w) {
			return reason.Refuse("STAFF-09")
		}
	}
	return nil
}
