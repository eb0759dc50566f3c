package letter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
)

// errLetter says that a payload is not what encode writes.
var errLetter = errors.New("not the payload of a letter")

// whys are the reasons in the order of their byte. Only ever added to.
var whys = []transfer.Why{transfer.ForGood, transfer.Visit, transfer.Back, transfer.Storm}

// encode writes the payload. There is one way to write a letter; decode accepts
// no other. Do not reorder.
func encode(d Draft) ([]byte, error) {
	l := d.Letter
	why, err := whyOf(d)
	if err != nil {
		return nil, err
	}
	w := writer{b: make([]byte, 0, 256)}
	w.ident(string(l.ID), string(l.Patient), string(d.Clinician), string(l.Order))
	w.text(siteMax, string(l.From), string(l.To))
	w.number(int64(l.Number), l.Seq)
	w.b = append(w.b, d.Head[:]...)
	w.number(int64(d.Issued), int64(l.First), span(l.First, l.Last), int64(why))
	w.number(int64(l.Amount), int64(l.OrderLast), int64(l.LastDay), int64(l.LastAmount), int64(l.LastAt), int64(l.Missed), int64(l.TakeHome))
	w.text(codeMax, l.Code)
	w.text(nameMax, l.Name)
	w.text(wordMax, l.Birth.String(), l.Sex, l.Language)
	w.text(noteMax, l.Note)
	return w.b, w.err
}

// whyOf is the byte of a letter's reason, and an error for a letter that no site
// writes.
func whyOf(d Draft) (int, error) {
	l := d.Letter
	why := slices.Index(whys, l.Why)
	switch {
	case why < 0 || l.First <= 0 || (l.Last != day.Never && l.Last < l.First) || l.Number < 1 || l.Seq < 0 || d.Issued <= 0:
		return 0, fmt.Errorf("%w: its reason, days or number", errLetter)
	case max(d.Issued, l.First, l.Last, l.OrderLast, l.LastDay) > dayMax || min(l.OrderLast, l.LastDay) < 0:
		return 0, fmt.Errorf("%w: a day before 1970 or after 9999", errLetter)
	case l.LastAt < 0 || min(l.Amount, l.LastAmount) < 0 || min(l.Missed, l.TakeHome) < 0:
		return 0, fmt.Errorf("%w: a number below nought", errLetter)
	case l.ID == "" || l.Patient == "" || !siteCode(string(l.From)) || !siteCode(string(l.To)) || l.From == l.To:
		return 0, fmt.Errorf("%w: its ids or sites", errLetter)
	}
	return why, nil
}

// span is the number of days, or 0 for good.
func span(first, last day.Day) int64 {
	if last == day.Never {
		return 0
	}
	return int64(last-first) + 1
}

// decode reads a payload, in the one form in which encode writes it.
func decode(b []byte) (Draft, error) {
	r := reader{b: b}
	var d Draft
	l := &d.Letter
	l.ID, l.Patient, d.Clinician, l.Order = id.Letter(r.ident()), id.Patient(r.ident()), id.Person(r.ident()), id.Order(r.ident())
	l.From, l.To = id.Site(r.text(siteMax)), id.Site(r.text(siteMax))
	l.Number, l.Seq = int(r.number()), r.number()
	copy(d.Head[:], r.take(len(d.Head)))
	d.Issued, l.First = day.Day(r.number()), day.Day(r.number())
	if n := r.number(); n > 0 {
		l.Last = l.First + day.Day(n) - 1
	}
	if why := r.number(); why < int64(len(whys)) {
		l.Why = whys[why]
	}
	l.Amount, l.OrderLast = unit.Microgram(r.number()), day.Day(r.number())
	l.LastDay, l.LastAmount, l.LastAt = day.Day(r.number()), unit.Microgram(r.number()), day.Instant(r.number())
	l.Missed, l.TakeHome = int(r.number()), int(r.number())
	l.Code, l.Name = r.text(codeMax), r.text(nameMax)
	birth := r.text(wordMax)
	l.Sex, l.Language, l.Note = r.text(wordMax), r.text(wordMax), r.text(noteMax)
	if r.bad || len(r.b) != 0 {
		return Draft{}, errLetter
	}
	var err error
	if l.Birth, err = day.ParsePartial(birth); err != nil {
		return Draft{}, fmt.Errorf("%w: %w", errLetter, err)
	}
	again, err := encode(d)
	if err != nil || !bytes.Equal(again, b) {
		return Draft{}, errLetter
	}
	return d, nil
}

// hidden says whether a character is not for the eye: a control character, or one
// that turns the direction of writing or has no width. No letter has any.
func hidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

// writer appends fields and keeps the first thing that was wrong.
type writer struct {
	b   []byte
	err error
}

// ident writes ids. One that id.Encode made of ten bytes is written as those
// with a 10 before them; another as its text with its length and 128.
func (w *writer) ident(ids ...string) {
	for _, s := range ids {
		if raw, ok := unbase32(s); ok {
			w.b = append(append(w.b, idBytes), raw...)
			continue
		}
		if len(s) > wordMax || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
			w.err = fmt.Errorf("%w: an id of %d bytes", errLetter, len(s))
			return
		}
		w.b = append(append(w.b, byte(len(s))|0x80), s...)
	}
}

func (w *writer) text(most int, texts ...string) {
	for _, s := range texts {
		if len(s) > most || !utf8.ValidString(s) || strings.ContainsFunc(s, hidden) {
			w.err = fmt.Errorf("%w: a text of %d bytes, at most %d", errLetter, len(s), most)
			return
		}
		w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
	}
}

func (w *writer) number(ns ...int64) {
	for _, n := range ns {
		if n < 0 || n > numberMax {
			w.err = fmt.Errorf("%w: the number %d", errLetter, n)
			return
		}
		w.b = binary.AppendUvarint(w.b, uint64(n))
	}
}

// reader takes fields off; bad stays once anything was wrong.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) ident() string {
	n := r.take(1)
	switch {
	case r.bad:
		return ""
	case n[0] == idBytes:
		return id.Encode(r.take(idBytes))
	case n[0]&0x80 == 0:
		r.bad = true
		return ""
	}
	return string(r.take(int(n[0] & 0x7f)))
}

func (r *reader) text(most int) string {
	n := r.number()
	if n > int64(most) {
		r.bad = true
		return ""
	}
	s := string(r.take(int(n)))
	if !utf8.ValidString(s) {
		r.bad = true
	}
	return s
}

func (r *reader) number() int64 {
	n, size := binary.Uvarint(r.b)
	if r.bad || size <= 0 || n > numberMax {
		r.bad = true
		return 0
	}
	r.b = r.b[size:]
	return int64(n)
}

// unbase32 is the ten bytes of an id that id.Encode made of them.
func unbase32(s string) ([]byte, bool) {
	if len(s) != 16 || !id.Valid(s) {
		return nil, false
	}
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	out := make([]byte, 0, idBytes)
	acc, bits := uint32(0), 0
	for i := range len(s) {
		acc = acc<<5 | uint32(strings.IndexByte(alphabet, s[i]))
		bits += 5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out, id.Encode(out) == s
}

// siteCode says whether a text can be a site's code.
func siteCode(s string) bool {
	return s != "" && len(s) <= siteMax && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}
