// Package letters draws what moves a person between sites: the letters that
// were given, that wait, that arrived, the reading of one, and its paper.
//
// It judges nothing. A letter is shown to be compared with the person who
// stands there before it is taken, and its paper says on the outside only which
// site it is for.
package letters

import (
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/paper"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page lists the letters of a site.
type Page struct {
	Shell   ui.Shell
	Take    typed.Form
	Offered []Line // to this site, heard over the network
	Waiting []Line // given, on no second medium yet
	Open    []Line // given, not known to have arrived
	Taken   []Line
	Can     bool // may take letters
}

// Line is one letter in a list.
type Line struct {
	Letter id.Letter
	Name   string // of the patient where known here
	Code   string
	Site   string // the other one
	First  day.Day
	Last   day.Day // Never: for good
	Why    transfer.Why
	On     day.Day // given or taken
	Text   string  // of an offered letter, to be read
	ByHand bool
}

// Reading is a letter that was read and not taken yet.
type Reading struct {
	Shell  ui.Shell
	Form   typed.Form // carries the letter's text
	Text   string
	From   string
	Letter transfer.Letter
	Volume unit.Microlitre // of the dose, from the open bottle's strength; 0 when none is open
	Known  bool            // the person is on record here
	Late   bool            // the order of the letter ends before its days do
}

// Sending is the form that gives days of a person to another site.
type Sending struct {
	Shell   ui.Shell
	Patient id.Patient
	Name    string
	Code    string
	Sites   []ui.Option
	Form    typed.Form
	Back    string // where the person came from; "" at home
	Limits  transfer.Limits
	Today   day.Day
}

// Paper is a letter as it is printed.
type Paper struct {
	Shell   ui.Shell
	P       *words.Printer // in the language of the site it goes to
	Patient *words.Printer // in the patient's language, as far as there is one
	From    string
	To      string
	Letter  transfer.Letter
	Issued  day.Day
	Signed  string // name of the clinician
	QR      paper.Code
	Short   string // lines to type by hand; "" where there is no short form
	Wait    bool   // it may not be shown yet
}

// kinds are the reasons that a person may choose.
func (s Sending) kinds() []ui.Option {
	var out []ui.Option
	for _, w := range []transfer.Why{transfer.Visit, transfer.ForGood, transfer.Storm} {
		out = append(out, ui.Option{Value: string(w), Label: s.Shell.P.T("letters.why." + string(w))})
	}
	if s.Back != "" {
		out = append([]ui.Option{{Value: string(transfer.Back), Label: s.Shell.P.T("letters.why_back", "site", s.Back)}}, out...)
	}
	return out
}

// Span is the days of a letter in words.
func Span(p *words.Printer, first, last day.Day) string {
	switch last {
	case day.Never:
		return p.T("letters.from", "first", first)
	case first:
		return p.T("letters.one_day", "first", first)
	}
	return p.T("letters.from_to", "first", first, "last", last)
}
