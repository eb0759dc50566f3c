package baton_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/transparency-dev/formats/log"

	"tram/internal/baton"
	"tram/internal/baton/faultstick"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

var key = [32]byte{1, 2, 3}

func untold(int64, tlog.Hash) {}

func header() baton.Header {
	return baton.Header{Programme: "ĐBV 1", Site: "TT", Number: 1, Baton: "0123456789abcdef", Made: "2026-11-23"}
}

func config(fs baton.FS) baton.Config {
	return baton.Config{FS: fs, Key: key, Rand: rand.Reader, Site: "TT"}
}

// entry is entry n of site TT; salt makes another journal.
func entry(t testing.TB, n int64, salt string) []byte {
	t.Helper()
	e := journal.Entry{
		Site: "TT", Seq: n, HLC: journal.HLC{Ms: 1_795_000_000_000 + n}, Day: 20780 + day.Day(n/10), By: "p1", Kind: "patient.noted",
		Fact: fmt.Appendf(nil, `{"text":"%s%d"}`, salt, n),
	}
	raw, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func entries(t testing.TB, from, to int64) [][]byte {
	t.Helper()
	var out [][]byte
	for n := from; n < to; n++ {
		out = append(out, entry(t, n, "x"))
	}
	return out
}

func rootOf(all [][]byte) tlog.Hash {
	var e journal.Edge
	for _, raw := range all {
		e.Add(raw, untold)
	}
	return e.Root()
}

func replayed(t testing.TB, b *baton.Baton) [][]byte {
	t.Helper()
	var out [][]byte
	if err := b.Replay(func(raw []byte) error { out = append(out, raw); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func made(t testing.TB, fs baton.FS) *baton.Baton {
	t.Helper()
	b, err := baton.Make(config(fs), header())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAppendAndReplayOnADisk(t *testing.T) {
	root := t.TempDir()
	b := made(t, baton.Dir(root))
	const n = 600 // of 15 KiB: two segments and a part
	for at := int64(0); at < n; at += 50 {
		if err := b.Append(baton.Addition{Number: 1, Entries: large(t, at, at+50)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := baton.Open(config(baton.Dir(root)))
	if err != nil {
		t.Fatal(err)
	}
	want := large(t, 0, n)
	if h := again.Head(); h.Size != n || h.Hash != rootOf(want) || h.LastDay != 20780+59 || h.Number != 1 || again.Notice() != "" {
		t.Fatalf("head %+v, %q", h, again.Notice())
	}
	got := replayed(t, again)
	if len(got) != n || rootOf(got) != rootOf(want) {
		t.Fatalf("%d entries came back", len(got))
	}
	files, err := os.ReadDir(filepath.Join(root, baton.FolderName))
	if err != nil || len(files) != 4 {
		t.Fatalf("%d files, %v; want the header and three segments", len(files), err)
	}
	if _, err := baton.Make(config(baton.Dir(root)), header()); !errors.Is(err, baton.ErrExist) {
		t.Errorf("made over a baton: %v", err)
	}
	if _, err := baton.Make(config(baton.Dir(filepath.Join(root, "not", "there"))), header()); !errors.Is(err, baton.ErrGone) {
		t.Errorf("made on a stick that is not there: %v", err)
	}
}

// TestPulledAtEveryByte pulls the stick at every byte of a making and three
// appends. What is then on it is a whole baton with everything acknowledged and
// nothing that was not appended, or one whose making can begin again.
func TestPulledAtEveryByte(t *testing.T) {
	whole := faultstick.New()
	write(t, whole)
	all := entries(t, 0, 9)
	for cut := int64(1); cut <= whole.Wrote(); cut++ {
		s := faultstick.New()
		s.PullAfter(cut)
		acked, isMade := write(t, s)
		after := s.Copy()
		b, err := baton.Open(config(after))
		if errors.Is(err, baton.ErrHalfMade) && !isMade {
			if b, err = baton.Make(config(after), header()); err != nil {
				t.Fatalf("cut at %d: made again: %v", cut, err)
			}
		}
		if err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, whole.Wrote(), err)
		}
		h := b.Head()
		if h.Size < acked || h.Hash != rootOf(all[:h.Size]) {
			t.Fatalf("cut at %d: %d entries, %d were acknowledged", cut, h.Size, acked)
		}
		// And it goes on from there.
		if err := b.Append(baton.Addition{Number: 1, Entries: all[h.Size:]}); err != nil {
			t.Fatalf("cut at %d: go on: %v", cut, err)
		}
		if got := replayed(t, b); rootOf(got) != rootOf(all) {
			t.Fatalf("cut at %d: %d entries after going on", cut, len(got))
		}
	}
}

// write makes a baton and appends 3 times 3 entries, until something fails.
func write(t *testing.T, s *faultstick.Stick) (acked int64, isMade bool) {
	t.Helper()
	b, err := baton.Make(config(s), header())
	if err != nil {
		return 0, false
	}
	for n := int64(0); n < 9; n += 3 {
		if b.Append(baton.Addition{Number: 1, Entries: entries(t, n, n+3)}) != nil {
			return acked, true
		}
		acked = n + 3
	}
	return acked, true
}

// TestCrashes: any run of appends, closings, crashes and full media, with
// writes that were not flushed lost, kept or torn at any byte, leaves a prefix
// of the journal with everything that was acknowledged.
func TestCrashes(t *testing.T) {
	if underRace {
		t.Skip("one goroutine has no races to find; the gate's step protocol runs this without the detector")
	}
	pool := entries(t, 0, 400)
	big := large(t, 0, 400) // so that segments end
	rapid.Check(t, func(t *rapid.T) {
		all := pool
		if rapid.Bool().Draw(t, "big") {
			all = big
		}
		s := faultstick.New()
		b, err := baton.Make(config(s), header())
		if err != nil {
			t.Fatal(err)
		}
		acked, number := int64(0), 1
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			n := min(acked+rapid.Int64Range(0, 60).Draw(t, "entries"), int64(len(all)))
			if rapid.IntRange(0, 9).Draw(t, "raise") == 0 {
				number++
			}
			switch rapid.IntRange(0, 3).Draw(t, "fault") {
			case 0:
				s.FailSync(rapid.IntRange(1, 4).Draw(t, "sync"))
			case 1:
				s.PullAfter(rapid.Int64Range(1, 300_000).Draw(t, "pull"))
			}
			err := b.Append(baton.Addition{Number: number, Entries: all[acked:n]})
			if err == nil {
				acked = n
			}
			if err != nil || rapid.IntRange(0, 3).Draw(t, "crash") == 0 {
				s = s.Crash(rapid.Uint64().Draw(t, "seed"))
				if b, err = baton.Open(config(s)); err != nil {
					t.Fatalf("after a crash: %v", err)
				}
				h := b.Head()
				if h.Size < acked || h.Hash != rootOf(all[:h.Size]) {
					t.Fatalf("%d entries after a crash, %d were acknowledged", h.Size, acked)
				}
				acked = h.Size
			}
		}
		if got := rootOfReplay(t, b); got != rootOf(all[:b.Head().Size]) {
			t.Fatalf("replay of %d entries", b.Head().Size)
		}
	})
}

// large are entries of 15 KiB.
func large(t testing.TB, from, to int64) [][]byte {
	t.Helper()
	var out [][]byte
	for n := from; n < to; n++ {
		out = append(out, entry(t, n, strings.Repeat("long ", 3<<10)))
	}
	return out
}

func rootOfReplay(t *rapid.T, b *baton.Baton) tlog.Hash {
	var e journal.Edge
	if err := b.Replay(func(raw []byte) error { e.Add(raw, untold); return nil }); err != nil {
		t.Fatal(err)
	}
	return e.Root()
}

func TestToldApart(t *testing.T) {
	s := faultstick.New()
	if _, err := baton.Open(config(s)); !errors.Is(err, baton.ErrNone) {
		t.Errorf("an empty stick: %v", err)
	}
	b := made(t, s)
	if err := b.Append(baton.Addition{Number: 1, Entries: entries(t, 0, 5)}); err != nil {
		t.Fatal(err)
	}
	other := config(s)
	other.Site = "NS"
	if _, err := baton.Open(other); !errors.Is(err, baton.ErrForeign) {
		t.Errorf("another site's: %v", err)
	}
	keys := config(s)
	keys.Key = [32]byte{9}
	if _, err := baton.Open(keys); !errors.Is(err, baton.ErrKey) {
		t.Errorf("other keys: %v", err)
	}
	if _, err := baton.Make(keys, header()); !errors.Is(err, baton.ErrExist) {
		t.Errorf("made over a baton of other keys: %v", err)
	}
	if err := b.Append(baton.Addition{Number: 1, Entries: entries(t, 7, 8)}); !errors.Is(err, baton.ErrGap) {
		t.Errorf("a gap: %v", err)
	}
	if err := b.Append(baton.Addition{Number: 2}); err != nil {
		t.Fatal(err)
	}
	if err := b.Append(baton.Addition{Number: 1, Entries: entries(t, 5, 6)}); !errors.Is(err, baton.ErrNewer) {
		t.Errorf("an older number: %v", err)
	}
	if b, err := baton.Open(config(s)); err != nil || b.Head().Number != 2 || b.Header().Number != 1 {
		t.Errorf("the number is lost: %v", err)
	}
	if d := s.Copy(); !d.Damage(baton.HeaderName, 30) {
		t.Error("nothing damaged")
	} else if b, err := baton.Open(config(d)); err != nil || b.Notice() == "" || b.Head().Size != 5 {
		t.Errorf("a damaged header: %v", err)
	}
}

func TestMediumFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*faultstick.Stick)
		want error
	}{
		{"full", func(s *faultstick.Stick) { s.Room(2000) }, baton.ErrFull},
		{"read-only", func(s *faultstick.Stick) { s.ReadOnly(true) }, baton.ErrReadOnly},
		{"fake capacity", func(s *faultstick.Stick) { s.Fake(1000) }, baton.ErrFake},
		{"pulled", func(s *faultstick.Stick) { s.PullAfter(20) }, baton.ErrGone},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := faultstick.New()
			made(t, s)
			b, err := baton.Open(config(s))
			if err != nil {
				t.Fatal(err)
			}
			c.set(s)
			if err := b.Append(baton.Addition{Number: 1, Entries: entries(t, 0, 20)}); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err := b.Append(baton.Addition{Number: 1}); !errors.Is(err, baton.ErrStopped) {
				t.Fatalf("after a fault: %v", err)
			}
			if b, err := baton.Open(config(s.Copy())); err != nil || b.Head().Size > 20 {
				t.Fatalf("plugged in again: %v", err)
			}
		})
	}
}

