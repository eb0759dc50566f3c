package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"tram/internal/sim/system"
)

// systemDays is how long a history of the system level is: its people's orders
// end with it.
const systemDays = 40

// system lives through histories of real doors over disks that fail.
func (c *simulateCmd) system(ctx context.Context) error {
	debug.SetGCPercent(400) // much short-lived, little kept
	scratch, err := os.MkdirTemp("", "tram-simulate-*")
	if err != nil {
		return fmt.Errorf("room for the simulator: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	ground, err := system.NewGround(ctx, scratch)
	if err != nil {
		return err
	}
	began := time.Now()
	all, err := c.histories(ctx, ground, began)
	fmt.Fprintln(os.Stderr)
	if err != nil && (all.Runs == 0 || !errors.Is(err, context.Canceled)) { // who stops a long run still wants what it saw
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
		return fmt.Errorf("%d promises broken; tell it again with: tram simulate --level system --runs 1 --seed %d --storm %g", all.Broken, all.Violations[0].Seed, c.Storm)
	}
	return nil
}

// histories runs the seeds on several cores and adds them up in their order.
func (c *simulateCmd) histories(ctx context.Context, ground *system.Ground, began time.Time) (system.Report, error) {
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	var all system.Report
	for next := c.Seed; c.Runs > 0 && all.Runs < c.Runs || c.Runs == 0 && all.SiteDays < c.SiteDays; {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		batch := workers
		if c.Runs > 0 {
			batch = min(batch, c.Runs-all.Runs)
		}
		reports := make([]system.Report, batch)
		var done sync.WaitGroup
		for n := range reports {
			done.Go(func() {
				reports[n] = ground.Run(ctx, system.Config{Seed: next + uint64(n), Days: min(c.Days, systemDays), Storm: c.Storm})
			})
		}
		done.Wait()
		if err := ctx.Err(); err != nil { // the last histories have no end
			return all, err
		}
		for _, r := range reports {
			all.Add(r)
		}
		next += uint64(batch)
		fmt.Fprintf(os.Stderr, "\r%d histories, %d site-days, %d violations, %s ", all.Runs, all.SiteDays, all.Broken, time.Since(began).Round(time.Second))
	}
	return all, nil
}
