package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrCanonical says that a text is not JSON that can have a canonical form
// here: a number that is not whole or too large, a key twice, text that is not
// UTF-8, too deep, or no object.
var ErrCanonical = errors.New("no canonical JSON object")

// Canonical is a JSON object in its canonical form (RFC 8785): keys sorted, no
// blanks, one way to write each text. Numbers are whole and at most 2^53-1
// from zero, so that no reader rounds them.
func Canonical(raw []byte) ([]byte, error) {
	if len(raw) > 0 && raw[0] == '{' && canonicalValue(raw, 0) == len(raw) {
		return raw, nil
	}
	if b := reordered(raw); b != nil {
		return b, nil
	}
	// The standard reader replaces what is no text by U+FFFD without a word;
	// such input is refused before it gets there.
	if !utf8.Valid(raw) || surrogateEscape(raw) {
		return nil, fmt.Errorf("%w: text that is not UTF-8", ErrCanonical)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%w: no object", ErrCanonical)
	}
	b, err := writeObject(make([]byte, 0, len(raw)), d, 1)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more than one value", ErrCanonical)
	}
	return b, nil
}

// reordered is the canonical form of an object that lacks nothing but the order
// of its own members, which is how a struct is encoded; nil for any other text.
func reordered(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '{' || raw[len(raw)-1] != '}' {
		return nil
	}
	type span struct{ key, whole []byte }
	var members [24]span
	n := 0
	for i := 1; i < len(raw); {
		k := canonicalText(raw[i:])
		if k < 0 || i+k >= len(raw) || raw[i+k] != ':' || n == len(members) {
			return nil
		}
		v := canonicalValue(raw[i+k+1:], 1)
		end := i + k + 1 + v
		if v < 0 || end >= len(raw) || (raw[end] != ',' && end != len(raw)-1) {
			return nil
		}
		members[n] = span{raw[i : i+k], raw[i:end]}
		n, i = n+1, end+1
	}
	slices.SortFunc(members[:n], func(x, y span) int { return bytes.Compare(x.key, y.key) })
	b := make([]byte, 0, len(raw))
	for i, m := range members[:n] {
		if i > 0 && !keysAscend(members[i-1].key, m.key) {
			return nil // twice, or in another order than that of bytes
		}
		b = append(append(b, ','), m.whole...)
	}
	if n == 0 {
		return nil
	}
	b[0] = '{'
	return append(b, '}')
}

// surrogateEscape finds \ud800 to \udfff; nobody who writes UTF-8 needs them.
func surrogateEscape(raw []byte) bool {
	for i := 0; i+3 < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if raw[i+1] == 'u' && raw[i+2]|0x20 == 'd' && strings.IndexByte("89abcdefABCDEF", raw[i+3]) >= 0 {
			return true
		}
		i++ // the escaped character does not begin an escape
	}
	return false
}

func writeValue(b []byte, d *json.Decoder, depth int) ([]byte, error) {
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCanonical, err)
	}
	switch v := t.(type) {
	case json.Delim:
		if depth >= depthMax {
			return nil, fmt.Errorf("%w: nested deeper than %d", ErrCanonical, depthMax)
		}
		if v == '{' {
			return writeObject(b, d, depth+1)
		}
		return writeArray(b, d, depth+1)
	case string:
		return writeText(b, v), nil
	case json.Number:
		n := string(v)
		if canonicalNumber([]byte(n)) != len(n) {
			return nil, fmt.Errorf("%w: a number that is not whole or too large", ErrCanonical)
		}
		return append(b, n...), nil
	case bool:
		if v {
			return append(b, "true"...), nil
		}
		return append(b, "false"...), nil
	}
	return append(b, "null"...), nil
}

func writeArray(b []byte, d *json.Decoder, depth int) ([]byte, error) {
	b = append(b, '[')
	for first := true; d.More(); first = false {
		if !first {
			b = append(b, ',')
		}
		var err error
		if b, err = writeValue(b, d, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCanonical, err)
	}
	return append(b, ']'), nil
}

type member struct {
	key   string
	value []byte
}

func writeObject(b []byte, d *json.Decoder, depth int) ([]byte, error) {
	var members []member
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: a key that is no text", ErrCanonical)
		}
		v, err := writeValue(nil, d, depth)
		if err != nil {
			return nil, err
		}
		members = append(members, member{key, v})
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCanonical, err)
	}
	slices.SortFunc(members, func(x, y member) int { return compareKeys(x.key, y.key) })
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			if m.key == members[i-1].key {
				return nil, fmt.Errorf("%w: a key twice", ErrCanonical)
			}
			b = append(b, ',')
		}
		b = append(append(writeText(b, m.key), ':'), m.value...)
	}
	return append(b, '}'), nil
}

