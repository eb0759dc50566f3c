package letter_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/letter"
	"tram/internal/reason"
)

var update = flag.Bool("update", false, "write the golden letters again")

const golden = "testdata/letters.txt"

// goldenDrafts are letters of every reason; all invented.
func goldenDrafts(w *world) []letter.Draft {
	visit := w.draft()
	good := w.draft()
	good.Letter.Why, good.Letter.Last, good.Letter.LastDay, good.Letter.LastAmount, good.Letter.LastAt = transfer.ForGood, day.Never, day.Never, 0, 0
	good.Letter.Amount, good.Letter.Birth, good.Letter.Code, good.Letter.Note = 42_250, day.Partial{Year: 1990, Month: 2, Dom: 28}, "T-OLD/7", "Dị ứng penicillin. Nói chậm."
	back := w.draft()
	back.Letter.Why, back.Letter.Order, back.Letter.Amount, back.Letter.OrderLast = transfer.Back, "", 0, day.Never
	back.Letter.Name, back.Letter.Sex, back.Letter.Language, back.Letter.Missed, back.Letter.TakeHome = "Y-Moan Niê", "o", "sw", 2, 3
	storm := w.draft()
	storm.Letter.Why, storm.Letter.Patient, storm.Letter.Name, storm.Letter.Number = transfer.Storm, "p-old-17", "LÒ VĂN ƠN", 3
	return []letter.Draft{visit, good, back, storm}
}

// vector is a letter with all that another implementation needs to make it, read
// it and check it.
func vector(t testing.TB, w *world, d letter.Draft) string {
	t.Helper()
	raw := w.seal(t, d)
	from, to, private := w.site("MC"), w.site("TG"), w.tg.Box()
	who, ok := w.dir.Clinician(w.clinician)
	if !ok {
		t.Fatal("the clinician is not named")
	}
	payload, bySite, byClinician := unseal(t, raw, private)
	code, err := letter.SpokenCode(letter.Spoken{By: "TG", To: "MC", Letter: d.Letter.ID, Back: d.Letter.First + 2, Seq: 77}, w.me(), from)
	if err != nil {
		t.Fatal(err)
	}
	var sb strings.Builder
	for _, line := range [][2]string{
		{"programme", "DBV"},
		{"MC verifier", from.Verifier},
		{"clinician key", who.Key},
		{"MC box, private", hexOf(w.mc.Box())},
		{"MC box", from.Box},
		{"TG box, private", hexOf(private)},
		{"TG box", to.Box},
		{"says", fmt.Sprintf("%+v", d)},
		{"payload", hex.EncodeToString(payload)},
		{"by site", hex.EncodeToString(bySite)},
		{"by clinician", hex.EncodeToString(byClinician)},
		{"bytes", base64.StdEncoding.EncodeToString(raw)},
		{"text", letter.Text(raw)},
		{"short", strings.ReplaceAll(w.short(t, d), "\n", " / ")},
		{"spoken", "back from " + (d.Letter.First + 2).String() + ", entry 77: " + code},
	} {
		fmt.Fprintf(&sb, "%s: %s\n", line[0], line[1])
	}
	return sb.String()
}

func hexOf(b [32]byte) string { return hex.EncodeToString(b[:]) }

// headLen is what stands outside of the seal of a letter to TG.
const headLen = 3 + 4 + 1 + 2

func unseal(t testing.TB, raw []byte, private [32]byte) (payload, bySite, byClinician []byte) {
	t.Helper()
	_, public := pairOf(t, private)
	body, ok := box.OpenAnonymous(nil, raw[headLen:], &public, &private)
	if !ok {
		t.Fatal("the box does not open")
	}
	cut := len(body) - 2*ed25519.SignatureSize
	return body[:cut], body[cut : cut+ed25519.SignatureSize], body[cut+ed25519.SignatureSize:]
}

func pairOf(t testing.TB, private [32]byte) (priv, public [32]byte) {
	t.Helper()
	pub, _, err := box.GenerateKey(bytes.NewReader(private[:]))
	if err != nil {
		t.Fatal(err)
	}
	return private, *pub
}

// TestGolden: letters that were ever written are written the same for ever.
func TestGolden(t *testing.T) {
	w := newWorld(t)
	var all []string
	for _, d := range goldenDrafts(w) {
		all = append(all, vector(t, w, d))
	}
	got := strings.Join(all, "\n")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the letters changed; a new form is a new version\ngot\n%s\nwant\n%s", got, want)
	}
}

