package baton

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"tram/internal/journal"
)

// Addition is what the journal grew by.
type Addition struct {
	Number     int      // of the installation that writes
	Entries    [][]byte // raw, following those on the baton; may be none
	Checkpoint string   // newest signed one, covering no more than what is then here; "" to leave it
}

// Append adds entries, in their order. When it returns nil they are on the
// medium and were read back from it. After an error nothing more is taken: the
// baton is opened again, and shows what of it is there. A baton that has seen a
// newer number is ErrNewer, and this installation is over.
func (b *Baton) Append(a Addition) error {
	if b.stopped != nil {
		return fmt.Errorf("%w after: %w", ErrStopped, b.stopped)
	}
	if err := b.sensible(a); err != nil {
		return err
	}
	for _, part := range split(a, b.edge.Size()) {
		if err := b.add(part); err != nil {
			b.stopped = err
			_ = b.Close() // the first error is the one to tell
			return err
		}
	}
	return nil
}

// sensible refuses what does not belong on this baton, before anything is
// written.
func (b *Baton) sensible(a Addition) error {
	if a.Number < b.number {
		return fmt.Errorf("%w: number %d, this is number %d", ErrNewer, b.number, a.Number)
	}
	if len(a.Checkpoint) > checkpointMax {
		return fmt.Errorf("append to the baton: a checkpoint of %d bytes", len(a.Checkpoint))
	}
	for i, raw := range a.Entries {
		e, err := journal.Decode(raw)
		if err != nil {
			return fmt.Errorf("append to the baton: %w", err)
		}
		if want := b.edge.Size() + int64(i); e.Site != b.header.Site || e.Seq != want {
			return fmt.Errorf("%w: entry %d of %s came where entry %d of %s should be", ErrGap, e.Seq, e.Site, want, b.header.Site)
		}
	}
	return nil
}

// split makes records of an addition, none larger than recordMax; the
// checkpoint goes with the last.
func split(a Addition, first int64) []addition {
	room := recordMax - overhead - checkpointMax - 64
	part := addition{number: a.Number, first: first}
	var out []addition
	size := 0
	for _, raw := range a.Entries {
		if size += 2 + len(raw); size > room {
			out = append(out, part)
			part = addition{number: a.Number, first: part.first + int64(len(part.entries))}
			size = 2 + len(raw)
		}
		part.entries = append(part.entries, raw)
	}
	part.checkpoint = a.Checkpoint
	return append(out, part)
}

// add writes one record and reads it back.
func (b *Baton) add(a addition) error {
	plain := a.encode()
	if b.end+int64(len(plain)+overhead+lengthLen) > segmentMax {
		if err := b.begin(b.segment + 1); err != nil {
			return err
		}
	}
	if err := b.writable(); err != nil {
		return err
	}
	record, err := b.seal(plain, b.segment, b.end)
	if err != nil {
		return err
	}
	if err := b.write(b.file, segmentName(b.segment), record, b.end); err != nil {
		return err
	}
	b.end += int64(len(record))
	return b.apply(a, nil)
}

// writable opens the newest segment for writing and cuts off what an
// interrupted writing left.
func (b *Baton) writable() error {
	if b.file != nil {
		return nil
	}
	f, err := b.fs.Open(segmentName(b.segment), false)
	if err != nil {
		return said("write to the baton", err)
	}
	b.file = f
	if !b.torn {
		return nil
	}
	if err := f.Truncate(b.end); err != nil {
		return said("write to the baton", err)
	}
	if err := f.Sync(); err != nil {
		return said("write to the baton", err)
	}
	b.torn = false
	return nil
}

// begin begins a segment with the state that the ones before it gave. Until its
// state is whole, the one before is the newest.
func (b *Baton) begin(segment int) error {
	if segment > segmentsMax {
		return fmt.Errorf("%w: %d parts", ErrFull, segmentsMax)
	}
	if err := b.Close(); err != nil {
		return err
	}
	plain, err := b.state()
	if err != nil {
		return err
	}
	record, err := b.seal(plain, segment, int64(preambleLen))
	if err != nil {
		return err
	}
	data := append(preamble(segment, b.header.Baton), record...)
	f, err := b.fs.Open(segmentName(segment), true)
	if err != nil {
		return said("write to the baton", err)
	}
	b.file = f
	if err := b.write(f, segmentName(segment), data, 0); err != nil {
		return err
	}
	if err := b.fs.SyncDir(); err != nil {
		return said("write to the baton", err)
	}
	b.segment, b.end, b.torn = segment, int64(len(data)), false
	return nil
}

// put writes a small file whole; only the making of a baton does so.
func (b *Baton) put(name string, data []byte) error {
	f, err := b.fs.Open(name, true)
	if err != nil {
		return said("write to the baton", err)
	}
	err = b.write(f, name, data, 0)
	if cerr := f.Close(); err == nil && cerr != nil {
		err = said("write to the baton", cerr)
	}
	if err != nil {
		return err
	}
	if err := b.fs.SyncDir(); err != nil {
		return said("write to the baton", err)
	}
	return nil
}

// write writes, flushes, and asks the medium what it has: a stick that claims
// more room than it has takes every write and forgets it.
func (b *Baton) write(f File, name string, data []byte, at int64) error {
	if _, err := f.WriteAt(data, at); err != nil {
		return said("write to the baton", err)
	}
	if err := f.Sync(); err != nil {
		return said("write to the baton", err)
	}
	back, err := b.fs.ReadBack(name, at, len(data))
	if err != nil {
		return said("read back from the baton", err)
	}
	if !bytes.Equal(back, data) {
		return fmt.Errorf("%w: at byte %d of %s", ErrFake, at, name)
	}
	return nil
}

// KeyFiles are where the wrapped key file lies on the baton, twice: one of them
// is whole while the other is written.
var KeyFiles = [2]string{"keys-a.json", "keys-b.json"}

// PutKeys keeps the site's wrapped key file on the baton, so that baton and
// passphrase, or baton and two shares, are enough to bring the site back. It
// writes nothing when it is there already.
func (b *Baton) PutKeys(wrapped []byte) error {
	if b.stopped != nil {
		return fmt.Errorf("%w after: %w", ErrStopped, b.stopped)
	}
	for _, name := range KeyFiles {
		have, err := b.fs.ReadFile(name, keysMax)
		if err == nil && bytes.Equal(have, wrapped) {
			continue
		}
		if err := b.put(name, wrapped); err != nil {
			b.stopped = err
			return err
		}
	}
	return nil
}

// WrappedKeys are the copies of the key file on a baton that is not opened yet,
// for which its key is needed. A torn one may be among them.
func WrappedKeys(f FS) ([][]byte, error) {
	names, err := f.Names()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, said("look at the baton", err)
	}
	var out [][]byte
	for _, name := range KeyFiles {
		if !slices.Contains(names, name) {
			continue
		}
		have, err := f.ReadFile(name, keysMax)
		if err != nil {
			return nil, said("read the keys on the baton", err)
		}
		out = append(out, have)
	}
	return out, nil
}

// Told is what a baton says of itself to whoever has no key: enough to know
// whose it is. Nothing vouches for it.
func Told(f FS) (Header, error) {
	names, err := f.Names()
	if errors.Is(err, fs.ErrNotExist) {
		return Header{}, ErrNone
	}
	if err != nil {
		return Header{}, said("look at the baton", err)
	}
	return readHeader(f, names)
}
