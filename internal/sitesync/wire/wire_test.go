package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tram/internal/day"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/id"
	"tram/internal/sitesync/wire"
)

// segment is what testdata/golden.txt was made from, and must stay so.
func segment() []byte {
	s := hubdbtest.New("TG")
	var people []id.Patient
	var orders []string
	for _, name := range []string{"Người Thử 0", "Người Thử 1"} {
		people = append(people, s.Register(hubdbtest.Start, name, ""))
		orders = append(orders, s.ID())
	}
	for d := range day.Day(3) {
		for i, p := range people {
			s.Dose(hubdbtest.Start+d, p, orders[i])
		}
	}
	return wire.Pack(s.Segment(0, len(s.Entries)))
}

// TestSegment: a segment comes back as it went.
func TestSegment(t *testing.T) {
	s := hubdbtest.New("TG")
	s.Fill(20, 10)
	for _, want := range s.Segments(0, 100) {
		got, err := wire.Unpack(wire.Pack(want))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	}
}

// TestOldMessagesAreRead: what an older program sent is read for ever, its
// dictionary included.
func TestOldMessagesAreRead(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	want, err := wire.Unpack(segment())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(text)) {
		msg, err := hex.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.Unpack(msg)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	}
}

// TestSmallMessages: a single dose fits into a few hundred bytes, signature
// and all; the line is slow and paid for.
func TestSmallMessages(t *testing.T) {
	s := hubdbtest.New("TG")
	p := s.Fill(1, 50)
	s.Dose(hubdbtest.Start+50, p[0], "o")
	n := len(s.Entries)
	one := len(wire.Pack(s.Segment(n-2, n)))
	many := len(wire.Pack(s.Segment(n-100, n))) / 50
	if one > 450 || many > 120 {
		t.Fatalf("one dose alone: %d bytes; of fifty: %d bytes each", one, many)
	}
	t.Logf("one dose alone: %d bytes; of fifty: %d bytes each", one, many)
}

// TestUnknownFields: a newer side says more; what is known is read.
func TestUnknownFields(t *testing.T) {
	msg := wire.Marshal(map[string]any{"op": "hello", "size": 7, "mood": "good"})
	var q wire.Question
	if err := wire.Unmarshal(msg, &q); err != nil || q != (wire.Question{Op: "hello", Size: 7}) {
		t.Fatalf("%+v, %v", q, err)
	}
}

// TestNoMessage: bytes that are none are said to be none.
func TestNoMessage(t *testing.T) {
	good := segment()
	for name, msg := range map[string][]byte{
		"nothing": nil, "half": good[:len(good)/2], "a web page": []byte("<html>log in</html>"), "too long": bytes.Repeat([]byte{1}, wire.MessageMax+1),
		"more behind it": append(bytes.Clone(good), 1), "another version": append([]byte("TS9"), good[3:]...), "a question": wire.Marshal(wire.Question{Op: "hello"}),
	} {
		if _, err := wire.Unpack(msg); !errors.Is(err, wire.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzUnpack: no bytes make the reader fall over or grow without bound.
func FuzzUnpack(f *testing.F) {
	f.Add(segment())
	f.Add([]byte("TS1"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		s, err := wire.Unpack(msg)
		if err == nil && (len(s.Entries) > wire.EntriesMax || s.From < 0) {
			t.Fatalf("%d entries from %d", len(s.Entries), s.From)
		}
	})
}
