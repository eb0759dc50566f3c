package sqlitefile

import (
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// gathered is a storage whose write-ahead log is written in runs. SQLite
// writes a commit as a row of small pieces, each a frame's head of 24 bytes
// and then its page, and none of them fits the cipher's blocks: every piece
// alone would be a block read, opened, changed, sealed and written again,
// three times for each page. A run that is handed on when SQLite syncs is
// sealed once.
//
// Nothing is promised before a sync, so nothing is lost by waiting for it: the
// log is always written with synchronous=FULL (asserted on every connection),
// where SQLite syncs the frames of a commit before it shows them to anybody.
// One thing comes after the sync: a commit is filled up to the end of a block
// with its last frame again, and where that frame reaches over the end, its
// rest is written behind the sync and shown with the others. It goes straight
// through. Whatever else touches the file first hands on what has been
// gathered.
//
// It stands twice: above the cipher, where it makes whole blocks of frames,
// and below it, where it makes one write of the blocks.
type gathered struct{ vfs.VFS }

// A log is its head, then frames: each a head of its own, and a page.
const (
	logHead   = 32
	frameSize = 24 + blockSize
)

// runMax bounds a run: a large import's frames are handed on in parts.
const runMax = 1 << 20

func (g gathered) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return vfsutil.WrapOpen(g.VFS, name, flags)
}

func (g gathered) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, out, err := vfsutil.WrapOpenFilename(g.VFS, name, flags)
	if err != nil || flags&vfs.OPEN_WAL == 0 {
		return file, out, err
	}
	below, _ := vfsutil.UnwrapFile[*run](file)
	return &run{File: file, below: below}, out, nil
}

// run is a log's file with the writes that were not handed on yet: run.bytes
// belong at run.from. SQLite uses a file from one goroutine at a time.
type run struct {
	vfs.File
	from     int64
	bytes    []byte
	frameEnd int64 // of the frame within which the last sync ended
	below    *run  // the one below the cipher; nil for that one itself
}

// Unwrap is the file below.
func (r *run) Unwrap() vfs.File { return r.File }

func (r *run) WriteAt(p []byte, off int64) (int, error) {
	if r.below != nil && len(r.bytes) == 0 && off == r.from && off < r.frameEnd {
		return r.straight(p, off)
	}
	if len(r.bytes) > 0 && (off != r.from+int64(len(r.bytes)) || len(r.bytes)+len(p) > runMax) {
		if err := r.handOn(); err != nil {
			return 0, err
		}
	}
	if len(r.bytes) == 0 {
		r.from = off
	}
	r.bytes = append(r.bytes, p...)
	return len(p), nil
}

// straight writes the rest of a commit's last frame, which others read from
// now on.
func (r *run) straight(p []byte, off int64) (int, error) {
	n, err := r.File.WriteAt(p, off)
	r.from = off + int64(n)
	if err == nil {
		err = r.below.handOn()
	}
	return n, err
}

// handOn writes the run. One that failed is forgotten: to SQLite it is a
// failed write, and it will not read what it could not write.
func (r *run) handOn() error {
	if len(r.bytes) == 0 {
		return nil
	}
	_, err := r.File.WriteAt(r.bytes, r.from)
	r.from, r.bytes = r.from+int64(len(r.bytes)), r.bytes[:0]
	return err
}

func (r *run) ReadAt(p []byte, off int64) (int, error) {
	if off < r.from+int64(len(r.bytes)) && r.from < off+int64(len(p)) {
		if err := r.handOn(); err != nil {
			return 0, err
		}
	}
	return r.File.ReadAt(p, off)
}

func (r *run) Truncate(size int64) error {
	if err := r.handOn(); err != nil {
		return err
	}
	return r.File.Truncate(size)
}

func (r *run) Sync(flags vfs.SyncFlag) error {
	end := r.from + int64(len(r.bytes))
	r.frameEnd = logHead + (end-logHead+frameSize-1)/frameSize*frameSize
	if err := r.handOn(); err != nil {
		return err
	}
	return r.File.Sync(flags)
}

func (r *run) Size() (int64, error) {
	if err := r.handOn(); err != nil {
		return 0, err
	}
	return r.File.Size()
}

func (r *run) Close() error {
	err := r.handOn()
	if cerr := r.File.Close(); err == nil {
		err = cerr
	}
	return err
}
