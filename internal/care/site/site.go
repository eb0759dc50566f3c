// Package site holds what a place is: its code, name, programme, rule set and
// time zone, as stated when it was founded and changed since.
//
// It is the first fact of every journal. It reads no settings file: what is
// not in the journal is not true of the site. Rules: docs/rules.md, SITE-01
// and on.
package site

import (
	"strings"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Founded says that a site was set up. Journal kind "site.founded". Fields are
// only ever added.
type Founded struct {
	Site      id.Site `json:"site"`
	Name      string  `json:"name"`
	Programme string  `json:"programme"`
	Rules     string  `json:"rules"` // rule set id: "vn", "who"
	Zone      string  `json:"zone"`  // IANA name
	Language  string  `json:"language"`
	Invented  bool    `json:"invented,omitempty"` // a demonstration: all people are invented
}

// DecideFound answers whether a site may be founded: SITE-01 a code that is
// not two to six capital letters and digits, SITE-02 no name or programme,
// SITE-03 an unknown time zone.
func DecideFound(f Founded) (Founded, error) {
	f.Site = id.Site(strings.ToUpper(strings.TrimSpace(string(f.Site))))
	f.Name, f.Programme = strings.TrimSpace(f.Name), strings.TrimSpace(f.Programme)
	if n := len(f.Site); n < 2 || n > 6 {
		return Founded{}, reason.Refuse("SITE-01")
	}
	for _, r := range f.Site {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return Founded{}, reason.Refuse("SITE-01")
		}
	}
	if f.Name == "" || f.Programme == "" || utf8.RuneCountInString(f.Name+f.Programme) > 300 {
		return Founded{}, reason.Refuse("SITE-02")
	}
	if _, err := day.LoadZone(f.Zone); err != nil {
		return Founded{}, reason.Refuse("SITE-03")
	}
	return f, nil
}
