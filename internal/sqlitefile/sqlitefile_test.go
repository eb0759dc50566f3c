package sqlitefile

import (
	"context"
	"path/filepath"
	"testing"
)

func TestSmoke(t *testing.T) {
	p := filepath.Join(t.TempDir(), "a b%#?.db")
	for range 2 {
		f, err := Open(p, Options{Key: [32]byte{1}})
		if err != nil {
			t.Fatal(err)
		}
		err = f.Write(func(c *Conn) error {
			if err := c.Script("CREATE TABLE IF NOT EXISTS t(a INTEGER, b TEXT) STRICT"); err != nil {
				return err
			}
			return c.Exec("INSERT INTO t(a,b) VALUES(?,?)", 1, "hello")
		})
		if err != nil {
			t.Fatal(err)
		}
		err = f.Read(context.Background(), func(c *Conn) error {
			return c.Query("SELECT a,b FROM t", nil, func(r *Row) error { t.Log(r.Int(0), r.Text(1)); return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(p, Options{Key: [32]byte{2}})
	t.Log(err)
}
