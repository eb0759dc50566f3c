package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// emptyRoot is the hash of a tree without entries: SHA-256 of nothing.
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// Head is the newest durable state of a journal.
type Head struct {
	Size      int64 // number of entries; the next one gets this Seq
	Hash      tlog.Hash
	LastHLC   HLC
	NewestDay day.Day // the latest clinic day of any entry; day.Never if there is none
}

// Log is a site's own journal, to which it appends. Its methods, Head apart,
// belong to the one goroutine that writes.
type Log struct {
	site  id.Site
	keys  Keys
	head  atomic.Pointer[Head] // durable
	edge  tree                 // of head
	next  Head                 // provisional; Hash is filled in by Seal
	grow  tree                 // of next
	wrote []written            // what was appended since the last Sign
	seal  *sealing             // of next, being signed; nil when nobody asked
}

// sealing is a signature under way.
type sealing struct {
	size int64
	done chan struct{}
	note []byte
	err  error
}

// Open reads the head of a site's journal and holds it against the newest
// checkpoint. A journal that is longer or shorter than what was signed, or has
// another hash, is ErrBroken; Verify looks deeper. A journal without entries
// is a new one.
func Open(c *sqlitefile.Conn, site id.Site, k Keys) (*Log, error) {
	if !validSite(string(site)) || k.Verifier == nil {
		return nil, errors.New("open journal: a site and a verifier are needed")
	}
	if k.Signer != nil && (k.Signer.Name() != k.Verifier.Name() || k.Signer.KeyHash() != k.Verifier.KeyHash()) {
		return nil, errors.New("open journal: the signer and the verifier are not of one key")
	}
	head, edge, err := readHead(c, site)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	cp, found, err := newest(c, site, k.Verifier)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	switch {
	case !found && head.Size > 0:
		err = &Broken{site, -1, fmt.Sprintf("there are %d entries and no checkpoint", head.Size)}
	case found && cp.Size > head.Size:
		err = &Broken{site, head.Size, fmt.Sprintf("entries are missing: %d were signed", cp.Size)}
	case found && cp.Size < head.Size:
		err = &Broken{site, cp.Size, fmt.Sprintf("the entries from here were never signed: %d were", cp.Size)}
	case found && cp.Hash != head.Hash:
		err = &Broken{site, -1, "the entries are not those that were signed; tram verify finds the place"}
	}
	if err != nil {
		return nil, err
	}
	l := &Log{site: site, keys: k, edge: edge}
	l.head.Store(&head)
	l.Rollback()
	return l, nil
}

func readHead(c *sqlitefile.Conn, site id.Site) (Head, tree, error) {
	var h Head
	var bad error
	var last Entry
	found, err := c.One(`SELECT seq, entry FROM journal WHERE site = ? ORDER BY seq DESC LIMIT 1`, []any{site},
		func(r *sqlitefile.Row) error {
			h.Size = r.Int(0) + 1
			last, _, bad = unpack(site, r.Int(0), r.Raw(1))
			return nil
		})
	if err != nil {
		return h, tree{}, fmt.Errorf("read the last entry: %w", err)
	}
	if !found {
		h.Hash = emptyRoot
		return h, tree{}, nil
	}
	if bad != nil {
		return h, tree{}, &Broken{site, h.Size - 1, "the last entry is not what was written"}
	}
	h.LastHLC, h.NewestDay = last.HLC, last.Day
	// An earlier entry can bear a later day: the clock was wrong, then set
	// back. The checkpoints remember every day that was sealed.
	_, err = c.One(`SELECT max(day) FROM journal_checkpoints WHERE site = ?`, []any{site}, func(r *sqlitefile.Row) error {
		h.NewestDay = max(h.NewestDay, day.Day(r.Int(0)))
		return nil
	})
	if err != nil {
		return h, tree{}, fmt.Errorf("read the newest day: %w", err)
	}
	edge, err := hashes{c, site}.edge(h.Size)
	if err != nil {
		return h, tree{}, err
	}
	h.Hash = edge.root()
	return h, edge, nil
}

