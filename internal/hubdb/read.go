package hubdb

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// Head is how far a site's journal is here.
type Head struct {
	Site       id.Site
	Size       int64
	Settled    int64 // entries under Checkpoint
	Checkpoint []byte
	Ahead      int64 // what the site has said it has
	NewestDay  day.Day
	ContactAt  day.Instant
	Stopped    string // why nothing more is taken; "" while all is well
}

// Backlog is how many entries the site is known to have that are not here.
func (h Head) Backlog() int64 { return max(0, h.Ahead-h.Size) }

func heads(c conn, site id.Site, each func(h Head, edge []byte) error) error {
	sql, args := `SELECT site, size, settled, checkpoint, ahead, newest_day, contact_at, stopped, edge FROM heads`, []any{}
	if site != "" {
		sql, args = sql+` WHERE site = ?`, []any{site}
	}
	return c.query(sql+` ORDER BY site`, args, func(r row) error {
		return each(Head{
			id.Site(r.Text(0)), r.Int(1), r.Int(2), r.Blob(3), r.Int(4), day.Day(r.Int(5)), day.Instant(r.Int(6)), r.Text(7),
		}, r.Blob(8))
	})
}

// Heads are those of all sites, by their code.
func (d *DB) Heads(ctx context.Context) ([]Head, error) {
	var out []Head
	err := d.e.read(ctx, func(c conn) error {
		return heads(c, "", func(h Head, _ []byte) error {
			out = append(out, h)
			return nil
		})
	})
	return out, err
}

// Head is one site's, with the hash over its entries. A site nothing was ever
// taken from has the zero Head and the hash of nothing.
func (d *DB) Head(ctx context.Context, site id.Site) (Head, tlog.Hash, error) {
	h, root := Head{Site: site}, journal.Edge{}.Root()
	err := d.e.read(ctx, func(c conn) error {
		return heads(c, site, func(found Head, edge []byte) error {
			e, err := journal.ReadEdge(found.Size, edge)
			h, root = found, e.Root()
			return err
		})
	})
	return h, root, err
}

// SetContact notes that a site was heard from and how much it says it has. It
// waits for no ingest: a contact noted late is noted with the next.
func (d *DB) SetContact(ctx context.Context, site id.Site, ahead int64, now day.Instant) error {
	return d.write(ctx, func(c conn, k *known) error {
		in := newIntake(c, k, nil, now)
		h := in.head(site)
		h.ContactAt, h.Ahead = max(h.ContactAt, now), max(h.Ahead, ahead)
		in.dirty[site] = true
		return c.bulk(in.headRows())
	})
}

// Resume lets a stopped journal go on, after people have looked.
func (d *DB) Resume(ctx context.Context, site id.Site) error {
	return d.write(ctx, func(c conn, k *known) error {
		in := newIntake(c, k, nil, 0)
		in.head(site).Stopped = ""
		in.dirty[site] = true
		return c.bulk(in.headRows())
	})
}

// Stop takes nothing more of a journal, as people decided; the incident is what
// they answer when it may go on.
func (d *DB) Stop(ctx context.Context, site id.Site, why string, now day.Instant) error {
	return d.write(ctx, func(c conn, k *known) error {
		in := newIntake(c, k, nil, now)
		in.head(site).Stopped = "ended: " + why
		in.dirty[site] = true
		in.incident("installation.ended", site, "", day.Never, why)
		if err := c.bulk(in.incidents); err != nil {
			return err
		}
		return c.bulk(in.headRows())
	})
}

// Note notes an incident that was found outside of the tables.
func (d *DB) Note(ctx context.Context, kind string, site id.Site, detail string, now day.Instant) error {
	return d.write(ctx, func(c conn, k *known) error {
		in := newIntake(c, k, nil, now)
		in.incident(kind, site, "", day.Never, detail)
		return c.bulk(in.incidents)
	})
}

// Entries reads a site's entries from one on, at most most.
func (d *DB) Entries(ctx context.Context, site id.Site, from int64, most int) ([][]byte, error) {
	var out [][]byte
	err := d.e.read(ctx, func(c conn) error {
		return between(c, site, from, from+int64(most), func(_ int64, raw []byte) error {
			out = append(out, raw)
			return nil
		})
	})
	return out, err
}

// Sent is one entry in a site's inbox, with its proof.
type Sent struct {
	Num   int64
	Site  id.Site
	Seq   int64
	Proof []byte // see journal.ReadReceipt
}

