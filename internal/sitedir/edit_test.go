package sitedir_test

import (
	"path/filepath"
	"testing"

	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/sqlitefile"
)

// edit does what nobody should: it writes into a site's file past the program.
func edit(t *testing.T, dir, sql string) {
	t.Helper()
	k, err := keys.Open(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	f, err := sqlitefile.Open(filepath.Join(dir, sitedir.DatabaseName), sqlitefile.Options{Key: k.Data, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write(func(c *sqlitefile.Conn) error { return c.Exec(sql) }); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