// Append writes an entry inside the caller's transaction. It fills in the
// site, the next sequence number and the clock, and puts the fact into its
// canonical form; the entry it returns is the one written. The new head counts
// only after Commit.
func (l *Log) Append(c *sqlitefile.Conn, e Entry, now day.Instant) (Entry, error) {
	e.Site, e.Seq, e.HLC = l.site, l.next.Size, Next(l.next.LastHLC, now)
	if e.At = 0; e.HLC.Instant() != now {
		e.At = now
	}
	var err error
	if e.Fact, err = Canonical(e.Fact); err != nil {
		return Entry{}, fmt.Errorf("append: %w: fact of %s: %w", ErrEntry, e.Kind, err)
	}
	raw, err := e.encode(e.Fact)
	if err != nil {
		return Entry{}, fmt.Errorf("append %s: %w", e.Kind, err)
	}
	if err := l.put(c, e, raw); err != nil {
		return Entry{}, fmt.Errorf("append %s: %w", e.Kind, err)
	}
	return e, nil
}

// written is an entry's bytes and how they were put into the table.
type written struct {
	seq       int64
	raw, lies []byte
}

// put writes the next entry, whose canonical bytes are raw, and grows the tree.
func (l *Log) put(c *sqlitefile.Conn, e Entry, raw []byte) error {
	w := written{e.Seq, raw, pack(e, e.Fact)}
	if err := c.Exec(`INSERT INTO journal (site, seq, entry) VALUES (?, ?, ?)`, l.site, w.seq, w.lies); err != nil {
		return err
	}
	err := l.grow.add(tlog.RecordHash(raw), func(level int, n int64, h tlog.Hash) error {
		return c.Exec(`INSERT INTO journal_hashes (site, idx, hash) VALUES (?, ?, ?)`,
			l.site, tlog.StoredHashIndex(level, n), h[:])
	})
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	l.wrote = append(l.wrote, w)
	l.next.Size, l.next.LastHLC, l.next.NewestDay = e.Seq+1, e.HLC, max(l.next.NewestDay, e.Day)
	return nil
}

// readBack says whether what lies in the table reads as what was signed.
func (w written) readBack(site id.Site) error {
	if _, err := decode(w.raw); err != nil {
		return err
	}
	_, again, err := unpack(site, w.seq, w.lies)
	if err == nil && !bytes.Equal(again, w.raw) {
		err = fmt.Errorf("%w: another one comes back", ErrEntry)
	}
	return err
}

// Sign begins to sign the head as it is after the last Append, and to read back
// what was appended, while the caller does something else: an entry that could
// not be read again would break the journal for ever. It may be left out; what
// is appended later needs it anew, and Seal does it then.
func (l *Log) Sign() {
	s := &sealing{size: l.next.Size, done: make(chan struct{})}
	before, wrote, root, signer := l.seal, l.wrote, l.grow.root(), l.keys.Signer
	l.seal, l.wrote = s, nil
	go func() {
		defer close(s.done)
		if before != nil {
			if <-before.done; before.err != nil {
				s.err = before.err
				return
			}
		}
		for _, w := range wrote {
			if err := w.readBack(l.site); err != nil {
				s.err = fmt.Errorf("what was appended cannot be read back: %w", err)
				return
			}
		}
		if signer == nil {
			s.err = errors.New("there is no signing key")
			return
		}
		s.note, s.err = signHead(signer, s.size, root)
	}()
}

// signHead makes a checkpoint.
func signHead(s note.Signer, size int64, root tlog.Hash) ([]byte, error) {
	text := log.Checkpoint{Origin: s.Name(), Size: uint64(size), Hash: root[:]}.Marshal()
	return note.Sign(&note.Note{Text: string(text)}, s)
}

// Seal signs the head after what was appended in this transaction, as the
// checkpoint of the clinic day at. The day's earlier checkpoint, which the new
// one covers, gives way to it. A transaction that appends and does not seal
// leaves a journal that Open calls broken.
func (l *Log) Seal(c *sqlitefile.Conn, at day.Day) error {
	if l.next.Size == l.head.Load().Size {
		return nil
	}
	if l.seal == nil || l.seal.size != l.next.Size {
		l.Sign()
	}
	<-l.seal.done
	if l.seal.err != nil {
		return fmt.Errorf("seal journal: %w", l.seal.err)
	}
	l.next.Hash = l.grow.root()
	err := c.Exec(`INSERT INTO journal_checkpoints (site, day, size, note) VALUES (?, ?, ?, ?)
		ON CONFLICT (site, day) DO UPDATE SET size = excluded.size, note = excluded.note`,
		l.site, at, l.next.Size, l.seal.note)
	if err != nil {
		return fmt.Errorf("seal journal: %w", err)
	}
	return nil
}

