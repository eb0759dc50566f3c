package journal_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tram/internal/journal"
	"tram/internal/journal/journaltest"
)

// TestPeek: a peek reads what the strict reader reads.
func TestPeek(t *testing.T) {
	for n := range 200 {
		e := journaltest.Made(n)
		e.Site, e.Seq, e.HLC, e.Under = "TT", int64(n), journal.HLC{Ms: int64(journaltest.Now), Count: int64(n % 3)}, "d\"1"
		if n%2 == 0 {
			e.At, e.Form, e.Rules = journaltest.Now, "", 0
			e.Fact = json.RawMessage(`{"a":[{"b":"}],"},[]],"c":"\\\"","patient":"x"}`)
		}
		raw, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		want, err := journal.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := journal.Peek(raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	}
}

// FuzzPeek: no bytes make the reader fall over, and whatever the strict reader
// accepts is read alike.
func FuzzPeek(f *testing.F) {
	f.Add([]byte(`{"by":"p","day":"2026-11-23","fact":{},"hlc":"1.0","kind":"k","seq":0,"site":"TT","v":1}`))
	f.Add([]byte(`{"by":"\`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := journal.Peek(raw)
		want, strict := journal.Decode(raw)
		if strict != nil {
			return
		}
		if err != nil {
			t.Fatalf("%v", err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

func BenchmarkPeek(b *testing.B) {
	e := journaltest.Made(1)
	e.Site, e.HLC = "TT", journal.HLC{Ms: 1}
	raw, err := e.Encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := journal.Peek(raw); err != nil {
			b.Fatal(err)
		}
	}
}
