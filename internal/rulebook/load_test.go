package rulebook

import (
	"errors"
	"testing"
)

func TestEverySetLoads(t *testing.T) {
	ids := IDs()
	if len(ids) < 3 {
		t.Fatalf("sets: %v, want at least au, vn, who", ids)
	}
	for _, id := range ids {
		s, err := Load(id)
		if err != nil {
			t.Errorf("Load(%q): %v", id, err)
			continue
		}
		if _, err := Effective(s, nil); err != nil {
			t.Errorf("Effective(%q): %v", id, err)
		}
	}
	if _, err := Load("xx"); !errors.Is(err, ErrNoSet) {
		t.Errorf("Load(xx) = %v, want ErrNoSet", err)
	}
}
