package journal_test

import (
	"bytes"
	"errors"
	"testing"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/journal"
	"tram/internal/journal/journaltest"
	"tram/internal/sqlitefile"
)

// grown is a journal of n entries in a file.
func grown(t *testing.T, n int) (*sqlitefile.File, journal.Keys) {
	t.Helper()
	f := filled(t, n)
	k, err := journaltest.Keys()
	if err != nil {
		t.Fatal(err)
	}
	return f.DB, k
}

func read(t *testing.T, f *sqlitefile.File, fn func(c *sqlitefile.Conn) error) {
	t.Helper()
	if err := f.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestSegments: a journal carried over in segments of any size is the same
// tree, at every step through the edge's bytes, and proves its entries there.
func TestSegments(t *testing.T) {
	const n = 300
	f, k := grown(t, n)
	for i, most := range []int{1, 7, 16, 100, 1000} {
		keys := k
		if i%2 == 1 {
			keys.Signer = nil // whoever passes a journal on
		}
		var edge journal.Edge
		blocks := map[int64]tlog.Hash{}
		var raws [][]byte
		var cp journal.Checkpoint
		for {
			var s journal.Segment
			read(t, f, func(c *sqlitefile.Conn) (err error) {
				s, err = journal.Outgoing(c, journaltest.Site, keys, edge.Size(), most, 4000)
				return err
			})
			if len(s.Entries) == 0 {
				break
			}
			var err error
			edge, cp, err = s.Extend(edge, k.Verifier, func(i int64, h tlog.Hash) { blocks[i] = h })
			if err != nil {
				t.Fatal(err)
			}
			raws = append(raws, s.Entries...)
			if edge, err = journal.ReadEdge(edge.Size(), edge.Bytes()); err != nil {
				t.Fatal(err)
			}
			read(t, f, func(c *sqlitefile.Conn) error {
				root, err := journal.RootAt(c, journaltest.Site, edge.Size())
				if root != edge.Root() {
					t.Fatalf("%d a segment: another root at %d", most, edge.Size())
				}
				return err
			})
		}
		if edge.Size() != n || cp.Size != n || edge.Root() != cp.Hash {
			t.Fatalf("%d a segment: %d entries", most, edge.Size())
		}
		h := journal.Hashes{
			Leaves: func(from, count int64) (out []tlog.Hash, _ error) {
				for _, r := range raws[from : from+count] {
					out = append(out, tlog.RecordHash(r))
				}
				return out, nil
			},
			Blocks: func(idx []int64) (out []tlog.Hash, _ error) {
				for _, i := range idx {
					out = append(out, blocks[i])
				}
				return out, nil
			},
		}
		for _, seq := range []int64{0, 1, 15, 16, 255, 256, n - 1} {
			text, err := journal.ProveEntry(h, cp.Note, cp.Size, seq, raws[seq])
			if err != nil {
				t.Fatal(err)
			}
			e, _, err := journal.ReadReceipt(text, k.Verifier)
			if err != nil || e.Seq != seq {
				t.Fatalf("proof of %d: %v, %v", seq, e.Seq, err)
			}
		}
	}
}

// TestSegmentsRefused: whatever is not what the signer has there is broken.
func TestSegmentsRefused(t *testing.T) {
	f, k := grown(t, 40)
	segment := func() (s journal.Segment) {
		read(t, f, func(c *sqlitefile.Conn) (err error) {
			s, err = journal.Outgoing(c, journaltest.Site, journal.Keys{Verifier: k.Verifier}, 0, 10, 1<<20)
			return err
		})
		return s
	}
	for name, spoil := range map[string]func(s *journal.Segment){
		"changed":   func(s *journal.Segment) { s.Entries[3] = bytes.Replace(s.Entries[3], []byte("1"), []byte("2"), 1) },
		"removed":   func(s *journal.Segment) { s.Entries = append(s.Entries[:2:2], s.Entries[3:]...) },
		"reordered": func(s *journal.Segment) { s.Entries[1], s.Entries[2] = s.Entries[2], s.Entries[1] },
		"cut":       func(s *journal.Segment) { s.Entries = s.Entries[:9] },
		"no proof":  func(s *journal.Segment) { s.Growth = nil },
		"signature": func(s *journal.Segment) { s.Checkpoint = bytes.Replace(s.Checkpoint, []byte("40"), []byte("41"), 1) },
	} {
		s := segment()
		spoil(&s)
		if _, _, err := s.Extend(journal.Edge{}, k.Verifier, func(int64, tlog.Hash) {}); !errors.Is(err, journal.ErrBroken) {
			t.Errorf("%s: got %v, want ErrBroken", name, err)
		}
	}
	s := segment()
	s.From = 5
	if _, _, err := s.Extend(journal.Edge{}, k.Verifier, func(int64, tlog.Hash) {}); err == nil || errors.Is(err, journal.ErrBroken) {
		t.Errorf("a gap: got %v, want an error that is no break", err)
	}
}

// TestCosign: a receipt is what other people's programs call a cosignature.
func TestCosign(t *testing.T) {
	f, k := grown(t, 5)
	c := journal.NewCosigner("hub.dbv/receipts", [32]byte{7})
	var s journal.Segment
	read(t, f, func(conn *sqlitefile.Conn) (err error) {
		s, err = journal.Outgoing(conn, journaltest.Site, k, 0, 10, 1<<20)
		return err
	})
	edge, _, err := s.Extend(journal.Edge{}, k.Verifier, func(int64, tlog.Hash) {})
	if err != nil {
		t.Fatal(err)
	}
	v, err := journal.NewCosignVerifier(c.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := formats.NewVerifierForCosignatureV1(c.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	for name, signed := range map[string][]byte{"with the site's signature": s.Checkpoint, "alone": nil} {
		r, err := c.Cosign(k.Verifier.Name(), 5, edge.Root(), signed, k.Verifier, 1_700_000_000_999)
		if err != nil {
			t.Fatal(err)
		}
		cp, at, err := journal.ReadCosigned(r, k.Verifier.Name(), v)
		if err != nil || cp.Size != 5 || cp.Hash != edge.Root() || at != 1_700_000_000_000 {
			t.Errorf("%s: %+v at %d, %v", name, cp, at, err)
		}
		if n, err := note.Open(r, note.VerifierList(theirs)); err != nil || len(n.Sigs) != 1 {
			t.Errorf("%s: the other implementation says %v", name, err)
		}
		if signed != nil {
			if _, err := journal.ReadCheckpoint(r, k.Verifier); err != nil {
				t.Errorf("%s: it is no checkpoint of the site any more: %v", name, err)
			}
		}
		for i := range r {
			bad := bytes.Clone(r)
			bad[i] ^= 1
			got, _, err := journal.ReadCosigned(bad, k.Verifier.Name(), v)
			if err == nil && (got.Size != 5 || got.Hash != edge.Root()) {
				t.Fatalf("%s: byte %d changed and a receipt over %d entries", name, i, got.Size)
			}
		}
	}
	if _, _, err := journal.ReadCosigned(s.Checkpoint, k.Verifier.Name(), v); err == nil {
		t.Error("a checkpoint that the hub did not sign is a receipt")
	}
	if _, err := c.Cosign(k.Verifier.Name(), 4, edge.Root(), s.Checkpoint, k.Verifier, 0); err == nil {
		t.Error("a checkpoint of another size was signed")
	}
}
