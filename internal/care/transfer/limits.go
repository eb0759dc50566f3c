package transfer

// Limits are the programme's numbers for letters and openings. No guideline
// names any of them; until a programme sets its own they are proposals, and a
// screen that shows one says so.
type Limits struct {
	StartWithin int // days ahead a letter may begin; bounds what a dead site can have promised
	VisitMax    int // days of a visit or storm letter
	Unwitnessed int // openings in a row without baton and hub
	OpenHours   int // hours of running time for which two people's word for the date is good
}

// Status says where numbers like these come from.
const Status = "proposal"

// Proposed are the numbers of the protocol's first version.
var Proposed = Limits{StartWithin: 14, VisitMax: 30, Unwitnessed: 3, OpenHours: 20}
