package clinicdb

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"tram/internal/access"
	"tram/internal/care/patient"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/fold"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// glassBroken keeps an opening; seq is below zero and site another one for what
// was heard.
func (t *Tx) glassBroken(seq int64, site id.Site, f access.GlassBroken) error {
	return t.c.Exec(`INSERT INTO glasses (glass, seq, site, patient, person, name, from_at, until_at, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (glass) DO NOTHING`, f.Glass, seq, site, f.Patient, f.Person, f.Name, f.From, f.Until, f.Reason)
}

func (t *Tx) glassReviewed(e journal.Entry, site id.Site, f access.GlassReviewed) error {
	return t.c.Exec(`INSERT INTO glass_reviews (glass, site, name, at, found, note, alone) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (glass, site) DO NOTHING`,
		f.Glass, site, f.Name, e.When(), f.Found, f.Note, f.Alone)
}

// Glass is a record that was opened in an emergency.
type Glass struct {
	access.GlassBroken
	Site    id.Site // where; "" here
	Reviews []GlassReview
}

// Answered says whether this site's manager has answered for it.
func (g Glass) Answered() bool {
	for _, r := range g.Reviews {
		if r.Site == "" {
			return true
		}
	}
	return false
}

// GlassReview is what a site's manager answered.
type GlassReview struct {
	access.GlassReviewed
	Site id.Site // which; "" this one
	At   day.Instant
}

// glasses reads openings, newest first.
func (v *View) glasses(where string, args ...any) ([]Glass, error) {
	var out []Glass
	err := v.c.Query(`SELECT glass, site, patient, person, name, from_at, until_at, reason FROM glasses `+where, args, func(r *sqlitefile.Row) error {
		out = append(out, Glass{Site: id.Site(r.Text(1)), GlassBroken: access.GlassBroken{
			Glass: id.Glass(r.Text(0)), Patient: id.Patient(r.Text(2)), Person: id.Person(r.Text(3)), Name: r.Text(4),
			From: day.Instant(r.Int(5)), Until: day.Instant(r.Int(6)), Reason: r.Text(7),
		}})
		return nil
	})
	for i := 0; err == nil && i < len(out); i++ {
		out[i].Reviews, err = v.glassReviews(out[i].GlassBroken)
	}
	if err != nil {
		return nil, fmt.Errorf("read records opened in an emergency: %w", err)
	}
	return out, nil
}

func (v *View) glassReviews(g access.GlassBroken) ([]GlassReview, error) {
	var out []GlassReview
	err := v.c.Query(`SELECT site, name, at, found, note, alone FROM glass_reviews WHERE glass = ? ORDER BY at, site`, []any{g.Glass}, func(r *sqlitefile.Row) error {
		out = append(out, GlassReview{Site: id.Site(r.Text(0)), At: day.Instant(r.Int(2)), GlassReviewed: access.GlassReviewed{
			Glass: g.Glass, Patient: g.Patient, Name: r.Text(1), Found: access.Found(r.Text(3)), Note: r.Text(4), Alone: r.Bool(5),
		}})
		return nil
	})
	return out, err
}

// Glasses are the newest openings, of all patients or of one.
func (v *View) Glasses(p id.Patient, limit int) ([]Glass, error) {
	if p == "" {
		return v.glasses(`ORDER BY from_at DESC, glass LIMIT ?`, limit)
	}
	return v.glasses(`WHERE patient = ? ORDER BY from_at DESC, glass LIMIT ?`, p, limit)
}

// glassesMax is how many openings wait on one page; the others come when these
// are answered.
const glassesMax = 100

// GlassesToAnswer are the openings that no manager of this site has answered
// for, oldest first.
func (v *View) GlassesToAnswer() ([]Glass, error) {
	return v.glasses(`WHERE NOT EXISTS (SELECT 1 FROM glass_reviews AS r WHERE r.glass = glasses.glass AND r.site = '')
		ORDER BY from_at, glass LIMIT ?`, glassesMax)
}

