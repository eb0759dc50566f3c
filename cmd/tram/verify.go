package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"tram/internal/sitedir"
)

type verifyCmd struct {
	Data string `required:"" help:"Directory of the site."`
	JSON bool   `help:"Print the result as JSON."`
}

// Run verifies and prints entries and rate.
func (c *verifyCmd) Run(ctx context.Context) error {
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	started := time.Now()
	show := progress("entries")
	v, err := sitedir.Verify(ctx, c.Data, sitedir.Options{Passphrase: pass}, func(step string, done int64) { show(step, done, 0) })
	if err != nil {
		return err
	}
	took := time.Since(started)
	rate := float64(v.Entries) / took.Seconds()
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"entries": v.Entries, "checkpoints": v.Checkpoints, "first": v.First, "last": v.Last, "root": v.Hash.String(),
			"tables": v.Tables, "photos": v.Photos, "seconds": took.Seconds(), "entries_per_second": int64(rate),
		})
	}
	fmt.Printf("%d entries from %s to %s, %d checkpoints signed by the site's key, %d tables and %d photos as the journal has them.\nRoot %s. %.2f s, %.0f entries/s with the rebuild.\n",
		v.Entries, v.First, v.Last, v.Checkpoints, v.Tables, v.Photos, v.Hash, took.Seconds(), rate)
	return nil
}

// progress shows how far a long step is, a few times a second, on a terminal
// only.
func progress(what string) func(step string, done, total int64) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(string, int64, int64) {}
	}
	var last time.Time
	return func(step string, done, total int64) {
		if time.Since(last) < 200*time.Millisecond && done != total {
			return
		}
		last = time.Now()
		if total > 0 {
			fmt.Fprintf(os.Stderr, "\r%s: %d of %d %s   ", step, done, total, what)
		} else {
			fmt.Fprintf(os.Stderr, "\r%s: %d %s   ", step, done, what)
		}
		if total > 0 && done == total {
			fmt.Fprintln(os.Stderr)
		}
	}
}
