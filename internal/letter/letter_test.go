package letter_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/letter"
	"tram/internal/paper"
	"tram/internal/reason"
)

const today day.Day = 20_780

// world is two sites of one programme and a clinician at MC; all invented.
type world struct {
	mc, tg    *keys.Keys
	key       ed25519.PrivateKey
	dir       programme.Directory
	dice      *rand.ChaCha8
	clinician id.Person
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{dice: rand.NewChaCha8([32]byte{9}), clinician: id.Person(id.Encode(make([]byte, 10)))}
	var err error
	if w.mc, _, err = keys.Create(t.TempDir(), "mc.dbv/tram", "", w.dice); err != nil {
		t.Fatal(err)
	}
	if w.tg, _, err = keys.Create(t.TempDir(), "tg.dbv/tram", "", w.dice); err != nil {
		t.Fatal(err)
	}
	var seed [ed25519.SeedSize]byte
	_, _ = w.dice.Read(seed[:]) // never fails
	w.key = ed25519.NewKeyFromSeed(seed[:])
	for site, k := range map[id.Site]*keys.Keys{"MC": w.mc, "TG": w.tg} {
		pub, err := k.BoxPublic()
		if err != nil {
			t.Fatal(err)
		}
		w.dir.Apply(programme.SiteJoined{Site: site, Name: string(site), Number: 1, Verifier: k.Public, Box: pub, Role: programme.Main})
	}
	w.dir.Apply(programme.ClinicianNamed{
		Person: w.clinician, Site: "MC", Until: 20_790, Key: base64.StdEncoding.EncodeToString(w.key.Public().(ed25519.PublicKey)),
	})
	return w
}

func (w *world) draft() letter.Draft {
	n := func(b byte) string { return id.Encode(bytes.Repeat([]byte{b}, 10)) }
	return letter.Draft{
		Letter: transfer.Letter{
			ID: id.Letter(n(1)), Patient: id.Patient(n(2)), From: "MC", Number: 1, Seq: 123_456, To: "TG", First: 20_780, Last: 20_786, Why: transfer.Visit,
			Carried: transfer.Carried{
				LastDay: 20_779, LastAmount: 85_000, LastAt: 1_795_392_000_000, Amount: 85_000, Order: id.Order(n(3)), OrderLast: 20_800,
				Code: "MC-0042-K", Name: "Nguyễn Thị Phương Thảo", Birth: day.Partial{Year: 1985}, Sex: "f", Language: "vi",
			},
		},
		Head: [32]byte{1, 2, 3}, Issued: 20_779, Clinician: w.clinician,
	}
}

