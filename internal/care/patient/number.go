package patient

import (
	"slices"
	"strings"
	"unicode"
)

// Lengths of Vietnamese identity numbers: the card of today (căn cước, CCCD)
// has twelve digits and begins with 0, the one before (chứng minh nhân dân,
// CMND) had nine. Neither can be made from the other.
const (
	cardDigits    = 12
	oldCardDigits = 9
	numbersMax    = 4 // of one person; more on one line is no list of numbers
	paperMin      = 6 // characters of the number of another paper, such as a passport
	paperMax      = 24
	paperDigits   = 4 // of them
)

// Numbers are the identity numbers in a text as people type it, each in one
// form: without blanks, dots and dashes, the letter O for 0 and l for 1 put
// right where only digits can be meant, the zeros that spreadsheets take away
// put back. Two numbers may stand on one line, parted by a stroke, a comma, a
// semicolon or words. What is no number ("mất", "000000000", "123456789") is
// none: nobody is found by it.
func Numbers(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(visible(text), func(r rune) bool { return strings.ContainsRune("/,;|+&()[]:", r) || r == '\n' }) {
		for _, n := range numbersIn(part) {
			if n != "" && !slices.Contains(out, n) && len(out) < numbersMax {
				out = append(out, n)
			}
		}
	}
	return out
}

// numbersIn reads one part: the blanks within a number are joined, words beside
// it are left out, and a passport's letter stays.
func numbersIn(part string) []string {
	words := strings.FieldsFunc(part, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '_'
	})
	var out []string
	run := ""
	flush := func() {
		if n := number(run); n != "" {
			out = append(out, n)
		}
		run = ""
	}
	for _, w := range words {
		w = strings.ToUpper(strings.Map(plainDigit, w))
		if w == "" || !strings.ContainsFunc(w, unicode.IsDigit) && len(w) > 1 {
			flush() // a word
			continue
		}
		if whole(run) && whole(w) { // two whole numbers side by side
			flush()
		}
		run += w
	}
	flush()
	return out
}

// plainDigit drops what stands between digits and makes digits of other
// scripts, which a telephone's keyboard may write, ours.
func plainDigit(r rune) rune {
	switch {
	case r == '.', r == '-', r == '_':
		return -1
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	}
	return r
}

func whole(s string) bool {
	return len(s) == cardDigits || len(s) == oldCardDigits
}

// number is one number in its one form, "" when it is none.
func number(s string) string {
	digits := strings.NewReplacer("O", "0", "Q", "0", "I", "1", "L", "1").Replace(s)
	if onlyDigits(digits) {
		switch len(digits) {
		case cardDigits, oldCardDigits:
		case cardDigits - 1, cardDigits - 2: // its zeros were lost: every card's number begins with one, Hà Nội's with two
			digits = strings.Repeat("0", cardDigits-len(digits)) + digits
		case oldCardDigits - 1:
			digits = "0" + digits
		default:
			return ""
		}
		if idle(digits) {
			return ""
		}
		return digits
	}
	n := 0
	for _, r := range s {
		if r > unicode.MaxASCII {
			return ""
		}
		if r >= '0' && r <= '9' {
			n++
		}
	}
	if len(s) < paperMin || len(s) > paperMax || n < paperDigits || idle(strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
		return ""
	}
	return s
}

func onlyDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// idle says whether digits are what people type where there is no number: one
// digit throughout, or counting up or down, from a leading run of zeros on.
func idle(digits string) bool {
	s := strings.TrimLeft(digits, "0")
	if len(s) < paperDigits {
		return true
	}
	same, up, down := true, true, true
	for i := 1; i < len(s); i++ {
		same = same && s[i] == s[0]
		up = up && s[i] == '0'+(s[i-1]-'0'+1)%10
		down = down && s[i] == '0'+(s[i-1]-'0'+9)%10
	}
	return same || up || down
}

// SameNumber says whether two texts share an identity number.
func SameNumber(a, b string) bool {
	of := Numbers(b)
	return slices.ContainsFunc(Numbers(a), func(n string) bool { return slices.Contains(of, n) })
}
