// Package fault is the page for what went wrong: one calm sentence, a number
// to quote, and how to go on on paper.
//
// It says whether anything was written. It shows no path, no query and no name
// of a patient. It is also the page for "not found" and "not allowed".
package fault

import (
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is what happened.
type Page struct {
	Shell  ui.Shell
	Kind   Kind
	Number string      // to quote; "" where there is none
	Said   *words.Said // the rule that refused; nil if none
	Glass  string      // where the record is opened in an emergency; "" where it is not offered
	Back   string      // where to go on
}

// Kind is what happened, in one word of ours.
type Kind string

// The kinds.
const (
	Fault    Kind = "fault"     // our machinery failed; nothing was written
	Broken   Kind = "broken"    // a promise is broken; the site writes nothing any more
	Missing  Kind = "missing"   // there is no such page
	Refused  Kind = "refused"   // a rule says no
	BadForm  Kind = "bad_form"  // the browser sent something no page of ours sends
	TooLarge Kind = "too_large" // too much was sent
	Foreign  Kind = "foreign"   // the request came from another site
)

func (g Page) icon() string {
	switch g.Kind {
	case Fault, Broken:
		return "octagon-alert"
	case Missing:
		return "search"
	case Refused, BadForm, TooLarge, Foreign:
	}
	return "hand"
}
