package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
)

// version of the entry's format. Fields are only ever added.
const version = 1

// ErrEntry says that bytes are no entry, or that an entry cannot be written.
var ErrEntry = errors.New("no entry")

// Entry is one fact with who, when and under which rules.
type Entry struct {
	Site  id.Site
	Seq   int64 // from 0, without gaps
	HLC   HLC
	At    day.Instant // the wall clock, when it stood behind HLC; 0 otherwise. See When.
	Day   day.Day     // the site's civil date by the wall clock
	By    id.Person
	Under string // authority acted under: a delegation; "" for one's own duty
	Kind  string
	Form  id.Form         // the form that asked for it; "" if none
	Rules int             // version of the rulebook in force; 0 before any change
	Fact  json.RawMessage // canonical JSON object; its bytes are not looked into here
}

// When is the wall clock's moment of the entry. It differs from HLC once the
// clock has stood ahead and was set back: order goes on, times are right again.
func (e Entry) When() day.Instant {
	if e.At != 0 {
		return e.At
	}
	return e.HLC.Instant()
}

// Encode writes the entry as canonical JSON (RFC 8785), or ErrEntry when it is
// too large, lacks what every entry has, or its fact has no canonical form.
func (e Entry) Encode() ([]byte, error) {
	fact, err := Canonical(e.Fact)
	if err != nil {
		return nil, fmt.Errorf("%w: fact of %s: %w", ErrEntry, e.Kind, err)
	}
	return e.encode(fact)
}

// encode is Encode with the fact in its canonical form already.
func (e Entry) encode(fact []byte) ([]byte, error) {
	switch {
	case !validSite(string(e.Site)), e.Seq < 0, e.Seq > WholeMax, !e.HLC.valid(), e.At < 0, e.At > WholeMax, !validDay(e.Day):
		return nil, fmt.Errorf("%w: site, number, clock or day of %s", ErrEntry, e.Kind)
	case e.By == "", !validText(string(e.By), wordMax), !validText(e.Under, wordMax), e.Kind == "", !validText(e.Kind, wordMax),
		!validText(string(e.Form), formMax), e.Rules < 0:
		return nil, fmt.Errorf("%w: person, kind, form or rules of %s", ErrEntry, e.Kind)
	}
	b := e.write(make([]byte, 0, len(fact)+220), fact)
	if len(b) > EntryMax {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrEntry, len(b), EntryMax)
	}
	return b, nil
}

// validText wants text that comes back from JSON as it went in.
func validText(s string, most int) bool { return len(s) <= most && utf8.ValidString(s) }

// firstDay and lastDay are the days that day.Parse reads.
var firstDay, lastDay = bound(1800, 1, 1), bound(2200, 12, 31)

func bound(y, m, d int) day.Day {
	n, err := day.Of(y, m, d)
	if err != nil {
		panic("journal: a bound of the calendar does not exist")
	}
	return n
}

// validDay wants a day that day.Parse reads back; Never has no written form.
func validDay(d day.Day) bool { return d != day.Never && d >= firstDay && d <= lastDay }

// write puts the members in the order of their names.
func (e Entry) write(b, fact []byte) []byte {
	b = append(e.writeHead(b), fact...)
	if e.Form != "" {
		b = writeText(append(b, `,"form":`...), string(e.Form))
	}
	b = append(e.HLC.append(append(b, `,"hlc":"`...)), '"')
	b = writeText(append(b, `,"kind":`...), e.Kind)
	if e.Rules != 0 {
		b = strconv.AppendInt(append(b, `,"rules":`...), int64(e.Rules), 10)
	}
	b = strconv.AppendInt(append(b, `,"seq":`...), e.Seq, 10)
	b = writeText(append(b, `,"site":`...), string(e.Site))
	if e.Under != "" {
		b = writeText(append(b, `,"under":`...), e.Under)
	}
	b = strconv.AppendInt(append(b, `,"v":`...), version, 10)
	return append(b, '}')
}

// writeHead writes what comes before the fact.
func (e Entry) writeHead(b []byte) []byte {
	b = append(b, '{')
	if e.At != 0 {
		b = strconv.AppendInt(append(b, `"at":`...), int64(e.At), 10)
		b = append(b, ',')
	}
	b = writeText(append(b, `"by":`...), string(e.By))
	b = writeText(append(b, `,"day":`...), e.Day.String())
	return append(b, `,"fact":`...)
}

// Decode reads an entry. Only the canonical bytes of a known version are
// accepted: an entry has one form, so that its hash means one thing.
func Decode(raw []byte) (Entry, error) { return decode(raw) }

func decode(raw []byte) (Entry, error) {
	if len(raw) > EntryMax {
		return Entry{}, fmt.Errorf("%w: %d bytes, at most %d", ErrEntry, len(raw), EntryMax)
	}
	var w struct {
		At    int64           `json:"at"`
		By    id.Person       `json:"by"`
		Day   day.Day         `json:"day"`
		Fact  json.RawMessage `json:"fact"`
		Form  id.Form         `json:"form"`
		HLC   string          `json:"hlc"`
		Kind  string          `json:"kind"`
		Rules int             `json:"rules"`
		Seq   int64           `json:"seq"`
		Site  id.Site         `json:"site"`
		Under string          `json:"under"`
		V     int             `json:"v"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if w.V != version {
		return Entry{}, fmt.Errorf("%w: version %d, this program knows %d", ErrEntry, w.V, version)
	}
	h, ok := ParseHLC(w.HLC)
	if !ok {
		return Entry{}, fmt.Errorf("%w: its clock", ErrEntry)
	}
	e := Entry{
		Site: w.Site, Seq: w.Seq, HLC: h, At: day.Instant(w.At), Day: w.Day, By: w.By, Under: w.Under,
		Kind: w.Kind, Form: w.Form, Rules: w.Rules, Fact: w.Fact,
	}
	again, err := e.Encode()
	if err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(again, raw) {
		return Entry{}, fmt.Errorf("%w: not in canonical form", ErrEntry)
	}
	return e, nil
}
