package sitedir

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tram/internal/id"
	"tram/internal/keys"
)

// localName is the file with what this PC knows about its second copies. It is
// no part of the record: without it a baton is still known by its keys and a
// site by its journal.
const localName = "local.json"

// local is local.json.
type local struct {
	Format    string     `json:"format"`
	Baton     string     `json:"baton,omitempty"`     // id of the one last made or restored from
	Acked     int64      `json:"acked,omitempty"`     // entries known to be on it
	Restoring *restoring `json:"restoring,omitempty"` // a restore has begun and has not ended
	Birth     *Birth     `json:"birth,omitempty"`     // a restore has ended; the door has not recorded it
}

// restoring tells a directory in which a restore is under way from a site.
type restoring struct {
	From  string `json:"from,omitempty"` // SHA-256 of the backup; "" without one
	Fresh bool   `json:"fresh"`          // the files here are the restore's own
	Birth *Birth `json:"birth,omitempty"`
}

const localFormat = "tram local 1"

// Head is how far a copy of the journal went when a restore read it.
type Head struct {
	Site   id.Site `json:"site"`
	Number int     `json:"number"`
	Size   int64   `json:"size"`
}

// Birth is what a restore found, for the birth record of the new installation
// that the door appends before anything else (fact installation.restored).
type Birth struct {
	Number   int    `json:"number"`    // of the new installation; the keys have it already
	OfNumber int    `json:"of_number"` // of the one it goes on from
	OfSize   int64  `json:"of_size"`   // entries recovered: letters of the old one past them are not good
	OfHash   string `json:"of_hash"`   // root over those entries, base64 as in a checkpoint
	Medium   string `json:"medium"`    // "baton:<id>", or "" when there was none
	Complete bool   `json:"complete"`  // the baton was read to its end. Whether anything was done without it, people say
	Torn     bool   `json:"torn"`      // its end cannot be read: pulled while it was written, or damaged there; then not Complete
	Backup   Head   `json:"backup"`    // what the backup, or the directory itself, had; size 0 without one
	Baton    *Head  `json:"baton,omitempty"`
	AtHub    int64  `json:"at_hub,omitempty"` // entries that the hub signed to have, where it was asked
}

// ErrRestoring says that a restore of this directory was interrupted.
var ErrRestoring = errors.New("a restore was interrupted here")

func readLocal(dir string) (local, error) {
	l := local{Format: localFormat}
	b, err := os.ReadFile(filepath.Join(dir, localName))
	if errors.Is(err, os.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, fmt.Errorf("read %s: %w", localName, err)
	}
	if err := json.Unmarshal(b, &l); err != nil || l.Format != localFormat {
		return l, fmt.Errorf("%s is damaged (format %q): %w", localName, l.Format, errors.Join(err, keys.ErrDamaged))
	}
	return l, nil
}

func (l local) write(dir string) error {
	b, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", localName, err)
	}
	return keys.WriteWhole(filepath.Join(dir, localName), append(b, '\n'))
}

// Birth is the birth record that a restore left to be recorded, or nil. Until
// [Site.Born] is told, each start finds it again.
func (s *Site) Birth() *Birth { return s.local.Birth }

// Born forgets the birth record, once the door has recorded it durably.
func (s *Site) Born() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.local
	l.Birth = nil
	if err := l.write(s.Dir); err != nil {
		return err
	}
	s.local = l
	return nil
}
