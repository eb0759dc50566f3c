package order

import "tram/internal/unit"

// Bounds of the machine, not of medicine: beyond them something was mistyped.
const (
	amountMax = 10_000 * unit.Milligram // far beyond any daily dose; keeps sums exact where no daily maximum is set
	aheadMax  = 92                      // days ahead an order may start: a quarter, longer than any appointment book here
	lengthMax = 366                     // days of one order: a year mistyped, where the programme has no number
	textMax   = 10_000                  // bytes of all reasons together; the journal refuses entries above 16 KiB
)
