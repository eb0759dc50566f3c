//go:build !race

package baton_test

// underRace says that the race detector slows everything down tenfold.
const underRace = false
