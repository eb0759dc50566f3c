//go:build !unix

package invented

import "time"

var began = time.Now()

// spent is the time of this process so far, where nothing better is known.
func spent() time.Duration { return time.Since(began) }
