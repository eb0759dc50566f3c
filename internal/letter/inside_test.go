package letter

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// TestBase45 holds the examples of RFC 9285, section 4.3 and 4.4.
func TestBase45(t *testing.T) {
	for raw, text := range map[string]string{"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581", "ietf!": "QED8WEX0", "": ""} {
		if got := base45([]byte(raw)); got != text {
			t.Errorf("%q: got %q, want %q", raw, got, text)
		}
		if got, ok := unbase45(text); !ok || string(got) != raw {
			t.Errorf("%q: got %q, %v, want %q", text, got, ok, raw)
		}
	}
	for _, bad := range []string{"GGW", ":::", "BB8A", "::", "A", "ab8", "BB8\n"} { // GGW is 65,536
		if got, ok := unbase45(bad); ok {
			t.Errorf("%q was read as %x", bad, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOf(rapid.Byte()).Draw(t, "raw")
		got, ok := unbase45(base45(raw))
		if !ok || !bytes.Equal(got, raw) {
			t.Fatalf("got %x, %v, want %x", got, ok, raw)
		}
		text := rapid.StringMatching(`[0-9A-Z $%*+./:-]{0,12}`).Draw(t, "text")
		if got, ok := unbase45(text); ok && base45(got) != text {
			t.Fatalf("%q and %q are both read as %x", text, base45(got), got)
		}
	})
}

// aDraft is any letter that a site can write: ids of ten bytes and others,
// names in every script, all reasons, days before and after each other.
func aDraft(t *rapid.T) Draft {
	n := func(what string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, what) }
	ident := func(what string, least int) string {
		if rapid.Bool().Draw(t, what+" of ten bytes") {
			return id.Encode(rapid.SliceOfN(rapid.Byte(), idBytes, idBytes).Draw(t, what))
		}
		return rapid.StringMatching(`[a-z0-9-]{0,30}`).Draw(t, what) + strings.Repeat("x", least)
	}
	site := func(what string) id.Site {
		return id.Site(rapid.StringMatching(`[A-Z][A-Z0-9]{0,11}`).Draw(t, what))
	}
	var d Draft
	l := &d.Letter
	l.ID, l.Patient, l.Order, d.Clinician = id.Letter(ident("letter", 1)), id.Patient(ident("patient", 1)), id.Order(ident("order", 0)), id.Person(ident("clinician", 0))
	l.From, l.To = site("from"), site("to")
	if l.From == l.To {
		t.Skip("to itself")
	}
	l.Number, l.Seq = int(n("number", 1<<20))+1, n("seq", 1<<40)
	d.Head = [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "head"))
	l.First = day.Day(n("first", 60_000)) + 1
	d.Issued = day.Day(n("issued", 60_000)) + 1
	if days := n("days", 400); days > 0 {
		l.Last = l.First + day.Day(days) - 1
	}
	l.Why = rapid.SampledFrom(whys).Draw(t, "why")
	l.Amount, l.LastAmount = unit.Microgram(n("amount", 500_000)), unit.Microgram(n("last amount", 1_000)*500)
	l.OrderLast, l.LastDay = day.Day(n("order last", 60_000)), day.Day(n("last day", 60_000))
	l.LastAt = day.Instant(n("last at", 1<<42))
	l.Missed, l.TakeHome = int(n("missed", 400)), int(n("take home", 30))
	l.Code = rapid.OneOf(rapid.Just(codeOf(l.From, n("code", 20_000))), rapid.Just(codeOf(l.To, 7)), rapid.StringMatching(`[A-Z0-9-]{0,30}`)).Draw(t, "code")
	l.Name = rapid.OneOf(rapid.SampledFrom([]string{"", "Nguyễn Thị Phương Thảo", "Vừ A Dính", "H'Hen Niê", "Y-Moan", "nguyễn", "NGUYEN", "Lò Văn  Ơn", "ǆ", "ß"}), rapid.StringN(0, 30, 120)).Draw(t, "name")
	l.Birth = rapid.SampledFrom([]day.Partial{{}, {Year: 1985}, {Year: 1800, Month: 12}, {Year: 2200, Month: 2, Dom: 28}}).Draw(t, "birth")
	l.Sex = rapid.SampledFrom([]string{"", "f", "m", "o"}).Draw(t, "sex")
	l.Language = rapid.SampledFrom([]string{"", "vi", "en", "sw"}).Draw(t, "language")
	l.Note = rapid.StringN(0, 30, noteMax).Draw(t, "note")
	l.Carried = Fit(l.Carried)
	return d
}

