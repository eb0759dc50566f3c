package journal

import (
	"fmt"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// Prove makes a proof that entry seq is in the tree of the first size entries;
// tlog.CheckRecord verifies it anywhere.
func Prove(c *sqlitefile.Conn, site id.Site, size, seq int64) (tlog.RecordProof, error) {
	if seq < 0 || seq >= size {
		return nil, ErrNotFound
	}
	p, err := tlog.ProveRecord(size, seq, hashes{c, site})
	if err != nil {
		return nil, fmt.Errorf("prove entry %d of %s: %w", seq, site, err)
	}
	return p, nil
}

// ProveGrowth makes a proof that the tree of the first old entries is the
// beginning of the tree of the first size entries; tlog.CheckTree verifies it
// anywhere.
func ProveGrowth(c *sqlitefile.Conn, site id.Site, size, old int64) (tlog.TreeProof, error) {
	if old < 1 || old > size {
		return nil, ErrNotFound
	}
	p, err := tlog.ProveTree(size, old, hashes{c, site})
	if err != nil {
		return nil, fmt.Errorf("prove growth of %s from %d to %d: %w", site, old, size, err)
	}
	return p, nil
}

// Receipt is a text that proves one entry to whoever has the site's public key
// and nothing else: the entry's bytes, its way up the tree, and the newest
// checkpoint, in the form of c2sp.org/tlog-proof.
func Receipt(c *sqlitefile.Conn, site id.Site, v note.Verifier, seq int64) ([]byte, error) {
	e, err := Get(c, site, seq)
	if err != nil {
		return nil, err
	}
	raw, err := e.Encode()
	if err != nil {
		return nil, fmt.Errorf("receipt for entry %d of %s: %w", seq, site, err)
	}
	cp, found, err := newest(c, site, v)
	if err != nil {
		return nil, fmt.Errorf("receipt for entry %d of %s: %w", seq, site, err)
	}
	if !found {
		return nil, &Broken{site, seq, "there is no checkpoint"}
	}
	way, err := Prove(c, site, cp.Size, seq)
	if err != nil {
		return nil, err
	}
	p := proof.TLogProof{Index: uint64(seq), Checkpoint: cp.Note, ExtraData: raw}
	for _, h := range way {
		p.Hashes = append(p.Hashes, h)
	}
	return p.Marshal(), nil
}

// ReadReceipt checks a receipt against the site's public key and answers what
// it proves: the entry, and the checkpoint it is covered by.
func ReadReceipt(text []byte, v note.Verifier) (Entry, Checkpoint, error) {
	if len(text) > receiptMax {
		return Entry{}, Checkpoint{}, fmt.Errorf("receipt: %d bytes, at most %d", len(text), receiptMax)
	}
	var p proof.TLogProof
	if err := p.Unmarshal(text); err != nil {
		return Entry{}, Checkpoint{}, fmt.Errorf("receipt: %w", err)
	}
	cp, err := ReadCheckpoint(p.Checkpoint, v)
	if err != nil {
		return Entry{}, Checkpoint{}, fmt.Errorf("receipt: %w", err)
	}
	e, err := Decode(p.ExtraData)
	if err != nil {
		return Entry{}, Checkpoint{}, fmt.Errorf("receipt: %w", err)
	}
	way := make(tlog.RecordProof, 0, len(p.Hashes))
	for _, h := range p.Hashes {
		way = append(way, h)
	}
	if p.Index > WholeMax || int64(p.Index) != e.Seq || e.Seq >= cp.Size {
		return Entry{}, Checkpoint{}, &Broken{e.Site, e.Seq, "the receipt is for another entry"}
	}
	if err := tlog.CheckRecord(way, cp.Size, cp.Hash, e.Seq, tlog.RecordHash(p.ExtraData)); err != nil {
		return Entry{}, Checkpoint{}, &Broken{e.Site, e.Seq, "the receipt does not lead to the signed checkpoint"}
	}
	return e, cp, nil
}
