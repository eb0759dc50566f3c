package letter_test

import (
	"bytes"
	"errors"
	"testing"

	"tram/internal/care/programme"
	"tram/internal/letter"
)

// TestReopen: a giver reads its own letter again from its record and prints the
// same short form; nobody else does, and the other site reads it as ever.
func TestReopen(t *testing.T) {
	w := newWorld(t)
	d := w.draft()
	gave := letter.Gave{Letter: d.Letter.ID, To: "TG", Number: d.Letter.Number, Seq: d.Letter.Seq}
	k := letter.Signers{Programme: "DBV", Site: w.mc.Journal.Signer, Clinician: w.key}
	raw, err := letter.Seal(d, w.site("TG"), k, letter.Chance(w.giver(), gave))
	if err != nil {
		t.Fatal(err)
	}
	again, err := letter.Seal(d, w.site("TG"), k, letter.Chance(w.giver(), gave))
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("sealed twice, two letters: %v", err)
	}
	got, err := letter.Reopen(raw, w.giver(), w.site("TG"), gave)
	if err != nil || got != d {
		t.Fatalf("got %+v, %v, want %+v", got, err, d)
	}
	if s := w.short(t, got); s != w.short(t, d) {
		t.Errorf("another short form: %s", s)
	}
	if r, err := letter.Open(raw, w.me(), w.dir, today); err != nil || r.Draft != d {
		t.Errorf("at the other site: %+v, %v", r, err)
	}

	no := func(what string, raw []byte, me letter.Receiver, to programme.Site, g letter.Gave) {
		t.Helper()
		if got, err := letter.Reopen(raw, me, to, g); !errors.Is(err, letter.ErrNotOurs) {
			t.Errorf("%s: got %+v, %v, want ErrNotOurs", what, got, err)
		}
	}
	no("sealed by chance", w.seal(t, d), w.giver(), w.site("TG"), gave)
	no("by the other site", raw, letter.Receiver{Programme: "DBV", Site: "MC", Box: w.tg.Box()}, w.site("TG"), gave)
	no("of another programme", raw, letter.Receiver{Programme: "XYZ", Site: "MC", Box: w.mc.Box()}, w.site("TG"), gave)
	no("to another site", raw, w.giver(), w.site("MC"), gave)
	other := gave
	other.Seq++
	no("of another entry", raw, w.giver(), w.site("TG"), other)
	other = gave
	other.Number++
	no("of another installation", raw, w.giver(), w.site("TG"), other)
	moved := w.site("TG")
	moved.Box = w.site("MC").Box
	no("to a key that is no more", raw, w.giver(), moved, gave)
	for n := range raw {
		bad := bytes.Clone(raw)
		bad[n] ^= 0x10
		no("changed", bad, w.giver(), w.site("TG"), gave)
		no("cut", raw[:n], w.giver(), w.site("TG"), gave)
	}
}
