package demo_test

import (
	"tram/internal/access"
	"tram/internal/demo"
	"tram/internal/duty"
)

// beside is a dispenser at a window of its own, for looking at the queue beside
// the browser.
func beside(s *demo.Site) access.Actor {
	for _, x := range s.People {
		if duty.Has(x.Duties, duty.Dispenser) {
			return access.Actor{Person: x.Person, Duties: x.Duties, Station: "test"}
		}
	}
	return access.Actor{}
}
