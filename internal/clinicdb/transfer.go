package clinicdb

import (
	"encoding/json"
	"fmt"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

// Installation is this PC's incarnation of the site, as its journal tells it.
// Site and Size are the door's to fill in, and so is what only the running
// program knows.
func (v *View) Installation() (transfer.Installation, error) {
	i := transfer.Installation{Number: 1, Phase: transfer.Enrolled}
	_, err := v.c.One(`SELECT number, phase, day, floor, fence, unwitnessed, missing FROM this_installation`, nil, func(r *sqlitefile.Row) error {
		i.Number, i.Phase, i.Day, i.Floor = int(r.Int(0)), transfer.Phase(r.Text(1)), dayOf(r, 2), dayOf(r, 3)
		i.Fence, i.Unwitnessed, i.Missing = dayOf(r, 4), int(r.Int(5)), r.Bool(6)
		return nil
	})
	if err != nil {
		return i, fmt.Errorf("read the installation: %w", err)
	}
	return i, nil
}

func (t *Tx) setInstallation(change func(transfer.Installation) transfer.Installation) error {
	i, err := t.Installation()
	if err != nil {
		return err
	}
	i = change(i)
	return t.c.Exec(`INSERT INTO this_installation (one, number, phase, day, floor, fence, unwitnessed, missing) VALUES (1, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (one) DO UPDATE SET number = excluded.number, phase = excluded.phase, day = excluded.day, floor = excluded.floor,
		fence = excluded.fence, unwitnessed = excluded.unwitnessed, missing = excluded.missing`,
		i.Number, i.Phase, i.Day, i.Floor, i.Fence, i.Unwitnessed, i.Missing)
}

// installationClosed ends the word for the date; a site without a row has only
// ever opened as one of its own.
func (t *Tx) installationClosed() error {
	known, err := t.c.One(`SELECT 1 FROM this_installation`, nil, none)
	if err != nil || !known {
		return err
	}
	return t.setInstallation(transfer.ApplyClosed)
}

// Manyfold says whether this site is one of several: it joined a programme. A
// site of its own holds all days of its patients.
func (v *View) Manyfold() (bool, error) {
	many := false
	_, err := v.c.One(`SELECT EXISTS (SELECT 1 FROM hub_link) OR EXISTS (SELECT 1 FROM programme_sites)`, nil,
		func(r *sqlitefile.Row) error { many = r.Bool(0); return nil })
	return many, err
}

// Numbered says whether the journal tells of installations: one was opened as
// such, or restored.
func (v *View) Numbered() (bool, error) { return v.c.One(`SELECT 1 FROM this_installation`, nil, none) }

// Holding is what this installation knows of a patient's days. A patient it
// knows nothing of holds none.
func (v *View) Holding(p id.Patient) (transfer.Holding, error) {
	h := transfer.Holding{Patient: p}
	_, err := v.c.One(`SELECT days, elsewhere FROM holdings WHERE patient = ?`, []any{p}, func(r *sqlitefile.Row) error {
		h.Elsewhere = dayOf(r, 1)
		var err error
		h.Days, err = spans(r.Text(0))
		return err
	})
	if err == nil {
		_, err = v.c.One(`SELECT day FROM doses WHERE patient = ? AND site = '' ORDER BY day DESC LIMIT 1`, []any{p}, func(r *sqlitefile.Row) error {
			h.Spent = dayOf(r, 0)
			return nil
		})
	}
	if err == nil {
		err = v.c.Query(`SELECT letter, way, site, first, last, why, seq, day, released FROM letters WHERE patient = ? AND way <> 'offer' ORDER BY seq`, []any{p},
			func(r *sqlitefile.Row) error {
				s := transfer.Span{First: dayOf(r, 3), Last: dayOf(r, 4)}
				if r.Text(1) == "in" {
					h.In = append(h.In, transfer.In{Letter: id.Letter(r.Text(0)), From: id.Site(r.Text(2)), Span: s, Day: dayOf(r, 7)})
					return nil
				}
				h.Out = append(h.Out, transfer.Out{
					Letter: id.Letter(r.Text(0)), To: id.Site(r.Text(2)), Span: s, Why: transfer.Why(r.Text(5)), Seq: r.Int(6), Released: r.Text(8) != "",
				})
				return nil
			})
	}
	if err != nil {
		return h, fmt.Errorf("read the days of %s: %w", p, err)
	}
	return h, nil
}

// HeldOn are the patients who may be dosed here on a day.
func (v *View) HeldOn(d day.Day) (map[id.Patient]bool, error) {
	held := map[id.Patient]bool{}
	err := v.c.Query(`SELECT patient, days FROM holdings`, nil, func(r *sqlitefile.Row) error {
		days, err := spans(r.Text(1))
		for _, s := range days {
			if s.Has(d) {
				held[id.Patient(r.Text(0))] = true
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read who is dosed here: %w", err)
	}
	return held, nil
}

func spans(text string) ([]transfer.Span, error) {
	var raw [][2]int64
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("days column: %w", err)
	}
	out := make([]transfer.Span, 0, len(raw))
	for _, p := range raw {
		out = append(out, transfer.Span{First: day.Day(p[0]), Last: day.Day(p[1])})
	}
	return out, nil
}

func spansText(days []transfer.Span) string {
	raw := make([][2]int64, 0, len(days))
	for _, s := range days {
		raw = append(raw, [2]int64{int64(s.First), int64(s.Last)})
	}
	b, err := json.Marshal(raw)
	if err != nil {
		panic(fmt.Sprintf("clinicdb: %v", err)) // numbers always encode
	}
	return string(b)
}

// setHolding changes a patient's days; the letters have their own rows.
func (t *Tx) setHolding(p id.Patient, change func(transfer.Holding) transfer.Holding) error {
	h, err := t.Holding(p)
	if err != nil {
		return err
	}
	h = change(h)
	return t.c.Exec(`INSERT INTO holdings (patient, days, elsewhere) VALUES (?, ?, ?)
		ON CONFLICT (patient) DO UPDATE SET days = excluded.days, elsewhere = excluded.elsewhere`, p, spansText(h.Days), h.Elsewhere)
}

// transferFact projects what this site's own journal says of rights, letters
// and the installation; ok is false for facts of other rooms.
func (t *Tx) transferFact(e journal.Entry, v any) (ok bool, err error) {
	at := transfer.At{Seq: e.Seq, Day: e.Day}
	switch f := v.(type) {
	case transfer.Given:
		return true, t.letterGiven(e, f, at)
	case transfer.Released:
		return true, t.c.Exec(`UPDATE letters SET released = ? WHERE letter = ? AND way = 'out' AND released = ''`, f.Medium, f.Letter)
	case transfer.Accepted:
		return true, t.letterAccepted(e, f, at)
	case transfer.Rejected:
		return true, t.c.Exec(`INSERT INTO rejected (seq, day, what, digest, by, at) VALUES (?, ?, ?, ?, ?, ?)`, e.Seq, e.Day, f.What, f.Digest, e.By, e.When())
	case transfer.InstallationOpened:
		return true, t.setInstallation(func(i transfer.Installation) transfer.Installation { return transfer.ApplyOpened(i, f) })
	case transfer.InstallationFenced:
		return true, t.setInstallation(transfer.ApplyFenced)
	case transfer.InstallationRestored:
		return true, t.restored(f)
	case transfer.InstallationAdjudicated:
		return true, t.adjudicated(e, f)
	}
	return false, nil
}

func (t *Tx) letterGiven(e journal.Entry, f transfer.Given, at transfer.At) error {
	err := t.setHolding(f.Patient, func(h transfer.Holding) transfer.Holding { return transfer.ApplyGiven(h, f, at) })
	if err != nil {
		return err
	}
	return t.letter(letterRow{f.Letter, "out", f.Patient, f.To, f.First, f.Last, f.Why, f.Number, e.Seq, f.Bytes, false}, e)
}

type letterRow struct {
	letter      id.Letter
	way         string
	patient     id.Patient
	site        id.Site
	first, last day.Day
	why         transfer.Why
	number      int
	seq         int64
	bytes       []byte
	byHand      bool
}

func (t *Tx) letter(l letterRow, e journal.Entry) error {
	return t.c.Exec(`INSERT INTO letters (letter, way, patient, site, first, last, why, number, seq, day, at, by, by_hand, bytes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (letter, way) DO NOTHING`,
		l.letter, l.way, l.patient, l.site, l.first, l.last, l.why, l.number, l.seq, e.Day, e.When(), e.By, l.byHand, append([]byte{}, l.bytes...))
}

// letterAccepted opens the letter's days and, for someone who was never here,
// makes the record that the window needs: what the letter says and no more.
// What was heard of the person before is put in its place then.
func (t *Tx) letterAccepted(e journal.Entry, f transfer.Accepted, at transfer.At) error {
	err := t.setHolding(f.Patient, func(h transfer.Holding) transfer.Holding { return transfer.ApplyAccepted(h, f, at) })
	if err != nil {
		return err
	}
	err = t.letter(letterRow{f.Letter, "in", f.Patient, f.From, f.First, f.Last, f.Why, f.Number, e.Seq, f.Bytes, f.ByHand}, e)
	if err != nil {
		return err
	}
	known, err := t.c.One(`SELECT 1 FROM patients WHERE patient = ?`, []any{f.Patient}, none)
	if err != nil {
		return err
	}
	if !known {
		if err := t.introduced(e, f); err != nil {
			return err
		}
	}
	err = t.c.Exec(`UPDATE patients SET told_day = ?, told_ug = ?, told_at = ?, left_day = 0, left_why = '' WHERE patient = ? AND told_day <= ?1`,
		f.LastDay, f.LastAmount, f.LastAt, f.Patient)
	if err != nil {
		return err
	}
	if err := t.orderTold(e, f); err != nil {
		return err
	}
	if !known {
		if err := t.ProjectHeard(f.Patient, e.Seq); err != nil {
			return err
		}
	}
	return t.refreshLast(f.Patient)
}

func (t *Tx) introduced(e journal.Entry, f transfer.Accepted) error {
	err := t.c.Exec(`INSERT INTO patients (patient, code, name, name_fold, sex, birth, ethnic, commune, village, phone, identity, language, note, registered, home)
		VALUES (?, ?, ?, ?, ?, ?, '', '', '', '', '', ?, ?, ?, ?)`,
		f.Patient, f.Code, f.Name, fold.Fold(f.Name), string(patient.Sex(f.Sex)), f.Birth.String(), f.Language, f.Note, e.Day, f.From)
	if err != nil {
		return fmt.Errorf("patient of letter %s: %w", f.Letter, err)
	}
	return nil
}

// orderTold keeps the order that a letter tells: it was signed where the letter
// was. When the order itself is heard it is known already. Until then it
// replaces what the other site had been told: the orders written here before
// the last letter that went there.
func (t *Tx) orderTold(e journal.Entry, f transfer.Accepted) error {
	if f.Order == "" || f.Amount <= 0 {
		return nil
	}
	first := min(f.First, e.Day)
	err := t.c.Exec(`INSERT INTO orders (order_id, patient, phase, amount_ug, first, last, reason, replaces, overrides, imported, written_by, written_at,
		site) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', (SELECT json_group_array(order_id) FROM (SELECT order_id FROM orders WHERE patient = ?2 AND order_id <> ?1
			AND first <= ?6 AND last >= ?5 AND written_at <= (SELECT max(at) FROM letters WHERE patient = ?2 AND way = 'out' AND site = ?8) ORDER BY order_id)),
		'[]', 0, '', ?7, ?8) ON CONFLICT (order_id) DO NOTHING`,
		f.Order, f.Patient, order.Maintenance, f.Amount, first, max(f.OrderLast, first), e.When(), f.From)
	if err != nil {
		return err
	}
	if err := t.orderMark(journal.Entry{HLC: e.HLC}, f.Order, f.From, "signed", order.Stopped{}); err != nil {
		return err
	}
	return t.ordersStand(`patient = ?1`, f.Patient)
}

// restored gives the journal a new installation, and what it may have shown.
func (t *Tx) restored(f transfer.InstallationRestored) error {
	if err := t.setInstallation(func(i transfer.Installation) transfer.Installation { return transfer.ApplyRestored(i, f) }); err != nil {
		return err
	}
	if f.Medium == "" {
		return nil
	}
	return t.c.Exec(`UPDATE letters SET released = ? WHERE way = 'out' AND released = '' AND seq < ?`, f.Medium, f.OfSize)
}

func (t *Tx) adjudicated(e journal.Entry, f transfer.InstallationAdjudicated) error {
	if err := t.setInstallation(func(i transfer.Installation) transfer.Installation { return transfer.ApplyAdjudicated(i, f) }); err != nil {
		return err
	}
	seen := map[id.Patient]bool{}
	for n, l := range f.Found {
		if !seen[l.Patient] {
			seen[l.Patient] = true
			if err := t.setHolding(l.Patient, func(h transfer.Holding) transfer.Holding { return transfer.ApplyFound(h, f) }); err != nil {
				return err
			}
		}
		way := "out"
		if l.In {
			way = "in"
		}
		row := letterRow{l.Letter, way, l.Patient, l.Other, l.First, l.Last, transfer.Visit, f.Number - 1, e.Seq + int64(n), nil, false}
		if err := t.letter(row, e); err != nil {
			return err
		}
		if err := t.c.Exec(`UPDATE letters SET released = 'people' WHERE letter = ? AND way = 'out' AND released = ''`, l.Letter); err != nil {
			return err
		}
	}
	return nil
}

// letterElsewhere projects what another site's journal says of a letter: one
// addressed here waits to be taken, one from here has arrived. It needs no
// known patient.
func (t *Tx) letterElsewhere(e journal.Entry, v any) error {
	switch f := v.(type) {
	case transfer.Given:
		here, err := t.c.One(`SELECT 1 FROM site WHERE site = ?`, []any{f.To}, none)
		if err != nil || !here {
			return err
		}
		return t.letter(letterRow{f.Letter, "offer", f.Patient, e.Site, f.First, f.Last, f.Why, f.Number, e.Seq, f.Bytes, false}, e)
	case transfer.Accepted:
		return t.c.Exec(`UPDATE letters SET arrived = ? WHERE letter = ? AND way = 'out' AND arrived = 0`, e.Day, f.Letter)
	}
	return nil
}

// Letter is a letter on record.
type Letter struct {
	Letter   id.Letter
	Way      string // "out", "in" or "offer"
	Patient  id.Patient
	Site     id.Site // the other site
	Span     transfer.Span
	Why      transfer.Why
	Number   int
	Seq      int64
	Day      day.Day
	At       day.Instant
	By       id.Person
	Released string // second medium of a letter given here; "" before it may be seen
	Arrived  day.Day
	ByHand   bool
	Bytes    []byte
}

func (v *View) letters(where string, args ...any) ([]Letter, error) {
	var out []Letter
	err := v.c.Query(`SELECT letter, way, patient, site, first, last, why, number, seq, day, at, by, released, arrived, by_hand, bytes FROM letters `+where, args,
		func(r *sqlitefile.Row) error {
			out = append(out, Letter{
				id.Letter(r.Text(0)), r.Text(1), id.Patient(r.Text(2)), id.Site(r.Text(3)),
				transfer.Span{First: dayOf(r, 4), Last: dayOf(r, 5)},
				transfer.Why(r.Text(6)), int(r.Int(7)), r.Int(8), dayOf(r, 9), day.Instant(r.Int(10)), id.Person(r.Text(11)), r.Text(12), dayOf(r, 13),
				r.Bool(14), r.Blob(15),
			})
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read letters: %w", err)
	}
	return out, nil
}

// LettersOf are a patient's letters, newest first.
func (v *View) LettersOf(p id.Patient) ([]Letter, error) {
	return v.letters(`WHERE patient = ? ORDER BY at DESC, letter`, p)
}

// LetterOut is a letter given here, or ErrNotFound.
func (v *View) LetterOut(l id.Letter) (Letter, error) {
	found, err := v.letters(`WHERE letter = ? AND way = 'out'`, l)
	if err != nil {
		return Letter{}, err
	}
	if len(found) == 0 {
		return Letter{}, ErrNotFound
	}
	return found[0], nil
}

// LettersWaiting are letters given here that no second medium has yet, oldest
// first.
func (v *View) LettersWaiting() ([]Letter, error) {
	return v.letters(`WHERE way = 'out' AND released = '' ORDER BY seq`)
}

// LettersOpen are letters given here whose days are not over and which the
// other site is not known to have accepted, newest first.
func (v *View) LettersOpen(today day.Day) ([]Letter, error) {
	return v.letters(`WHERE way = 'out' AND arrived = 0 AND (last = 0 OR last >= ?) ORDER BY at DESC, letter`, today)
}

// LettersOffered are letters to this site that were heard over the network,
// are not over, and were not accepted yet.
func (v *View) LettersOffered(today day.Day) ([]Letter, error) {
	return v.letters(`AS o WHERE way = 'offer' AND (last = 0 OR last >= ?) AND NOT EXISTS (SELECT 1 FROM letters WHERE letter = o.letter AND way = 'in')
		ORDER BY first, letter`, today)
}

// LettersIn are letters accepted here, newest first, at most n.
func (v *View) LettersIn(n int) ([]Letter, error) {
	return v.letters(`WHERE way = 'in' ORDER BY at DESC, letter LIMIT ?`, n)
}

// Told is the last dose before a letter, as the letter told it.
func (v *View) told(p id.Patient, before day.Day) (e dose.Entry, ok bool, err error) {
	ok, err = v.c.One(`SELECT told_day, told_ug, told_at FROM patients WHERE patient = ? AND told_day > 0 AND told_day < ?`, []any{p, before},
		func(r *sqlitefile.Row) error {
			e = dose.Entry{Patient: p, Day: dayOf(r, 0), Taken: unit.Microgram(r.Int(1)), PouredAt: day.Instant(r.Int(2)), Outcome: dose.Taken, VomitedMin: -1}
			return nil
		})
	return e, ok, err
}
