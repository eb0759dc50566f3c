package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// TestSealed: only the site it was sealed to opens it, only for its use, and
// only as it was.
func TestSealed(t *testing.T) {
	one, two := &Keys{Data: [32]byte{1}}, &Keys{Data: [32]byte{2}}
	box, err := one.BoxPublic()
	if err != nil {
		t.Fatal(err)
	}
	secret := one.DigestSecret(1)
	text, err := SealTo(box, DigestUse, secret[:], rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := one.OpenSealed(DigestUse, text); err != nil || !bytes.Equal(got, secret[:]) {
		t.Errorf("opened %x, %v", got, err)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, k *Keys, use, text string) {
		t.Helper()
		if _, err := k.OpenSealed(use, text); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", name, err)
		}
	}
	refused("another site", two, DigestUse, text)
	refused("another use", one, "letters", text)
	refused("nothing", one, DigestUse, "")
	refused("no base64", one, DigestUse, "?")
	refused("half", one, DigestUse, base64.StdEncoding.EncodeToString(raw[:40]))
	refused("a key of small order", one, DigestUse, base64.StdEncoding.EncodeToString(append(make([]byte, boxLen), raw[boxLen:]...)))
	for i := range raw {
		altered := bytes.Clone(raw)
		altered[i] ^= 1
		refused("altered", one, DigestUse, base64.StdEncoding.EncodeToString(altered))
	}
	for _, bad := range []string{"", "?", "AAECAw=="} {
		if _, err := SealTo(bad, DigestUse, secret[:], rand.Reader); err == nil {
			t.Errorf("sealed to %q", bad)
		}
	}
	if _, err := SealTo(box, DigestUse, secret[:], strings.NewReader("short")); err == nil {
		t.Error("sealed without randomness")
	}
}

// TestDigest: one number and key give one digest, another of either another
// one; the bytes are held, because sites of different versions compare them.
func TestDigest(t *testing.T) {
	k := &Keys{Data: [32]byte{1}}
	got := Digest(k.DigestSecret(1), 64, "011085000123")
	if want := "240ee707"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	for name, other := range map[string]string{
		"number": Digest(k.DigestSecret(1), 64, "011085000124"), "generation": Digest(k.DigestSecret(2), 64, "011085000123"),
		"cost": Digest(k.DigestSecret(1), 128, "011085000123"), "programme": Digest((&Keys{Data: [32]byte{2}}).DigestSecret(1), 64, "011085000123"),
	} {
		if other == got {
			t.Errorf("another %s, the same digest", name)
		}
	}
}

// BenchmarkDigest is what one number costs a registration, and whoever tries
// them all.
func BenchmarkDigest(b *testing.B) {
	k := &Keys{Data: [32]byte{1}}
	for b.Loop() {
		Digest(k.DigestSecret(1), DigestKiB, "011085000123")
	}
}
