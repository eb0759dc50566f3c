package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"tram/internal/sitedir"
)

type benchCmd struct {
	Patients int      `default:"500" help:"Patients in care."`
	Days     int      `default:"60" help:"Days of history for each."`
	Mornings int      `default:"4" help:"Mornings measured."`
	Years    []int    `help:"Years of history between which the slope is taken, such as 1,2,5,10. None: no slope."`
	Few      int      `default:"100" help:"Patients of the site on which the slope is taken."`
	Full     bool     `help:"The whole table: five years of history, the slope between one and ten. Takes minutes and 4 GB of disk."`
	Only     []string `help:"Only these figures: F1,F3,F4,F6,F8,F9,F14."`
	Peer     string   `env:"TRAM_BENCH_PEER" help:"Program to compare with over HTTP; see tools/peers."`
	Work     string   `help:"Directory to work in; the system's temporary one if empty. It should be on the disk a clinic would use."`
	JSON     bool     `help:"Print the figures as JSON."`
}

// bench is one run: what it was asked, where it works and what it found.
type bench struct {
	*benchCmd
	dir     string
	table   table
	entries int64 // in the journal of the large site
	began   time.Time
	year    int // days of a year of the slope; a test has shorter ones
}

// Run measures in a directory that is thrown away and prints a table. Ratios
// are taken in slices that alternate, because disks and neighbours change
// their mind.
func (c *benchCmd) Run(ctx context.Context) error {
	if c.Full {
		c.Days, c.Mornings, c.Years = max(c.Days, 5*365+1), max(c.Mornings, 8), []int{1, 2, 5, 10}
	}
	if c.Patients < 20 || c.Few < 20 || c.Days < 7 || c.Mornings < 1 || c.Mornings > 20 {
		return errors.New("bench: at least 20 patients and 7 days of history, and from 1 to 20 mornings")
	}
	dir, err := os.MkdirTemp(c.Work, "tram-bench-*")
	if err != nil {
		return fmt.Errorf("room for the bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{benchCmd: c, dir: dir, began: time.Now(), year: 365}
	before := load()
	if err := b.measure(ctx); err != nil {
		return err
	}
	if c.JSON {
		return b.json(os.Stdout, before)
	}
	fmt.Printf("%d patients, %d days of history each, %d journal entries. %s/%s, %d cores; load %s before, %s after; %s in all.\n",
		c.Patients, c.Days, b.entries, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), before, load(), time.Since(b.began).Round(time.Second))
	b.table.print(os.Stdout)
	return nil
}

func (b *bench) json(w io.Writer, before string) error {
	return json.NewEncoder(w).Encode(map[string]any{
		"patients": b.Patients, "days": b.Days, "entries": b.entries, "cores": runtime.NumCPU(), "load_before": before, "load_after": load(),
		"seconds": time.Since(b.began).Seconds(), "figures": b.table.figures, "left_out": b.table.loud,
	})
}

// wants says whether one of the figures is asked for.
func (b *bench) wants(ids ...string) bool {
	return len(b.Only) == 0 || slices.ContainsFunc(ids, func(f string) bool { return slices.Contains(b.Only, f) })
}

// part is a piece of the table that is measured on the large site.
type part struct {
	ids []string
	run func(context.Context, *benchSite) error
}

// measure does the parts in an order that matters: what runs with the PC's own
// clock comes before what runs on days that are still to come.
func (b *bench) measure(ctx context.Context) error {
	if b.wants("F7") {
		b.ownSize()
	}
	var parts []part
	for _, p := range []part{
		{[]string{"F9"}, b.disk},
		{[]string{"F6"}, b.serving},
		{[]string{"F3"}, b.window},
		{[]string{"F1", "F2"}, b.doses},
		{[]string{"F4", "F5"}, b.pages},
		{[]string{"F8"}, b.verifying},
	} {
		if b.wants(p.ids...) {
			parts = append(parts, p)
		}
	}
	if err := b.large(ctx, parts); err != nil {
		return err
	}
	if len(b.Years) < 2 || !b.wants("F14") {
		return nil
	}
	if err := b.slope(ctx); err != nil {
		return fmt.Errorf("F14: %w", err)
	}
	return nil
}

// large makes the large site and does the parts on it.
func (b *bench) large(ctx context.Context, parts []part) error {
	if len(parts) == 0 {
		return nil
	}
	s, err := newBenchSite(ctx, filepath.Join(b.dir, "large"), b.Patients, b.Days)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }()
	began := time.Now()
	if err := s.grow(ctx, b.Days); err != nil {
		return err
	}
	b.entries = s.Head().Size
	b.table.add("-", "the history is written, journal and tables", float64(b.entries)/time.Since(began).Seconds(), "entries/s", goal{})
	for _, p := range parts {
		if err := p.run(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(p.ids, ", "), err)
		}
	}
	return nil
}

// ownSize is the size of this very program; a release is stripped and smaller.
func (b *bench) ownSize() {
	own, err := os.Executable()
	if err == nil {
		var info os.FileInfo
		if info, err = os.Stat(own); err == nil {
			b.table.add("F7", "this program's file (a release is stripped)", float64(info.Size())/1e6, "MB", atMost(50))
			return
		}
	}
	b.table.leaveOut("F7", err.Error())
}

// disk is what a past dose costs, everything included.
func (b *bench) disk(_ context.Context, s *benchSite) error {
	if err := s.Flush(); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(s.dir, sitedir.DatabaseName))
	if err != nil {
		return err
	}
	b.table.add("F9", "bytes on disk for each past dose, everything included", float64(info.Size())/float64(s.given), "B", atMost(1200))
	b.table.add("F9", "journal entries for each past dose", float64(b.entries)/float64(s.given), "", goal{})
	return nil
}
