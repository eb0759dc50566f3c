package clinic

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// systemPerson acts where no person does: founding a site and setting up its
// first manager.
const systemPerson id.Person = "tram"

// Cost of one hash: 19 MiB, two passes, one lane (OWASP's first choice for
// argon2id). About 20 ms on an old PC; hashMu keeps two at a time so that a
// burst of PINs cannot take the memory the window needs.
const (
	hashMemory = 19 * 1024
	hashTime   = 2
	hashLen    = 32
	saltLen    = 16
)

var hashSlots = make(chan struct{}, 2)

// hashSecret writes the cost beside the hash, so that it can be raised later
// without anyone choosing a new PIN.
func hashSecret(secret string, salt []byte, memory uint32) string {
	hashSlots <- struct{}{}
	defer func() { <-hashSlots }()
	sum := argon2.IDKey([]byte(secret), salt, hashTime, memory, 1, hashLen)
	return fmt.Sprintf("argon2id$%d$%s$%s", memory, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

func secretOK(hash, secret string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 4 || parts[0] != "argon2id" {
		return false
	}
	memory, err := strconv.ParseUint(parts[1], 10, 24)
	if err != nil || memory == 0 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(hash), []byte(hashSecret(secret, salt, uint32(memory)))) == 1
}

func (c *Clinic) hash(secret string) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := io.ReadFull(c.rand, salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	return hashSecret(secret, salt, c.hashKiB), nil
}

// Witness is the second person of an act, proving who they are with their own
// PIN. An empty one means that nobody was asked.
type Witness struct {
	Person id.Person
	PIN    string
}

// second is a witness after the PIN was checked; the care rooms each have the
// same pair under their own name.
type second struct {
	Person id.Person
	Alone  bool
}

// CheckWitness proves the second person's PIN. It must pass before an act that
// needs a witness: the act itself runs in the writer, where nobody waits for a
// hash. STAFF-13: the second person may not witness.
func (c *Clinic) CheckWitness(ctx context.Context, w Witness) error {
	if w.Person == "" {
		return nil
	}
	m, ok := c.Member(w.Person)
	if !ok || m.Left {
		return reason.Refuse("STAFF-05")
	}
	if err := access.Allow(access.Actor{Person: m.Person, Duties: m.Duties}, access.WitnessActs, access.NoPatient); err != nil {
		return reason.Refuse("STAFF-13")
	}
	return c.CheckPIN(ctx, w.Person, w.PIN)
}

// second is the witness as the care rooms want it. Alone is true where only
// one person works who could witness: then the act is that person's alone, and
// marked so.
func (t *turn) second(w Witness) second {
	n := 0
	for _, m := range *t.c.people.Load() {
		a := access.Actor{Person: m.Person, Duties: m.Duties}
		if !m.Left && access.Allow(a, access.WitnessActs, access.NoPatient) == nil {
			n++
		}
	}
	return second{Person: w.Person, Alone: n < 2}
}

// stepUpHigh is stepUp for acts that change who may do what, or by which
// numbers: a PIN can be seen over a shoulder, so it takes the password of whoever
// has one.
func (c *Clinic) stepUpHigh(ctx context.Context, by access.Actor, secret string) error {
	if by.Person == "" {
		return reason.Refuse("ACCESS-01")
	}
	set, err := c.HasPassword(ctx, by.Person)
	switch {
	case err != nil:
		return err
	case !set:
		return c.CheckPIN(ctx, by.Person, secret)
	}
	defer c.guard.lock(by.Person)()
	s, err := c.secrets(ctx, by.Person)
	if err != nil {
		return err
	}
	return c.comparePassword(ctx, by.Person, s, secret)
}

// stepUp proves once more that the person at the keyboard is the one signed
// in, before an act that is answered for by name.
func (c *Clinic) stepUp(ctx context.Context, by access.Actor, pin string) error {
	if by.Person == "" {
		return reason.Refuse("ACCESS-01")
	}
	return c.CheckPIN(ctx, by.Person, pin)
}

func (c *Clinic) secrets(ctx context.Context, p id.Person) (s clinicdb.Secrets, err error) {
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		s, err = v.Secrets(p)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("read secrets of %s: %w", p, err)
	}
	return s, nil
}

// keep stores a person's hashes with the facts that tell of it.
func (c *Clinic) keep(ctx context.Context, p id.Person, s clinicdb.Secrets, told ...any) error {
	return c.keepWith(ctx, p, s, nil, told...)
}

// keepWith is keep with the person's signing key, where it was sealed anew.
func (c *Clinic) keepWith(ctx context.Context, p id.Person, s clinicdb.Secrets, key []byte, told ...any) error {
	_, err := c.run(ctx, &act{
		by:     access.Actor{Person: p},
		decide: func(*turn) ([]any, error) { return told, nil },
		local: func(tx *clinicdb.Tx) error {
			if err := tx.SetSecrets(p, s); err != nil || key == nil {
				return err
			}
			return tx.SetSigningKey(p, key)
		},
	})
	return err
}

