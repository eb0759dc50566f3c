// Package clinicdb keeps a site's records in its encrypted SQLite file: the
// tables that are projected from the journal, and the questions the pages ask.
//
// It knows facts and care's types and takes no decision. It promises that a
// fact and its projection are one transaction; that local facts, imported
// facts and a rebuild from nothing go through the same function ([Tx.Project]);
// and that "not found" is never the answer when it could not look. Writing is
// possible only through [Tx]; the type [View] that the pages get cannot write.
package clinicdb

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// ErrNotFound says that there is no such row; it is never returned when the
// search itself failed.
var ErrNotFound = errors.New("not found")

// DB is a site's records.
type DB struct {
	file *sqlitefile.File
}

// View reads. All reads of one View are of one moment.
type View struct {
	c *sqlitefile.Conn
}

// Tx reads and writes, inside one transaction of the single writer.
type Tx struct {
	View
}

// New prepares the tables in an opened file, bringing an older schema up to
// date.
func New(f *sqlitefile.File) (*DB, error) {
	err := f.Write(func(c *sqlitefile.Conn) error { return c.Script(journal.Schema) })
	if err != nil {
		return nil, fmt.Errorf("journal tables: %w", err)
	}
	if err := sqlitefile.Migrate(f, schemaFiles, "schema"); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	d := &DB{file: f}
	if err := d.Write((*Tx).makeWhole); err != nil {
		return nil, fmt.Errorf("projections: %w", err)
	}
	return d, nil
}

// View reads at one moment.
func (d *DB) View(ctx context.Context, fn func(v *View) error) error {
	return d.file.Read(ctx, func(c *sqlitefile.Conn) error { return fn(&View{c}) })
}

// Write runs fn in the writer's transaction. When it returns an error nothing
// was written.
func (d *DB) Write(fn func(tx *Tx) error) error {
	return d.file.Write(func(c *sqlitefile.Conn) error { return fn(&Tx{View{c}}) })
}

// Conn is the transaction's connection, for the journal that is appended to in
// the same transaction.
func (t *Tx) Conn() *sqlitefile.Conn { return t.c }

// Conn is the view's connection, for reading the journal at the same moment.
func (v *View) Conn() *sqlitefile.Conn { return v.c }

// Close closes the file.
func (d *DB) Close() error { return d.file.Close() }

// File is the file itself, for copies and checks.
func (d *DB) File() *sqlitefile.File { return d.file }

// one reads one row or answers ErrNotFound.
func (v *View) one(sql string, args []any, each func(*sqlitefile.Row) error) error {
	found, err := v.c.One(sql, args, each)
	if err != nil {
		return err
	}
	if !found {
		return ErrNotFound
	}
	return nil
}

// Told is how much the records are made from: entries of this site's journal,
// and of others that were heard. Of equal numbers, equal records.
type Told struct {
	Own, Heard int64
}

// Told answers how far the records of this view go.
func (v *View) Told() (t Told, err error) {
	_, err = v.c.One(`SELECT COALESCE((SELECT seq + 1 FROM journal ORDER BY site DESC, seq DESC LIMIT 1), 0), COALESCE((SELECT max(n) FROM heard), 0)`, nil,
		func(r *sqlitefile.Row) error {
			t = Told{Own: r.Int(0), Heard: r.Int(1)}
			return nil
		})
	return t, err
}
