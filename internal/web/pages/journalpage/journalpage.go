// Package journalpage draws the journal for whoever answers for it: how much
// there is, the newest signed checkpoint, the outcome of checking it, and who
// looked at a patient's record.
//
// The checkpoint is shown as it stands, so that anyone can keep a copy and
// compare later; other software can check it too.
package journalpage

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/web/pages/glass"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the journal's page.
type Page struct {
	Shell      ui.Shell
	Size       int         // entries
	Root       string      // hash over all entries
	Checkpoint string      // newest signed note, as text; "" when it was not asked for
	SignedAt   day.Instant // 0 when nothing was signed yet
	Key        string      // the name of the key that signs
	Check      Check
	Form       typed.Form // asks for a check now; not offered without its id
	CanAnswer  bool       // answers for records opened in an emergency, of which some wait
	CanAudit   bool       // may see who looked at whose record
	Code       string     // the patient code that was asked for, as typed
	Asked      *Person    // whose record the looks are of; nil when no code was asked for or none was found
	NotFound   bool
	Looks      []Look // newest first
	Printed    []Printed
	Opened     []glass.Opening // records opened in an emergency, newest first
}

// CheckState is the outcome of checking the journal.
type CheckState string

// The outcomes.
const (
	NotChecked CheckState = "not_yet"
	Good       CheckState = "good"
	Broken     CheckState = "broken"
	Failed     CheckState = "failed" // could not be checked: that says nothing about the journal
)

// Check is the newest check of the journal.
type Check struct {
	State   CheckState
	At      day.Instant
	Entries int
	Seconds int
	Text    string // what does not fit, for Broken and Failed
}

// Person is the patient asked about.
type Person struct {
	ID         id.Patient
	Name, Code string
}

// Look is one look at a record.
type Look struct {
	At   day.Instant
	By   string
	Part string
	Why  string

	Glass bool // under an emergency opening
}

// Printed is a paper that was made.
type Printed struct {
	At    day.Instant
	By    string
	Paper string
	About string
}

// part is what was looked at, in words; a part this program does not know is
// shown as it was written.
func part(p *words.Printer, s string) string {
	if p.Missing("journal.part." + s) {
		return s
	}
	return p.T("journal.part." + s)
}
