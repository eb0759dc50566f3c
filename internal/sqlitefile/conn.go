package sqlitefile

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/ncruces/go-sqlite3"
)

// Conn is one connection, valid inside the Write or Read that lent it, and for
// one goroutine at a time.
type Conn struct {
	db    *sqlite3.Conn
	stmts map[string]*statement
}

type statement struct {
	s    *sqlite3.Stmt
	busy bool // being stepped; the same text is asked again from inside its rows
}

// connect opens a connection with every setting we rely on, and asks SQLite
// whether the one that durability hangs on was understood.
func (f *File) connect(writer bool) (*Conn, error) {
	db, err := sqlite3.OpenFlags(uri(f.path, f.vfs),
		sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, mark(err)
	}
	c := &Conn{db: db, stmts: map[string]*statement{}}
	if err := c.configure(f.opt, writer); err != nil {
		_ = c.close() // the first error is the one to tell
		return nil, err
	}
	return c, nil
}

func (c *Conn) configure(o Options, writer bool) error {
	if err := c.db.BusyTimeout(busyWait); err != nil {
		return mark(err)
	}
	if _, err := c.db.Config(sqlite3.DBCONFIG_TRUSTED_SCHEMA, false); err != nil {
		return mark(err)
	}
	if writer {
		if err := c.create(); err != nil {
			return err
		}
	}
	cache := o.CacheKB
	switch {
	case cache <= 0 && writer:
		cache = writerKB
	case cache <= 0:
		cache = readerKB
	}
	err := c.Script(fmt.Sprintf(`
		PRAGMA synchronous=FULL;
		PRAGMA foreign_keys=ON;
		PRAGMA temp_store=MEMORY;
		PRAGMA cache_size=-%d;
		PRAGMA journal_size_limit=%d;`, cache, walBytesKept))
	if err != nil {
		return err
	}
	if !writer {
		if err := c.Script("PRAGMA query_only=ON"); err != nil {
			return err
		}
	}
	return c.assert()
}

// create gives a new file its checksums and its write-ahead log. On a file
// that has both it changes nothing.
func (c *Conn) create() error {
	if err := mark(c.db.EnableChecksums("main")); err != nil {
		return fmt.Errorf("checksums: %w", err)
	}
	if err := c.Exec("PRAGMA journal_mode=WAL"); err != nil {
		return fmt.Errorf("write-ahead log: %w", err)
	}
	return nil
}

// assert asks for the settings back. A file already in WAL mode opens with
// synchronous=NORMAL, which loses acknowledged commits at a power cut.
func (c *Conn) assert() error {
	// The header must have been read before the checksums answer for themselves.
	if err := c.Exec("SELECT count(*) FROM sqlite_schema"); err != nil {
		return err
	}
	for _, want := range [][2]string{
		{"PRAGMA journal_mode", "wal"}, {"PRAGMA synchronous", "2"}, {"PRAGMA foreign_keys", "1"}, {"PRAGMA checksum_verification", "1"},
	} {
		got := ""
		if _, err := c.One(want[0], nil, func(r *Row) error { got = r.Text(0); return nil }); err != nil {
			return err
		}
		if got != want[1] {
			return fmt.Errorf("%s is %q, want %q", want[0], got, want[1])
		}
	}
	return nil
}

func (c *Conn) close() error {
	var first error
	for _, s := range c.stmts {
		// Close repeats the error of the statement's last run, told already.
		_ = s.s.Close()
	}
	c.stmts = nil
	if err := c.db.Close(); err != nil {
		first = mark(err)
	}
	return first
}

// Exec runs one statement that returns no rows. The text is prepared once and
// kept, so it must not be built from values: those go in args.
func (c *Conn) Exec(sql string, args ...any) error {
	st, err := c.prepare(sql)
	if err != nil {
		return err
	}
	err = c.bind(st.s, args)
	if err == nil {
		for st.s.Step() { // rows of an INSERT … RETURNING or a pragma are passed over
		}
	}
	return c.finish(st, sql, err)
}

// Query runs one statement and calls each for every row. An error of each ends
// the query and is returned as it is.
func (c *Conn) Query(sql string, args []any, each func(*Row) error) error {
	return c.rows(sql, args, func(r *Row) (bool, error) { return true, each(r) })
}

// One calls each for the first row, if there is one. Absent is found=false
// with a nil error; could not look is an error.
func (c *Conn) One(sql string, args []any, each func(*Row) error) (bool, error) {
	found := false
	err := c.rows(sql, args, func(r *Row) (bool, error) {
		found = true
		return false, each(r)
	})
	return found && err == nil, err
}

func (c *Conn) rows(sql string, args []any, each func(*Row) (more bool, err error)) error {
	st, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer func() {
		if st.busy { // each panicked
			_ = c.finish(st, sql, nil)
		}
	}()
	err = c.bind(st.s, args)
	row, more := Row{st.s}, true
	for err == nil && more && st.s.Step() {
		calm()
		more, err = each(&row)
	}
	return c.finish(st, sql, err)
}

// Script runs several statements without values, such as a schema.
func (c *Conn) Script(sql string) error {
	defer calm()
	return mark(c.db.Exec(sql))
}

// Cache sets how much of the file this connection keeps in memory, and answers
// how to set it back; for one large piece of work.
func (c *Conn) Cache(kb int) (back func() error, err error) {
	before := int64(0)
	if _, err := c.One("PRAGMA cache_size", nil, func(r *Row) error { before = r.Int(0); return nil }); err != nil {
		return nil, err
	}
	set := func(n int64) error { return c.Script(fmt.Sprintf("PRAGMA cache_size=%d", n)) }
	return func() error { return set(before) }, set(-int64(kb))
}

