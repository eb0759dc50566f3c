package letter_test

import (
	"bytes"
	"strings"
	"testing"

	"tram/internal/letter"
	"tram/internal/reason"
)

// FuzzOpen gives anything to the three readers. None panics, each says no with a
// rule, and the only bytes and texts that open are those that were written.
func FuzzOpen(f *testing.F) {
	w := newWorld(f)
	drafts := goldenDrafts(w)
	written := map[string]bool{}
	for _, d := range drafts {
		raw, short := w.seal(f, d), w.short(f, d)
		written[string(raw)], written[short] = true, true
		text := letter.Text(raw)
		for _, seed := range []string{
			string(raw), text, short, strings.ToLower(text), text + text, text + short, short + "\n" + short, string(raw) + string(raw),
			text[:len(text)/2], short[:len(short)/2], string(raw[:20]), strings.Replace(text, "TRAM1", "TRAM2", 1),
		} {
			f.Add([]byte(seed))
		}
	}
	for _, seed := range []string{
		"", "TRAM1:", "TRAM1:.", "TRAM1::::.", "TL\x01", "TL\x02rest", "https://example.org/?q=TRAM1:", "MC-0042-K", "' OR 1=1; --",
		"\x1b[2J\x07", "\x00\x01", "<script>alert(1)</script>", "TRAM0:AAA.", "tram1:âa.", strings.Repeat("A", 5000), "MC-TG-N", "MC-TG-N" + strings.Repeat("0", 90),
		"WIFI:T:WPA;S:x;;", "(01)08935006531010(17)271231", "\xff\xfe", "TRAM1:\u202eABC.",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		raw, err := letter.Bytes(string(in))
		if (err == nil) == (reason.Rule(err) != "") || err == nil && letter.Text(raw) == "" {
			t.Fatalf("as a text: %v, want bytes or a rule", err)
		}
		for _, b := range [][]byte{in, raw} {
			r, err := letter.Open(b, w.me(), w.dir, today)
			if err == nil && (!written[string(b)] || !bytes.Equal(r.Raw, b)) {
				t.Fatalf("nobody wrote %x", b)
			}
			if err != nil && reason.Rule(err) == "" {
				t.Fatalf("as bytes: %v, want a rule", err)
			}
		}
		r, err := letter.OpenShort(string(in), w.me(), w.dir, today)
		if err == nil && !written[string(r.Raw)] || err != nil && reason.Rule(err) == "" {
			t.Fatalf("as a short form: %q, %v, want a rule or what was written", r.Raw, err)
		}
	})
}

// TestCutAndJoined: every beginning and every end of a letter, and any two
// joined, are no letter, as bytes, as text and as a short form.
func TestCutAndJoined(t *testing.T) {
	w := newWorld(t)
	d := w.draft()
	raw, other := w.seal(t, d), w.seal(t, goldenDrafts(w)[1])
	no := func(what string, err error) {
		t.Helper()
		if reason.Rule(err) == "" {
			t.Fatalf("%s: %v, want a refusal", what, err)
		}
	}
	for n := range raw {
		for what, bad := range map[string][]byte{
			"a beginning": raw[:n], "an end": raw[n+1:],
			"the one's beginning and the other's end": append(bytes.Clone(raw[:max(n, headLen+1)]), other[min(max(n, headLen+1), len(other)):]...),
			"with more behind":                        append(bytes.Clone(raw), raw[:n+1]...),
		} {
			_, err := letter.Open(bad, w.me(), w.dir, today)
			no(what, err)
		}
	}
	text, short := letter.Text(raw), w.short(t, d)
	for n := range text {
		for what, bad := range map[string]string{"a text's beginning": text[:n], "a text's end": text[n+1:], "two texts": text + text[n:]} {
			_, err := letter.OpenText(bad, w.me(), w.dir, today)
			no(what, err)
		}
	}
	for n := range short {
		if strings.TrimLeft(short[n:], " \n") == short[n:] && n > 0 && short[n-1] != ' ' && short[n-1] != '\n' {
			_, err := letter.OpenShort(short[:n], w.me(), w.dir, today)
			no("a short form's beginning", err)
		}
	}
	_, err := letter.OpenShort(short+"\n"+short, w.me(), w.dir, today)
	no("two short forms", err)
}
