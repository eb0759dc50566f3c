package hubdb

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"tram/internal/care/patient"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// person is a registration of this batch, or a change of one.
type person struct {
	patient id.Patient
	details patient.Details
}

// person gathers a registration, to look for a second one of the same person.
func (in *intake) person(e journal.Entry) {
	var f patient.Registered
	if json.Unmarshal(e.Fact, &f) != nil || f.Patient == "" {
		return
	}
	in.people = append(in.people, person{f.Patient, f.Details})
	changed := e.Kind == "patient.changed"
	in.acts = append(in.acts, func() error {
		if changed {
			_, err := in.c.exec(`UPDATE patients SET details = details + 1 WHERE patient = ?`, f.Patient)
			return err
		}
		_, err := in.c.exec(`INSERT INTO patients (patient, site, code, registered) VALUES (?, ?, ?, ?) ON CONFLICT (patient) DO NOTHING`,
			f.Patient, e.Site, f.Code, f.Day)
		return err
	})
}

// traces are the keyed hashes of what a record and another of the same person
// have in common.
func (in *intake) traces(d patient.Details) []string {
	all := patient.Traces(d)
	for i, t := range all {
		m := hmac.New(sha256.New, in.secret)
		_, _ = m.Write([]byte(t)) // a hash takes every write
		all[i] = base64.RawStdEncoding.EncodeToString(m.Sum(nil)[:15])
	}
	return all
}

// pairs finds registrations that look like one of before. Traces find the few
// that may; the entries say whether they do.
func (in *intake) pairs() error {
	if len(in.people) == 0 {
		return nil
	}
	found := newBulk("pairs", "one text, two text, why text, found_at int", "ON CONFLICT (one, two) DO NOTHING")
	newest := map[id.Patient]patient.Details{} // the last one of the batch stays
	for _, p := range in.people {
		newest[p.patient] = p.details
	}
	var near shelf
	for _, p := range in.people {
		traces := in.traces(p.details)
		candidates, err := in.sharing(p.patient, traces)
		if err != nil {
			return fmt.Errorf("look for %s: %w", p.patient, err)
		}
		for _, other := range candidates {
			d, ok := newest[other]
			if !ok {
				if d, err = details(in.c, &near, other); err != nil {
					return fmt.Errorf("what is written of %s: %w", other, err)
				}
			}
			if why := patient.Alike(newest[p.patient], d); why != patient.Unlike {
				found.add(min(p.patient, other), max(p.patient, other), why, in.now)
			}
		}
		if err := in.setTraces(p.patient, traces); err != nil {
			return err
		}
	}
	return in.c.bulk(found)
}

func (in *intake) setTraces(p id.Patient, traces []string) error {
	if _, err := in.c.exec(`DELETE FROM traces WHERE patient = ?`, p); err != nil {
		return err
	}
	b := newBulk("traces", "trace text, patient text", "ON CONFLICT (trace, patient) DO NOTHING")
	for _, t := range traces {
		b.add(t, p)
	}
	return in.c.bulk(b)
}

// sharingMost bounds how many records one is held against: a trace that is
// shared by more tells nobody apart.
const sharingMost = 200

// sharing are other patients who share a trace.
func (in *intake) sharing(p id.Patient, traces []string) ([]id.Patient, error) {
	if len(traces) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(traces)+1)
	for _, t := range traces {
		args = append(args, t)
	}
	var out []id.Patient
	err := in.c.query(`SELECT DISTINCT patient FROM traces WHERE trace IN (`+marks(len(traces))+`) AND patient <> ? ORDER BY patient`, append(args, p), func(r row) error {
		if len(out) < sharingMost {
			out = append(out, id.Patient(r.Text(0)))
		}
		return nil
	})
	return out, err
}

// details is what was written last of a patient, at whatever site.
func details(c conn, near *shelf, p id.Patient) (patient.Details, error) {
	type place struct {
		site id.Site
		seq  int64
	}
	var places []place
	err := c.query(`SELECT site, seq FROM patient_facts WHERE patient = ? AND kind IN ('patient.registered', 'patient.changed') ORDER BY site, seq`, []any{p}, func(r row) error {
		places = append(places, place{id.Site(r.Text(0)), r.Int(1)})
		return nil
	})
	if err != nil {
		return patient.Details{}, err
	}
	var d patient.Details
	newest := day.Instant(-1)
	for _, x := range places {
		raw, err := near.entry(c, x.site, x.seq)
		if err != nil {
			return d, err
		}
		e, err := journal.Decode(raw)
		if err != nil {
			return d, err
		}
		var f patient.Changed
		if err := json.Unmarshal(e.Fact, &f); err != nil {
			return d, fmt.Errorf("entry %d of %s: %w", x.seq, x.site, err)
		}
		if e.When() >= newest {
			d, newest = f.Details, e.When()
		}
	}
	return d, nil
}

