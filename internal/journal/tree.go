package journal

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// tree is the right edge of a Merkle tree (RFC 6962): the roots of its full
// subtrees, largest first. There is one for every bit set in size, so a
// million entries need at most twenty, and appending touches only the last.
type tree struct {
	size  int64
	edge  []tlog.Hash
	level []int8 // of each hash of edge: it stands for 2^level entries
}

func (t *tree) clone() tree {
	return tree{t.size, append([]tlog.Hash(nil), t.edge...), append([]int8(nil), t.level...)}
}

// add appends an entry's hash; full is told of every stored subtree that
// became full by it.
func (t *tree) add(leaf tlog.Hash, full func(level int, n int64, h tlog.Hash) error) error {
	h, level := leaf, 0
	for ; t.size>>level&1 == 1; level++ {
		last := len(t.edge) - 1
		h = tlog.NodeHash(t.edge[last], h)
		t.edge, t.level = t.edge[:last], t.level[:last]
		if stored(level + 1) {
			if err := full(level+1, t.size>>(level+1), h); err != nil {
				return err
			}
		}
	}
	t.edge, t.level = append(t.edge, h), append(t.level, int8(level))
	t.size++
	return nil
}

// root is the hash of the whole tree. An empty tree has the hash of nothing,
// as in RFC 6962.
func (t *tree) root() tlog.Hash {
	if len(t.edge) == 0 {
		return emptyRoot
	}
	h := t.edge[len(t.edge)-1]
	for i := len(t.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.edge[i], h)
	}
	return h
}

// stored says whether the hashes of a level have rows of their own; those of
// the other levels are made from the level below.
func stored(level int) bool { return level > 0 && level%blockLevel == 0 }

// hashes reads the tree's hashes by their tlog index, for trees and proofs.
type hashes struct {
	c    *sqlitefile.Conn
	site id.Site
}

// ReadHashes makes hashes a tlog.HashReader.
func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	for _, i := range indexes {
		level, n := tlog.SplitStoredHashIndex(i)
		v, err := h.node(level, n)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// node is the hash over the entries n<<level to (n+1)<<level, made from at
// most blockEntries rows.
func (h hashes) node(level int, n int64) (tlog.Hash, error) {
	below := level / blockLevel * blockLevel
	width := int64(1) << (level - below)
	var row []tlog.Hash
	var err error
	if below == 0 {
		row, err = h.leaves(n*width, width)
	} else {
		row, err = h.row(below, n*width, width)
	}
	if err != nil {
		return tlog.Hash{}, err
	}
	return fold(row), nil
}

func (h hashes) leaves(from, count int64) ([]tlog.Hash, error) {
	row := make([]tlog.Hash, 0, count)
	err := h.c.Query(`SELECT seq, entry FROM journal WHERE site = ? AND seq >= ? AND seq < ? ORDER BY seq`,
		[]any{h.site, from, from + count}, func(r *sqlitefile.Row) error {
			_, raw, err := asStored(h.site, r.Int(0), r.Raw(1))
			row = append(row, tlog.RecordHash(raw))
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read entries from %d: %w", from, err)
	}
	if int64(len(row)) != count {
		return nil, &Broken{h.site, from + int64(len(row)), "the entry is missing"}
	}
	return row, nil
}

func (h hashes) row(level int, from, count int64) ([]tlog.Hash, error) {
	row := make([]tlog.Hash, 0, count)
	for n := from; n < from+count; n++ {
		found, err := h.c.One(`SELECT hash FROM journal_hashes WHERE site = ? AND idx = ?`,
			[]any{h.site, tlog.StoredHashIndex(level, n)}, func(r *sqlitefile.Row) error {
				row = append(row, tlog.Hash(r.Blob(0))) // the table holds 32 bytes or nothing
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("read hash %d of level %d: %w", n, level, err)
		}
		if !found {
			return nil, &Broken{h.site, n << level, "the hash over the entries from here is missing"}
		}
	}
	return row, nil
}

// edge reads the right edge of the tree over size entries.
func (h hashes) edge(size int64) (tree, error) {
	t := tree{size: size}
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 0 {
			continue
		}
		v, err := h.node(level, size>>level-1)
		if err != nil {
			return tree{}, err
		}
		t.edge, t.level = append(t.edge, v), append(t.level, int8(level))
	}
	return t, nil
}
