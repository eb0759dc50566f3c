package journal

import (
	"fmt"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// Edge is the right edge of a journal's tree: all that is needed to go on
// hashing it, for whoever keeps a journal that is not its own. The zero Edge
// is that of no entries.
type Edge struct{ t tree }

// Size is how many entries it stands for.
func (e Edge) Size() int64 { return e.t.size }

// Root is the hash over them.
func (e Edge) Root() tlog.Hash { return e.t.root() }

// Clone is a copy that goes its own way.
func (e Edge) Clone() Edge { return Edge{e.t.clone()} }

// Add takes in the next entry; block is told of every hash that has a row of
// its own (see Hashes).
func (e *Edge) Add(raw []byte, block func(idx int64, h tlog.Hash)) {
	err := e.t.add(tlog.RecordHash(raw), func(level int, n int64, h tlog.Hash) error {
		block(tlog.StoredHashIndex(level, n), h)
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("journal: %v", err)) // only block could fail, and it cannot
	}
}

// Bytes are the hashes of the edge, largest first; ReadEdge reads them back.
func (e Edge) Bytes() []byte { return join(e.t.edge) }

// ReadEdge reads what Bytes wrote.
func ReadEdge(size int64, b []byte) (Edge, error) {
	e := Edge{tree{size: size}}
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 0 {
			continue
		}
		if len(b) < tlog.HashSize {
			return Edge{}, fmt.Errorf("edge of %d entries: too short: %w", size, ErrBroken)
		}
		e.t.edge, e.t.level = append(e.t.edge, tlog.Hash(b[:tlog.HashSize])), append(e.t.level, int8(level))
		b = b[tlog.HashSize:]
	}
	if size < 0 || len(b) != 0 {
		return Edge{}, fmt.Errorf("edge of %d entries: too long: %w", size, ErrBroken)
	}
	return e, nil
}

// RootAt is the hash over the first size entries of a journal kept here.
func RootAt(c *sqlitefile.Conn, site id.Site, size int64) (tlog.Hash, error) {
	edge, err := hashes{c, site}.edge(size)
	if err != nil {
		return tlog.Hash{}, err
	}
	return edge.root(), nil
}

// Hashes reads a tree's hashes from wherever a journal is kept: Leaves are
// those of the entries, Blocks those that Edge.Add told of.
type Hashes struct {
	Leaves func(from, count int64) ([]tlog.Hash, error)
	Blocks func(idx []int64) ([]tlog.Hash, error)
}