// TestGoldenByItsOwnKeys reads the letters with nothing but what stands beside
// them, and checks the signatures with crypto/ed25519 over the bytes that
// docs/spec/letter.md names. By chance that nobody kept, the giver cannot read what it sealed.
func TestGoldenByItsOwnKeys(t *testing.T) {
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "\n\n") {
		v := map[string]string{}
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			v[key] = value
		}
		raw := unhex64(t, v["bytes"])
		private := [32]byte(fromHexBytes(t, v["TG box, private"]))
		payload, bySite, byClinician := unseal(t, raw, private)
		signed := func(line string) []byte { return []byte(line + "\n" + string(raw[:headLen]) + string(payload)) }
		verifier, err := note.NewVerifier(v["MC verifier"])
		if err != nil || !verifier.Verify(signed("tram letter, site, 1"), bySite) {
			t.Errorf("the site's signature: %v", err)
		}
		if !ed25519.Verify(unhex64(t, v["clinician key"]), signed("tram letter, clinician, 1"), byClinician) {
			t.Error("the clinician's signature is not good")
		}
		dir := programme.Fold(
			programme.SiteJoined{Site: "MC", Number: 1, Verifier: v["MC verifier"], Box: v["MC box"]},
			programme.ClinicianNamed{Person: id.Person(strings.Repeat("0", 16)), Site: "MC", Until: today, Key: v["clinician key"]},
		)
		me := letter.Receiver{Programme: v["programme"], Site: "TG", Box: private}
		for _, form := range []string{"text", "short"} {
			r, err := letter.OpenText(strings.ReplaceAll(v[form], " / ", "\n"), me, dir, today)
			says(t, form, err, "")
			if form == "text" && fmt.Sprintf("%+v", r.Draft) != v["says"] {
				t.Errorf("got %+v, want %s", r.Draft, v["says"])
			}
		}
		me.Box = [32]byte(fromHexBytes(t, v["MC box, private"]))
		_, err = letter.Open(raw, me, dir, today)
		says(t, "by the giver itself", err, "LETTER-04")
	}
}

func unhex64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fromHexBytes(t testing.TB, s string) []byte {
	t.Helper()
	return unhex64(t, fromHex(t, s))
}

// TestMalleable: a signature whose second half has the group's order added is
// another text for the same equation. Nobody who holds a letter can make a
// second one of it.
func TestMalleable(t *testing.T) {
	order := fromHexBytes(t, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	w := newWorld(t)
	raw, private := w.seal(t, w.draft()), w.tg.Box()
	payload, bySite, byClinician := unseal(t, raw, private)
	again := func(bySite, byClinician []byte) error {
		_, public := pairOf(t, private)
		out, err := box.SealAnonymous(bytes.Clone(raw[:headLen]), bytes.Join([][]byte{payload, bySite, byClinician}, nil), &public, w.dice)
		if err != nil {
			t.Fatal(err)
		}
		_, err = letter.Open(out, w.me(), w.dir, today)
		return err
	}
	says(t, "sealed again as it was", again(bySite, byClinician), "")
	says(t, "the site's signature changed", again(plus(bySite, order), byClinician), "TRANSFER-12")
	says(t, "the clinician's signature changed", again(bySite, plus(byClinician, order)), "TRANSFER-12")
	says(t, "the signatures in each other's place", again(byClinician, bySite), "TRANSFER-12")
	moved := bytes.Clone(raw)
	moved[3] ^= 1 // to another programme, whose receiver has the same key
	out, public := moved[:headLen], [32]byte{}
	_, public = pairOf(t, private)
	out, err := box.SealAnonymous(bytes.Clone(out), bytes.Join([][]byte{payload, bySite, byClinician}, nil), &public, w.dice)
	if err != nil {
		t.Fatal(err)
	}
	_, err = letter.Open(out, w.me(), w.dir, today)
	if reason.Rule(err) != "LETTER-02" {
		t.Errorf("moved to another programme: %v, want LETTER-02", err)
	}
}

// plus adds a number to the second half of a signature, lowest byte first.
func plus(sig, n []byte) []byte {
	out, carry := bytes.Clone(sig), 0
	for i := range n {
		sum := int(out[32+i]) + int(n[i]) + carry
		out[32+i], carry = byte(sum), sum>>8
	}
	return out
}
