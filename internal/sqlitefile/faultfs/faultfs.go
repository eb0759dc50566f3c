// Package faultfs is a disk for tests that loses power, lies and runs full,
// the same way every time for the same seed.
//
// It lives in memory and stands below SQLite as a storage (vfs.VFS). A write
// is visible at once and durable after a sync. [FS.Crash] answers the disk as
// it would be found after a power cut: each write not yet synced is there,
// gone, or torn in sectors of 512 bytes. A chosen write or sync can fail, with
// or without having reached the disk; after a sync that failed, what it should
// have flushed stays visible and is never flushed again, as on Linux. Only
// SQLite's index of the write-ahead log, which no power cut survives, lies in
// a scratch directory.
package faultfs

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// ErrDead is the answer of a disk without power.
var ErrDead = errors.New("no power")

// FS is a disk. It may be used by many goroutines.
type FS struct {
	scratch string
	id      int64

	mu     sync.Mutex
	files  map[string]*file
	ghosts map[string]content // deleted, and the directory not yet synced
	ops    int                // writes, truncations, deletions and syncs so far
	failAt int                // the operation to fail; 0 is none
	stored bool               // it reaches the disk all the same
	room   int64              // bytes the disk holds; 0 is no bound
	dead   bool
	after  func(op int) // see AfterEach
}

// file is one file as it is seen, and as it is on the disk.
type file struct {
	seen    content
	durable content
	pending []change // seen, not yet on the disk
	named   bool     // its directory entry is on the disk
	lock    lockState
}

var made atomic.Int64

// New makes an empty disk. scratch is a directory for SQLite's index of the
// write-ahead log, such as t.TempDir().
func New(scratch string) *FS {
	return &FS{scratch: scratch, id: made.Add(1), files: map[string]*file{}, ghosts: map[string]content{}}
}

// Ops is how many operations have changed or synced something so far.
func (f *FS) Ops() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ops
}

// FailAt lets the nth operation from now fail once: it answers an I/O error,
// and reaches the disk or not as stored says.
func (f *FS) FailAt(n int, stored bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failAt, f.stored = f.ops+n, stored
}

// Failed says whether the operation chosen with FailAt has come.
func (f *FS) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failAt != 0 && f.ops >= f.failAt
}

// Room bounds the bytes of all files together; 0 lifts the bound.
func (f *FS) Room(bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room = bytes
}

// AfterEach calls fn after every operation that changes or syncs something.
func (f *FS) AfterEach(fn func(op int)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after = fn
}

// Crash answers the disk as found after a power cut now. This disk goes on.
func (f *FS) Crash(seed uint64) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	rng := rand.New(rand.NewPCG(seed, 1))
	out := New(f.scratch)
	for _, name := range sorted(f.files) {
		old := f.files[name]
		if !old.named && rng.IntN(2) == 0 {
			continue // the directory never heard of it
		}
		b := old.durable.copy()
		for _, c := range old.pending {
			survive(&b, c, rng)
		}
		out.files[name] = &file{seen: b, durable: b.copy(), named: true}
	}
	for _, name := range sorted(f.ghosts) {
		if _, there := out.files[name]; !there && rng.IntN(2) == 0 {
			b := f.ghosts[name]
			out.files[name] = &file{seen: b.copy(), durable: b.copy(), named: true}
		}
	}
	return out
}

// Copy answers the disk as seen now, with everything on it durable.
func (f *FS) Copy() *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := New(f.scratch)
	for name, d := range f.files {
		out.files[name] = &file{seen: d.seen.copy(), durable: d.seen.copy(), named: true}
	}
	return out
}

// survive applies a change that was under way: whole, not at all, or torn.
func survive(b *content, c change, rng *rand.Rand) {
	fate := rng.IntN(4)
	switch {
	case fate < 2:
		b.apply(c)
		return
	case fate == 2 || c.data == nil:
		return
	}
	for from := 0; from < len(c.data); from += sector {
		if rng.IntN(2) == 0 {
			b.apply(change{c.at + int64(from), c.data[from:min(from+sector, len(c.data))]})
		}
	}
}

// Kill ends the power: whatever is still open answers ErrDead.
func (f *FS) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

// Flip turns one bit of a file, on the disk and as seen.
func (f *FS) Flip(name string, bit int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range []*content{&f.files[name].seen, &f.files[name].durable} {
		if at := bit / 8; at < b.size {
			one := []byte{0}
			b.read(one, at)
			b.apply(change{at, []byte{one[0] ^ 1<<(bit%8)}})
		}
	}
}

// Bytes is a copy of a file as seen, nil if there is none.
func (f *FS) Bytes(name string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if file, ok := f.files[name]; ok {
		b := make([]byte, file.seen.size)
		file.seen.read(b, 0)
		return b
	}
	return nil
}

// Names are the files there are.
func (f *FS) Names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return sorted(f.files)
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// begin counts an operation and says what becomes of it. The caller holds mu.
func (f *FS) begin(fault sqlite3.ExtendedErrorCode) (do bool, err error) {
	if f.dead {
		return false, ErrDead
	}
	f.ops++
	if f.ops == f.failAt {
		return f.stored, fault
	}
	return true, nil
}

