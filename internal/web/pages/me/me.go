// Package me draws the page on which a person who works here changes their own
// PIN and sets their own password.
//
// Nobody else's secret is ever set here, and none is shown.
package me

import (
	"tram/internal/day"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
)

// Page is one person's own page.
type Page struct {
	Shell    ui.Shell
	Name     string
	Duties   string
	Password bool // a password is set
	PIN      typed.Form
	Pass     typed.Form
	Letters  bool    // the person may sign letters between sites, once named
	Made     bool    // a signing key was made
	KeyWords string  // it, as one reads it out on the telephone
	Until    day.Day // the programme named the key until then; Never while it has not
	Key      typed.Form
}

// passwordMax is as many characters as the door takes.
const passwordMax = 200

// pinField is a field of six digits.
func pinField(name, label string) ui.Field {
	return ui.Field{Name: name, Label: label, Type: "password", Mode: "numeric", Complete: "one-time-code", Max: 6, Narrow: true, Required: true}
}
