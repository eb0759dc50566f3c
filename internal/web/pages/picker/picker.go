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
}
