package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tram/internal/sim"
)

// TestSimulateSumsBySeed runs the same seeds on one core and on three: the sum is
// that of the seeds, not of who was first.
func TestSimulateSumsBySeed(t *testing.T) {
	var reports [2]sim.Report
	for i, workers := range []int{1, 3} {
		c := simulateCmd{Seed: 5, Runs: 4, Sites: 5, Patients: 30, Days: 60, Storm: 2, Workers: workers}
		r, err := c.simulate(t.Context(), func(sim.Report) {})
		if err != nil {
			t.Fatal(err)
		}
		r.Tables()
		reports[i] = r
	}
	a, err := json.Marshal(reports[0])
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(reports[1])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("one core says\n%s\nand three say\n%s", a, b)
	}
	if r := reports[0]; r.Runs != 4 || r.SiteDays == 0 || r.Broken != 0 {
		t.Errorf("got %d runs, %d site-days, %d violations", r.Runs, r.SiteDays, r.Broken)
	}
	var table strings.Builder
	if err := reports[0].Print(&table); err != nil || !strings.Contains(table.String(), "| violations | 0 |") {
		t.Errorf("table %v:\n%s", err, table.String())
	}
}

// TestSimulateGoesOnUntilSiteDays wants the count reached, and not by one history.
func TestSimulateGoesOnUntilSiteDays(t *testing.T) {
	c := simulateCmd{Seed: 5, SiteDays: 1500, Sites: 5, Patients: 20, Days: 60, Storm: 1, Workers: 2}
	r, err := c.simulate(t.Context(), func(sim.Report) {})
	if err != nil || r.SiteDays < 1500 || r.Runs < 4 {
		t.Errorf("%d site-days in %d runs, %v", r.SiteDays, r.Runs, err)
	}
}