// Inbox reads what came for a site after a number, at most most, as proofs
// under each writer's own checkpoint; newest is the number of the last entry
// in the inbox. It stops before the first entry that its site has not signed
// as far as it is here: the rest of that journal is on its way.
func (d *DB) Inbox(ctx context.Context, to id.Site, after int64, most int) (sent []Sent, newest int64, err error) {
	most = min(most, proofsMax)
	err = d.e.read(ctx, func(c conn) error {
		err := c.query(`SELECT COALESCE(MAX(num), 0) FROM inbox WHERE to_site = ?`, []any{to}, func(r row) error {
			newest = r.Int(0)
			return nil
		})
		if err != nil {
			return err
		}
		err = c.query(`SELECT num, site, seq FROM inbox WHERE to_site = ? AND num > ? ORDER BY num LIMIT ?`, []any{to, after, int64(most)}, func(r row) error {
			sent = append(sent, Sent{Num: r.Int(0), Site: id.Site(r.Text(1)), Seq: r.Int(2)})
			return nil
		})
		if err != nil {
			return err
		}
		sent, err = prove(c, sent)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the inbox of %s: %w", to, err)
	}
	return sent, newest, nil
}

func prove(c conn, sent []Sent) ([]Sent, error) {
	found := map[id.Site]Head{}
	trees := map[id.Site]journal.Hashes{}
	var near shelf
	for i := range sent {
		s := &sent[i]
		h, ok := found[s.Site]
		if !ok {
			err := heads(c, s.Site, func(x Head, _ []byte) error {
				h = x
				return nil
			})
			if err != nil {
				return nil, err
			}
			found[s.Site], trees[s.Site] = h, hashes(c, s.Site)
		}
		if s.Seq >= h.Settled {
			return sent[:i], nil
		}
		raw, err := near.entry(c, s.Site, s.Seq)
		if err != nil {
			return nil, err
		}
		if s.Proof, err = journal.ProveEntry(trees[s.Site], h.Checkpoint, h.Settled, s.Seq, raw); err != nil {
			return nil, err
		}
	}
	return sent, nil
}

// leavesRow is how many leaves are read at once: a proof of one of them asks
// for nearly all the others, and so do the proofs of its neighbours.
const leavesRow = 16

// hashes reads the hashes of a journal's tree from the tables. It keeps the
// leaves it has read: those of one answer.
func hashes(c conn, site id.Site) journal.Hashes {
	rows := map[int64][]tlog.Hash{}
	read := func(from, count int64) (out []tlog.Hash, err error) {
		err = between(c, site, from, from+count, func(_ int64, raw []byte) error {
			out = append(out, tlog.RecordHash(raw))
			return nil
		})
		return out, err
	}
	return journal.Hashes{
		Leaves: func(from, count int64) ([]tlog.Hash, error) {
			first := from - from%leavesRow
			if from+count > first+leavesRow {
				return read(from, count)
			}
			row, there := rows[first]
			if !there {
				var err error
				if row, err = read(first, leavesRow); err != nil {
					return nil, err
				}
				rows[first] = row
			}
			have := int64(len(row))
			return slices.Clone(row[min(from-first, have):min(from-first+count, have)]), nil
		},
		Blocks: func(idx []int64) (out []tlog.Hash, err error) {
			for _, i := range idx {
				err = c.query(`SELECT hash FROM blocks WHERE site = ? AND idx = ?`, []any{site, i}, func(r row) error {
					out = append(out, tlog.Hash(r.Blob(0)))
					return nil
				})
				if err != nil {
					return nil, err
				}
			}
			return out, nil
		},
	}
}

// Dose is one dose as the hub knows it.
type Dose struct {
	Patient id.Patient
	Day     day.Day
	Dose    id.Dose
	Site    id.Site
	Amount  int64 // ordered, in micrograms
	Taken   int64
	Outcome string
}

// DosesOf are a patient's doses, oldest first, of all sites.
func (d *DB) DosesOf(ctx context.Context, p id.Patient) ([]Dose, error) {
	var out []Dose
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT patient, day, dose, site, amount_ug, taken_ug, outcome FROM doses WHERE patient = ? ORDER BY day, at, dose`, []any{p}, func(r row) error {
			out = append(out, Dose{id.Patient(r.Text(0)), day.Day(r.Int(1)), id.Dose(r.Text(2)), id.Site(r.Text(3)), r.Int(4), r.Int(5), r.Text(6)})
			return nil
		})
	})
	return out, err
}

// Count is how much there is of something at a site.
type Count struct {
	Site     id.Site
	Patients int64 // registered there
	Related  int64 // with whom it has to do
}

// Counts are the patients by site.
func (d *DB) Counts(ctx context.Context) ([]Count, error) {
	var out []Count
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT r.site, (SELECT COUNT(*) FROM patients AS p WHERE p.site = r.site), COUNT(*) FROM relations AS r WHERE r.patient <> ''
			GROUP BY r.site ORDER BY r.site`, nil, func(r row) error {
			out = append(out, Count{id.Site(r.Text(0)), r.Int(1), r.Int(2)})
			return nil
		})
	})
	return out, err
}

