package clinicdb

import (
	"tram/internal/care/daybook"
	"tram/internal/care/site"
	"tram/internal/care/staff"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// Site is what the site is, or ErrNotFound before it was founded.
func (v *View) Site() (site.Founded, error) {
	var f site.Founded
	err := v.one(`SELECT site, name, programme, rules, zone, language, invented FROM site`, nil, func(r *sqlitefile.Row) error {
		f = site.Founded{
			Site: id.Site(r.Text(0)), Name: r.Text(1), Programme: r.Text(2), Rules: r.Text(3), Zone: r.Text(4), Language: r.Text(5), Invented: r.Int(6) == 1,
		}
		return nil
	})
	return f, err
}

// Day is a clinic day as it stands.
type Day struct {
	Day       day.Day
	OpenedAt  day.Instant
	OpenedBy  id.Person
	Confirmed id.Person
	Typed     bool
	ClosedAt  day.Instant // 0 while open
	daybook.Closed
	ClosedBy id.Person
}

func (v *View) days(where string, args ...any) ([]Day, error) {
	var out []Day
	err := v.c.Query(`SELECT day, opened_at, opened_by, confirmed_by, typed, closed_at, closed_by, witness, expected, dosed, missed, held FROM days `+where, args,
		func(r *sqlitefile.Row) error {
			d := Day{
				Day: dayOf(r, 0), OpenedAt: day.Instant(r.Int(1)), OpenedBy: id.Person(r.Text(2)), Confirmed: id.Person(r.Text(3)), Typed: r.Int(4) == 1,
				ClosedAt: day.Instant(r.Int(5)), ClosedBy: id.Person(r.Text(6)),
			}
			d.Closed = daybook.Closed{
				Day: d.Day, Witness: id.Person(r.Text(7)), Expected: int(r.Int(8)), Dosed: int(r.Int(9)), Missed: int(r.Int(10)), Held: int(r.Int(11)),
			}
			out = append(out, d)
			return nil
		})
	return out, err
}

// OpenDay is the day that is open; ok is false when none is.
func (v *View) OpenDay() (d Day, ok bool, err error) {
	found, err := v.days(`WHERE closed_at = 0 ORDER BY day DESC LIMIT 1`)
	if err != nil || len(found) == 0 {
		return Day{}, false, err
	}
	return found[0], true, nil
}

// DayOf is one clinic day, or ErrNotFound when it was never opened.
func (v *View) DayOf(d day.Day) (Day, error) {
	found, err := v.days(`WHERE day = ?`, int64(d))
	if err != nil {
		return Day{}, err
	}
	if len(found) == 0 {
		return Day{}, ErrNotFound
	}
	return found[0], nil
}

// Days are the newest days, newest first.
func (v *View) Days(limit int) ([]Day, error) { return v.days(`ORDER BY day DESC LIMIT ?`, limit) }

// NewestDay is the newest day that people opened, or Never. The limit stands
// in the text: SQLite plans a query anew for each number bound as one.
func (v *View) NewestDay() (d day.Day, err error) {
	_, err = v.c.One(`SELECT day FROM days ORDER BY day DESC LIMIT 1`, nil, func(r *sqlitefile.Row) error {
		d = dayOf(r, 0)
		return nil
	})
	return d, err
}

// LastClosed is the newest day that was closed, or Never.
func (v *View) LastClosed() (day.Day, error) {
	found, err := v.days(`WHERE closed_at <> 0 ORDER BY day DESC LIMIT 1`)
	if err != nil || len(found) == 0 {
		return day.Never, err
	}
	return found[0].Day, nil
}

func (t *Tx) dayClosed(e journal.Entry, f daybook.Closed) error {
	err := t.c.Exec(`UPDATE days SET closed_at = ?, closed_by = ?, witness = ?, expected = ?, dosed = ?, missed = ?, held = ? WHERE day = ?`,
		e.When(), e.By, f.Witness, f.Expected, f.Dosed, f.Missed, f.Held, f.Day)
	if err != nil {
		return err
	}
	return t.installationClosed()
}

// Staff are all people who ever worked here, those who left last.
func (v *View) Staff() ([]staff.Member, error) {
	var out []staff.Member
	err := v.c.Query(`SELECT person, name, duties, has_left, signs FROM staff ORDER BY has_left, name, person`, nil, func(r *sqlitefile.Row) error {
		duties, err := unlist[duty.Duty](r.Text(2))
		out = append(out, staff.Member{Person: id.Person(r.Text(0)), Name: r.Text(1), Duties: duties, Left: r.Int(3) == 1, Signs: r.Text(4)})
		return err
	})
	return out, err
}

// Member is one person of the staff, or ErrNotFound.
func (v *View) Member(p id.Person) (staff.Member, error) {
	all, err := v.Staff()
	if err != nil {
		return staff.Member{}, err
	}
	for _, m := range all {
		if m.Person == p {
			return m, nil
		}
	}
	return staff.Member{}, ErrNotFound
}

// Rules are the programme's own numbers as facts in JSON, oldest first.
func (v *View) Rules() ([]string, error) {
	var out []string
	err := v.c.Query(`SELECT fact FROM rules ORDER BY seq`, nil, func(r *sqlitefile.Row) error {
		out = append(out, r.Text(0))
		return nil
	})
	return out, err
}

// FormSeq is the journal sequence of the entry that answered a form; ok is
// false when the form is new.
func (v *View) FormSeq(f id.Form) (seq int64, ok bool, err error) {
	ok, err = v.c.One(`SELECT seq FROM forms WHERE form = ?`, []any{string(f)}, func(r *sqlitefile.Row) error {
		seq = r.Int(0)
		return nil
	})
	return seq, ok, err
}

// Look is one line of the read audit.
type Look struct {
	Patient id.Patient
	Part    string
	Why     string
	By      id.Person
	At      day.Instant
	Glass   id.Glass // the emergency opening under which it was; "" for none
}

// Looks are who saw whose record, newest first; an empty patient means all.
func (v *View) Looks(p id.Patient, limit int) ([]Look, error) {
	sql, args := `SELECT patient, part, why, by, at, glass FROM seen ORDER BY seq DESC LIMIT ?`, []any{limit}
	if p != "" {
		sql, args = `SELECT patient, part, why, by, at, glass FROM seen WHERE patient = ? ORDER BY seq DESC LIMIT ?`, []any{string(p), limit}
	}
	var out []Look
	err := v.c.Query(sql, args, func(r *sqlitefile.Row) error {
		out = append(out, Look{id.Patient(r.Text(0)), r.Text(1), r.Text(2), id.Person(r.Text(3)), day.Instant(r.Int(4)), id.Glass(r.Text(5))})
		return nil
	})
	return out, err
}

// Secrets are the hashes kept for a person on this PC only.
type Secrets struct {
	PIN, Password, Code string // encoded hashes; "" if not set
	CodeUntil           day.Instant
	Tries               int     // wrong PINs in a row
	PasswordDay         day.Day // day on which the password was last entered here
}

// Secrets of a person; all empty when nothing was ever set.
func (v *View) Secrets(p id.Person) (Secrets, error) {
	var s Secrets
	_, err := v.c.One(`SELECT pin, password, code, code_until, tries, password_day FROM secrets WHERE person = ?`, []any{string(p)},
		func(r *sqlitefile.Row) error {
			s = Secrets{r.Text(0), r.Text(1), r.Text(2), day.Instant(r.Int(3)), int(r.Int(4)), dayOf(r, 5)}
			return nil
		})
	return s, err
}

// SetSecrets keeps the hashes of a person.
func (t *Tx) SetSecrets(p id.Person, s Secrets) error {
	return t.c.Exec(`INSERT INTO secrets (person, pin, password, code, code_until, tries, password_day) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET pin = excluded.pin, password = excluded.password, code = excluded.code, code_until = excluded.code_until,
		tries = excluded.tries, password_day = excluded.password_day`,
		string(p), s.PIN, s.Password, s.Code, int64(s.CodeUntil), s.Tries, int64(s.PasswordDay))
}

// SigningKey is a person's key for signing letters as it lies on this PC, under
// their PIN, or ErrNotFound.
func (v *View) SigningKey(p id.Person) (sealed []byte, err error) {
	err = v.one(`SELECT sealed FROM signing_keys WHERE person = ?`, []any{p}, func(r *sqlitefile.Row) error {
		sealed = r.Blob(0)
		return nil
	})
	return sealed, err
}

// SetSigningKey keeps a person's key.
func (t *Tx) SetSigningKey(p id.Person, sealed []byte) error {
	return t.c.Exec(`INSERT INTO signing_keys (person, sealed) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed`, p, sealed)
}

// Print is a paper that was made.
type Print struct {
	Paper, About string
	By           id.Person
	At           day.Instant
}

// Printed are the papers made, newest first.
func (v *View) Printed(limit int) ([]Print, error) {
	var out []Print
	err := v.c.Query(`SELECT paper, about, by, at FROM printed ORDER BY seq DESC LIMIT ?`, []any{limit}, func(r *sqlitefile.Row) error {
		out = append(out, Print{r.Text(0), r.Text(1), id.Person(r.Text(2)), day.Instant(r.Int(3))})
		return nil
	})
	return out, err
}
