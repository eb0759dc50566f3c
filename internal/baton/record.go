package baton

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/journal"
)

// A segment is a preamble and sealed records, one after the other:
//
//	preamble   "TRAMBATN" | version 1 | 0 0 0 | segment uint32 | baton id, 16 letters
//	record     length uint32 | nonce, 24 bytes | ciphertext and tag
//
// Numbers are big endian; length counts what follows it. What a record is
// bound to is the preamble and its own place in the segment, so that none can
// be moved, swapped or taken to another baton.
const (
	magic       = "TRAMBATN"
	version     = 1
	idLen       = 16
	preambleLen = len(magic) + 4 + 4 + idLen
	lengthLen   = 4
	overhead    = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// Kinds of records, the first byte of what is sealed. Do not reorder.
const (
	kindState    = 1 // first in each segment: everything the segments before it gave
	kindAddition = 2
)

var (
	errUnborn = errors.New("the beginning of the segment is not there")
	errSealed = errors.New("the record cannot be opened")
)

// state is the first record of a segment, as JSON behind its kind.
type state struct {
	Header     Header  `json:"header"`
	Number     int     `json:"number"`
	Size       int64   `json:"size"`
	Edge       []byte  `json:"edge"` // the tree's right edge: hashes, largest subtree first
	LastDay    day.Day `json:"last_day"`
	Checkpoint string  `json:"checkpoint"`
}

// addition is what one record adds.
type addition struct {
	number     int
	first      int64 // number of the first entry
	checkpoint string
	entries    [][]byte
}

func preamble(segment int, baton string) []byte {
	b := append(make([]byte, 0, preambleLen), magic...)
	b = append(b, version, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(segment))
	return append(b, baton...)
}

// seal makes a record for a place in the segment.
func (b *Baton) seal(plain []byte, segment int, at int64) ([]byte, error) {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := io.ReadFull(b.rand, nonce); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(len(plain)+overhead))
	out = append(out, nonce...)
	return b.aead.Seal(out, nonce, plain, b.bound(segment, at)), nil
}

func (b *Baton) bound(segment int, at int64) []byte {
	return binary.BigEndian.AppendUint64(preamble(segment, b.header.Baton), uint64(at))
}

// unseal opens the record at a place; size is its whole length, also where only
// the length could be read.
func (b *Baton) unseal(data []byte, segment int, at int64, most int) (plain []byte, size int64, err error) {
	rest := data[at:]
	if len(rest) < lengthLen {
		return nil, 0, errSealed
	}
	n := int64(binary.BigEndian.Uint32(rest))
	if n < overhead || n > int64(most) || n > int64(len(rest)-lengthLen) {
		return nil, 0, errSealed
	}
	sealed := rest[lengthLen : lengthLen+n]
	nonce, body := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err = b.aead.Open(nil, nonce, body, b.bound(segment, at))
	if err != nil || len(plain) == 0 {
		return nil, lengthLen + n, errSealed
	}
	return plain, lengthLen + n, nil
}

func (b *Baton) state() ([]byte, error) {
	s := state{Header: b.header, Number: b.number, Size: b.edge.Size(), Edge: b.edge.Bytes(), LastDay: b.lastDay, Checkpoint: b.check}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("state of the baton: %w", err)
	}
	return append([]byte{kindState}, text...), nil
}

// take adopts a segment's first record.
func (b *Baton) take(plain []byte) error {
	var s state
	if plain[0] != kindState {
		return fmt.Errorf("%w: a segment does not begin with its state", ErrDamaged)
	}
	if err := json.Unmarshal(plain[1:], &s); err != nil {
		return fmt.Errorf("%w: state: %w", ErrDamaged, err)
	}
	edge, err := journal.ReadEdge(s.Size, s.Edge)
	if err == nil {
		err = s.Header.check()
	}
	if err == nil && s.Header.Baton != b.header.Baton {
		err = errors.New("it is of another baton")
	}
	if err != nil {
		return fmt.Errorf("%w: state: %w", ErrDamaged, err)
	}
	b.header, b.number, b.edge, b.lastDay, b.check = s.Header, s.Number, edge, s.LastDay, s.Checkpoint
	b.born = b.Head()
	return nil
}

func (a addition) encode() []byte {
	b := []byte{kindAddition}
	b = binary.BigEndian.AppendUint32(b, uint32(a.number))
	b = binary.BigEndian.AppendUint64(b, uint64(a.first))
	b = binary.BigEndian.AppendUint16(b, uint16(len(a.checkpoint)))
	b = append(b, a.checkpoint...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(a.entries)))
	for _, e := range a.entries {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(e))), e...)
	}
	return b
}

// reader takes numbers and bytes off a record and remembers when there were
// not enough.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return make([]byte, min(n, 8))
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func decodeAddition(plain []byte) (addition, error) {
	r := &reader{b: plain}
	if r.bytes(1)[0] != kindAddition {
		return addition{}, fmt.Errorf("%w: a record of kind %d, this program knows none", ErrDamaged, plain[0])
	}
	a := addition{number: int(binary.BigEndian.Uint32(r.bytes(4))), first: int64(binary.BigEndian.Uint64(r.bytes(8)))}
	a.checkpoint = string(r.bytes(int(binary.BigEndian.Uint16(r.bytes(2)))))
	for n := binary.BigEndian.Uint32(r.bytes(4)); n > 0 && !r.bad; n-- {
		a.entries = append(a.entries, r.bytes(int(binary.BigEndian.Uint16(r.bytes(2)))))
	}
	if r.bad || len(r.b) != 0 {
		return addition{}, fmt.Errorf("%w: a record is not of its form", ErrDamaged)
	}
	return a, nil
}

// untold is for an edge whose inner hashes nobody keeps.
func untold(int64, tlog.Hash) {}

// apply puts an addition on top of what is known. each is told of every entry;
// it may be nil.
func (b *Baton) apply(a addition, each func(raw []byte) error) error {
	if a.first != b.edge.Size() || a.number < b.number {
		return fmt.Errorf("%w: entry %d of number %d came after %d entries of number %d", ErrDamaged, a.first, a.number, b.edge.Size(), b.number)
	}
	read := journal.Decode
	if each == nil { // only how far it goes is asked: the seal vouches for what Append has read before
		read = journal.Peek
	}
	for _, raw := range a.entries {
		e, err := read(raw)
		if err != nil || e.Site != b.header.Site || e.Seq != b.edge.Size() {
			return fmt.Errorf("%w: entry %d is not what it should be", ErrDamaged, b.edge.Size())
		}
		if each != nil {
			if err := each(raw); err != nil {
				return err
			}
		}
		b.edge.Add(raw, untold)
		b.lastDay = max(b.lastDay, e.Day)
	}
	b.number = a.number
	if a.checkpoint != "" {
		b.check = a.checkpoint
	}
	return nil
}
