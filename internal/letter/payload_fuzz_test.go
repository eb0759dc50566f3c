package letter

import (
	"bytes"
	"testing"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
)

// insider is a letter as one with all keys could write it, and the reader must
// still be its own judge.
func insider() Draft {
	return Draft{
		Letter: transfer.Letter{
			ID: id.Letter(id.Encode(bytes.Repeat([]byte{1}, idBytes))), Patient: "p-17", From: "MC", Number: 1, Seq: 300, To: "TG", First: 20_780, Last: 20_786, Why: transfer.Visit,
			Carried: transfer.Carried{
				LastDay: 20_779, LastAmount: 84_750, LastAt: 1_795_311_480_000, Amount: 85_000, Order: "o-3", OrderLast: 20_793,
				Code: "MC-0042-6", Name: "Lò Văn Ơn", Birth: day.Partial{Year: 1985, Month: 3}, Sex: "m", Language: "vi", Note: "Nói chậm.",
			},
		},
		Head: [32]byte{9}, Issued: 20_779, Clinician: "c-1",
	}
}

// FuzzPayload gives anything to what is behind the seals: a giver's program may
// be broken, or somebody may have all of its keys. Whatever is read keeps the
// bounds of this package and is written as the very bytes it was read from.
func FuzzPayload(f *testing.F) {
	d := insider()
	long, err := encode(d)
	if err != nil {
		f.Fatal(err)
	}
	short, err := pack(d)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{long, short, nil, long[:40], short[:20], bytes.Repeat([]byte{0xff}, 120), make([]byte, 120)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if d, err := decode(in); err == nil {
			bounded(t, d)
			if again, err := encode(d); err != nil || !bytes.Equal(again, in) {
				t.Fatalf("%x is read as %+v and written as %x, %v", in, d, again, err)
			}
		}
		if d, err := unpack(in, "MC", "TG"); err == nil {
			bounded(t, d)
			if again, err := pack(d); err != nil || !bytes.Equal(again, in) {
				t.Fatalf("%x is read as %+v and written as %x, %v", in, d, again, err)
			}
		}
	})
}

// bounded holds what every room above may count on.
func bounded(t *testing.T, d Draft) {
	t.Helper()
	l := d.Letter
	switch {
	case l.ID == "" || l.Patient == "" || !siteCode(string(l.From)) || !siteCode(string(l.To)) || l.From == l.To:
		t.Fatalf("ids or sites: %+v", d)
	case l.Number < 1 || l.Seq < 0 || l.Missed < 0 || l.TakeHome < 0 || l.Amount < 0 || l.LastAmount < 0 || l.LastAt < 0:
		t.Fatalf("a number below what it can be: %+v", d)
	case d.Issued <= 0 || l.First <= 0 || l.Last < 0 || l.Last != day.Never && l.Last < l.First || max(d.Issued, l.First, l.Last, l.OrderLast, l.LastDay) > dayMax:
		t.Fatalf("days: %+v", d)
	case l.OrderLast < 0 || l.LastDay < 0:
		t.Fatalf("days before the first there is: %+v", d)
	}
	switch l.Why {
	case transfer.ForGood, transfer.Visit, transfer.Back, transfer.Storm:
	default:
		t.Fatalf("reason %q", l.Why)
	}
	for _, s := range []string{l.Code, l.Name, l.Sex, l.Language, l.Note} {
		for _, r := range s {
			if hidden(r) {
				t.Fatalf("a hidden character in %q", s)
			}
		}
	}
}
