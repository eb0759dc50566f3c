package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"tram/internal/baton"
	"tram/internal/keys"
	"tram/internal/sitedir"
)

const testPass = "một câu đủ dài"

// tram runs a command line in this process and answers what it printed.
func tram(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Exit(func(int) { t.Fatalf("%v: exit", args) }))
	if err != nil {
		t.Fatal(err)
	}
	k, err := parser.Parse(args)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	k.BindTo(t.Context(), (*context.Context)(nil))
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	said := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(r) // a pipe of our own
		said <- string(b)
	}()
	err = k.Run()
	os.Stdout = stdout
	_ = w.Close() // a pipe of our own
	return <-said, err
}

func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tram(t, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, explain(err))
	}
	return out
}

// founded makes a site with the command and answers its directory and shares.
func founded(t *testing.T) (dir string, shares []string) {
	t.Helper()
	t.Setenv("TRAM_PASSPHRASE", testPass)
	t.Setenv("TRAM_PIN", "205173")
	dir = filepath.Join(t.TempDir(), "site")
	out := must(t, "init", "--data", dir, "--site", "TT", "--name", "Trạm thử", "--programme", "ĐBV 1", "--manager", "Lò Thị Nhàn")
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "tram-") {
			shares = append(shares, line)
		}
	}
	if len(shares) != 3 {
		t.Fatalf("%d shares in %s", len(shares), out)
	}
	return dir, shares
}

// TestLostPC goes through docs/howto/lost-pc.md and stolen-pc.md with the
// commands: backup, baton, drill, restore with shares, the old PC over.
func TestLostPC(t *testing.T) {
	dir, shares := founded(t)
	stick, out := t.TempDir(), filepath.Join(t.TempDir(), "b.tram")
	if said := must(t, "backup", "--data", dir, "--out", out); !strings.Contains(said, "SHA-256 ") || !strings.Contains(said, "Backup 1 of Trạm thử") {
		t.Errorf("backup: %s", said)
	}
	if said := must(t, "backup", "--check", out); !strings.Contains(said, "tables as the journal makes them") {
		t.Errorf("drill: %s", said)
	}
	must(t, "baton", "make", "--data", dir, "--at", stick)
	if said := must(t, "baton", "status", "--data", dir, "--at", stick); !strings.Contains(said, "All is well") {
		t.Errorf("status: %s", said)
	}
	if said := must(t, "baton", "check", "--data", dir, "--at", stick); !strings.Contains(said, "are whole") {
		t.Errorf("check: %s", said)
	}
	card := filepath.Join(t.TempDir(), "share.txt")
	if err := os.WriteFile(card, []byte("Site safe, keep\n  "+shares[1]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TRAM_NEW_PASSPHRASE", "một câu khác cũng dài")
	fresh := filepath.Join(t.TempDir(), "new")
	said := must(t, "restore", "--from", out, "--data", fresh, "--baton", stick, "--share", shares[0], "--share", card)
	if !strings.Contains(said, "installation 2 from now on") || !strings.Contains(said, "read to its end") {
		t.Errorf("restore: %s", said)
	}
	if said, err := tram(t, "baton", "status", "--data", dir, "--at", stick); err == nil || !strings.Contains(said, "This PC is over") {
		t.Errorf("the old PC: %s, %v", said, err)
	}
	if _, err := tram(t, "baton", "make", "--data", dir, "--at", stick); !errors.Is(err, baton.ErrNewer) || !strings.Contains(explain(err), "do not dose here") {
		t.Errorf("the old PC wrote: %v", err)
	}
	t.Setenv("TRAM_PASSPHRASE", "một câu khác cũng dài")
	must(t, "verify", "--data", fresh)
	if said := must(t, "baton", "status", "--data", fresh, "--at", stick, "--json"); !strings.Contains(said, `"standing":"same"`) {
		t.Errorf("the new PC: %s", said)
	}
}

// TestBatonAloneByCommand restores from the baton and nothing else.
func TestBatonAloneByCommand(t *testing.T) {
	dir, _ := founded(t)
	stick := t.TempDir()
	must(t, "baton", "make", "--data", dir, "--at", stick)
	fresh := filepath.Join(t.TempDir(), "new")
	if said := must(t, "restore", "--data", fresh, "--baton", stick); !strings.Contains(said, "Lò Thị Nhàn sets a new one") {
		t.Errorf("restore: %s", said)
	}
	must(t, "verify", "--data", fresh)
}

func TestRecoverByCommand(t *testing.T) {
	dir, shares := founded(t)
	t.Setenv("TRAM_NEW_PASSPHRASE", "short")
	if _, err := tram(t, "recover", "--data", dir, "--share", shares[0], "--share", shares[2]); err == nil {
		t.Error("a short passphrase was taken")
	}
	t.Setenv("TRAM_NEW_PASSPHRASE", "một câu khác cũng dài")
	if _, err := tram(t, "recover", "--data", dir, "--share", shares[0], "--share", shares[0]); !errors.Is(err, keys.ErrShare) {
		t.Errorf("one share twice: %v", err)
	}
	must(t, "verify", "--data", dir) // nothing was changed
	must(t, "recover", "--data", dir, "--share", shares[0], "--share", shares[2])
	if _, err := tram(t, "verify", "--data", dir); !errors.Is(err, keys.ErrPassphrase) {
		t.Errorf("the lost passphrase: %v", err)
	}
	t.Setenv("TRAM_PASSPHRASE", "một câu khác cũng dài")
	must(t, "verify", "--data", dir)
}

// TestExportAndImportAgain: what export writes, import takes, and finds known.
func TestExportAndImportAgain(t *testing.T) {
	dir, _ := founded(t)
	in := filepath.Join(t.TempDir(), "in.csv")
	table := "patient,name,sex,birth\n0042,Sùng A Chớ,m,1982\nTT-7,Giàng A Dủa,m,1990-05-01\n"
	if err := os.WriteFile(in, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "import", "--data", dir, "--kind", "patients", in)
	for _, name := range []string{"out.csv", "out.xlsx"} {
		out := filepath.Join(t.TempDir(), name)
		if said := must(t, "export", "--data", dir, "--what", "patients", "--out", out); !strings.Contains(said, "2 rows of patients") {
			t.Errorf("%s: %s", name, said)
		}
		if said := must(t, "import", "--data", dir, out); !strings.Contains(said, "On record already: 2 rows") {
			t.Errorf("%s again: %s", name, said)
		}
		if _, err := tram(t, "export", "--data", dir, "--what", "patients", "--out", out); err == nil {
			t.Errorf("%s was written over", name)
		}
	}
	out := filepath.Join(t.TempDir(), "stock.csv")
	must(t, "export", "--data", dir, "--what", "stock", "--out", out)
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if rows, err := csv.NewReader(f).ReadAll(); err != nil || len(rows) != 1 {
		t.Errorf("stock: %d rows, %v", len(rows), err)
	}
	t.Setenv("TRAM_PIN", "111213")
	if _, err := tram(t, "export", "--data", dir, "--what", "doses", "--out", out+"2.csv"); err == nil {
		t.Error("a wrong PIN exported")
	}
	if _, err := os.Stat(out + "2.csv"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file is left: %v", err)
	}
}

func TestHintsAreSentences(t *testing.T) {
	for _, h := range secondHints {
		if got := explain(h.err); !strings.HasSuffix(got, h.hint) || h.hint == "" {
			t.Errorf("%v: %q", h.err, got)
		}
	}
	if got := explain(sitedir.ErrInUse); !strings.Contains(got, "close the other one") {
		t.Errorf("in use: %q", got)
	}
}