func (w *world) seal(t testing.TB, d letter.Draft) []byte {
	t.Helper()
	to, _ := w.dir.Site("TG")
	raw, err := letter.Seal(d, to, letter.Signers{Programme: "DBV", Site: w.mc.Journal.Signer, Clinician: w.key}, w.dice)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (w *world) me() letter.Receiver {
	return letter.Receiver{Programme: "DBV", Site: "TG", Box: w.tg.Box()}
}

func says(t *testing.T, what string, err error, rule string) {
	t.Helper()
	if got := reason.Rule(err); got != rule || (rule == "" && err != nil) {
		t.Errorf("%s: got %v, want %q", what, err, rule)
	}
}

func TestLetterComesBackWhole(t *testing.T) {
	w := newWorld(t)
	d := w.draft()
	raw := w.seal(t, d)
	if len(raw) > 420 {
		t.Errorf("%d bytes, want at most 420", len(raw))
	}
	code, err := paper.LetterQR(letter.Text(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d characters, %d modules a side", len(raw), len(letter.Text(raw)), code.Width-8)
	for _, text := range []string{letter.Text(raw), " " + letter.Text(raw) + "\r\n", strings.ToLower(letter.Text(raw)), breakLines(letter.Text(raw))} {
		again, err := letter.Bytes(text)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%q: %v", text, err)
		}
	}
	got, err := letter.Open(raw, w.me(), w.dir, today)
	if err != nil {
		t.Fatal(err)
	}
	if got.Draft != d {
		t.Errorf("got %+v, want %+v", got.Draft, d)
	}
	if bytes.Contains(raw, []byte("Phương")) || bytes.Contains(raw, []byte("MC-0042")) {
		t.Error("the letter can be read from outside")
	}
}

func breakLines(s string) string {
	var sb strings.Builder
	for i, r := range s {
		if i%60 == 0 {
			sb.WriteString("\r\n\t")
		}
		sb.WriteRune(r)
	}
	return sb.String()
}

// TestRefusals: each letter that is not to be taken is refused with what to do.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	d := w.draft()
	raw := w.seal(t, d)
	_, err := letter.Open([]byte("https://example.org/letter"), w.me(), w.dir, today)
	says(t, "an address", err, "LETTER-01")
	other := w.me()
	other.Programme = "XYZ"
	_, err = letter.Open(raw, other, w.dir, today)
	says(t, "of another programme", err, "LETTER-02")
	newer := bytes.Clone(raw)
	newer[2] = 2
	_, err = letter.Open(newer, w.me(), w.dir, today)
	says(t, "of a newer program", err, "LETTER-03")
	_, err = letter.Bytes("TRAM2:ABC.")
	says(t, "text of a newer program", err, "LETTER-03")
	elsewhere := w.me()
	elsewhere.Site = "XX"
	_, err = letter.Open(raw, elsewhere, w.dir, today)
	says(t, "for another site", err, "TRANSFER-13")
	_, err = letter.Open(raw[:len(raw)-1], w.me(), w.dir, today)
	says(t, "cut", err, "LETTER-04")
	text := letter.Text(raw)
	for what, bad := range map[string]string{"cut text": text[:len(text)-3], "joined": text + text, "strange characters": text[:20] + "§" + text[20:]} {
		_, err = letter.Bytes(bad)
		says(t, what, err, "LETTER-04")
	}
	for what, bad := range map[string]string{"Telex": "TRAM1:AÂ" + text[8:], "VNI": "TRÁM:" + text[6:], "Telex, small": "tram1:đ" + text[8:]} {
		_, err = letter.Bytes(bad)
		says(t, "typed over by "+what, err, "LETTER-10")
	}
	_, err = letter.Open(raw, w.me(), w.dir, d.Issued-1)
	says(t, "of tomorrow", err, "LETTER-07")
	_, err = letter.Bytes("mailto:x")
	says(t, "another text", err, "LETTER-01")

	var empty programme.Directory
	_, err = letter.Open(raw, w.me(), empty, today)
	says(t, "from a site nobody knows", err, "LETTER-05")
	successor := w.dir
	successor.Apply(programme.SiteChanged{Site: "MC", Number: 2})
	_, err = letter.Open(raw, w.me(), successor, today)
	says(t, "of a PC that was replaced, nobody knows when", err, "LETTER-12")
	_, err = letter.OpenShort(w.short(t, d), w.me(), successor, today)
	says(t, "the same by hand", err, "LETTER-12")
	successor.Apply(programme.InstallationEnded{Site: "MC", Number: 1, Size: 5})
	_, err = letter.Open(raw, w.me(), successor, today)
	says(t, "of a PC whose end is known: care/transfer asks on", err, "")
	late := w.dir
	late.Apply(programme.ClinicianEnded{Person: w.clinician, From: d.Issued})
	_, err = letter.Open(raw, w.me(), late, today)
	says(t, "by a clinician whose naming was over", err, "LETTER-06")
}

// TestForged: a thief with one of the two keys makes no letter.
func TestForged(t *testing.T) {
	w := newWorld(t)
	thief := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	to, _ := w.dir.Site("TG")
	raw, err := letter.Seal(w.draft(), to, letter.Signers{Programme: "DBV", Site: w.mc.Journal.Signer, Clinician: thief}, w.dice)
	if err != nil {
		t.Fatal(err)
	}
	_, err = letter.Open(raw, w.me(), w.dir, today)
	says(t, "with the site's key alone", err, "TRANSFER-12")
	raw, err = letter.Seal(w.draft(), to, letter.Signers{Programme: "DBV", Site: w.tg.Journal.Signer, Clinician: w.key}, w.dice)
	if err != nil {
		t.Fatal(err)
	}
	_, err = letter.Open(raw, w.me(), w.dir, today)
	says(t, "with the clinician's key alone", err, "TRANSFER-12")
}

// TestEveryBit: whichever bit of a letter is changed, it is refused, and
// nothing panics.
func TestEveryBit(t *testing.T) {
	w := newWorld(t)
	raw := w.seal(t, w.draft())
	for i := range raw {
		for bit := range 8 {
			bad := bytes.Clone(raw)
			bad[i] ^= 1 << bit
			if _, err := letter.Open(bad, w.me(), w.dir, today); reason.Rule(err) == "" {
				t.Fatalf("byte %d, bit %d: %v, want a refusal", i, bit, err)
			}
		}
	}
}

// TestFullest: the longest names and notes that a record takes still make a
// letter, cut where they must be and never inside a letter of the alphabet.
func TestFullest(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"Lò Thị Mỷ", strings.Repeat("Ệ", 200), strings.Repeat("𠮷", 200), "a\tb\x85c", "\xff"} {
		d := w.draft()
		d.Letter.Name, d.Letter.Note = name, strings.Repeat("Chân đau, đi chậm.\r\n", 100)
		d.Letter.Code, d.Letter.Number, d.Letter.Seq, d.Letter.TakeHome, d.Letter.Missed = strings.Repeat("X", 32), 1<<20, 1<<40, 30, 1000
		raw := w.seal(t, d)
		if len(raw) > 600 {
			t.Errorf("%d bytes", len(raw))
		}
		got, err := letter.Open(raw, w.me(), w.dir, today)
		if err != nil {
			t.Fatal(err)
		}
		l := got.Letter
		d.Letter.Carried = letter.Fit(d.Letter.Carried)
		if got.Draft != d || !utf8.ValidString(l.Name+l.Note) || strings.ContainsFunc(l.Name+l.Note, unicode.IsControl) {
			t.Errorf("got %+v", got.Draft)
		}
		if len(name) < 20 && (!strings.HasPrefix(l.Note, "Chân đau, đi chậm.  Chân") || !strings.HasSuffix(l.Note, "…")) {
			t.Errorf("note %q", l.Note)
		}
	}
}

