package rulebook

import (
	"fmt"

	"tram/internal/care/dose"
	"tram/internal/day"
)

// Bounds of a table; they keep a change within one journal entry.
const (
	rowsMax    = 12
	daysMax    = 3_660
	minutesMax = 1_440
)

// Problem is what is wrong with a rule set or a change to it.
type Problem struct {
	Key  string // the number or table
	With string // the other number it contradicts; "" if it stands alone
	Row  int    // line of a table, from 1; 0 for a number
	What string // in English, for whoever edits the file
}

// Error makes a Problem an error.
func (p *Problem) Error() string {
	at := p.Key
	if p.Row > 0 {
		at = fmt.Sprintf("%s row %d", p.Key, p.Row)
	}
	if p.With != "" {
		return fmt.Sprintf("%s: %s %s", at, p.What, p.With)
	}
	return at + ": " + p.What
}

// check holds everything a set must satisfy beyond its form.
func check(s Set) error {
	if s.ID == "" || s.Jurisdiction == "" || s.Version == "" || s.Title == "" || s.Words == "" || s.Legal == "" {
		return &Problem{Key: "set", What: "id, jurisdiction, version, title, words and legal are needed"}
	}
	if s.ValidTo != day.Never && s.ValidTo < s.ValidFrom {
		return &Problem{Key: "valid_to", With: "valid_from", What: "is before"}
	}
	if err := checkSources(s); err != nil {
		return err
	}
	values := map[string]int64{}
	seen := map[string]bool{}
	for _, n := range s.Numbers {
		if seen[n.Key] {
			return &Problem{Key: n.Key, What: "is given twice"}
		}
		seen[n.Key] = true
		if err := checkNumber(s, n); err != nil {
			return err
		}
		if n.Value != nil {
			values[n.Key] = *n.Value
		}
	}
	for _, e := range catalogue {
		if !e.optional && !seen[e.key] {
			return &Problem{Key: e.key, What: "is missing; write it with a null value if it is not known"}
		}
	}
	if err := checkPairs(values); err != nil {
		return err
	}
	if err := checkMissed(s.Missed.Rows); err != nil {
		return err
	}
	if err := checkVomited(s.Vomited.Rows); err != nil {
		return err
	}
	return checkOrigins(s)
}

func checkSources(s Set) error {
	seen := map[string]bool{ProgrammeSource: true}
	for _, src := range s.Sources {
		if src.ID == "" || src.Text == "" || seen[src.ID] {
			return &Problem{Key: "source " + src.ID, What: "needs an id of its own and a text"}
		}
		seen[src.ID] = true
	}
	return nil
}

func checkNumber(s Set, n Number) error {
	e, ok := entryOf(n.Key)
	switch {
	case !ok:
		return &Problem{Key: n.Key, What: "is no key of the rulebook"}
	case n.Unit != e.unit:
		return &Problem{Key: n.Key, What: "has another unit than " + e.unit}
	case n.Words == "":
		return &Problem{Key: n.Key, What: "has no words key"}
	case n.Status == Unknown && (n.Value != nil || n.Source != ""):
		return &Problem{Key: n.Key, What: "is unknown and yet has a value or a source"}
	case n.Status == Unknown:
		return nil
	case n.Value == nil:
		return &Problem{Key: n.Key, What: "has no value and is not marked unknown"}
	case *n.Value < e.lo || *n.Value > e.hi:
		return &Problem{Key: n.Key, What: fmt.Sprintf("%d is outside %d to %d %s", *n.Value, e.lo, e.hi, e.unit)}
	}
	return checkOrigin(s, n.Key, 0, n.Source, n.Status)
}

// checkOrigin refuses a value without a source, and one from memory that calls
// itself verified.
func checkOrigin(s Set, key string, row int, source string, st Status) error {
	if s.SourceText(source) == "" {
		return &Problem{Key: key, Row: row, What: "cites a source that is not listed: " + source}
	}
	switch st {
	case Verified, Derived:
		if source == memorySource || source == productSource {
			return &Problem{Key: key, Row: row, What: "calls itself " + string(st) + " without a document"}
		}
	case Unverified, Partly:
	default:
		return &Problem{Key: key, Row: row, What: "has a status a file cannot have: " + string(st)}
	}
	return nil
}

