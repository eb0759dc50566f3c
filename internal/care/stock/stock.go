// Package stock decides about bottles at the window: receiving, opening,
// spilling, counting and finishing one; and what the book says is left.
//
// It reads no clock and no database, and knows no patient. It promises that a
// bottle is never drawn below its book, that a difference is recorded as
// counted and never corrected away, and that every act on a bottle that the
// law answers for has two people, or is marked as one person's alone. Rules:
// docs/rules.md, STOCK-01 and on.
package stock

import (
	"strings"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

// Received says that a bottle came into the store. Journal kind
// "stock.received". Fields are only ever added.
type Received struct {
	Bottle   id.Bottle       `json:"bottle"`
	Code     string          `json:"code"` // as on the label, with check character
	Product  string          `json:"product"`
	Lot      string          `json:"lot"`
	Expiry   day.Day         `json:"expiry"`
	Strength unit.Strength   `json:"strength_ug_per_ml"`
	Volume   unit.Microlitre `json:"volume_ul"`
	Note     string          `json:"note,omitempty"`
	Witness  id.Person       `json:"witness,omitempty"`
}

// Opened says that a bottle was opened for dispensing. Journal kind
// "stock.opened".
type Opened struct {
	Bottle  id.Bottle `json:"bottle"`
	Day     day.Day   `json:"day"`
	Witness id.Person `json:"witness,omitempty"`
}

// Spilled says that liquid was lost from a bottle. Journal kind
// "stock.spilled".
type Spilled struct {
	Bottle  id.Bottle       `json:"bottle"`
	Day     day.Day         `json:"day"`
	Volume  unit.Microlitre `json:"volume_ul"`
	Why     string          `json:"why"`
	Witness id.Person       `json:"witness,omitempty"`
}

// Counted says what was measured in a bottle, beside what the book says. From
// here on the book is what was measured; the difference stays on record.
// Journal kind "stock.counted".
type Counted struct {
	Bottle   id.Bottle       `json:"bottle"`
	Day      day.Day         `json:"day"`
	Book     unit.Microlitre `json:"book_ul"`
	Measured unit.Microlitre `json:"measured_ul"`
	Why      string          `json:"why,omitempty"` // explanation of the difference
	Witness  id.Person       `json:"witness,omitempty"`
}

// Finished says that an empty bottle was taken out of use. Journal kind
// "stock.finished".
type Finished struct {
	Bottle  id.Bottle `json:"bottle"`
	Day     day.Day   `json:"day"`
	Witness id.Person `json:"witness,omitempty"`
}

// Bottle is a bottle as it stands, read from storage.
type Bottle struct {
	Bottle   id.Bottle
	Code     string
	Product  string
	Lot      string
	Expiry   day.Day
	Strength unit.Strength
	Size     unit.Microlitre // when received
	Left     unit.Microlitre // by the book
	Opened   day.Day         // Never while sealed
	Finished bool
}

// Second is the other person of an act that needs two; Alone where the site
// has one person only.
type Second struct {
	Person id.Person
	Alone  bool
}

func second(by id.Person, w Second) error {
	switch {
	case w.Person == by && by != "":
		return reason.Refuse("STOCK-11")
	case w.Person == "" && !w.Alone:
		return reason.Refuse("STOCK-10")
	}
	return nil
}

// Limits of this room.
const (
	bottleMax   = 10_000 * unit.Millilitre // larger than any bottle sold
	strengthMax = unit.Strength(50_000)    // 50 mg/mL: a typing error
	textMax     = 3000                     // runes of a note; a journal entry holds 16 KiB
	labelMax    = 200                      // runes of a product or a lot number
	drawsMax    = 2                        // bottles that one dose is drawn from
	overfill    = 5                        // a bottle holds less than a fifth more than its label says
)

// tooLong refuses (DOSE-30) a text of more than most runes.
func tooLong(s string, most int) error {
	if utf8.RuneCountInString(s) > most {
		return reason.Refuse("DOSE-30", "max", most)
	}
	return nil
}

// Receive asks to take a bottle into the store.
type Receive struct {
	Code, Product, Lot string
	Expiry             day.Day
	Strength           unit.Strength
	Volume             unit.Microlitre
	Note               string
	Witness            Second
}

// DecideReceive answers Receive; known says that a bottle with this code was
// received before (STOCK-04).
func DecideReceive(c Receive, known bool, by id.Person, today day.Day) (Received, error) {
	switch {
	case c.Code == "" || !id.CodeOK(c.Code):
		return Received{}, reason.Refuse("STOCK-05")
	case known:
		return Received{}, reason.Refuse("STOCK-04")
	case blank(c.Product) || blank(c.Lot):
		return Received{}, reason.Refuse("STOCK-06")
	case c.Expiry == day.Never || c.Expiry < today:
		return Received{}, reason.Refuse("STOCK-03", "expiry", c.Expiry)
	case c.Strength <= 0 || c.Strength > strengthMax || c.Volume <= 0 || c.Volume > bottleMax:
		return Received{}, reason.Refuse("STOCK-07")
	}
	for _, x := range []struct {
		text string
		most int
	}{{c.Product, labelMax}, {c.Lot, labelMax}, {c.Note, textMax}} {
		if err := tooLong(x.text, x.most); err != nil {
			return Received{}, err
		}
	}
	if err := second(by, c.Witness); err != nil {
		return Received{}, err
	}
	return Received{
		Code: id.Normal(c.Code), Product: c.Product, Lot: c.Lot, Expiry: c.Expiry, Strength: c.Strength,
		Volume: c.Volume, Note: c.Note, Witness: c.Witness.Person,
	}, nil
}

// DecideOpen answers whether a sealed bottle may be opened today. open lists
// the bottles in use: all of one strength, so that the same volume never means
// two amounts on one counter (STOCK-09).
func DecideOpen(b Bottle, open []Bottle, w Second, by id.Person, today day.Day) (Opened, error) {
	switch {
	case b.Finished || b.Opened != day.Never:
		return Opened{}, reason.Refuse("STOCK-08")
	case b.Expiry < today:
		return Opened{}, reason.Refuse("STOCK-03", "expiry", b.Expiry)
	}
	for _, o := range open {
		if o.Strength != b.Strength {
			return Opened{}, reason.Refuse("STOCK-09")
		}
	}
	if err := second(by, w); err != nil {
		return Opened{}, err
	}
	return Opened{Bottle: b.Bottle, Day: today, Witness: w.Person}, nil
}

// Draw splits a volume over the open bottles, the one opened first before the
// next. It refuses (STOCK-02) when the book holds less: the shortage is shown
// to people, never floored. STOCK-17 is a dose that would need the rests of
// more than two bottles: nobody measures that well, and each pour adds its own
// error.
func Draw(open []Bottle, v unit.Microlitre) ([]Taken, error) {
	var left unit.Microlitre
	var draws []Taken
	need := v
	for _, b := range open {
		left += b.Left
		if need > 0 && b.Left > 0 {
			part := min(need, b.Left)
			draws = append(draws, Taken{b.Bottle, part})
			need -= part
		}
	}
	if need > 0 || v <= 0 {
		return nil, reason.Refuse("STOCK-02", "left", left, "needed", v)
	}
	if len(draws) > drawsMax {
		return nil, reason.Refuse("STOCK-17", "bottles", len(draws))
	}
	return draws, nil
}

// Taken is a volume drawn from one bottle.
type Taken struct {
	Bottle id.Bottle
	Volume unit.Microlitre
}

// Spill asks to record liquid lost from an open bottle.
type Spill struct {
	Bottle  id.Bottle
	Volume  unit.Microlitre
	Why     string
	Witness Second
}

// DecideSpill answers Spill. More than the book holds cannot be spilled
// (STOCK-02): then the count is where the difference belongs.
func DecideSpill(b Bottle, c Spill, by id.Person, today day.Day) (Spilled, error) {
	switch {
	case b.Opened == day.Never || b.Finished:
		return Spilled{}, reason.Refuse("STOCK-12")
	case c.Volume <= 0 || c.Volume > b.Left:
		return Spilled{}, reason.Refuse("STOCK-02", "left", b.Left, "needed", c.Volume)
	case blank(c.Why):
		return Spilled{}, reason.Refuse("DOSE-29")
	}
	if err := tooLong(c.Why, textMax); err != nil {
		return Spilled{}, err
	}
	if err := second(by, c.Witness); err != nil {
		return Spilled{}, err
	}
	return Spilled{Bottle: b.Bottle, Day: today, Volume: c.Volume, Why: c.Why, Witness: c.Witness.Person}, nil
}

// Tolerance is how far a measurement may be from the book without a written
// explanation. Not known means that the programme has set none: then every
// difference is explained.
type Tolerance struct {
	Volume unit.Microlitre
	Known  bool
}

// Count asks to record what was measured in a bottle.
type Count struct {
	Bottle   id.Bottle
	Measured unit.Microlitre
	Why      string
	Witness  Second
}

// DecideCount answers Count. A difference beyond the tolerance needs an
// explanation (STOCK-13). A bottle may hold a little more than its label says,
// and that is recorded as measured; what no bottle of that label can hold is a
// typing error (STOCK-14).
func DecideCount(b Bottle, c Count, tol Tolerance, by id.Person, today day.Day) (Counted, error) {
	switch {
	case b.Opened == day.Never || b.Finished:
		return Counted{}, reason.Refuse("STOCK-12")
	case c.Measured < 0 || c.Measured > b.Size+b.Size/overfill:
		return Counted{}, reason.Refuse("STOCK-14", "size", b.Size)
	}
	if err := tooLong(c.Why, textMax); err != nil {
		return Counted{}, err
	}
	diff := c.Measured - b.Left
	if diff != 0 && blank(c.Why) && (!tol.Known || abs(diff) > tol.Volume) {
		return Counted{}, reason.Refuse("STOCK-13", "book", b.Left, "measured", c.Measured, "difference", diff)
	}
	if err := second(by, c.Witness); err != nil {
		return Counted{}, err
	}
	return Counted{Bottle: b.Bottle, Day: today, Book: b.Left, Measured: c.Measured, Why: c.Why, Witness: c.Witness.Person}, nil
}

// DecideFinish takes a bottle out of use; it must be empty by the book
// (STOCK-15): what is left is counted or spilled first.
func DecideFinish(b Bottle, w Second, by id.Person, today day.Day) (Finished, error) {
	switch {
	case b.Opened == day.Never || b.Finished:
		return Finished{}, reason.Refuse("STOCK-12")
	case b.Left != 0:
		return Finished{}, reason.Refuse("STOCK-15", "left", b.Left)
	}
	if err := second(by, w); err != nil {
		return Finished{}, err
	}
	return Finished{Bottle: b.Bottle, Day: today, Witness: w.Person}, nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func abs(v unit.Microlitre) unit.Microlitre {
	if v < 0 {
		return -v
	}
	return v
}