// end tells AfterEach, without the lock.
func (f *FS) end() {
	f.mu.Lock()
	fn, op := f.after, f.ops
	f.mu.Unlock()
	if fn != nil {
		fn(op)
	}
}

// Open makes FS a vfs.VFS.
func (f *FS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return nil, flags, ErrDead
	}
	d, ok := f.files[name]
	if !ok {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		d = &file{}
		f.files[name] = d
	}
	h := &handle{fs: f, name: name, d: d, drop: flags&vfs.OPEN_DELETEONCLOSE != 0}
	if flags&vfs.OPEN_READWRITE != 0 {
		h.shm = vfs.NewSharedMemory(filepath.Join(f.scratch, fmt.Sprintf("disk%d-%s-shm", f.id, filepath.Base(name))), flags)
	}
	return h, flags, nil
}

// Delete makes FS a vfs.VFS.
func (f *FS) Delete(name string, syncDir bool) error {
	defer f.end()
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.files[name]
	if !ok {
		return sqlite3.IOERR_DELETE_NOENT
	}
	do, err := f.begin(sqlite3.IOERR_DELETE)
	if do {
		delete(f.files, name)
		if d.named && !syncDir {
			f.ghosts[name] = d.durable
		}
	}
	return err
}

// Access makes FS a vfs.VFS.
func (f *FS) Access(name string, _ vfs.AccessFlag) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.files[name]
	return ok, nil
}

// FullPathname makes FS a vfs.VFS.
func (f *FS) FullPathname(name string) (string, error) { return name, nil }

// handle is an open file.
type handle struct {
	fs   *FS
	name string
	d    *file
	shm  vfs.SharedMemory
	held vfs.LockLevel
	drop bool
}

func (h *handle) Close() error {
	if h.shm != nil {
		_ = h.shm.Close() // the index means nothing without its connections
	}
	_ = h.Unlock(vfs.LOCK_NONE) // cannot fail
	if h.drop {
		return h.fs.Delete(h.name, false)
	}
	return nil
}

func (h *handle) SharedMemory() vfs.SharedMemory { return h.shm }

func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if h.fs.dead {
		return 0, ErrDead
	}
	n := h.d.seen.read(p, off)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(p []byte, off int64) (int, error) {
	c := change{off, slices.Clone(p)}
	if err := h.change(c, sqlite3.IOERR_WRITE); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (h *handle) Truncate(size int64) error {
	return h.change(change{at: size}, sqlite3.IOERR_TRUNCATE)
}

func (h *handle) change(c change, fault sqlite3.ExtendedErrorCode) error {
	defer h.fs.end()
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if h.fs.full(h.d, c) {
		return sqlite3.FULL
	}
	do, err := h.fs.begin(fault)
	if do {
		h.d.seen.apply(c)
		h.d.pending = append(h.d.pending, c)
	}
	return err
}

func (f *FS) full(d *file, c change) bool {
	grow := c.at + int64(len(c.data)) - d.seen.size
	if f.room == 0 || grow <= 0 || f.dead {
		return false
	}
	for _, other := range f.files {
		grow += other.seen.size
	}
	return grow > f.room
}

func (h *handle) Sync(vfs.SyncFlag) error {
	defer h.fs.end()
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	do, err := h.fs.begin(sqlite3.IOERR_FSYNC)
	if do {
		for _, c := range h.d.pending {
			h.d.durable.apply(c)
		}
		if !h.d.named { // a new file's first sync syncs its directory too
			h.d.named = true
			clear(h.fs.ghosts)
		}
	}
	if !h.fs.dead {
		h.d.pending = nil // flushed, or after a failed sync never to be
	}
	return err
}

func (h *handle) Size() (int64, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	return h.d.seen.size, nil
}

func (h *handle) SectorSize() int { return sector }

func (h *handle) DeviceCharacteristics() vfs.DeviceCharacteristic { return vfs.IOCAP_SUBPAGE_READ }

// lockState is who holds a file: SQLite's five levels.
type lockState struct {
	shared    int
	reserved  *handle
	exclusive *handle // or waiting for the readers to leave
}

func (h *handle) Lock(want vfs.LockLevel) error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	l := &h.d.lock
	if h.held >= want {
		return nil
	}
	if want == vfs.LOCK_SHARED {
		if l.exclusive != nil {
			return sqlite3.BUSY
		}
		l.shared++
		h.held = want
		return nil
	}
	if l.reserved != nil && l.reserved != h {
		return sqlite3.BUSY
	}
	l.reserved = h
	if want == vfs.LOCK_RESERVED {
		h.held = want
		return nil
	}
	l.exclusive = h
	if l.shared > 1 {
		h.held = vfs.LOCK_PENDING
		return sqlite3.BUSY
	}
	h.held = vfs.LOCK_EXCLUSIVE
	return nil
}

func (h *handle) Unlock(to vfs.LockLevel) error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	l := &h.d.lock
	if h.held <= to {
		return nil
	}
	if l.reserved == h {
		l.reserved = nil
	}
	if l.exclusive == h {
		l.exclusive = nil
	}
	if to == vfs.LOCK_NONE {
		l.shared--
	}
	h.held = to
	return nil
}

func (h *handle) CheckReservedLock() (bool, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	return h.d.lock.reserved != nil, nil
}