// checkOrigins looks at the tables' rows as checkNumber does at a number.
func checkOrigins(s Set) error {
	for i, r := range s.Missed.Rows {
		if err := checkOrigin(s, MissedKey, i+1, r.Source, r.Status); err != nil {
			return err
		}
	}
	for i, r := range s.Vomited.Rows {
		if err := checkOrigin(s, VomitedKey, i+1, r.Source, r.Status); err != nil {
			return err
		}
	}
	if s.Missed.Words == "" || s.Vomited.Words == "" {
		return &Problem{Key: "tables", What: "need words keys"}
	}
	return nil
}

// checkPairs refuses numbers that contradict each other.
func checkPairs(values map[string]int64) error {
	for _, p := range pairs {
		low, ok := values[p.low]
		high, ok2 := values[p.high]
		if ok && ok2 && low > high {
			return &Problem{Key: p.low, With: p.high, What: "is above"}
		}
	}
	return nil
}

// severity ranks the actions: a longer gap must never be answered milder.
var severity = map[dose.GapAction]int{dose.Same: 0, dose.SeePhysician: 1, dose.Reduce: 1, dose.Restart: 2, dose.NewFile: 3}

// checkMissed holds what a table for missed days must be: every number of days
// from 1 on in exactly one row, the last row open-ended, never milder for
// longer, and nothing but the same dose left to the nurse.
func checkMissed(rows []MissedRow) error {
	next, before := 1, MissedRow{Percent: 100}
	for i, r := range rows {
		rank, known := severity[r.Action]
		last := i == len(rows)-1
		what := ""
		switch {
		case len(rows) > rowsMax:
			what = "the table has too many rows"
		case !known:
			what = "has no action of the list"
		case r.From != next:
			what = fmt.Sprintf("starts at day %d where %d is due", r.From, next)
		case (r.To == 0) != last:
			what = "only the last row is open-ended, and it must be"
		case r.To != 0 && (r.To < r.From || r.To > daysMax):
			what = "ends before it starts, or far too late"
		case r.Action == dose.Reduce && (r.Percent < 1 || r.Percent > 99 || r.Percent > before.Percent):
			what = "needs 1 to 99 percent, not more than a row above"
		case r.Action != dose.Reduce && r.Percent != 0:
			what = "has a percentage without a reduction"
		case r.CapUg < 0 || r.CapUg > 2_000_000 || (r.CapUg != 0 && r.Action != dose.Reduce && r.Action != dose.Restart):
			what = "has a cap that cannot be"
		case i > 0 && rank < severity[before.Action]:
			what = "is milder than a row for fewer days"
		case (r.Action == dose.Same) != (r.Decides == Nurse) || (r.Decides != Nurse && r.Decides != Physician):
			what = "only the same dose is the nurse's, everything else the physician's"
		}
		if what != "" {
			return &Problem{Key: MissedKey, Row: i + 1, What: what}
		}
		if r.Action != dose.Reduce {
			r.Percent = before.Percent
		}
		next, before = r.To+1, r
	}
	return nil
}

// checkVomited holds what a table for a vomited dose must be: every minute from
// 0 on in exactly one row, the last row open-ended, never more for later.
func checkVomited(rows []VomitedRow) error {
	next, before := 0, 100
	for i, r := range rows {
		last := i == len(rows)-1
		what := ""
		switch {
		case len(rows) > rowsMax:
			what = "the table has too many rows"
		case r.From != next:
			what = fmt.Sprintf("starts at minute %d where %d is due", r.From, next)
		case (r.To == 0) != last:
			what = "only the last row is open-ended, and it must be"
		case r.To != 0 && (r.To < r.From || r.To > minutesMax):
			what = "ends before it starts, or far too late"
		case r.Percent < 0 || r.Percent > before:
			what = "needs 0 to 100 percent, not more than a row above"
		case r.Decides != Physician:
			what = "a replacement is always the physician's"
		}
		if what != "" {
			return &Problem{Key: VomitedKey, Row: i + 1, What: what}
		}
		next, before = r.To+1, r.Percent
	}
	return nil
}
