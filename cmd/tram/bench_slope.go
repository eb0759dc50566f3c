package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"tram/internal/id"
)

// slopeMornings are measured on each site of the slope: a few percent are to
// be seen.
const slopeMornings = 9

// aged is one site of the slope with what its mornings cost.
type aged struct {
	*benchSite
	years int
	dose  []float64 // a dose, in plain inserts
	pages map[string][]float64
}

// slope measures whether a visit costs more when its history is longer: the
// same site, left behind as a copy when it is so many years old. The mornings
// of all copies alternate, so that a slow moment of the machine is everyone's.
func (b *bench) slope(ctx context.Context) error {
	years := slices.Sorted(slices.Values(b.Years))
	sites, err := b.age(ctx, years)
	defer func() {
		for _, s := range sites {
			_ = s.close()
		}
	}()
	if err != nil {
		return err
	}
	p, err := openPlain(b.dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	for m := range slopeMornings {
		for i := range sites {
			if err := sites[(m+i)%len(sites)].visits(ctx, p); err != nil {
				return err
			}
		}
	}
	b.slopes("dose command, in plain inserts beside it", "", sites, func(s *aged) []float64 { return s.dose })
	for _, pg := range pagesMeasured {
		b.slopes(pg.name+", server time", "ms", sites, func(s *aged) []float64 { return s.pages[pg.name] })
	}
	if b.wants("F8") {
		return b.linear(ctx, sites[0], sites[len(sites)-1])
	}
	return nil
}

// age makes the sites, from one that grows.
func (b *bench) age(ctx context.Context, years []int) (out []*aged, err error) {
	s, err := newBenchSite(ctx, filepath.Join(b.dir, "growing"), b.Few, years[len(years)-1]*b.year)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.close() }()
	old := 0
	for _, y := range years {
		if err := s.grow(ctx, (y-old)*b.year); err != nil {
			return out, err
		}
		old = y
		c, err := s.copyTo(ctx, filepath.Join(b.dir, fmt.Sprintf("years%d", y)))
		if err != nil {
			return out, err
		}
		out = append(out, &aged{benchSite: c, years: y, pages: map[string][]float64{}})
	}
	return out, nil
}

// visits is a morning: half of the doses, pages, the other half.
func (s *aged) visits(ctx context.Context, p plain) error {
	d, err := s.beginNext(ctx)
	if err != nil {
		return err
	}
	l := newLaps()
	half := len(s.patients) / 2
	if err := s.some(ctx, l, p, s.patients[:half]); err != nil {
		return err
	}
	f, err := newFace(s.benchSite)
	if err != nil {
		return err
	}
	for _, pg := range pagesMeasured {
		if _, err := f.lap(l, pg.name, s.benchSite, pg.path); err != nil {
			return err
		}
	}
	if err := s.some(ctx, l, p, s.patients[half:]); err != nil {
		return err
	}
	s.dose = append(s.dose, l.rate("insert")/l.rate("pour"))
	for _, pg := range pagesMeasured {
		s.pages[pg.name] = append(s.pages[pg.name], l.wait(pg.name, 0.5))
	}
	return s.finish(ctx, d, len(s.patients))
}

// some gives a part of the doses between plain inserts.
func (s *aged) some(ctx context.Context, l *laps, p plain, now []id.Patient) error {
	if _, err := l.lap("insert", len(now), 1, p.insert); err != nil {
		return err
	}
	if _, err := l.lap("pour", len(now), 1, func(_, i int) error { return s.pour(ctx, now[i]) }); err != nil {
		return err
	}
	_, err := l.lap("insert", len(now), 1, p.insert)
	return err
}

// slopes puts one measure of all sites into the table: its medians, and how
// much more it costs at the end, in all and for each doubling. The growth is
// taken within each round and then its median.
func (b *bench) slopes(what, unit string, sites []*aged, of func(*aged) []float64) {
	for _, s := range sites {
		b.table.add("F14", fmt.Sprintf("%s: %d years of %d patients", what, s.years, len(s.patients)), median(of(s)), unit, goal{})
	}
	young, old := sites[0], sites[len(sites)-1]
	var growth []float64
	for m := range of(old) {
		growth = append(growth, of(old)[m]/of(young)[m])
	}
	g := median(growth)
	doublings := math.Log2(float64(old.years) / float64(young.years))
	b.table.add("F14", fmt.Sprintf("… more at %d years than at %d", old.years, young.years), 100*(g-1), "%", atMost(10))
	b.table.add("F14", "… more for each doubling", 100*(math.Pow(g, 1/doublings)-1), "%", goal{})
}

// linear holds verifying a short journal against verifying a long one.
func (b *bench) linear(ctx context.Context, short, long *aged) error {
	var got []checked
	var sizes []int64
	for _, s := range []*aged{short, long} {
		sizes = append(sizes, s.Head().Size)
		c, err := s.check(ctx, 1)
		if err != nil {
			return err
		}
		got = append(got, c)
	}
	what := fmt.Sprintf("verify of %d entries, for each of them, as a ratio to %d: ", sizes[1], sizes[0])
	b.table.add("F8", what+"log", got[0].log.best()/got[1].log.best(), "×", atMost(1.25))
	b.table.add("F8", what+"with tables", got[0].whole.best()/got[1].whole.best(), "×", atMost(1.25))
	return nil
}

// best is the pace that others disturb least.
func (p pace) best() float64 {
	if p.core > 0 {
		return p.core
	}
	return p.clock
}
