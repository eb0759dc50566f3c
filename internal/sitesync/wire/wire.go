// Package wire is what a site and its hub say to each other: the names of
// their subjects, a journal's segment as compressed bytes, and the few
// questions a site asks. The format is docs/spec/sync.md.
//
// It knows bytes and no network. It promises that whatever it reads is
// bounded, and that a field it does not know is left alone: the other side may
// be newer.
package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// ErrForm says that bytes are no message of this form.
var ErrForm = errors.New("not a message of this form")

// Journal is where a site sends segments of its journal. It may publish here
// and to Ask, and read Inbox and Replies.
func Journal(s id.Site) string { return "journal." + string(s) }

// Ask is where a site asks the hub.
func Ask(s id.Site) string { return "ask." + string(s) }

// Inbox is where the hub tells a site that there is something.
func Inbox(s id.Site) string { return "inbox." + string(s) }

// Replies is the beginning of the subjects on which a site gets its answers.
func Replies(s id.Site) string { return "_REPLY_" + string(s) }

// SiteOf is the site of a subject of these forms.
func SiteOf(subject string) id.Site {
	for i := len(subject) - 1; i >= 0; i-- {
		if subject[i] == '.' {
			return id.Site(subject[i+1:])
		}
	}
	return ""
}

// Question is what a site asks.
type Question struct {
	Op      string `json:"op"` // Hello, Hear or Own
	Version string `json:"version,omitempty"`
	Number  int    `json:"number,omitempty"`  // of its installation
	Size    int64  `json:"size,omitempty"`    // Hello: entries it has; Own: from which entry on
	Receipt int64  `json:"receipt,omitempty"` // Hello: entries under the largest receipt it holds
	ReadTo  int64  `json:"read_to,omitempty"` // the newest number it has read in its inbox
	Mark    string `json:"mark,omitempty"`    // journal.Mark of what it has read up to that number

	Now day.Instant `json:"now,omitempty"` // Hello: what its clock says; absent from older programs
}

// The questions.
const (
	Hello = "hello" // how far am I at the hub?
	Hear  = "hear"  // what came for me?
	Own   = "own"   // what do you have of my own journal? For a site that was restored
)

// Answer is what the hub answers.
type Answer struct {
	Now     day.Instant `json:"now"`
	Receipt []byte      `json:"receipt,omitempty"` // of this site's journal, as far as it is at the hub
	Next    uint64      `json:"next,omitempty"`    // sequence of the last message of the site that the transport holds
	Stopped string      `json:"stopped,omitempty"` // why the hub takes no more of the journal
	Newest  int64       `json:"newest,omitempty"`  // number of the last entry in the inbox
	Again   bool        `json:"again,omitempty"`   // the inbox is another one than before; read it from the beginning
	Sent    []Sent      `json:"sent,omitempty"`    // Hear
	Entries [][]byte    `json:"entries,omitempty"` // Own
	Refused string      `json:"refused,omitempty"` // why there is no answer
}

// Sent is one entry of another site with its proof.
type Sent struct {
	Num   int64   `json:"num"`
	Site  id.Site `json:"site"`
	Seq   int64   `json:"seq"`
	Proof []byte  `json:"proof"`
}

// Poke is what the hub tells a site without being asked.
type Poke struct {
	Receipt []byte `json:"receipt,omitempty"`
	Newest  int64  `json:"newest,omitempty"` // number of the last entry in the inbox; 0 when it is not said
	Again   bool   `json:"again,omitempty"`  // a segment came too early or not at all: say hello and go on from the receipt
}

// Bounds of what is read.
const (
	MessageMax  = 1 << 20  // of the transport
	plainMax    = 16 << 20 // of a message after it was decompressed
	EntriesMax  = 512      // of a segment
	SegmentSize = 256 << 10
	noteMax     = 4 << 10
	proofMax    = 128
)

// magic begins every compressed message; the digit is the version of the form.
const magic = "TS1"

var (
	packer, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderDictRaw(dictID, []byte(dictionary)))
	reader, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(plainMax), zstd.WithDecoderDictRaw(dictID, []byte(dictionary)))
)

func pack(b []byte) []byte { return packer.EncodeAll(b, []byte(magic)) }

func unpack(b []byte) ([]byte, error) {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic || len(b) > MessageMax {
		return nil, ErrForm
	}
	out, err := reader.DecodeAll(b[len(magic):], nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	return out, nil
}

// Pack is a segment as a message.
func Pack(s journal.Segment) []byte {
	b := put(nil, []byte(s.Site))
	b = binary.AppendUvarint(b, uint64(s.From))
	b = binary.AppendUvarint(b, uint64(len(s.Entries)))
	for _, e := range s.Entries {
		b = put(b, e)
	}
	b = put(b, s.Checkpoint)
	b = binary.AppendUvarint(b, uint64(len(s.Growth)))
	for _, h := range s.Growth {
		b = append(b, h[:]...)
	}
	return pack(b)
}

func put(b, field []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(field))), field...)
}

// Unpack reads what Pack wrote. What it says is judged by journal's Extend.
func Unpack(msg []byte) (journal.Segment, error) {
	plain, err := unpack(msg)
	if err != nil {
		return journal.Segment{}, err
	}
	r := fields{b: plain}
	s := journal.Segment{Site: id.Site(r.bytes(journal.SiteMax)), From: int64(r.number(journal.WholeMax))}
	for range r.number(EntriesMax) {
		s.Entries = append(s.Entries, r.bytes(journal.EntryMax))
	}
	s.Checkpoint = r.bytes(noteMax)
	for range r.number(proofMax) {
		s.Growth = append(s.Growth, tlog.Hash(r.take(tlog.HashSize)))
	}
	if r.bad || len(r.b) != 0 {
		return journal.Segment{}, ErrForm
	}
	return s, nil
}

// fields reads from the front of b; after the first fault it reads nothing.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) number(most uint64) uint64 {
	n, size := binary.Uvarint(f.b)
	if f.bad || size <= 0 || n > most {
		f.bad = true
		return 0
	}
	f.b = f.b[size:]
	return n
}

func (f *fields) bytes(most uint64) []byte { return f.take(int(f.number(most))) }

func (f *fields) take(n int) []byte {
	if f.bad || n > len(f.b) {
		f.bad = true
		return make([]byte, min(n, tlog.HashSize)) // enough for a hash; the caller throws it away
	}
	out := f.b[:n:n]
	f.b = f.b[n:]
	return out
}

// Marshal is a question, an answer or a poke as a message.
func Marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("wire: %v", err)) // these types always encode
	}
	return pack(b)
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(msg []byte, v any) error {
	b, err := unpack(msg)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}
