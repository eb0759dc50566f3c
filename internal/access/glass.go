package access

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Break asks to open one person's record in an emergency.
type Break struct {
	Patient id.Patient
	Reason  string
}

// GlassBroken says that a person opened a patient's record in an emergency,
// which their duties do not open. It gives that person that record to read,
// until then, and nothing else. Journal kind "glass.broken". Fields are only
// ever added.
type GlassBroken struct {
	Glass   id.Glass    `json:"glass"`
	Patient id.Patient  `json:"patient"`
	Person  id.Person   `json:"person"`
	Name    string      `json:"name"` // of the person: the patient's own site does not have their staff list
	From    day.Instant `json:"from"` // by the PC's clock, as it stood
	Until   day.Instant `json:"until"`
	Reason  string      `json:"reason"`
}

// Found is what a manager found of an opening.
type Found string

// What may be found.
const (
	Needed    Found = "needed"
	NotNeeded Found = "not_needed"
)

// Founds lists what may be found, in the order offered.
var Founds = []Found{Needed, NotNeeded}

// GlassReviewed says that a manager has seen that a record was opened in an
// emergency, and what they found. Journal kind "glass.reviewed". Fields are
// only ever added.
type GlassReviewed struct {
	Glass   id.Glass   `json:"glass"`
	Patient id.Patient `json:"patient"`
	Name    string     `json:"name"` // of the manager, as above
	Found   Found      `json:"found"`
	Note    string     `json:"note"`
	Alone   bool       `json:"alone,omitempty"` // the manager answered for their own opening: no other one works here
}

// Opening is what DecideBreak needs to know of the person and the record.
type Opening struct {
	Sees  bool        // the record is open to the person's duties
	Until day.Instant // of an opening that is still good; 0 for none
	Now   day.Instant
}

// DecideBreak opens a record for an hour: GLASS-01 it is open to the person as
// it is; GLASS-02 they have opened it already; GLASS-03 no reason in words;
// DOSE-30 too many of them. That their duties include opening one in an
// emergency is asked of Allow.
func DecideBreak(s Opening, c Break, by id.Person, name string) (GlassBroken, error) {
	text := strings.TrimSpace(c.Reason)
	switch {
	case s.Sees:
		return GlassBroken{}, reason.Refuse("GLASS-01")
	case s.Until != 0:
		return GlassBroken{}, reason.Refuse("GLASS-02", "until", s.Until)
	case !worded(text):
		return GlassBroken{}, reason.Refuse("GLASS-03")
	case utf8.RuneCountInString(text) > glassTextMax:
		return GlassBroken{}, reason.Refuse("DOSE-30", "max", glassTextMax)
	}
	return GlassBroken{Patient: c.Patient, Person: by, Name: name, From: s.Now, Until: s.Now + glassFor, Reason: text}, nil
}

// worded says that a text has words in it: a dot or a dash is no reason.
func worded(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n >= 2
}

// Moment is how the time stands to an opening, by all that the site has.
type Moment struct {
	Now    day.Instant // by the PC's clock, which people can set
	Newest day.Instant // of the journal's newest entry
	Ran    int64       // milliseconds that the program has run since the opening, whatever the clock; -1 when it was started again since
}

// Under answers whether a person may read a patient's record under an opening:
// nil, or GLASS-04 (this person has not opened this record), GLASS-05 (the hour
// is over), GLASS-06 (the clock was set back, so that nobody knows). The hour
// is over when either of two clocks says so, the PC's or the program's own,
// which nobody can set; without the second one the PC's clock must at least not
// be behind the opening or the journal.
func Under(g *GlassBroken, by id.Person, p id.Patient, m Moment) error {
	switch {
	case by == "":
		return reason.Refuse("ACCESS-01")
	case g == nil || g.Person != by || g.Patient != p:
		return reason.Refuse("GLASS-04")
	case m.Ran >= glassFor || m.Now >= g.Until:
		return reason.Refuse("GLASS-05")
	case m.Ran < 0 && (m.Now < g.From || m.Now < m.Newest):
		return reason.Refuse("GLASS-06")
	}
	return nil
}

// Review asks to answer for an opening.
type Review struct {
	Glass id.Glass
	Found Found
	Note  string
}

// Answering is what DecideReview needs to know of an opening.
type Answering struct {
	Broken   *GlassBroken // nil when there is none of that number
	Answered bool         // by this site, before
	Others   bool         // another manager works here
}

// DecideReview records that a manager has seen an opening: GLASS-07 there is
// none of that number; GLASS-08 it was answered before; GLASS-09 the manager
// opened the record, and another one is here to answer; GLASS-10 what was
// found was not said; DOSE-29 and DOSE-30 no words, or too many.
func DecideReview(s Answering, c Review, by id.Person, name string) (GlassReviewed, error) {
	own, text := s.Broken != nil && s.Broken.Person == by, strings.TrimSpace(c.Note)
	switch {
	case s.Broken == nil:
		return GlassReviewed{}, reason.Refuse("GLASS-07")
	case s.Answered:
		return GlassReviewed{}, reason.Refuse("GLASS-08")
	case own && s.Others:
		return GlassReviewed{}, reason.Refuse("GLASS-09")
	case !slices.Contains(Founds, c.Found):
		return GlassReviewed{}, reason.Refuse("GLASS-10")
	case !worded(text):
		return GlassReviewed{}, reason.Refuse("DOSE-29")
	case utf8.RuneCountInString(text) > glassTextMax:
		return GlassReviewed{}, reason.Refuse("DOSE-30", "max", glassTextMax)
	}
	return GlassReviewed{Glass: c.Glass, Patient: s.Broken.Patient, Name: name, Found: c.Found, Note: text, Alone: own}, nil
}
