package web

import (
	"regexp"
	"strings"

	"tram/internal/clinicdb"
	"tram/internal/fold"
	"tram/internal/id"
)

// phoneLike is what a telephone number looks like in a note, however it is
// divided.
var phoneLike = regexp.MustCompile(`(^|[^0-9])(\+?84|0)([ .-]?[0-9]){8,10}([^0-9]|$)`)

// cautions are gentle questions about a note before it is kept for good: it
// seems to hold a telephone number, or the name of somebody else here. They stop
// nothing; whoever wrote the note decides.
func (a *ask) cautions(text string, of id.Patient) ([]string, error) {
	var out []string
	if phoneLike.MatchString(text) {
		out = append(out, a.p.T("patient.note_phone"))
	}
	words := " " + strings.Join(strings.FieldsFunc(fold.Fold(text), notLetter), " ") + " "
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		all, err := v.PatientsAll()
		own := ""
		for _, x := range all {
			if x.Patient == of {
				own = fold.Fold(x.Details.Name)
			}
		}
		for _, x := range all {
			name := fold.Fold(x.Details.Name)
			if x.Patient != of && name != own && strings.Contains(name, " ") && strings.Contains(words, " "+name+" ") {
				out = append(out, a.p.T("patient.note_name", "name", x.Details.Name))
			}
		}
		return err
	})
	return out, err
}

func notLetter(r rune) bool {
	return r != '\'' && strings.ContainsRune(" \t\r\n.,;:!?()[]{}\"“”‘’«»/\\-–—", r)
}
