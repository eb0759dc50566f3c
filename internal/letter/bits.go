package letter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tram/internal/id"
	"tram/internal/unit"
)

// bits writes the short form's fields, most significant bit first: every bit
// less is one that nobody has to type.
type bits struct {
	b    []byte
	used int // bits of the last byte
	err  error
}

func (w *bits) put(v uint64, n int) {
	for n--; n >= 0; n-- {
		if w.used %= 8; w.used == 0 {
			w.b = append(w.b, 0)
		}
		w.b[len(w.b)-1] |= byte(v>>n&1) << (7 - w.used)
		w.used++
	}
}

func (w *bits) flag(v bool) bool {
	if v {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
	return v
}

// count writes a number in groups of n bits, the lowest first; the bit before
// each group says whether one more follows.
func (w *bits) count(v int64, n int) {
	if v < 0 || v > numberMax {
		w.err = fmt.Errorf("%w: the number %d", errLetter, v)
		return
	}
	for {
		rest := v >> n
		w.flag(rest > 0)
		w.put(uint64(v), n)
		if v = rest; v == 0 {
			return
		}
	}
}

// signed is count for numbers on both sides of zero: 0, -1, 1, -2 …
func (w *bits) signed(v int64, n int) {
	if v < 0 {
		w.count(-2*v-1, n)
		return
	}
	w.count(2*v, n)
}

func (w *bits) ident(s string) {
	if raw, ok := unbase32(s); !w.flag(!ok) {
		for _, c := range raw {
			w.put(uint64(c), 8)
		}
		return
	}
	w.utf8(s)
}

func (w *bits) utf8(s string) {
	if !utf8.ValidString(s) || len(s) > nameMax || strings.ContainsFunc(s, hidden) {
		w.err = fmt.Errorf("%w: a text of %d bytes", errLetter, len(s))
		return
	}
	w.count(int64(len(s)), 5)
	for i := range len(s) {
		w.put(uint64(s[i]), 8)
	}
}

// halfMilligram is the step in which most doses are ordered.
const halfMilligram = 500

func (w *bits) amount(a unit.Microgram) {
	if w.flag(a%halfMilligram != 0) {
		w.count(int64(a), 8)
		return
	}
	w.count(int64(a/halfMilligram), 8)
}

// word writes one of a list, or another text.
func (w *bits) word(list []string, s string) {
	for i, x := range list {
		if x == s {
			w.put(uint64(i), 2)
			return
		}
	}
	w.put(3, 2)
	w.utf8(s)
}

// name writes a name whose words begin with capitals in seven bits a letter, any
// other as it is.
func (w *bits) name(s string) {
	low := []rune(strings.ToLower(s))
	plain := title(string(low)) == s
	for _, r := range low {
		plain = plain && strings.ContainsRune(nameLetters, r)
	}
	if w.flag(!plain) {
		w.utf8(s)
		return
	}
	w.count(int64(len(low)), 5)
	for _, r := range low {
		w.put(uint64(utf8.RuneCountInString(nameLetters[:strings.IndexRune(nameLetters, r)])), nameBits)
	}
}

// nameLetters are the letters of Vietnamese and English names. Do not reorder.
const (
	nameLetters = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz '-.,0123456789"
	nameBits    = 7
)

// title puts a capital at the beginning of each word.
func title(s string) string {
	begin := true
	return strings.Map(func(r rune) rune {
		if begin {
			r = unicode.ToUpper(r)
		}
		begin = r == ' ' || r == '-'
		return r
	}, s)
}

// unbits reads what bits wrote; bad stays once anything was wrong.
type unbits struct {
	b   []byte
	at  int // in bits
	bad bool
}

func (r *unbits) take(n int) uint64 {
	if r.bad || r.at+n > 8*len(r.b) {
		r.bad = true
		return 0
	}
	v := uint64(0)
	for range n {
		v = v<<1 | uint64(r.b[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

func (r *unbits) flag() bool { return r.take(1) == 1 }

func (r *unbits) count(n int) int64 {
	v := uint64(0)
	for shift := 0; !r.bad; shift += n {
		more := r.flag()
		v |= r.take(n) << shift
		if !more {
			break
		}
		r.bad = r.bad || shift > 53
	}
	if v > numberMax {
		r.bad = true
		return 0
	}
	return int64(v)
}

func (r *unbits) signed(n int) int64 {
	v := r.count(n)
	if v%2 == 1 {
		return -(v + 1) / 2
	}
	return v / 2
}

func (r *unbits) ident() string {
	if r.flag() {
		return r.utf8()
	}
	raw := make([]byte, idBytes)
	for i := range raw {
		raw[i] = byte(r.take(8))
	}
	if r.bad {
		return ""
	}
	return id.Encode(raw)
}

func (r *unbits) utf8() string {
	n := r.count(5)
	if n > nameMax || r.bad {
		r.bad = true
		return ""
	}
	s := make([]byte, n)
	for i := range s {
		s[i] = byte(r.take(8))
	}
	r.bad = r.bad || !utf8.Valid(s)
	return string(s)
}

func (r *unbits) amount() unit.Microgram {
	if r.flag() {
		return unit.Microgram(r.count(8))
	}
	return unit.Microgram(r.count(8) * halfMilligram)
}

func (r *unbits) word(list []string) string {
	i := int(r.take(2))
	if i < len(list) {
		return list[i]
	}
	return r.utf8()
}

func (r *unbits) name() string {
	if r.flag() {
		return r.utf8()
	}
	n := r.count(5)
	letters := []rune(nameLetters)
	if n > nameMax {
		r.bad = true
	}
	var out []rune
	for range n {
		i := int(r.take(nameBits))
		if r.bad || i >= len(letters) {
			r.bad = true
			return ""
		}
		out = append(out, letters[i])
	}
	return title(string(out))
}
