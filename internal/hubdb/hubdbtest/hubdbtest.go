// Package hubdbtest makes journals of invented sites for tests and measurements
// of whatever takes them in.
//
// A [Site] grows in memory, signs its own heads and hands out segments as a
// clinic's program does. Its people and doses are made up from numbers. It
// knows nothing of a store and promises the same bytes for the same calls.
package hubdbtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/unit"
)

// Start is the first day of every invented history.
const Start = day.Day(18262) // 2020-01-01

// Site is a journal in the making.
type Site struct {
	Code    id.Site
	Keys    journal.Keys
	Public  string // the key that checks its journal, in note form
	Entries [][]byte
	edge    journal.Edge
	clock   journal.HLC
	rand    *rand.Rand
}

// New makes a site without entries; its key comes from its code.
func New(code id.Site) *Site {
	var seed [32]byte
	copy(seed[:], code)
	random := rand.NewChaCha8(seed)
	skey, vkey, err := note.GenerateKey(random, strings.ToLower(string(code))+".test/tram")
	if err != nil {
		panic(err) // a reader of made-up numbers never fails
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		panic(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		panic(err)
	}
	return &Site{Code: code, Keys: journal.Keys{Signer: s, Verifier: v}, Public: vkey, rand: rand.New(random)}
}

// ID makes an id as the door does: 80 random bits.
func (s *Site) ID() string {
	var b [10]byte
	for i := range b {
		b[i] = byte(s.rand.Uint32())
	}
	return id.Encode(b[:])
}

// Add writes an entry on a day and answers its number. fact is marshalled, or
// JSON already.
func (s *Site) Add(on day.Day, kind string, fact any) int64 {
	raw, ok := fact.(string)
	if !ok {
		b, err := json.Marshal(fact)
		if err != nil {
			panic(err)
		}
		raw = string(b)
	}
	s.clock = journal.Next(s.clock, day.Instant(int64(on)*86_400_000+int64(len(s.Entries)%40_000)*1000))
	e := journal.Entry{Site: s.Code, Seq: int64(len(s.Entries)), HLC: s.clock, Day: on, By: "q1w2e3r4t5y6u7p8", Kind: kind, Rules: 1, Fact: json.RawMessage(raw)}
	if kind != "dose.swallowed" {
		e.Form = id.Form(s.ID())
	}
	b, err := e.Encode()
	if err != nil {
		panic(fmt.Sprintf("%s: %v", kind, err))
	}
	s.Entries = append(s.Entries, b)
	s.edge.Add(b, func(int64, tlog.Hash) {})
	return e.Seq
}

// Register makes a patient up and answers its id.
func (s *Site) Register(on day.Day, name, identity string) id.Patient {
	p := s.ID()
	s.Add(on, "patient.registered", fmt.Sprintf(`{"patient":%q,"code":"%s-%04d-A","day":%q,"details":{"name":%q,"birth":"1985","identity":%q}}`,
		p, s.Code, len(s.Entries), on, name, identity))
	return id.Patient(p)
}

// Dose pours a dose and says that it was swallowed; the two entries are those
// of an ordinary morning.
func (s *Site) Dose(on day.Day, p id.Patient, order string) {
	d := s.ID()
	s.Add(on, "dose.poured", fmt.Sprintf(`{"dose":%q,"patient":%q,"day":%q,"order":%q,"amount_ug":%d,"volume_ul":%d,"draws":[{"bottle":"b1b2b3b4b5b6b7b8","volume_ul":%d}],"station":"window 1"}`,
		d, p, on, order, 60*unit.Milligram, 6000, 6000))
	s.Add(on, "dose.swallowed", fmt.Sprintf(`{"dose":%q,"patient":%q}`, d, p))
}

// Fill makes patients and their doses of so many days.
func (s *Site) Fill(patients, days int) []id.Patient {
	var all []id.Patient
	var orders []string
	for i := range patients {
		all = append(all, s.Register(Start, "Thử "+given(i), ""))
		orders = append(orders, s.ID())
	}
	for d := range days {
		for i, p := range all {
			s.Dose(Start+day.Day(d), p, orders[i])
		}
	}
	return all
}

// given is a name that nobody else has: a register in which all are called
// alike is not one.
func given(i int) string {
	name := "A"
	for ; i > 0; i /= 26 {
		name += string(rune('a' + i%26))
	}
	return name
}

// Segment is a run of entries with the head signed at its end.
func (s *Site) Segment(from, to int) journal.Segment {
	var edge journal.Edge
	for _, raw := range s.Entries[:to] {
		edge.Add(raw, func(int64, tlog.Hash) {})
	}
	return s.signed(from, to, edge)
}

func (s *Site) signed(from, to int, edge journal.Edge) journal.Segment {
	root := edge.Root()
	text := log.Checkpoint{Origin: s.Keys.Signer.Name(), Size: uint64(to), Hash: root[:]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, s.Keys.Signer)
	if err != nil {
		panic(err)
	}
	return journal.Segment{Site: s.Code, From: int64(from), Entries: s.Entries[from:to], Checkpoint: signed}
}

// Segments are all entries from one on, so many a segment.
func (s *Site) Segments(from, each int) []journal.Segment {
	var out []journal.Segment
	var edge journal.Edge
	for i, raw := range s.Entries {
		edge.Add(raw, func(int64, tlog.Hash) {})
		if to := i + 1; to > from && (to-from)%each == 0 || to == len(s.Entries) {
			at := from
			if len(out) > 0 {
				at = int(out[len(out)-1].End())
			}
			if at < to {
				out = append(out, s.signed(at, to, edge.Clone()))
			}
		}
	}
	return out
}
