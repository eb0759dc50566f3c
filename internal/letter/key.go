package letter

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"filippo.io/edwards25519"
	"golang.org/x/mod/sumdb/note"
)

// errKey says that a key is none that may be used.
var errKey = errors.New("not a usable key")

func private(b [32]byte) (*ecdh.PrivateKey, error) {
	k, err := ecdh.X25519().NewPrivateKey(b[:])
	if err != nil {
		return nil, fmt.Errorf("box key: %w", err)
	}
	return k, nil
}

// boxKey reads a site's public box key. One of small order, to which everybody
// could read what is sealed, is none: agreeing with it gives zeros, which
// crypto/ecdh refuses whatever the private key is.
func boxKey(text string) (*[32]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errKey
	}
	public, err := ecdh.X25519().NewPublicKey(b)
	if err != nil {
		return nil, errKey
	}
	some, err := private([32]byte{1})
	if err != nil {
		return nil, err
	}
	if _, err := some.ECDH(public); err != nil {
		return nil, errKey
	}
	return (*[32]byte)(b), nil
}

// clinicianKey reads a clinician's public key.
func clinicianKey(text string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || !sound(b) {
		return nil, errKey
	}
	return b, nil
}

// siteVerifier reads the key of a site's journal, in the text form of the note
// package: name+hash+base64 of a byte 1 and the key.
func siteVerifier(text string) (note.Verifier, error) {
	v, err := note.NewVerifier(text)
	if err != nil {
		return nil, errKey
	}
	parts := strings.SplitN(text, "+", 3) // base64 has the same sign in its alphabet
	b, err := base64.StdEncoding.Strict().DecodeString(parts[len(parts)-1])
	if err != nil || len(b) != 33 || b[0] != 1 || !sound(b[1:]) {
		return nil, errKey
	}
	return v, nil
}

// sound says whether 32 bytes are the one canonical form of a point of the prime
// order, other than the neutral one.
//
// The standard library's Verify refuses a signature whose second half is not
// reduced, and compares the first half as bytes, so that each signature has one
// form. It accepts keys that are not canonical, of small order, or mixed with a
// point of small order. A signature by such a key can fit several messages, or be
// good in one program and false in another; those are refused here.
func sound(key []byte) bool {
	p, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || !bytes.Equal(p.Bytes(), key) {
		return false
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return false
	}
	// The group's prime order less one, times p, is minus p only where p has that
	// order: the order itself is no scalar of the package.
	one, err := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	if err != nil {
		return false
	}
	minus := new(edwards25519.Point).ScalarMult(edwards25519.NewScalar().Negate(one), p)
	return minus.Equal(new(edwards25519.Point).Negate(p)) == 1
}
