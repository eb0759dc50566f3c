package clinicdb

import (
	"encoding/json"
	"fmt"
	"strings"

	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// setNumbers keeps a patient's identity numbers in their one form.
func (t *Tx) setNumbers(p id.Patient, identity string) error {
	if err := t.c.Exec(`DELETE FROM numbers WHERE patient = ?`, p); err != nil {
		return err
	}
	for _, n := range patient.Numbers(identity) {
		if err := t.c.Exec(`INSERT INTO numbers (number, patient) VALUES (?, ?)`, n, p); err != nil {
			return err
		}
	}
	return nil
}

// IdentityTaken says whether another patient here has one of the identity
// numbers in a text.
func (v *View) IdentityTaken(identity string, except id.Patient) (bool, error) {
	for _, n := range patient.Numbers(identity) {
		taken, err := v.c.One(`SELECT 1 FROM numbers WHERE number = ? AND patient <> ? LIMIT 1`, []any{n, except}, none)
		if err != nil || taken {
			return taken, err
		}
	}
	return false, nil
}

// digestKey keeps the key that was sealed to this site; what was sealed to
// others is of no use here. An older generation never comes back.
func (t *Tx) digestKey(f programme.DigestKey) error {
	return t.c.Exec(`INSERT INTO digest_key (one, generation, cost_kib, sealed) SELECT 1, ?, ?, ? WHERE EXISTS (SELECT 1 FROM site WHERE site = ?)
		ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, cost_kib = excluded.cost_kib, sealed = excluded.sealed
		WHERE excluded.generation >= generation`, f.Generation, f.CostKiB, f.Sealed, f.Site)
}

// digestLine is one line of a list: patient, code, digests.
const digestLineMin = 2

// newDigests takes over what the programme says of some patients' numbers.
func (t *Tx) newDigests(f programme.Digests) error {
	newest := int64(0)
	_, err := t.c.One(`SELECT max(generation) FROM digests`, nil, func(r *sqlitefile.Row) error {
		newest = r.Int(0)
		return nil
	})
	if err != nil || int64(f.Generation) < newest {
		return err
	}
	if err := t.c.Exec(`DELETE FROM digests WHERE generation < ?`, f.Generation); err != nil {
		return err
	}
	for _, line := range f.Lines {
		w := strings.Fields(line)
		if len(w) < digestLineMin {
			continue // of a form that this program does not know
		}
		if err := t.c.Exec(`DELETE FROM digests WHERE patient = ?`, w[0]); err != nil {
			return err
		}
		for _, d := range w[digestLineMin:] {
			err := t.c.Exec(`INSERT INTO digests (digest, patient, generation, site, code) VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest, patient) DO NOTHING`,
				d, w[0], f.Generation, f.Site, w[1])
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// DigestKey is the key of digests as it was sealed to this site.
type DigestKey struct {
	Generation int
	CostKiB    int
	Sealed     string
}

// DigestKey is ErrNotFound while the programme has given this site none.
func (v *View) DigestKey() (k DigestKey, err error) {
	err = v.one(`SELECT generation, cost_kib, sealed FROM digest_key`, nil, func(r *sqlitefile.Row) error {
		k = DigestKey{int(r.Int(0)), int(r.Int(1)), r.Text(2)}
		return nil
	})
	return k, err
}

// DigestsKnown is how many records of the programme the list of digests names.
func (v *View) DigestsKnown() (n int, err error) {
	_, err = v.c.One(`SELECT COUNT(DISTINCT patient) FROM digests`, nil, func(r *sqlitefile.Row) error {
		n = int(r.Int(0))
		return nil
	})
	return n, err
}

// ByDigest are the records of the programme whose identity number has a digest.
func (v *View) ByDigest(generation int, digest string) ([]patient.Candidate, error) {
	var out []patient.Candidate
	err := v.c.Query(`SELECT patient, code, site FROM digests WHERE digest = ? AND generation = ? ORDER BY patient`, []any{digest, generation},
		func(r *sqlitefile.Row) error {
			out = append(out, patient.Candidate{Other: id.Patient(r.Text(0)), Code: r.Text(1), Site: id.Site(r.Text(2)), Why: patient.ByIdentity})
			return nil
		})
	return out, err
}

// personElsewhere keeps what another site wrote of a person who is not known
// here: a letter for them is on its way.
func (t *Tx) personElsewhere(e journal.Entry, v any) error {
	p, code, d := id.Patient(""), "", patient.Details{}
	switch f := v.(type) {
	case patient.Registered:
		p, code, d = f.Patient, f.Code, f.Details
	case patient.Changed:
		p, d = f.Patient, f.Details
	default:
		return nil
	}
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("what was heard of %s: %w", p, err)
	}
	return t.c.Exec(`INSERT INTO people_elsewhere (patient, site, code, details) VALUES (?, ?, ?, ?) ON CONFLICT (patient) DO UPDATE SET
		details = excluded.details, code = coalesce(nullif(excluded.code, ''), code)`, p, e.Site, code, string(text))
}

// PeopleElsewhere are the people heard of who are not known here, with what is
// written of them.
func (v *View) PeopleElsewhere(each func(c patient.Candidate, d patient.Details)) error {
	return v.c.Query(`SELECT patient, code, site, details FROM people_elsewhere WHERE patient NOT IN (SELECT patient FROM patients) ORDER BY patient`, nil,
		func(r *sqlitefile.Row) error {
			var d patient.Details
			if err := json.Unmarshal([]byte(r.Text(3)), &d); err != nil {
				return fmt.Errorf("what was heard of %s: %w", r.Text(0), err)
			}
			each(patient.Candidate{Other: id.Patient(r.Text(0)), Code: r.Text(1), Site: id.Site(r.Text(2))}, d)
			return nil
		})
}

// pairAnswered keeps the programme's answer about two records, for both of
// them; a later answer takes the place of an earlier one.
func (t *Tx) pairAnswered(e journal.Entry, f programme.PairAnswered) error {
	for _, x := range []struct {
		patient, other id.Patient
		code           string
		site           id.Site
	}{{f.One, f.Two, f.TwoCode, f.TwoSite}, {f.Two, f.One, f.OneCode, f.OneSite}} {
		err := t.c.Exec(`INSERT INTO second_records (patient, other, code, site, verdict, same, going, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (patient, other) DO UPDATE SET verdict = excluded.verdict, same = excluded.same, going = excluded.going, why = excluded.why,
			code = coalesce(nullif(excluded.code, ''), code), site = coalesce(nullif(excluded.site, ''), site) WHERE excluded.verdict > verdict`,
			x.patient, x.other, x.code, x.site, e.Seq+1, f.Same, f.Same && f.Keep == x.patient, f.Why)
		if err != nil {
			return err
		}
	}
	return nil
}

// likenessAnswered keeps that nobody could tell; the other answers stop nothing
// and stay in the journal.
func (t *Tx) likenessAnswered(f patient.LikenessAnswered) error {
	if f.Answer != patient.Unsure || f.Patient == "" {
		return nil
	}
	return t.c.Exec(`INSERT INTO second_records (patient, other, code, site, asked) VALUES (?, ?, ?, ?, 1) ON CONFLICT (patient, other) DO UPDATE SET asked = 1`,
		f.Patient, f.Other, f.Code, f.Site)
}

func (t *Tx) doubleAnswered(e journal.Entry, f patient.DoubleAnswered) error {
	return t.c.Exec(`INSERT INTO second_answers (seq, patient, other, day, verdict, answer, dosed, note, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, f.Patient, f.Other, f.Day, f.Verdict, f.Answer, f.Dosed, f.Note, e.By, e.When())
}

// DoubledRecord is a record's double, with how it is known.
type DoubledRecord struct {
	patient.Double
	Why  string     // the programme's words
	Here id.Patient // Other, where it is on this site's register; "" otherwise
}

// DoublesOf are the second records of a patient's person, oldest first, with what was
// answered here.
func (v *View) DoublesOf(p id.Patient) ([]DoubledRecord, error) {
	var out []DoubledRecord
	err := v.c.Query(`SELECT other, code, site, verdict, same, going, asked, why, coalesce((SELECT patient FROM patients WHERE patient = d.other), '') FROM second_records AS d
		WHERE patient = ? ORDER BY other`, []any{p}, func(r *sqlitefile.Row) error {
		out = append(out, DoubledRecord{
			Double: patient.Double{
				Other: id.Patient(r.Text(0)), Code: r.Text(1), Site: id.Site(r.Text(2)), Verdict: r.Int(3), Same: r.Int(4) == 1, Keep: r.Int(5) == 1, Asked: r.Int(6) == 1,
			},
			Why: r.Text(7), Here: id.Patient(r.Text(8)),
		})
		return nil
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	err = v.c.Query(`SELECT other, day, verdict, answer, dosed, note FROM second_answers WHERE patient = ? ORDER BY seq`, []any{p}, func(r *sqlitefile.Row) error {
		a := patient.DoubleAnswered{
			Patient: p, Other: id.Patient(r.Text(0)), Day: day.Day(r.Int(1)), Verdict: r.Int(2), Answer: patient.Answer(r.Text(3)), Dosed: patient.Dosed(r.Text(4)),
			Note: r.Text(5),
		}
		for i := range out {
			if out[i].Other == a.Other {
				out[i].Answers = append(out[i].Answers, a)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the answers about %s: %w", p, err)
	}
	return out, nil
}
