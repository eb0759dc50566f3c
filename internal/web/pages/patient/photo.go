package patient

import (
	"tram/internal/day"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
)

// PhotoPage is where a person's portrait is taken and withdrawn.
type PhotoPage struct {
	Shell    ui.Shell
	Patient  Person
	Hash     string  // name of the portrait on record; "" if there is none
	Since    day.Day // from which day on
	Lost     bool    // it is on record and not here
	Record   bool    // whoever looks may see the record, and goes back to it
	Take     typed.Form
	Withdraw typed.Form
}
