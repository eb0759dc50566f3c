package journal

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tram/internal/day"
	"tram/internal/id"
)

// Members calls each for every member of a canonical JSON object, with the
// bytes of its value. It is for whoever reads many entries whose bytes a
// signature vouches for, and looks at a few fields; it is no check of the form.
func Members(obj []byte, each func(name string, value []byte) error) error {
	if len(obj) < 2 || obj[0] != '{' {
		return fmt.Errorf("%w: no object", ErrEntry)
	}
	for i := 1; i < len(obj) && obj[i] != '}'; {
		name, at := text(obj, i)
		if at < 0 || at >= len(obj) || obj[at] != ':' {
			return fmt.Errorf("%w: a member's name", ErrEntry)
		}
		end := value(obj, at+1)
		if end < 0 || end >= len(obj) {
			return fmt.Errorf("%w: a member's value", ErrEntry)
		}
		if err := each(string(name), obj[at+1:end]); err != nil {
			return err
		}
		i = end
		if obj[i] == ',' {
			i++
		} else if obj[i] != '}' {
			return fmt.Errorf("%w: after a member", ErrEntry)
		}
	}
	return nil
}

// text is the inside of the string that begins at i, and where it is over; -1
// when there is none.
func text(b []byte, i int) ([]byte, int) {
	if i >= len(b) || b[i] != '"' {
		return nil, -1
	}
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case '\\':
			j++
		case '"':
			return b[i+1 : j], j + 1
		}
	}
	return nil, -1
}

// value is where the value that begins at i is over, or -1.
func value(b []byte, i int) int {
	depth := 0
	for j := i; j < len(b); j++ {
		switch b[j] {
		case '"':
			if _, j = text(b, j); j < 0 {
				return -1
			}
			j--
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return j
			}
			depth--
		case ',':
			if depth == 0 {
				return j
			}
			continue
		}
	}
	return -1
}

// Text is a member's value as text; "" when it is none.
func Text(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

// Whole is a member's value as a whole number; ok is false when it is none.
func Whole(value []byte) (n int64, ok bool) { return whole(string(value)) }

// Peek reads an entry whose bytes are vouched for by a signed tree: an entry
// that was not in canonical form is read all the same. Decode is for all
// others.
func Peek(raw []byte) (Entry, error) {
	if len(raw) > EntryMax {
		return Entry{}, fmt.Errorf("%w: %d bytes, at most %d", ErrEntry, len(raw), EntryMax)
	}
	var e Entry
	v := int64(0)
	err := Members(raw, func(name string, val []byte) error {
		ok := true
		switch name {
		case "at":
			var n int64
			n, ok = Whole(val)
			e.At = day.Instant(n)
		case "by":
			e.By = id.Person(Text(val))
		case "day":
			var err error
			e.Day, err = day.Parse(Text(val))
			ok = err == nil
		case "fact":
			e.Fact = json.RawMessage(val)
		case "form":
			e.Form = id.Form(Text(val))
		case "hlc":
			e.HLC, ok = ParseHLC(Text(val))
		case "kind":
			e.Kind = Text(val)
		case "rules":
			var n int64
			n, ok = Whole(val)
			e.Rules = int(n)
		case "seq":
			e.Seq, ok = Whole(val)
		case "site":
			e.Site = id.Site(Text(val))
		case "under":
			e.Under = Text(val)
		case "v":
			v, ok = Whole(val)
		}
		if !ok {
			return fmt.Errorf("%w: its %s", ErrEntry, name)
		}
		return nil
	})
	if err == nil && (v < version || e.Kind == "" || len(e.Fact) == 0 || !validSite(string(e.Site))) {
		err = fmt.Errorf("%w: something is missing", ErrEntry)
	}
	return e, err
}
