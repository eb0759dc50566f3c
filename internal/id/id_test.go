package id

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEncodeValid(t *testing.T) {
	got := Encode([]byte{0xff, 0x00, 0xab, 0xcd, 0xef})
	if got != "zw0aqkff" || !Valid(got) {
		t.Fatalf("got %q, valid %v", got, Valid(got))
	}
	for _, bad := range []string{"", "ABC", "../x", "a b", "i", "l", "o", "u", "é", strings.Repeat("a", 33)} {
		if Valid(bad) {
			t.Errorf("Valid(%q), want not", bad)
		}
	}
}

// TestEncodeAtSortsByTheMoment: a later one comes after, whatever the chance.
func TestEncodeAtSortsByTheMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(1<<40, 1<<41-2).Draw(t, "ms") // until 2039
		var a, b [5]byte
		copy(a[:], rapid.SliceOfN(rapid.Byte(), 5, 5).Draw(t, "chance"))
		copy(b[:], rapid.SliceOfN(rapid.Byte(), 5, 5).Draw(t, "other chance"))
		x, y := EncodeAt(ms, a), EncodeAt(ms+1, b)
		if len(x) != 16 || !Valid(x) || x >= y {
			t.Fatalf("%s, then %s", x, y)
		}
		if a != b && EncodeAt(ms, a) == EncodeAt(ms, b) {
			t.Fatalf("two of one moment are both %s", x)
		}
	})
}

func TestCheckCodeFindsOneWrongDigitAndSwaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := []byte(rapid.StringMatching(`[0-9]{4}`).Draw(t, "digits"))
		code := CheckCode("TG-" + string(digits))
		if !CodeOK(code) || !CodeOK(strings.ToLower(code)) {
			t.Fatalf("%s is not OK", code)
		}
		i := rapid.IntRange(0, 3).Draw(t, "at")
		other := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if other != digits[i] {
			bad := []byte(code)
			bad[3+i] = other
			if CodeOK(string(bad)) {
				t.Fatalf("%s passed for %s", bad, code)
			}
		}
		if i < 3 && digits[i] != digits[i+1] {
			bad := []byte(code)
			bad[3+i], bad[4+i] = bad[4+i], bad[3+i]
			if CodeOK(string(bad)) {
				t.Fatalf("swap %s passed for %s", bad, code)
			}
		}
	})
}