// TestEncodingIsOne: what is written is read as it was, and whatever else is
// read is written as the very bytes it was read from.
func TestEncodingIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := aDraft(t)
		b, err := encode(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(b); err != nil || got != d {
			t.Fatalf("got %+v, %v, want %+v", got, err, d)
		}
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		bad := bytes.Clone(b)
		bad[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if got, err := decode(bad); err == nil {
			if again, err := encode(got); err != nil || !bytes.Equal(again, bad) || got == d {
				t.Fatalf("%x is read as %+v, which is written as %x", bad, got, again)
			}
		}
		for _, wrong := range [][]byte{b[:at], append(bytes.Clone(b), 0), append(bytes.Clone(b), b...)} {
			if got, err := decode(wrong); err == nil {
				t.Fatalf("cut or joined, read as %+v", got)
			}
		}
	})
}

// TestPackIsOne is the same for the short form, which tells less.
func TestPackIsOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := aDraft(t)
		b, err := pack(d)
		if err != nil {
			t.Fatal(err)
		}
		want := d
		want.Head, want.Clinician, want.Letter.Note = [32]byte{}, "", ""
		if want.Letter.LastAt != 0 {
			late := int64(want.Letter.LastAt) % quarter
			want.Letter.LastAt += day.Instant((quarter - late) % quarter)
		}
		got, err := unpack(b, d.Letter.From, d.Letter.To)
		if err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
		bad := bytes.Clone(b)
		bad[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if got, err := unpack(bad, d.Letter.From, d.Letter.To); err == nil {
			if again, err := pack(got); err != nil || !bytes.Equal(again, bad) {
				t.Fatalf("%x is read as %+v, which is written as %x", bad, got, again)
			}
		}
		if got, err := unpack(append(bytes.Clone(b), 0), d.Letter.From, d.Letter.To); err == nil {
			t.Fatalf("with a byte too many, read as %+v", got)
		}
	})
}

// TestNoLetter: what no site writes is not written either.
func TestNoLetter(t *testing.T) {
	ok := Draft{Letter: transfer.Letter{ID: "l", Patient: "p", From: "MC", To: "TG", Number: 1, First: 20_780, Last: 20_780, Why: transfer.Visit}, Issued: 20_780}
	if _, err := encode(ok); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Draft){
		"no reason":           func(d *Draft) { d.Letter.Why = "because" },
		"last before first":   func(d *Draft) { d.Letter.Last-- },
		"no first day":        func(d *Draft) { d.Letter.First = 0 },
		"to itself":           func(d *Draft) { d.Letter.To = d.Letter.From },
		"of nobody":           func(d *Draft) { d.Letter.Patient = "" },
		"a site in small":     func(d *Draft) { d.Letter.From = "mc" },
		"after the year 9999": func(d *Draft) { d.Letter.OrderLast = 1 << 30 },
		"no number":           func(d *Draft) { d.Letter.Number = 0 },
		"a negative place":    func(d *Draft) { d.Letter.Seq = -1 },
		"not issued":          func(d *Draft) { d.Issued = 0 },
		"a negative amount":   func(d *Draft) { d.Letter.Amount = -1 },
		"an endless id":       func(d *Draft) { d.Letter.Patient = id.Patient(strings.Repeat("x", 300)) },
		"a broken code":       func(d *Draft) { d.Letter.Code = "\xff" },
	} {
		d := ok
		change(&d)
		if b, err := encode(d); err == nil {
			t.Errorf("%s: written as %x", what, b)
		}
		if b, err := pack(d); err == nil {
			t.Errorf("%s: packed as %x", what, b)
		}
	}
}

// TestCheckCharacter: the weights of a line's places and of its number are all
// different and none is nothing or one, so that the sum finds what it promises.
func TestCheckCharacter(t *testing.T) {
	seen := map[byte]int{0: -1, 1: -1}
	weight := byte(1)
	for i := range lineWeight {
		weight = times2(weight)
		if at, ok := seen[weight]; ok {
			t.Fatalf("place %d weighs %d, as place %d does", i, weight, at)
		}
		seen[weight] = i
	}
	if lineData >= lineWeight {
		t.Fatal("a line's number weighs as much as one of its characters")
	}
}
