package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"tram/internal/sitedir"
)

// checked is how fast a site was verified, in entries a second.
type checked struct{ log, whole pace }

// pace is a rate by the clock and by the processor's time; the second is what
// one core does, whoever else uses the machine. It is 0 where the time of the
// processor is not known.
type pace struct{ clock, core float64 }

// paced measures one step over n entries.
func paced(n int64, step func() error) (pace, error) {
	runtime.GC() // what was done before is not this step's
	busy, known := processorTime()
	start := time.Now()
	if err := step(); err != nil {
		return pace{}, err
	}
	out := pace{clock: float64(n) / time.Since(start).Seconds()}
	if end, _ := processorTime(); known {
		out.core = float64(n) / (end - busy).Seconds()
	}
	return out, nil
}

// check verifies a site on some cores, the log alone and then with every
// table, and leaves it closed.
func (s *benchSite) check(ctx context.Context, cores int) (out checked, err error) {
	if err := s.reopen(ctx); err != nil {
		return checked{}, err
	}
	n := s.Head().Size
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	out.log, err = paced(n, func() error {
		_, _, err := s.VerifyJournal(ctx, s.nurse)
		return err
	})
	if err != nil {
		return checked{}, err
	}
	if err := s.close(); err != nil {
		return checked{}, err
	}
	show := progress("entries")
	out.whole, err = paced(n, func() error {
		_, err := sitedir.Verify(ctx, s.dir, sitedir.Options{}, func(step string, done int64) { show(step, done, 0) })
		return err
	})
	return out, err
}

// verifying checks the whole journal, on one core and on all. Whether the cost
// is linear is seen on the sites of the slope.
func (b *bench) verifying(ctx context.Context, s *benchSite) error {
	b.entries = s.Head().Size
	one, err := s.check(ctx, 1)
	if err != nil {
		return err
	}
	all, err := s.check(ctx, runtime.NumCPU())
	if err != nil {
		return err
	}
	for _, x := range []struct {
		what     string
		one, all pace
		least    float64
	}{
		{"verify: journal, hashes, signatures", one.log, all.log, 150_000},
		{"verify: with every table made again and compared", one.whole, all.whole, 30_000},
	} {
		if x.one.core > 0 {
			b.table.add("F8", x.what+", for each second of a core", x.one.core, "entries", atLeast(x.least))
			b.table.add("F8", "… by the clock, on one core", x.one.clock, "entries/s", goal{})
		} else {
			b.table.add("F8", x.what+", on one core", x.one.clock, "entries/s", atLeast(x.least))
		}
		b.table.add("F8", fmt.Sprintf("… by the clock, on %d cores", runtime.NumCPU()), x.all.clock, "entries/s", goal{})
	}
	return s.open(ctx, 0)
}