// TestDamage flips a bit of every hundredth byte: never are other entries given
// than were appended, and what cannot be a torn tail is called damage.
func TestDamage(t *testing.T) {
	s := faultstick.New()
	b := made(t, s)
	for n := int64(0); n < 40; n += 4 {
		if err := b.Append(baton.Addition{Number: 1, Entries: entries(t, n, n+4)}); err != nil {
			t.Fatal(err)
		}
	}
	all := entries(t, 0, 40)
	name := "00000001.seg"
	damaged := 0
	for at := int64(0); at < int64(len(s.Bytes(name))); at += 41 {
		d := s.Copy()
		d.Damage(name, at)
		b, err := baton.Open(config(d))
		if errors.Is(err, baton.ErrDamaged) || errors.Is(err, baton.ErrKey) {
			damaged++
			continue
		}
		if err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		if h := b.Head(); h.Size >= 40 || h.Hash != rootOf(all[:h.Size]) {
			t.Fatalf("byte %d: %d entries as if nothing had happened", at, h.Size)
		}
	}
	if damaged < 20 {
		t.Errorf("damage was named %d times", damaged)
	}
	d := s.Copy()
	d.Remove(name)
	if _, err := baton.Open(config(d)); !errors.Is(err, baton.ErrDamaged) {
		t.Errorf("without its journal: %v", err)
	}
}

