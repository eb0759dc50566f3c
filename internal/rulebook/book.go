package rulebook

import (
	"fmt"
	"slices"
)

// Ids of the sources that are no documents.
const (
	ProgrammeSource = "PROGRAMME" // the programme's own decision
	memorySource    = "MEM"       // remembered
	productSource   = "PRODUCT"   // a default of this product
)

// Confirmed says that the programme confirmed, changed, set or took back one
// number or table. Journal kind "rule.confirmed"; the entry's person is who
// did it. Fields are only ever added.
type Confirmed struct {
	Key     string       `json:"key"`
	Value   *int64       `json:"value,omitempty"`   // of a number
	Missed  []MissedRow  `json:"missed,omitempty"`  // of the table for missed days; empty confirms the set's rows
	Vomited []VomitedRow `json:"vomited,omitempty"` // of the table for a vomited dose; empty confirms the set's rows
	Unset   bool         `json:"unset,omitempty"`   // back to what the set says
	Status  Status       `json:"status"`            // "set"
	Reason  string       `json:"reason,omitempty"`
	Version int          `json:"version"` // of the rulebook, with this change
}

// Rule is one number in force, beside what the set says of it.
type Rule struct {
	Number            // as the set's file has it
	InForce    int64  // the value in force; 0 and meaningless when not Known
	Known      bool   // there is a value in force
	StatusNow  Status // "set" once the programme confirmed or changed it
	SourceNow  string // PROGRAMME where the value differs from the set's
	SourceText string // full line of the set's source; "" if it has none
	Why        string // the programme's reason; "" if it said nothing
	Difference *int64 // InForce minus the set's value; nil when equal or one is unknown
	Optional   bool   // not every guideline has this number; nobody is asked
	ChangedIn  int    // rulebook version that last touched the number; 0 if none
}

// Book is a set with the programme's changes: the rules in force.
type Book struct {
	Set     Set
	Version int // number of changes; recorded with each decision

	rules          []Rule
	missed         []MissedRow
	vomited        []VomitedRow
	missedChanged  Confirmed // newest change of the table; Version 0 if none
	vomitedChanged Confirmed
}

// Effective puts the programme's changes, oldest first, on a set. It returns an
// error when a change names a key the set's format does not have, or when the
// outcome contradicts itself: then the record or the program is wrong, and no
// limit may be guessed.
func Effective(s Set, changes []Confirmed) (Book, error) {
	b := Book{Set: s, Version: len(changes), missed: s.Missed.Rows, vomited: s.Vomited.Rows}
	for _, e := range catalogue {
		b.rules = append(b.rules, fromSet(s, e))
	}
	for i, c := range changes {
		c.Version = i + 1
		if err := b.apply(c); err != nil {
			return Book{}, fmt.Errorf("rulebook %s, change %d: %w", s.ID, i+1, err)
		}
	}
	if err := b.consistent(); err != nil {
		return Book{}, fmt.Errorf("rulebook %s with %d changes: %w", s.ID, len(changes), err)
	}
	return b, nil
}

func fromSet(s Set, e entry) Rule {
	r := Rule{Number: Number{Key: e.key, Unit: e.unit}, Optional: e.optional}
	for _, n := range s.Numbers {
		if n.Key == e.key {
			r.Number = n
		}
	}
	r.StatusNow, r.SourceNow, r.SourceText = r.Status, r.Source, s.SourceText(r.Source)
	if r.Value != nil {
		r.InForce, r.Known = *r.Value, true
	}
	return r
}

// apply puts one change on the book.
func (b *Book) apply(c Confirmed) error {
	switch c.Key {
	case MissedKey:
		b.missed, b.missedChanged = b.Set.Missed.Rows, c
		if c.Unset {
			b.missedChanged = Confirmed{}
		} else if len(c.Missed) > 0 {
			b.missed = c.Missed
		}
		return nil
	case VomitedKey:
		b.vomited, b.vomitedChanged = b.Set.Vomited.Rows, c
		if c.Unset {
			b.vomitedChanged = Confirmed{}
		} else if len(c.Vomited) > 0 {
			b.vomited = c.Vomited
		}
		return nil
	}
	i := slices.IndexFunc(b.rules, func(r Rule) bool { return r.Key == c.Key })
	e, ok := entryOf(c.Key)
	switch {
	case i < 0 || !ok:
		return &Problem{Key: c.Key, What: "is no key of the rulebook"}
	case c.Unset:
		b.rules[i] = fromSet(b.Set, e)
		b.rules[i].ChangedIn, b.rules[i].Why = c.Version, c.Reason
		return nil
	case c.Value == nil:
		return &Problem{Key: c.Key, What: "has no value"}
	case *c.Value < e.lo || *c.Value > e.hi:
		return &Problem{Key: c.Key, What: fmt.Sprintf("%d is outside %d to %d %s", *c.Value, e.lo, e.hi, e.unit)}
	}
	r := &b.rules[i]
	r.InForce, r.Known, r.StatusNow, r.SourceNow = *c.Value, true, ByProgramme, ProgrammeSource
	r.Why, r.Difference, r.ChangedIn = c.Reason, nil, c.Version
	if r.Value != nil {
		if d := *c.Value - *r.Value; d != 0 {
			r.Difference = &d
		} else {
			r.SourceNow = r.Source
		}
	}
	return nil
}