// Pair are two registrations that look like one person.
type Pair struct {
	One, Two         id.Patient
	OneCode, TwoCode string
	OneSite, TwoSite id.Site
	Why              string // identity or name
	FoundAt          day.Instant
	Answer           string     // with how it is known; "" while nobody answered
	Keep             id.Patient // of one person, the record that goes on
}

func pairs(c conn, where string, args ...any) ([]Pair, error) {
	var out []Pair
	err := c.query(`SELECT p.one, p.two, a.code, b.code, a.site, b.site, p.why, p.found_at, COALESCE(w.answer, ''), COALESCE(w.keep, '')
		FROM pairs AS p JOIN patients AS a ON a.patient = p.one JOIN patients AS b ON b.patient = p.two
		LEFT JOIN answers AS w ON w.about = p.one || '/' || p.two AND w.seq = (SELECT MAX(x.seq) FROM answers AS x WHERE x.about = p.one || '/' || p.two)
		WHERE `+where+` ORDER BY p.why, p.found_at, p.one, p.two`, args, func(r row) error {
		out = append(out, Pair{
			id.Patient(r.Text(0)), id.Patient(r.Text(1)), r.Text(2), r.Text(3), id.Site(r.Text(4)), id.Site(r.Text(5)), r.Text(6), day.Instant(r.Int(7)),
			r.Text(8), id.Patient(r.Text(9)),
		})
		return nil
	})
	return out, err
}

// OpenPairs are those nobody has answered for, the certain ones first.
func (d *DB) OpenPairs(ctx context.Context) ([]Pair, error) {
	return d.somePairs(ctx, `w.about IS NULL`)
}

// Pair is one pair, in whatever order, or ErrNotFound.
func (d *DB) Pair(ctx context.Context, one, two id.Patient) (Pair, error) {
	found, err := d.somePairs(ctx, `p.one = ? AND p.two = ?`, min(one, two), max(one, two))
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Pair{}, err
	}
	return found[0], nil
}

func (d *DB) somePairs(ctx context.Context, where string, args ...any) (out []Pair, err error) {
	err = d.e.read(ctx, func(c conn) error {
		out, err = pairs(c, where, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the pairs: %w", err)
	}
	return out, nil
}

// Untold is a patient whose identity numbers the sites have not been told of in
// digests, as they are now.
type Untold struct {
	Patient id.Patient
	Site    id.Site
	Code    string
	Numbers []string // in their one form; none where there are none, or none any more
	Before  bool     // the sites know digests of this patient
	version int64
}

// Untold reads the next patients to tell of in digests of a generation, at most
// most.
func (d *DB) Untold(ctx context.Context, generation, most int) ([]Untold, error) {
	var out []Untold
	err := d.e.read(ctx, func(c conn) error {
		err := c.query(`SELECT patient, site, code, details, told_for FROM patients WHERE told <> details OR told_for <> ? ORDER BY site, patient LIMIT ?`,
			[]any{int64(generation), int64(most)}, func(r row) error {
				out = append(out, Untold{Patient: id.Patient(r.Text(0)), Site: id.Site(r.Text(1)), Code: r.Text(2), version: r.Int(3), Before: r.Int(4) == int64(generation)})
				return nil
			})
		if err != nil {
			return err
		}
		var near shelf
		for i := range out {
			of, err := details(c, &near, out[i].Patient)
			if err != nil {
				return err
			}
			out[i].Numbers = patient.Numbers(of.Identity)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read whom the sites have not been told of: %w", err)
	}
	return out, nil
}

// SetTold notes that the sites are told of patients. What changed meanwhile
// stays untold.
func (d *DB) SetTold(ctx context.Context, generation int, told []Untold) error {
	return d.write(ctx, func(c conn, _ *known) error {
		for _, x := range told {
			if _, err := c.exec(`UPDATE patients SET told = ?, told_for = ? WHERE patient = ?`, x.version, int64(generation), x.Patient); err != nil {
				return fmt.Errorf("note that the sites are told of %s: %w", x.Patient, err)
			}
		}
		return nil
	})
}

// DigestLine is one line of programme.digests: the patient, the code, the
// digests.
func (u Untold) DigestLine(digests []string) string {
	return strings.Join(append([]string{string(u.Patient), u.Code}, digests...), " ")
}
