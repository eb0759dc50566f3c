package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"tram/internal/day"
	"tram/internal/id"
)

// packedMark begins a packed entry. Canonical JSON begins with a brace, so the
// two forms in which an entry may lie in the table are told apart by one byte.
const packedMark = 1

// pack is how an entry lies in the table: its members without their names, and
// without site and number, which are the row's own place. fact is canonical.
// The bytes that are hashed and signed stay those of Encode; unpack makes them
// again. An entry of a dose takes three fifths of the room, and reading one is
// faster than reading its JSON.
func pack(e Entry, fact []byte) []byte {
	b := make([]byte, 0, len(fact)+len(e.By)+len(e.Under)+len(e.Kind)+len(e.Form)+24)
	b = append(b, packedMark)
	b = binary.AppendUvarint(b, uint64(e.HLC.Ms))
	b = binary.AppendUvarint(b, uint64(e.HLC.Count))
	b = binary.AppendUvarint(b, uint64(e.At))
	b = binary.AppendVarint(b, int64(e.Day))
	b = binary.AppendUvarint(b, uint64(e.Rules))
	for _, s := range [...]string{string(e.By), e.Under, e.Kind, string(e.Form)} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return append(b, fact...)
}

// unpack reads what lies in the table under this site and number: the entry,
// and its canonical bytes, which are the caller's. Bytes that are not those of
// such an entry in its one form are ErrEntry.
func unpack(site id.Site, seq int64, lies []byte) (Entry, []byte, error) {
	if len(lies) == 0 || lies[0] != packedMark {
		raw := bytes.Clone(lies)
		e, err := decode(raw)
		if err == nil && (e.Site != site || e.Seq != seq) {
			err = fmt.Errorf("%w: of another place", ErrEntry)
		}
		return e, raw, err
	}
	r := packed{rest: lies[1:]}
	e := Entry{Site: site, Seq: seq, HLC: HLC{r.whole(), r.whole()}, At: day.Instant(r.whole())}
	e.Day, e.Rules = day.Day(r.signed()), int(r.whole())
	e.By, e.Under, e.Kind, e.Form = id.Person(r.text()), r.text(), r.text(), id.Form(r.text())
	if r.bad {
		return Entry{}, nil, fmt.Errorf("%w: cut off", ErrEntry)
	}
	raw, err := e.canonical(r.rest)
	if err != nil {
		return Entry{}, nil, err
	}
	return e, raw, nil
}

// canonical writes the entry around a fact that must be in canonical form, and
// takes the fact from what it wrote.
func (e *Entry) canonical(fact []byte) ([]byte, error) {
	if len(fact) == 0 || fact[0] != '{' || canonicalValue(fact, 0) != len(fact) {
		return nil, fmt.Errorf("%w: not in canonical form", ErrEntry)
	}
	raw, err := e.encode(fact)
	if err != nil {
		return nil, err
	}
	at := len(e.writeHead(make([]byte, 0, 200)))
	e.Fact = raw[at : at+len(fact) : at+len(fact)]
	return raw, nil
}

// packed reads the parts of a packed entry one after the other; what is not
// there is bad, and reads as nothing.
type packed struct {
	rest []byte
	bad  bool
}

func (r *packed) whole() int64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > WholeMax || size > 1 && r.rest[size-1] == 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return int64(n)
}

func (r *packed) signed() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 || size > 1 && r.rest[size-1] == 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *packed) text() string {
	n := r.whole()
	if r.bad || n > int64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}