// TestWeakKeys: keys with which everybody could read or sign are faults of the
// directory, never letters.
func TestWeakKeys(t *testing.T) {
	w := newWorld(t)
	k := letter.Signers{Programme: "DBV", Site: w.mc.Journal.Signer, Clinician: w.key}
	f := strings.Repeat("f", 60)
	for _, box := range []string{
		"", "00", strings.Repeat("0", 64), "01" + strings.Repeat("0", 62),
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "ec" + f + "7f",
	} {
		to := w.site("TG")
		to.Box = fromHex(t, box)
		if _, err := letter.Seal(w.draft(), to, k, w.dice); err == nil || reason.Rule(err) != "" {
			t.Errorf("box key %q: %v, want a fault", box, err)
		}
	}
	raw := w.seal(t, w.draft())
	for _, key := range []string{
		"", "00", "01" + strings.Repeat("0", 62), strings.Repeat("0", 64), "ec" + f + "7f", "01" + strings.Repeat("0", 60) + "80",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"ed" + f + "7f", "ee" + f + "ff", "f0" + f + "7f", // 0, 1 and 3 with the prime added
	} {
		dir := w.dir
		dir.Apply(programme.ClinicianNamed{Person: w.clinician, Site: "MC", Until: today, Key: fromHex(t, key)})
		_, err := letter.Open(raw, w.me(), dir, today)
		if err == nil || reason.Rule(err) != "" && (key != "" || reason.Rule(err) != "LETTER-06") {
			t.Errorf("clinician's key %q: %v, want a fault", key, err)
		}
	}
}

// fromHex is base64, as the directory has it, of hexadecimal digits.
func fromHex(t testing.TB, s string) string {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// TestSiteKeyWithPlus: the sign that parts a key's text is also one of its
// letters.
func TestSiteKeyWithPlus(t *testing.T) {
	w := newWorld(t)
	for n := 0; strings.Count(w.mc.Public, "+") < 3; n++ {
		if n > 2000 {
			t.Fatal("no key with such a letter came up")
		}
		k, _, err := keys.Create(t.TempDir(), "mc.dbv/tram", "", w.dice)
		if err != nil {
			t.Fatal(err)
		}
		w.mc = k
	}
	w.dir.Apply(programme.SiteChanged{Site: "MC", Verifier: w.mc.Public})
	if _, err := letter.Open(w.seal(t, w.draft()), w.me(), w.dir, w.draft().Issued); err != nil {
		t.Error(err)
	}
}
