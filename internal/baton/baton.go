// Package baton is the removable store that lies in the safe with the
// medicine: the site's journal from its first entry, encrypted, on a USB stick.
//
// Who holds the baton may act for the site; what is on it survives the PC. It
// knows bytes, entries and checkpoints, and nothing of care; which number may
// act and what to do about a baton that knows more than the PC is decided by
// whoever asks. It promises that what [Baton.Append] took is on the medium
// before it returns, that after a crash or a pulled stick at any byte the baton
// opens with at least everything acknowledged, and that a stick of another
// site, a damaged one and an empty one are told apart. It needs of the file
// system only writing at a place, flushing and cutting: no renames, which FAT
// and pulled sticks make unsafe. The format is docs/spec/baton.md.
package baton

import (
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// FolderName is the baton's folder on the stick.
const FolderName = "tram-baton"

// HeaderName is the file by which a person and the program know a baton.
const HeaderName = "baton.json"

// Errors told apart because each asks people for something else.
var (
	ErrNone     = errors.New("this is not a baton")
	ErrHalfMade = errors.New("the making of this baton was interrupted")
	ErrExist    = errors.New("there is a baton here already")
	ErrForeign  = errors.New("this is the baton of another site")
	ErrKey      = errors.New("this baton was made with other keys of the same site")
	ErrDamaged  = errors.New("the baton is damaged")
	ErrNewer    = errors.New("the baton has seen a newer installation of this site")
	ErrGap      = errors.New("the entries do not follow those on the baton")
	ErrFull     = errors.New("the baton is full")
	ErrReadOnly = errors.New("the baton cannot be written")
	ErrGone     = errors.New("the baton was pulled out or cannot be reached")
	ErrFake     = errors.New("the baton does not give back what was written to it")
	ErrStopped  = errors.New("the baton takes nothing more until it is opened again")
)

// Header says what a baton is. It names no person.
type Header struct {
	Format    string  `json:"format"`
	Programme string  `json:"programme"`
	Site      id.Site `json:"site"`
	Number    int     `json:"number"` // of the installation that made it
	Baton     string  `json:"baton"`  // id, random
	Made      string  `json:"made"`   // clinic day
}

const format = "tram baton 1"

// Head is how far the journal on the baton goes.
type Head struct {
	Size       int64
	Hash       tlog.Hash // root over Size entries
	LastDay    day.Day   // newest clinic day of any entry
	Number     int       // highest installation number that wrote here
	Checkpoint string    // newest signed checkpoint; "" before the first
}

// Baton is an opened baton. It is for one goroutine at a time.
type Baton struct {
	fs     FS
	aead   cipher.AEAD
	rand   io.Reader
	header Header
	notice string // what is wrong and does not matter yet; "" if nothing

	born    Head // at the beginning of the newest segment
	edge    journal.Edge
	lastDay day.Day
	number  int
	check   string

	segment int   // number of the newest one
	end     int64 // where the next record goes in it
	torn    bool  // bytes that were never acknowledged lie after end
	file    File  // of segment, once something was written
	stopped error
}

// Config is what a baton is opened and made with.
type Config struct {
	FS   FS
	Key  [32]byte // keys.Keys.BatonKey
	Rand io.Reader
	Site id.Site // whose baton is expected
}

// Make makes an empty baton. Whatever else is on the stick stays; a baton that
// is there already is ErrExist, one whose making was interrupted is made again.
func Make(c Config, h Header) (*Baton, error) {
	h.Format = format
	if err := h.check(); err != nil {
		return nil, err
	}
	if err := c.FS.Make(); err != nil {
		return nil, said("make the baton", err)
	}
	_, err := Open(c)
	switch {
	case errors.Is(err, ErrNone), errors.Is(err, ErrHalfMade):
	case err == nil:
		return nil, ErrExist
	default:
		return nil, fmt.Errorf("%w (%w)", ErrExist, err)
	}
	b, err := c.baton()
	if err != nil {
		return nil, err
	}
	b.header, b.number = h, h.Number
	// The segment first: a baton with a whole header file is a whole baton.
	if err := b.begin(1); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("make the baton: %w", err)
	}
	text = append(text, '\n')
	if err := b.put(HeaderName, text); err != nil {
		return nil, err
	}
	return b, nil
}

func (c Config) baton() (*Baton, error) {
	aead, err := chacha20poly1305.NewX(c.Key[:])
	if err != nil {
		return nil, fmt.Errorf("baton: %w", err)
	}
	return &Baton{fs: c.FS, aead: aead, rand: c.Rand}, nil
}

func (h Header) check() error {
	if h.Format != format || h.Site == "" || len(h.Site) > 12 || len(h.Programme) > textMax || h.Number < 1 || len(h.Baton) != idLen || !id.Valid(h.Baton) {
		return fmt.Errorf("baton: header of %q, number %d, id %q: not complete", h.Site, h.Number, h.Baton)
	}
	return nil
}

