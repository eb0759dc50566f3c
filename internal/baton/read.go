package baton

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/id"
	"tram/internal/journal"
)

// visit is told what is read; either may be nil.
type visit struct {
	entry func(raw []byte) error
	added func(b *Baton) error // after each record, with the baton as it was then
}

// read reads a segment from its beginning: its state, then what was added. The
// baton is afterwards as it was after the last good record. What follows that
// one is a torn tail, never acknowledged, if it can be: at most one record
// long, because each is flushed before the next. Anything else is damage.
func (b *Baton) read(segment int, v visit) error {
	data, err := b.fs.ReadFile(segmentName(segment), segmentMax+recordMax)
	if err != nil {
		return said(fmt.Sprintf("read part %d of the baton", segment), err)
	}
	at, err := b.begun(segment, data)
	if err != nil {
		return err
	}
	for at < int64(len(data)) {
		plain, size, err := b.unseal(data, segment, at, recordMax)
		if err != nil {
			if err := b.torn1(data, segment, at, size); err != nil {
				return err
			}
			b.torn = true
			break
		}
		a, err := decodeAddition(plain)
		if err == nil {
			err = b.apply(a, v.entry)
		}
		if err == nil && v.added != nil {
			err = v.added(b)
		}
		if err != nil {
			return err
		}
		at += size
	}
	b.segment, b.end = segment, at
	return nil
}

// begun reads preamble and state and answers where the additions begin. A
// segment whose writing was cut off before its state was whole is errUnborn:
// it is short, and nothing follows.
func (b *Baton) begun(segment int, data []byte) (int64, error) {
	short := len(data) <= preambleLen+lengthLen+stateMax
	if len(data) < preambleLen+lengthLen {
		return 0, errUnborn
	}
	baton := string(data[preambleLen-idLen : preambleLen])
	known := b.header.Baton == "" || b.header.Baton == baton
	if !bytes.Equal(data[:preambleLen], preamble(segment, baton)) || !id.Valid(baton) || !known {
		if short {
			return 0, errUnborn
		}
		return 0, fmt.Errorf("%w: part %d has not the form this program knows, or is not this baton's", ErrDamaged, segment)
	}
	b.header.Baton = baton
	plain, size, err := b.unseal(data, segment, int64(preambleLen), stateMax)
	if err == nil {
		return int64(preambleLen) + size, b.take(plain)
	}
	if short && (size == 0 || int64(preambleLen)+size == int64(len(data))) {
		return 0, errUnborn
	}
	return 0, errSealed
}

// torn1 says whether what lies from at on may be the tail of one record that
// was being written.
func (b *Baton) torn1(data []byte, segment int, at, size int64) error {
	rest := int64(len(data)) - at
	if rest > lengthLen+recordMax {
		return fmt.Errorf("%w: part %d from byte %d, %d entries before it are whole", ErrDamaged, segment, at, b.edge.Size())
	}
	if size > 0 && at+size < int64(len(data)) {
		if _, _, err := b.unseal(data, segment, at+size, recordMax); err == nil {
			return fmt.Errorf("%w: part %d from byte %d, with whole records after it", ErrDamaged, segment, at)
		}
	}
	return nil
}

// walk reads every segment from the first, in a fresh baton beside this one,
// and holds each segment's state against what the ones before it gave.
func (b *Baton) walk(v visit) error {
	w := &Baton{fs: b.fs, aead: b.aead}
	for n := 1; n <= b.segment; n++ {
		before, header := w.Head(), w.header
		if err := w.read(n, v); err != nil {
			if errors.Is(err, errSealed) || errors.Is(err, errUnborn) {
				err = fmt.Errorf("%w: the beginning of part %d", ErrDamaged, n)
			}
			return err
		}
		if n > 1 && (w.born != before || w.header != header) {
			return fmt.Errorf("%w: part %d does not follow part %d", ErrDamaged, n, n-1)
		}
		if w.torn && n < b.segment {
			return fmt.Errorf("%w: the end of part %d", ErrDamaged, n)
		}
	}
	if w.Head() != b.Head() {
		return fmt.Errorf("%w: its parts do not give what its newest part says", ErrDamaged)
	}
	return nil
}

// Replay gives every entry on the baton, from the first on, in order. An entry
// was decoded and is of this site and in its place; whether it is what was
// signed is for Verify.
func (b *Baton) Replay(each func(raw []byte) error) error { return b.walk(visit{entry: each}) }

// Report is what Verify found in order.
type Report struct {
	Head
	Segments    int
	Checkpoints int   // signatures checked
	Signed      int64 // entries under the newest checkpoint
}

// Verify reads the whole baton: every record, every entry, that each part
// follows the one before, and that the entries are those that the site signed.
func (b *Baton) Verify(v note.Verifier, progress func(done int64)) (Report, error) {
	r := Report{Head: b.Head(), Segments: b.segment}
	last := ""
	late := map[int64]tlog.Hash{} // roots to look for in a second reading
	err := b.walk(visit{added: func(w *Baton) error {
		if progress != nil {
			progress(w.edge.Size())
		}
		if w.check == last {
			return nil
		}
		last = w.check
		cp, err := journal.ReadCheckpoint([]byte(w.check), v)
		if err != nil {
			return fmt.Errorf("%w: a checkpoint on it: %w", ErrDamaged, err)
		}
		r.Checkpoints++
		r.Signed = max(r.Signed, cp.Size)
		if cp.Size < w.edge.Size() { // it came late
			late[cp.Size] = cp.Hash
			return nil
		}
		return signed(cp.Size, w.edge.Size(), cp.Hash, w.edge.Root())
	}})
	if err != nil || len(late) == 0 {
		return r, err
	}
	var edge journal.Edge
	return r, b.Replay(func(raw []byte) error {
		edge.Add(raw, untold)
		if want, ok := late[edge.Size()]; ok {
			return signed(edge.Size(), edge.Size(), want, edge.Root())
		}
		return nil
	})
}

func signed(size, have int64, want, root tlog.Hash) error {
	if size != have || want != root {
		return fmt.Errorf("%w: its first %d entries are not those that were signed", ErrDamaged, size)
	}
	return nil
}
