package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tram/internal/hub"
)

// TestHubBackup goes through docs/howto/hub.md with the commands: a hub is
// made, saved, proven and brought back, and what is not saved is named.
func TestHubBackup(t *testing.T) {
	t.Setenv("TRAM_PASSPHRASE", testPass)
	t.Setenv("TRAM_PASSWORD", "sương mù trên đèo cao")
	dir, out := filepath.Join(t.TempDir(), "hub"), filepath.Join(t.TempDir(), "h.tram")
	must(t, "hub", "init", "--data", dir, "--programme", "DBV", "--manager", "Lò Thị Nhàn")
	if said := must(t, "backup", "--data", dir, "--out", out); !strings.Contains(said, "no hub has run on it") || !strings.Contains(said, "SHA-256 ") {
		t.Error(said)
	}
	if err := os.WriteFile(filepath.Join(dir, "hub.json"), []byte(`{"tables":"postgresql"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	beside := out + "2"
	if said := must(t, "backup", "--data", dir, "--out", beside); !strings.Contains(said, "NOT saved: the sites' journals") || !strings.Contains(said, "pg_dump") {
		t.Error(said)
	}
	if said := must(t, "backup", "--data", dir, "--out", beside+"j", "--json"); !strings.Contains(said, `"tables_saved":false`) {
		t.Error(said)
	}
	if said := must(t, "backup", "--check", beside); !strings.Contains(said, "fits its signatures") || !strings.Contains(said, "NOT saved") {
		t.Error(said)
	}
	again := filepath.Join(t.TempDir(), "again")
	if said := must(t, "restore", "--from", beside, "--data", again); !strings.Contains(said, "--postgres URL") || !strings.Contains(said, "Never start the old hub again") {
		t.Error(said)
	}
	if _, err := tram(t, "restore", "--from", beside, "--data", again); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a hub was overwritten: %v", err)
	}
	if _, err := tram(t, "restore", "--from", beside, "--data", again+"b", "--baton", dir); err == nil {
		t.Error("a hub was restored from a baton")
	}
	damaged := filepath.Join(t.TempDir(), "damaged")
	whole, err := os.ReadFile(beside)
	if err == nil {
		err = os.WriteFile(damaged, whole[:len(whole)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tram(t, "backup", "--check", damaged); !errors.Is(err, hub.ErrBackup) || !strings.Contains(explain(err), "older backup") {
		t.Errorf("half a backup: %v", err)
	}
}
