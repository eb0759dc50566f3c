package sqlitefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"tram/internal/sqlitefile/faultfs"
)

var testKey = [32]byte{1, 2, 3}

// workload writes commits of three rows each, some of several pages, with
// checkpoints, a close and a reopening between them, and tells acked of every
// commit that was acknowledged.
func workload(fs *faultfs.FS, commits int, acked func(n int)) error {
	f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	err = f.Write(func(c *Conn) error {
		return c.Script("CREATE TABLE IF NOT EXISTS rows (commit_no INTEGER, part INTEGER, body BLOB, PRIMARY KEY (commit_no, part)) STRICT")
	})
	if err != nil {
		return err
	}
	for n := 1; n <= commits; n++ {
		if err := f.Write(func(c *Conn) error { return writeCommit(c, n) }); err != nil {
			return err
		}
		acked(n)
		switch {
		case n%7 == 0:
			err = f.Checkpoint()
		case n%11 == 0:
			if err = f.Close(); err == nil {
				f, err = Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
			}
		}
		if err != nil {
			return err
		}
	}
	return f.Close()
}

func writeCommit(c *Conn, n int) error {
	for part := range 3 {
		body := bytes.Repeat([]byte{byte(n)}, 40+n%5*part*1500)
		if err := c.Exec("INSERT INTO rows (commit_no, part, body) VALUES (?, ?, ?)", n, part, body); err != nil {
			return err
		}
	}
	return nil
}