// SetPIN sets the actor's own PIN after proving the present one, or a one-time
// code another person gave.
func (c *Clinic) SetPIN(ctx context.Context, p id.Person, present, code, pin string) error {
	if err := staff.CheckPIN(pin); err != nil {
		return err
	}
	if code == "" {
		if err := c.CheckPIN(ctx, p, present); err != nil {
			return err
		}
	} else if err := c.spendCode(ctx, p, code); err != nil {
		return err
	}
	defer c.guard.lock(p)()
	s, err := c.secrets(ctx, p)
	if err != nil {
		return err
	}
	if s.PIN, err = c.hash(pin); err != nil {
		return err
	}
	s.Tries, s.Code, s.CodeUntil = 0, "", 0
	c.guard.forget(p)
	key, err := c.resealKey(ctx, p, present, pin) // after a forgotten PIN the old key stays shut
	if err != nil {
		return err
	}
	return c.keepWith(ctx, p, s, key, staff.SecretSet{Person: p, What: "pin"})
}

// codeValid is how long a one-time code lasts.
const codeValid = 24 * 60 * 60 * 1000

// spendCode proves a one-time code (STAFF-16: wrong, spent or too old).
func (c *Clinic) spendCode(ctx context.Context, p id.Person, code string) error {
	defer c.guard.lock(p)()
	s, err := c.secrets(ctx, p)
	if err != nil {
		return err
	}
	if s.Code == "" || c.clock() > s.CodeUntil || !secretOK(s.Code, strings.TrimSpace(code)) {
		s.Code = "" // one wrong try ends a code: it has few digits and is easily given again
		if err := c.keep(ctx, p, s); err != nil {
			return err
		}
		return reason.Refuse("STAFF-16")
	}
	return nil
}

// ResetPIN gives a one-time code for another person, to set a new PIN with. It
// is shown once and kept as a hash.
func (c *Clinic) ResetPIN(ctx context.Context, by access.Actor, p id.Person, pin string) (code string, err error) {
	if err := access.Allow(c.present(by), access.ManageStaff, access.NoPatient); err != nil {
		return "", err
	}
	if err := c.stepUpHigh(ctx, by, pin); err != nil {
		return "", err
	}
	m, ok := c.Member(p)
	if !ok || m.Left {
		return "", reason.Refuse("STAFF-05")
	}
	defer c.guard.lock(p)()
	s, err := c.secrets(ctx, p)
	if err != nil {
		return "", err
	}
	code = strings.ToUpper(c.newID()[:8])
	if s.Code, err = c.hash(code); err != nil {
		return "", err
	}
	s.CodeUntil = c.clock() + day.Instant(codeValid)
	if err := c.keepAs(ctx, by, p, s, staff.SecretSet{Person: p, What: "code"}); err != nil {
		return "", err
	}
	return code, nil
}

// keepAs is keep by another person.
func (c *Clinic) keepAs(ctx context.Context, by access.Actor, p id.Person, s clinicdb.Secrets, told ...any) error {
	_, err := c.run(ctx, &act{
		by: by,
		decide: func(t *turn) ([]any, error) {
			return told, t.allow(access.ManageStaff, access.NoPatient)
		},
		local: func(tx *clinicdb.Tx) error { return tx.SetSecrets(p, s) },
	})
	return err
}

// HasPassword says whether a person has set a password: then it, and not the
// PIN, proves who they are for the acts of stepUpHigh.
func (c *Clinic) HasPassword(ctx context.Context, p id.Person) (bool, error) {
	s, err := c.secrets(ctx, p)
	return s.Password != "", err
}

// SetPassword sets the actor's own password, after the PIN and, where there is
// one, the present password were proved.
func (c *Clinic) SetPassword(ctx context.Context, p id.Person, pin, present, password string) error {
	m, ok := c.Member(p)
	if !ok {
		return reason.Refuse("STAFF-05")
	}
	password = onePassword(password)
	if err := staff.CheckPassword(password, m, c.site.Name, commonPasswords); err != nil {
		return err
	}
	if err := c.CheckPIN(ctx, p, pin); err != nil {
		return err
	}
	defer c.guard.lock(p)()
	s, err := c.secrets(ctx, p)
	if err != nil {
		return err
	}
	if s.Password != "" {
		if err := c.comparePassword(ctx, p, s, present); err != nil {
			return err
		}
	}
	if s.Password, err = c.hash(password); err != nil {
		return err
	}
	s.PasswordDay = c.Today()
	return c.keep(ctx, p, s, staff.SecretSet{Person: p, What: "password"})
}

// commonPasswords are what people try first, beside what CheckPassword finds
// by itself; a short list, because eight characters and five tries carry the
// rest.
var commonPasswords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`12345678 123456789 1234567890 87654321 11111111 00000000 88888888 66668888 password password1 passw0rd
		qwertyui qwerty123 qwertyuiop asdfghjk 1q2w3e4r 1qaz2wsx abcd1234 abc12345 iloveyou anhyeuem matkhau1 matkhau123 khongbiet vietnam1
		vietnam123 hanoi123 saigon123 sunshine princess football baseball welcome1 letmein1 admin123 administrator`) {
		m[w] = true
	}
	return m
}()