func signers(t *testing.T) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "tt.test/tram")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func checkpoint(t *testing.T, s note.Signer, all [][]byte) string {
	t.Helper()
	root := rootOf(all)
	text := log.Checkpoint{Origin: s.Name(), Size: uint64(len(all)), Hash: root[:]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, s)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

func TestVerify(t *testing.T) {
	signer, v := signers(t)
	all := entries(t, 0, 30)
	s := faultstick.New()
	b := made(t, s)
	for _, a := range []baton.Addition{
		{Number: 1, Entries: all[:10], Checkpoint: checkpoint(t, signer, all[:10])},
		{Number: 1, Entries: all[10:20]},
		{Number: 1, Entries: all[20:], Checkpoint: checkpoint(t, signer, all[:20])}, // late
	} {
		if err := b.Append(a); err != nil {
			t.Fatal(err)
		}
	}
	r, err := b.Verify(v, nil)
	if err != nil || r.Size != 30 || r.Checkpoints != 2 || r.Signed != 20 {
		t.Fatalf("%+v, %v", r, err)
	}
	other, _ := signers(t)
	for name, text := range map[string]string{
		"of other entries": checkpoint(t, signer, append([][]byte{entry(t, 0, "y")}, all[1:]...)),
		"by another key":   checkpoint(t, other, all),
	} {
		d := s.Copy()
		b, err := baton.Open(config(d))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Append(baton.Addition{Number: 1, Checkpoint: text}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Verify(v, nil); !errors.Is(err, baton.ErrDamaged) {
			t.Errorf("a checkpoint %s: %v", name, err)
		}
	}
}

// TestSegmentsOfAnotherBaton: a segment taken from another baton of the same
// site, or from another place, is not taken for one of this baton's.
func TestSegmentsOfAnotherBaton(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for i, root := range []string{one, two} {
		h := header()
		h.Baton = id.Encode([]byte{byte(i), 1, 2, 3, 4, 5, 6, 7, 8, 9})
		b, err := baton.Make(config(baton.Dir(root)), h)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Append(baton.Addition{Number: 1, Entries: large(t, 0, 300)}); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(filepath.Join(two, baton.FolderName, "00000001.seg"))
	if err == nil {
		err = os.WriteFile(filepath.Join(one, baton.FolderName, "00000001.seg"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	opened, err := baton.Open(config(baton.Dir(one)))
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Replay(func([]byte) error { return nil }); !errors.Is(err, baton.ErrDamaged) {
		t.Errorf("a foreign segment: %v", err)
	}
}