func (b *Book) consistent() error {
	values := map[string]int64{}
	for _, r := range b.rules {
		if r.Known {
			values[r.Key] = r.InForce
		}
	}
	if err := checkPairs(values); err != nil {
		return err
	}
	if err := checkMissed(b.missed); err != nil {
		return err
	}
	return checkVomited(b.vomited)
}

// Rules lists all numbers in the order of the rulebook page. An optional number
// the set does not have is left out unless the programme set it.
func (b Book) Rules() []Rule {
	var all []Rule
	for _, r := range b.rules {
		if r.Optional && !r.Known && r.Words == "" {
			continue
		}
		all = append(all, r)
	}
	return all
}

// Rule is one number by its key; ok is false for a key that does not exist.
func (b Book) Rule(key string) (r Rule, ok bool) {
	for i := range b.rules {
		if b.rules[i].Key == key {
			return b.rules[i], true
		}
	}
	return Rule{}, false
}

// Missed is the table for missed days in force; every row's status is "set"
// once the programme confirmed it.
func (b Book) Missed() []MissedRow {
	rows := slices.Clone(b.missed)
	for i := range rows {
		if b.missedChanged.Version > 0 {
			rows[i].Status = ByProgramme
		}
		if len(b.missedChanged.Missed) > 0 {
			rows[i].Source = ProgrammeSource
		}
	}
	return rows
}

// Vomited is the table for a vomited dose in force, as Missed.
func (b Book) Vomited() []VomitedRow {
	rows := slices.Clone(b.vomited)
	for i := range rows {
		if b.vomitedChanged.Version > 0 {
			rows[i].Status = ByProgramme
		}
		if len(b.vomitedChanged.Vomited) > 0 {
			rows[i].Source = ProgrammeSource
		}
	}
	return rows
}

// Question is a number or table the programme is asked for.
type Question struct {
	Key   string
	Words string
	Unit  string // "" for a table
	Note  string
	Table bool
	Asked bool // true: there is no value; false: there is one nobody confirmed
}

// Unanswered lists what has no value: asked at init, and shown until answered.
func (b Book) Unanswered() []Question {
	return b.questions(func(known bool, _ Status) bool { return !known })
}

// Unconfirmed lists what has a value that is neither verified nor confirmed by
// the programme: in use, and shown as such.
func (b Book) Unconfirmed() []Question {
	return b.questions(func(known bool, st Status) bool {
		return known && (st == Unverified || st == Partly || st == Derived)
	})
}

func (b Book) questions(want func(known bool, st Status) bool) []Question {
	var list []Question
	for _, r := range b.rules {
		if want(r.Known, r.StatusNow) && (!r.Optional || r.Known) {
			list = append(list, Question{Key: r.Key, Words: r.Words, Unit: r.Unit, Note: r.Note, Asked: !r.Known})
		}
	}
	missed, vomited := b.Missed(), b.Vomited()
	if st := weakest(missed, func(r MissedRow) Status { return r.Status }); want(len(missed) > 0, st) {
		list = append(list, Question{Key: MissedKey, Words: b.Set.Missed.Words, Note: b.Set.Missed.Note, Table: true, Asked: len(missed) == 0})
	}
	if st := weakest(vomited, func(r VomitedRow) Status { return r.Status }); want(len(vomited) > 0, st) {
		list = append(list, Question{Key: VomitedKey, Words: b.Set.Vomited.Words, Note: b.Set.Vomited.Note, Table: true, Asked: len(vomited) == 0})
	}
	return list
}

// weakest is the least sure status among the rows of a table.
func weakest[R any](rows []R, status func(R) Status) Status {
	rank := []Status{ByProgramme, Verified, Derived, Partly, Unverified, Unknown}
	worst := ByProgramme
	for _, r := range rows {
		if slices.Index(rank, status(r)) > slices.Index(rank, worst) {
			worst = status(r)
		}
	}
	return worst
}
