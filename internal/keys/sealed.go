package keys

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrSealed says that something was not sealed to this site, or not for this
// use, or was altered on the way.
var ErrSealed = errors.New("not sealed to this site")

// boxLen is the length of an X25519 key.
const boxLen = 32

// SealTo seals a secret to a site's box key, as in the programme's directory,
// for one use: only that site can open it, and only for that. The text is the
// public half of a key made for this once, then the ciphertext, in base64.
func SealTo(box, use string, secret []byte, rand io.Reader) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(box)
	if err != nil {
		return "", fmt.Errorf("the box key: %w", err)
	}
	theirs, err := ecdh.X25519().NewPublicKey(raw)
	if err != nil {
		return "", fmt.Errorf("the box key: %w", err)
	}
	var once [boxLen]byte
	if _, err := io.ReadFull(rand, once[:]); err != nil {
		return "", fmt.Errorf("seal to a site: %w", err)
	}
	mine, err := ecdh.X25519().NewPrivateKey(once[:])
	if err != nil {
		return "", fmt.Errorf("seal to a site: %w", err)
	}
	key, err := sealKey(mine, theirs, mine.PublicKey(), theirs, use)
	if err != nil {
		return "", err
	}
	sealed, err := wrap(key, secret, use, rand)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(append(mine.PublicKey().Bytes(), sealed...)), nil
}

// OpenSealed opens what was sealed to this site for a use.
func (k *Keys) OpenSealed(use, text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < boxLen {
		return nil, ErrSealed
	}
	b := k.Box()
	mine, err := ecdh.X25519().NewPrivateKey(b[:])
	if err != nil {
		return nil, fmt.Errorf("box key: %w", err)
	}
	once, err := ecdh.X25519().NewPublicKey(raw[:boxLen])
	if err != nil {
		return nil, ErrSealed
	}
	key, err := sealKey(mine, once, once, mine.PublicKey(), use)
	if err != nil {
		return nil, ErrSealed // a public key of small order: nobody honest has one
	}
	secret, err := unwrap(key, raw[boxLen:], use)
	if err != nil {
		return nil, ErrSealed
	}
	return secret, nil
}

// sealKey is the key that both sides come to, bound to both public halves.
func sealKey(private *ecdh.PrivateKey, public, once, to *ecdh.PublicKey, use string) ([]byte, error) {
	secret, err := private.ECDH(public)
	if err != nil {
		return nil, fmt.Errorf("the box key: %w", err)
	}
	return hkdf.Key(sha256.New, secret, nil, strings.Join([]string{"tram sealed 1", use, string(once.Bytes()), string(to.Bytes())}, "\n"), sha256.Size)
}
