// Package sqlitefile is one encrypted SQLite file with one writer and many
// readers.
//
// Pages, write-ahead log and backups are encrypted and carry checksums. A
// write that returned nil is on the disk (WAL, synchronous=FULL, asserted on
// every connection); a read sees one moment; a reader cannot write. Faults are
// told apart with errors.Is: [ErrKey], [ErrFull], [ErrCorrupt], [ErrBusy],
// [ErrCommit]. After an error of the disk itself the file takes no more writes
// ([ErrStopped]) until it is closed and opened again, because what the
// operating system then still shows may never have reached the disk.
//
// It knows SQL and bytes, and nothing of care.
package sqlitefile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Options say how a file is opened.
type Options struct {
	Key     [32]byte
	Readers int     // connections that read at the same time; 0 means 4
	CacheKB int     // page cache of each connection; 0 means 4 MB for a reader and 20 MB for the writer
	Base    vfs.VFS // where the bytes live; nil is the operating system
}

// File is an open file. Its methods may be called by many goroutines at once.
type File struct {
	path string
	vfs  string // the name under which our storage is registered with SQLite
	opt  Options

	mu      sync.Mutex // held by whoever writes
	writer  *Conn
	pages   int                   // in the write-ahead log after the last commit
	stopped error                 // why nothing more is written; nil while all is well
	told    atomic.Pointer[error] // the same for those who do not write
	closed  bool

	readers chan *Conn // always Readers long; nil stands for one not opened yet
}

// Open opens the file at path, or creates it. A wrong key is ErrKey, and the
// file is then untouched.
func Open(path string, o Options) (*File, error) {
	if o.Readers <= 0 {
		o.Readers = readersDefault
	}
	if o.Base == nil {
		o.Base = vfs.Find("")
	}
	if err := probeKey(o.Base, path, o.Key); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	f := &File{path: path, opt: o, readers: make(chan *Conn, o.Readers)}
	f.vfs = register(o.Base, o.Key)
	for range o.Readers {
		f.readers <- nil
	}
	if err := f.openWriter(); err != nil {
		vfs.Unregister(f.vfs)
		return nil, fmt.Errorf("open database: %w", err)
	}
	return f, nil
}

// openWriter opens the writing connection and moves whatever an earlier crash
// left in the write-ahead log into the file, where it is synced: from here on
// everything that can be read is also on the disk.
func (f *File) openWriter() error {
	c, err := f.connect(true)
	if err != nil {
		return err
	}
	c.db.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		f.pages = pages
		return nil
	})
	f.writer = c
	if err := f.checkpoint(sqlite3.CHECKPOINT_TRUNCATE); err != nil {
		_ = c.close() // the first error is the one to tell
		return err
	}
	return nil
}

// Write runs fn inside one transaction of the single writer. When it returns
// nil, everything fn wrote is on the disk. When fn returns an error or panics,
// nothing was written. An error that wraps ErrCommit says that the commit
// itself failed: it is not known before the next good commit or the next Open
// whether the transaction is there, all of it, or not at all. fn must not call
// Write itself: there is one writer.
func (f *File) Write(fn func(*Conn) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errClosed
	}
	if f.stopped != nil {
		return f.Stopped()
	}
	c := f.writer
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return f.note(fmt.Errorf("begin: %w", err))
	}
	done := false
	defer func() {
		if !done { // fn panicked; the panic goes on, the transaction does not
			f.rollback()
		}
	}()
	err := fn(c)
	done = true
	if err != nil {
		f.rollback()
		return f.note(err)
	}
	if err := c.Exec("COMMIT"); err != nil {
		f.rollback()
		return f.note(fmt.Errorf("%w: %w", ErrCommit, err))
	}
	if f.pages >= checkpointPages {
		// The transaction is durable already, so a failing checkpoint is not
		// this caller's error; it stops the next one if the disk is at fault.
		_ = f.note(f.checkpoint(sqlite3.CHECKPOINT_PASSIVE))
	}
	return nil
}

// rollback ends an open transaction. SQLite may have ended it by itself; an
// error of the rollback itself leaves a connection nobody should write with.
func (f *File) rollback() {
	if f.writer.db.GetAutocommit() {
		return
	}
	if err := f.writer.Exec("ROLLBACK"); err != nil && !f.writer.db.GetAutocommit() {
		f.stop(fmt.Errorf("rollback: %w", err))
	}
}

