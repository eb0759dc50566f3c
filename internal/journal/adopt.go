package journal

import (
	"fmt"

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
	if err := l.put(c, e, raw); err != nil {
		return Entry{}, fmt.Errorf("adopt entry %d: %w", e.Seq, err)
	}
	return e, nil
}

// NextDay is the newest clinic day of any entry, those not yet committed
// included.
func (l *Log) NextDay() day.Day { return l.next.NewestDay }
