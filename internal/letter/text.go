package letter

import (
	"strings"
	"unicode"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/reason"
)

// prefix begins the text of a letter: nothing else is looked at, and it is never
// an address.
const prefix = "TRAM1:"

// end closes it: the alphabet has a blank, which hands and programs like to cut
// off at the end.
const end = "."

// Text is a letter as text, for a QR code in its alphanumeric mode and for
// scanners that type.
func Text(raw []byte) string { return prefix + base45(raw) + end }

// Bytes reads the text of a letter back. Blanks around it, line ends and tabs
// that a scanner adds are left out; anything else that is not of the alphabet is
// LETTER-01, a text that was cut or joined LETTER-04.
func Bytes(text string) ([]byte, error) {
	if len(text) > textMax {
		return nil, reason.Refuse("LETTER-01")
	}
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\r', '\n', '\t':
			return -1
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	if typedOver(text) {
		return nil, reason.Refuse("LETTER-10")
	}
	rest, ok := cutFold(text, prefix)
	if !ok {
		if other, ok := cutFold(text, "TRAM"); ok && len(other) > 1 && other[0] >= '0' && other[0] <= '9' && other[1] == ':' {
			return nil, reason.Refuse("LETTER-03")
		}
		return nil, reason.Refuse("LETTER-01")
	}
	if _, again := cutFold(rest, prefix); again || strings.Contains(strings.ToUpper(rest), prefix) {
		return nil, reason.Refuse("LETTER-04") // two letters joined
	}
	rest, whole := strings.CutSuffix(rest, end)
	raw, ok := unbase45(strings.ToUpper(rest))
	if !ok || !whole {
		return nil, reason.Refuse("LETTER-04")
	}
	return raw, nil
}

// OpenText reads a letter from either of its texts: the one of its QR code, or
// its short form.
func OpenText(text string, me Receiver, dir programme.Directory, today day.Day) (Read, error) {
	if IsShort(text) {
		return OpenShort(text, me, dir, today)
	}
	raw, err := Bytes(text)
	if err != nil {
		return Read{}, err
	}
	return Open(raw, me, dir, today)
}

// typedOver says that a scanner typed a letter into a program for typing
// Vietnamese: Telex makes Â of AA, VNI makes Á of A1. What was meant cannot be
// told from that.
func typedOver(text string) bool {
	head, _, ok := strings.Cut(text, ":")
	if !ok || !strings.HasPrefix(fold.Fold(head), "tram") {
		return false
	}
	return strings.ContainsFunc(text, func(r rune) bool { return r > 0x7f && strings.ContainsRune(nameLetters, unicode.ToLower(r)) })
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// alphabet45 is that of RFC 9285, which is the alphanumeric mode of QR codes.
const alphabet45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// base45 writes bytes as RFC 9285 does: two as three characters, the smallest
// digit first; a last one alone as two.
func base45(raw []byte) string {
	var sb strings.Builder
	for i := 0; i+1 < len(raw); i += 2 {
		n := int(raw[i])<<8 | int(raw[i+1])
		sb.WriteByte(alphabet45[n%45])
		sb.WriteByte(alphabet45[n/45%45])
		sb.WriteByte(alphabet45[n/2025])
	}
	if len(raw)%2 == 1 {
		n := int(raw[len(raw)-1])
		sb.WriteByte(alphabet45[n%45])
		sb.WriteByte(alphabet45[n/45])
	}
	return sb.String()
}

// unbase45 reads it back; only what base45 writes is read.
func unbase45(s string) ([]byte, bool) {
	if len(s)%3 == 1 {
		return nil, false
	}
	out := make([]byte, 0, len(s)/3*2+1)
	for i := 0; i < len(s); i += 3 {
		part := s[i:min(i+3, len(s))]
		n, weight := 0, 1
		for j := range len(part) {
			v := strings.IndexByte(alphabet45, part[j])
			if v < 0 {
				return nil, false
			}
			n, weight = n+v*weight, weight*45
		}
		switch {
		case len(part) == 3 && n <= 0xffff:
			out = append(out, byte(n>>8), byte(n))
		case len(part) == 2 && n <= 0xff:
			out = append(out, byte(n))
		default:
			return nil, false
		}
	}
	return out, true
}
