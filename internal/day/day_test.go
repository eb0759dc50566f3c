package day

import (
	"encoding/json"
	"testing"
	"time"
)

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"03/04/2026": "2026-04-03", "3/4/2026": "2026-04-03", "2026-04-03": "2026-04-03", "29/02/2028": "2028-02-29",
		"31-12-2025": "2025-12-31", "1.2.2026": "2026-02-01",
	} {
		d, err := ParseTyped(in)
		if err != nil || d.String() != want {
			t.Errorf("ParseTyped(%q) = %v, %v, want %s", in, d, err, want)
		}
	}
	for _, in := range []string{"29/02/2027", "31/04/2026", "04/13/2026", "1/1/26", "", "2026/04/03x", "٣/4/2026", "00/01/2026", "1/1/0001"} {
		if d, err := ParseTyped(in); err == nil {
			t.Errorf("ParseTyped(%q) = %v, want a refusal", in, d)
		}
	}
}

func TestPartial(t *testing.T) {
	for in, want := range map[string]string{"1985": "1985", "03/1985": "1985-03", "1985-03": "1985-03", "15/03/1985": "1985-03-15", "": ""} {
		p, err := ParsePartial(in)
		if err != nil || p.String() != want {
			t.Errorf("ParsePartial(%q) = %q, %v, want %q", in, p, err, want)
		}
		b, _ := json.Marshal(p)
		var back Partial
		if err := json.Unmarshal(b, &back); err != nil || back != p {
			t.Errorf("%q came back as %v, %v", in, back, err)
		}
	}
	for _, in := range []string{"85", "13/1985", "abcd", "30/02/1985"} {
		if p, err := ParsePartial(in); err == nil {
			t.Errorf("ParsePartial(%q) = %v, want a refusal", in, p)
		}
	}
}

// TestMorningIsOneDay holds the reason for civil days: both sides of UTC
// midnight are one morning in Hanoi.
func TestMorningIsOneDay(t *testing.T) {
	z, err := LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	early := InstantOf(time.Date(2026, 11, 22, 23, 45, 0, 0, time.UTC))
	late := InstantOf(time.Date(2026, 11, 23, 0, 10, 0, 0, time.UTC))
	if z.DayOf(early) != z.DayOf(late) || z.DayOf(late).String() != "2026-11-23" || z.Clock(early) != "06:45" {
		t.Fatalf("got %v %v %s", z.DayOf(early), z.DayOf(late), z.Clock(early))
	}
	if got := z.At(z.DayOf(early), 6, 45); got != early {
		t.Fatalf("At = %d, want %d", got, early)
	}
}
