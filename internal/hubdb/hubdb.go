// Package hubdb keeps the hub's tables: every site's journal as it was
// written, and what follows from all of them together.
//
// It stands on PostgreSQL, or on SQLite while a programme is small; one schema
// in two dialects, one set of statements, one contract that both pass. It
// takes in segments of journals: verified against the head it holds, stored
// and projected in one transaction, so that a repeated, a late and a half
// delivered segment change nothing. A history that does not go on from the one
// held here is refused and becomes an incident; nothing is ever overwritten.
// It knows no network, signs nothing and shows nothing.
package hubdb

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"

	"tram/internal/id"
	"tram/internal/journal"
)

//go:embed schema/*/*.sql
var schemaFiles embed.FS

// ErrNotFound says that there is no such row; never that it could not look.
var ErrNotFound = errors.New("not found")

// ErrTaken says that another hub works on the same database.
var ErrTaken = errors.New("another hub works on this database")

// row is the row at hand; columns count from 0.
type row interface {
	Int(i int) int64
	Text(i int) string
	Blob(i int) []byte
}

// conn runs statements inside one transaction. Places for values are question
// marks, one for each value.
type conn interface {
	exec(sql string, args ...any) (int64, error)
	query(sql string, args []any, each func(row) error) error
	bulk(b *bulk) error
	partition(months []int64) error
}

// engine is a database.
type engine interface {
	write(ctx context.Context, fn func(conn) error) error
	read(ctx context.Context, fn func(conn) error) error
	close() error
}

// DB is the hub's database. Ingest is called by one goroutine at a time;
// everything else by many.
type DB struct {
	e engine

	mu    sync.Mutex // guards what follows; held by whoever writes
	known *known     // nil: read it before the next write
}

// known is what the writer keeps in memory of the tables.
type known struct {
	heads     map[id.Site]*head
	relations map[id.Patient][]id.Site
	numbers   map[id.Site]int64 // newest number of each inbox
}

type head struct {
	Head
	edge journal.Edge
}

// Close closes the database.
func (d *DB) Close() error { return d.e.close() }

// load reads what the writer keeps in memory.
func (d *DB) load(ctx context.Context) (*known, error) {
	if d.known != nil {
		return d.known, nil
	}
	k := &known{heads: map[id.Site]*head{}, relations: map[id.Patient][]id.Site{}, numbers: map[id.Site]int64{}}
	err := d.e.read(ctx, func(c conn) error {
		err := heads(c, "", func(h Head, edge []byte) error {
			e, err := journal.ReadEdge(h.Size, edge)
			k.heads[h.Site] = &head{h, e}
			return err
		})
		if err != nil {
			return err
		}
		err = c.query(`SELECT patient, site FROM relations ORDER BY patient, since, site`, nil, func(r row) error {
			p := id.Patient(r.Text(0))
			k.relations[p] = append(k.relations[p], id.Site(r.Text(1)))
			return nil
		})
		if err != nil {
			return err
		}
		return c.query(`SELECT to_site, max(num) FROM inbox GROUP BY to_site`, nil, func(r row) error {
			k.numbers[id.Site(r.Text(0))] = r.Int(1)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the hub's state: %w", err)
	}
	d.known = k
	return k, nil
}

// write runs fn in a transaction; after an error the memory is read again,
// because it is not known how far the database came.
func (d *DB) write(ctx context.Context, fn func(c conn, k *known) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, err := d.load(ctx)
	if err != nil {
		return err
	}
	err = d.e.write(ctx, func(c conn) error { return fn(c, k) })
	if err != nil {
		d.known = nil
	}
	return err
}
