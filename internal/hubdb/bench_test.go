package hubdb_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/hubdb/pgtest"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sitesync/wire"
	"tram/internal/sqlitefile"
)

// fleet is what a programme's sites send: messages as they travel, and the
// doses in them.
type fleet struct {
	msgs    [][]byte
	keys    map[id.Site]*hubdbtest.Site
	entries int
	doses   int
	bytes   int
}

func makeFleet(sites, patients, days int) fleet {
	f := fleet{keys: map[id.Site]*hubdbtest.Site{}}
	var all [][]journal.Segment
	for i := range sites {
		s := hubdbtest.New(id.Site(fmt.Sprintf("S%03d", i)))
		s.Fill(patients, days)
		f.keys[s.Code] = s
		f.entries += len(s.Entries)
		f.doses += patients * days
		all = append(all, s.Segments(0, 256))
	}
	for n := 0; ; n++ { // as they come in: one of each site, again and again
		some := false
		for _, segs := range all {
			if n < len(segs) {
				msg := wire.Pack(segs[n])
				f.msgs, f.bytes, some = append(f.msgs, msg), f.bytes+len(msg), true
			}
		}
		if !some {
			return f
		}
	}
}

// take takes all messages in, so many a transaction, as the hub does.
func (f fleet) take(b *testing.B, db *hubdb.DB, each int) time.Duration {
	b.Helper()
	started := time.Now()
	for n := 0; n < len(f.msgs); n += each {
		var pieces []hubdb.Piece
		for _, m := range f.msgs[n:min(n+each, len(f.msgs))] {
			s, err := wire.Unpack(m)
			if err != nil {
				b.Fatal(err)
			}
			pieces = append(pieces, hubdb.Piece{Segment: s, Verifier: f.keys[s.Site].Keys.Verifier})
		}
		got, err := db.Ingest(b.Context(), pieces, secret, now)
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range got.Outcomes {
			if o.State != hubdb.Stored {
				b.Fatalf("%s at %s: %s", o.State, o.Head.Site, o.Why)
			}
		}
	}
	return time.Since(started)
}

// copyDoses is the yardstick: COPY of the same dose rows into a table with the
// same key, partitions or checks apart.
func copyDoses(b *testing.B, url string, n int) time.Duration {
	b.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.Exec(ctx, `DROP TABLE IF EXISTS yardstick; CREATE TABLE yardstick (patient TEXT, day BIGINT, dose TEXT, site TEXT, seq BIGINT, end_seq BIGINT, at BIGINT,
		order_id TEXT, amount_ug BIGINT, taken_ug BIGINT, outcome TEXT, PRIMARY KEY (patient, day, dose))`, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		b.Fatal(err)
	}
	s := hubdbtest.New("YY")
	var rows [][]any
	for i := range n {
		rows = append(rows, []any{fmt.Sprintf("p%015d", i%4000), int64(18262 + i/4000), s.ID(), "S001", int64(2 * i), int64(2*i + 1), int64(1_795_000_000_000 + i), "o1", int64(60000), int64(60000), "swallowed"})
	}
	started := time.Now()
	if _, err := c.CopyFrom(ctx, pgx.Identifier{"yardstick"}, []string{
		"patient", "day", "dose", "site", "seq", "end_seq", "at", "order_id", "amount_ug", "taken_ug", "outcome",
	}, pgx.CopyFromRows(rows)); err != nil {
		b.Fatal(err)
	}
	return time.Since(started)
}

// BenchmarkIngest is target F10: everything the hub does with what sites send,
// beside PostgreSQL's COPY of the same dose rows in the same run.
func BenchmarkIngest(b *testing.B) {
	f := makeFleet(40, 50, 60)
	b.Run("PostgreSQL", func(b *testing.B) {
		pg := pgtest.Start(b, true)
		n := 0
		var doses, entries, copied float64
		for b.Loop() {
			n++
			db, err := hubdb.OpenPostgres(b.Context(), pg.Fresh(fmt.Sprintf("ingest%d", n)))
			if err != nil {
				b.Fatal(err)
			}
			before := copyDoses(b, pg.URL, f.doses)
			took := f.take(b, db, 128)
			after := copyDoses(b, pg.URL, f.doses)
			doses += float64(f.doses) / took.Seconds()
			entries += float64(f.entries) / took.Seconds()
			copied += 2 * float64(f.doses) / (before + after).Seconds()
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(entries/float64(n), "entries/s")
		b.ReportMetric(doses/float64(n), "doses/s")
		b.ReportMetric(copied/float64(n), "copied-doses/s")
		b.ReportMetric(doses/copied, "doses-of-COPY")
		b.ReportMetric(entries/copied, "entries-of-COPY")
		b.ReportMetric(float64(f.bytes)/float64(f.doses), "wire-B/dose")
	})
	b.Run("SQLite", func(b *testing.B) {
		n := 0
		var entries float64
		for b.Loop() {
			n++
			db, err := hubdb.OpenSQLite(filepath.Join(b.TempDir(), "h.db"), sqlitefile.Options{Key: [32]byte{1}, CacheKB: 32 << 10})
			if err != nil {
				b.Fatal(err)
			}
			entries += float64(f.entries) / f.take(b, db, 128).Seconds()
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(entries/float64(n), "entries/s")
	})
}