// found opens a disk after a crash and answers how many commits are on it. It
// is an error if one is there in part, out of order or with other bytes.
func found(fs *faultfs.FS) (int, error) {
	f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
	if err != nil {
		return 0, fmt.Errorf("cannot open: %w", err)
	}
	n, err := commitsIn(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return n, err
}

func commitsIn(f *File) (int, error) {
	rows := 0
	err := f.Read(context.Background(), func(c *Conn) error {
		there, err := c.One("SELECT 1 FROM sqlite_schema WHERE name = 'rows'", nil, func(*Row) error { return nil })
		if err != nil || !there {
			return err
		}
		err = c.Query("SELECT commit_no, part, body FROM rows ORDER BY commit_no, part", nil, func(r *Row) error {
			n := int(r.Int(0))
			if n != rows/3+1 || int(r.Int(1)) != rows%3 {
				return fmt.Errorf("row %d is part %d of commit %d", rows, r.Int(1), n)
			}
			if want := bytes.Repeat([]byte{byte(n)}, 40+n%5*(rows%3)*1500); !bytes.Equal(r.Blob(2), want) {
				return fmt.Errorf("commit %d has other bytes", n)
			}
			rows++
			return nil
		})
		if err != nil {
			return err
		}
		_, err = c.One("PRAGMA integrity_check", nil, func(r *Row) error {
			if r.Text(0) != "ok" {
				return errors.New(r.Text(0))
			}
			return nil
		})
		return err
	})
	if err == nil && rows%3 != 0 {
		err = fmt.Errorf("%d rows: a commit is there in part", rows)
	}
	return rows / 3, err
}

// TestPowerCutAtEveryWrite cuts the power after every single write, sync and
// deletion of a session, several times with other luck for what was under way.
// What was acknowledged is always there, what was not is there whole or not.
func TestPowerCutAtEveryWrite(t *testing.T) {
	t.Parallel()
	const commits, luck = 15, 4
	fs := faultfs.New(t.TempDir())
	acked, images := 0, 0
	fs.AfterEach(func(op int) {
		for seed := range uint64(luck) {
			images++
			n, err := found(fs.Crash(uint64(op)*luck + seed))
			if err != nil {
				t.Errorf("cut after operation %d, seed %d, %d acknowledged: %v", op, seed, acked, err)
			} else if n != acked && n != acked+1 {
				t.Errorf("cut after operation %d, seed %d: %d commits, %d were acknowledged", op, seed, n, acked)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	})
	if err := workload(fs, commits, func(n int) { acked = n }); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d power cuts", images)
	if images < 500 {
		t.Errorf("only %d power cuts were tried", images)
	}
}

// TestEveryWriteFailsTwice lets each operation of a session fail once, without
// and with having reached the disk. Afterwards what was acknowledged is there:
// after a power cut at that moment, and after closing, opening again, writing
// on and a power cut then.
func TestEveryWriteFailsTwice(t *testing.T) {
	t.Parallel()
	const commits = 7
	total := 0
	{
		fs := faultfs.New(t.TempDir())
		if err := workload(fs, commits, func(int) {}); err != nil {
			t.Fatal(err)
		}
		total = fs.Ops()
	}
	stoppedRuns := 0
	for n := 1; n <= total; n++ {
		for _, stored := range []bool{false, true} {
			fs := faultfs.New(t.TempDir())
			fs.FailAt(n, stored)
			acked := 0
			err := workload(fs, commits, func(n int) { acked = n })
			if !fs.Failed() {
				continue // the session needed fewer operations this time
			}
			if err != nil {
				stoppedRuns++
			}
			where := fmt.Sprintf("operation %d of %d fails, stored %v, session says %v", n, total, stored, err)
			check := func(what string, fs *faultfs.FS, acked, asked int) int {
				got, err := found(fs)
				if err != nil || got < acked || got > asked {
					t.Errorf("%s; %s: %d commits, %v, want %d to %d", where, what, got, err, acked, asked)
				}
				return got
			}
			check("power cut then", fs.Crash(uint64(n)), acked, acked+1)
			have := check("opened again", fs, acked, acked+1)
			more := writeOn(t, fs, have)
			check("written on, power cut", fs.Crash(uint64(n)+7), more, more)
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d operations, each failing twice; the session noticed %d times", total, stoppedRuns)
	if stoppedRuns < total/2 {
		t.Errorf("the session noticed only %d faults of %d", stoppedRuns, 2*total)
	}
}

// writeOn adds three commits after the have that are there.
func writeOn(t *testing.T, fs *faultfs.FS, have int) int {
	t.Helper()
	f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
	if err != nil {
		t.Fatal(err)
	}
	for n := have + 1; n <= have+3; n++ {
		err := f.Write(func(c *Conn) error {
			if err := c.Script("CREATE TABLE IF NOT EXISTS rows (commit_no INTEGER, part INTEGER, body BLOB, PRIMARY KEY (commit_no, part)) STRICT"); err != nil {
				return err
			}
			return writeCommit(c, n)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// Not closed before the power cut: that would move the log into the file.
	t.Cleanup(func() { _ = f.Close() })
	return have + 3
}

// TestWritingStopsAfterAFailedSync: nothing more is written, reading goes on,
// and opening again puts it right.
func TestWritingStopsAfterAFailedSync(t *testing.T) {
	fs := faultfs.New(t.TempDir())
	f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
	if err != nil {
		t.Fatal(err)
	}
	create := func(c *Conn) error { return c.Script("CREATE TABLE IF NOT EXISTS t (a INTEGER) STRICT") }
	if err := f.Write(create); err != nil {
		t.Fatal(err)
	}
	insert := func(c *Conn) error { return c.Exec("INSERT INTO t (a) VALUES (1)") }
	before := fs.Ops()
	if err := f.Write(insert); err != nil {
		t.Fatal(err)
	}
	fs.FailAt(fs.Ops()-before, false) // the last operation of a commit is its sync
	err = f.Write(insert)
	if !errors.Is(err, ErrCommit) {
		t.Fatalf("commit with a failing sync: %v, want ErrCommit", err)
	}
	if err := f.Write(insert); !errors.Is(err, ErrStopped) {
		t.Fatalf("write after a failed sync: %v, want ErrStopped", err)
	}
	count := func() (n int64) {
		err := f.Read(context.Background(), func(c *Conn) error {
			_, err := c.One("SELECT count(*) FROM t", nil, func(r *Row) error { n = r.Int(0); return nil })
			return err
		})
		if err != nil {
			t.Fatalf("read after a failed sync: %v", err)
		}
		return n
	}
	if n := count(); n != 1 {
		t.Errorf("%d rows, want the one acknowledged", n)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f, err = Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs}); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(insert); err != nil {
		t.Errorf("write after opening again: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull: the write that has no room says so and leaves nothing, reading
// goes on, and with room again writing goes on without opening anew.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for room := int64(40_000); room < 120_000; room += 2_500 {
		fs := faultfs.New(t.TempDir())
		f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
		if err != nil {
			t.Fatal(err)
		}
		err = f.Write(func(c *Conn) error {
			return c.Script("CREATE TABLE rows (commit_no INTEGER, part INTEGER, body BLOB, PRIMARY KEY (commit_no, part)) STRICT")
		})
		if err != nil {
			t.Fatal(err)
		}
		fs.Room(room)
		acked := 0
		for ; err == nil && acked < 100; acked++ {
			err = f.Write(func(c *Conn) error { return writeCommit(c, acked+1) })
		}
		acked--
		if !errors.Is(err, ErrFull) {
			t.Fatalf("room %d: %v, want ErrFull", room, err)
		}
		if n, err := commitsIn(f); err != nil || n != acked {
			t.Errorf("room %d: %d commits, %v, want %d", room, n, err, acked)
		}
		if n, err := found(fs.Crash(uint64(room))); err != nil || n < acked || n > acked+1 {
			t.Errorf("room %d, power cut: %d commits, %v, want %d", room, n, err, acked)
		}
		fs.Room(0)
		if err := f.Write(func(c *Conn) error { return writeCommit(c, acked+1) }); err != nil {
			t.Errorf("room %d, with room again: %v", room, err)
		}
		if n, err := found(fs.Crash(uint64(room) + 1)); err != nil || n != acked+1 {
			t.Errorf("room %d, with room again, power cut: %d commits, %v, want %d", room, n, err, acked+1)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestBitFlipsAreNoticed flips single bits all over a closed file. No read may
// answer other bytes than were written.
func TestBitFlipsAreNoticed(t *testing.T) {
	t.Parallel()
	fs := faultfs.New(t.TempDir())
	if err := workload(fs, 30, func(int) {}); err != nil {
		t.Fatal(err)
	}
	bits := int64(len(fs.Bytes("clinic.db"))) * 8
	noticed, tried := 0, 0
	for bit := int64(5); bit < bits; bit += bits / 301 {
		disk := fs.Copy()
		disk.Flip("clinic.db", bit)
		tried++
		n, err := found(disk)
		switch {
		case errors.Is(err, ErrCorrupt) || errors.Is(err, ErrKey):
			noticed++
		case err != nil:
			t.Errorf("bit %d: %v, want ErrCorrupt or ErrKey", bit, err)
		case n != 30:
			t.Errorf("bit %d: %d commits and no error", bit, n)
		}
	}
	if noticed != tried { // the check reads every page
		t.Errorf("%d of %d flips were noticed", noticed, tried)
	}
}

// TestWrongKeyIsHarmless tries a wrong key on a disk whose session was cut off,
// where the newest commits are only in the write-ahead log.
func TestWrongKeyIsHarmless(t *testing.T) {
	fs := faultfs.New(t.TempDir())
	f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	err = f.Write(func(c *Conn) error {
		if err := c.Script("CREATE TABLE rows (commit_no INTEGER, part INTEGER, body BLOB, PRIMARY KEY (commit_no, part)) STRICT"); err != nil {
			return err
		}
		return writeCommit(c, 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	disk := fs.Crash(1)
	names := disk.Names()
	before := map[string][]byte{}
	for _, name := range names {
		before[name] = disk.Bytes(name)
	}
	if len(before["clinic.db-wal"]) == 0 {
		t.Fatal("the test needs a write-ahead log")
	}
	if _, err := Open("clinic.db", Options{Key: [32]byte{9}, Readers: 1, Base: disk}); !errors.Is(err, ErrKey) {
		t.Fatalf("wrong key: %v, want ErrKey", err)
	}
	for _, name := range names {
		if !bytes.Equal(disk.Bytes(name), before[name]) {
			t.Errorf("%s was changed by a wrong key", name)
		}
	}
	if n, err := found(disk); err != nil || n != 1 {
		t.Errorf("with the right key: %d commits, %v", n, err)
	}
}

// TestNothingIsReadable looks for what was written in every file, while it is
// in the log and after it was moved.
func TestNothingIsReadable(t *testing.T) {
	fs := faultfs.New(t.TempDir())
	f, err := Open("clinic.db", Options{Key: testKey, Readers: 1, Base: fs})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Write(func(c *Conn) error {
		if err := c.Script("CREATE TABLE canaries (name TEXT) STRICT"); err != nil {
			return err
		}
		for range 200 {
			if err := c.Exec("INSERT INTO canaries (name) VALUES (?)", "Nguyễn Thị Hoàng Yến"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.CopyTo("copy.db", [32]byte{7}); err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		for _, name := range fs.Names() {
			for _, word := range []string{"Nguyễn", "Yến", "canaries", "SQLite format"} {
				if bytes.Contains(fs.Bytes(name), []byte(word)) {
					t.Errorf("%s: %q can be read in %s", when, word, name)
				}
			}
		}
	}
	look("open")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	look("closed")
	if len(fs.Names()) != 2 {
		t.Errorf("files %v, want the file and its copy", fs.Names())
	}
}
