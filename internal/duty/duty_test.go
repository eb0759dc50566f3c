package duty

import "testing"

func TestKnown(t *testing.T) {
	for _, c := range []struct {
		list []Duty
		want bool
	}{
		{nil, false},
		{[]Duty{Dispenser}, true},
		{All, true},
		{[]Duty{Dispenser, Dispenser}, false},
		{[]Duty{"owner"}, false},
		{[]Duty{Dispenser, ""}, false},
		{[]Duty{"Manager"}, false},
	} {
		if got := Known(c.list); got != c.want {
			t.Errorf("Known(%q) = %v, want %v", c.list, got, c.want)
		}
	}
}

func TestHas(t *testing.T) {
	if !Has(All, Inspector) || Has([]Duty{Manager}, Physician) || Has(nil, "") {
		t.Error("Has finds what is not there, or misses what is")
	}
}
