package letter_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/letter"
	"tram/internal/reason"
)

func (w *world) giver() letter.Receiver {
	return letter.Receiver{Programme: "DBV", Site: "MC", Box: w.mc.Box()}
}

func (w *world) site(s id.Site) programme.Site {
	x, ok := w.dir.Site(s)
	if !ok {
		panic("no such site: " + s)
	}
	return x
}

func (w *world) short(t testing.TB, d letter.Draft) string {
	t.Helper()
	s, err := letter.Short(d, w.site("TG"), w.giver())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// byHand is what of a draft the short form tells.
func byHand(d letter.Draft) letter.Draft {
	const quarter = 15 * 60 * 1000
	d.Head, d.Clinician, d.Letter.Note = [32]byte{}, "", ""
	for d.Letter.LastAt%quarter != 0 {
		d.Letter.LastAt++
	}
	return d
}

func TestShortComesBack(t *testing.T) {
	w := newWorld(t)
	d := w.draft()
	d.Letter.LastAt += 61_000
	d.Letter.Note = "not told"
	text := w.short(t, d)
	t.Logf("\n%s", text)
	if lines := strings.Count(text, "\n") + 1; lines > 11 {
		t.Errorf("%d lines to type, want at most 11", lines)
	}
	if again := w.short(t, d); again != text {
		t.Errorf("a reprint differs:\n%s\n%s", again, text)
	}
	typed := map[string]string{
		"as printed":    text,
		"one line":      strings.ReplaceAll(text, "\n", ""),
		"small letters": strings.ToLower(text),
		"with dashes":   strings.ReplaceAll(text, " ", "-"),
		"without":       strings.NewReplacer(" ", "", "\n", "").Replace(text),
		"blanks":        "  " + strings.ReplaceAll(text, "\n", " \r\n\t") + " \n",
	}
	head, body, _ := strings.Cut(text, "\n")
	typed["O for 0, l and I for 1"] = head + "\n" + strings.NewReplacer("0", "O", "1", "l").Replace(body)
	typed["i for 1"] = head + "\n" + strings.NewReplacer("1", "i").Replace(body)
	for what, s := range typed {
		if !letter.IsShort(s) {
			t.Errorf("%s: not taken for a short form", what)
		}
		got, err := letter.OpenText(s, w.me(), w.dir, today)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if got.Draft != byHand(d) || !got.ByHand || string(got.Raw) != text {
			t.Errorf("%s: got %+v, want %+v", what, got, byHand(d))
		}
	}
}

func TestShortRefusals(t *testing.T) {
	w := newWorld(t)
	text := w.short(t, w.draft())
	open := func(text string, me letter.Receiver, on day.Day) error {
		_, err := letter.OpenShort(text, me, w.dir, on)
		return err
	}
	says(t, "too little", open("MC-TG-7 AAAAA", w.me(), today), "LETTER-01")
	says(t, "too much", open(text+strings.Repeat("A", 1000), w.me(), today), "LETTER-01")
	says(t, "an address", open("https://example.org/"+strings.Repeat("a", 80), w.me(), today), "LETTER-01")
	says(t, "control characters", open(text+"\x1b[1~", w.me(), today), "LETTER-01")
	says(t, "the sites mistyped", open(strings.Replace(text, "MC", "NC", 1), w.me(), today), "LETTER-08")
	says(t, "of a newer program", open(newer(text), w.me(), today), "LETTER-03")
	elsewhere := w.me()
	elsewhere.Site = "XX"
	says(t, "for another site", open(text, elsewhere, today), "TRANSFER-13")
	_, err := letter.OpenShort(text, w.me(), programme.Directory{}, today)
	says(t, "from a site nobody knows", err, "LETTER-05")
	other := w.me()
	other.Programme = "XYZ"
	says(t, "of another programme", open(text, other, today), "LETTER-09")
	thief := w.me()
	thief.Box[0] ^= 8
	says(t, "by another key", open(text, thief, today), "LETTER-09")
	says(t, "of tomorrow", open(text, w.me(), today-2), "LETTER-07")
	if _, err := letter.Short(w.draft(), w.site("TG"), w.me()); err == nil || reason.Rule(err) != "" {
		t.Errorf("made at the site it goes to: %v, want a fault", err)
	}
}

// newer is a short form whose first character says another version, with the
// line's check put right.
func newer(text string) string {
	lines := strings.Split(text, "\n")
	for _, last := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		lines[1] = "2" + lines[1][1:len(lines[1])-1] + string(last)
		s := strings.Join(lines, "\n")
		if _, err := letter.OpenShort(s, letter.Receiver{Site: "TG"}, programme.Directory{}, today); reason.Rule(err) != "LETTER-08" {
			return s
		}
	}
	return text
}

