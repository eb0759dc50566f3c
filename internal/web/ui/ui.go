// Package ui holds the components that pages are built of: the shell around a
// page, fields, buttons, the reason card, the dose.
//
// Components take typed values and a printer and know no clinic. They carry
// what every page must have: who is signed in, the clinic day, a label for
// each control, words beside each colour, mg and mL together. Styles are in
// static/tram.css, and nothing here needs a script to work. After a change run
// `go tool templ generate`; the generated files are checked in.
package ui

import (
	"strings"
	"unicode"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/web/static"
	"tram/internal/words"
)

// Shell is what stands around a page.
type Shell struct {
	P        *words.Printer
	Title    string      // of the page, in the reader's language
	Here     string      // Key of the Nav entry the page belongs to
	Site     string      // name of the site
	Day      day.Day     // clinic day; Never before one is opened
	Now      day.Instant // shown as the clock
	Person   string      // who is signed in; "" if nobody
	Station  string      // where this browser works, "Window 1"
	Nav      []Nav       // only what the person may open
	Langs    []string    // languages offered
	Path     string      // address of this page, to come back to
	Broken   []string    // promises that are broken: shown on every page until a person acts
	Invented bool        // the people on this page are invented (demo, samples)
	Idle     int         // seconds until the screen locks; 0: no lock (nobody is signed in)
	Flash    Notice      // what the last act did
	Wide     bool        // the page uses the whole width (the window, registers)
	Live     bool        // the page refreshes itself by server-sent events
	Sync     string      // how the site stands to its hub, in words; "" where it syncs with none
	SyncBad  bool        // that wants somebody's attention
	Sites    string      // address of the site picker of a demonstration; "" if there is none
}

// Nav is one entry of the rail at the side.
type Nav struct {
	Key, Href, Icon, Label string
	Count                  int // waiting there; 0 shows nothing
}

// Notice is a line about what happened. Kind is "good", "take" (take care) or
// "stop"; an empty Text shows nothing.
type Notice struct {
	Kind, Text string
}

// Field is one control with its label, hint and error.
type Field struct {
	Name      string
	ID        string // default: Name
	Label     string
	Hint      string // how to fill it in
	Error     string // what is wrong with Value
	Value     string // as typed; kept when there is an error
	Type      string // default "text"
	Mode      string // inputmode: "decimal", "numeric", "tel", "search"
	Unit      string // shown behind the control: "mL"
	Complete  string // autocomplete; default "off"
	Max       int    // longest text, in characters
	Rows      int    // of a text area
	Autofocus bool
	Required  bool
	Narrow    bool     // for a number or a date
	Options   []Option // of a select, radio buttons, check boxes
	Values    []string // chosen check boxes
	Accept    string   // of a file field
	Keep      bool     // a half-typed text that outlives the locked screen
}

// Option is one answer of a select or of radio buttons.
type Option struct {
	Value, Label, Hint string
}

// id is the control's id.
func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) kind() string {
	if f.Type != "" {
		return f.Type
	}
	return "text"
}

func (f Field) complete() string {
	if f.Complete != "" {
		return f.Complete
	}
	return "off"
}

// describedBy names the elements that explain the control.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (f Field) chosen(v string) bool {
	for _, x := range f.Values {
		if x == v {
			return true
		}
	}
	return f.Value == v && len(f.Values) == 0
}

// Button is one button of a form. Kind is "primary" (one on a page), "" or
// "quiet" or "danger".
type Button struct {
	Label, Icon, Kind string
	Name, Value       string // sent with the form, if set
	Key               string // key that presses it: "p"; shown to the person
	ID                string
	Action            string // formaction: another address than the form's
	Disabled          bool
	Late              bool // answers only after a moment, so that a double press cannot reach it
}

// Second is the other person of an act that needs two. The form sends
// "second" and "second_pin".
type Second struct {
	People   []Option // colleagues who may witness, never the person signed in
	Alone    bool     // this site has one person only: nobody is asked
	Chosen   string
	Error    string // about the person
	PINError string
	Prefix   string // of ids, where a page has several
}

// Initials are the letters in place of a photo: of the first and of the last
// word, which in Vietnamese is the name a person is called by.
func Initials(name string) string {
	f := strings.Fields(name)
	switch len(f) {
	case 0:
		return "?"
	case 1:
		return first(f[0])
	}
	return first(f[0]) + first(f[len(f)-1])
}

func first(s string) string {
	for _, r := range s {
		return string(unicode.ToUpper(r))
	}
	return ""
}

// asset is the address of a static file.
func asset(name string) string { return static.URL(name) }

func kindClass(base, kind string) string {
	if kind == "" {
		return base
	}
	return base + " " + base + "-" + kind
}

func formID(f id.Form) string { return string(f) }
