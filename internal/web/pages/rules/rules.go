// Package rules draws the rulebook: every number with the source it was read in
// and how sure anyone is of it, and the forms with which the programme confirms,
// changes or sets one.
//
// A number nobody knows stands out as to be set; one that was not checked
// against its source stands out as such until the programme confirms it. The
// amounts are shown and typed as people say them: mg, mL, days.
package rules

import (
	"strconv"

	"tram/internal/rulebook"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the rulebook.
type Page struct {
	Shell      ui.Shell
	Set        rulebook.Set
	Version    int
	Rules      []rulebook.Rule
	Missed     []rulebook.MissedRow
	Vomited    []rulebook.VomitedRow
	Unanswered []rulebook.Question
	Doubtful   []rulebook.Question // in use, and confirmed by nobody
	Can        bool                // may confirm and change
}

// EditPage confirms or changes one number.
type EditPage struct {
	Shell ui.Shell
	Set   rulebook.Set
	Rule  rulebook.Rule
	Form  typed.Form
}

// TablePage confirms or changes the table for missed days, or confirms the one
// for a vomited dose.
type TablePage struct {
	Shell   ui.Shell
	Set     rulebook.Set
	Key     string // rulebook.MissedKey or rulebook.VomitedKey
	Words   string
	Note    string
	Missed  []rulebook.MissedRow
	Vomited []rulebook.VomitedRow
	Form    typed.Form
	Lines   int // rows of the form
}

// Value writes a number of the rulebook as people say it.
func Value(p *words.Printer, n int64, in string) string {
	switch in {
	case "ug":
		return p.Mg(unit.Microgram(n))
	case "ul":
		return p.ML(unit.Microlitre(n))
	case "permille":
		return p.T("rules.unit.permille", "n", int(n))
	case "days", "hours", "minutes":
		return p.T("rules.unit."+in, "n", int(n))
	}
	return strconv.FormatInt(n, 10)
}

// Number writes a number of the rulebook as it is typed, without its unit.
func Number(p *words.Printer, n int64, in string) string {
	switch in {
	case "ug", "ul":
		return p.MgNumber(unit.Microgram(n))
	}
	return strconv.FormatInt(n, 10)
}

// UnitName is what stands behind the field.
func UnitName(p *words.Printer, in string) string {
	switch in {
	case "ug":
		return "mg"
	case "ul":
		return "mL"
	case "permille":
		return "‰"
	}
	return p.T("rules.in." + in)
}

// name is what a number is called; a number whose words are missing is shown
// by its key.
func name(p *words.Printer, words, key string) string {
	if words == "" {
		return key
	}
	return p.T(words)
}

// said is a sentence of the set in the reader's language.
func said(p *words.Printer, sentence string) string { return rulebook.In(p.Lang(), sentence) }

// standing is the status as the badge wants it.
func standing(r rulebook.Rule) string {
	if !r.Known {
		return string(rulebook.Unknown)
	}
	return string(r.StatusNow)
}

// weak says whether a status is one a person should look at.
func weak(s string) bool {
	switch rulebook.Status(s) {
	case rulebook.Unverified, rulebook.Partly, rulebook.Derived, rulebook.Unknown:
		return true
	case rulebook.Verified, rulebook.ByProgramme:
	}
	return false
}

// span writes the days of a row of the table.
func span(p *words.Printer, from, to int, key string) string {
	switch {
	case to == 0:
		return p.T(key+".from", "from", from)
	case from == to:
		return p.T(key+".one", "n", from)
	}
	return p.T(key+".span", "from", from, "to", to)
}

// action writes what a row of the table for missed days says.
func action(p *words.Printer, r rulebook.MissedRow) string {
	text := p.T("rules.action."+string(r.Action), "percent", r.Percent)
	if r.CapUg > 0 {
		return text + " " + p.T("rules.cap", "amount", unit.Microgram(r.CapUg))
	}
	return text
}

// actions are the actions a row may have.
func actions(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, a := range []string{"same", "see_physician", "reduce", "restart", "new_file"} {
		list = append(list, ui.Option{Value: a, Label: p.T("rules.pick." + a)})
	}
	return list
}
