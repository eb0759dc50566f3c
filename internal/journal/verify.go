package journal

import (
	"fmt"
	"runtime"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// Report is what Verify looked at and found in order.
type Report struct {
	Entries     int64
	Checkpoints int
	First, Last day.Day // clinic days of the first and the last entry
	Hash        tlog.Hash
}

// Verify reads a site's whole journal and holds it against itself and against
// every checkpoint kept: bytes in canonical form, numbers without gaps, a
// clock that only grows, the stored hashes, and for each checkpoint its
// signature, its size and its root. It returns a *Broken with the place.
//
// The day of an entry may be earlier than one before it: a clock that stood
// ahead and was set back leaves such entries, and they are the truth about it.
func Verify(c *sqlitefile.Conn, site id.Site, v note.Verifier, progress func(done int64)) (Report, error) {
	return VerifyWith(c, site, v, Beside{Progress: progress})
}

// Beside is what is done with the entries while they are verified, so that
// they are read once. Each field may be nil. What Take was given counts only
// when VerifyWith returns no error.
type Beside struct {
	Progress func(done int64)
	Prepare  func(e Entry) (any, error)    // for each entry, by many goroutines, in no order
	Take     func(e Entry, made any) error // for each entry in its order, with what Prepare made of it
}

// VerifyWith is Verify with something done beside.
func VerifyWith(c *sqlitefile.Conn, site id.Site, v note.Verifier, with Beside) (Report, error) {
	var r Report
	signed := map[int64]Checkpoint{}
	err := checkpoints(c, site, func(d day.Day, size int64, text []byte) error {
		cp, err := ReadCheckpoint(text, v)
		if err != nil || cp.Size != size {
			return &Broken{site, -1, fmt.Sprintf("the checkpoint of %s is not signed by this site's key, or was changed", d)}
		}
		if old, ok := signed[size]; ok && old.Hash != cp.Hash {
			return &Broken{site, -1, fmt.Sprintf("two checkpoints of %d entries differ", size)}
		}
		signed[size] = cp
		r.Checkpoints++
		return nil
	})
	if err != nil {
		return r, err
	}
	a := audit{c: c, site: site, signed: signed, report: &r, made: map[int64]tlog.Hash{}, with: with}
	if err := a.entries(); err != nil {
		return r, err
	}
	if err := a.hashRows(); err != nil {
		return r, err
	}
	for size := range signed {
		if size > r.Entries {
			return r, &Broken{site, r.Entries, fmt.Sprintf("entries are missing: %d were signed", size)}
		}
	}
	if _, ok := signed[r.Entries]; !ok && r.Entries > 0 {
		return r, &Broken{site, r.Entries - 1, "the last entries were never signed"}
	}
	r.Hash = a.tree.root()
	return r, a.beside
}

// audit grows the tree again while it reads.
type audit struct {
	c      *sqlitefile.Conn
	site   id.Site
	signed map[int64]Checkpoint
	report *Report
	tree   tree
	clock  HLC
	made   map[int64]tlog.Hash // hashes that have rows of their own, by tlog index
	with   Beside
	beside error // what went wrong beside; told when the journal itself is in order
}

// batch is a run of raw entries on its way through a worker, which hashes and
// decodes them; the tree takes them back in order.
type batch struct {
	from    int64
	lies    [][]byte // as in the table
	entries []Entry
	leaves  []tlog.Hash
	made    []any // by Prepare
	unmade  error // why Prepare made nothing from some entry on
	bad     error
	ready   chan struct{}
}

func (a *audit) entries() error {
	workers := max(1, runtime.GOMAXPROCS(0))
	todo, order := make(chan *batch, workers), make(chan *batch, 2*workers)
	for range workers {
		go func() {
			for b := range todo {
				b.work(a.site, a.with.Prepare)
				close(b.ready)
			}
		}()
	}
	result := make(chan error, 1)
	go func() {
		var err error
		for b := range order {
			<-b.ready
			if err == nil {
				err = a.take(b)
			}
		}
		result <- err
	}()
	read := a.read(todo, order)
	close(todo)
	close(order)
	if err := <-result; err != nil {
		return err
	}
	return read
}

// read hands out the rows in batches, in their order.
func (a *audit) read(todo, order chan<- *batch) error {
	b := &batch{ready: make(chan struct{})}
	next := int64(0)
	send := func() {
		order <- b
		todo <- b
		b = &batch{from: next, ready: make(chan struct{})}
	}
	err := a.c.Query(`SELECT seq, entry FROM journal WHERE site = ? ORDER BY seq`, []any{a.site}, func(r *sqlitefile.Row) error {
		if r.Int(0) != next {
			return &Broken{a.site, next, "the entry is missing"}
		}
		next++
		b.lies = append(b.lies, r.Blob(1))
		if len(b.lies) == verifyBatch {
			send()
		}
		return nil
	})
	send()
	return err
}

func (b *batch) work(site id.Site, prepare func(Entry) (any, error)) {
	b.entries, b.leaves, b.made = make([]Entry, len(b.lies)), make([]tlog.Hash, len(b.lies)), make([]any, len(b.lies))
	for i, lies := range b.lies {
		e, raw, err := asStored(site, b.from+int64(i), lies)
		if err != nil {
			b.bad = err
			return
		}
		b.entries[i], b.leaves[i] = e, tlog.RecordHash(raw)
		if prepare != nil && b.unmade == nil {
			b.made[i], b.unmade = prepare(e)
		}
	}
}

func (a *audit) take(b *batch) error {
	if b.bad != nil {
		return b.bad
	}
	for i, e := range b.entries {
		if a.tree.size > 0 && e.HLC.Compare(a.clock) <= 0 {
			return &Broken{a.site, e.Seq, "its clock is not after the entry before it"}
		}
		a.clock = e.HLC
		err := a.tree.add(b.leaves[i], func(level int, n int64, h tlog.Hash) error {
			a.made[tlog.StoredHashIndex(level, n)] = h
			return nil
		})
		if err != nil {
			return err
		}
		if cp, ok := a.signed[a.tree.size]; ok && cp.Hash != a.tree.root() {
			return &Broken{a.site, e.Seq, "the entries up to here are not those that were signed"}
		}
		if a.report.Entries == 0 {
			a.report.First = e.Day
		}
		a.report.Entries, a.report.Last = e.Seq+1, e.Day
		if a.with.Take != nil && a.beside == nil && b.unmade == nil {
			a.beside = a.with.Take(e, b.made[i])
		}
	}
	if a.beside == nil {
		a.beside = b.unmade
	}
	if a.with.Progress != nil {
		a.with.Progress(a.tree.size)
	}
	return nil
}

// hashRows holds the stored hashes against those the entries give. It runs
// after the entries, because a connection reads one thing at a time.
func (a *audit) hashRows() error {
	n := 0
	err := a.c.Query(`SELECT idx, hash FROM journal_hashes WHERE site = ?`, []any{a.site}, func(r *sqlitefile.Row) error {
		want, ok := a.made[r.Int(0)]
		if !ok || want != tlog.Hash(r.Raw(1)) {
			_, at := tlog.SplitStoredHashIndex(r.Int(0))
			return &Broken{a.site, -1, fmt.Sprintf("stored hash %d (number %d of its level) is not that of the entries", r.Int(0), at)}
		}
		n++
		return nil
	})
	if err == nil && n != len(a.made) {
		err = &Broken{a.site, -1, fmt.Sprintf("%d stored hashes are missing", len(a.made)-n)}
	}
	return err
}
