package journal

import (
	"fmt"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// Get reads one entry, or answers ErrNotFound.
func Get(c *sqlitefile.Conn, site id.Site, seq int64) (Entry, error) {
	var e Entry
	found, err := c.One(`SELECT entry FROM journal WHERE site = ? AND seq = ?`, []any{site, seq}, func(r *sqlitefile.Row) error {
		var err error
		e, _, err = asStored(site, seq, r.Raw(0))
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("read entry %d of %s: %w", seq, site, err)
	}
	if !found {
		return Entry{}, ErrNotFound
	}
	return e, nil
}

// asStored reads an entry that lies in the table under this site and number.
func asStored(site id.Site, seq int64, lies []byte) (Entry, []byte, error) {
	e, raw, err := unpack(site, seq, lies)
	if err != nil {
		return Entry{}, nil, &Broken{site, seq, "the bytes are not those of this entry"}
	}
	return e, raw, nil
}

// Entries reads a site's entries in their order, from one on; limit 0 means
// all. The raw bytes, and the fact inside them, are the callee's to keep.
func Entries(c *sqlitefile.Conn, site id.Site, from int64, limit int, each func(e Entry, raw []byte) error) error {
	n := int64(limit)
	if n <= 0 {
		n = WholeMax
	}
	return c.Query(`SELECT seq, entry FROM journal WHERE site = ? AND seq >= ? ORDER BY seq LIMIT ?`,
		[]any{site, from, n}, func(r *sqlitefile.Row) error {
			e, raw, err := asStored(site, r.Int(0), r.Raw(1))
			if err != nil {
				return err
			}
			return each(e, raw)
		})
}

// Each reads every entry of every site here, site by site; for rebuilding what
// is projected from them.
func Each(c *sqlitefile.Conn, each func(e Entry) error) error {
	return c.Query(`SELECT site, seq, entry FROM journal ORDER BY site, seq`, nil, func(r *sqlitefile.Row) error {
		e, _, err := asStored(id.Site(r.Text(0)), r.Int(1), r.Raw(2))
		if err != nil {
			return err
		}
		return each(e)
	})
}

// Kinds counts a site's entries by kind. It reads them all.
func Kinds(c *sqlitefile.Conn, site id.Site) (map[string]int64, error) {
	kinds := map[string]int64{}
	err := Entries(c, site, 0, 0, func(e Entry, _ []byte) error {
		kinds[e.Kind]++
		return nil
	})
	return kinds, err
}

// Sites are the sites whose journals lie here.
func Sites(c *sqlitefile.Conn) ([]id.Site, error) {
	var sites []id.Site
	err := c.Query(`SELECT DISTINCT site FROM journal ORDER BY site`, nil, func(r *sqlitefile.Row) error {
		sites = append(sites, id.Site(r.Text(0)))
		return nil
	})
	return sites, err
}

// Checkpoints reads a site's checkpoints, smallest first, without judging them:
// Size and Hash are left to ReadCheckpoint.
func checkpoints(c *sqlitefile.Conn, site id.Site, each func(d day.Day, size int64, note []byte) error) error {
	return c.Query(`SELECT day, size, note FROM journal_checkpoints WHERE site = ? ORDER BY size, day`, []any{site},
		func(r *sqlitefile.Row) error { return each(day.Day(r.Int(0)), r.Int(1), r.Blob(2)) })
}
