package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
)

// lying are entries of every shape: all members, only those that must be
// there, a clock that was behind, text that JSON escapes.
func lying() []Entry {
	return []Entry{
		{Site: "TT", Seq: 7, HLC: HLC{1795392000123, 4}, At: 1795392000000, Day: 20780, By: "p1", Under: "q4", Kind: "dose.poured", Form: "9k3m", Rules: 300, Fact: json.RawMessage(`{"a":{"b":[1,-2]},"n":"Thử \"một\" \\"}`)},
		{Site: "TT", Day: 1, By: "x", Kind: "k", Fact: json.RawMessage(`{}`)},
		{Site: "T12", Seq: WholeMax, HLC: HLC{WholeMax, countMax}, Day: 2, By: id.Person("\x01\n\u2028ừ"), Kind: "\x01k", Fact: json.RawMessage(`{"z":null}`)},
	}
}

// TestLiesAndComesBack: an entry lies packed and comes back with the bytes that
// were hashed; so does one that lies as those bytes, as older programs put it.
func TestLiesAndComesBack(t *testing.T) {
	for _, e := range lying() {
		raw, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, lies := range [][]byte{pack(e, e.Fact), raw} {
			back, again, err := unpack(e.Site, e.Seq, lies)
			if err != nil || !bytes.Equal(again, raw) {
				t.Fatalf("%q came back as %q, %v", raw, again, err)
			}
			if !bytes.Equal(back.Fact, e.Fact) || back.By != e.By || back.HLC != e.HLC || back.Day != e.Day || back.At != e.At || back.Rules != e.Rules || back.Form != e.Form || back.Under != e.Under || back.Kind != e.Kind {
				t.Errorf("%+v came back as %+v", e, back)
			}
		}
	}
}

// TestLiesInOneForm: cut short, longer, in another place, or with a fact that
// is not canonical, it is refused; a number has one way to be written.
func TestLiesInOneForm(t *testing.T) {
	e := lying()[0]
	lies := pack(e, e.Fact)
	for n := range len(lies) {
		if _, _, err := unpack(e.Site, e.Seq, lies[:n]); !errors.Is(err, ErrEntry) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	for name, b := range map[string][]byte{
		"something behind":   append(bytes.Clone(lies), ' '),
		"a blank in a fact":  pack(e, []byte(`{ }`)),
		"no object":          pack(e, []byte(`[]`)),
		"members turned":     pack(e, []byte(`{"b":1,"a":2}`)),
		"an unknown form":    append([]byte{2}, lies[1:]...),
		"a long way to zero": append([]byte{packedMark, 0x80, 0x00}, pack(lying()[1], []byte(`{}`))[2:]...),
	} {
		if _, _, err := unpack(e.Site, e.Seq, b); !errors.Is(err, ErrEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
	raw, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := unpack(e.Site, e.Seq+1, raw); !errors.Is(err, ErrEntry) {
		t.Errorf("as canonical bytes under another number: %v", err)
	}
}

// FuzzLies: whatever lies in the table, reading it answers an entry whose
// packed or canonical form is exactly that, or ErrEntry.
func FuzzLies(f *testing.F) {
	for _, e := range lying() {
		f.Add(pack(e, e.Fact))
	}
	f.Fuzz(func(t *testing.T, lies []byte) {
		e, raw, err := unpack("TT", 7, lies)
		if err != nil {
			if !errors.Is(err, ErrEntry) {
				t.Fatal(err)
			}
			return
		}
		again, err := decode(raw)
		if err != nil || again.Day != e.Day || again.HLC != e.HLC {
			t.Fatalf("%q: %v", raw, err)
		}
		if !bytes.Equal(lies, raw) && !bytes.Equal(lies, pack(e, e.Fact)) {
			t.Fatalf("%x lies in another form of %q", lies, raw)
		}
	})
}

// BenchmarkRead compares reading an entry as it lies with reading its JSON, and
// says how long each is.
func BenchmarkRead(b *testing.B) {
	e := Entry{
		Site: "TT", Seq: 70_000, HLC: HLC{1795392000123, 0}, Day: day.Day(20780), By: "zw0aqkffm3n5p7r9", Kind: "dose.poured", Form: "9k3mzw0aqkffm3n5", Rules: 3,
		Fact: json.RawMessage(`{"amount_ug":85000,"day":"2026-11-23","dose":"zw0aqkffm3n5p7r1","draws":[{"bottle":"zw0aqkffm3n5p7r2","volume_ul":8500}],"order":"zw0aqkffm3n5p7r3","patient":"zw0aqkffm3n5p7r4","station":"window 1","volume_ul":8500}`),
	}
	raw, err := e.Encode()
	if err != nil {
		b.Fatal(err)
	}
	for name, lies := range map[string][]byte{"packed": pack(e, e.Fact), "json": raw} {
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(float64(len(lies)), "B/entry")
			for b.Loop() {
				if _, _, err := unpack(e.Site, e.Seq, lies); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
