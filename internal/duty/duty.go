// Package duty names what people do at a site.
//
// A person has one or more duties, and several is the normal case. It does not
// know what a duty allows (package access) nor who has it (package staff). It
// promises that a list of duties names each one once and none that is unknown.
package duty

// Duty is what a person does at the site.
type Duty string

// The duties.
const (
	Dispenser  Duty = "dispenser"  // window, bottles, registers
	Physician  Duty = "physician"  // orders, signatures, answers after a gap
	Counsellor Duty = "counsellor" // records, notes, tests; no doses
	Manager    Duty = "manager"    // people, imports, settings
	Inspector  Duty = "inspector"  // stock and journal; no patient's record
)

// All lists all duties in the order in which they are offered.
var All = []Duty{Dispenser, Physician, Counsellor, Manager, Inspector}

// Has says whether d is in the list.
func Has(list []Duty, d Duty) bool {
	for _, x := range list {
		if x == d {
			return true
		}
	}
	return false
}

// Known says whether the list is not empty and names duties that exist, once
// each.
func Known(list []Duty) bool {
	seen := map[Duty]bool{}
	for _, d := range list {
		if !Has(All, d) || seen[d] {
			return false
		}
		seen[d] = true
	}
	return len(list) > 0
}
