// Package locked is the page of a locked screen, and the page after unlocking
// that gives back what was being written.
//
// It hides everything but the name of who was working. It promises that a form
// that was sent while the screen was locked is neither lost nor done by
// itself: after unlocking, the same person is shown it and presses again.
package locked

import (
	"tram/internal/web/ui"
)

// Page is the locked screen.
type Page struct {
	Shell  ui.Shell
	Person string // who was working
	Wrong  string // about the PIN
	Back   string // where to go on
	Kept   bool   // a form was sent while locked; it waits
}

// Resume is the form that was sent while the screen was locked.
type Resume struct {
	Shell  ui.Shell
	Action string
	Fields []Field
	Back   string
}

// Field is one field of the kept form. Secret ones, the PINs, are not kept and
// are asked for again.
type Field struct {
	Name, Value string
	Secret      bool
}