// Changes is how many rows the last INSERT, UPDATE or DELETE touched.
func (c *Conn) Changes() int64 { return c.db.Changes() }

// LastID is the rowid of the last row inserted.
func (c *Conn) LastID() int64 { return c.db.LastInsertRowID() }

// Savepoint runs fn so that an error or a panic takes back what fn wrote and
// nothing else. The name is a plain word.
func (c *Conn) Savepoint(name string, fn func() error) error {
	if !plainWord(name) {
		return fmt.Errorf("savepoint %q: not a plain word", name)
	}
	if err := c.Exec("SAVEPOINT " + name); err != nil {
		return err
	}
	done := false
	back := func() error {
		if c.db.GetAutocommit() {
			return nil // SQLite took the whole transaction back
		}
		if err := c.Exec("ROLLBACK TO " + name); err != nil {
			return err
		}
		return c.Exec("RELEASE " + name)
	}
	defer func() {
		if !done {
			_ = back() // the panic goes on, and Write rolls everything back
		}
	}()
	err := fn()
	done = true
	if err != nil {
		if berr := back(); berr != nil {
			return errors.Join(err, fmt.Errorf("back to savepoint: %w", berr))
		}
		return err
	}
	return c.Exec("RELEASE " + name)
}

func plainWord(s string) bool {
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') {
			return false
		}
	}
	return s != ""
}

func (c *Conn) prepare(sql string) (*statement, error) {
	st := c.stmts[sql]
	if st != nil && !st.busy {
		st.busy = true
		return st, nil
	}
	s, tail, err := c.db.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	switch {
	case err != nil:
		return nil, mark(err)
	case s == nil:
		return nil, errors.New("empty statement")
	case tail != "" && !blank(tail):
		_ = s.Close() // never run
		return nil, errors.New("more than one statement; use Script")
	}
	fresh := &statement{s: s, busy: true}
	if st == nil && len(c.stmts) < stmtsMax {
		c.stmts[sql] = fresh
	}
	return fresh, nil
}

func blank(s string) bool {
	for _, r := range s {
		if r != ' ' && r != '\t' && r != '\n' && r != '\r' && r != ';' {
			return false
		}
	}
	return true
}

// finish makes the statement ready for its next use and tells the first error.
func (c *Conn) finish(st *statement, sql string, err error) error {
	defer calm()
	if rerr := st.s.Err(); err == nil {
		err = mark(rerr)
	}
	if rerr := st.s.Reset(); err == nil {
		err = mark(rerr)
	}
	if cerr := st.s.ClearBindings(); err == nil {
		err = mark(cerr)
	}
	st.busy = false
	if c.stmts[sql] != st {
		_ = st.s.Close() // its error was told by Err or Reset
	}
	return err
}

func (c *Conn) bind(s *sqlite3.Stmt, args []any) error {
	if n := s.BindCount(); n != len(args) {
		return fmt.Errorf("%d values for %d places", len(args), n)
	}
	for i, a := range args {
		if err := bindOne(s, i+1, a); err != nil {
			return fmt.Errorf("value %d: %w", i+1, err)
		}
	}
	return nil
}

// bindOne takes the common types first; a type with a name of its own
// (id.Patient, day.Day) goes the longer way.
func bindOne(s *sqlite3.Stmt, i int, a any) error {
	switch v := a.(type) {
	case string:
		return mark(s.BindText(i, v))
	case int64:
		return mark(s.BindInt64(i, v))
	case int:
		return mark(s.BindInt64(i, int64(v)))
	case int32:
		return mark(s.BindInt64(i, int64(v)))
	case []byte:
		return mark(s.BindBlob(i, v))
	case bool:
		return mark(s.BindBool(i, v))
	case nil:
		return mark(s.BindNull(i))
	}
	v := reflect.ValueOf(a)
	switch v.Kind() {
	case reflect.String:
		return mark(s.BindText(i, v.String()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return mark(s.BindInt64(i, v.Int()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return mark(s.BindInt64(i, int64(v.Uint())))
	case reflect.Bool:
		return mark(s.BindBool(i, v.Bool()))
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return mark(s.BindBlob(i, v.Bytes()))
		}
	}
	return fmt.Errorf("type %T cannot be stored", a)
}

// Row is the row at hand, valid inside the function it is given to. Columns
// count from 0.
type Row struct{ s *sqlite3.Stmt }

// Int is a column as a whole number; NULL is 0.
func (r *Row) Int(i int) int64 { return r.s.ColumnInt64(i) }

// Bool is a column as yes or no; NULL is no.
func (r *Row) Bool(i int) bool { return r.s.ColumnInt64(i) != 0 }

// Text is a column as text; NULL is "".
func (r *Row) Text(i int) string { return r.s.ColumnText(i) }

// Blob is a copy of a column's bytes; NULL is nil.
func (r *Row) Blob(i int) []byte { return r.s.ColumnBlob(i, nil) }

// Raw is a column's bytes without a copy: they are gone with the row.
func (r *Row) Raw(i int) []byte { return r.s.ColumnRawBlob(i) }

// IsNull says whether a column is NULL.
func (r *Row) IsNull(i int) bool { return r.s.ColumnType(i) == sqlite3.NULL }