// Open reads the newest part of a baton. It writes nothing; what a pulled stick
// left torn is cut off by the next Append. Earlier parts are read by Replay and
// Verify.
func Open(c Config) (*Baton, error) {
	names, err := c.FS.Names()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, said("look at the baton", err)
	}
	last, err := segments(names)
	if err != nil {
		return nil, err
	}
	told, terr := readHeader(c.FS, names)
	if terr != nil && !errors.Is(terr, ErrNone) && !errors.Is(terr, ErrDamaged) {
		return nil, terr // it could not be read; that says nothing about what it is
	}
	if terr == nil && told.Site != c.Site {
		return nil, fmt.Errorf("%w: %s", ErrForeign, told.Site)
	}
	if last == 0 {
		if terr == nil {
			return nil, fmt.Errorf("%w: its journal is missing", ErrDamaged)
		}
		if slices.Contains(names, HeaderName) {
			return nil, ErrHalfMade
		}
		return nil, ErrNone
	}
	b, err := c.baton()
	if err != nil {
		return nil, err
	}
	err = b.load(last)
	if last == 1 && terr != nil && errors.Is(err, errUnborn) {
		return nil, ErrHalfMade
	}
	switch {
	case errors.Is(err, errSealed) && terr == nil, errors.Is(err, errUnborn) && terr == nil && last == 1:
		return nil, fmt.Errorf("%w, or its beginning is damaged", ErrKey)
	case errors.Is(err, errSealed), errors.Is(err, errUnborn):
		return nil, fmt.Errorf("%w: its header and the beginning of its journal cannot be read, or it is of other keys", ErrDamaged)
	case err != nil:
		return nil, err
	case b.header.Site != c.Site:
		return nil, fmt.Errorf("%w: %s", ErrForeign, b.header.Site)
	}
	switch {
	case terr != nil && last == 1 && b.edge.Size() == 0:
		return nil, ErrHalfMade // nothing was ever entrusted to it
	case terr != nil:
		b.notice = HeaderName + " cannot be read"
	case told != b.header:
		b.notice = HeaderName + " is not what it was when the baton was made"
	}
	return b, nil
}

// load reads the newest segment. One whose beginning never reached the medium
// was begun when the stick was pulled: then the one before it is the newest.
func (b *Baton) load(last int) error {
	err := b.read(last, visit{})
	if errors.Is(err, errUnborn) && last > 1 {
		b.header = Header{}
		err = b.read(last-1, visit{})
		b.torn = true
	}
	return err
}

func readHeader(f FS, names []string) (Header, error) {
	var h Header
	if !slices.Contains(names, HeaderName) {
		return h, ErrNone
	}
	text, err := f.ReadFile(HeaderName, headerMax)
	if err != nil {
		return h, said("read the baton's header", err)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := h.check(); err != nil {
		return Header{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return h, nil
}

// segments finds the newest segment among the names; a gap is damage.
func segments(names []string) (last int, err error) {
	count := 0
	for _, n := range names {
		var k int
		if len(n) != len(segmentName(1)) || !strings.HasSuffix(n, ".seg") {
			continue
		}
		if _, err := fmt.Sscanf(n, "%08d.seg", &k); err != nil || k < 1 || k > segmentsMax || segmentName(k) != n {
			continue
		}
		count++
		last = max(last, k)
	}
	if count != last {
		return 0, fmt.Errorf("%w: %d of %d parts of its journal are missing", ErrDamaged, last-count, last)
	}
	return last, nil
}

func segmentName(n int) string { return fmt.Sprintf("%08d.seg", n) }

// Header is what the baton says of itself, as it was sealed when it was made.
func (b *Baton) Header() Header { return b.header }

// Notice is something wrong that does not keep the baton from working, such as
// a damaged header file; "" if nothing. A new baton should be made soon.
func (b *Baton) Notice() string { return b.notice }

// Torn says that bytes at the end could not be read: the stick was pulled while
// it was written, which was then never acknowledged, or it is damaged there.
// Who knows how much was acknowledged can tell. The next Append cuts them off.
func (b *Baton) Torn() bool { return b.torn }

// Head is how far the journal on the baton goes.
func (b *Baton) Head() Head {
	return Head{Size: b.edge.Size(), Hash: b.edge.Root(), LastDay: b.lastDay, Number: b.number, Checkpoint: b.check}
}

// Close lets go of the medium.
func (b *Baton) Close() error {
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	if err != nil {
		return said("close the baton", err)
	}
	return nil
}

// said puts our own name on an error of the medium.
func said(what string, err error) error {
	switch kind := kindOf(err); {
	case kind != nil:
		return fmt.Errorf("%s: %w (%w)", what, kind, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %w (%w)", what, ErrReadOnly, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w (%w)", what, ErrGone, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
