package clinic

import (
	"sync"

	"tram/internal/day"
)

// byHand counts how often the short form of a letter was typed wrong. Its check
// has 56 bits, enough for a few tries and not for a machine's.
type byHand struct {
	mu    sync.Mutex
	day   day.Day
	tries int
}

// byHandMax is how many wrong short forms a day are borne, by anybody on this PC.
const byHandMax = 20

func (b *byHand) may(today day.Day) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.day != today || b.tries < byHandMax
}

func (b *byHand) wrong(today day.Day) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.day != today {
		b.day, b.tries = today, 0
	}
	b.tries++
}
