package keys

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Share is one of three recovery shares of the database key, as printed text:
// "tram-1-XXXXX-…". Any two of them give the key. One alone holds no part of
// it, only the three bytes of its hash by which shares of one key are known.
type Share string

const (
	shareCount = 3
	checkLen   = 3
)

// ErrShare says that a share was mistyped, belongs to another key, or is the
// same one twice.
var ErrShare = errors.New("the recovery shares do not fit")

var shareText = base32.StdEncoding.WithPadding(base32.NoPadding)

// Split makes the shares: for each byte of the key a line through it over the
// field of 256 elements (Shamir 1979, two of three); share x is the line's
// value at x.
func Split(key [32]byte, rand io.Reader) ([]Share, error) {
	var slope [32]byte
	if _, err := io.ReadFull(rand, slope[:]); err != nil {
		return nil, fmt.Errorf("split the key: %w", err)
	}
	fp := sha256.Sum256(key[:]) // tells whether shares are of one key
	var out []Share
	for x := byte(1); x <= shareCount; x++ {
		b := make([]byte, 0, 32+2*checkLen)
		for i := range key {
			b = append(b, key[i]^mul(slope[i], x))
		}
		b = append(b, fp[:checkLen]...)
		sum := sha256.Sum256(append([]byte{x}, b...)) // finds typing errors
		b = append(b, sum[:checkLen]...)
		out = append(out, Share(fmt.Sprintf("tram-%d-%s", x, grouped(shareText.EncodeToString(b)))))
	}
	return out, nil
}

// Join puts the key together from two shares.
func Join(one, two Share) (key [32]byte, err error) {
	x1, y1, err := parseShare(one)
	if err != nil {
		return key, err
	}
	x2, y2, err := parseShare(two)
	if err != nil {
		return key, err
	}
	if x1 == x2 || string(y1[32:]) != string(y2[32:]) {
		return key, ErrShare
	}
	d := inv(x1 ^ x2)
	for i := range key {
		slope := mul(y1[i]^y2[i], d)
		key[i] = y1[i] ^ mul(slope, x1)
	}
	if fp := sha256.Sum256(key[:]); string(fp[:checkLen]) != string(y1[32:]) {
		return [32]byte{}, ErrShare
	}
	return key, nil
}

func parseShare(s Share) (x byte, y []byte, err error) {
	t := strings.ToUpper(strings.Join(strings.Fields(string(s)), ""))
	t, ok := strings.CutPrefix(t, "TRAM-")
	if !ok || len(t) < 3 || t[0] < '1' || t[0] > '0'+shareCount || t[1] != '-' {
		return 0, nil, ErrShare
	}
	x = t[0] - '0'
	text := strings.ReplaceAll(t[2:], "-", "")
	b, err := shareText.DecodeString(text)
	if err != nil || len(b) != 32+2*checkLen || shareText.EncodeToString(b) != text {
		return 0, nil, ErrShare
	}
	body := b[:32+checkLen]
	if sum := sha256.Sum256(append([]byte{x}, body...)); string(sum[:checkLen]) != string(b[32+checkLen:]) {
		return 0, nil, ErrShare
	}
	return x, body, nil
}

func grouped(s string) string {
	var parts []string
	for len(s) > 5 {
		parts, s = append(parts, s[:5]), s[5:]
	}
	return strings.Join(append(parts, s), "-")
}

// mul multiplies in the field of 256 elements with the polynomial
// x^8+x^4+x^3+x+1. It takes the same steps whatever the secret byte is.
func mul(a, b byte) byte {
	var p byte
	for range 8 {
		p ^= a & -(b & 1)
		carry := -(a >> 7)
		a = a<<1 ^ carry&0x1b
		b >>= 1
	}
	return p
}

// inv is the inverse of a share's public number; a^254.
func inv(a byte) byte {
	r := byte(1)
	for range 254 {
		r = mul(r, a)
	}
	return r
}
