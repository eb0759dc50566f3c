// Package faultstick is a USB stick for tests that is pulled out, tears, fills
// up, lies about its size and turns read-only, the same way every time.
//
// It lives in memory and stands where the baton expects a folder (baton.FS). A
// write is seen at once and durable after Sync; [Stick.Crash] answers the stick
// as found after a power cut, with each write not yet flushed there, gone, or
// torn at any byte. [Stick.PullAfter] pulls it at a chosen byte of all that is
// ever written. It knows nothing of what is on it.
package faultstick

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"

	"tram/internal/baton"
)

// Stick is a stick with one folder on it.
type Stick struct {
	mu    sync.Mutex
	made  bool
	files map[string]*content
	wrote int64 // bytes ever
	syncs int

	pullAt   int64 // of wrote; 0: never
	room     int64 // bytes of all files; 0: no bound
	real     int64 // bytes of one file that the medium has; 0: all that it claims
	readOnly bool
	failSync int // the sync to fail
	gone     bool
}

type content struct {
	seen    []byte
	durable []byte
	pending []change
	named   bool
}

// change is a write, or a cutting when data is nil.
type change struct {
	at   int64
	data []byte
}

// New is an empty stick.
func New() *Stick { return &Stick{files: map[string]*content{}} }

// PullAfter pulls the stick when n more bytes were written: what was written
// until then stays, in the middle of a write if it comes so.
func (s *Stick) PullAfter(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pullAt = s.wrote + n
}

// Room bounds the bytes of all files together; 0 lifts the bound.
func (s *Stick) Room(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room = n
}

// Fake lets the medium forget what is written at byte n of a file and after.
func (s *Stick) Fake(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.real = n
}

// ReadOnly sets the stick's little switch.
func (s *Stick) ReadOnly(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readOnly = on
}

// FailSync lets the nth flush from now fail once.
func (s *Stick) FailSync(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failSync = s.syncs + n
}

// Wrote is how many bytes were ever written.
func (s *Stick) Wrote() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrote
}

// Copy is another stick with the same files, all of them durable: plugged in
// again, or a duplicate.
func (s *Stick) Copy() *Stick {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &Stick{made: s.made, files: map[string]*content{}}
	for name, f := range s.files {
		out.files[name] = &content{seen: slices.Clone(f.seen), durable: slices.Clone(f.seen), named: true}
	}
	return out
}

// Crash is the stick as found after a power cut now.
func (s *Stick) Crash(seed uint64) *Stick {
	s.mu.Lock()
	defer s.mu.Unlock()
	rng := rand.New(rand.NewPCG(seed, 7))
	out := &Stick{made: s.made, files: map[string]*content{}}
	names := make([]string, 0, len(s.files))
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := s.files[name]
		if !f.named && rng.IntN(2) == 0 {
			continue // the folder never heard of it
		}
		b := slices.Clone(f.durable)
		for _, c := range f.pending {
			b = c.some(b, rng)
		}
		out.files[name] = &content{seen: b, durable: slices.Clone(b), named: true}
	}
	return out
}

// some does all, nothing or a part of a change.
func (c change) some(b []byte, rng *rand.Rand) []byte {
	switch rng.IntN(4) {
	case 0:
		return b
	case 1:
		return c.do(b)
	}
	if c.data == nil {
		return b
	}
	n := rng.IntN(len(c.data) + 1)
	if rng.IntN(2) == 0 { // the size grew, the bytes did not come
		return change{c.at, append(slices.Clone(c.data[:n]), make([]byte, len(c.data)-n)...)}.do(b)
	}
	return change{c.at, slices.Clone(c.data[:n])}.do(b)
}

func (c change) do(b []byte) []byte {
	if c.data == nil {
		return b[:min(c.at, int64(len(b)))]
	}
	if end := c.at + int64(len(c.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[c.at:], c.data)
	return b
}

// Damage flips a bit of a file; false if the file is not that long.
func (s *Stick) Damage(name string, at int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[name]
	if f == nil || at >= int64(len(f.seen)) {
		return false
	}
	f.seen[at] ^= 1
	return true
}

// Remove takes a file away.
func (s *Stick) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
}

