package clinicdb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/stability"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

// Hear keeps an entry of another site's journal and projects it as far as it
// concerns a patient known here. An entry heard before changes nothing; fresh
// says whether this one was new. Whoever calls has verified it.
func (t *Tx) Hear(e journal.Entry, raw []byte) (fresh bool, err error) {
	told, err := t.Told()
	if err != nil {
		return false, fmt.Errorf("hear entry %d of %s: %w", e.Seq, e.Site, err)
	}
	err = t.c.Exec(`INSERT INTO heard (site, seq, after, patient, entry) VALUES (?, ?, ?, ?, ?) ON CONFLICT (site, seq) DO NOTHING`,
		e.Site, e.Seq, told.Own, about(e), raw)
	if err != nil {
		return false, fmt.Errorf("hear entry %d of %s: %w", e.Seq, e.Site, err)
	}
	if t.c.Changes() == 0 {
		return false, t.sameAsHeard(e, raw)
	}
	n := t.c.LastID()
	return true, t.projectHeard(n, e)
}

// sameAsHeard refuses an entry that is another than the one heard before under
// its number: its site has two histories.
func (t *Tx) sameAsHeard(e journal.Entry, raw []byte) error {
	same := false
	_, err := t.c.One(`SELECT entry FROM heard WHERE site = ? AND seq = ?`, []any{e.Site, e.Seq}, func(r *sqlitefile.Row) error {
		same = bytes.Equal(r.Raw(0), raw)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read entry %d of %s: %w", e.Seq, e.Site, err)
	}
	if !same {
		return &journal.Broken{Site: e.Site, Seq: e.Seq, What: "another entry was heard under this number before"}
	}
	return nil
}

// about is the patient of an entry, whatever its kind: newer kinds name theirs
// in the same field.
func about(e journal.Entry) id.Patient {
	var f struct {
		Patient id.Patient `json:"patient"`
	}
	if json.Unmarshal(e.Fact, &f) != nil { // of another form: about nobody
		return ""
	}
	return f.Patient
}

// ProjectHeard projects everything heard of a patient before the local entry
// at hand, in the order in which it came: for when a patient becomes known
// here. Projecting a fact again changes nothing.
func (t *Tx) ProjectHeard(p id.Patient, before int64) error {
	type row struct {
		n int64
		e journal.Entry
	}
	var rows []row
	err := t.c.Query(`SELECT n, entry FROM heard WHERE patient = ? AND after <= ? ORDER BY n`, []any{p, before}, func(r *sqlitefile.Row) error {
		e, err := journal.Decode(r.Blob(1))
		rows = append(rows, row{r.Int(0), e})
		return err
	})
	if err != nil {
		return fmt.Errorf("read what was heard of %s: %w", p, err)
	}
	for _, x := range rows {
		if err := t.projectHeard(x.n, x.e); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) projectHeard(n int64, e journal.Entry) error {
	v, err := fact.Decode(e.Kind, e.Fact)
	if errors.Is(err, fact.ErrUnknown) {
		return t.notUnderstood(e)
	}
	if err != nil {
		return fmt.Errorf("entry %d of %s: %w", e.Seq, e.Site, err)
	}
	if e.Site == programme.Hub {
		err = t.programmeFact(e, v)
	} else {
		err = t.elsewhere(n, e, v)
	}
	if err != nil {
		return fmt.Errorf("project entry %d of %s, %s: %w", e.Seq, e.Site, e.Kind, err)
	}
	return nil
}

// notUnderstood notes that an entry about a patient cannot be read by this
// program. Whether its kind must be understood is not known to a program that
// does not know the kind, so all of them count: the hub sends none that are
// not about care.
func (t *Tx) notUnderstood(e journal.Entry) error {
	p := about(e)
	if p == "" {
		return nil
	}
	err := t.c.Exec(`INSERT INTO not_understood (patient, site, seq, kind) VALUES (?, ?, ?, ?) ON CONFLICT (patient, site, seq) DO NOTHING`,
		p, e.Site, e.Seq, e.Kind)
	if err != nil {
		return fmt.Errorf("entry %d of %s, not understood: %w", e.Seq, e.Site, err)
	}
	return nil
}

// elsewhere projects what another site recorded. It touches no bottle, day,
// form or secret of this one, and no row of another site but the writer's.
func (t *Tx) elsewhere(n int64, e journal.Entry, v any) error {
	p := about(e)
	if err := t.letterElsewhere(e, v); err != nil {
		return err
	}
	known, err := t.c.One(`SELECT 1 FROM patients WHERE patient = ?`, []any{p}, none)
	if err != nil {
		return err
	}
	if !known {
		return t.personElsewhere(e, v)
	}
	switch f := v.(type) {
	case patient.Registered:
		return t.patientDetails(f.Patient, f.Details)
	case patient.Changed:
		return t.patientDetails(f.Patient, f.Details)
	case patient.Noted:
		return t.c.Exec(`INSERT INTO notes (seq, patient, day, text, by, at, site) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
			-n, f.Patient, f.Day, f.Text, e.By, e.When(), e.Site)
	case patient.UrineTested:
		return t.c.Exec(`INSERT INTO urine (seq, patient, day, found, method, by, site) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
			-n, f.Patient, f.Day, list(f.Found), f.Method, e.By, e.Site)
	case access.GlassBroken:
		return t.glassBroken(-n, e.Site, f)
	case access.GlassReviewed:
		return t.glassReviewed(e, e.Site, f)
	case order.Written, order.Signed, order.Stopped:
		return t.orderElsewhere(e, v)
	case stability.Answered:
		return t.stabilityAnswered(e, f, e.Site)
	case dose.Missed:
		return t.dayElsewhere(e, f.Patient, f.Day, string(f.Cause))
	case dose.Held:
		return t.heldElsewhere(n, e, f)
	case dose.Released:
		return t.releasedElsewhere(e, f)
	case dose.GapAnswered:
		return t.c.Exec(`INSERT INTO gaps (seq, patient, after, action, order_id, reason, rule, day, by, at, site) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
			-n, f.Patient, f.After, f.Action, f.Order, f.Reason, f.Rule, f.Day, e.By, e.When(), e.Site)
	}
	return t.doseElsewhere(n, e, v)
}

// heldElsewhere keeps a hold of another site for the record. It holds nobody
// back here, and is lifted by its own site's words only, whichever comes first.
func (t *Tx) heldElsewhere(n int64, e journal.Entry, f dose.Held) error {
	err := t.c.Exec(`INSERT INTO holds (seq, patient, day, why, signs, called, plan, look_at, at, by, site) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING`,
		-n, f.Patient, f.Day, f.Why, f.Signs, f.Called, f.Plan, f.LookAt, e.When(), e.By, e.Site)
	if err != nil {
		return err
	}
	if err := t.liftElsewhere(f.Patient, f.Day, e.Site); err != nil || f.Why != dose.Intoxicated {
		return err // of another hold the closing tells that the day was held
	}
	return t.dayElsewhere(e, f.Patient, f.Day, IntoxicatedDay)
}

func (t *Tx) releasedElsewhere(e journal.Entry, f dose.Released) error {
	err := t.c.Exec(`INSERT INTO releases_elsewhere (patient, day, site, at, by, note) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Patient, f.Day, e.Site, e.When(), e.By, f.Note)
	if err != nil {
		return err
	}
	return t.liftElsewhere(f.Patient, f.Day, e.Site)
}

// liftElsewhere gives each hold of a site's day the first release after it.
func (t *Tx) liftElsewhere(p id.Patient, d day.Day, s id.Site) error {
	return t.c.Exec(`UPDATE holds SET (released_at, released_by, note) = (SELECT at, by, note FROM releases_elsewhere AS r
			WHERE r.patient = holds.patient AND r.day = holds.day AND r.site = holds.site AND r.at >= holds.at ORDER BY at LIMIT 1)
		WHERE patient = ?1 AND day = ?2 AND site = ?3 AND EXISTS (SELECT 1 FROM releases_elsewhere AS r
			WHERE r.patient = holds.patient AND r.day = holds.day AND r.site = holds.site AND r.at >= holds.at)`, p, d, s)
}

// orderElsewhere keeps the orders of another site: an order is in force
// wherever the patient is.
func (t *Tx) orderElsewhere(e journal.Entry, v any) error {
	switch f := v.(type) {
	case order.Written:
		if f.Order == "" || f.Amount <= 0 || f.Last < f.First { // no order this program could show: the patient is held until one can
			return t.notUnderstood(e)
		}
		there, err := t.c.One(`SELECT 1 FROM orders WHERE order_id = ?`, []any{f.Order}, none)
		if err != nil {
			return err
		}
		if there {
			err = t.orderUntold(e, f)
		} else {
			err = t.orderWritten(e, f, e.Site)
		}
		if err != nil {
			return err
		}
		return t.ordersStand(`patient = ?1`, f.Patient)
	case order.Signed:
		return t.orderSigned(e, f, e.Site)
	case order.Stopped:
		return t.orderStopped(e, f, e.Site)
	}
	return nil
}

// orderUntold gives an order that only a letter had told what its writer wrote:
// the day it truly began, which the letter does not say, and which orders it
// replaces. It stays in force meanwhile, because the letter was signed.
func (t *Tx) orderUntold(e journal.Entry, f order.Written) error {
	over, err := json.Marshal(f.Overrides)
	if err != nil {
		return fmt.Errorf("overrides: %w", err)
	}
	return t.c.Exec(`UPDATE orders SET phase = ?, first = ?, last = ?, reason = ?, replaces = ?, knew_ended = ?, overrides = ?, imported = ?, written_by = ?,
		written_at = ?, site = ? WHERE order_id = ? AND patient = ? AND amount_ug = ? AND written_by = '' AND site <> ''`,
		f.Phase, f.First, f.Last, f.Reason, list(f.Replaces), list(f.KnewEnded), string(over), f.Imported, e.By, e.When(), e.Site, f.Order, f.Patient, f.Amount)
}

// elsewherePart and on are the places of other sites' doses in a day, one for
// each entry heard: they take none that a dose of this site could need.
const elsewherePart = 100

// doseElsewhere keeps the doses of another site.
func (t *Tx) doseElsewhere(n int64, e journal.Entry, v any) error {
	set := func(p id.Patient, d id.Dose, columns string, args ...any) error {
		err := t.c.Exec(`UPDATE doses SET `+columns+` WHERE dose = ? AND site = ?`, append(args, d, e.Site)...)
		if err != nil {
			return err
		}
		return t.refreshLast(p)
	}
	end := func(p id.Patient, d id.Dose, o dose.Outcome, taken unit.Microgram, why string, witness id.Person) error {
		return set(p, d, `outcome = ?, taken_ug = CASE WHEN ? < 0 THEN amount_ug ELSE ?2 END, why = ?, witness = ?, ended_at = ?, ended_by = ?`,
			o, taken, why, witness, e.When(), e.By)
	}
	const whole = unit.Microgram(-1)
	switch f := v.(type) {
	case dose.Poured:
		return t.pouredElsewhere(n, e, f)
	case dose.Recorded:
		return t.recordedElsewhere(n, e, f)
	case dose.Attested:
		return t.attestedElsewhere(n, e, f)
	case dose.Swallowed:
		return end(f.Patient, f.Dose, dose.Taken, whole, "", "")
	case dose.PartTaken:
		return end(f.Patient, f.Dose, dose.PartOnly, f.Taken, f.Why, f.Witness)
	case dose.NotGiven:
		return end(f.Patient, f.Dose, dose.NotTaken, 0, string(f.Why), f.Witness)
	case dose.Answered:
		if f.Outcome == dose.NotTaken {
			return end(f.Patient, f.Dose, f.Outcome, 0, f.Note, f.Witness)
		}
		return end(f.Patient, f.Dose, f.Outcome, whole, f.Note, f.Witness)
	case dose.Corrected:
		return set(f.Patient, f.Dose, `outcome = ?, taken_ug = ?, corrected = ?`,
			f.Outcome, f.Taken, f.Reason)
	case dose.Vomited:
		return set(f.Patient, f.Dose, `vomited_min = ?, vomit_seen = ?`, f.Minutes, f.Seen)
	case dose.ReplacementAllowed:
		return set(f.Patient, f.Dose, `replacement_ug = ?`, f.Amount)
	}
	return nil // a right to write is the other site's own morning
}

func (t *Tx) pouredElsewhere(n int64, e journal.Entry, f dose.Poured) error {
	err := t.c.Exec(`INSERT INTO doses (dose, patient, day, part, order_id, amount_ug, volume_ul, taken_ug, outcome, replaces, poured_at, poured_by,
		station, site) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'poured', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Dose, f.Patient, f.Day, elsewherePart+n, f.Order, f.Amount, f.Volume, f.Replaces, e.When(), e.By, f.Station, e.Site)
	if err != nil {
		return err
	}
	return t.dosedElsewhere(f.Patient, f.Day)
}

func (t *Tx) recordedElsewhere(n int64, e journal.Entry, f dose.Recorded) error {
	err := t.c.Exec(`INSERT INTO doses (dose, patient, day, part, order_id, amount_ug, volume_ul, taken_ug, outcome, poured_at, poured_by,
		ended_by, source, site) VALUES (?, ?, ?, ?, '', ?, 0, ?, 'swallowed', 0, '', ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Dose, f.Patient, f.Day, elsewherePart+n, f.Amount, f.Amount, e.By, f.Source, e.Site)
	if err != nil {
		return err
	}
	if err := t.refreshLast(f.Patient); err != nil {
		return err
	}
	return t.dosedElsewhere(f.Patient, f.Day)
}

// attestedElsewhere keeps a dose that another site gave on people's word: it was
// swallowed, so the day is as taken as by any other.
func (t *Tx) attestedElsewhere(n int64, e journal.Entry, f dose.Attested) error {
	err := t.c.Exec(`INSERT INTO doses (dose, patient, day, part, order_id, amount_ug, volume_ul, taken_ug, outcome, poured_at, poured_by,
		ended_at, ended_by, witness, why, source, site) VALUES (?, ?, ?, ?, '', ?, ?, ?, 'swallowed', ?, ?, ?, ?, ?, ?, 'attested', ?) ON CONFLICT DO NOTHING`,
		f.Dose, f.Patient, f.Day, elsewherePart+n, f.Amount, f.Volume, f.Amount, e.When(), e.By, e.When(), e.By, f.Witness, f.Why, e.Site)
	if err != nil {
		return err
	}
	if err := t.refreshLast(f.Patient); err != nil {
		return err
	}
	return t.dosedElsewhere(f.Patient, f.Day)
}

// dosedElsewhere makes the right to dose as careful as the news is, and notes
// an incident where the day was dosed here too.
func (t *Tx) dosedElsewhere(p id.Patient, d day.Day) error {
	if err := t.setHolding(p, func(h transfer.Holding) transfer.Holding { return transfer.ApplyElsewhere(h, d) }); err != nil {
		return err
	}
	return t.doubled(p, d)
}

// doubled notes an incident where a patient has doses of one day at two sites.
// Both facts stay as they are; whether both were swallowed is asked of the
// rows when the incident is read.
func (t *Tx) doubled(p id.Patient, d day.Day) error {
	return t.c.Exec(`INSERT INTO incidents (kind, patient, day, site) SELECT 'dose.doubled', patient, day, site FROM doses AS d
		WHERE patient = ? AND day = ? AND site <> '' AND EXISTS (SELECT 1 FROM doses WHERE patient = ?1 AND day = ?2 AND site <> d.site)
		ORDER BY site LIMIT 1 ON CONFLICT (kind, patient, day) DO NOTHING`, p, d)
}

// Incident is something people must look at.
type Incident struct {
	Kind    string // "dose.doubled"
	Patient id.Patient
	Day     day.Day
	Site    id.Site // the other site
}

// Incidents are those that still stand, newest day first: a doubled dose
// stands while doses of two sites may have been swallowed.
func (v *View) Incidents() ([]Incident, error) {
	var out []Incident
	err := v.c.Query(`SELECT kind, patient, day, site FROM incidents AS i WHERE kind <> 'dose.doubled' OR
		(SELECT COUNT(DISTINCT site) FROM doses WHERE patient = i.patient AND day = i.day AND outcome <> 'not_given') > 1
		ORDER BY day DESC, patient`, nil, func(r *sqlitefile.Row) error {
		out = append(out, Incident{r.Text(0), id.Patient(r.Text(1)), dayOf(r, 2), id.Site(r.Text(3))})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the incidents: %w", err)
	}
	return out, nil
}

// NotUnderstood are the kinds heard of a patient that this program does not
// know: the patient is held until it is upgraded.
func (v *View) NotUnderstood(p id.Patient) ([]string, error) {
	var out []string
	err := v.c.Query(`SELECT DISTINCT kind FROM not_understood WHERE patient = ? ORDER BY kind`, []any{p}, func(r *sqlitefile.Row) error {
		out = append(out, r.Text(0))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is not understood of %s: %w", p, err)
	}
	return out, nil
}

// HeardOf reads the entries heard of a patient, oldest arrival first.
func (v *View) HeardOf(p id.Patient, each func(journal.Entry) error) error {
	return v.c.Query(`SELECT entry FROM heard WHERE patient = ? ORDER BY n`, []any{p}, func(r *sqlitefile.Row) error {
		e, err := journal.Decode(r.Blob(0))
		if err != nil {
			return err
		}
		return each(e)
	})
}

// heardUntil gives what was heard back to a rebuild in its place.
type heardUntil struct {
	t    *Tx
	last int64 // n of the newest one projected
	next int64 // how many local entries come before the next one; nothing is looked up until then
}

// before projects what was heard before the local journal had more than size
// entries.
func (h *heardUntil) before(size int64) error {
	for size >= h.next {
		var n int64
		var e journal.Entry
		found, err := h.t.c.One(`SELECT n, entry, after FROM heard WHERE n > ? ORDER BY n LIMIT 1`, []any{h.last}, func(r *sqlitefile.Row) error {
			if h.next = r.Int(2); h.next > size {
				return nil
			}
			var err error
			n = r.Int(0)
			e, err = journal.Decode(r.Blob(1))
			return err
		})
		if err != nil {
			return fmt.Errorf("read what was heard: %w", err)
		}
		if !found {
			h.next = math.MaxInt64
		}
		if n == 0 {
			return nil
		}
		h.last = n
		if err := h.t.projectHeard(n, e); err != nil {
			return err
		}
	}
	return nil
}
