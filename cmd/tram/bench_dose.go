package main

import (
	"context"
	"fmt"
	"path/filepath"

	"tram/internal/day"
	"tram/internal/sqlitefile"
)

// plain is the least a durable record costs here: one insert a transaction,
// with the same driver, cipher and settings.
type plain struct{ *sqlitefile.File }

func openPlain(dir string) (plain, error) {
	f, err := sqlitefile.Open(filepath.Join(dir, "plain.db"), sqlitefile.Options{Key: [32]byte{1}, Readers: 1})
	if err != nil {
		return plain{}, err
	}
	return plain{f}, f.Write(func(c *sqlitefile.Conn) error {
		return c.Script(`CREATE TABLE IF NOT EXISTS dose (id INTEGER PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, amount INTEGER NOT NULL,
			volume INTEGER NOT NULL, bottle TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL, station TEXT NOT NULL, outcome TEXT NOT NULL) STRICT`)
	})
}

func (p plain) insert(_, i int) error {
	return p.Write(func(c *sqlitefile.Conn) error {
		return c.Exec(`INSERT INTO dose (patient, day, amount, volume, bottle, by, at, station, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			"0123456789abcdef", 20000, 80000, 8000, "0123456789abcdef", "0123456789abcdef", int64(i), "window 1", "poured")
	})
}

// doses measures the dose command: a third of each morning by one window, the
// rest by 32 at once, between slices of plain inserts.
func (b *bench) doses(ctx context.Context, s *benchSite) error {
	if err := s.reopen(ctx); err != nil {
		return err
	}
	p, err := openPlain(b.dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	l := newLaps()
	var ratios []float64
	for range b.Mornings {
		r, err := s.morning(ctx, l, p)
		if err != nil {
			return err
		}
		ratios = append(ratios, r)
	}
	one, many := l.rate("pour1"), l.rate("pour32")
	b.table.add("-", "plain durable insert, one a transaction, same driver and cipher", l.rate("insert"), "per s", goal{})
	b.table.add("F1", "dose command, 1 client", one, "per s", goal{})
	b.table.add("F1", "… as a ratio to the plain insert beside it", median(ratios), "×", atLeast(0.5))
	b.table.add("F1", "… p99", l.wait("pour1", 0.99), "ms", goal{})
	b.table.add("F2", "dose command, 32 clients", many, "per s", goal{})
	b.table.add("F2", "… as a ratio to 1 client", many/one, "×", atLeast(1.5))
	b.table.add("F2", "… p99", l.wait("pour32", 0.99), "ms", goal{})
	return nil
}

// morning gives everyone a dose and answers the ratio of one window to the
// plain inserts just before and just after it.
func (s *benchSite) morning(ctx context.Context, l *laps, p plain) (ratio float64, err error) {
	d, err := s.beginNext(ctx)
	if err != nil {
		return 0, err
	}
	third := len(s.patients) / 3
	before, err := l.lap("insert", third, 1, p.insert)
	if err != nil {
		return 0, err
	}
	one, err := l.lap("pour1", third, 1, func(_, i int) error { return s.pour(ctx, s.patients[i]) })
	if err != nil {
		return 0, err
	}
	after, err := l.lap("insert", third, 1, p.insert)
	if err != nil {
		return 0, err
	}
	rest := s.patients[third:]
	if _, err = l.lap("pour32", len(rest), 32, func(_, i int) error { return s.pour(ctx, rest[i]) }); err != nil {
		return 0, err
	}
	return 2 * one / (before + after), s.finish(ctx, d, len(s.patients))
}

// finish ends the day and wants so many cups on it: never a lost or doubled
// answer.
func (s *benchSite) finish(ctx context.Context, d day.Day, want int) error {
	cups, err := s.end(ctx, d)
	if err == nil && cups != want {
		err = fmt.Errorf("%d doses were answered and %d are on record", want, cups)
	}
	return err
}
