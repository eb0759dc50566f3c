//go:build !race

package invented

// underRace says that the race detector slows everything down tenfold.
const underRace = false
