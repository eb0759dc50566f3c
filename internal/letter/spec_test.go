package letter_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/nacl/box"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/letter"
)

// example is the document's own example: two invented sites, their secrets and
// one letter, as the document says it.
type example struct {
	block  map[string]string // by name
	secret map[string]string // lines of the block of secrets, by name
	dir    programme.Directory
	mc, tg letter.Receiver
	signer note.Signer
	person ed25519.PrivateKey
}

func readExample(t *testing.T) example {
	t.Helper()
	doc, err := os.ReadFile("../../docs/spec/letter.md")
	if err != nil {
		t.Fatal(err)
	}
	doc = bytes.ReplaceAll(doc, []byte("\r\n"), []byte("\n"))
	x := example{block: map[string]string{}, secret: map[string]string{}}
	for _, m := range regexp.MustCompile("(?s)```([a-z]+)\n(.*?)\n```").FindAllStringSubmatch(string(doc), -1) {
		x.block[m[1]] = m[2]
	}
	for _, name := range []string{"secrets", "says", "payload", "letter", "text", "short", "plain", "spoken"} {
		if x.block[name] == "" {
			t.Fatalf("the document has no example %q", name)
		}
	}
	for line := range strings.Lines(x.block["secrets"]) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		x.secret[name] = strings.TrimSpace(value)
	}
	x.mc = letter.Receiver{Programme: x.secret["programme"], Site: id.Site(x.secret["giver"]), Box: [32]byte(x.hex(t, "giver-box"))}
	x.tg = letter.Receiver{Programme: x.secret["programme"], Site: id.Site(x.secret["receiver"]), Box: [32]byte(x.hex(t, "receiver-box"))}
	x.join(t)
	return x
}

func (x *example) hex(t *testing.T, name string) []byte {
	t.Helper()
	b, err := hex.DecodeString(x.secret[name])
	if err != nil || len(b) != 32 {
		t.Fatalf("secret %s: %v", name, err)
	}
	return b
}

// join makes the directory that both sites have.
func (x *example) join(t *testing.T) {
	t.Helper()
	skey, verifier, err := note.GenerateKey(bytes.NewReader(x.hex(t, "giver-seed")), x.secret["giver-journal"])
	if err != nil {
		t.Fatal(err)
	}
	if x.signer, err = note.NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	for _, s := range []letter.Receiver{x.mc, x.tg} {
		x.dir.Apply(programme.SiteJoined{
			Site: s.Site, Number: 1, Verifier: verifier, Box: base64.StdEncoding.EncodeToString(private(t, s).PublicKey().Bytes()), Role: programme.Main,
		})
	}
	x.person = ed25519.NewKeyFromSeed(x.hex(t, "clinician-seed"))
	x.dir.Apply(programme.ClinicianNamed{
		Person: id.Person(x.secret["clinician"]), Site: x.mc.Site, Until: today + 30, Key: base64.StdEncoding.EncodeToString(x.person.Public().(ed25519.PublicKey)),
	})
}

func private(t *testing.T, s letter.Receiver) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(s.Box[:])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// written is what a letter says, as the document writes it.
func written(d letter.Draft) string {
	l := d.Letter
	return strings.Join([]string{
		fmt.Sprintf("letter %s of patient %s, by clinician %s, order %s", l.ID, l.Patient, d.Clinician, l.Order),
		fmt.Sprintf("from %s number %d entry %d to %s", l.From, l.Number, l.Seq, l.To),
		fmt.Sprintf("issued %v, days %v to %v, %s", d.Issued, l.First, l.Last, l.Why),
		fmt.Sprintf("amount %d, order ends %v", l.Amount, l.OrderLast),
		fmt.Sprintf("last dose %v, %d, at %d; missed %d, take-home %d", l.LastDay, l.LastAmount, l.LastAt, l.Missed, l.TakeHome),
		fmt.Sprintf("code %s, name %s, birth %v, sex %s, language %s, note %q", l.Code, l.Name, l.Birth, l.Sex, l.Language, l.Note),
	}, "\n")
}

