//go:build race

package sim_test

// underRace says that the race detector slows everything down tenfold.
const underRace = true
