//go:build race

package system_test

// underRace says that the race detector slows everything down tenfold.
const underRace = true
