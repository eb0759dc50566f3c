// Package sim lives through years of many sites in minutes, with everything
// going wrong that can, and looks for a person dosed twice.
//
// It runs the protocol that ships (package care/transfer) for every event of
// every site, under one seeded scheduler that knows the true time; sites know
// only their own clocks. Faults are drawn from the seed, and so are their
// intensities: some seeds are calm, some terrible. After each step the promises
// of docs/simulator.md are checked against a record that the protocol cannot see.
//
// It refuses to know storage, networks and bytes: those are another level's. It
// promises that one seed is one history, to the last event, on every machine.
package sim
