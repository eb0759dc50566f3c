package letter

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	b, err := base64.StdEncoding.Strict().DecodeString(text[strings.LastIndexByte(text, '+')+1:])
	if err != nil || len(b) != 33 || b[0] != 1 || !sound(b[1:]) {
		return nil, errKey
	}
	return v, nil
}

// lowOrder are the y coordinates of the eight points of small order of
// edwards25519, in canonical form without the sign bit. A key that is one of
// them makes signatures that fit many messages.
var lowOrder = [][]byte{
	unhex("0000000000000000000000000000000000000000000000000000000000000000"),
	unhex("0100000000000000000000000000000000000000000000000000000000000000"),
	unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
	unhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
	unhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
}

// sound says whether 32 bytes are a public key in its one canonical form and of
// full order. The standard library's Verify refuses signatures whose second
// half is not reduced, and compares the first half as bytes; it accepts keys
// that are not canonical or of small order, which are refused here.
func sound(key []byte) bool {
	if len(key) != ed25519.PublicKeySize {
		return false
	}
	y := slices.Clone(key)
	y[31] &= 0x7f
	if y[31] == 0x7f && y[0] >= 0xed && !slices.ContainsFunc(y[1:31], func(b byte) bool { return b != 0xff }) {
		return false // not below the field's prime 2^255-19
	}
	return !slices.ContainsFunc(lowOrder, func(p []byte) bool { return slices.Equal(p, y) })
}

func unhex(s string) []byte {
	b := make([]byte, len(s)/2)
	for i := range b {
		if _, err := fmt.Sscanf(s[2*i:2*i+2], "%02x", &b[i]); err != nil {
			panic(err) // a constant of this file
		}
	}
	return b
}
