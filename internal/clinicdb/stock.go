package clinicdb

import (
	"tram/internal/care/stock"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

type move struct {
	bottle  id.Bottle
	day     day.Day
	kind    string
	volume  int64 // change of the book in microlitres; negative is out
	why     string
	dose    string
	witness id.Person
}

// stockMove writes one line of the stock book and moves the bottle's book.
func (t *Tx) stockMove(e journal.Entry, m move) error {
	err := t.c.Exec(`INSERT INTO moves (seq, bottle, day, kind, volume_ul, book_ul, why, dose, by, witness, at)
		SELECT COALESCE((SELECT MAX(seq) FROM moves WHERE seq >= ?1 * 4 AND seq < ?1 * 4 + 4), ?1 * 4 - 1) + 1, bottle, ?, ?, ?, left_ul, ?, ?, ?, ?, ?
		FROM bottles WHERE bottle = ?`,
		e.Seq, int64(m.day), m.kind, m.volume, m.why, m.dose, string(e.By), string(m.witness), int64(e.When()), string(m.bottle))
	if err != nil {
		return err
	}
	return t.draw(m.bottle, unit.Microlitre(m.volume))
}

func (t *Tx) stockReceived(e journal.Entry, f stock.Received) error {
	err := t.c.Exec(`INSERT INTO bottles (bottle, code, product, lot, expiry, strength, size_ul, left_ul, received) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)`,
		string(f.Bottle), f.Code, f.Product, f.Lot, int64(f.Expiry), int64(f.Strength), int64(f.Volume), int64(e.Day))
	if err != nil {
		return err
	}
	return t.stockMove(e, move{f.Bottle, e.Day, "received", int64(f.Volume), f.Note, "", f.Witness})
}

func (t *Tx) stockOpened(e journal.Entry, f stock.Opened) error {
	err := t.c.Exec(`UPDATE bottles SET opened = ?, opened_seq = ? WHERE bottle = ?`, int64(f.Day), e.Seq, string(f.Bottle))
	if err != nil {
		return err
	}
	return t.stockMove(e, move{f.Bottle, f.Day, "opened", 0, "", "", f.Witness})
}

func (t *Tx) stockFinished(e journal.Entry, f stock.Finished) error {
	err := t.c.Exec(`UPDATE bottles SET finished = ? WHERE bottle = ?`, int64(f.Day), string(f.Bottle))
	if err != nil {
		return err
	}
	return t.stockMove(e, move{f.Bottle, f.Day, "finished", 0, "", "", f.Witness})
}

func (v *View) bottles(where string, args ...any) ([]stock.Bottle, error) {
	var out []stock.Bottle
	err := v.c.Query(`SELECT bottle, code, product, lot, expiry, strength, size_ul, left_ul, opened, finished FROM bottles `+where, args,
		func(r *sqlitefile.Row) error {
			out = append(out, stock.Bottle{
				Bottle: id.Bottle(r.Text(0)), Code: r.Text(1), Product: r.Text(2), Lot: r.Text(3), Expiry: dayOf(r, 4), Strength: unit.Strength(r.Int(5)),
				Size: unit.Microlitre(r.Int(6)), Left: unit.Microlitre(r.Int(7)), Opened: dayOf(r, 8), Finished: r.Int(9) != 0,
			})
			return nil
		})
	return out, err
}

// OpenBottles are the bottles in use, the one opened first before the next.
func (v *View) OpenBottles() ([]stock.Bottle, error) {
	return v.bottles(`WHERE opened <> 0 AND finished = 0 ORDER BY opened_seq`)
}

// Bottles are all bottles that are not finished: open ones first, then sealed
// ones by expiry.
func (v *View) Bottles() ([]stock.Bottle, error) {
	return v.bottles(`WHERE finished = 0 ORDER BY opened = 0, opened_seq, expiry, code`)
}

// Bottle is one bottle, or ErrNotFound.
func (v *View) Bottle(b id.Bottle) (stock.Bottle, error) {
	return firstBottle(v.bottles(`WHERE bottle = ?`, string(b)))
}

// BottleByCode is the bottle with a code on its label, or ErrNotFound.
func (v *View) BottleByCode(code string) (stock.Bottle, error) {
	return firstBottle(v.bottles(`WHERE code = ?`, id.Normal(code)))
}

func firstBottle(found []stock.Bottle, err error) (stock.Bottle, error) {
	if err != nil {
		return stock.Bottle{}, err
	}
	if len(found) == 0 {
		return stock.Bottle{}, ErrNotFound
	}
	return found[0], nil
}

// Strengths are the strengths of the bottles that are not finished.
func (v *View) Strengths() ([]unit.Strength, error) {
	var out []unit.Strength
	err := v.c.Query(`SELECT DISTINCT strength FROM bottles WHERE finished = 0 ORDER BY strength`, nil, func(r *sqlitefile.Row) error {
		out = append(out, unit.Strength(r.Int(0)))
		return nil
	})
	return out, err
}

// Move is one line of the stock book that is no dose.
type Move struct {
	Seq     int64
	Bottle  id.Bottle
	Day     day.Day
	Kind    string // received, opened, spilled, counted, back, finished
	Volume  unit.Microlitre
	Book    unit.Microlitre // before this line
	Why     string
	By      id.Person
	Witness id.Person
	At      day.Instant
}

// Moves are the lines of the stock book from first to last, oldest first.
func (v *View) Moves(first, last day.Day) ([]Move, error) {
	var out []Move
	err := v.c.Query(`SELECT seq, bottle, day, kind, volume_ul, book_ul, why, by, witness, at FROM moves WHERE day BETWEEN ? AND ? ORDER BY seq`,
		[]any{int64(first), int64(last)}, func(r *sqlitefile.Row) error {
			out = append(out, Move{
				r.Int(0), id.Bottle(r.Text(1)), dayOf(r, 2), r.Text(3), unit.Microlitre(r.Int(4)), unit.Microlitre(r.Int(5)), r.Text(6),
				id.Person(r.Text(7)), id.Person(r.Text(8)), day.Instant(r.Int(9)),
			})
			return nil
		})
	return out, err
}

// DayDrawn is what the doses of one day took out of the bottles.
type DayDrawn struct {
	Day    day.Day
	Doses  int
	Amount unit.Microgram
	Volume unit.Microlitre
}

// Drawn sums the poured doses by day from first to last.
func (v *View) Drawn(first, last day.Day) ([]DayDrawn, error) {
	var out []DayDrawn
	err := v.c.Query(`SELECT day, COUNT(*), SUM(amount_ug), SUM(volume_ul) FROM doses WHERE day BETWEEN ? AND ? AND bottle <> '' GROUP BY day ORDER BY day`,
		[]any{int64(first), int64(last)}, func(r *sqlitefile.Row) error {
			out = append(out, DayDrawn{dayOf(r, 0), int(r.Int(1)), unit.Microgram(r.Int(2)), unit.Microlitre(r.Int(3))})
			return nil
		})
	return out, err
}

// BookAt is the volume in all bottles at the end of a day, by the book: every
// move up to that day less every dose poured.
func (v *View) BookAt(d day.Day) (unit.Microlitre, error) {
	var sum int64
	err := v.one(`SELECT (SELECT COALESCE(SUM(volume_ul), 0) FROM moves WHERE day <= ?)
		- (SELECT COALESCE(SUM(volume_ul), 0) FROM doses WHERE day <= ?1 AND bottle <> '')`, []any{int64(d)}, func(r *sqlitefile.Row) error {
		sum = r.Int(0)
		return nil
	})
	return unit.Microlitre(sum), err
}

// BottleDay is one open bottle's day, by the book.
type BottleDay struct {
	Bottle stock.Bottle
	Start  unit.Microlitre // when the day began; the whole bottle on the day it came
	Poured unit.Microlitre // into cups on the day, whatever became of them
}

// BottleDays are the bottles that were open on a day, the one opened first
// before the next.
func (v *View) BottleDays(d day.Day) ([]BottleDay, error) {
	all, err := v.bottles(`WHERE opened <> 0 AND opened <= ? AND (finished = 0 OR finished >= ?1) ORDER BY opened_seq`, int64(d))
	if err != nil {
		return nil, err
	}
	var out []BottleDay
	for _, b := range all {
		x := BottleDay{Bottle: b}
		// Nothing is poured from a bottle before it is opened, so the doses
		// looked at are those of the days it was in use.
		err := v.one(`SELECT
			(SELECT COALESCE(SUM(volume_ul), 0) FROM moves WHERE bottle = ? AND (day < ? OR kind = 'received'))
			- (SELECT COALESCE(SUM(CASE WHEN bottle = ?1 THEN volume_ul - volume2_ul ELSE volume2_ul END), 0) FROM doses
				WHERE day >= ? AND day < ?2 AND (bottle = ?1 OR bottle2 = ?1)),
			(SELECT COALESCE(SUM(CASE WHEN bottle = ?1 THEN volume_ul - volume2_ul ELSE volume2_ul END), 0) FROM doses
				WHERE day = ?2 AND (bottle = ?1 OR bottle2 = ?1))`,
			[]any{string(b.Bottle), int64(d), int64(b.Opened)}, func(r *sqlitefile.Row) error {
				x.Start, x.Poured = unit.Microlitre(r.Int(0)), unit.Microlitre(r.Int(1))
				return nil
			})
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
