package clinicdb

import (
	"cmp"
	"fmt"
	"slices"

	"tram/internal/care/dose"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

// part is the row's place in its day: the dose of the day, or the replacement
// of a vomited one.
func part(replaces id.Dose) int {
	if replaces != "" {
		return 1
	}
	return 0
}

func (t *Tx) dosePoured(e journal.Entry, f dose.Poured) error {
	if len(f.Draws) == 0 || len(f.Draws) > 2 {
		return fmt.Errorf("dose %s has %d draws, want 1 or 2", f.Dose, len(f.Draws))
	}
	var second dose.Draw
	if len(f.Draws) == 2 {
		second = f.Draws[1]
	}
	err := t.c.Exec(`INSERT INTO doses (dose, patient, day, part, order_id, amount_ug, volume_ul, taken_ug, outcome, replaces,
		bottle, bottle2, volume2_ul, poured_at, poured_by, station) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'poured', ?, ?, ?, ?, ?, ?, ?)`,
		string(f.Dose), string(f.Patient), int64(f.Day), part(f.Replaces), string(f.Order), int64(f.Amount), int64(f.Volume),
		string(f.Replaces), string(f.Draws[0].Bottle), string(second.Bottle), int64(second.Volume),
		int64(e.When()), string(e.By), string(f.Station))
	if err != nil {
		return err
	}
	for _, d := range f.Draws {
		if err := t.draw(d.Bottle, -d.Volume); err != nil {
			return err
		}
	}
	return t.doubled(f.Patient, f.Day)
}

// draw moves a bottle's book. The CHECK on left_ul refuses to go below zero:
// care has refused it before (STOCK-02).
func (t *Tx) draw(b id.Bottle, v unit.Microlitre) error {
	return t.c.Exec(`UPDATE bottles SET left_ul = left_ul + ? WHERE bottle = ?`, int64(v), string(b))
}

type ended struct {
	outcome dose.Outcome
	whole   bool           // the whole dose counts as taken
	taken   unit.Microgram // used when not whole
	why     string
	rest    unit.Microlitre
	wasted  bool
	again   bool
	witness id.Person
}

// againNo is the number that takes a dose out of the way of its day's next
// one; 0 where the dose keeps the day.
func (o ended) againNo(e journal.Entry) int64 {
	if o.outcome == dose.NotTaken && o.again {
		return e.Seq
	}
	return 0
}

func (t *Tx) doseEnded(e journal.Entry, d id.Dose, p id.Patient, o ended) error {
	err := t.c.Exec(`UPDATE doses SET outcome = ?, taken_ug = CASE WHEN ? THEN amount_ug ELSE ? END, why = ?, rest_ul = ?, wasted = ?,
		again_no = ?, witness = ?, ended_at = ?, ended_by = ? WHERE dose = ?`,
		string(o.outcome), o.whole, int64(o.taken), o.why, int64(o.rest), o.wasted, o.againNo(e), string(o.witness),
		int64(e.When()), string(e.By), string(d))
	if err != nil {
		return err
	}
	return t.refreshLast(p)
}

func (t *Tx) dosePart(e journal.Entry, f dose.PartTaken) error {
	return t.doseEnded(e, f.Dose, f.Patient, ended{
		outcome: dose.PartOnly, taken: f.Taken, why: f.Why, rest: f.Rest, wasted: true, witness: f.Witness,
	})
}

// doseNotGiven leaves wasted liquid out of its bottle, where the pouring put
// it, and puts untouched liquid back.
func (t *Tx) doseNotGiven(e journal.Entry, f dose.NotGiven) error {
	if !f.Wasted {
		err := t.eachDraw(f.Dose, func(d dose.Draw) error {
			return t.stockMove(e, move{d.Bottle, e.Day, "back", int64(d.Volume), string(f.Why), string(f.Dose), f.Witness})
		})
		if err != nil {
			return err
		}
	}
	return t.doseEnded(e, f.Dose, f.Patient, ended{
		outcome: dose.NotTaken, why: string(f.Why), wasted: f.Wasted, again: f.Again, witness: f.Witness,
	})
}

// eachDraw calls fn for what each bottle gave to a dose.
func (t *Tx) eachDraw(d id.Dose, fn func(dose.Draw) error) error {
	draws, err := t.Draws(d)
	if err != nil {
		return err
	}
	for _, x := range draws {
		if err := fn(x); err != nil {
			return err
		}
	}
	return nil
}

// Draws are what each bottle gave to a dose.
func (v *View) Draws(d id.Dose) ([]dose.Draw, error) {
	var draws []dose.Draw
	err := v.one(`SELECT bottle, volume_ul - volume2_ul, bottle2, volume2_ul FROM doses WHERE dose = ?`, []any{string(d)},
		func(r *sqlitefile.Row) error {
			draws = append(draws, dose.Draw{Bottle: id.Bottle(r.Text(0)), Volume: unit.Microlitre(r.Int(1))})
			if r.Text(2) != "" {
				draws = append(draws, dose.Draw{Bottle: id.Bottle(r.Text(2)), Volume: unit.Microlitre(r.Int(3))})
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("draws of dose %s: %w", d, err)
	}
	return draws, nil
}

func (t *Tx) doseVomited(f dose.Vomited) error {
	err := t.c.Exec(`UPDATE doses SET vomited_min = ?, vomit_seen = ? WHERE dose = ?`, f.Minutes, f.Seen, string(f.Dose))
	if err != nil {
		return err
	}
	return t.refreshLast(f.Patient)
}

// doseCorrected changes how the dose counts; the liquid stays where the first
// entry put it, and a difference shows at the next count. again is cleared: a
// correction never frees the day.
func (t *Tx) doseCorrected(f dose.Corrected) error {
	err := t.c.Exec(`UPDATE doses SET outcome = ?, taken_ug = ?, again_no = CASE WHEN outcome = 'not_given' AND ? = 'not_given' THEN again_no ELSE 0 END,
		corrected = ? WHERE dose = ?`, string(f.Outcome), int64(f.Taken), string(f.Outcome), f.Reason, string(f.Dose))
	if err != nil {
		return err
	}
	return t.refreshLast(f.Patient)
}

func (t *Tx) doseRecorded(e journal.Entry, f dose.Recorded) error {
	err := t.c.Exec(`INSERT INTO doses (dose, patient, day, part, order_id, amount_ug, volume_ul, taken_ug, outcome, poured_at, poured_by,
		ended_at, ended_by, source) VALUES (?, ?, ?, 0, '', ?, 0, ?, 'swallowed', 0, '', 0, ?, ?)`,
		string(f.Dose), string(f.Patient), int64(f.Day), int64(f.Amount), int64(f.Amount), string(e.By), f.Source)
	if err != nil {
		return err
	}
	if err := t.refreshLast(f.Patient); err != nil {
		return err
	}
	return t.doubled(f.Patient, f.Day)
}

// attestedPart is the place in its day of a dose on people's word that is one
// too many: it happened, so it stands, and people look at it.
const attestedPart = 50

// doseAttested keeps a dose that was given on people's word.
func (t *Tx) doseAttested(e journal.Entry, f dose.Attested) error {
	var draws [2]dose.Draw
	if copy(draws[:], f.Draws) < len(f.Draws) {
		return fmt.Errorf("dose %s has %d draws, want at most 2", f.Dose, len(f.Draws))
	}
	taken, err := t.c.One(`SELECT 1 FROM doses WHERE patient = ? AND day = ? AND outcome <> 'not_given'`, []any{f.Patient, f.Day}, none)
	if err != nil {
		return err
	}
	place := int64(0)
	if spent, err := t.c.One(`SELECT 1 FROM doses WHERE patient = ? AND day = ? AND part = 0 AND again_no = 0`, []any{f.Patient, f.Day}, none); err != nil {
		return err
	} else if spent {
		place = attestedPart + e.Seq // a place of its own in the day
	}
	err = t.c.Exec(`INSERT INTO doses (dose, patient, day, part, order_id, amount_ug, volume_ul, taken_ug, outcome, bottle, bottle2, volume2_ul,
		poured_at, poured_by, ended_at, ended_by, witness, why, source)
		VALUES (?, ?, ?, ?, '', ?, ?, ?, 'swallowed', ?, ?, ?, ?, ?, ?, ?, ?, ?, 'attested')`,
		f.Dose, f.Patient, f.Day, place, f.Amount, f.Volume, f.Amount, draws[0].Bottle, draws[1].Bottle, draws[1].Volume,
		e.When(), e.By, e.When(), e.By, f.Witness, f.Why)
	if err != nil {
		return err
	}
	for _, d := range f.Draws {
		if err := t.draw(d.Bottle, -d.Volume); err != nil {
			return err
		}
	}
	if taken {
		err := t.c.Exec(`INSERT INTO incidents (kind, patient, day, site) VALUES ('dose.attested_second', ?, ?, '') ON CONFLICT DO NOTHING`, f.Patient, f.Day)
		if err != nil {
			return err
		}
	}
	if err := t.refreshLast(f.Patient); err != nil {
		return err
	}
	return t.doubled(f.Patient, f.Day)
}

// refreshLast finds the patient's newest dose that is known to have been taken,
// the newest that may have been, and the first of the course of treatment. The
// first is what missed days are counted from, the second what hours are counted
// from: a dose of which nobody knows counts for each as the safer reading. They
// are computed from the rows and not carried along, so that a late fact lands
// in its place.
func (t *Tx) refreshLast(p id.Patient) error {
	err := t.c.Exec(`UPDATE patients SET
		(last_day, last_ug) = (SELECT COALESCE(MAX(day), 0), COALESCE(taken_ug, 0) FROM (SELECT day, taken_ug FROM doses
			WHERE patient = ?1 AND outcome IN ('swallowed', 'part_taken') ORDER BY day DESC, part DESC LIMIT 1)),
		(last_at, last_dose, last_outcome, last_vomited) = (SELECT COALESCE(poured_at, 0), COALESCE(dose, ''), COALESCE(outcome, ''),
			COALESCE(vomited_min >= 0, 0) FROM (SELECT MAX(day), poured_at, dose, outcome, vomited_min FROM (SELECT day, poured_at, dose, outcome, vomited_min FROM doses
			WHERE patient = ?1 AND outcome IN ('swallowed', 'part_taken', 'unknown') ORDER BY day DESC, part DESC LIMIT 1))),
		first_dose = (SELECT COALESCE(MIN(day), 0) FROM (SELECT day FROM doses
			WHERE patient = ?1 AND outcome IN ('swallowed', 'part_taken', 'unknown') AND day >= patients.course_from ORDER BY day LIMIT 1))
		WHERE patient = ?1`, string(p))
	if err != nil {
		return err
	}
	return t.c.Exec(`UPDATE patients SET last_day = told_day, last_ug = told_ug, last_at = told_at, last_dose = '', last_outcome = 'swallowed', last_vomited = 0
		WHERE patient = ? AND told_day > last_day`, string(p))
}

const doseColumns = `dose, patient, day, amount_ug, volume_ul, taken_ug, outcome, replaces, poured_at, poured_by, station, ended_at, again_no,
	vomited_min, vomit_seen, replacement_ug, corrected, source`

func doseEntry(r *sqlitefile.Row) dose.Entry {
	return dose.Entry{
		Dose: id.Dose(r.Text(0)), Patient: id.Patient(r.Text(1)), Day: dayOf(r, 2), Amount: unit.Microgram(r.Int(3)),
		Volume: unit.Microlitre(r.Int(4)), Taken: unit.Microgram(r.Int(5)), Outcome: dose.Outcome(r.Text(6)),
		Replaces: id.Dose(r.Text(7)), PouredAt: day.Instant(r.Int(8)), PouredBy: id.Person(r.Text(9)), Station: id.Station(r.Text(10)),
		EndedAt: day.Instant(r.Int(11)), Again: r.Int(12) != 0, VomitedMin: int(r.Int(13)), VomitSeen: r.Int(14) == 1,
		Replacement: unit.Microgram(r.Int(15)), Corrected: r.Text(16) != "", Attested: r.Text(17) == "attested",
	}
}

// Dose is one dose as it stands, or ErrNotFound.
func (v *View) Dose(d id.Dose) (dose.Entry, error) {
	var e dose.Entry
	err := v.one(`SELECT `+doseColumns+` FROM doses WHERE dose = ?`, []any{string(d)}, func(r *sqlitefile.Row) error {
		e = doseEntry(r)
		return nil
	})
	return e, err
}

// DosesOf are a patient's doses of the days from first to last, oldest first.
func (v *View) DosesOf(p id.Patient, first, last day.Day) ([]dose.Entry, error) {
	return v.doses(`SELECT `+doseColumns+` FROM doses WHERE patient = ? AND day BETWEEN ? AND ? ORDER BY day, part, poured_at, dose`,
		string(p), int64(first), int64(last))
}

// DosesOn are all doses of a day in the order in which they were poured.
func (v *View) DosesOn(d day.Day) ([]dose.Entry, error) {
	return v.doses(`SELECT `+doseColumns+` FROM doses WHERE day = ? AND site = '' ORDER BY poured_at, dose`, int64(d))
}

// DosesHere are a patient's doses of a day at this site, in the order in which
// they were poured: their part of DosesOn.
func (v *View) DosesHere(p id.Patient, d day.Day) ([]dose.Entry, error) {
	return v.doses(`SELECT `+doseColumns+` FROM doses WHERE patient = ? AND day = ? AND site = '' ORDER BY poured_at, dose`, p, d)
}

// OpenDoses are doses poured here that nobody has answered for, oldest first.
func (v *View) OpenDoses(since day.Day) ([]dose.Entry, error) {
	return v.doses(`SELECT `+doseColumns+` FROM doses WHERE day >= ? AND outcome = 'poured' AND site = '' ORDER BY poured_at, dose`, int64(since))
}

func (v *View) doses(sql string, args ...any) ([]dose.Entry, error) {
	var out []dose.Entry
	err := v.c.Query(sql, args, func(r *sqlitefile.Row) error {
		out = append(out, doseEntry(r))
		return nil
	})
	return out, err
}

// LastTaken is the newest dose before a day that is known to have been taken, or
// still waits for its answer; ok is false when there is none.
func (v *View) LastTaken(p id.Patient, before day.Day) (e dose.Entry, ok bool, err error) {
	ok, err = v.c.One(`SELECT `+doseColumns+` FROM doses WHERE patient = ? AND day < ? AND outcome IN ('swallowed', 'part_taken', 'unknown', 'poured')
		ORDER BY day DESC, part DESC LIMIT 1`, []any{string(p), int64(before)}, func(r *sqlitefile.Row) error {
		e = doseEntry(r)
		return nil
	})
	if err != nil {
		return e, false, err
	}
	told, known, err := v.told(p, before)
	if known && told.Day > e.Day {
		return told, true, err
	}
	return e, ok, err
}

// Waste is a poured dose, or a part of one, that was not swallowed and did not
// go back into its bottle.
type Waste struct {
	Dose    id.Dose
	Bottle  id.Bottle
	Day     day.Day
	Volume  unit.Microlitre
	Witness id.Person
}

// WasteOn are the wastes of a day.
func (v *View) WasteOn(d day.Day) ([]Waste, error) {
	var out []Waste
	err := v.c.Query(`SELECT dose, bottle, day, CASE WHEN outcome = 'not_given' THEN volume_ul ELSE rest_ul END, witness FROM doses
		WHERE day = ? AND wasted = 1 AND site = '' ORDER BY poured_at, dose`, []any{int64(d)}, func(r *sqlitefile.Row) error {
		out = append(out, Waste{id.Dose(r.Text(0)), id.Bottle(r.Text(1)), dayOf(r, 2), unit.Microlitre(r.Int(3)), id.Person(r.Text(4))})
		return nil
	})
	return out, err
}

// Hold is a hold of a day, as it stands.
type Hold struct {
	Patient    id.Patient
	Day        day.Day
	Why        dose.HoldWhy
	Signs      string
	Called     string
	Plan       string
	LookAt     day.Instant
	At         day.Instant
	By         id.Person
	ReleasedAt day.Instant // 0 while it holds
	ReleasedBy id.Person
	Note       string
	Site       id.Site // "" is this one
}

func (v *View) holds(where string, args ...any) ([]Hold, error) {
	var out []Hold
	err := v.c.Query(`SELECT patient, day, why, signs, called, plan, look_at, at, by, released_at, released_by, note, site FROM holds `+where, args,
		func(r *sqlitefile.Row) error {
			out = append(out, Hold{
				id.Patient(r.Text(0)), dayOf(r, 1), dose.HoldWhy(r.Text(2)), r.Text(3), r.Text(4), r.Text(5), day.Instant(r.Int(6)),
				day.Instant(r.Int(7)), id.Person(r.Text(8)), day.Instant(r.Int(9)), id.Person(r.Text(10)), r.Text(11), id.Site(r.Text(12)),
			})
			return nil
		})
	return out, err
}

// HoldsOn are this site's holds of a day, lifted or not, oldest first.
func (v *View) HoldsOn(d day.Day) ([]Hold, error) {
	return v.holds(`WHERE day = ? AND site = '' ORDER BY seq`, int64(d))
}

// HoldsOf are a patient's holds at this site since a day, newest first.
func (v *View) HoldsOf(p id.Patient, since day.Day) ([]Hold, error) {
	return v.holds(`WHERE patient = ? AND day >= ? AND site = '' ORDER BY seq DESC`, string(p), int64(since))
}

// HoldsAnywhere are a patient's holds at every site since a day, newest first.
func (v *View) HoldsAnywhere(p id.Patient, since day.Day) ([]Hold, error) {
	return v.holds(`WHERE patient = ? AND day >= ? ORDER BY at DESC, by, day`, string(p), int64(since))
}

// MissedDay is a day without a dose, as marked by its closing.
type MissedDay struct {
	Patient id.Patient
	Day     day.Day
	Cause   dose.MissedCause
}

// MissedOn are the days without a dose marked on a day.
func (v *View) MissedOn(d day.Day) ([]MissedDay, error) {
	return v.missed(`WHERE day = ? ORDER BY patient`, int64(d))
}

// MissedOf are a patient's marked days from first to last.
func (v *View) MissedOf(p id.Patient, first, last day.Day) ([]MissedDay, error) {
	return v.missed(`WHERE patient = ? AND day BETWEEN ? AND ? ORDER BY day`, string(p), int64(first), int64(last))
}

// MissedAnywhere are the days without a dose that any site marked, from first
// to last; of one day that two sites marked both come.
func (v *View) MissedAnywhere(p id.Patient, first, last day.Day) ([]MissedDay, error) {
	own, err := v.MissedOf(p, first, last)
	if err != nil {
		return nil, err
	}
	err = v.c.Query(`SELECT patient, day, what FROM elsewhere_days WHERE patient = ? AND day BETWEEN ? AND ? AND what <> ? ORDER BY day, what, site`,
		[]any{p, first, last, IntoxicatedDay}, func(r *sqlitefile.Row) error {
			own = append(own, MissedDay{id.Patient(r.Text(0)), dayOf(r, 1), dose.MissedCause(r.Text(2))})
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read the days other sites marked for %s: %w", p, err)
	}
	slices.SortStableFunc(own, func(a, b MissedDay) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Cause, b.Cause))
	})
	return own, nil
}

func (v *View) missed(where string, args ...any) ([]MissedDay, error) {
	var out []MissedDay
	err := v.c.Query(`SELECT patient, day, cause FROM missed `+where, args, func(r *sqlitefile.Row) error {
		out = append(out, MissedDay{id.Patient(r.Text(0)), dayOf(r, 1), dose.MissedCause(r.Text(2))})
		return nil
	})
	return out, err
}

// AbsentSince counts the days on which each patient stayed away, since a day.
func (v *View) AbsentSince(since day.Day) (map[id.Patient]int, error) {
	out := map[id.Patient]int{}
	err := v.c.Query(`SELECT patient, COUNT(*) FROM missed WHERE day >= ? AND cause = 'absent' GROUP BY patient`, []any{int64(since)},
		func(r *sqlitefile.Row) error {
			out[id.Patient(r.Text(0))] = int(r.Int(1))
			return nil
		})
	return out, err
}

// GapAnswer is a physician's answer after missed days, with who gave it.
type GapAnswer struct {
	dose.GapAnswered
	By   id.Person
	At   day.Instant
	Site id.Site // "" is this one
}

// GapAnswersAnywhere are the answers given to a patient's gaps at every site, on
// or after a day, newest first.
func (v *View) GapAnswersAnywhere(p id.Patient, since day.Day) ([]GapAnswer, error) {
	return v.gaps(`WHERE patient = ? AND day >= ? ORDER BY at DESC, by, after`, p, since)
}

// GapAnswers are the answers given at this site on or after a day, newest first for each
// patient; an empty patient means all.
func (v *View) GapAnswers(p id.Patient, since day.Day) ([]GapAnswer, error) {
	return v.gaps(`WHERE (? = '' OR patient = ?1) AND day >= ? AND site = '' ORDER BY seq DESC`, string(p), int64(since))
}

// GapsAnswered are the answers to the present gap of each patient in care,
// newest first: those given after the last dose, however long ago.
func (v *View) GapsAnswered() ([]GapAnswer, error) {
	return v.gaps(`WHERE after = (SELECT last_day FROM patients WHERE patients.patient = gaps.patient AND left_day = 0) AND site = '' ORDER BY seq DESC`)
}

func (v *View) gaps(where string, args ...any) ([]GapAnswer, error) {
	var out []GapAnswer
	err := v.c.Query(`SELECT patient, after, action, order_id, reason, rule, day, by, at, site FROM gaps `+where, args, func(r *sqlitefile.Row) error {
		out = append(out, GapAnswer{dose.GapAnswered{
			Patient: id.Patient(r.Text(0)), After: dayOf(r, 1), Action: dose.GapAction(r.Text(2)), Order: id.Order(r.Text(3)),
			Reason: r.Text(4), Rule: r.Text(5), Day: dayOf(r, 6),
		}, id.Person(r.Text(7)), day.Instant(r.Int(8)), id.Site(r.Text(9))})
		return nil
	})
	return out, err
}
