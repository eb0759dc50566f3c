package clinicdb

import (
	"encoding/json"
	"fmt"

	"tram/internal/care/dose"
	"tram/internal/care/stability"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// stabilityAnswered keeps an answer; of two by one site to one proposal the
// newer counts, whichever was heard first. site is ” for this one.
func (t *Tx) stabilityAnswered(e journal.Entry, f stability.Answered, site id.Site) error {
	grounds, err := json.Marshal(f.Grounds)
	if err != nil {
		return fmt.Errorf("grounds: %w", err)
	}
	return t.c.Exec(`INSERT INTO stability_answers (patient, proposal, site, day, agreed, why, grounds, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (patient, proposal, site) DO UPDATE SET day = excluded.day, agreed = excluded.agreed, why = excluded.why,
		grounds = excluded.grounds, by = excluded.by, at = excluded.at WHERE excluded.at >= at`,
		f.Patient, f.Proposal, site, f.Day, f.Agreed, f.Why, string(grounds), e.By, e.When())
}

// dayElsewhere keeps that another site gave no dose on a day, and why.
func (t *Tx) dayElsewhere(e journal.Entry, p id.Patient, d day.Day, what string) error {
	return t.c.Exec(`INSERT INTO elsewhere_days (patient, day, what, site) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, p, d, what, e.Site)
}

// StabilityAnswer is a site's newest answer to a proposal.
type StabilityAnswer struct {
	stability.Answered
	Site id.Site // "" is this one
	By   id.Person
	At   day.Instant
}

// StabilityAnswers are the newest answers about a patient, or about all where
// p is "", those of this site before those of others.
func (v *View) StabilityAnswers(p id.Patient) ([]StabilityAnswer, error) {
	var out []StabilityAnswer
	of, args := about1("patient", p)
	err := v.c.Query(`SELECT patient, proposal, site, day, agreed, why, grounds, by, at FROM stability_answers WHERE `+of+` ORDER BY patient, proposal, site`, args,
		func(r *sqlitefile.Row) error {
			a := StabilityAnswer{Site: id.Site(r.Text(2)), By: id.Person(r.Text(7)), At: day.Instant(r.Int(8))}
			a.Answered = stability.Answered{
				Patient: id.Patient(r.Text(0)), Proposal: stability.Proposal(r.Text(1)), Day: dayOf(r, 3), Agreed: r.Bool(4), Why: r.Text(5),
			}
			if err := json.Unmarshal([]byte(r.Text(6)), &a.Grounds); err != nil {
				return fmt.Errorf("grounds of an answer about %s: %w", a.Patient, err)
			}
			out = append(out, a)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	return out, nil
}

// about1 is a condition for one patient, or for all where p is "": asked as one
// condition for both, SQLite would use no index.
func about1(column string, p id.Patient, more ...any) (string, []any) {
	if p == "" {
		return "1", more
	}
	return column + ` = ?`, append([]any{p}, more...)
}

// eachDay calls fn for rows of a patient, a day and a text.
func (v *View) eachDay(sql string, args []any, fn func(p id.Patient, d day.Day, what string) error) error {
	return v.c.Query(sql, args, func(r *sqlitefile.Row) error { return fn(id.Patient(r.Text(0)), dayOf(r, 1), r.Text(2)) })
}

// KnownDays calls fn for each day from first to last of which it is known what
// became of the dose: a cup was poured here or elsewhere, or a site said why
// none was. A day may come more than once. p is one patient, or "" for all.
func (v *View) KnownDays(p id.Patient, first, last day.Day, fn func(p id.Patient, d day.Day)) error {
	for _, table := range []string{"doses", "missed", "holds", "elsewhere_days"} {
		of, args := about1("patient", p, first, last)
		err := v.eachDay(`SELECT patient, day, '' FROM `+table+` WHERE `+of+` AND day BETWEEN ? AND ?`, args, func(p id.Patient, d day.Day, _ string) error {
			fn(p, d)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the days with an outcome: %w", err)
		}
	}
	return nil
}

// The kinds of days on which something speaks against stability.
const (
	AwayDay        = "away"
	IntoxicatedDay = "intoxicated"
	VomitedDay     = "vomited"
)

// TroubledDays calls fn for each day from first to last on which a person
// stayed away and no dose counts, a dose was held back for signs of
// intoxication, or one was vomited; here and elsewhere, in the order of days
// for each kind. p is one patient, or "" for all.
func (v *View) TroubledDays(p id.Patient, first, last day.Day, fn func(p id.Patient, d day.Day, what string)) error {
	of, span := about1("m.patient", p, first, last)
	within := of + ` AND m.day BETWEEN ? AND ?`
	const noDose = ` AND NOT EXISTS (SELECT 1 FROM doses WHERE patient = m.patient AND day = m.day AND outcome <> 'not_given')`
	for _, q := range []struct {
		what, one string // the cause that counts in missed and elsewhere_days
		sql       string
	}{
		{AwayDay, string(dose.Absent), `SELECT m.patient, m.day FROM missed AS m WHERE ` + within + ` AND cause = ?` + noDose +
			` UNION SELECT m.patient, m.day FROM elsewhere_days AS m WHERE ` + within + ` AND what = ?` + noDose},
		{IntoxicatedDay, string(dose.Intoxicated), `SELECT m.patient, m.day FROM holds AS m WHERE ` + within + ` AND why = ?
			UNION SELECT m.patient, m.day FROM elsewhere_days AS m WHERE ` + within + ` AND what = ?`},
		{VomitedDay, "", `SELECT m.patient, m.day FROM doses AS m INDEXED BY doses_vomited WHERE ` + within + ` AND vomited_min >= 0`},
	} {
		args := append([]any{}, span...)
		if q.one != "" {
			args = append(append(append(args, q.one), span...), q.one)
		}
		err := v.c.Query(q.sql+` ORDER BY 2`, args, func(r *sqlitefile.Row) error {
			fn(id.Patient(r.Text(0)), dayOf(r, 1), q.what)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the days %s: %w", q.what, err)
		}
	}
	return nil
}

// NewestUrine calls fn for the tests of each patient's newest day with one, not
// after a day.
func (v *View) NewestUrine(until day.Day, fn func(p id.Patient, t stability.Test)) error {
	return v.urine(`SELECT u.patient, u.day, u.found FROM patients AS p CROSS JOIN urine AS u ON u.patient = p.patient
		AND u.day = (SELECT MAX(day) FROM urine WHERE patient = p.patient AND day <= ?) WHERE p.left_day = 0`, []any{until}, fn)
}

// UrineOf calls fn for all tests of a patient.
func (v *View) UrineOf(p id.Patient, fn func(p id.Patient, t stability.Test)) error {
	return v.urine(`SELECT patient, day, found FROM urine WHERE patient = ? ORDER BY day`, []any{p}, fn)
}

func (v *View) urine(sql string, args []any, fn func(p id.Patient, t stability.Test)) error {
	err := v.eachDay(sql, args, func(p id.Patient, d day.Day, found string) error {
		names, err := unlist[string](found)
		if err == nil {
			fn(p, stability.Test{Day: d, Opioid: stability.Reads(names)})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the urine tests: %w", err)
	}
	return nil
}

// ToldFirst are the patients who came by letter: in treatment elsewhere before,
// since when is not told. The day is that of the last dose before the letter,
// Never where the letter told of none.
func (v *View) ToldFirst() (map[id.Patient]day.Day, error) {
	out := map[id.Patient]day.Day{}
	err := v.eachDay(`SELECT patient, told_day, home FROM patients WHERE home <> ''`, nil, func(p id.Patient, d day.Day, _ string) error {
		out[p] = d
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read who came by letter: %w", err)
	}
	return out, nil
}

// Moved is the newest letter for good of a patient, given or taken.
type Moved struct {
	Way  string // "out" or "in"
	Site id.Site
	Day  day.Day
}

// MovedForGood are the newest letters for good, of those patients who have one.
// Visits are none: they end by themselves.
func (v *View) MovedForGood() (map[id.Patient]Moved, error) {
	out := map[id.Patient]Moved{}
	err := v.c.Query(`SELECT patient, way, site, day FROM letters WHERE last = 0 AND way <> 'offer' ORDER BY patient, at`, nil, func(r *sqlitefile.Row) error {
		out[id.Patient(r.Text(0))] = Moved{r.Text(1), id.Site(r.Text(2)), dayOf(r, 3)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the letters for good: %w", err)
	}
	return out, nil
}
