package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tram/internal/care/programme"
	"tram/internal/care/staff"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// A password is guessed five times, then not for a quarter of an hour.
const (
	triesMost = 5
	lockedFor = 15 * time.Minute
)

// ErrPassword says that a person did not prove who they are; not whether the
// person, the password or the patience was missing.
var ErrPassword = errors.New("the password is not right")

// People are those who work at the hub now.
func (h *Hub) People() []staff.Member {
	var out []staff.Member
	for _, m := range h.office.book.Load().people {
		if !m.Left {
			out = append(out, m)
		}
	}
	return out
}

// Member is a person who works at the hub now.
func (h *Hub) Member(p id.Person) (staff.Member, bool) {
	for _, m := range h.People() {
		if m.Person == p {
			return m, true
		}
	}
	return staff.Member{}, false
}

// SignIn checks a password and records who came in.
func (h *Hub) SignIn(ctx context.Context, p id.Person, password string) (staff.Member, error) {
	m, known := h.Member(p)
	hash, tries, locked := "", 0, day.Instant(0)
	now := h.o.Clock()
	err := h.office.file.Write(func(c *sqlitefile.Conn) error {
		_, err := c.One(`SELECT password, tries, locked_until FROM secrets WHERE person = ?`, []any{p}, func(r *sqlitefile.Row) error {
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
		// Counted before it is looked at: many at once are many tries.
		return c.Exec(`UPDATE secrets SET tries = ?, locked_until = ? WHERE person = ?`, tries+1, until, p)
	})
	if err != nil {
		return m, fmt.Errorf("sign in at the hub: %w", err)
	}
	if !known || now < locked || !clinic.SecretOK(hash, password) {
		return m, ErrPassword
	}
	err = h.office.file.Write(func(c *sqlitefile.Conn) error {
		return c.Exec(`UPDATE secrets SET tries = 0, locked_until = 0 WHERE person = ?`, p)
	})
	if err != nil {
		return m, fmt.Errorf("sign in at the hub: %w", err)
	}
	return m, h.Record(ctx, p, staff.SignedIn{Person: p, Station: "hub"})
}

// AnswerPair records whether two records are one person.
func (h *Hub) AnswerPair(ctx context.Context, by id.Person, f programme.PairAnswered) error {
	f, err := programme.DecidePair(f)
	if err != nil {
		return err
	}
	return h.Record(ctx, by, f)
}

// AnswerIncident records what was done about an incident.
func (h *Hub) AnswerIncident(ctx context.Context, by id.Person, f programme.IncidentAnswered) error {
	f, err := programme.DecideIncident(f)
	if err != nil {
		return err
	}
	return h.Record(ctx, by, f)
}

// EndInstallation records that an installation of a site is no more.
func (h *Hub) EndInstallation(ctx context.Context, by id.Person, f programme.InstallationEnded) error {
	f, err := programme.DecideEnd(h.Directory(), f)
	if err != nil {
		return err
	}
	return h.Record(ctx, by, f)
}

// NameClinician records who may sign letters.
func (h *Hub) NameClinician(ctx context.Context, by id.Person, f programme.ClinicianNamed) error {
	f, err := programme.DecideClinician(h.Directory(), f, h.Today())
	if err != nil {
		return err
	}
	return h.Record(ctx, by, f)
}

// EndClinician records that a person signs no letter from a day on.
func (h *Hub) EndClinician(ctx context.Context, by id.Person, f programme.ClinicianEnded) error {
	f, err := programme.DecideClinicianEnd(h.Directory(), f)
	if err != nil {
		return err
	}
	return h.Record(ctx, by, f)
}

// Today is the hub's date.
func (h *Hub) Today() day.Day { return h.office.dayOf(h.o.Clock(), *h.office.book.Load()) }

// Zone is the hub's time zone.
func (h *Hub) Zone() day.Zone { return *h.office.zone.Load() }