// Glass is one opening, or ErrNotFound.
func (v *View) Glass(g id.Glass) (Glass, error) {
	found, err := v.glasses(`WHERE glass = ?`, g)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Glass{}, err
	}
	return found[0], nil
}

// NewestGlass is a person's newest opening of a patient's record at this site,
// in the order of the journal, whatever the clock said; nil if there is none.
func (v *View) NewestGlass(by id.Person, p id.Patient) (*access.GlassBroken, error) {
	found, err := v.glasses(`WHERE person = ? AND patient = ? AND site = '' ORDER BY seq DESC LIMIT 1`, by, p)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0].GlassBroken, nil
}

// HeardOnly says whether somebody is known here only from what other sites
// told: there is no record of this site's own.
func (v *View) HeardOnly(p id.Patient) (bool, error) {
	return v.c.One(`SELECT 1 FROM heard WHERE patient = ? AND patient <> '' AND NOT EXISTS (SELECT 1 FROM patients WHERE patient = ?1) LIMIT 1`, []any{p}, none)
}

// HeardPerson is who somebody is by what other sites told: code, name, year of
// birth. ErrNotFound: nobody told.
func (v *View) HeardPerson(p id.Patient) (Patient, error) {
	out := Patient{Patient: p}
	found := false
	err := v.HeardOf(p, func(e journal.Entry) error {
		switch e.Kind {
		case "patient.registered", "patient.changed":
		default:
			return nil
		}
		f, err := fact.Decode(e.Kind, e.Fact)
		if err != nil {
			return fmt.Errorf("entry %d of %s: %w", e.Seq, e.Site, err)
		}
		switch f := f.(type) {
		case patient.Registered:
			out.Code, out.Registered, out.Details, found = f.Code, f.Day, f.Details, true
		case patient.Changed:
			out.Details, found = f.Details, true
		}
		return nil
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return out, err
}

// SearchHeard is Search among people known here only from other sites.
func (v *View) SearchHeard(typed string) ([]Patient, error) {
	folded, code := strings.Fields(fold.Fold(typed)), id.Normal(typed)
	if len(strings.Join(folded, "")) < 2 {
		return nil, nil
	}
	var all []id.Patient
	err := v.c.Query(`SELECT DISTINCT patient FROM heard WHERE patient <> '' AND NOT EXISTS (SELECT 1 FROM patients AS p WHERE p.patient = heard.patient)`,
		nil, func(r *sqlitefile.Row) error { all = append(all, id.Patient(r.Text(0))); return nil })
	if err != nil {
		return nil, fmt.Errorf("read who is known from other sites: %w", err)
	}
	var out []Patient
	for _, p := range all {
		row, err := v.HeardPerson(p)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		name := fold.Fold(row.Details.Name)
		hit := true
		for _, w := range folded {
			hit = hit && strings.Contains(name, w)
		}
		if (hit || row.Code == code) && len(out) < SearchMax {
			out = append(out, row)
		}
	}
	return out, nil
}

// errGlance ends a transaction of which nothing is to stay.
var errGlance = errors.New("only looked at")

// Glance shows the record of somebody known here only from other sites: what
// they told is projected as for a patient of this site, read, and taken back.
// It is for an emergency, and makes whoever records wait for some milliseconds.
func (d *DB) Glance(p id.Patient, read func(v *View, row Patient) error) error {
	err := d.Write(func(tx *Tx) error {
		who, err := tx.HeardPerson(p)
		if err != nil {
			return err
		}
		if err := tx.patientRegistered(patient.Registered{Patient: p, Code: who.Code, Day: who.Registered, Details: who.Details}); err != nil {
			return fmt.Errorf("patient %s of another site: %w", p, err)
		}
		if err := tx.ProjectHeard(p, math.MaxInt64); err != nil {
			return err
		}
		row, err := tx.Patient(p)
		if err == nil {
			err = read(&tx.View, row)
		}
		if err != nil {
			return err
		}
		return errGlance
	})
	if errors.Is(err, errGlance) {
		return nil
	}
	return err
}
