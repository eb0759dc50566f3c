package fold

import (
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Đỗ Thị Hằng":               "do thi hang",
		"ĐỨC":                       "duc",
		"Ðức":                       "duc", // U+00D0, Icelandic
		"Ɖức":                       "duc", // U+0189, Ewe
		"  Nguyễn\u00a0 Văn\tA ":    "nguyen van a",
		"Ng\u200bọc":                "ngoc", // zero width inside
		"\u202eAnh\u202c":           "anh",
		norm.NFD.String("Thế Mỹ"):   "the my",
		"Tha\u0302\u0323p":          "thap", // marks in one order
		"Tha\u0323\u0302p":          "thap", // and in the other
		"０９":                        "09",   // full width
		"İstanbul":                  "istanbul",
		"O'Brien":                   "o'brien",
		"":                          "",
		" \u200b ":                  "",
		"Trần Thị Ngọc-Ánh":         "tran thi ngoc-anh",
		"ĐẶNG THUỲ / đặng thuỳ 王":   "dang thuy / dang thuy 王",
		"Ơ Ư ơ ư Ă â":               "o u o u a a",
		"Mwanaidi binti Juma Hamis": "mwanaidi binti juma hamis",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		norm.NFD.String("Đỗ Thị Hằng"): "Đỗ Thị Hằng",
		" a\u00a0\u2003b ":             "a b",
		"a\u200b\u202eb\ufeff\x00":     "ab",
		"<script>alert('x')</script>":  "<script>alert('x')</script>",
		"Anh 😀":                        "Anh 😀",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestOneKey: however a name was composed, cased or spaced, its key is one,
// and a second folding or cleaning changes nothing.
func TestOneKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "name")
		key := Fold(s)
		if again := Fold(key); again != key {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, key, again)
		}
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if got := Fold(form.String(s)); got != key {
				t.Fatalf("%q in another form: %q, want %q", s, got, key)
			}
		}
		if c := Clean(s); Clean(c) != c {
			t.Fatalf("Clean(%q) = %q, cleaned again %q", s, c, Clean(c))
		}
	})
}
