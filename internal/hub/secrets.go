package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// A password is guessed five times, then not for a quarter of an hour. A code
// to set one is good for a day and for one try.
const (
	triesMost    = 5
	lockedFor    = 15 * time.Minute
	firstCodeFor = 24 * time.Hour
)

// ErrPassword says that a person did not prove who they are; not whether the
// person, the password or the patience was missing.
var ErrPassword = errors.New("the password is not right")

// Signed is a person who types their password once more, for an act that is
// hard to take back.
type Signed struct {
	Person   id.Person
	Password string
}

// stepUp lets a person do what their duties allow, after their password.
func (h *Hub) stepUp(ctx context.Context, by Signed, act access.Action) error {
	if err := h.May(by.Person, act); err != nil {
		return err
	}
	if by.Person == terminal {
		return nil
	}
	_, err := h.prove(ctx, by)
	return err
}

// prove checks a password. A try is counted before it is looked at: many at
// once are many tries.
func (h *Hub) prove(_ context.Context, by Signed) (staff.Member, error) {
	m, known := h.Member(by.Person)
	hash, tries, locked := "", 0, day.Instant(0)
	now := h.o.Clock()
	err := h.office.file.Write(func(c *sqlitefile.Conn) error {
		_, err := c.One(`SELECT password, tries, locked_until FROM secrets WHERE person = ?`, []any{by.Person}, func(r *sqlitefile.Row) error {
			hash, tries, locked = r.Text(0), int(r.Int(1)), day.Instant(r.Int(2))
			return nil
		})
		if err != nil {
			return err
		}
		until := locked
		if tries+1 >= triesMost {
			until, tries = now+day.Instant(lockedFor.Milliseconds()), -1
		}
		if now < locked {
			return nil
		}
		return c.Exec(`UPDATE secrets SET tries = ?, locked_until = ? WHERE person = ?`, tries+1, until, by.Person)
	})
	if err != nil {
		return m, fmt.Errorf("look at a password of the hub: %w", err)
	}
	if !known || now < locked || !clinic.SecretOK(hash, by.Password) {
		return m, ErrPassword
	}
	err = h.office.file.Write(func(c *sqlitefile.Conn) error {
		return c.Exec(`UPDATE secrets SET tries = 0, locked_until = 0 WHERE person = ?`, by.Person)
	})
	if err != nil {
		return m, fmt.Errorf("look at a password of the hub: %w", err)
	}
	return m, nil
}

// SignIn checks a password and records who came in.
func (h *Hub) SignIn(ctx context.Context, p id.Person, password string) (staff.Member, error) {
	m, err := h.prove(ctx, Signed{p, password})
	if err != nil {
		return m, err
	}
	return m, h.Record(ctx, p, staff.SignedIn{Person: p, Station: "hub"})
}

// firstCode makes a code to set a password with, and keeps its hash.
func (h *Hub) firstCode(p id.Person) (string, error) {
	code := strings.ToUpper(newID(h.o.Rand)[:8])
	hash, err := clinic.HashSecret(code, h.o.Rand, h.o.HashKiB)
	if err != nil {
		return "", err
	}
	return code, h.office.file.Write(func(c *sqlitefile.Conn) error {
		return c.Exec(`INSERT INTO first_codes (person, hash, until) VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, until = excluded.until`,
			p, hash, h.o.Clock()+day.Instant(firstCodeFor.Milliseconds()))
	})
}

// spendCode says whether a code is the person's; right or wrong, it is gone.
func (h *Hub) spendCode(p id.Person, code string) (bool, error) {
	hash, until := "", day.Instant(0)
	err := h.office.file.Write(func(c *sqlitefile.Conn) error {
		_, err := c.One(`SELECT hash, until FROM first_codes WHERE person = ?`, []any{p}, func(r *sqlitefile.Row) error {
			hash, until = r.Text(0), day.Instant(r.Int(1))
			return nil
		})
		if err != nil {
			return err
		}
		return c.Exec(`DELETE FROM first_codes WHERE person = ?`, p)
	})
	if err != nil {
		return false, fmt.Errorf("look at a one-time code: %w", err)
	}
	return hash != "" && h.o.Clock() <= until && clinic.SecretOK(hash, strings.ToUpper(strings.TrimSpace(code))), nil
}