// Commit adopts what was appended and sealed, once its transaction is durable.
func (l *Log) Commit() {
	if l.next.Size == l.head.Load().Size {
		return
	}
	l.next.Hash = l.grow.root()
	head := l.next
	l.wrote, l.seal = nil, nil
	l.edge = l.grow.clone()
	l.head.Store(&head)
}

// Rollback forgets what was appended since the last Commit, because its
// transaction failed.
func (l *Log) Rollback() {
	l.wrote, l.seal = nil, nil
	l.next, l.grow = *l.head.Load(), l.edge.clone()
}

// Next is the place of the entry that is appended next, and the hash of the
// tree before it, appended entries of this transaction included.
func (l *Log) Next() (int64, tlog.Hash) { return l.next.Size, l.grow.root() }

// Head is the newest durable head. It may be asked from any goroutine.
func (l *Log) Head() Head { return *l.head.Load() }

// Checkpoint is a signed head of a journal.
type Checkpoint struct {
	Day  day.Day
	Size int64
	Hash tlog.Hash
	Note []byte // the signed note as it was made
}

// newest reads the checkpoint with the most entries and checks its signature.
func newest(c *sqlitefile.Conn, site id.Site, v note.Verifier) (Checkpoint, bool, error) {
	var cp Checkpoint
	size := int64(0)
	found, err := c.One(`SELECT day, size, note FROM journal_checkpoints WHERE site = ? ORDER BY size DESC LIMIT 1`,
		[]any{site}, func(r *sqlitefile.Row) error {
			cp.Day, size, cp.Note = day.Day(r.Int(0)), r.Int(1), r.Blob(2)
			return nil
		})
	if err != nil {
		return cp, false, fmt.Errorf("read the newest checkpoint: %w", err)
	}
	if !found {
		return cp, false, nil
	}
	d := cp.Day
	cp, err = ReadCheckpoint(cp.Note, v)
	cp.Day = d
	if err != nil || cp.Size != size {
		return cp, true, &Broken{site, -1, fmt.Sprintf("the checkpoint of %s is not signed by this site's key, or was changed", d)}
	}
	return cp, true, nil
}

// ReadCheckpoint reads a checkpoint from anywhere and checks that it is signed
// by v and speaks of v's journal.
func ReadCheckpoint(signed []byte, v note.Verifier) (Checkpoint, error) {
	n, err := openNote(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	var body log.Checkpoint
	rest, err := body.Unmarshal([]byte(n.Text))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	if body.Origin != v.Name() || len(rest) != 0 || len(body.Hash) != tlog.HashSize || body.Size > WholeMax {
		return Checkpoint{}, fmt.Errorf("checkpoint: of another journal, or of another form: %w", ErrBroken)
	}
	return Checkpoint{Size: int64(body.Size), Hash: tlog.Hash(body.Hash), Note: signed}, nil
}

// openNote is note.Open that takes a signature in one form only: base64 leaves
// bits at its end that mean nothing, and a note with another of them there would
// be the same note in other bytes.
func openNote(signed []byte, known note.Verifiers) (*note.Note, error) {
	n, err := note.Open(signed, known)
	if err != nil {
		return nil, err
	}
	for _, s := range n.Sigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return nil, fmt.Errorf("the signature of %s is not in its one form: %w", s.Name, ErrBroken)
		}
	}
	return n, nil
}

// Newest is the newest checkpoint of a site as it was signed, or "" for a
// journal without entries. It is not judged; ReadCheckpoint does that.
func Newest(c *sqlitefile.Conn, site id.Site) (string, error) {
	text := ""
	_, err := c.One(`SELECT note FROM journal_checkpoints WHERE site = ? ORDER BY size DESC LIMIT 1`, []any{site}, func(r *sqlitefile.Row) error {
		text = string(r.Blob(0))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the newest checkpoint: %w", err)
	}
	return text, nil
}
