package journal_test

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// spec reads the fenced examples of the document, by their names.
func spec(t *testing.T) map[string]string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/spec/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	doc = bytes.ReplaceAll(doc, []byte("\r\n"), []byte("\n"))
	blocks := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		blocks[m[1]] = m[2]
	}
	for _, name := range []string{"entries", "refused", "leaves", "packed", "verifier", "checkpoint", "receipt"} {
		if blocks[name] == "" {
			t.Fatalf("the document has no example %q", name)
		}
	}
	return blocks
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

// lie puts entries into a journal and answers how they lie there.
func lie(t *testing.T, entries []string) (hexed []string) {
	t.Helper()
	f, k := open(t)
	err := f.Write(func(c *sqlitefile.Conn) error {
		l, err := journal.Open(c, "TT", k)
		if err != nil {
			return err
		}
		for _, line := range entries {
			if _, err := l.Adopt(c, []byte(line)); err != nil {
				return err
			}
		}
		if err := l.Seal(c, 20780); err != nil {
			return err
		}
		return c.Query(`SELECT hex(entry) FROM journal ORDER BY seq`, nil, func(r *sqlitefile.Row) error {
			hexed = append(hexed, strings.ToLower(r.Text(0)))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return hexed
}

// TestSpec holds the code against the document's own bytes.
func TestSpec(t *testing.T) {
	x := spec(t)
	v, err := note.NewVerifier(strings.TrimSpace(x["verifier"]))
	if err != nil {
		t.Fatal(err)
	}
	var leaves []tlog.Hash
	last := journal.HLC{}
	for i, line := range lines(x["entries"]) {
		e, err := journal.Decode([]byte(line))
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		back, err := e.Encode()
		if err != nil || string(back) != line {
			t.Errorf("entry %d is written again as %s, %v", i, back, err)
		}
		if e.Seq != int64(i) || e.HLC.Compare(last) <= 0 {
			t.Errorf("entry %d bears number %d and clock %v after %v", i, e.Seq, e.HLC, last)
		}
		last = e.HLC
		leaves = append(leaves, tlog.RecordHash([]byte(line)))
		if want := lines(x["leaves"])[i]; leaves[i].String() != want {
			t.Errorf("hash of entry %d is %v, the document says %s", i, leaves[i], want)
		}
	}
	packed, want := lie(t, lines(x["entries"])), lines(x["packed"])
	if !slices.Equal(packed, want) {
		t.Errorf("the entries lie as %q, the document says %q", packed, want)
	}
	cp, err := journal.ReadCheckpoint([]byte(x["checkpoint"]), v)
	root := tlog.NodeHash(tlog.NodeHash(leaves[0], leaves[1]), leaves[2])
	if err != nil || cp.Size != 3 || cp.Hash != root {
		t.Errorf("checkpoint of %d with %v, %v; the entries give %v", cp.Size, cp.Hash, err, root)
	}
	e, covered, err := journal.ReadReceipt([]byte(x["receipt"]), v)
	if err != nil || e.Kind != "dose.poured" || e.Seq != 1 || covered.Hash != root {
		t.Errorf("receipt for %s, entry %d, %v", e.Kind, e.Seq, err)
	}
	for _, line := range lines(x["refused"]) {
		if _, err := journal.Decode([]byte(line)); err == nil {
			t.Errorf("this was taken: %s", line)
		}
	}
	if n := len(lines(x["refused"])); n != 10 {
		t.Errorf("%d refused examples, the text names 10", n)
	}
}
