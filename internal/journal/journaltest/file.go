package journaltest

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/ncruces/go-sqlite3/vfs"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

// Site is the site whose journal a File keeps.
const Site id.Site = "TT"

// Keys are a signing key that is the same in every test.
func Keys() (journal.Keys, error) {
	skey, vkey, err := note.GenerateKey(rand.NewChaCha8([32]byte{3}), "tt.test/tram")
	if err != nil {
		return journal.Keys{}, err
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		return journal.Keys{}, err
	}
	v, err := note.NewVerifier(vkey)
	return journal.Keys{Signer: s, Verifier: v}, err
}

// File is a journal in an encrypted SQLite file.
type File struct {
	DB   *sqlitefile.File
	path string
	base vfs.VFS
	keys journal.Keys
	log  *journal.Log
}

// OpenFile opens or makes a journal in the file at path; base is where the
// bytes live, nil for the operating system.
func OpenFile(path string, base vfs.VFS) (*File, error) {
	k, err := Keys()
	if err != nil {
		return nil, err
	}
	f := &File{path: path, base: base, keys: k}
	return f, f.open()
}

func (f *File) open() error {
	db, err := sqlitefile.Open(f.path, sqlitefile.Options{Key: [32]byte{9}, Readers: 1, Base: f.base})
	if err != nil {
		return err
	}
	f.DB = db
	err = db.Write(func(c *sqlitefile.Conn) error {
		if err := c.Script(journal.Schema); err != nil {
			return err
		}
		f.log, err = journal.Open(c, Site, f.keys)
		return err
	})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// Append is Store's.
func (f *File) Append(group []journal.Entry, at day.Day, now day.Instant) error {
	err := f.DB.Write(func(c *sqlitefile.Conn) error {
		for _, e := range group {
			if _, err := f.log.Append(c, e, now); err != nil {
				return err
			}
		}
		return f.log.Seal(c, at)
	})
	if err != nil {
		f.log.Rollback()
		return err
	}
	f.log.Commit()
	return nil
}

// Head is Store's.
func (f *File) Head() journal.Head { return f.log.Head() }

// Read lends a reading connection.
func (f *File) Read(fn func(c *sqlitefile.Conn) error) error {
	return f.DB.Read(context.Background(), fn)
}

// Get is Store's.
func (f *File) Get(seq int64) (e journal.Entry, err error) {
	err = f.Read(func(c *sqlitefile.Conn) error {
		e, err = journal.Get(c, Site, seq)
		return err
	})
	return e, err
}

// Entries is Store's.
func (f *File) Entries(from int64, limit int, each func(journal.Entry, []byte) error) error {
	return f.Read(func(c *sqlitefile.Conn) error { return journal.Entries(c, Site, from, limit, each) })
}

// Verify is Store's.
func (f *File) Verify() (r journal.Report, err error) {
	err = f.Read(func(c *sqlitefile.Conn) error {
		r, err = journal.Verify(c, Site, f.keys.Verifier, nil)
		return err
	})
	return r, err
}

// Reopen is Store's.
func (f *File) Reopen() error {
	if err := f.DB.Close(); err != nil {
		return err
	}
	return f.open()
}

// Close is Store's.
func (f *File) Close() error { return f.DB.Close() }