// Letter is a site letter as the hub knows it.
type Letter struct {
	Letter      id.Letter
	Patient     id.Patient
	From, To    id.Site
	First, Last day.Day
	Why         string
	GivenAt     day.Instant
	State       string // given, released, accepted
}

// OpenLetters are those nobody has accepted, oldest first.
func (d *DB) OpenLetters(ctx context.Context) ([]Letter, error) {
	var out []Letter
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT letter, patient, site, to_site, first, last, why, given_at, state FROM letters WHERE state <> 'accepted' ORDER BY given_at, letter`, nil,
			func(r row) error {
				out = append(out, Letter{
					id.Letter(r.Text(0)), id.Patient(r.Text(1)), id.Site(r.Text(2)), id.Site(r.Text(3)), day.Day(r.Int(4)), day.Day(r.Int(5)), r.Text(6),
					day.Instant(r.Int(7)), r.Text(8),
				})
				return nil
			})
	})
	return out, err
}

// Incident is something people must look at.
type Incident struct {
	ID      string
	Kind    string
	Site    id.Site
	Patient id.Patient
	Day     day.Day
	At      day.Instant
	Detail  string
	Code    string // of the patient; "" where it is about none
}

// OpenIncidents are those nobody has answered for, newest first.
func (d *DB) OpenIncidents(ctx context.Context) ([]Incident, error) {
	var out []Incident
	err := d.e.read(ctx, func(c conn) error {
		return c.query(incidentRow+` WHERE NOT EXISTS (SELECT 1 FROM answers AS w WHERE w.about = i.incident) ORDER BY i.at DESC, i.incident`, nil, func(r row) error {
			out = append(out, incidentOf(r))
			return nil
		})
	})
	return out, err
}

// Site is a site as the tables know it.
type Site struct {
	Site   id.Site
	Name   string
	Role   string
	Parent id.Site
	Number int64
}

// Sites are all that joined, by their code.
func (d *DB) Sites(ctx context.Context) ([]Site, error) {
	var out []Site
	err := d.e.read(ctx, func(c conn) error {
		return c.query(`SELECT site, name, role, parent, number FROM sites ORDER BY site`, nil, func(r row) error {
			out = append(out, Site{id.Site(r.Text(0)), r.Text(1), r.Text(2), id.Site(r.Text(3)), r.Int(4)})
			return nil
		})
	})
	return out, err
}

// InboxAt is the number of the last entry in a site's inbox; again says that
// what the site has read up to a number is not what stands there: this
// database was restored, and the inbox is another one. It goes over what was
// read, once for each time a site comes.
func (d *DB) InboxAt(ctx context.Context, to id.Site, readTo int64, mark string) (newest int64, again bool, err error) {
	again = readTo > 0
	err = d.e.read(ctx, func(c conn) error {
		err := c.query(`SELECT COALESCE(MAX(num), 0) FROM inbox WHERE to_site = ?`, []any{to}, func(r row) error {
			newest = r.Int(0)
			return nil
		})
		if err != nil {
			return err
		}
		if journal.OldMark(mark) {
			return c.query(`SELECT site, seq FROM inbox WHERE to_site = ? AND num = ?`, []any{to, readTo}, func(r row) error {
				again = readTo > 0 && fmt.Sprintf("%s/%d", r.Text(0), r.Int(1)) != mark
				return nil
			})
		}
		last, here := int64(0), ""
		err = c.query(`SELECT num, site, seq FROM inbox WHERE to_site = ? AND num <= ? ORDER BY num`, []any{to, readTo}, func(r row) error {
			last, here = r.Int(0), journal.Mark(here, id.Site(r.Text(1)), r.Int(2))
			return nil
		})
		again = readTo > 0 && (last != readTo || here != mark)
		return err
	})
	if err != nil {
		return 0, false, fmt.Errorf("read the inbox of %s: %w", to, err)
	}
	return newest, again, nil
}