// ReadHashes makes Hashes a tlog.HashReader.
func (h Hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	for _, i := range indexes {
		v, err := h.node(tlog.SplitStoredHashIndex(i))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (h Hashes) node(level int, n int64) (tlog.Hash, error) {
	below := level / blockLevel * blockLevel
	width := int64(1) << (level - below)
	var row []tlog.Hash
	var err error
	if below == 0 {
		row, err = h.Leaves(n*width, width)
	} else {
		idx := make([]int64, width)
		for i := range idx {
			idx[i] = tlog.StoredHashIndex(below, n*width+int64(i))
		}
		row, err = h.Blocks(idx)
	}
	if err != nil {
		return tlog.Hash{}, err
	}
	if int64(len(row)) != width {
		return tlog.Hash{}, fmt.Errorf("hash %d of level %d: %d of %d below it: %w", n, level, len(row), width, ErrBroken)
	}
	return fold(row), nil
}

// fold is the root over a full row of hashes.
func fold(row []tlog.Hash) tlog.Hash {
	for ; len(row) > 1; row = row[:len(row)/2] {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
	}
	return row[0]
}

// ProveEntry is Receipt for a journal kept elsewhere than in SQLite: the text
// that proves entry seq, whose bytes are raw, under a signed checkpoint.
func ProveEntry(h tlog.HashReader, checkpoint []byte, size, seq int64, raw []byte) ([]byte, error) {
	if seq < 0 || seq >= size {
		return nil, ErrNotFound
	}
	way, err := tlog.ProveRecord(size, seq, h)
	if err != nil {
		return nil, fmt.Errorf("prove entry %d: %w", seq, err)
	}
	p := proof.TLogProof{Index: uint64(seq), Checkpoint: checkpoint, ExtraData: raw}
	for _, x := range way {
		p.Hashes = append(p.Hashes, x)
	}
	return p.Marshal(), nil
}

// Segment is a run of a journal's entries on its way to someone who keeps a
// copy, with what proves that they go on from the entries before.
type Segment struct {
	Site       id.Site
	From       int64
	Entries    [][]byte
	Checkpoint []byte         // signed, over at least the entries up to the last one here
	Growth     tlog.TreeProof // that the tree up to the last entry is the beginning of the checkpoint's; none when they are one
}

// End is the number of entries after the segment.
func (s Segment) End() int64 { return s.From + int64(len(s.Entries)) }

// Outgoing reads a segment of a journal kept here, from one entry on: at most
// most entries and about bytes bytes. A segment without entries says that
// there are none from there on.
//
// Whoever has the signing key signs the head at the segment's end; others pass
// on the newest checkpoint with a proof that the segment leads to it.
func Outgoing(c *sqlitefile.Conn, site id.Site, k Keys, from int64, most, bytes int) (Segment, error) {
	s := Segment{Site: site, From: from}
	cp, found, err := newest(c, site, k.Verifier)
	if err != nil || !found || from >= cp.Size {
		return s, err
	}
	n := min(int64(most), cp.Size-from)
	size, full := 0, false
	err = c.Query(`SELECT seq, entry FROM journal WHERE site = ? AND seq >= ? ORDER BY seq LIMIT ?`, []any{site, from, n}, func(r *sqlitefile.Row) error {
		if full {
			return nil
		}
		if r.Int(0) != s.End() {
			return &Broken{site, s.End(), "the entry is missing"}
		}
		_, raw, err := asStored(site, r.Int(0), r.Raw(1))
		if err != nil {
			return err
		}
		if size += len(raw); size > bytes && len(s.Entries) > 0 {
			full = true
			return nil
		}
		s.Entries = append(s.Entries, raw)
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("read entries of %s from %d: %w", site, from, err)
	}
	s.Checkpoint = cp.Note
	switch {
	case s.End() == cp.Size || len(s.Entries) == 0:
	case k.Signer == nil:
		s.Growth, err = ProveGrowth(c, site, cp.Size, s.End())
	default:
		var root tlog.Hash
		if root, err = RootAt(c, site, s.End()); err == nil {
			s.Checkpoint, err = signHead(k.Signer, s.End(), root)
		}
	}
	return s, err
}

// Extend takes a segment in after what edge stands for, and answers the edge
// after it and the checkpoint it came under. Entries that are not what the
// signer of the checkpoint has there are a *Broken: two histories of one
// journal, or bytes changed on the way.
func (s Segment) Extend(edge Edge, v note.Verifier, block func(idx int64, h tlog.Hash)) (Edge, Checkpoint, error) {
	if edge.Size() != s.From {
		return Edge{}, Checkpoint{}, fmt.Errorf("segment of %s from %d: %d entries are here", s.Site, s.From, edge.Size())
	}
	cp, err := ReadCheckpoint(s.Checkpoint, v)
	if err != nil {
		return Edge{}, Checkpoint{}, &Broken{s.Site, s.From, "the segment is not signed by this site's key"}
	}
	edge = edge.Clone()
	for _, raw := range s.Entries {
		edge.Add(raw, block)
	}
	switch root := edge.Root(); {
	case cp.Size < edge.Size():
		return Edge{}, cp, &Broken{s.Site, cp.Size, "the entries from here were never signed"}
	case cp.Size == edge.Size() && cp.Hash != root,
		cp.Size > edge.Size() && edge.Size() > 0 && tlog.CheckTree(s.Growth, cp.Size, cp.Hash, edge.Size(), root) != nil:
		return Edge{}, cp, &Broken{s.Site, s.From, "the entries do not go on from those before"}
	}
	return edge, cp, nil
}
