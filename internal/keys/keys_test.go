package keys

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPassphrase(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, "x"); !errors.Is(err, ErrNone) {
		t.Fatalf("no file: %v", err)
	}
	k, shares, err := Create(dir, "tg.dbv/tram", "đi chợ sớm mai", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Create(dir, "tg.dbv/tram", "other", rand.Reader); !errors.Is(err, ErrExist) {
		t.Fatalf("second Create: %v", err)
	}
	if _, err := Open(dir, "di cho som mai"); !errors.Is(err, ErrPassphrase) {
		t.Fatalf("wrong passphrase: %v", err)
	}
	back, err := Open(dir, "đi chợ sớm mai")
	if err != nil || back.Data != k.Data || back.Journal.Signer.KeyHash() != k.Journal.Signer.KeyHash() || !back.Protected {
		t.Fatalf("back %v, %v", back, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, FileName))
	if err != nil || strings.Contains(string(b), "PRIVATE") {
		t.Fatalf("the signing key lies open: %v", err)
	}
	for i := range shares {
		for j := range shares {
			key, err := Join(shares[i], shares[j])
			if i == j {
				if !errors.Is(err, ErrShare) {
					t.Errorf("share %d twice: %v", i, err)
				}
			} else if err != nil || key != k.Data {
				t.Errorf("shares %d and %d: %v", i, j, err)
			}
		}
	}
}

func TestMistypedShareIsFound(t *testing.T) {
	shares, err := Split([32]byte{1, 2, 3}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Split([32]byte{4}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Join(shares[0], other[1]); !errors.Is(err, ErrShare) {
		t.Errorf("shares of two keys: %v", err)
	}
	s := []byte(shares[0])
	for i := 7; i < len(s); i++ {
		if s[i] == '-' {
			continue
		}
		bad := append([]byte(nil), s...)
		bad[i] = 'A' + (bad[i]-'A'+1)%26
		if string(bad) == string(s) {
			continue
		}
		if _, err := Join(Share(bad), shares[1]); !errors.Is(err, ErrShare) {
			t.Fatalf("one wrong character at %d: %v", i, err)
		}
	}
	if key, err := Join(Share(strings.ToLower(strings.ReplaceAll(string(shares[0]), "-", " - "))), shares[2]); err != nil || key != [32]byte{1, 2, 3} {
		t.Errorf("lower case and blanks: %v", err)
	}
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Create(dir, "tg.dbv/tram", "", rand.Reader); err != nil {
		t.Fatal(err)
	}
	k, err := Open(dir, "")
	if err != nil || k.Protected {
		t.Fatalf("unprotected: %v", err)
	}
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, []byte(`{"format":"tram keys 1"`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, ""); !errors.Is(err, ErrDamaged) {
		t.Fatalf("half a file: %v", err)
	}
	for _, name := range []string{"", "TG/tram", "tg tram/x", "tg+x/tram", "tg"} {
		if _, _, err := Create(t.TempDir(), name, "", rand.Reader); err == nil {
			t.Errorf("name %q was taken", name)
		}
	}
}

func TestRecover(t *testing.T) {
	dir := t.TempDir()
	k, shares, err := Create(dir, "tg.dbv/tram", "lost", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := Create(t.TempDir(), "tg.dbv/tram", "x", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(dir, foreign[0], foreign[1], "new", rand.Reader); !errors.Is(err, ErrShare) {
		t.Errorf("shares of another site: %v, want ErrShare", err)
	}
	if _, err := Open(dir, "lost"); err != nil {
		t.Errorf("foreign shares changed the file: %v", err)
	}
	if _, err := Recover(dir, shares[2], shares[0], "new", rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "lost"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("the lost passphrase still opens: %v", err)
	}
	back, err := Open(dir, "new")
	if err != nil || back.Data != k.Data || back.Journal.Signer.KeyHash() != k.Journal.Signer.KeyHash() || back.Number != k.Number {
		t.Errorf("with the new passphrase: %v", err)
	}
	if _, err := Recover(dir, shares[1], shares[2], "newer", rand.Reader); err != nil {
		t.Errorf("the shares were used up: %v", err)
	}
}

// TestPassphraseOfAnotherKeyboard: the same letters, composed and decomposed.
func TestPassphraseOfAnotherKeyboard(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Create(dir, "tg.dbv/tram", "ti\u1ebfng vi\u1ec7t", rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "tie\u0302\u0301ng vie\u0323\u0302t"); err != nil {
		t.Error(err)
	}
}

// TestChangedFile changes each letter of the wrapped keys: nothing else than
// the right keys ever comes out.
func TestChangedFile(t *testing.T) {
	dir := t.TempDir()
	k, _, err := Create(dir, "tg.dbv/tram", "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		changed := append([]byte(nil), whole...)
		changed[i] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		back, err := Open(dir, "")
		if err == nil && (back.Data != k.Data || back.Journal.Signer.KeyHash() != k.Journal.Signer.KeyHash()) {
			t.Fatalf("letter %d changed, other keys came out", i)
		}
	}
}

// TestBox holds the letter box's key to its derivation, for ever: letters on
// paper are sealed to it. It is none of the other keys, and the public half is
// X25519 of the private one (RFC 7748, section 6.1).
func TestBox(t *testing.T) {
	k := &Keys{}
	for i := range k.Data {
		k.Data[i] = byte(i)
	}
	box := k.Box()
	if got, want := hex.EncodeToString(box[:]), "84f25b0ef7bd54ea48351c2fe790e6a71fd18dea10e00875485428811d2e2b73"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	public, err := k.BoxPublic()
	if err != nil || public != "gJovGC9IFX6Qco9v+7r5tQaNI32NjrMXmjNo9rgEYW0=" {
		t.Errorf("got %q, %v", public, err)
	}
	seen := map[[32]byte]string{}
	for name, key := range map[string][32]byte{
		"box": box, "sync": k.SyncSeed(), "receipts": k.ReceiptSeed(), "baton": k.BatonKey(), "backups": k.BackupKey(),
		"signer": [32]byte(k.signerKey()), "database": k.Data,
	} {
		if other, ok := seen[key]; ok {
			t.Errorf("one key for %s and %s", name, other)
		}
		seen[key] = name
	}
	dir := t.TempDir()
	made, _, err := Create(dir, "tg.dbv/tram", "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Open(dir, "")
	if err != nil || back.Box() != made.Box() {
		t.Errorf("another box after opening: %v", err)
	}
}
