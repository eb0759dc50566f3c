package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"tram/internal/sim"
)

type simulateCmd struct {
	Level    string  `enum:"protocol,system" default:"protocol" help:"What runs: protocol, the rules that ship without storage and network; system, three sites with real doors over disks that fail."`
	Seed     uint64  `default:"1" help:"First seed; one seed is one history, on every machine."`
	Runs     int     `default:"0" help:"Histories to live through, one seed each; 0 goes on until --site-days are reached."`
	SiteDays int64   `default:"200000" help:"Site-days to reach, where --runs is 0."`
	Sites    int     `default:"50" help:"Sites of a programme."`
	Patients int     `default:"1000" help:"People of a programme."`
	Days     int     `default:"730" help:"Days of a history; fifty quiet ones follow, in which everything must come right."`
	Storm    float64 `default:"1" help:"Multiplies how often faults strike."`
	Workers  int     `default:"0" help:"Histories at the same time; 0 is one for each core."`
	JSON     bool    `help:"Print the figures as JSON."`
}

// Run lives through the histories and prints the table of docs/simulator.md. A
// broken promise is exit status 1, with the seed that tells it again.
func (c *simulateCmd) Run(ctx context.Context) error {
	if c.Level == "system" {
		return c.system(ctx)
	}
	debug.SetGCPercent(400) // much short-lived, little kept
	began := time.Now()
	all, err := c.simulate(ctx, func(r sim.Report) {
		fmt.Fprintf(os.Stderr, "\r%d histories, %d site-days, %d violations, %s ", r.Runs, r.SiteDays, r.Broken, time.Since(began).Round(time.Second))
	})
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return err
	}
	all.Seconds = time.Since(began).Seconds()
	all.Tables()
	if c.JSON {
		err = json.NewEncoder(os.Stdout).Encode(all)
	} else {
		err = all.Print(os.Stdout)
	}
	if err != nil {
		return fmt.Errorf("print the figures: %w", err)
	}
	if all.Broken > 0 {
		return fmt.Errorf("%d promises broken; tell it again with: tram simulate --runs 1 --seed %d --sites %d --patients %d --days %d --storm %g",
			all.Broken, all.Violations[0].Seed, c.Sites, c.Patients, c.Days, c.Storm)
	}
	return nil
}

// simulate runs the seeds on several cores and adds them up in the order of the
// seeds, so that the sum is one number whatever the cores did.
func (c *simulateCmd) simulate(ctx context.Context, progress func(sim.Report)) (sim.Report, error) {
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	var all sim.Report
	last := time.Now()
	for next := c.Seed; c.more(all); {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		batch := workers
		if c.Runs > 0 {
			batch = min(batch, c.Runs-all.Runs)
		}
		reports := make([]sim.Report, batch)
		var done sync.WaitGroup
		for n := range reports {
			done.Go(func() {
				reports[n] = sim.Run(sim.Config{Seed: next + uint64(n), Sites: c.Sites, Patients: c.Patients, Days: c.Days, Storm: c.Storm})
			})
		}
		done.Wait()
		for _, r := range reports {
			all.Add(r)
		}
		next += uint64(batch)
		if time.Since(last) > time.Second {
			last = time.Now()
			progress(all)
		}
	}
	progress(all)
	return all, nil
}

// more says whether another history is due.
func (c *simulateCmd) more(r sim.Report) bool {
	if c.Runs > 0 {
		return r.Runs < c.Runs
	}
	return r.SiteDays < c.SiteDays
}
