package journal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tram/internal/day"
	"tram/internal/journal"
)

func TestCanonical(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for in, want := range map[string]string{
		`{}`:                                        `{}`,
		` { "b" : [ 1 , -2 ] , "a" : null } `:       `{"a":null,"b":[1,-2]}`,
		`{"a":"\u0041\u00e9\u001f\n\/\u0022"}`:      `{"a":"Aé\u001f\n/\""}`,
		`{"a":"<&>\u2028"}`:                         "{\"a\":\"<&>\u2028\"}",
		`{"\ufb33":1,"\u20ac":2,"\r":3,"1":4}`:      "{\"\\r\":3,\"1\":4,\"€\":2,\"\ufb33\":1}",
		"{\"\U0001F600\":1,\"\uFB33\":2}":           "{\"\U0001F600\":1,\"\uFB33\":2}", // by UTF-16, not by bytes
		`{"a":9007199254740991}`:                    `{"a":9007199254740991}`,
		`{"b":{"d":false,"c":true},"a":[[],{},""]}`: `{"a":[[],{},""],"b":{"c":true,"d":false}}`,
		`{"b":1,"a":{"x":[1],"y":""},"ab":2}`:       `{"a":{"x":[1],"y":""},"ab":2,"b":1}`,
		`{"a !":1,"a":2}`:                           `{"a":2,"a !":1}`, // the closing mark is no letter
		`{"b":1,"a":{"d":1,"c":2}}`:                 `{"a":{"c":2,"d":1},"b":1}`,
		deep(16):                                    deep(16),
	} {
		got, err := journal.Canonical([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("Canonical(%s) = %s, %v, want %s", in, got, err, want)
		}
		again, err := journal.Canonical(got)
		if err != nil || string(again) != want {
			t.Errorf("Canonical(%s) again = %s, %v", want, again, err)
		}
	}
	for _, in := range []string{
		``, `1`, `[]`, `"a"`, `null`, `{`, `{"a"}`, `{"a":1}{"b":1}`, `{"a":1} x`, `{"a":1.5}`, `{"a":1e3}`, `{"a":1.0}`, `{"a":-0}`,
		`{"a":9007199254740992}`, `{"a":1,"a":2}`, `{"b":1,"a":1,"b":2}`, `{"b":1,"a":2,}`, `{"b":1 "a":2}`, `{"b":1,,"a":2}`, `{"b":1,"a":1.5}`, `{"a":1,"\u0061":2}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{"a":"\uD83D\uDE00"}`,
		`{"a":NaN}`, `{"a":'b'}`, `{"a":01}`, `{"a":+1}`, deep(17),
	} {
		if got, err := journal.Canonical([]byte(in)); err == nil {
			t.Errorf("Canonical(%s) = %s, want a refusal", in, got)
		}
	}
}

// TestCanonicalMeansTheSame: another reader finds the same values in the
// canonical form as in the original.
func TestCanonicalMeansTheSame(t *testing.T) {
	text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r < 0xd800 || r > 0xdfff }))
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.MapOf(text, rapid.SliceOf(text)).Draw(t, "object")
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := journal.Canonical(raw)
		if err != nil {
			t.Fatalf("Canonical(%s): %v", raw, err)
		}
		var back map[string][]string
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(raw) {
			t.Fatalf("%s became %s, %v", raw, again, err)
		}
	})
}

// TestClockGrows whatever the PC's clock says, and is written and read alike.
func TestClockGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := journal.HLC{}
		for _, now := range rapid.SliceOf(rapid.Int64()).Draw(t, "clock") {
			next := journal.Next(h, day.Instant(now))
			if next.Compare(h) <= 0 {
				t.Fatalf("at %d: %v after %v", now, next, h)
			}
			if next.Ms > 1<<53-1 {
				break // the year 287396
			}
			if back, ok := journal.ParseHLC(next.String()); !ok || back != next {
				t.Fatalf("%v came back as %v, %v", next, back, ok)
			}
			h = next
		}
	})
	full := journal.HLC{Ms: 5, Count: 1<<20 - 1}
	if got := journal.Next(full, 3); got != (journal.HLC{Ms: 6}) {
		t.Errorf("after a full count: %v", got)
	}
	for _, bad := range []string{"", "1", "1.", ".1", "01.0", "1.00", "-1.0", "1.-1", "1.0.0", " 1.0", "1.1048576", "9007199254740992.0", "１.0"} {
		if h, ok := journal.ParseHLC(bad); ok {
			t.Errorf("ParseHLC(%q) = %v", bad, h)
		}
	}
}
