package papers

import (
	"tram/internal/day"
	"tram/internal/web/ui"
)

// Index is the page from which papers are chosen.
type Index struct {
	Shell    ui.Shell
	Today    day.Day
	Day      day.Day // the day the links are for
	Days     []Worked
	Months   []day.Day // the first day of each month with a stock book, newest first
	NotFound bool      // the day that was typed is no date
	Typed    string
}

// Worked is a day that was opened.
type Worked struct {
	Day    day.Day
	Closed bool
}
