package hubdb

import (
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"tram/internal/id"
	"tram/internal/journal"
)

// chunkMax bounds what a chunk may become when it is unpacked.
const chunkMax = 64 << 20

var (
	packer, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	reader, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(chunkMax))
)

// pack puts entries together as a chunk's body.
func pack(entries [][]byte) []byte {
	size := 0
	for _, e := range entries {
		size += len(e) + binary.MaxVarintLen32
	}
	b := make([]byte, 0, size)
	for _, e := range entries {
		b = append(binary.AppendUvarint(b, uint64(len(e))), e...)
	}
	return packer.EncodeAll(b, make([]byte, 0, size/4))
}

// unpack is the entries of a chunk's body.
func unpack(body []byte) ([][]byte, error) {
	b, err := reader.DecodeAll(body, nil)
	if err != nil {
		return nil, fmt.Errorf("a chunk of a journal: %w", err)
	}
	var out [][]byte
	for len(b) > 0 {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, fmt.Errorf("a chunk of a journal: %w", journal.ErrBroken)
		}
		out = append(out, b[size:size+int(n):size+int(n)])
		b = b[size+int(n):]
	}
	return out, nil
}

// between reads a site's entries from one to before another, in their order.
func between(c conn, site id.Site, from, to int64, each func(seq int64, raw []byte) error) error {
	err := c.query(`SELECT first, body FROM chunks WHERE site = ? AND first < ? AND first >= COALESCE((SELECT MAX(first) FROM chunks WHERE site = ? AND first <= ?), 0)
		ORDER BY first`, []any{site, to, site, from}, func(r row) error {
		entries, err := unpack(r.Blob(1))
		if err != nil {
			return err
		}
		for i, raw := range entries {
			if seq := r.Int(0) + int64(i); seq >= from && seq < to {
				if err := each(seq, raw); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read entries of %s from %d: %w", site, from, err)
	}
	return nil
}

// shelf keeps the chunk read last: what a site is sent often lies together.
type shelf struct {
	site    id.Site
	first   int64
	entries [][]byte
}

// entry is one entry of a site.
func (s *shelf) entry(c conn, site id.Site, seq int64) ([]byte, error) {
	if s.site != site || seq < s.first || seq >= s.first+int64(len(s.entries)) {
		*s = shelf{site: site}
		err := c.query(`SELECT first, body FROM chunks WHERE site = ? AND first <= ? ORDER BY first DESC LIMIT 1`, []any{site, seq}, func(r row) error {
			var err error
			s.first = r.Int(0)
			s.entries, err = unpack(r.Blob(1))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read entry %d of %s: %w", seq, site, err)
		}
	}
	if at := seq - s.first; at >= 0 && at < int64(len(s.entries)) {
		return s.entries[at], nil
	}
	return nil, fmt.Errorf("entry %d of %s is not here: %w", seq, site, journal.ErrBroken)
}
