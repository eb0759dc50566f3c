package journal_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/journal"
)

// TestOneFormOfASignature: the bits of base64 that mean nothing must be zero, so
// that a checkpoint is one row of bytes.
func TestOneFormOfASignature(t *testing.T) {
	x := spec(t)
	v, err := note.NewVerifier(strings.TrimSpace(x["verifier"]))
	if err != nil {
		t.Fatal(err)
	}
	text := x["checkpoint"]
	if _, err := journal.ReadCheckpoint([]byte(text), v); err != nil {
		t.Fatal(err)
	}
	end := strings.LastIndex(text, "=")
	last := strings.IndexByte(base64Digits, text[end-1])
	other := text[:end-1] + string(base64Digits[last^1]) + text[end:]
	if _, err := note.Open([]byte(other), note.VerifierList(v)); err != nil {
		t.Fatalf("not the same signature in other bytes: %v", err)
	}
	if _, err := journal.ReadCheckpoint([]byte(other), v); !errors.Is(err, journal.ErrBroken) {
		t.Errorf("the same signature in other bytes: %v", err)
	}
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
