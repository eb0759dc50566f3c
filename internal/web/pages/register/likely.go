package register

import (
	"tram/internal/care/patient"
	"tram/internal/id"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Likely is a record that may be of the person who is being registered.
type Likely struct {
	ID     id.Patient
	Code   string
	Site   string // by name; "" for a record of this site
	Number bool   // it has the same identity number
}

// Answer and Note are the names of the fields that are asked about a record.
func (l Likely) Answer() string { return "same-" + string(l.ID) }

// Note is where it is written how the answer is known.
func (l Likely) Note() string { return "note-" + string(l.ID) }

func (l Likely) title(p *words.Printer) string {
	if l.Number {
		return p.T("register.likely_number")
	}
	return p.T("register.likely_name")
}

func (l Likely) where(p *words.Printer) string {
	if l.Site == "" {
		return p.T("register.likely_here", "code", l.Code)
	}
	return p.T("register.likely_where", "code", l.Code, "site", l.Site)
}

func answers(p *words.Printer) []ui.Option {
	return []ui.Option{
		{Value: string(patient.OnePerson), Label: p.T("register.likely_same")},
		{Value: string(patient.TwoPeople), Label: p.T("register.likely_two")},
		{Value: string(patient.Unsure), Label: p.T("register.likely_unknown")},
	}
}
