// Package rulebook holds the numbers that guidelines and law set, each with
// the source it was read in and how sure we are of it.
//
// A set is a file in sets/, embedded; a programme chooses one and then
// confirms, tightens or sets its numbers. [Effective] puts both together into a
// [Book] with a version, and the book yields the limits of each care room. It
// knows no patient, no storage and no clock. It promises that a number nobody
// knows has no value ([Book.Unanswered] lists what to ask), that a limit never
// travels without its source and status, and that numbers which contradict
// each other are refused when they are read. Rules: docs/rules.md, RULE-01 and
// on.
package rulebook

import (
	"tram/internal/care/dose"
	"tram/internal/day"
)

// Status says how sure a number is.
type Status string

// The statuses. ByProgramme is what a number becomes when the programme
// confirms, changes or sets it; a file never has it.
const (
	Verified    Status = "verified"   // read in the named source
	Unverified  Status = "unverified" // remembered, or a default of this product; to be confirmed
	Derived     Status = "derived"    // computed from verified numbers
	Partly      Status = "partly"     // one part was read (a draft, an older edition), the rest not
	Unknown     Status = "unknown"    // no number; the programme is asked
	ByProgramme Status = "set"        // confirmed or set by the programme
)

// Decider is who may act on a row of a table.
type Decider string

// The deciders.
const (
	Nurse     Decider = "nurse"
	Physician Decider = "physician"
)

// Source is a document that numbers come from.
type Source struct {
	ID   string `json:"id"`
	Text string `json:"text"` // title, year, and where the copy was read
}

// Number is one number of a set as its file has it.
type Number struct {
	Key       string `json:"key"`   // see catalogue.go; ends in its unit
	Words     string `json:"words"` // key of its name in package words
	Value     *int64 `json:"value"` // nil when unknown
	Unit      string `json:"unit"`  // ug, ul, days, hours, minutes, permille
	Condition string `json:"condition"`
	Source    string `json:"source"` // id of a Source; "" when unknown
	Edition   string `json:"edition"`
	Status    Status `json:"status"`
	Note      string `json:"note"`
}

// MissedRow is one line of the table for missed days.
type MissedRow struct {
	From      int            `json:"from_days"` // whole days without methadone, included
	To        int            `json:"to_days"`   // included; 0 is open-ended
	Action    dose.GapAction `json:"action"`
	Percent   int            `json:"percent"` // for reduce: percent of the order; else 0
	CapUg     int64          `json:"cap_ug"`  // for reduce: never above; 0 when the source names none
	Decides   Decider        `json:"decides"`
	Condition string         `json:"condition"`
	Source    string         `json:"source"`
	Edition   string         `json:"edition"`
	Status    Status         `json:"status"`
	Note      string         `json:"note"`
}

// MissedTable is what follows from missed days; no rows when the guideline's
// table is not known, and then every gap asks the physician.
type MissedTable struct {
	Words string      `json:"words"`
	Note  string      `json:"note"`
	Rows  []MissedRow `json:"rows"`
}

// VomitedRow is one line of the table for a vomited dose.
type VomitedRow struct {
	From      int     `json:"from_minutes"` // minutes since the dose, included
	To        int     `json:"to_minutes"`   // included; 0 is open-ended
	Percent   int     `json:"percent"`      // of the dose a physician may replace; 0 is none
	Decides   Decider `json:"decides"`
	Condition string  `json:"condition"`
	Source    string  `json:"source"`
	Edition   string  `json:"edition"`
	Status    Status  `json:"status"`
	Note      string  `json:"note"`
}

// VomitedTable is what may replace a vomited dose; no rows when not known, and
// then every case asks the physician.
type VomitedTable struct {
	Words string       `json:"words"`
	Note  string       `json:"note"`
	Rows  []VomitedRow `json:"rows"`
}

// Set is one jurisdiction's rule set, as its file has it.
type Set struct {
	ID           string       `json:"id"` // "vn"; chosen at tram init
	Jurisdiction string       `json:"jurisdiction"`
	Version      string       `json:"version"` // of the file
	Title        string       `json:"title"`
	Words        string       `json:"words"` // key of its title in package words
	Legal        string       `json:"legal"` // the law or guideline it stands on
	ValidFrom    day.Day      `json:"valid_from"`
	ValidTo      day.Day      `json:"valid_to"` // "" while in force
	Note         string       `json:"note"`
	Sources      []Source     `json:"sources"`
	Numbers      []Number     `json:"numbers"`
	Missed       MissedTable  `json:"missed"`
	Vomited      VomitedTable `json:"vomited"`
}

// SourceText is the full line of a source of the set, or "".
func (s Set) SourceText(id string) string {
	for _, src := range s.Sources {
		if src.ID == id {
			return src.Text
		}
	}
	return ""
}
