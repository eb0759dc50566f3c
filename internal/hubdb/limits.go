package hubdb

import "tram/internal/day"

const (
	// proofsMax is how many entries one answer of an inbox holds: about a
	// kilobyte each, under the transport's megabyte.
	proofsMax = 256

	// flushEvery is after how many segments the database begins to write while
	// the next are judged.
	flushEvery = 24

	// detailMax bounds what an incident quotes.
	detailMax = 4000

	// firstMonth and lastMonth bound the days that get a partition of their
	// own: a clock gone wrong must not make a thousand tables.
	firstMonth = 1990 * 12
	lastMonth  = 2101 * 12
)

// monthOf is the month of a day as a number; ok is false outside the bounds.
func monthOf(d day.Day) (m int64, ok bool) {
	year, month, _ := d.Civil()
	m = int64(year)*12 + int64(month) - 1
	return m, m >= firstMonth && m < lastMonth
}
