// Package journaltest is the contract that every place where a journal is kept
// must pass, whatever database stands behind it.
//
// A store brings a handful of operations ([Store]); [Run] says what they must
// answer: the same bytes back, numbers without gaps, a clock that only grows,
// nothing of a group that failed, the same head after opening again, and roots
// that the public log tools compute too. [File] is the store on one encrypted
// SQLite file, for the contract and for the tests of crashes.
package journaltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/journal"
)

// Store is a site's journal in some place.
type Store interface {
	// Append writes a group of entries and seals it, as one durable act: all
	// of it or, with an error, nothing.
	Append(group []journal.Entry, at day.Day, now day.Instant) error
	Head() journal.Head
	Get(seq int64) (journal.Entry, error)
	Entries(from int64, limit int, each func(e journal.Entry, raw []byte) error) error
	Verify() (journal.Report, error)
	// Reopen closes the store and opens it again.
	Reopen() error
	Close() error
}

// Day is the clinic day on which the contract's journals begin.
const Day = day.Day(20780)

// Now is the instant at which they begin.
const Now = day.Instant(1_795_392_000_000)

// Made is an entry like those of a clinic's morning, the nth.
func Made(n int) journal.Entry {
	fact := fmt.Sprintf(`{"dose":"d%d","patient":"p%d","amount_ug":%d,"note":"Đã uống \"hết\""}`, n, n%60, 1000*(20+n%80))
	return journal.Entry{Day: Day + day.Day(n/100), By: "zw0aqkff", Kind: "dose.swallowed", Form: "f1", Rules: 2, Fact: json.RawMessage(fact)}
}

// Fill appends the entries from to to in groups.
func Fill(t testing.TB, s Store, from, to, group int) {
	t.Helper()
	for n := from; n < to; n += group {
		var entries []journal.Entry
		for i := n; i < min(n+group, to); i++ {
			entries = append(entries, Made(i))
		}
		if err := s.Append(entries, entries[0].Day, Now+day.Instant(n)*1000); err != nil {
			t.Fatalf("append from %d: %v", n, err)
		}
	}
}

// Run checks that a store keeps the contract. open makes a new, empty one.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range map[string]func(t *testing.T, s Store){
		"empty":          empty,
		"same bytes":     sameBytes,
		"public roots":   publicRoots,
		"failed group":   failedGroup,
		"clock set back": clockSetBack,
		"reading a part": readingAPart,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, s)
		})
	}
}

func empty(t *testing.T, s Store) {
	if h := s.Head(); h.Size != 0 || h.NewestDay != day.Never || h.Hash.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("head of nothing: %+v", h)
	}
	if _, err := s.Get(0); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("entry 0 of nothing: %v, want ErrNotFound", err)
	}
	if r, err := s.Verify(); err != nil || r.Entries != 0 {
		t.Errorf("verify of nothing: %+v, %v", r, err)
	}
}

func sameBytes(t *testing.T, s Store) {
	Fill(t, s, 0, 130, 7)
	before := s.Head()
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	if after := s.Head(); after != before {
		t.Errorf("head after opening again %+v, before %+v", after, before)
	}
	last := journal.HLC{}
	next := int64(0)
	err := s.Entries(0, 0, func(e journal.Entry, raw []byte) error {
		want := Made(int(next))
		want.Site, want.Seq, want.HLC, want.At = e.Site, next, e.HLC, e.At
		b, err := want.Encode()
		if err != nil || !bytes.Equal(b, raw) {
			t.Errorf("entry %d is %s, want %s, %v", next, raw, b, err)
		}
		if e.HLC.Compare(last) <= 0 {
			t.Errorf("entry %d: clock %v after %v", next, e.HLC, last)
		}
		last = e.HLC
		next++
		return nil
	})
	if err != nil || next != 130 || s.Head().LastHLC != last {
		t.Errorf("%d entries, %v; last clock %v, head says %v", next, err, last, s.Head().LastHLC)
	}
	if r, err := s.Verify(); err != nil || r.Entries != 130 || r.Hash != before.Hash {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

// publicRoots lets the public tool's own code make the tree from the bytes, at
// every size, and compares.
func publicRoots(t *testing.T, s Store) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n := range 70 {
		Fill(t, s, n, n+1, 1)
		err := s.Entries(int64(n), 1, func(e journal.Entry, raw []byte) error {
			more, err := tlog.StoredHashes(e.Seq, raw, reader)
			stored = append(stored, more...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		root, err := tlog.TreeHash(int64(n+1), reader)
		if err != nil || root != s.Head().Hash {
			t.Fatalf("%d entries: head %v, the public tool says %v, %v", n+1, s.Head().Hash, root, err)
		}
	}
}

func failedGroup(t *testing.T, s Store) {
	Fill(t, s, 0, 20, 20)
	before := s.Head()
	bad := Made(22)
	bad.Fact = json.RawMessage(`{"amount_ml":8.5}`)
	if err := s.Append([]journal.Entry{Made(20), Made(21), bad}, Day, Now+100_000); !errors.Is(err, journal.ErrEntry) {
		t.Errorf("a fraction in a fact: %v, want ErrEntry", err)
	}
	if after := s.Head(); after != before {
		t.Errorf("a failed group moved the head from %+v to %+v", before, after)
	}
	if _, err := s.Get(20); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a failed group left an entry: %v", err)
	}
	Fill(t, s, 20, 40, 3)
	if r, err := s.Verify(); err != nil || r.Entries != 40 {
		t.Errorf("verify: %+v, %v", r, err)
	}
}

func clockSetBack(t *testing.T, s Store) {
	Fill(t, s, 0, 3, 1)
	for _, now := range []day.Instant{Now + 365*86_400_000, Now + 5000, Now + 5000, Now + 6000} {
		if err := s.Append([]journal.Entry{Made(3)}, Day, now); err != nil {
			t.Fatal(err)
		}
		e, err := s.Get(s.Head().Size - 1)
		if err != nil || e.When() != now {
			t.Errorf("entry says %d, %v; the clock said %d", e.When(), err, now)
		}
	}
	if _, err := s.Verify(); err != nil { // finds a clock that does not grow
		t.Error(err)
	}
}

func readingAPart(t *testing.T, s Store) {
	Fill(t, s, 0, 50, 50)
	var got []int64
	err := s.Entries(47, 2, func(e journal.Entry, _ []byte) error {
		got = append(got, e.Seq)
		return nil
	})
	if err != nil || len(got) != 2 || got[0] != 47 || got[1] != 48 {
		t.Errorf("entries from 47, at most 2: %v, %v", got, err)
	}
	e, err := s.Get(49)
	if err != nil || e.Seq != 49 {
		t.Errorf("entry 49: %+v, %v", e, err)
	}
	if _, err := s.Get(50); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("entry 50: %v, want ErrNotFound", err)
	}
	mine := errors.New("mine")
	if err := s.Entries(0, 0, func(journal.Entry, []byte) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("the caller's own error came back as %v", err)
	}
}
