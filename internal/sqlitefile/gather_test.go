package sqlitefile

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestCommitsAreSeenAtOnce: whatever a commit's size, and so wherever its last
// frame ends in the cipher's blocks, another connection reads all of it as
// soon as Write has returned.
func TestCommitsAreSeenAtOnce(t *testing.T) {
	t.Parallel()
	f, err := Open(t.TempDir()+"/clinic.db", Options{Key: testKey, Readers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := f.Write(func(c *Conn) error { return c.Script("CREATE TABLE rows (n INTEGER PRIMARY KEY, body BLOB) STRICT") }); err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(7, 7))
	for n := range 300 {
		body := bytes.Repeat([]byte{byte(n)}, chance.IntN(30_000))
		if err := f.Write(func(c *Conn) error { return c.Exec("INSERT INTO rows (n, body) VALUES (?, ?)", n, body) }); err != nil {
			t.Fatal(err)
		}
		err := f.Read(context.Background(), func(c *Conn) error {
			var got []byte
			found, err := c.One("SELECT body FROM rows WHERE n = ?", []any{n}, func(r *Row) error { got = r.Blob(0); return nil })
			if err == nil && (!found || !bytes.Equal(got, body)) {
				err = fmt.Errorf("commit %d of %d bytes: found %v, %d bytes", n, len(body), found, len(got))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLargeCommitSpills: a transaction larger than the page cache writes
// frames before it commits, and reads them back.
func TestLargeCommitSpills(t *testing.T) {
	t.Parallel()
	f, err := Open(t.TempDir()+"/clinic.db", Options{Key: testKey, Readers: 1, CacheKB: 64})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	err = f.Write(func(c *Conn) error {
		if err := c.Script("CREATE TABLE rows (n INTEGER PRIMARY KEY, body BLOB) STRICT"); err != nil {
			return err
		}
		for n := range 2000 {
			if err := c.Exec("INSERT INTO rows (n, body) VALUES (?, ?)", n, bytes.Repeat([]byte{byte(n)}, 3000)); err != nil {
				return err
			}
		}
		return c.Exec("UPDATE rows SET body = CAST(body || x'00' AS BLOB) WHERE n % 3 = 0")
	})
	if err != nil {
		t.Fatal(err)
	}
	err = f.Read(context.Background(), func(c *Conn) error {
		return c.Query("SELECT n, body FROM rows", nil, func(r *Row) error {
			n, want := int(r.Int(0)), 3000
			if n%3 == 0 {
				want++
			}
			if b := r.Blob(1); len(b) != want || b[0] != byte(n) {
				return fmt.Errorf("row %d: %d bytes, want %d", n, len(b), want)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
