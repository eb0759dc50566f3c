package journal_test

import (
	"errors"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// TestAdoptedJournalIsTheSame takes a journal's bytes into an empty one: head,
// roots at every size and verification are those of the first.
func TestAdoptedJournalIsTheSame(t *testing.T) {
	from, k := open(t)
	want := fill(t, from, k, 70, 7).Head()
	var raws [][]byte
	err := from.Write(func(c *sqlitefile.Conn) error {
		return journal.Entries(c, "TT", 0, 0, func(_ journal.Entry, raw []byte) error { raws = append(raws, raw); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	to, _ := open(t) // the same keys: they come from one seed
	l := fill(t, to, k, 0, 1)
	err = to.Write(func(c *sqlitefile.Conn) error {
		for _, raw := range raws {
			if _, err := l.Adopt(c, raw); err != nil {
				return err
			}
		}
		if _, err := l.Adopt(c, raws[3]); !errors.Is(err, journal.ErrBroken) {
			t.Errorf("an entry twice: %v", err)
		}
		return l.Seal(c, l.NextDay())
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Commit()
	if got := l.Head(); got != want {
		t.Fatalf("head %+v, want %+v", got, want)
	}
	if r, err := verify(to, k); err != nil || r.Hash != want.Hash {
		t.Fatalf("verify: %+v, %v", r, err)
	}
	err = to.Write(func(c *sqlitefile.Conn) error {
		everyRoot(t, c, raws)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// everyRoot holds RootAt and Edge against each other at every size.
func everyRoot(t *testing.T, c *sqlitefile.Conn, raws [][]byte) {
	t.Helper()
	var edge journal.Edge
	for n, raw := range raws {
		edge.Add(raw, func(int64, tlog.Hash) {})
		root, err := journal.RootAt(c, "TT", int64(n)+1)
		if err != nil || root != edge.Root() {
			t.Fatalf("root at %d: %v, %v; want %v", n+1, root, err, edge.Root())
		}
	}
}
