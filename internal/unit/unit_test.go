package unit

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	ok := map[string]int64{
		"85": 85000, "8,5": 8500, "8.5": 8500, "0,25": 250, "0.125": 125, " 60 ": 60000, "0": 0, "5,0": 5000,
		"1000": 1000000, "12,50": 12500, "\u00a07": 7000,
	}
	for in, want := range ok {
		got, err := parse(in)
		if err != nil || got != want {
			t.Errorf("parse(%q) = %d, %v, want %d", in, got, err, want)
		}
	}
	bad := map[string]ParseProblem{
		"": Empty, "  ": Empty, "-5": NotNumber, "+5": NotNumber, "NaN": NotNumber, "Inf": NotNumber, "1e3": NotNumber,
		"0x10": NotNumber, "1_000": NotNumber, ".5": NotNumber, "5.": NotNumber, "05": NotNumber, "1.234": Unclear,
		"1,234": Unclear, "1.234,5": Unclear, "1,2,3": Unclear, "٥": NotNumber, "５": NotNumber, "12345678": TooLong,
		"0,1234": TooLong, "99999999999999": TooLong, "5\u200b": NotNumber, "8 5": NotNumber, "5mg": NotNumber,
	}
	for in, want := range bad {
		_, err := parse(in)
		if !errors.Is(err, want) {
			t.Errorf("parse(%q) error = %v, want %v", in, err, want)
		}
	}
}

func TestVolumeIsExactOrRefused(t *testing.T) {
	v, err := Strength(10000).Volume(85 * Milligram)
	if err != nil || v != 8500 {
		t.Fatalf("85 mg at 10 mg/mL = %v, %v, want 8.5 mL", v, err)
	}
	if _, err := Strength(10000).Volume(5); !errors.Is(err, ErrInexact) {
		t.Errorf("5 µg at 10 mg/mL: error = %v, want ErrInexact", err)
	}
	if _, err := Strength(0).Volume(5); !errors.Is(err, ErrRange) {
		t.Errorf("strength 0: error = %v, want ErrRange", err)
	}
	if _, err := Strength(10000).Volume(-1); !errors.Is(err, ErrRange) {
		t.Errorf("negative amount: error = %v, want ErrRange", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := Strength(rapid.Int64Range(1, 100_000).Draw(t, "strength"))
		g := Microgram(rapid.Int64Range(0, 1_000_000_000).Draw(t, "amount"))
		v, err := s.Volume(g)
		if err != nil {
			return
		}
		back, err := s.Amount(v)
		if err != nil || back != g {
			t.Fatalf("%v at %v is %v, and back %v, %v", g, s, v, back, err)
		}
	})
}

func TestSixtyTenthsAreSix(t *testing.T) {
	sum := Microlitre(0)
	for range 60 {
		sum += 100
	}
	if sum != 6*Millilitre {
		t.Fatalf("60 × 0.1 mL = %v", sum)
	}
}

func TestDecimalRoundTrip(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 500: "0,5", 8500: "8,5", 85000: "85", 1: "0,001", -2500: "−2,5"} {
		if got := Decimal(n, ","); got != want {
			t.Errorf("Decimal(%d) = %q, want %q", n, got, want)
		}
	}
}
