package hubdb

import (
	"context"
	"errors"
	"fmt"

	"tram/internal/sqlitefile"
)

// OpenSQLite opens the hub's tables in an encrypted SQLite file.
func OpenSQLite(path string, o sqlitefile.Options) (*DB, error) {
	f, err := sqlitefile.Open(path, o)
	if err != nil {
		return nil, fmt.Errorf("open the hub's database: %w", err)
	}
	if err := sqlitefile.Migrate(f, schemaFiles, "schema/sqlite"); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("the hub's schema: %w", err)
	}
	return filled(context.Background(), lite{f}) // local: nothing to wait for
}

// filled is a database whose youngest projections are made.
func filled(ctx context.Context, e engine) (*DB, error) {
	d := &DB{e: e}
	if err := d.fill(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("fill the hub's younger tables: %w", err), d.Close())
	}
	return d, nil
}

// lite is SQLite.
type lite struct{ f *sqlitefile.File }

func (l lite) write(_ context.Context, fn func(conn) error) error {
	return l.f.Write(func(c *sqlitefile.Conn) error { return fn(liteConn{c}) })
}

func (l lite) read(ctx context.Context, fn func(conn) error) error {
	return l.f.Read(ctx, func(c *sqlitefile.Conn) error { return fn(liteConn{c}) })
}

func (l lite) close() error { return l.f.Close() }

type liteConn struct{ c *sqlitefile.Conn }

func (l liteConn) exec(sql string, args ...any) (int64, error) {
	if err := l.c.Exec(sql, args...); err != nil {
		return 0, err
	}
	return l.c.Changes(), nil
}

func (l liteConn) query(sql string, args []any, each func(row) error) error {
	return l.c.Query(sql, args, func(r *sqlitefile.Row) error { return each(r) })
}

func (l liteConn) bulk(b *bulk) error {
	sql := b.sqlite()
	args := make([]any, len(b.cols))
	for n := range b.n {
		for i := range args {
			args[i] = b.at(i, n)
		}
		if err := l.c.Exec(sql, args...); err != nil {
			return fmt.Errorf("%s: %w", b.table, err)
		}
	}
	return nil
}

func (l liteConn) partition([]int64) error { return nil }
