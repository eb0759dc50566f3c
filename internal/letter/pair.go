package letter

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Labels of what two sites' common secret is used for. Each use has keys of its
// own, and so has each direction.
const (
	shortMAC    = "tram short letter, code, 1"
	shortCipher = "tram short letter, cipher, 1"
	shortStream = "tram short letter, stream, 1"
	spokenMAC   = "tram spoken code, 1"
)

// common is the secret that two sites have without ever having spoken: X25519 of
// the one's private key and the other's public one.
func common(me Receiver, other programme.Site) ([]byte, error) {
	mine, err := private(me.Box)
	if err != nil {
		return nil, err
	}
	public, err := boxKey(other.Box)
	if err != nil {
		return nil, fmt.Errorf("the box key of site %s: %w", other.Site, err)
	}
	theirs, err := ecdh.X25519().NewPublicKey(public[:])
	if err != nil {
		return nil, fmt.Errorf("the box key of site %s: %w", other.Site, err)
	}
	secret, err := mine.ECDH(theirs)
	if err != nil {
		return nil, fmt.Errorf("the box key of site %s: %w", other.Site, err)
	}
	return secret, nil
}

// pairKey is the key of one use from one site to another.
func pairKey(secret []byte, use, prog string, from, to id.Site) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, strings.Join([]string{use, prog, string(from), string(to)}, "\n"), sha256.Size)
	if err != nil {
		panic(fmt.Sprintf("letter: %v", err)) // 32 bytes are never too many
	}
	return key
}

func sum(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p) // a hash takes every write
	}
	return mac.Sum(nil)
}

// Spoken is what a site tells another by telephone: letter L, which you wrote to
// me, is accepted here and its days from Back on are yours again.
type Spoken struct {
	By, To id.Site
	Letter id.Letter // the one that is accepted and answered
	Back   day.Day   // first day that goes back
	Seq    int64     // place of the giving back in the speaker's journal
}

const (
	spokenDigits = 10
	spokenMod    = 10_000_000_000
)

// SpokenCode is the code of ten digits that vouches for s, read aloud by the
// site that speaks: "12345 67890". other is the site that listens.
func SpokenCode(s Spoken, me Receiver, other programme.Site) (string, error) {
	if s.By != me.Site || s.To != other.Site {
		return "", fmt.Errorf("spoken code for letter %s: from %s to %s, asked at %s for %s", s.Letter, s.By, s.To, me.Site, other.Site)
	}
	digits, err := spoken(s, me, other)
	if err != nil {
		return "", err
	}
	return digits[:spokenDigits/2] + " " + digits[spokenDigits/2:], nil
}

// CheckSpoken answers LETTER-11 where a code that was heard does not vouch for s.
// Ten digits are few: the caller allows three wrong codes for a letter and then
// no more.
func CheckSpoken(code string, s Spoken, me Receiver, other programme.Site) error {
	if s.To != me.Site || s.By != other.Site {
		return fmt.Errorf("spoken code for letter %s: from %s to %s, heard at %s from %s", s.Letter, s.By, s.To, me.Site, other.Site)
	}
	want, err := spoken(s, me, other)
	if err != nil {
		return err
	}
	heard := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' || r == '\t' {
			return -1
		}
		return r
	}, code)
	if subtle.ConstantTimeCompare([]byte(heard), []byte(want)) != 1 {
		return reason.Refuse("LETTER-11")
	}
	return nil
}

func spoken(s Spoken, me Receiver, other programme.Site) (string, error) {
	secret, err := common(me, other)
	if err != nil {
		return "", err
	}
	msg := make([]byte, 0, 64)
	msg = append(binary.AppendUvarint(msg, uint64(len(s.Letter))), s.Letter...)
	msg = binary.BigEndian.AppendUint64(msg, uint64(s.Back))
	msg = binary.BigEndian.AppendUint64(msg, uint64(s.Seq))
	mac := sum(pairKey(secret, spokenMAC, me.Programme, s.By, s.To), msg)
	return fmt.Sprintf("%0*d", spokenDigits, binary.BigEndian.Uint64(mac)%spokenMod), nil
}
