package hubdb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"tram/internal/day"
)

// hubLock is the number of the advisory lock that one hub holds on its
// database: "tram hub" in ASCII.
const hubLock = 0x7472616d20687562

// OpenPostgres opens the hub's tables in a PostgreSQL database and brings
// their schema up to date. Every writing transaction takes the database's one
// hub lock, so that two hubs by mistake cannot interleave.
func OpenPostgres(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the address of PostgreSQL: %w", errors.Unwrap(err))
	}
	cfg.MaxConns = max(cfg.MaxConns, 4)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	p := &postgres{pool: pool, months: map[int64]bool{}}
	if err := p.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("the hub's schema: %w", err)
	}
	return filled(ctx, p)
}

// postgres is PostgreSQL.
type postgres struct {
	pool *pgxpool.Pool

	mu     sync.Mutex
	months map[int64]bool // partitions known to be there
}

func (p *postgres) write(ctx context.Context, fn func(conn) error) error {
	return p.transact(ctx, pgx.TxOptions{}, func(c *pgConn) error {
		got := int64(0)
		err := c.query(`SELECT CASE WHEN pg_try_advisory_xact_lock(?) THEN 1 ELSE 0 END::bigint`, []any{int64(hubLock)}, func(r row) error {
			got = r.Int(0)
			return nil
		})
		if err == nil && got == 0 {
			err = ErrTaken
		}
		if err != nil {
			return err
		}
		return fn(c)
	})
}

func (p *postgres) read(ctx context.Context, fn func(conn) error) error {
	return p.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(c *pgConn) error { return fn(c) })
}

// transact runs fn in one transaction; what failed is taken back.
func (p *postgres) transact(ctx context.Context, o pgx.TxOptions, fn func(*pgConn) error) error {
	tx, err := p.pool.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done { // fn failed or panicked; a rollback that fails closes the connection
			_ = tx.Rollback(context.WithoutCancel(ctx))
		}
	}()
	c := &pgConn{ctx: ctx, tx: tx, p: p}
	if err := fn(c); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range c.made {
		p.months[m] = true
	}
	return nil
}

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

type pgConn struct {
	ctx  context.Context // of the transaction, which does not outlive the call that made it
	tx   pgx.Tx
	p    *postgres
	made []int64 // months whose partition is there once the transaction is
}

// numbered writes the places as PostgreSQL wants them.
func numbered(sql string) string {
	if !strings.Contains(sql, "?") {
		return sql
	}
	var b strings.Builder
	n := 0
	for _, r := range sql {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// plain gives named types the form that pgx knows without asking.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := reflect.ValueOf(a); v.Kind() {
		case reflect.String:
			out[i] = v.String()
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			out[i] = v.Int()
		default:
			out[i] = a
		}
	}
	return out
}

func (c *pgConn) exec(sql string, args ...any) (int64, error) {
	tag, err := c.tx.Exec(c.ctx, numbered(sql), plain(args)...)
	return tag.RowsAffected(), err
}

func (c *pgConn) query(sql string, args []any, each func(row) error) error {
	rows, err := c.tx.Query(c.ctx, numbered(sql), plain(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(pgRow(rows.RawValues())); err != nil {
			return err
		}
	}
	return rows.Err()
}

// pgRow is a row in PostgreSQL's binary form, valid until the next one.
type pgRow [][]byte

// Int is a column as a whole number; NULL is 0.
func (r pgRow) Int(i int) int64 {
	switch len(r[i]) {
	case 8:
		return int64(binary.BigEndian.Uint64(r[i]))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(r[i])))
	}
	return 0
}

// Text is a column as text; NULL is "".
func (r pgRow) Text(i int) string { return string(r[i]) }

// Blob is a copy of a column's bytes.
func (r pgRow) Blob(i int) []byte { return bytes.Clone(r[i]) }

func (c *pgConn) bulk(b *bulk) error {
	if b.n == 0 {
		return nil
	}
	args := make([]any, len(b.cols))
	for i := range args {
		args[i] = b.column(i)
	}
	if _, err := c.tx.Exec(c.ctx, b.postgres(), args...); err != nil {
		return fmt.Errorf("%s: %w", b.table, err)
	}
	return nil
}

// partition makes the partitions of months that have none; a month is its
// number since the year 0.
func (c *pgConn) partition(months []int64) error {
	for _, m := range months {
		if c.p.has(m) {
			continue
		}
		from, err := day.Of(int(m/12), int(m%12)+1, 1)
		if err != nil {
			return fmt.Errorf("partition of month %d: %w", m, err)
		}
		to, err := day.Of(int((m+1)/12), int((m+1)%12)+1, 1)
		if err != nil {
			return fmt.Errorf("partition of month %d: %w", m, err)
		}
		sql := fmt.Sprintf(`CREATE TABLE IF NOT EXISTS doses_%04d_%02d PARTITION OF doses FOR VALUES FROM (%d) TO (%d)`, m/12, m%12+1, from, to)
		if _, err := c.exec(sql); err != nil {
			return fmt.Errorf("partition of month %d: %w", m, err)
		}
		c.made = append(c.made, m)
	}
	return nil
}

func (p *postgres) has(month int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.months[month]
}

// migrate applies the schema files that were not applied, each in one
// transaction; one that changed since is refused.
func (p *postgres) migrate(ctx context.Context) error {
	names, err := fs.Glob(schemaFiles, "schema/postgres/*.sql")
	if err != nil {
		return err
	}
	if _, err := p.pool.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_files (name TEXT PRIMARY KEY, sha256 BYTEA NOT NULL)`); err != nil {
		return err
	}
	for _, name := range names {
		sql, err := schemaFiles.ReadFile(name)
		if err != nil {
			return err
		}
		sql = bytes.ReplaceAll(sql, []byte("\r\n"), []byte("\n"))
		if err := p.write(ctx, func(c conn) error { return apply(c.(*pgConn), name, sql) }); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func apply(c *pgConn, name string, sql []byte) error {
	sum := sha256.Sum256(sql)
	var have []byte
	err := c.query(`SELECT sha256 FROM schema_files WHERE name = ?`, []any{name}, func(r row) error {
		have = r.Blob(0)
		return nil
	})
	if err != nil {
		return err
	}
	if have != nil {
		if !bytes.Equal(have, sum[:]) {
			return errors.New("the schema file was changed after it was applied")
		}
		return nil
	}
	if _, err := c.tx.Exec(c.ctx, string(sql), pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO schema_files (name, sha256) VALUES (?, ?)`, name, sum[:])
	return err
}