// note remembers an error of the disk, after which nothing more is written.
func (f *File) note(err error) error {
	if f.stopped == nil && stops(err) {
		f.stop(err)
	}
	return err
}

func (f *File) stop(why error) {
	f.stopped = why
	told := fmt.Errorf("%w after: %w", ErrStopped, why)
	f.told.Store(&told)
}

// Stopped is why nothing more is written, wrapped in [ErrStopped], or nil. It
// answers at once, from the failing write on, also while others write.
func (f *File) Stopped() error {
	if p := f.told.Load(); p != nil {
		return *p
	}
	return nil
}

// Read runs fn on a connection that cannot write, inside one transaction: all
// that fn reads is of one moment. A ctx that ends interrupts the reading.
func (f *File) Read(ctx context.Context, fn func(*Conn) error) error {
	var c *Conn
	var ok bool
	select {
	case <-ctx.Done():
		return fmt.Errorf("read: %w", ctx.Err())
	case c, ok = <-f.readers:
	}
	if !ok {
		return errClosed
	}
	if c == nil {
		var err error
		if c, err = f.connect(false); err != nil {
			f.readers <- nil
			return fmt.Errorf("open reader: %w", err)
		}
	}
	return f.read(ctx, c, fn)
}

func (f *File) read(ctx context.Context, c *Conn, fn func(*Conn) error) error {
	healthy := false
	defer func() {
		c.db.SetInterrupt(context.Background())
		if !c.db.GetAutocommit() && c.Exec("ROLLBACK") != nil {
			healthy = false
		}
		if !healthy { // a connection that met a fault is not used again
			_ = c.close() // it only read; there is nothing to lose
			c = nil
		}
		f.readers <- c
	}()
	if err := c.Exec("BEGIN"); err != nil {
		return fmt.Errorf("begin read: %w", err)
	}
	c.db.SetInterrupt(ctx)
	err := fn(c)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("read: %w", ctx.Err())
	}
	healthy = !isFault(err)
	return err
}

// Checkpoint moves the write-ahead log into the file.
func (f *File) Checkpoint() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errClosed
	}
	return f.note(f.checkpoint(sqlite3.CHECKPOINT_TRUNCATE))
}

func (f *File) checkpoint(mode sqlite3.CheckpointMode) error {
	_, _, err := f.writer.db.WALCheckpoint("main", mode)
	calm()
	if err != nil {
		return fmt.Errorf("checkpoint: %w", mark(err))
	}
	f.pages = 0
	return nil
}

// CopyTo writes a copy of the file as it is now to a new file at
// path, encrypted with key. Reading and writing go on meanwhile.
func (f *File) CopyTo(path string, key [32]byte) error {
	base := f.opt.Base
	if base == nil {
		base = vfs.Find("")
	}
	if there, err := base.Access(path, vfs.ACCESS_EXISTS); err != nil || there {
		return fmt.Errorf("copy database: a file is there already, or cannot be looked for: %w", errors.Join(err, fs.ErrExist))
	}
	target := register(f.opt.Base, key)
	defer vfs.Unregister(target)
	// The copy is founded as a database with checksums before any page goes
	// into it. SQLite's own VACUUM INTO writes the first page last, and pages
	// that leave its cache before that would have no checksums.
	empty := File{path: path, vfs: target, opt: f.opt}
	c, err := empty.connect(true)
	if err == nil {
		err = c.close()
	}
	if err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	if c, err = f.connect(false); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	err = mark(c.db.Backup("main", uri(path, target)))
	if cerr := c.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return nil
}

// Close waits for readers and the writer, moves the write-ahead log into the
// file and closes it. A second Close does nothing.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	var first error
	for range f.opt.Readers {
		if c := <-f.readers; c != nil {
			if err := c.close(); err != nil && first == nil {
				first = err
			}
		}
	}
	close(f.readers)
	if err := f.writer.close(); err != nil && first == nil {
		first = err
	}
	vfs.Unregister(f.vfs)
	if first != nil {
		return fmt.Errorf("close database: %w", first)
	}
	return nil
}
