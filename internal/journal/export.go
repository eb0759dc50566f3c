package journal

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// Export hands out a site's journal as the files of a public log
// (c2sp.org/tlog-tiles): checkpoint, tile/<level>/<n>, tile/entries/<n>, and
// beside them checkpoints/<day> for every clinic day. The files are not
// encrypted; whoever takes them answers for that. A journal whose entries do
// not give the signed hash is ErrBroken, after its files were handed out.
func Export(c *sqlitefile.Conn, site id.Site, v note.Verifier, put func(name string, data []byte) error) error {
	cp, found, err := newest(c, site, v)
	if err != nil {
		return fmt.Errorf("export journal of %s: %w", site, err)
	}
	if !found {
		return ErrNotFound
	}
	x := export{put: put}
	err = Entries(c, site, 0, 0, func(e Entry, raw []byte) error {
		if e.Seq != x.tree.size {
			return &Broken{site, x.tree.size, "the entry is missing"}
		}
		return x.entry(raw)
	})
	if err == nil {
		err = x.rest()
	}
	if err == nil {
		err = put("checkpoint", cp.Note)
	}
	if err == nil {
		err = checkpoints(c, site, func(d day.Day, _ int64, note []byte) error { return put("checkpoints/"+d.String(), note) })
	}
	if err != nil {
		return fmt.Errorf("export journal of %s: %w", site, err)
	}
	if x.tree.size != cp.Size || x.tree.root() != cp.Hash {
		return &Broken{site, -1, "the entries are not those that were signed; tram verify finds the place"}
	}
	return nil
}

// tileWidth is how many hashes, or entries, are in a full tile.
const tileWidth = 256

// export fills the tiles of each level and hands out those that are full.
type export struct {
	put    func(name string, data []byte) error
	tree   tree
	bundle []byte
	levels []tiles
}

type tiles struct {
	hashes []tlog.Hash // of the tile being filled
	full   int64       // tiles handed out
}

func (x *export) entry(raw []byte) error {
	x.bundle = binary.BigEndian.AppendUint16(x.bundle, uint16(len(raw))) // at most EntryMax
	x.bundle = append(x.bundle, raw...)
	leaf := tlog.RecordHash(raw)
	if err := x.tree.add(leaf, func(int, int64, tlog.Hash) error { return nil }); err != nil {
		return err
	}
	if x.tree.size%tileWidth == 0 {
		if err := x.put(tilePath("entries", x.tree.size/tileWidth-1, 0), x.bundle); err != nil {
			return err
		}
		x.bundle = nil
	}
	return x.hash(0, leaf)
}

func (x *export) hash(level int, h tlog.Hash) error {
	if level == len(x.levels) {
		x.levels = append(x.levels, tiles{})
	}
	t := &x.levels[level]
	if t.hashes = append(t.hashes, h); len(t.hashes) < tileWidth {
		return nil
	}
	if err := x.put(tilePath(fmt.Sprint(level), t.full, 0), join(t.hashes)); err != nil {
		return err
	}
	sub := tree{}
	for _, h := range t.hashes {
		if err := sub.add(h, func(int, int64, tlog.Hash) error { return nil }); err != nil {
			return err
		}
	}
	t.hashes, t.full = t.hashes[:0], t.full+1
	return x.hash(level+1, sub.root())
}

// rest hands out the tiles that are not full.
func (x *export) rest() error {
	if n := x.tree.size % tileWidth; n != 0 {
		if err := x.put(tilePath("entries", x.tree.size/tileWidth, n), x.bundle); err != nil {
			return err
		}
	}
	for level, t := range x.levels {
		if len(t.hashes) == 0 {
			continue
		}
		if err := x.put(tilePath(fmt.Sprint(level), t.full, int64(len(t.hashes))), join(t.hashes)); err != nil {
			return err
		}
	}
	return nil
}

func join(hs []tlog.Hash) []byte {
	b := make([]byte, 0, len(hs)*tlog.HashSize)
	for _, h := range hs {
		b = append(b, h[:]...)
	}
	return b
}

// tilePath is tile/<level>/<n>, where n is written in groups of three digits,
// all but the last with an x before them; a tile that is not full ends in its
// width.
func tilePath(level string, n, width int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + level + "/" + path
	if width != 0 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}
