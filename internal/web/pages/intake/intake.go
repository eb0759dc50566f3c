// Package intake draws the import of a clinic's own tables: choosing a file,
// saying what it cannot say itself, the preview with every bad row and its
// reason, and the outcome.
//
// Nothing is imported before the preview was confirmed, and then all good rows
// or none. Every column is named with what it was taken for.
package intake

import (
	"tram/internal/day"
	"tram/internal/intake"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the import.
type Page struct {
	Shell   ui.Shell
	Upload  typed.Form
	Again   typed.Form // the declarations of the preview
	Confirm typed.Form
	Ticket  string // names the uploaded file until it is imported
	Name    string // of the file, as the browser gave it
	File    *intake.File
	Good    []Sample // the first good rows
	Have    int      // people on the register
	Unknown int      // rows of codes that nobody has here
}

// Sample is a good row as it will be imported.
type Sample struct {
	Line   int
	Code   string
	Name   string
	Birth  day.Partial
	Day    day.Day // of a dose, or first day of an order
	Last   day.Day // of an order
	Amount unit.Microgram
	Volume unit.Microlitre
}

// Done is the outcome of an import.
type Done struct {
	Shell ui.Shell
	Kind  intake.Kind
	Name  string
	Rows  int // facts written
	New   int // of those, people put on the register
	Known int // rows that were on record already
	Left  int // bad rows that were left out
	Hash  string
}

// badShown is how many bad rows the page lists; the number of all is always
// said.
const badShown = 200

// bad are the rows the page lists.
func (p Page) bad() []intake.BadRow { return p.File.Bad[:min(badShown, len(p.File.Bad))] }

// mayImport says whether there is anything to import and nothing stops it.
func (p Page) mayImport() bool { return p.File != nil && len(p.File.Stops) == 0 && p.File.Len() > 0 }

// problem is a problem's sentence.
func problem(p *words.Printer, x intake.Problem) string {
	return p.T("intake.problem."+string(x.Code), "column", column(p, x.Column), "value", x.Value, "line", x.Line, "other", x.Other)
}

// column is a column's header as written, or the name of a field of ours.
func column(p *words.Printer, s string) string {
	if !p.Missing("intake.field." + s) {
		return p.T("intake.field." + s)
	}
	return s
}

func kinds(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, k := range []intake.Kind{intake.Patients, intake.Orders, intake.Doses} {
		list = append(list, ui.Option{Value: string(k), Label: p.T("intake.kind." + string(k))})
	}
	return list
}

func layouts(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, l := range []intake.Layout{intake.DMY, intake.YMD, intake.MDY} {
		list = append(list, ui.Option{Value: string(l), Label: p.T("intake.layout." + string(l))})
	}
	return list
}

func encodings(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, e := range []intake.Encoding{intake.UTF8, intake.UTF16, intake.Windows1258} {
		list = append(list, ui.Option{Value: string(e), Label: p.T("intake.encoding." + string(e))})
	}
	return list
}

// registers offers to put people on the register of whom only a code is known.
func registers(p *words.Printer) []ui.Option {
	return []ui.Option{{Value: "yes", Label: p.T("intake.unknown")}}
}

func units(p *words.Printer) []ui.Option {
	return []ui.Option{{Value: "mg", Label: p.T("intake.unit.mg")}, {Value: "ml", Label: p.T("intake.unit.ml")}}
}

func sheets(f *intake.File) []ui.Option {
	var list []ui.Option
	for _, s := range f.Sheets {
		list = append(list, ui.Option{Value: s, Label: s})
	}
	return list
}
