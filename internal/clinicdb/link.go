package clinicdb

import (
	"fmt"

	"tram/internal/day"
	"tram/internal/sqlitefile"
)

// Link is how this site reaches its hub.
type Link struct {
	Programme string
	URL       string
	Pin       []byte // SHA-256 of the hub's TLS public key; empty where the web's authorities vouch for it
	Verifier  string // of the hub's journal, in note form
	Cosigner  string // of its receipts, in note form
	JoinedAt  day.Instant
	ReadTo    int64  // newest number read from the inbox
	ReadMark  string // what was read under it
	ContactAt day.Instant
}

// Link is ErrNotFound while the site has not joined.
func (v *View) Link() (Link, error) {
	var l Link
	err := v.one(`SELECT programme, url, pin, verifier, cosigner, joined_at, read_to, read_mark, contact_at FROM hub_link`, nil, func(r *sqlitefile.Row) error {
		l = Link{r.Text(0), r.Text(1), r.Blob(2), r.Text(3), r.Text(4), day.Instant(r.Int(5)), r.Int(6), r.Text(7), day.Instant(r.Int(8))}
		return nil
	})
	return l, err
}

// SetLink keeps how the hub is reached; the inbox is read from its beginning.
func (t *Tx) SetLink(l Link) error {
	return t.c.Exec(`INSERT INTO hub_link (one, programme, url, pin, verifier, cosigner, joined_at) VALUES (1, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (one) DO UPDATE SET programme = excluded.programme, url = excluded.url, pin = excluded.pin, verifier = excluded.verifier,
		cosigner = excluded.cosigner, joined_at = excluded.joined_at, read_to = 0, read_mark = ''`,
		l.Programme, l.URL, append([]byte{}, l.Pin...), l.Verifier, l.Cosigner, l.JoinedAt)
}

// SetContact notes that the hub was reached.
func (t *Tx) SetContact(at day.Instant) error {
	return t.c.Exec(`UPDATE hub_link SET contact_at = max(contact_at, ?)`, at)
}

// SetRead notes how far the inbox was read, and what the last one was.
func (t *Tx) SetRead(to int64, mark string) error {
	return t.c.Exec(`UPDATE hub_link SET read_to = ?, read_mark = ?`, to, mark)
}

// Receipt is what the hub has signed to have on its disk.
type Receipt struct {
	Size int64
	At   day.Instant // when it was taken here
	Note []byte
}

// Receipt is the largest one, or ErrNotFound.
func (v *View) Receipt() (Receipt, error) {
	var x Receipt
	err := v.one(`SELECT size, at, note FROM receipts ORDER BY size DESC, day DESC LIMIT 1`, nil, func(r *sqlitefile.Row) error {
		x = Receipt{r.Int(0), day.Instant(r.Int(1)), r.Blob(2)}
		return nil
	})
	return x, err
}

// KeepReceipt keeps a receipt that was verified, beside those of other days.
func (t *Tx) KeepReceipt(d day.Day, x Receipt) error {
	err := t.c.Exec(`INSERT INTO receipts (day, size, at, note) VALUES (?, ?, ?, ?) ON CONFLICT (day) DO UPDATE
		SET size = excluded.size, at = excluded.at, note = excluded.note WHERE excluded.size >= size`, d, x.Size, x.At, x.Note)
	if err != nil {
		return fmt.Errorf("keep the hub's receipt: %w", err)
	}
	return nil
}
