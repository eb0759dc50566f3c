package baton_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"

	"tram/internal/baton"
	"tram/internal/baton/faultstick"
)

// counting gives 0, 1, 2, … as its random bytes.
type counting struct{ n byte }

func (c *counting) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = c.n
		c.n++
	}
	return len(p), nil
}

// TestSpec holds the code against the bytes of docs/spec/baton.md: they are
// written so, and what is written there is read.
func TestSpec(t *testing.T) {
	doc, err := os.ReadFile("../../docs/spec/baton.md")
	if err != nil {
		t.Fatal(err)
	}
	doc = bytes.ReplaceAll(doc, []byte("\r\n"), []byte("\n"))
	blocks := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		blocks[m[1]] = m[2]
	}
	c := baton.Config{Key: [32]byte(bytes.Repeat([]byte{9}, 32)), Rand: &counting{}, Site: "TT"}
	s := faultstick.New()
	c.FS = s
	b, err := baton.Make(c, header())
	if err != nil {
		t.Fatal(err)
	}
	entry := []byte(strings.TrimSpace(blocks["entry"]))
	if err := b.Append(baton.Addition{Number: 2, Entries: [][]byte{entry}, Checkpoint: "c"}); err != nil {
		t.Fatal(err)
	}
	if got := string(s.Bytes(baton.HeaderName)); got != blocks["header"] {
		t.Errorf("the header is written as\n%s", got)
	}
	segment := s.Bytes("00000001.seg")
	if got, want := wrapped(segment), blocks["segment"]; got != want {
		t.Errorf("the segment is written as\n%s", got)
	}
	// And read from the document's bytes alone.
	want, err := hex.DecodeString(strings.Join(strings.Fields(blocks["segment"]), ""))
	if err != nil {
		t.Fatal(err)
	}
	from := faultstick.New()
	if err := from.Make(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{baton.HeaderName: []byte(blocks["header"]), "00000001.seg": want} {
		f, err := from.Open(name, true)
		if err == nil {
			_, err = f.WriteAt(data, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c.FS = from
	read, err := baton.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	if h := read.Head(); h.Size != 1 || h.Number != 2 || h.Checkpoint != "c" || h.LastDay.String() != "2026-11-23" {
		t.Errorf("head %+v", h)
	}
}

func wrapped(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		n := min(48, len(b))
		out.WriteString(hex.EncodeToString(b[:n]) + "\n")
		b = b[n:]
	}
	return out.String()
}
