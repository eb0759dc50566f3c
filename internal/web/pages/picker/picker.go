// Package picker is the first page of a demonstration: which of its sites to
// open.
//
// It knows names, sizes and addresses of sites and no patient.
package picker

import "tram/internal/web/ui"

// Page lists the sites.
type Page struct {
	Shell ui.Shell
	Sites []Site
}

// Site is one site of the demonstration.
type Site struct {
	Href     string
	Name     string
	About    string // in words: "commune health centre, remote"
	Patients int
	Code     string
	Line     *Line // to the hub; nil where there is none
}

// Line is a site's line to the hub.
type Line struct {
	Cut  bool
	Says string // how sync stands, in words
}

// Lines says whether the sites have lines to a hub.
func (p Page) Lines() bool { return len(p.Sites) > 0 && p.Sites[0].Line != nil }
