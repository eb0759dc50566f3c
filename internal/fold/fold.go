// Package fold makes the key under which names are found and compared: "Đỗ
// Thị Hằng" and "do thi hang" are one key.
//
// A key is for searching and for asking "is this perhaps the same person?";
// it is never shown and never stored in place of the name. Marks are taken
// off through canonical decomposition; the Vietnamese đ has none, so it and
// its two look-alikes (Ð of Icelandic, Ɖ of Ewe), which keyboards and old
// fonts put in its place, are mapped to d by hand. [Clean] is the other half:
// the form in which a name is kept.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is the search key of s: no marks, d for đ, lower case, single blanks,
// no invisible characters. Two spellings of a name that differ only in those
// have the same key, in whatever order their marks were typed. Folding a key
// again gives the same key.
func Fold(s string) string {
	var sb strings.Builder
	gap := false
	// Lower case goes first: capitals of some scripts (İ) lower to a letter
	// and a mark, which must be taken off as well.
	for _, r := range norm.NFKD.String(lower(norm.NFKD.String(s))) {
		switch {
		case unicode.IsSpace(r):
			gap = sb.Len() > 0
			continue
		case unicode.Is(unicode.Mn, r), Hidden(r):
			continue
		}
		if gap {
			sb.WriteByte(' ')
			gap = false
		}
		sb.WriteRune(plain(r))
	}
	return sb.String()
}

func lower(s string) string { return strings.Map(unicode.ToLower, s) }

// plain maps the letters that have no decomposition. ß and æ are left alone:
// nobody types them for another letter here.
func plain(r rune) rune {
	switch r {
	case 'đ', 'ð', 'ɖ':
		return 'd'
	case 'ł':
		return 'l'
	case 'ø':
		return 'o'
	}
	return r
}

// Hidden says whether r is a character that cannot be seen or that changes
// how its neighbours are shown: controls, zero-width characters, the marks
// that turn the direction of writing, byte order marks, soft hyphens. Tab and
// line breaks are controls too, and count as hidden here.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u034f' ||
		r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0' || (r >= '\ufe00' && r <= '\ufe0f')
}

// Clean is the form in which a name is kept: NFC, blanks of every kind made
// one plain blank, none at the ends, hidden characters gone. It takes nothing
// else away: letters of other scripts, quotes and signs stay as typed.
func Clean(s string) string {
	var sb strings.Builder
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap = sb.Len() > 0
			continue
		case Hidden(r):
			continue
		}
		if gap {
			sb.WriteByte(' ')
			gap = false
		}
		sb.WriteRune(r)
	}
	return norm.NFC.String(sb.String())
}
