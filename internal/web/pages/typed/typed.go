// Package typed holds what a person typed into a form together with what is
// wrong with it, so that a form that is shown again keeps every value and says
// each problem beside its field.
//
// It parses nothing and knows no rule; the handlers fill it.
package typed

import (
	"tram/internal/id"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Form is a form as it is shown: new, or again after something was wrong.
type Form struct {
	ID      id.Form
	Values  map[string]string   // as typed, by field name
	Lists   map[string][]string // chosen check boxes
	Errors  map[string]string   // sentences in the reader's language, by field name
	Refused *words.Said         // a rule's answer to the whole form; nil if none
	High    bool                // the person proves who they are with the password they set
}

// Set keeps a value.
func (f *Form) Set(name, value string) {
	if f.Values == nil {
		f.Values = map[string]string{}
	}
	f.Values[name] = value
}

// Wrong says what is wrong with a field; the first sentence stays.
func (f *Form) Wrong(name, sentence string) {
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	if f.Errors[name] == "" {
		f.Errors[name] = sentence
	}
}

// Bad says whether anything is wrong with the form.
func (f Form) Bad() bool { return len(f.Errors) > 0 || f.Refused != nil }

// Field fills a control with what was typed and what is wrong with it. A value
// that the control brings along is its starting value.
func (f Form) Field(x ui.Field) ui.Field {
	if v, ok := f.Values[x.Name]; ok && x.Type != "password" {
		x.Value = v
	}
	if l, ok := f.Lists[x.Name]; ok {
		x.Values = l
	}
	x.Error = f.Errors[x.Name]
	return x
}

// PIN is the field in which a person proves once more who they are.
func (f Form) PIN(label, id string) ui.Field {
	return ui.PIN(label, f.Errors["pin"], id, false)
}

// Proof is the field in which a person proves once more who they are for an act
// that takes more than a PIN from whoever has more.
func (f Form) Proof(p *words.Printer, id string) ui.Field {
	if !f.High {
		return f.PIN(p.T("staff.your_pin"), id)
	}
	return ui.Field{
		Name: "pin", ID: id, Label: p.T("me.your_password"), Error: f.Errors["pin"], Type: "password", Complete: "current-password", Max: 200, Required: true,
	}
}

// Second is the second person's part of a form with what was chosen and what is
// wrong with it.
func (f Form) Second(s ui.Second) ui.Second {
	if v := f.Values["second"]; v != "" {
		s.Chosen = v
	}
	s.Error, s.PINError = f.Errors["second"], f.Errors["second_pin"]
	return s
}
