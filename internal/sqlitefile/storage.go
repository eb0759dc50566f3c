package sqlitefile

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
	luke "lukechampine.com/adiantum"
	"lukechampine.com/adiantum/hbsh"
)

// blockSize is the cipher's block, and our page.
const blockSize = 4096

var registered atomic.Int64

// register gives SQLite a storage with this key, and answers its name. The key
// goes no other way: not by file name, not by pragma.
func register(base vfs.VFS, key [32]byte) string {
	name := fmt.Sprintf("tram%d", registered.Add(1))
	below := gathered{&settled{base: base, seen: map[string]bool{}}}
	vfs.Register(name, gathered{adiantum.Wrap(below, cipher{key})})
	return name
}

// cipher makes Adiantum with the storage's own key.
type cipher struct{ key [32]byte }

// KDF makes the key of a temporary file, which nobody reads again.
func (cipher) KDF(string) []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

// HBSH makes the cipher. Only a temporary file brings a whole key of its own;
// the file name's placeholder (see uri) and nil stand for the storage's.
func (c cipher) HBSH(key []byte) *hbsh.HBSH {
	if len(key) == len(c.key) {
		return luke.New(key)
	}
	return luke.New(c.key[:])
}

// uri is the file name in the form SQLite wants, with our storage. The hexkey
// is a placeholder: a file that had none would be read only after a pragma,
// and would then be opened without looking at its checksums.
func uri(path, storage string) string {
	p := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	if strings.HasPrefix(p, "//") { // a Windows share
		p = "//" + p
	}
	return "file:" + p + "?vfs=" + storage + "&hexkey=00"
}

// settled is the storage below the cipher. When a log left by a crash is
// opened for the first time it is settled: padded to whole cipher blocks,
// written again and synced.
//
// Padded, because the cipher cannot read a last block that is cut short, and
// SQLite would call that an I/O error where it should ignore the tail. Written
// again, because after a failed sync the operating system shows bytes as
// clean that never reached the disk; to build on them would lose later,
// acknowledged commits at the next power cut.
type settled struct {
	base vfs.VFS
	mu   sync.Mutex
	seen map[string]bool
}

func (s *settled) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return vfsutil.WrapOpen(s.base, name, flags)
}

func (s *settled) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, out, err := vfsutil.WrapOpenFilename(s.base, name, flags)
	if err != nil || flags&(vfs.OPEN_WAL|vfs.OPEN_MAIN_JOURNAL) == 0 || flags&vfs.OPEN_READONLY != 0 {
		return file, out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[name.String()] { // already in use by another connection
		return file, out, nil
	}
	if err := settle(file); err != nil {
		_ = file.Close() // the first error is the one to tell
		return nil, out, err
	}
	s.seen[name.String()] = true
	return file, out, nil
}

func (s *settled) Delete(name string, syncDir bool) error { return s.base.Delete(name, syncDir) }

func (s *settled) Access(name string, flags vfs.AccessFlag) (bool, error) {
	return s.base.Access(name, flags)
}

func (s *settled) FullPathname(name string) (string, error) { return s.base.FullPathname(name) }

func settle(file vfs.File) error {
	size, err := file.Size()
	if err != nil || size == 0 {
		return err
	}
	block := make([]byte, blockSize)
	for off := int64(0); off < size; off += blockSize {
		clear(block)
		if _, err := file.ReadAt(block, off); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if _, err := file.WriteAt(block, off); err != nil {
			return err
		}
	}
	return file.Sync(vfs.SYNC_FULL)
}

// probeKey looks whether key opens the file, before SQLite may touch anything:
// given a wrong key, SQLite would take the write-ahead log of an interrupted
// session for rubbish and delete it, and with it acknowledged commits.
//
// A power cut can tear the first block of the file while the log is moved into
// it; then the log is whole and opens with the key. An empty or absent file
// fits every key. So does one with a rollback journal beside it: that exists
// only while a new file is being made.
func probeKey(base vfs.VFS, path string, key [32]byte) error {
	there, err := base.Access(path+"-journal", vfs.ACCESS_EXISTS)
	if err != nil || there {
		return err
	}
	file, err := firstBlock(base, path, key, vfs.OPEN_MAIN_DB)
	if err != nil || file == nil || bytes.HasPrefix(file, []byte("SQLite format 3\x00")) {
		return err
	}
	log, err := firstBlock(base, path+"-wal", key, vfs.OPEN_WAL)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(log, []byte{0x37, 0x7f, 0x06, 0x82}) && !bytes.HasPrefix(log, []byte{0x37, 0x7f, 0x06, 0x83}) {
		return ErrKey
	}
	return nil
}

// firstBlock reads and decrypts the first block of a file, or answers nil for
// a file that is absent or empty. The operating system's storage opens only names that
// come from SQLite, so there the file is read directly.
func firstBlock(base vfs.VFS, path string, key [32]byte, kind vfs.OpenFlag) ([]byte, error) {
	var file interface {
		io.ReaderAt
		io.Closer
	}
	there, err := base.Access(path, vfs.ACCESS_EXISTS)
	if err != nil || !there {
		return nil, err
	}
	if _, ok := base.(vfs.VFSFilename); ok {
		file, err = os.Open(path)
	} else {
		file, _, err = base.Open(path, kind|vfs.OPEN_READONLY)
	}
	if err != nil {
		return nil, err
	}
	block := make([]byte, blockSize)
	n, err := file.ReadAt(block, 0)
	if cerr := file.Close(); err == nil || errors.Is(err, io.EOF) {
		err = cerr
	}
	if err != nil || n == 0 {
		return nil, err
	}
	tweak := make([]byte, 8) // the block's offset, which is 0
	return cipher{key}.HBSH(nil).Decrypt(block, tweak), nil
}