// columns joins the hexadecimal digits at the beginning of each line; what
// stands after them is for people.
func columns(t *testing.T, s string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(s) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		digits.WriteString(word)
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSpecLetter makes the document's letter a second time, by what the document
// says and without this package, and reads it with this package.
func TestSpecLetter(t *testing.T) {
	x := readExample(t)
	payload := columns(t, x.block["payload"])
	prog := sha256.Sum256([]byte(x.tg.Programme))
	head := append([]byte{'T', 'L', 1}, prog[:4]...)
	head = append(append(head, byte(len(x.tg.Site))), x.tg.Site...)
	signed := func(domain string) []byte { return append(append([]byte(domain), head...), payload...) }
	body := append([]byte{}, payload...)
	body = append(body, ed25519.Sign(ed25519.NewKeyFromSeed(x.hex(t, "giver-seed")), signed("tram letter, site, 1\n"))...)
	body = append(body, ed25519.Sign(x.person, signed("tram letter, clinician, 1\n"))...)
	public := [32]byte(private(t, x.tg).PublicKey().Bytes())
	made, err := box.SealAnonymous(head, body, &public, bytes.NewReader(x.hex(t, "chance")))
	if err != nil {
		t.Fatal(err)
	}
	raw := columns(t, x.block["letter"])
	if !bytes.Equal(made, raw) {
		t.Fatalf("made by the document's words:\n%x\nthe document's letter:\n%x", made, raw)
	}
	text := strings.ReplaceAll(x.block["text"], "\n", "")
	if got := letter.Text(raw); got != text {
		t.Errorf("text %s, want %s", got, text)
	}
	got, err := letter.OpenText(x.block["text"], x.tg, x.dir, today)
	if err != nil {
		t.Fatal(err)
	}
	if s := written(got.Draft); s != x.block["says"] {
		t.Errorf("the letter says:\n%s\nwant:\n%s", s, x.block["says"])
	}
	to, _ := x.dir.Site(x.tg.Site)
	again, err := letter.Seal(got.Draft, to, letter.Signers{Programme: x.mc.Programme, Site: x.signer, Clinician: x.person}, bytes.NewReader(x.hex(t, "chance")))
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("sealed again: %x, %v", again, err)
	}
}

// pairKey is the document's key of one use between two sites.
func (x *example) pairKey(t *testing.T, use string, from, to id.Site) []byte {
	t.Helper()
	secret, err := private(t, x.mc).ECDH(private(t, x.tg).PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, use+"\n"+x.mc.Programme+"\n"+string(from)+"\n"+string(to), 32)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func hmacOf(key []byte, msg []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(msg) // a hash takes every write
	return m.Sum(nil)
}

// TestSpecShort opens the document's short form by the document's words, and
// holds the package against it.
func TestSpecShort(t *testing.T) {
	x := readExample(t)
	plain := columns(t, x.block["plain"])
	tag := hmacOf(x.pairKey(t, "tram short letter, code, 1", "MC", "TG"), plain)[:7]
	stream, err := hkdf.Expand(sha256.New, x.pairKey(t, "tram short letter, cipher, 1", "MC", "TG"), "tram short letter, stream, 1"+string(tag), len(plain))
	if err != nil {
		t.Fatal(err)
	}
	sealed := tag
	for i := range plain {
		sealed = append(sealed, plain[i]^stream[i])
	}
	made := id.CheckCode("MC-TG")
	data := "1" + strings.ToUpper(id.Encode(sealed))
	for n := 0; data != ""; n++ {
		line := data[:min(14, len(data))]
		data = data[len(line):]
		line += checkOf(line, n)
		made += "\n" + strings.TrimSpace(regexp.MustCompile(".{1,5}").ReplaceAllString(line, "$0 "))
	}
	if made != x.block["short"] {
		t.Errorf("made by the document's words:\n%s\nthe document's:\n%s", made, x.block["short"])
	}
	whole, err := letter.OpenText(x.block["text"], x.tg, x.dir, today)
	if err != nil {
		t.Fatal(err)
	}
	got, err := letter.OpenText(x.block["short"], x.tg, x.dir, today)
	if err != nil || got.Draft != byHand(whole.Draft) || !got.ByHand {
		t.Errorf("got %+v, %v, want %+v", got, err, byHand(whole.Draft))
	}
	to, _ := x.dir.Site(x.tg.Site)
	if s, err := letter.Short(whole.Draft, to, x.mc); err != nil || s != x.block["short"] {
		t.Errorf("got %s, %v", s, err)
	}
}

// checkOf is the check character of a line by the document's words: each
// character's value times a power of x, over the 32 values, x^5 = x^2 + 1.
func checkOf(line string, n int) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	power := func(v, k int) int {
		for range k {
			if v <<= 1; v > 31 {
				v ^= 0b100101
			}
		}
		return v
	}
	sum := power(n, 20)
	for i, r := range line {
		sum ^= power(strings.IndexRune(alphabet, r), i+1)
	}
	return alphabet[sum : sum+1]
}

// TestSpecSpoken computes the document's spoken code by the document's words.
func TestSpecSpoken(t *testing.T) {
	x := readExample(t)
	var s letter.Spoken
	var back, digits string
	if _, err := fmt.Sscanf(x.block["spoken"], "letter %s back %s entry %d code %s", &s.Letter, &back, &s.Seq, &digits); err != nil {
		t.Fatal(err)
	}
	first, err := day.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	s.By, s.To, s.Back = "TG", "MC", first
	msg := append([]byte{byte(len(s.Letter))}, s.Letter...)
	msg = binary.BigEndian.AppendUint64(msg, uint64(first))
	msg = binary.BigEndian.AppendUint64(msg, uint64(s.Seq))
	mac := hmacOf(x.pairKey(t, "tram spoken code, 1", "TG", "MC"), msg)
	if made := fmt.Sprintf("%010d", binary.BigEndian.Uint64(mac)%10_000_000_000); made != digits {
		t.Errorf("by the document's words %s, in the document %s", made, digits)
	}
	from, _ := x.dir.Site("TG")
	if err := letter.CheckSpoken(digits, s, x.mc, from); err != nil {
		t.Error(err)
	}
}
