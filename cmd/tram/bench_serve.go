package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sitedir"
)

// starts is how often the program is started to see how long its first page
// takes.
const starts = 3

// servedFor is how long pages are asked for, at least.
const servedFor = 2 * time.Second

// serving measures the program as a clinic runs it: from its start to its
// first page, and its memory during a morning's work at four windows.
func (b *bench) serving(ctx context.Context, s *benchSite) error {
	d, err := s.begin(ctx, day.InstantOf(time.Now()))
	if err != nil {
		return err
	}
	if err := s.close(); err != nil {
		return err
	}
	var first []float64
	for i := range starts {
		if err := forget(filepath.Join(s.dir, sitedir.DatabaseName)); err != nil {
			return err
		}
		began := time.Now()
		c, err := self(ctx, "serve", "--data", s.dir, "--listen", "127.0.0.1:0")
		if err != nil {
			return err
		}
		err = (&desk{http: http.DefaultClient, base: c.url}).get(ctx, "/signin")
		first = append(first, time.Since(began).Seconds())
		if err == nil && i == starts-1 {
			err = b.work(ctx, s, c)
		}
		if cerr := c.end(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	b.table.add("F6", "tram serve: start to the first page, the file not in memory", median(first), "s", atMost(1))
	if err := s.open(ctx, 0); err != nil {
		return err
	}
	s.set(day.InstantOf(time.Now()))
	return s.finish(ctx, d, len(s.patients))
}

// work does a morning at four windows and then looks at the program's memory.
func (b *bench) work(ctx context.Context, s *benchSite, c *child) error {
	at, err := desks(ctx, c.url, s, 4)
	if err != nil {
		return err
	}
	began := time.Now()
	var wg sync.WaitGroup
	errs := make([]error, len(at))
	for w, d := range at {
		wg.Go(func() {
			defer d.http.CloseIdleConnections()
			for round := 0; errs[w] == nil && (round == 0 || time.Since(began) < servedFor); round++ {
				for i := w; i < len(s.patients) && errs[w] == nil; i += len(at) {
					errs[w] = d.serve(ctx, s, s.patients[i], round == 0)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	now, peak, err := memoryOf(c.cmd.Process.Pid)
	if err != nil {
		b.table.leaveOut("F6", err.Error())
		return nil
	}
	b.table.add("F6", fmt.Sprintf("tram serve: memory after a morning at %d windows", len(at)), float64(now)/1e6, "MB", goal{})
	b.table.add("F6", "tram serve: memory at its peak", float64(peak)/1e6, "MB", atMost(150))
	return nil
}

// serve is one patient's visit: opened, looked at, and the first time a dose.
func (d *desk) serve(ctx context.Context, s *benchSite, p id.Patient, first bool) error {
	paths := []string{"/window", "/patient/" + string(p)}
	if p < "1" { // one in 32
		paths = append(paths, "/patients", "/papers/register/"+(s.next-1).String())
	}
	err := d.post(ctx, "/window/open", url.Values{"patient": {string(p)}, "form": {string(newForm())}})
	if err == nil {
		err = d.get(ctx, "/window")
	}
	if err == nil && first {
		err = d.pour(ctx, p)
	}
	for _, path := range paths {
		if err == nil {
			err = d.get(ctx, path)
		}
	}
	return err
}
