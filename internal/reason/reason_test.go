package reason

import (
	"fmt"
	"testing"
)

func TestRuleThroughWrapping(t *testing.T) {
	err := fmt.Errorf("record: %w", Refuse("DOSE-03", "missed", 4))
	if Rule(err) != "DOSE-03" {
		t.Fatalf("got %q", Rule(err))
	}
	if got := err.Error(); got != "record: refused by DOSE-03 missed=4" {
		t.Fatalf("got %q", got)
	}
	if Rule(fmt.Errorf("disk full")) != "" {
		t.Fatal("a fault is not a refusal")
	}
}
