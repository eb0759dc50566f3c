package house

import "testing"

// TestHouse holds this tree to the house rules.
func TestHouse(t *testing.T) {
	root, err := Root(".")
	if err != nil {
		t.Fatal(err)
	}
	found, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}
