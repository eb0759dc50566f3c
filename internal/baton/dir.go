package baton

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// FS is what a baton needs of a folder on a stick. A test puts one in its place
// that tears, fills up and is pulled out.
type FS interface {
	// Make makes the folder if it is not there.
	Make() error
	// Names are the names of its files; fs.ErrNotExist without the folder.
	Names() ([]string, error)
	// ReadFile reads a whole file of at most most bytes.
	ReadFile(name string, most int64) ([]byte, error)
	// Open opens a file for writing. fresh makes it, and empties one that is
	// there; otherwise it must be there.
	Open(name string, fresh bool) (File, error)
	// ReadBack reads what was just written, from the medium itself where the
	// system lets it, and not from memory.
	ReadBack(name string, at int64, n int) ([]byte, error)
	// SyncDir makes a new file's name durable, where that is a thing to do.
	SyncDir() error
}

// File is a file being written.
type File interface {
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// Dir is the baton's folder below a path, such as the root of a stick.
func Dir(path string) FS { return folder(filepath.Join(path, FolderName)) }

type folder string

func (d folder) path(name string) string { return filepath.Join(string(d), name) }

// Make makes the folder but never the path to it: a stick that is not plugged
// in must not become a folder on the PC's own disk.
func (d folder) Make() error {
	err := os.Mkdir(string(d), 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

func (d folder) Names() ([]string, error) {
	all, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range all {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (d folder) ReadFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(d.path(name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%w: %s is larger than %d bytes", ErrDamaged, name, most)
	}
	return b, err
}

func (d folder) Open(name string, fresh bool) (File, error) {
	flag := os.O_RDWR
	if fresh {
		flag |= os.O_CREATE | os.O_TRUNC
	}
	return os.OpenFile(d.path(name), flag, 0o600)
}

func (d folder) ReadBack(name string, at int64, n int) ([]byte, error) {
	return readBack(d.path(name), at, n)
}

func (d folder) SyncDir() error { return syncDir(string(d)) }

// readAgain reads without asking past the system's memory.
func readAgain(f *os.File, at int64, n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := f.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:got], nil
}