// TestMistyped: each single wrong character, each pair of neighbours in each
// other's place and each swap of two lines is refused, and the line is named.
func TestMistyped(t *testing.T) {
	w := newWorld(t)
	text := w.short(t, w.draft())
	try := func(what, bad string, line int) {
		t.Helper()
		_, err := letter.OpenShort(bad, w.me(), w.dir, today)
		want := reason.Refuse("LETTER-08", "line", line)
		if err == nil || err.Error() != want.Error() {
			t.Fatalf("%s: got %v, want %v", what, err, want)
		}
	}
	lines := strings.Split(text, "\n")
	for n := 1; n < len(lines); n++ {
		for i, c := range []byte(lines[n]) {
			if c == ' ' {
				continue
			}
			for _, wrong := range "0123456789ABCDEFGHJKMNPQRSTVWXYZU" {
				if byte(wrong) != c {
					try("wrong character", replaceLine(lines, n, lines[n][:i]+string(wrong)+lines[n][i+1:]), n+1)
				}
			}
			if i+1 < len(lines[n]) && lines[n][i+1] != ' ' && lines[n][i+1] != c {
				try("neighbours swapped", replaceLine(lines, n, lines[n][:i]+lines[n][i+1:i+2]+string(c)+lines[n][i+2:]), n+1)
			}
		}
	}
	for a := 1; a < len(lines)-1; a++ {
		for b := a + 1; b < len(lines)-1; b++ {
			swapped := append([]string{}, lines...)
			swapped[a], swapped[b] = swapped[b], swapped[a]
			try("lines swapped", strings.Join(swapped, "\n"), a+1)
		}
	}
}

func replaceLine(lines []string, n int, with string) string {
	out := append([]string{}, lines...)
	out[n] = with
	return strings.Join(out, "\n")
}

// TestShortForgery: whoever puts the check characters right still has no letter.
func TestShortForgery(t *testing.T) {
	w := newWorld(t)
	lines := strings.Split(w.short(t, w.draft()), "\n")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, len(lines)-1).Draw(t, "line")
		i := rapid.IntRange(0, len(lines[n])-2).Draw(t, "at")
		c := rapid.SampledFrom([]byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ")).Draw(t, "character")
		if lines[n][i] == ' ' || lines[n][i] == c || n == 1 && i == 0 {
			t.Skip("not another character")
		}
		found := ""
		for _, last := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
			bad := []byte(lines[n])
			bad[i], bad[len(bad)-1] = c, byte(last)
			_, err := letter.OpenShort(replaceLine(lines, n, string(bad)), w.me(), w.dir, today)
			if rule := reason.Rule(err); rule != "LETTER-08" {
				found += rule + " "
			}
		}
		if found != "LETTER-09 " && found != "LETTER-04 " {
			t.Fatalf("line %d, character %d as %c: got %q, want one LETTER-09 or, in the last character's unused bits, LETTER-04", n+1, i, c, found)
		}
	})
}

func TestSpokenCode(t *testing.T) {
	w := newWorld(t)
	s := letter.Spoken{By: "TG", To: "MC", Letter: w.draft().Letter.ID, Back: today, Seq: 77}
	code, err := letter.SpokenCode(s, w.me(), w.site("MC"))
	if err != nil || len(code) != 11 {
		t.Fatalf("%q, %v, want ten digits and a blank", code, err)
	}
	hear := func(code string, s letter.Spoken) error { return letter.CheckSpoken(code, s, w.giver(), w.site("TG")) }
	says(t, "as spoken", hear(code, s), "")
	says(t, "in pairs", hear(strings.ReplaceAll(code, " ", "-")+" ", s), "")
	other := s
	other.Back++
	says(t, "for another day", hear(code, other), "LETTER-11")
	other = s
	other.Letter = id.Letter("0000000000000000")
	says(t, "for another letter", hear(code, other), "LETTER-11")
	other = s
	other.Seq++
	says(t, "for another entry", hear(code, other), "LETTER-11")
	wrong := []byte(code)
	wrong[0] = '0' + (wrong[0]-'0'+1)%10
	says(t, "a wrong digit", hear(string(wrong), s), "LETTER-11")
	says(t, "nothing", hear("", s), "LETTER-11")
	// MC's own code for the same words is another one: a code is no echo.
	back, err := letter.SpokenCode(letter.Spoken{By: "MC", To: "TG", Letter: s.Letter, Back: s.Back, Seq: s.Seq}, w.giver(), w.site("TG"))
	if err != nil || back == code {
		t.Errorf("the other way round: %q, %v, want another code than %q", back, err, code)
	}
	if _, err := letter.SpokenCode(s, w.giver(), w.site("TG")); err == nil {
		t.Error("a site made a code in another's name")
	}
}
