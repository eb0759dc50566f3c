package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tram/internal/care/staff"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/sitedir"
)

// noteName is the file in a place's directory by which the demonstration knows
// its own work. PINs stand in it in the clear: they belong to nobody.
const noteName = "demo.json"

const noteFormat = "tram demo 1"

// noteMax bounds a note; a handful of people take a few hundred bytes.
const noteMax = 64 << 10

// note is demo.json. Fields are only ever added.
type note struct {
	Format string  `json:"format"`
	Site   id.Site `json:"site"`
	Seed   uint64  `json:"seed"`
	Whole  bool    `json:"whole"` // false: being made, or cut short
	Staff  []noted `json:"staff"`
}

type noted struct {
	Person id.Person   `json:"person"`
	Name   string      `json:"name"`
	Duties []duty.Duty `json:"duties"`
	PIN    string      `json:"pin"`
}

func (n note) people() []Person {
	var out []Person
	for _, x := range n.Staff {
		out = append(out, Person{Member: staff.Member{Person: x.Person, Name: x.Name, Duties: x.Duties}, PIN: x.PIN})
	}
	return out
}

// readNote reads a place's note. A place without one is not made yet; keys or
// a database without one are somebody else's (ErrForeign).
func readNote(dir string) (note, error) {
	b, err := os.ReadFile(filepath.Join(dir, noteName))
	if errors.Is(err, os.ErrNotExist) {
		return note{}, notForeign(dir)
	}
	if err != nil {
		return note{}, fmt.Errorf("read the demonstration's note: %w", err)
	}
	var n note
	if len(b) > noteMax || json.Unmarshal(b, &n) != nil || n.Format != noteFormat {
		return note{}, fmt.Errorf("%w: %s is not its note", ErrForeign, filepath.Join(dir, noteName))
	}
	return n, nil
}

func notForeign(dir string) error {
	for _, name := range []string{keys.FileName, sitedir.DatabaseName} {
		_, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case err == nil:
			return fmt.Errorf("%w: %s; choose another directory with --data", ErrForeign, filepath.Join(dir, name))
		case !errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("look for a site: %w", err)
		}
	}
	return nil
}

// write puts the note on the disk, whole or not at all: flushed beside its
// place, then renamed.
func (n note) write(dir string) error {
	b, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return fmt.Errorf("write the demonstration's note: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory: %w", err)
	}
	tmp, err := os.CreateTemp(dir, ".demo-*")
	if err != nil {
		return fmt.Errorf("write the demonstration's note: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // after the rename there is nothing to remove
	_, err = tmp.Write(append(b, '\n'))
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, noteName))
	}
	if err != nil {
		return fmt.Errorf("write the demonstration's note: %w", err)
	}
	return nil
}
