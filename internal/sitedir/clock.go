package sitedir

import (
	"time"

	"tram/internal/day"
)

// now is the PC's clock, read in this one place.
func now() day.Instant { return day.InstantOf(time.Now()) }