// compareKeys orders keys as RFC 8785 wants it, by UTF-16 code units. That
// differs from the order of bytes only beyond the basic plane.
func compareKeys(x, y string) int {
	if c := strings.Compare(x, y); c == 0 || (ascii(x) && ascii(y)) {
		return c
	}
	return slices.Compare(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdef"

// short are the characters with an escape of their own; 0 for all others.
var short = [256]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r', '"': '"', '\\': '\\'}

func writeText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		switch e := short[c]; {
		case e != 0:
			b = append(b, '\\', e)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// canonicalValue is the length of the canonical value that b begins with, or
// -1. It is the strict reader behind Decode and makes no garbage.
func canonicalValue(b []byte, depth int) int {
	if len(b) == 0 {
		return -1
	}
	switch b[0] {
	case '{', '[':
		if depth >= depthMax {
			return -1
		}
		if b[0] == '{' {
			return canonicalObject(b, depth)
		}
		return canonicalArray(b, depth)
	case '"':
		return canonicalText(b)
	case 't':
		return canonicalWord(b, "true")
	case 'f':
		return canonicalWord(b, "false")
	case 'n':
		return canonicalWord(b, "null")
	}
	return canonicalNumber(b)
}

func canonicalWord(b []byte, w string) int {
	if len(b) < len(w) || string(b[:len(w)]) != w {
		return -1
	}
	return len(w)
}

func canonicalArray(b []byte, depth int) int {
	i := 1
	if len(b) > 1 && b[1] == ']' {
		return 2
	}
	for {
		n := canonicalValue(b[i:], depth+1)
		if n < 0 || i+n >= len(b) {
			return -1
		}
		i += n
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
}

func canonicalObject(b []byte, depth int) int {
	i := 1
	if len(b) > 1 && b[1] == '}' {
		return 2
	}
	var last []byte
	for {
		k := canonicalText(b[i:])
		if k < 0 || i+k >= len(b) || b[i+k] != ':' {
			return -1
		}
		key := b[i : i+k]
		if last != nil && !keysAscend(last, key) {
			return -1
		}
		last = key
		i += k + 1
		n := canonicalValue(b[i:], depth+1)
		if n < 0 || i+n >= len(b) {
			return -1
		}
		i += n
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
}

// keysAscend compares two keys with their quotation marks.
func keysAscend(x, y []byte) bool {
	x, y = x[1:len(x)-1], y[1:len(y)-1]
	if plain(x) && plain(y) {
		return bytes.Compare(x, y) < 0
	}
	return compareKeys(unquote(x), unquote(y)) < 0
}

func plain(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf || c == '\\' {
			return false
		}
	}
	return true
}

// unquote reads text that canonicalText has accepted.
func unquote(s []byte) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		i++
		if s[i] == 'u' {
			out = append(out, byte(strings.IndexByte(hexDigits, s[i+3])<<4|strings.IndexByte(hexDigits, s[i+4])))
			i += 4
			continue
		}
		for c, e := range short {
			if e != 0 && e == s[i] {
				out = append(out, byte(c))
			}
		}
	}
	return string(out)
}

// canonicalText accepts a text in the one way to write it.
func canonicalText(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return -1
	}
	for i := 1; i < len(b); {
		c := b[i]
		switch {
		case c == '"':
			return i + 1
		case c == '\\':
			n := canonicalEscape(b[i:])
			if n < 0 {
				return -1
			}
			i += n
		case c < ' ':
			return -1
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				return -1
			}
			i += n
		}
	}
	return -1
}

func canonicalEscape(b []byte) int {
	if len(b) < 2 {
		return -1
	}
	if strings.IndexByte(`btnfr"\`, b[1]) >= 0 {
		return 2
	}
	if len(b) < 6 || b[1] != 'u' || b[2] != '0' || b[3] != '0' {
		return -1
	}
	hi, lo := strings.IndexByte(hexDigits[:2], b[4]), strings.IndexByte(hexDigits, b[5])
	if hi < 0 || lo < 0 {
		return -1
	}
	if short[byte(hi<<4|lo)] != 0 {
		return -1 // has a shorter form
	}
	return 6
}

func canonicalNumber(b []byte) int {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	start := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	n, ok := whole(string(b[start:i]))
	if !ok || (start == 1 && n == 0) {
		return -1
	}
	return i
}
