// Package journal is a site's append-only log: entries in canonical JSON, a
// Merkle tree over them in the format of golang.org/x/mod/sumdb/tlog, and
// checkpoints signed as C2SP notes, so that other people's programs can check
// it.
//
// It knows bytes and the terms, and nothing of care. It promises that an entry
// is never changed (the tables refuse it), that a removed, changed, inserted
// or reordered entry is found by [Verify] and by anyone who holds a later
// checkpoint, and that the order of entries does not depend on the PC's clock.
// The format is docs/spec/journal.md.
package journal

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"tram/internal/id"
)

// ErrBroken says that a journal does not fit itself or its checkpoints. The
// site must not write any more; people find out why.
var ErrBroken = errors.New("the journal is broken")

// ErrNotFound says that there is no such entry; never that it could not be
// read.
var ErrNotFound = errors.New("no such entry")

// Broken is an ErrBroken with its place.
type Broken struct {
	Site id.Site
	Seq  int64 // the entry, or -1 when the place is not known
	What string
}

// Error names the place and what is wrong there.
func (b *Broken) Error() string {
	if b.Seq < 0 {
		return fmt.Sprintf("%v: site %s: %s", ErrBroken, b.Site, b.What)
	}
	return fmt.Sprintf("%v: site %s, entry %d: %s", ErrBroken, b.Site, b.Seq, b.What)
}

// Is makes every Broken an ErrBroken.
func (b *Broken) Is(target error) bool { return target == ErrBroken }

// Keys sign and check a site's checkpoints. The signer's name is the log's
// origin; Signer is nil where a journal is only read.
type Keys struct {
	Signer   note.Signer
	Verifier note.Verifier
}

// Schema makes the journal's tables. Entries and hashes can be added and read,
// nothing else; a checkpoint can only grow.
const Schema = `
CREATE TABLE IF NOT EXISTS journal (
  site TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq >= 0), entry BLOB NOT NULL, PRIMARY KEY (site, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal_hashes (
  site TEXT NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (site, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal_checkpoints (
  site TEXT NOT NULL, day INTEGER NOT NULL, size INTEGER NOT NULL, note BLOB NOT NULL, PRIMARY KEY (site, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS hashes_no_update BEFORE UPDATE ON journal_hashes BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS hashes_no_delete BEFORE DELETE ON journal_hashes BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS checkpoints_grow BEFORE UPDATE ON journal_checkpoints
WHEN NEW.size < OLD.size OR NEW.day <> OLD.day OR NEW.site <> OLD.site
BEGIN SELECT RAISE(ABORT, 'a checkpoint never shrinks'); END;
CREATE TRIGGER IF NOT EXISTS checkpoints_no_delete BEFORE DELETE ON journal_checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;
`

// validSite says whether a text can be a site's code in an entry.
func validSite(s string) bool {
	if s == "" || len(s) > SiteMax {
		return false
	}
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
