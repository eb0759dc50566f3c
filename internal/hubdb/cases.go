package hubdb

import (
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/journal"
)

// Hand is someone of a site's staff as the hub knows them.
type Hand struct {
	Site   id.Site
	Person id.Person
	Name   string
	Duties []duty.Duty
	Key    string // public key for signing letters, base64; "" if none was made
	KeyAt  day.Instant
	LeftAt day.Instant // 0 while they work there
}

// Hands are the staff of all sites, by site and name.
func (d *DB) Hands(ctx context.Context) ([]Hand, error) {
	var out []Hand
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT site, person, name, duties, sign_key, key_at, left_at FROM hands ORDER BY site, name, person`, nil, func(r row) error {
			h := Hand{
				Site: id.Site(r.Text(0)), Person: id.Person(r.Text(1)), Name: r.Text(2), Key: r.Text(4), KeyAt: day.Instant(r.Int(5)), LeftAt: day.Instant(r.Int(6)),
			}
			if err := json.Unmarshal([]byte(r.Text(3)), &h.Duties); err != nil {
				return fmt.Errorf("duties of %s: %w", h.Person, err)
			}
			out = append(out, h)
			return nil
		})
	})
	return out, err
}

// Restore is a site's new installation as its birth record says.
type Restore struct {
	Site             id.Site
	Number, OfNumber int
	OfSize           int64
	OfHash           string
	At               day.Instant
	By               id.Person
	Letters          bool // no letter can have been forgotten
	Complete         bool // nor a dose
	AccountedAt      day.Instant
}

// Restores are all that sites reported, by site and number.
func (d *DB) Restores(ctx context.Context) ([]Restore, error) {
	var out []Restore
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT site, number, of_number, of_size, of_hash, at, by_person, letters, complete, accounted_at FROM restores ORDER BY site, number`, nil,
			func(r row) error {
				out = append(out, Restore{
					id.Site(r.Text(0)), int(r.Int(1)), int(r.Int(2)), r.Int(3), r.Text(4), day.Instant(r.Int(5)), id.Person(r.Text(6)),
					r.Int(7) == 1, r.Int(8) == 1, day.Instant(r.Int(9)),
				})
				return nil
			})
	})
	return out, err
}

// Answer is what people said about an incident or a pair. An answer is never
// changed; a second one stands beside the first.
type Answer struct {
	About string // the incident, or both patients with a slash between
	Kind  string // of the incident, "pair", or "" of an answer older than kinds
	Site  id.Site
	Day   day.Day
	Words string
	Same  bool // of a pair: one person
	At    day.Instant
	By    id.Person
}

// Answers are the newest answers, at most most.
func (d *DB) Answers(ctx context.Context, most int) ([]Answer, error) {
	var out []Answer
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT a.about, CASE WHEN a.kind = '' THEN COALESCE(i.kind, '') ELSE a.kind END, CASE WHEN a.site = '' THEN COALESCE(i.site, '') ELSE a.site END,
			a.day, a.answer, a.same, a.at, a.by_person FROM answers AS a LEFT JOIN incidents AS i ON i.incident = a.about ORDER BY a.seq DESC LIMIT ?`,
			[]any{int64(most)}, func(r row) error {
				out = append(out, Answer{
					r.Text(0), r.Text(1), id.Site(r.Text(2)), day.Day(r.Int(3)), r.Text(4), r.Int(5) == 1, day.Instant(r.Int(6)), id.Person(r.Text(7)),
				})
				return nil
			})
	})
	return out, err
}

// Incident is one incident, answered or not; ErrNotFound if there is none.
func (d *DB) Incident(ctx context.Context, incident string) (Incident, error) {
	var out Incident
	err := d.e.read(ctx, func(c conn) error {
		return c.query(incidentRow+` WHERE i.incident = ?`, []any{incident}, func(r row) error {
			out = incidentOf(r)
			return nil
		})
	})
	if err == nil && out.ID == "" {
		err = ErrNotFound
	}
	return out, err
}

// StoppedBy is the newest incident that stopped a site's journal, answered or
// not; ErrNotFound if there is none.
func (d *DB) StoppedBy(ctx context.Context, s id.Site) (Incident, error) {
	var out Incident
	err := d.e.read(ctx, func(c conn) error {
		return c.query(incidentRow+` WHERE i.site = ? AND i.kind IN ('journal.fork', 'journal.unreadable', 'installation.ended') ORDER BY i.at DESC, i.incident LIMIT 1`, []any{s}, func(r row) error {
			out = incidentOf(r)
			return nil
		})
	})
	if err == nil && out.ID == "" {
		err = ErrNotFound
	}
	return out, err
}

const incidentRow = `SELECT i.incident, i.kind, i.site, i.patient, i.day, i.at, i.detail, COALESCE(p.code, '') FROM incidents AS i
	LEFT JOIN patients AS p ON p.patient = i.patient`

func incidentOf(r row) Incident {
	return Incident{r.Text(0), r.Text(1), id.Site(r.Text(2)), id.Patient(r.Text(3)), day.Day(r.Int(4)), day.Instant(r.Int(5)), r.Text(6), r.Text(7)}
}

// Patient is a patient as the hub's tables know one: by code, without a name.
type Patient struct {
	Patient    id.Patient
	Code       string
	Site       id.Site // that registered them
	Registered day.Day
	Sites      int64 // that have to do with them
}

// PatientsOf are those a site has to do with, by their code, at most most;
// more says that there are more.
func (d *DB) PatientsOf(ctx context.Context, s id.Site, most int) (out []Patient, more bool, err error) {
	err = d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT p.patient, p.code, p.site, p.registered, (SELECT COUNT(*) FROM relations AS x WHERE x.patient = p.patient)
			FROM relations AS r JOIN patients AS p ON p.patient = r.patient WHERE r.site = ? ORDER BY p.code, p.patient LIMIT ?`, []any{s, int64(most) + 1}, func(r row) error {
			out = append(out, Patient{id.Patient(r.Text(0)), r.Text(1), id.Site(r.Text(2)), day.Day(r.Int(3)), r.Int(4)})
			return nil
		})
	})
	if len(out) > most {
		out, more = out[:most], true
	}
	return out, more, err
}

// Verify reads every journal whole and holds it against the tree that its head
// keeps, which its site and the hub have signed for.
func (d *DB) Verify(ctx context.Context) error {
	return d.e.read(ctx, func(c conn) error {
		var all []Head
		edges := map[id.Site][]byte{}
		err := heads(c, "", func(h Head, edge []byte) error {
			all, edges[h.Site] = append(all, h), edge
			return nil
		})
		if err != nil {
			return err
		}
		for _, h := range all {
			var made journal.Edge
			err := between(c, h.Site, 0, h.Size, func(_ int64, raw []byte) error {
				made.Add(raw, func(int64, tlog.Hash) {})
				return nil
			})
			if err != nil {
				return err
			}
			kept, err := journal.ReadEdge(h.Size, edges[h.Site])
			if err != nil {
				return err
			}
			if made.Size() != h.Size || made.Root() != kept.Root() {
				return fmt.Errorf("the journal of %s has %d of %d entries, or others than were signed for: %w", h.Site, made.Size(), h.Size, journal.ErrBroken)
			}
		}
		return nil
	})
}
