package sqlitefile

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"
)

// BenchmarkHashAfterRead hashes a page right after it was read through the
// cipher; the metric is how much longer that takes than hashing alone (see
// calm; about 1 is right, 100 was seen without it).
func BenchmarkHashAfterRead(b *testing.B) {
	f, err := Open(b.TempDir()+"/clinic.db", Options{Key: testKey, Readers: 1, CacheKB: 8})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	err = f.Write(func(c *Conn) error {
		if err := c.Script("CREATE TABLE rows (n INTEGER PRIMARY KEY, body BLOB) STRICT"); err != nil {
			return err
		}
		for n := range 200 {
			if err := c.Exec("INSERT INTO rows (n, body) VALUES (?, ?)", n, make([]byte, 3500)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	var hashing time.Duration
	rows := 0
	for b.Loop() {
		err := f.Read(context.Background(), func(c *Conn) error {
			return c.Query("SELECT body FROM rows", nil, func(r *Row) error {
				start := time.Now()
				sha256.Sum256(r.Raw(0))
				hashing += time.Since(start)
				rows++
				return nil
			})
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	var page [3500]byte
	start := time.Now()
	for range rows {
		sha256.Sum256(page[:])
	}
	b.ReportMetric(float64(hashing)/float64(time.Since(start)), "×alone")
}
