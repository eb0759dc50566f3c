// Package daybook decides about opening and closing a clinic day: whose word
// makes a date certain, and what must be answered before a day is over.
//
// It reads no clock: the caller says what date the PC believes. It knows no
// doses and no bottles beyond counts. It promises that no day is worked on a
// date that people did not confirm, that a day is never before the newest day
// in the journal, and that a day is not closed while a poured dose is a
// question. Rules: docs/rules.md, DAY-01 and on.
package daybook

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Opened says that two people confirmed the date and the safe was opened.
// Journal kind "daybook.opened". Fields are only ever added.
type Opened struct {
	Day       day.Day   `json:"day"`
	Confirmed id.Person `json:"confirmed_by,omitempty"` // the second person; empty where one works alone
	Typed     bool      `json:"typed,omitempty"`        // the date was typed by hand, after a jump
}

// Closed says that the day is over: everyone is accounted for and the bottles
// were counted. Journal kind "daybook.closed".
type Closed struct {
	Day      day.Day   `json:"day"`
	Expected int       `json:"expected"`
	Dosed    int       `json:"dosed"`
	Missed   int       `json:"missed"`
	Held     int       `json:"held"`
	Witness  id.Person `json:"witness,omitempty"`
}

// Second is the other person of an act that needs two; Alone where the site
// has one person only.
type Second struct {
	Person id.Person
	Alone  bool
}

// State is what the decisions need, read before the call.
type State struct {
	Newest day.Day // newest day in the journal; Never at a new site
	Open   day.Day // day now open; Never if none
	Last   day.Day // last day that was closed; Never if none
}

// Open asks to open a day.
type Open struct {
	Day    day.Day // the date shown to the two people
	Typed  day.Day // the date typed by hand; Never if not asked
	Second Second
}

// Jumps says whether opening today skips days, or starts the first journal
// day: then the date is typed by hand, because the PC's word is not enough. A
// first day a year ahead would lock the site out of every true day after it.
func (s State) Jumps(today day.Day) bool {
	return s.Newest == day.Never || today > s.Newest+1
}

// DecideOpen answers Open; today is the date the PC believes.
func DecideOpen(s State, c Open, by id.Person, today day.Day) (Opened, error) {
	switch {
	case c.Day != today:
		return Opened{}, reason.Refuse("DAY-03", "shown", c.Day, "today", today)
	case today < s.Newest:
		return Opened{}, reason.Refuse("DAY-02", "today", today, "newest", s.Newest)
	case s.Open == today:
		return Opened{}, reason.Refuse("DAY-04")
	case s.Open != day.Never:
		return Opened{}, reason.Refuse("DAY-05", "open", s.Open)
	case s.Last == today:
		return Opened{}, reason.Refuse("DAY-06")
	case s.Jumps(today) && c.Typed == day.Never:
		return Opened{}, reason.Refuse("DAY-07", "newest", s.Newest, "today", today)
	case c.Typed != day.Never && c.Typed != today:
		return Opened{}, reason.Refuse("DAY-08", "typed", c.Typed, "today", today)
	}
	if err := second(by, c.Second); err != nil {
		return Opened{}, err
	}
	return Opened{Day: today, Confirmed: c.Second.Person, Typed: c.Typed != day.Never}, nil
}

// Close asks to close the open day.
type Close struct {
	Day       day.Day
	Questions int // poured doses nobody answered for
	Uncounted int // open bottles without a count in this closing
	Expected  int // patients expected
	Dosed     int // with a dose
	Missed    int // marked as missed by this closing
	Held      int // held back
	Second    Second
}

// DecideClose answers Close.
func DecideClose(s State, c Close, by id.Person) (Closed, error) {
	switch {
	case s.Open == day.Never || s.Open != c.Day:
		return Closed{}, reason.Refuse("DAY-01")
	case c.Questions > 0:
		return Closed{}, reason.Refuse("DAY-09", "questions", c.Questions)
	case c.Uncounted > 0:
		return Closed{}, reason.Refuse("DAY-10", "bottles", c.Uncounted)
	}
	if err := second(by, c.Second); err != nil {
		return Closed{}, err
	}
	return Closed{Day: c.Day, Expected: c.Expected, Dosed: c.Dosed, Missed: c.Missed, Held: c.Held, Witness: c.Second.Person}, nil
}

func second(by id.Person, w Second) error {
	switch {
	case w.Person == by && by != "":
		return reason.Refuse("DAY-12")
	case w.Person == "" && !w.Alone:
		return reason.Refuse("DAY-11")
	}
	return nil
}
