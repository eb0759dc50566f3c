// Package id holds one type for each kind of identity, so that a patient can
// never be passed where a bottle is meant.
//
// Ids are random and mean nothing; they carry no name or site. Those of doses
// and forms begin with the moment, see [EncodeAt]. What
// people read aloud and scan is a code with a check digit, see [CheckCode].
// This package makes no ids: chance enters at the door (package clinic).
package id

import "strings"

// Patient is a person in treatment.
type Patient string

// Person is a member of staff.
type Person string

// Site is a site's short code, in capitals: "TG".
type Site string

// Order is a prescription.
type Order string

// Dose is one pouring, whatever became of it.
type Dose string

// Bottle is one bottle of medicine.
type Bottle string

// Letter is one site letter: the same id on every reprint and copy.
type Letter string

// Glass is one opening of a record in an emergency.
type Glass string

// Form is one form as shown to one person; sending it twice is one act.
type Form string

// Station is a place of work at a site, such as "window 1".
type Station string

// alphabet is Crockford's base 32: no I, L, O or U to misread.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Encode writes random bytes as lower-case Crockford base 32.
func Encode(b []byte) string {
	var sb strings.Builder
	acc, bits := uint32(0), 0
	for _, c := range b {
		acc = acc<<8 | uint32(c)
		bits += 8
		for bits >= 5 {
			bits -= 5
			sb.WriteByte(alphabet[acc>>bits&31])
		}
	}
	if bits > 0 {
		sb.WriteByte(alphabet[acc<<(5-bits)&31])
	}
	return strings.ToLower(sb.String())
}

// EncodeAt writes an id that sorts by the moment it was made, in milliseconds
// since 1970, and then by chance. It is for what a site makes hundreds of a
// day, doses and forms: the newest lie side by side in an index, where ids of
// chance alone would each change another page of all that ever were. The order
// starts anew every 34 years; nothing may be read from it.
func EncodeAt(ms int64, chance [5]byte) string {
	return Encode([]byte{
		byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms),
		chance[0], chance[1], chance[2], chance[3], chance[4],
	})
}

// Valid says whether s could be an id made by Encode: 1 to 32 characters of
// the alphabet in lower case. It keeps foreign text out of keys and URLs.
func Valid(s string) bool {
	if s == "" || len(s) > 32 {
		return false
	}
	for _, r := range s {
		if r > 127 || !strings.ContainsRune(alphabet, r-32*b2i(r >= 'a' && r <= 'z')) || (r >= 'A' && r <= 'Z') {
			return false
		}
	}
	return true
}

func b2i(b bool) rune {
	if b {
		return 1
	}
	return 0
}

// CheckCode appends a check character to a code such as "TG-0042": a weighted
// sum modulo 31 over letters and digits, which finds every single wrong
// character and every swap of neighbours.
func CheckCode(code string) string {
	return code + "-" + string(checkChar(code))
}

// CodeOK says whether a typed or scanned code carries its right check
// character. Case, blanks and the kind of dash do not matter; see Normal.
func CodeOK(code string) bool {
	code = Normal(code)
	i := strings.LastIndexByte(code, '-')
	return i > 0 && i == len(code)-2 && code[i+1] == checkChar(code[:i])
}

// Normal is a code as it is stored: capitals, no blanks, plain dashes.
func Normal(code string) string {
	code = strings.NewReplacer(" ", "", "–", "-", "—", "-", "_", "-").Replace(code)
	return strings.ToUpper(strings.TrimSpace(code))
}

const checkAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXY" // 31 characters, a prime

func checkChar(code string) byte {
	sum, weight := 0, 1
	for _, r := range strings.ToUpper(code) {
		v := -1
		switch {
		case r >= '0' && r <= '9':
			v = int(r - '0')
		case r >= 'A' && r <= 'Z':
			v = int(r-'A') + 10
		}
		if v < 0 {
			continue
		}
		sum += weight * (v%31 + 1)
		weight = weight%30 + 1
	}
	return checkAlphabet[sum%31]
}
