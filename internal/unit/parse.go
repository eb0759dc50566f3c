package unit

import (
	"fmt"
	"strings"
)

// ParseProblem names what is wrong with a typed amount. Its text is a code the
// faces turn into a sentence; it never holds what was typed.
type ParseProblem string

// The problems a typed amount can have.
const (
	Empty      ParseProblem = "empty"      // nothing was typed
	NotNumber  ParseProblem = "not_number" // letters, signs, exponents, other digits
	Unclear    ParseProblem = "unclear"    // 1.234 or 1,234: thousands or decimals?
	TooLong    ParseProblem = "too_long"   // more digits than any amount here has
	NotAllowed ParseProblem = "zero"       // zero, where an amount must be positive
)

// Error makes a ParseProblem an error.
func (p ParseProblem) Error() string { return fmt.Sprintf("amount: %s", string(p)) }

// ParseMg reads an amount in milligrams as typed by a person. See parse for
// what is accepted.
func ParseMg(s string) (Microgram, error) {
	n, err := parse(s)
	return Microgram(n), err
}

// ParseML reads a volume in millilitres as typed by a person.
func ParseML(s string) (Microlitre, error) {
	n, err := parse(s)
	return Microlitre(n), err
}

// parse reads thousandths. It accepts "85", "8,5", "8.5", "0,25" and blanks
// around them; a decimal comma and a decimal point mean the same. Exactly
// three digits after a single sign ("1.234", "1,234") is refused as unclear
// unless the whole part is 0: half the world reads it as thousands. A missing
// digit on either side of the sign (".5", "5."), a plus, a minus, an exponent,
// hexadecimal, underscore, or digits of another script are refused: the
// standard parser takes several of these and each has caused a ten-fold error.
// A leading zero ("05") is refused for the same reason.
func parse(s string) (int64, error) {
	s = strings.Trim(s, " \t\u00a0\u202f")
	if s == "" {
		return 0, Empty
	}
	if len(s) > 12 {
		return 0, TooLong
	}
	whole, frac, signs := "", "", 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' && signs == 0:
			whole += string(r)
		case r >= '0' && r <= '9':
			frac += string(r)
		case (r == '.' || r == ',') && signs == 0:
			signs++
		case r == '.' || r == ',':
			return 0, Unclear // 1.234,5
		default:
			return 0, NotNumber
		}
	}
	switch {
	case whole == "" || (signs == 1 && frac == ""):
		return 0, NotNumber
	case len(whole) > 1 && whole[0] == '0':
		return 0, NotNumber
	case len(whole) > 7:
		return 0, TooLong
	case len(frac) == 3 && whole != "0":
		return 0, Unclear
	case len(frac) > 3:
		return 0, TooLong
	}
	n := int64(0)
	for _, r := range whole + (frac + "000")[:3] {
		n = n*10 + int64(r-'0')
	}
	return n, nil
}
