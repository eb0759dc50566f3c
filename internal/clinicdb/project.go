package clinicdb

import (
	"encoding/json"
	"errors"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/site"
	"tram/internal/care/stability"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/journal"
	"tram/internal/rulebook"
	"tram/internal/sqlitefile"
)

// Prepare decodes an entry's fact for [Tx.Project]; a kind that this program
// does not know is nil. It may be called by many goroutines at once.
func Prepare(e journal.Entry) (any, error) {
	v, err := fact.Decode(e.Kind, e.Fact)
	if errors.Is(err, fact.ErrUnknown) {
		return nil, nil
	}
	return v, err
}

// Project puts the consequences of one journal entry into the tables. v is the
// decoded fact, or nil to decode it here; a kind this program does not know
// has no consequences here and is kept in the journal.
func (t *Tx) Project(e journal.Entry, v any) error {
	if v == nil {
		var err error
		v, err = fact.Decode(e.Kind, e.Fact)
		if errors.Is(err, fact.ErrUnknown) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	if e.Form != "" {
		err := t.c.Exec(`INSERT INTO forms (form, seq) VALUES (?, ?) ON CONFLICT (form) DO NOTHING`, string(e.Form), e.Seq)
		if err != nil {
			return fmt.Errorf("form of entry %d: %w", e.Seq, err)
		}
	}
	if err := t.project(e, v); err != nil {
		return fmt.Errorf("project entry %d %s: %w", e.Seq, e.Kind, err)
	}
	return nil
}

// long: one case for each kind of fact, nothing else.
func (t *Tx) project(e journal.Entry, v any) error {
	at := int64(e.When())
	if ok, err := t.transferFact(e, v); ok {
		return err
	}
	switch f := v.(type) {
	case dose.Poured:
		return t.dosePoured(e, f)
	case dose.Swallowed:
		return t.doseEnded(e, f.Dose, f.Patient, ended{outcome: dose.Taken, whole: true})
	case dose.PartTaken:
		return t.dosePart(e, f)
	case dose.NotGiven:
		return t.doseNotGiven(e, f)
	case dose.Answered:
		return t.doseEnded(e, f.Dose, f.Patient, ended{outcome: f.Outcome, whole: f.Outcome != dose.NotTaken, witness: f.Witness, why: f.Note})
	case dose.Vomited:
		return t.doseVomited(f)
	case dose.ReplacementAllowed:
		return t.c.Exec(`UPDATE doses SET replacement_ug = ? WHERE dose = ?`, int64(f.Amount), string(f.Dose))
	case dose.Corrected:
		return t.doseCorrected(f)
	case dose.Recorded:
		return t.doseRecorded(e, f)
	case dose.Attested:
		return t.doseAttested(e, f)
	case dose.Held:
		return t.c.Exec(`INSERT INTO holds (seq, patient, day, why, signs, called, plan, look_at, at, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Seq, string(f.Patient), int64(f.Day), string(f.Why), f.Signs, f.Called, f.Plan, int64(f.LookAt), at, string(e.By))
	case dose.Released:
		return t.c.Exec(`UPDATE holds SET released_at = ?, released_by = ?, note = ? WHERE patient = ? AND day = ? AND released_at = 0 AND site = ''`,
			at, string(e.By), f.Note, string(f.Patient), int64(f.Day))
	case dose.Missed:
		return t.c.Exec(`INSERT INTO missed (patient, day, cause) VALUES (?, ?, ?) ON CONFLICT (patient, day) DO UPDATE SET cause = excluded.cause`,
			string(f.Patient), int64(f.Day), string(f.Cause))
	case dose.GapAnswered:
		return t.c.Exec(`INSERT INTO gaps (seq, patient, after, action, order_id, reason, rule, day, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Seq, string(f.Patient), int64(f.After), string(f.Action), string(f.Order), f.Reason, f.Rule, int64(f.Day), string(e.By), at)
	case order.Written:
		return t.orderWritten(e, f, "")
	case order.Signed:
		return t.orderSigned(e, f, "")
	case order.Stopped:
		return t.orderStopped(e, f, "")
	case patient.Registered:
		return t.patientRegistered(f)
	case patient.Changed:
		return t.patientDetails(f.Patient, f.Details)
	case patient.CardGiven:
		return t.cardGiven(e, f)
	case patient.Photographed:
		return t.photographed(e, f)
	case patient.PhotoWithdrawn:
		return t.photoWithdrawn(f)
	case patient.Left:
		return t.c.Exec(`UPDATE patients SET left_day = ?, left_why = ? WHERE patient = ?`, int64(f.Day), string(f.Why), string(f.Patient))
	case patient.Returned:
		return t.c.Exec(`UPDATE patients SET left_day = 0, left_why = '', course_from = ?, first_dose = 0 WHERE patient = ?`, int64(f.Day), string(f.Patient))
	case patient.Noted:
		return t.c.Exec(`INSERT INTO notes (seq, patient, day, text, by, at) VALUES (?, ?, ?, ?, ?, ?)`,
			e.Seq, string(f.Patient), int64(f.Day), f.Text, string(e.By), at)
	case patient.UrineTested:
		return t.c.Exec(`INSERT INTO urine (seq, patient, day, found, method, by) VALUES (?, ?, ?, ?, ?, ?)`,
			e.Seq, string(f.Patient), int64(f.Day), list(f.Found), f.Method, string(e.By))
	case stability.Answered:
		return t.stabilityAnswered(e, f, "")
	case patient.LikenessAnswered:
		return t.likenessAnswered(f)
	case patient.DoubleAnswered:
		return t.doubleAnswered(e, f)
	case stock.Received:
		return t.stockReceived(e, f)
	case stock.Opened:
		return t.stockOpened(e, f)
	case stock.Spilled:
		return t.stockMove(e, move{f.Bottle, f.Day, "spilled", -int64(f.Volume), f.Why, "", f.Witness})
	case stock.Counted:
		return t.stockMove(e, move{f.Bottle, f.Day, "counted", int64(f.Measured - f.Book), f.Why, "", f.Witness})
	case stock.Finished:
		return t.stockFinished(e, f)
	case daybook.Opened:
		return t.c.Exec(`INSERT INTO days (day, opened_at, opened_by, confirmed_by, typed) VALUES (?, ?, ?, ?, ?)`,
			int64(f.Day), at, string(e.By), string(f.Confirmed), f.Typed)
	case daybook.Closed:
		return t.dayClosed(e, f)
	case staff.Enrolled:
		return t.c.Exec(`INSERT INTO staff (person, name, duties) VALUES (?, ?, ?)`, string(f.Person), f.Name, list(f.Duties))
	case staff.DutiesSet:
		return t.c.Exec(`UPDATE staff SET duties = ? WHERE person = ?`, list(f.Duties), string(f.Person))
	case staff.KeyMade:
		return t.c.Exec(`UPDATE staff SET signs = ? WHERE person = ?`, f.Key, f.Person)
	case staff.Left:
		return t.c.Exec(`UPDATE staff SET has_left = 1 WHERE person = ?`, string(f.Person))
	case staff.SecretSet, staff.SignedIn, staff.LockedOut:
		return nil // the security log is the journal itself
	case access.Seen:
		return t.c.Exec(`INSERT INTO seen (seq, patient, part, why, by, at, glass) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			e.Seq, string(f.Patient), f.Part, f.Why, string(e.By), at, f.Glass)
	case access.Printed:
		return t.c.Exec(`INSERT INTO printed (seq, paper, about, by, at) VALUES (?, ?, ?, ?, ?)`, e.Seq, f.Paper, f.About, string(e.By), at)
	case access.GlassBroken:
		return t.glassBroken(e.Seq, "", f)
	case access.GlassReviewed:
		return t.glassReviewed(e, "", f)
	case rulebook.Confirmed:
		return t.c.Exec(`INSERT INTO rules (seq, fact, by, at) VALUES (?, ?, ?, ?)`, e.Seq, string(e.Fact), string(e.By), at)
	case site.Founded:
		return t.c.Exec(`INSERT INTO site (site, name, programme, rules, zone, language, invented) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			string(f.Site), f.Name, f.Programme, f.Rules, f.Zone, f.Language, f.Invented)
	case programme.Founded, programme.SiteJoined, programme.SiteChanged, programme.InstallationEnded, programme.ClinicianNamed,
		programme.ClinicianEnded, programme.PairAnswered, programme.IncidentAnswered, programme.DigestKey, programme.Digests, programme.HubRestored:
		return t.programmeFact(e, v)
	}
	panic(fmt.Sprintf("clinicdb: %T has no projection", v))
}

// projected are the tables Rebuild empties; secrets and blobs are not among
// them.
var projected = []string{
	"site", "patients", "cards", "orders", "order_marks", "doses", "holds", "missed", "gaps", "notes", "urine", "bottles", "moves",
	"days", "staff", "seen", "printed", "glasses", "glass_reviews", "rules", "forms",
	"incidents", "not_understood", "this_installation", "holdings", "letters", "rejected", "programme", "programme_sites", "installations", "programme_people",
	"stability_answers", "elsewhere_days", "releases_elsewhere",
	"numbers", "digest_key", "digests", "people_elsewhere", "second_records", "second_answers",
}

// makeWhole makes the projections anew when the schema has changed since they
// were made. It is one transaction with its mark: an upgrade that is cut off
// begins again at the next start.
func (t *Tx) makeWhole() error {
	newest, whole := int64(0), int64(0)
	_, err := t.c.One(`SELECT max(number), (SELECT max(whole_for) FROM projections) FROM schema_files`, nil, func(r *sqlitefile.Row) error {
		newest, whole = r.Int(0), r.Int(1)
		return nil
	})
	if err != nil || newest == whole {
		return err
	}
	if err := t.Rebuild(nil); err != nil {
		return err
	}
	if err := t.c.Exec(`DELETE FROM projections`); err != nil {
		return err
	}
	return t.c.Exec(`INSERT INTO projections (whole_for) VALUES (?)`, newest)
}

// rebuildKB is the page cache of a rebuild; it is given back afterwards.
const rebuildKB = 96 << 10

// Rebuild empties every projection and makes it again from the site's journal
// and from what was heard of others, in the order of the first time. progress
// is told after every thousand entries.
func (t *Tx) Rebuild(progress func(done int64)) (err error) {
	back, err := t.c.Cache(rebuildKB)
	if err != nil {
		return fmt.Errorf("room to rebuild: %w", err)
	}
	defer func() { err = errors.Join(err, back()) }()
	for _, table := range projected {
		if err := t.c.Exec("DELETE FROM " + table); err != nil {
			return fmt.Errorf("empty %s: %w", table, err)
		}
	}
	r := Retracing{heard: heardUntil{t: t}}
	err = journal.Each(t.c, func(e journal.Entry) error {
		if r.n%1000 == 999 && progress != nil {
			progress(r.n + 1)
		}
		return r.Take(e, nil)
	})
	if err != nil {
		return err
	}
	return r.End()
}

// Retracing makes the projections of a site's journal in its order, and of
// what was heard of others in the places of the first time.
type Retracing struct {
	heard heardUntil
	n     int64
}

// Retrace begins to make the projections of another file's facts in this,
// empty one. What the other had heard is taken over first.
func (t *Tx) Retrace(of *View) (*Retracing, error) {
	err := of.c.Query(`SELECT n, site, seq, after, patient, entry FROM heard ORDER BY n`, nil, func(r *sqlitefile.Row) error {
		return t.c.Exec(`INSERT INTO heard (n, site, seq, after, patient, entry) VALUES (?, ?, ?, ?, ?, ?)`,
			r.Int(0), r.Text(1), r.Int(2), r.Int(3), r.Text(4), r.Blob(5))
	})
	if err != nil {
		return nil, fmt.Errorf("take over what was heard: %w", err)
	}
	return &Retracing{heard: heardUntil{t: t}}, nil
}

// Take projects the next entry of the journal; v is as in [Tx.Project].
func (r *Retracing) Take(e journal.Entry, v any) error {
	if err := r.heard.before(e.Seq); err != nil {
		return err
	}
	r.n = e.Seq + 1
	return r.heard.t.Project(e, v)
}

// End projects what was heard after the last entry.
func (r *Retracing) End() error { return r.heard.before(r.n) }

// list writes a list as JSON text; lists here hold strings only.
func list(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("clinicdb: %v", err)) // strings always encode
	}
	if string(b) == "null" {
		return "[]"
	}
	return string(b)
}

func unlist[T ~string](s string) ([]T, error) {
	var out []T
	if err := json.Unmarshal([]byte(s), &out); err != nil {
		return nil, fmt.Errorf("list column: %w", err)
	}
	return out, nil
}

// day columns are read through dayOf so that no bare number is passed around.
func dayOf(r *sqlitefile.Row, i int) day.Day { return day.Day(r.Int(i)) }