// Bytes are a file's, as seen.
func (s *Stick) Bytes(name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.files[name]; f != nil {
		return slices.Clone(f.seen)
	}
	return nil
}

// Make makes the folder.
func (s *Stick) Make() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone || s.readOnly {
		return s.no()
	}
	s.made = true
	return nil
}

func (s *Stick) no() error {
	if s.gone {
		return baton.ErrGone
	}
	return baton.ErrReadOnly
}

// Names are the folder's files.
func (s *Stick) Names() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil, baton.ErrGone
	}
	if !s.made {
		return nil, fs.ErrNotExist
	}
	var names []string
	for name := range s.files {
		names = append(names, name)
	}
	return names, nil
}

// ReadFile reads a whole file.
func (s *Stick) ReadFile(name string, most int64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[name]
	switch {
	case s.gone:
		return nil, baton.ErrGone
	case f == nil:
		return nil, fs.ErrNotExist
	case int64(len(f.seen)) > most:
		return nil, baton.ErrDamaged
	}
	return slices.Clone(f.seen), nil
}

// ReadBack reads from the medium.
func (s *Stick) ReadBack(name string, at int64, n int) ([]byte, error) {
	b, err := s.ReadFile(name, 1<<40)
	if err != nil {
		return nil, err
	}
	if at > int64(len(b)) {
		return nil, nil
	}
	return b[at:min(at+int64(n), int64(len(b)))], nil
}

// SyncDir makes the names durable.
func (s *Stick) SyncDir() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return baton.ErrGone
	}
	for _, f := range s.files {
		f.named = true
	}
	return nil
}

// Open opens a file for writing.
func (s *Stick) Open(name string, fresh bool) (baton.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone || s.readOnly:
		return nil, s.no()
	case !s.made, s.files[name] == nil && !fresh:
		return nil, fs.ErrNotExist
	case fresh && s.files[name] == nil:
		s.files[name] = &content{}
	case fresh:
		f := s.files[name]
		f.seen, f.pending = nil, append(f.pending, change{})
	}
	return &handle{s, name}, nil
}

type handle struct {
	s    *Stick
	name string
}

// WriteAt writes as much as there is power and room for.
func (h *handle) WriteAt(p []byte, at int64) (int, error) {
	s := h.s
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[h.name]
	if s.gone || f == nil {
		return 0, baton.ErrGone
	}
	n, err := len(p), error(nil)
	if s.room > 0 {
		used := int64(0)
		for _, o := range s.files {
			used += int64(len(o.seen))
		}
		if free := s.room - used; int64(n) > free {
			n, err = int(max(free, 0)), baton.ErrFull
		}
	}
	if s.pullAt > 0 && s.wrote+int64(n) >= s.pullAt {
		n, err, s.gone = int(s.pullAt-s.wrote), baton.ErrGone, true
	}
	s.wrote += int64(n)
	data := slices.Clone(p[:n])
	if s.real > 0 && at+int64(n) > s.real {
		clear(data[max(0, s.real-at):])
	}
	if n > 0 {
		c := change{at, data}
		f.seen, f.pending = c.do(f.seen), append(f.pending, c)
	}
	return n, err
}

// Truncate cuts the file.
func (h *handle) Truncate(size int64) error {
	s := h.s
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[h.name]
	if s.gone || f == nil {
		return baton.ErrGone
	}
	c := change{at: size}
	f.seen, f.pending = c.do(f.seen), append(f.pending, c)
	return nil
}

var errSync = errors.New("flush failed")

// Sync makes what was written durable.
func (h *handle) Sync() error {
	s := h.s
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[h.name]
	if s.gone || f == nil {
		return baton.ErrGone
	}
	if s.syncs++; s.syncs == s.failSync {
		f.pending = nil // shown from memory, never on the medium
		return errSync
	}
	f.durable, f.pending = slices.Clone(f.seen), nil
	return nil
}

// Close closes.
func (h *handle) Close() error { return nil }
