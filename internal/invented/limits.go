package invented

import (
	"tram/internal/day"
	"tram/internal/unit"
)

// What the bottles are like.
const (
	bottleSize    = 1000 * unit.Millilitre
	strength      = unit.Strength(10_000) // 10 mg/mL
	openingStock  = 500 * unit.Millilitre // in the bottle in use when the record begins
	endingStock   = 600 * unit.Millilitre // and about this much at the end
	smallestStart = 60 * unit.Millilitre
	bottleLife    = day.Day(540) // days from delivery to expiry
	reserve       = 2            // sealed bottles beyond a month's need
)

// How the days run. Minutes count from the opening at half past six.
const (
	halfYear       = 183
	morningLength  = 125 // the last people arrive after about two hours
	windowPatients = 80  // what one window serves before nine
	inductionDays  = 14  // written day by day
	quietDays      = 12  // nothing unplanned happens so shortly before the end
	ordersKept     = 24  // beyond these, old orders of a person decide nothing
	recordedDays   = 10  // days of the paper book that were typed in at the start
)

// How often something happens, in ten-thousandths of the doses.
const (
	oftenHeld       = 20
	oftenPart       = 10
	oftenSpilt      = 7
	oftenWrong      = 4
	oftenUnanswered = 7
	oftenVomited    = 12
	oftenCorrected  = 6
)
