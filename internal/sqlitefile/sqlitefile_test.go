package sqlitefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"tram/internal/day"
	"tram/internal/id"
)

func openTest(t testing.TB) *File {
	t.Helper()
	f, err := Open(filepath.Join(t.TempDir(), "clinic.db"), Options{Key: testKey, Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func write(t testing.TB, f *File, sql string, args ...any) {
	t.Helper()
	if err := f.Write(func(c *Conn) error { return c.Exec(sql, args...) }); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t testing.TB, f *File, sql string) int64 {
	t.Helper()
	n := int64(-1)
	err := f.Read(context.Background(), func(c *Conn) error {
		_, err := c.One(sql, nil, func(r *Row) error { n = r.Int(0); return nil })
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestOpensAgainUnderAnAwkwardName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Điện Biên 100%#1?.db")
	for want := range int64(3) {
		f, err := Open(path, Options{Key: testKey})
		if err != nil {
			t.Fatal(err)
		}
		write(t, f, "CREATE TABLE IF NOT EXISTS t (a INTEGER) STRICT")
		if n := count(t, f, "SELECT count(*) FROM t"); n != want {
			t.Errorf("opening %d: %d rows, want %d", want, n, want)
		}
		write(t, f, "INSERT INTO t (a) VALUES (1)")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
		if err := f.Write(func(*Conn) error { return nil }); err == nil {
			t.Error("a closed file was written")
		}
		if err := f.Read(context.Background(), func(*Conn) error { return nil }); err == nil {
			t.Error("a closed file was read")
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file has another name: %v", err)
	}
	if _, err := Open(path, Options{Key: [32]byte{2}}); !errors.Is(err, ErrKey) {
		t.Errorf("another key: %v, want ErrKey", err)
	}
}

func TestForeignFileIsRefusedAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.doc")
	text := bytes.Repeat([]byte("Kính gửi trung tâm y tế huyện. "), 400)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{Key: testKey}); !errors.Is(err, ErrKey) {
		t.Errorf("got %v, want ErrKey", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(after, text) {
		t.Errorf("the file was changed: %v", err)
	}
}

// TestValues stores every kind of value there is, the terms' own types too,
// and reads it back.
func TestValues(t *testing.T) {
	f := openTest(t)
	write(t, f, "CREATE TABLE v (i INTEGER, s TEXT, b BLOB, n INTEGER, d INTEGER, p TEXT, yes INTEGER) STRICT")
	write(t, f, "INSERT INTO v (i, s, b, n, d, p, yes) VALUES (?, ?, ?, ?, ?, ?, ?)",
		int64(-1<<63), "đ\x00x", []byte{}, nil, day.Day(20000), id.Patient("a7"), true)
	err := f.Read(context.Background(), func(c *Conn) error {
		found, err := c.One("SELECT i, s, b, n, d, p, yes FROM v WHERE p = ? AND d = ?", []any{id.Patient("a7"), day.Day(20000)}, func(r *Row) error {
			if r.Int(0) != -1<<63 || r.Text(1) != "đ\x00x" || r.IsNull(2) || len(r.Blob(2)) != 0 || !r.IsNull(3) || r.Int(4) != 20000 ||
				r.Text(5) != "a7" || !r.Bool(6) {
				t.Errorf("got %d %q %v %v %d %q %v", r.Int(0), r.Text(1), r.Blob(2), r.IsNull(3), r.Int(4), r.Text(5), r.Bool(6))
			}
			return nil
		})
		if !found {
			t.Error("the row was not found")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []any{1.5, struct{}{}, []string{"x"}, uint64(1)} {
		if err := f.Write(func(c *Conn) error { return c.Exec("INSERT INTO v (i) VALUES (?)", bad) }); err == nil {
			t.Errorf("%T was stored", bad)
		}
	}
	if err := f.Write(func(c *Conn) error { return c.Exec("INSERT INTO v (i, n) VALUES (?, ?)", 1) }); err == nil {
		t.Error("a missing value was stored as NULL")
	}
	if err := f.Write(func(c *Conn) error { return c.Exec("INSERT INTO v (i) VALUES (1); DELETE FROM v") }); err == nil {
		t.Error("two statements went through Exec")
	}
	if n := count(t, f, "SELECT count(*) FROM v"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestAbsentIsNotFailed(t *testing.T) {
	f := openTest(t)
	write(t, f, "CREATE TABLE t (a INTEGER) STRICT")
	err := f.Read(context.Background(), func(c *Conn) error {
		found, err := c.One("SELECT a FROM t", nil, func(*Row) error { return nil })
		if found || err != nil {
			t.Errorf("absent: found %v, %v", found, err)
		}
		found, err = c.One("SELECT a FROM nowhere", nil, func(*Row) error { return nil })
		if found || err == nil {
			t.Errorf("could not look: found %v, %v", found, err)
		}
		mine := errors.New("mine")
		write := func(*Row) error { return mine }
		if _, err = c.One("SELECT 1", nil, write); !errors.Is(err, mine) {
			t.Errorf("the caller's own error came back as %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestErrorAndPanicTakeEverythingBack(t *testing.T) {
	f := openTest(t)
	write(t, f, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
	mine := errors.New("mine")
	err := f.Write(func(c *Conn) error {
		if err := c.Exec("INSERT INTO t (a) VALUES (1)"); err != nil {
			return err
		}
		return mine
	})
	if !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = f.Write(func(c *Conn) error {
			if err := c.Exec("INSERT INTO t (a) VALUES (2)"); err != nil {
				return err
			}
			return c.Query("SELECT a FROM t", nil, func(*Row) error { panic("in the middle of a query") })
		})
	}()
	if n := count(t, f, "SELECT count(*) FROM t"); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
	write(t, f, "INSERT INTO t (a) VALUES (3)")
}

func TestSavepoint(t *testing.T) {
	f := openTest(t)
	write(t, f, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
	mine := errors.New("mine")
	err := f.Write(func(c *Conn) error {
		for a := range 4 {
			err := c.Savepoint("one", func() error {
				if err := c.Exec("INSERT INTO t (a) VALUES (?)", a); err != nil {
					return err
				}
				if a%2 == 1 {
					return mine
				}
				return c.Savepoint("two", func() error { return c.Exec("INSERT INTO t (a) VALUES (?)", a+100) })
			})
			if err != nil && !errors.Is(err, mine) {
				return err
			}
		}
		if err := c.Savepoint("x; DROP TABLE t", func() error { return nil }); err == nil {
			t.Error("a savepoint's name went into SQL")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, f, "SELECT sum(a) * 1000 + count(*) FROM t"); n != (0+2+100+102)*1000+4 {
		t.Errorf("got %d", n)
	}
}

func TestReaderCannotWriteAndSeesOneMoment(t *testing.T) {
	f := openTest(t)
	write(t, f, "CREATE TABLE t (a INTEGER) STRICT")
	err := f.Read(context.Background(), func(c *Conn) error {
		before, after := int64(-1), int64(-1)
		ask := func(n *int64) error {
			_, err := c.One("SELECT count(*) FROM t", nil, func(r *Row) error { *n = r.Int(0); return nil })
			return err
		}
		if err := ask(&before); err != nil {
			return err
		}
		write(t, f, "INSERT INTO t (a) VALUES (1)")
		if err := ask(&after); err != nil {
			return err
		}
		if before != 0 || after != 0 {
			t.Errorf("one read saw %d and then %d rows", before, after)
		}
		return c.Exec("INSERT INTO t (a) VALUES (2)")
	})
	if err == nil {
		t.Error("a reader wrote")
	}
	if n := count(t, f, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestContextEndsAReading(t *testing.T) {
	f := openTest(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	err := f.Read(ctx, func(c *Conn) error {
		return c.Query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", nil, func(*Row) error { return nil })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want DeadlineExceeded", err)
	}
	if n := count(t, f, "SELECT 7"); n != 7 {
		t.Errorf("the next reading got %d", n)
	}
}

// TestOneTextInsideItself asks the same statement again from inside its rows.
func TestOneTextInsideItself(t *testing.T) {
	f := openTest(t)
	pairs := 0
	err := f.Read(context.Background(), func(c *Conn) error {
		const sql = "SELECT column1 FROM (VALUES (1), (2), (3)) WHERE column1 > ?"
		return c.Query(sql, []any{0}, func(r *Row) error {
			return c.Query(sql, []any{r.Int(0)}, func(*Row) error { pairs++; return nil })
		})
	})
	if err != nil || pairs != 3 {
		t.Errorf("%d pairs, %v, want 3", pairs, err)
	}
}

// TestManyReadersOneWriter: sums that every transaction keeps at zero are zero
// in every reading.
func TestManyReadersOneWriter(t *testing.T) {
	f := openTest(t)
	write(t, f, "CREATE TABLE t (k INTEGER PRIMARY KEY, v INTEGER NOT NULL) STRICT")
	write(t, f, "INSERT INTO t (k, v) VALUES (1, 0), (2, 0)")
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 60 {
				err := f.Write(func(c *Conn) error {
					if err := c.Exec("UPDATE t SET v = v + ? WHERE k = 1", w+i); err != nil {
						return err
					}
					return c.Exec("UPDATE t SET v = v - ? WHERE k = 2", w+i)
				})
				if err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	for range 5 {
		wg.Go(func() {
			for range 60 {
				if n := count(t, f, "SELECT sum(v) FROM t"); n != 0 {
					t.Errorf("a reading saw half a transaction: %d", n)
				}
			}
		})
	}
	wg.Wait()
}

func TestCopyTo(t *testing.T) {
	dir := t.TempDir()
	f := openTest(t)
	write(t, f, "CREATE TABLE t (a INTEGER, b BLOB) STRICT")
	for i := range 500 {
		write(t, f, "INSERT INTO t (a, b) VALUES (?, ?)", i, bytes.Repeat([]byte{byte(i)}, 900))
	}
	path := filepath.Join(dir, "copy.db")
	if err := f.CopyTo(path, [32]byte{7}); err != nil {
		t.Fatal(err)
	}
	if err := f.CopyTo(path, [32]byte{7}); err == nil {
		t.Error("a copy was written over an older one")
	}
	if _, err := Open(path, Options{Key: testKey}); !errors.Is(err, ErrKey) {
		t.Errorf("the copy opens with the old key: %v", err)
	}
	c, err := Open(path, Options{Key: [32]byte{7}})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, c, "SELECT count(*) * 1000 + max(a) FROM t"); n != 500_499 {
		t.Errorf("the copy holds %d, want 500499", n)
	}
	ok := count(t, c, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")
	if err := c.Close(); err != nil || ok != 1 {
		t.Errorf("the copy is not sound: %d, %v", ok, err)
	}
}

func TestSecondProgramIsToldBusy(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the busy timeout")
	}
	path := filepath.Join(t.TempDir(), "clinic.db")
	one, err := Open(path, Options{Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = one.Close() }()
	two, err := Open(path, Options{Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = two.Close() }()
	err = one.Write(func(*Conn) error {
		if err := two.Write(func(*Conn) error { return nil }); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Write(func(*Conn) error { return nil }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestMigrate(t *testing.T) {
	f := openTest(t)
	files := fstest.MapFS{"s/0001_first.sql": {Data: []byte("CREATE TABLE a (x INTEGER) STRICT;\r\nCREATE TABLE b (x INTEGER) STRICT;\r\n")}}
	for range 2 {
		if err := Migrate(f, files, "s"); err != nil {
			t.Fatal(err)
		}
	}
	files["s/0001_first.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE a (x INTEGER) STRICT;\nCREATE TABLE b (x INTEGER) STRICT;\n")}
	if err := Migrate(f, files, "s"); err != nil {
		t.Errorf("other line ends: %v", err)
	}

	files["s/0002_bad.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE c (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")}
	if err := Migrate(f, files, "s"); err == nil {
		t.Error("a failing file went through")
	}
	if n := count(t, f, "SELECT count(*) FROM sqlite_schema WHERE name = 'c'"); n != 0 {
		t.Error("a failing file left a table")
	}
	files["s/0002_bad.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE c (x INTEGER) STRICT;")}
	if err := Migrate(f, files, "s"); err != nil {
		t.Error(err)
	}

	edited := fstest.MapFS{"s/0001_first.sql": {Data: []byte("CREATE TABLE a (x TEXT) STRICT;")}, "s/0002_bad.sql": files["s/0002_bad.sql"]}
	if err := Migrate(f, edited, "s"); !errors.Is(err, ErrEdited) {
		t.Errorf("an edited file: %v, want ErrEdited", err)
	}
	older := fstest.MapFS{"s/0001_first.sql": files["s/0001_first.sql"]}
	if err := Migrate(f, older, "s"); !errors.Is(err, ErrNewer) {
		t.Errorf("an older program: %v, want ErrNewer", err)
	}
	gap := fstest.MapFS{"s/0001_a.sql": {}, "s/0003_b.sql": {}}
	if err := Migrate(f, gap, "s"); err == nil {
		t.Error("a gap in the numbers went through")
	}
}

// BenchmarkCommit is one small durable transaction after another.
func BenchmarkCommit(b *testing.B) {
	f := openTest(b)
	write(b, f, "CREATE TABLE t (a INTEGER PRIMARY KEY, body BLOB) STRICT")
	body := make([]byte, 300)
	for b.Loop() {
		err := f.Write(func(c *Conn) error { return c.Exec("INSERT INTO t (body) VALUES (?)", body) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleFile_Write() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	f, err := Open(filepath.Join(dir, "clinic.db"), Options{Key: [32]byte{1}})
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	err = f.Write(func(c *Conn) error {
		if err := c.Script("CREATE TABLE bottles (bottle TEXT PRIMARY KEY, left_ul INTEGER NOT NULL CHECK (left_ul >= 0)) STRICT"); err != nil {
			return err
		}
		if err := c.Exec("INSERT INTO bottles (bottle, left_ul) VALUES (?, ?)", id.Bottle("b1"), 1000); err != nil {
			return err
		}
		return c.Exec("UPDATE bottles SET left_ul = left_ul - ?", 8500)
	})
	fmt.Println(err != nil)
	// Output: true
}

// TestLargeCopy copies more pages than a connection's cache holds: each must
// carry its checksum.
func TestLargeCopy(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(filepath.Join(dir, "a.db"), Options{Key: [32]byte{1}, Readers: 1, CacheKB: 512})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	err = f.Write(func(c *Conn) error {
		if err := c.Script(`CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`); err != nil {
			return err
		}
		for range 20_000 {
			if err := c.Exec(`INSERT INTO t (text) VALUES (hex(randomblob(200)))`); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "b.db")
	if err := f.CopyTo(path, [32]byte{2}); err != nil {
		t.Fatal(err)
	}
	g, err := Open(path, Options{Key: [32]byte{2}, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }()
	err = g.Write(func(c *Conn) error {
		n, ok := int64(0), ""
		if _, err := c.One(`SELECT count(*), sum(length(text)) FROM t`, nil, func(r *Row) error { n = r.Int(0); return nil }); err != nil {
			return err
		}
		if _, err := c.One(`PRAGMA integrity_check`, nil, func(r *Row) error { ok = r.Text(0); return nil }); err != nil {
			return err
		}
		if n != 20_000 || ok != "ok" {
			t.Errorf("copy has %d rows, check says %s", n, ok)
		}
		return c.Exec(`DELETE FROM t WHERE id % 2 = 0`)
	})
	if err != nil {
		t.Fatal(err)
	}
}
