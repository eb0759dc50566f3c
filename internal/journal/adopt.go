package journal

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/sqlitefile"
)

// Adopt appends an entry that this journal had before and lost with its PC: the
// bytes stay what they were. It is for a restore; the caller has the bytes from
// a medium that it verified. Like Append it counts after Seal and Commit.
func (l *Log) Adopt(c *sqlitefile.Conn, raw []byte) (Entry, error) {
	e, err := decode(raw)
	switch {
	case err != nil:
		return Entry{}, fmt.Errorf("adopt: %w", err)
	case e.Site != l.site || e.Seq != l.next.Size:
		return Entry{}, &Broken{l.site, l.next.Size, fmt.Sprintf("entry %d of %s came in its place", e.Seq, e.Site)}
	case l.next.Size > 0 && e.HLC.Compare(l.next.LastHLC) <= 0:
		return Entry{}, &Broken{l.site, e.Seq, "its clock is not after the entry before it"}
	}
	if err := c.Exec(`INSERT INTO journal (site, seq, entry) VALUES (?, ?, ?)`, l.site, e.Seq, raw); err != nil {
		return Entry{}, fmt.Errorf("adopt entry %d: %w", e.Seq, err)
	}
	err = l.grow.add(tlog.RecordHash(raw), func(level int, n int64, h tlog.Hash) error {
		return c.Exec(`INSERT INTO journal_hashes (site, idx, hash) VALUES (?, ?, ?)`, l.site, tlog.StoredHashIndex(level, n), h[:])
	})
	if err != nil {
		return Entry{}, fmt.Errorf("adopt entry %d: hash: %w", e.Seq, err)
	}
	l.next.Size, l.next.LastHLC, l.next.NewestDay = e.Seq+1, e.HLC, max(l.next.NewestDay, e.Day)
	return e, nil
}

// NextDay is the newest clinic day of any entry, those not yet committed
// included.
func (l *Log) NextDay() day.Day { return l.next.NewestDay }
