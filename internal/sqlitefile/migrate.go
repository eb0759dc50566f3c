package sqlitefile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Faults of a schema, told apart with errors.Is.
var (
	// ErrNewer says that a newer programme has been at this file.
	ErrNewer = errors.New("the database was made by a newer version of tram; install that version")
	// ErrEdited says that a schema file changed after it was applied here.
	ErrEdited = errors.New("a schema file was changed after it was applied")
)

// Migrate brings the schema up to the newest numbered file of dir (0001_*.sql,
// 0002_*.sql, without gaps). Each file is one transaction, applied once; its
// SHA-256 is recorded, and a file that changed since is refused.
func Migrate(f *File, files fs.FS, dir string) error {
	steps, err := schemaSteps(files, dir)
	if err != nil {
		return err
	}
	err = f.Write(func(c *Conn) error {
		return c.Script(`CREATE TABLE IF NOT EXISTS schema_files (
			number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 BLOB NOT NULL
		) STRICT`)
	})
	if err != nil {
		return fmt.Errorf("schema table: %w", err)
	}
	for _, s := range steps {
		if err := f.Write(s.apply); err != nil {
			return fmt.Errorf("schema file %s: %w", s.name, err)
		}
	}
	return f.Write(func(c *Conn) error {
		newest := 0
		_, err := c.One("SELECT max(number) FROM schema_files", nil, func(r *Row) error {
			newest = int(r.Int(0))
			return nil
		})
		if err == nil && newest > len(steps) {
			err = fmt.Errorf("schema %d, this program knows %d: %w", newest, len(steps), ErrNewer)
		}
		return err
	})
}

type schemaStep struct {
	number int
	name   string
	sql    string
	hash   [32]byte
}

// apply runs inside one transaction, so the file and its mark stand or fall
// together.
func (s schemaStep) apply(c *Conn) error {
	var have []byte
	found, err := c.One("SELECT sha256 FROM schema_files WHERE number = ?", []any{s.number}, func(r *Row) error {
		have = r.Blob(0)
		return nil
	})
	if err != nil {
		return err
	}
	if found {
		if !bytes.Equal(have, s.hash[:]) {
			return ErrEdited
		}
		return nil
	}
	if err := c.Script(s.sql); err != nil {
		return err
	}
	return c.Exec("INSERT INTO schema_files (number, name, sha256) VALUES (?, ?, ?)", s.number, s.name, s.hash[:])
}

func schemaSteps(files fs.FS, dir string) ([]schemaStep, error) {
	names, err := fs.Glob(files, path.Join(dir, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("schema files: %w", err)
	}
	slices.Sort(names)
	steps := make([]schemaStep, 0, len(names))
	for i, name := range names {
		number, _, ok := strings.Cut(path.Base(name), "_")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || len(number) != 4 || n != i+1 {
			return nil, fmt.Errorf("schema file %s: want %04d_name.sql in this place", path.Base(name), i+1)
		}
		sql, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("schema file %s: %w", path.Base(name), err)
		}
		// Line ends are made equal, so that a checkout on Windows is no edit.
		sql = bytes.ReplaceAll(sql, []byte("\r\n"), []byte("\n"))
		steps = append(steps, schemaStep{n, path.Base(name), string(sql), sha256.Sum256(sql)})
	}
	return steps, nil
}
