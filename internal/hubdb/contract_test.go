package hubdb_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/hubdb/pgtest"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
)

const now = day.Instant(1_795_400_000_000)

var secret = []byte("0123456789abcdef0123456789abcdef")

// engines are the databases every test here runs on.
func engines(t *testing.T, test func(t *testing.T, open func() *hubdb.DB)) {
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "h.db")
		test(t, func() *hubdb.DB {
			db, err := hubdb.OpenSQLite(path, sqlitefile.Options{Key: [32]byte{1}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		s := server(t)
		url := s.Fresh(strings.ToLower(regexp.MustCompile(`\W`).ReplaceAllString(t.Name(), "_")))
		test(t, func() *hubdb.DB {
			db, err := hubdb.OpenPostgres(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		})
	})
}

var (
	once   sync.Once
	shared *pgtest.Server
)

// server is one PostgreSQL for all tests of the package.
func server(t *testing.T) *pgtest.Server {
	once.Do(func() { shared = pgtest.Start(everyTest{t}, false) })
	if shared == nil {
		t.Skip("NOT TESTED AGAINST POSTGRESQL: see the first test")
	}
	return shared
}

// everyTest keeps the server until the package's tests are over.
type everyTest struct{ testing.TB }

var ends []func()

func (e everyTest) Cleanup(fn func()) { ends = append(ends, fn) }

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(ends) - 1; i >= 0; i-- {
		ends[i]()
	}
	os.Exit(code)
}

type hub struct {
	t  *testing.T
	db *hubdb.DB
}

func (h hub) take(s *hubdbtest.Site, segments ...journal.Segment) hubdb.Batch {
	h.t.Helper()
	var pieces []hubdb.Piece
	for _, x := range segments {
		pieces = append(pieces, hubdb.Piece{Segment: x, Verifier: s.Keys.Verifier})
	}
	b, err := h.db.Ingest(h.t.Context(), pieces, secret, now)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

func states(b hubdb.Batch) []hubdb.State {
	var out []hubdb.State
	for _, o := range b.Outcomes {
		out = append(out, o.State)
	}
	return out
}

func (h hub) want(got, want any) {
	h.t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		h.t.Fatal(d)
	}
}

// must unwraps an answer that cannot fail here.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestIngest: twice, late, half, ahead: the tables hold each entry once, and
// the answer always says how far the journal is here.
func TestIngest(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		s := hubdbtest.New("TG")
		p := s.Fill(3, 10)
		s.Add(hubdbtest.Start+9, "dose.levitated", `{"patient":"`+string(p[0])+`"}`) // of a newer program
		s.Add(hubdbtest.Start+9, "patient.noted", `{"patient":"`+string(p[0])+`","day":"2020-01-10","text":"Đã \"ngủ\" ngon"}`)
		n := len(s.Entries)
		h.want(states(h.take(s, s.Segment(20, 30))), []hubdb.State{hubdb.Gap})
		h.want(states(h.take(s, s.Segment(0, 10), s.Segment(10, 20), s.Segment(5, 20), s.Segment(15, 25), s.Segment(40, 50))),
			[]hubdb.State{hubdb.Stored, hubdb.Stored, hubdb.Known, hubdb.Stored, hubdb.Gap})
		h.want(states(h.take(s, s.Segment(0, 25))), []hubdb.State{hubdb.Known})
		if err := h.db.Close(); err != nil {
			t.Fatal(err)
		}
		h.db = open()
		h.want(states(h.take(s, s.Segment(25, n))), []hubdb.State{hubdb.Stored})
		got, root, err := h.db.Head(t.Context(), "TG")
		if err != nil || got.Size != int64(n) || got.Settled != int64(n) || got.Stopped != "" || got.Backlog() != 0 || got.ContactAt != now {
			t.Fatalf("head = %+v, %v", got, err)
		}
		if cp, err := journal.ReadCheckpoint(got.Checkpoint, s.Keys.Verifier); err != nil || cp.Hash != root {
			t.Fatalf("checkpoint %v, root %v: %v", cp.Hash, root, err)
		}
		entries := must[[][]byte](t)(h.db.Entries(t.Context(), "TG", 0, 1000))
		for i, raw := range s.Entries {
			if !bytes.Equal(entries[i], raw) {
				t.Fatalf("entry %d is another", i)
			}
		}
		doses := must[[]hubdb.Dose](t)(h.db.DosesOf(t.Context(), p[1]))
		if len(doses) != 10 || doses[0].Taken != 60000 || doses[9].Outcome != "swallowed" || doses[9].Day != hubdbtest.Start+9 {
			t.Fatalf("doses = %+v", doses)
		}
		h.want(must[[]hubdb.Count](t)(h.db.Counts(t.Context())), []hubdb.Count{{Site: "TG", Patients: 3, Related: 3}})
	})
}

// TestForkIsRefused: a second history of a site is not taken, changes nothing,
// stops the journal and is an incident once; a stranger's signature stops
// nobody.
func TestForkIsRefused(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		for name, fork := range map[string]func(s, other *hubdbtest.Site) journal.Segment{
			"longer":    func(_, o *hubdbtest.Site) journal.Segment { return o.Segment(20, 40) },
			"overlaps":  func(_, o *hubdbtest.Site) journal.Segment { return o.Segment(8, 40) },
			"forgetful": func(_, o *hubdbtest.Site) journal.Segment { return o.Segment(8, 12) },
		} {
			h := hub{t, open()}
			code := id.Site(strings.ToUpper(name[:4]))
			s, other := hubdbtest.New(code), hubdbtest.New(code)
			for i, x := range []*hubdbtest.Site{s, other} {
				x.Fill(2, 2)
				for range 40 {
					x.Add(hubdbtest.Start+day.Day(i), "site.founded", `{}`)
				}
			}
			h.take(s, s.Segment(0, 20))
			stranger := hubdb.Piece{Segment: s.Segment(20, 21), Verifier: hubdbtest.New("XX").Keys.Verifier}
			b, err := h.db.Ingest(t.Context(), []hubdb.Piece{stranger}, secret, now)
			if err != nil || b.Outcomes[0].State != hubdb.Stopped {
				t.Fatalf("%s: forged: %+v, %v", name, b, err)
			}
			h.want(states(h.take(s, s.Segment(20, 20))), []hubdb.State{hubdb.Known}) // not stopped by that
			h.want(states(h.take(other, fork(s, other))), []hubdb.State{hubdb.Stopped})
			h.want(states(h.take(s, s.Segment(20, 30))), []hubdb.State{hubdb.Stopped})
			h.db = open()
			got, _, err := h.db.Head(t.Context(), code)
			if err != nil || got.Size != 20 || !strings.HasPrefix(got.Stopped, "fork at entry") {
				t.Fatalf("%s: %+v, %v", name, got, err)
			}
			var kinds []string
			for _, i := range must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context())) {
				if i.Site == code {
					kinds = append(kinds, i.Kind)
				}
			}
			h.want(len(kinds), 2)
			if err := h.db.Resume(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			h.want(states(h.take(s, s.Segment(20, 30))), []hubdb.State{hubdb.Stored})
			if err := h.db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestInbox: facts about a patient go to the sites that have to do with the
// patient, those of before included, each with a proof under its writer's key.
func TestInbox(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		tg, ns, hq := hubdbtest.New("TG"), hubdbtest.New("NS"), hubdbtest.New(programme.Hub)
		p := tg.Fill(2, 20)
		h.take(tg, tg.Segments(0, 7)...)
		read := func(to id.Site, after int64) (keys []string, newest int64) {
			t.Helper()
			sent, newest, err := h.db.Inbox(t.Context(), to, after, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range sent {
				v := map[id.Site]*hubdbtest.Site{"TG": tg, "NS": ns, programme.Hub: hq}[x.Site]
				e, _, err := journal.ReadReceipt(x.Proof, v.Keys.Verifier)
				if err != nil || e.Seq != x.Seq || e.Site != x.Site {
					t.Fatalf("proof of %s %d: %v", x.Site, x.Seq, err)
				}
				keys = append(keys, string(e.Site)+" "+e.Kind)
			}
			return keys, newest
		}
		if got, _ := read("NS", 0); got != nil {
			t.Fatalf("a site without patients is told %q", got)
		}
		tg.Add(hubdbtest.Start+20, "transfer.given", `{"letter":"l1","patient":"`+string(p[0])+`","to":"NS","first":"2020-01-22","last":"2020-01-25","why":"visit"}`)
		b := h.take(tg, tg.Segment(len(tg.Entries)-1, len(tg.Entries)))
		h.want(b.Inboxes, []id.Site{"NS"})
		got, newest := read("NS", 0)
		if len(got) != 1+2*20+1 || newest == 0 {
			t.Fatalf("%d entries: %q", len(got), got)
		}
		h.want(len(must[[]hubdb.Letter](t)(h.db.OpenLetters(t.Context()))), 1)
		ns.Add(hubdbtest.Start+21, "transfer.accepted", `{"letter":"l1","patient":"`+string(p[0])+`","from":"TG","first":"2020-01-22","last":"2020-01-25"}`)
		ns.Dose(hubdbtest.Start+21, p[0], "o1")
		h.take(ns, ns.Segment(0, 3))
		got, _ = read("TG", 0)
		h.want(got, []string{"NS transfer.accepted", "NS dose.poured", "NS dose.swallowed"})
		h.want(len(must[[]hubdb.Letter](t)(h.db.OpenLetters(t.Context()))), 0)
		if again, _ := read("NS", newest); again != nil {
			t.Fatalf("told its own: %q", again)
		}
		h.marks(newest)
		// the programme's facts go to everyone, whenever they join
		hq.Add(1, "programme.founded", programme.Founded{Programme: "DBV"})
		hq.Add(1, "staff.enrolled", `{"person":"p","name":"x","duties":["manager"]}`)
		hq.Add(1, "programme.site_joined", programme.SiteJoined{Site: "TG", Name: "Tỏa Sáng", Role: programme.Main, Number: 1})
		h.take(hq, hq.Segment(0, 3))
		hq.Add(2, "programme.site_joined", programme.SiteJoined{Site: "NS", Name: "Nà Sáng", Role: programme.Satellite, Parent: "TG", Number: 1})
		hq.Add(2, "programme.site_changed", programme.SiteChanged{Site: "NS", Number: 2})
		b = h.take(hq, hq.Segment(3, 5))
		h.want(len(b.Facts), 2)
		got, _ = read("NS", newest)
		h.want(got, []string{"HUB programme.founded", "HUB programme.site_joined", "HUB programme.site_joined", "HUB programme.site_changed"})
		h.want(must[[]hubdb.Site](t)(h.db.Sites(t.Context())), []hubdb.Site{{"NS", "Nà Sáng", "satellite", "TG", 2}, {"TG", "Tỏa Sáng", "main", "", 1}})
	})
}

// marks holds how far NS has read against all that it read.
func (h hub) marks(newest int64) {
	t := h.t
	t.Helper()
	at := func(readTo int64, mark string) bool {
		t.Helper()
		_, again, err := h.db.InboxAt(t.Context(), "NS", readTo, mark)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	sent, _, err := h.db.Inbox(t.Context(), "NS", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	mark, skipped := "", ""
	for i, x := range sent {
		if mark = journal.Mark(mark, x.Site, x.Seq); i != 1 {
			skipped = journal.Mark(skipped, x.Site, x.Seq)
		}
	}
	last := sent[len(sent)-1]
	h.want(at(0, ""), false)
	h.want(at(newest, mark), false)
	h.want(at(newest, skipped), true) // the same last entry under the same number, and one before it never read
	h.want(at(newest+1, mark), true)
	h.want(at(newest, fmt.Sprintf("%s/%d", last.Site, last.Seq)), false) // of a program from before
}

// TestPeople: two registrations of one person are found by the number, or by
// name and year in any order and spelling; doses of one day at two sites are
// an incident, unless one was given back.
func TestPeople(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		tg, ns, hq := hubdbtest.New("TG"), hubdbtest.New("NS"), hubdbtest.New(programme.Hub)
		d := hubdbtest.Start
		a := tg.Register(d, "Vàng A Dơ", "0401 23457")
		c := tg.Register(d, "Đỗ Thị Hằng", "")
		x := ns.Register(d, "Người khác", "040123457")
		y := ns.Register(d, "hang do THI", "")
		h.take(tg, tg.Segment(0, 2))
		h.take(ns, ns.Segment(0, 2))
		pairs := must[[]hubdb.Pair](t)(h.db.OpenPairs(t.Context()))
		if len(pairs) != 2 || pairs[0].Why != "identity" || pairs[0].One != min(a, x) || pairs[1].Why != "name" || pairs[1].Two != max(c, y) {
			t.Fatalf("pairs = %+v", pairs)
		}
		hq.Add(1, "programme.pair_answered", programme.PairAnswered{One: min(a, x), Two: max(a, x), Same: true, Keep: a, Why: "seen"})
		h.take(hq, hq.Segment(0, 1))
		h.want(len(must[[]hubdb.Pair](t)(h.db.OpenPairs(t.Context()))), 1)

		tg.Dose(d+1, a, "o")
		tg.Dose(d+2, a, "o")
		ns.Add(d+1, "dose.poured", `{"dose":"z1","patient":"`+string(a)+`","day":"2020-01-02","order":"o","amount_ug":1000}`)
		ns.Add(d+2, "dose.poured", `{"dose":"z2","patient":"`+string(a)+`","day":"2020-01-03","order":"o","amount_ug":1000}`)
		ns.Add(d+2, "dose.not_given", `{"dose":"z2","patient":"`+string(a)+`","why":"wrong_person"}`)
		ns.Add(d+2, "dose.swallowed", `{"dose":"unknown","patient":"`+string(a)+`"}`)
		h.take(ns, ns.Segment(2, 6))
		h.take(tg, tg.Segment(2, 6))
		found := must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context()))
		if len(found) != 1 || found[0].Kind != "dose.doubled" || found[0].Day != d+1 || found[0].Patient != a {
			t.Fatalf("incidents = %+v", found)
		}
		ns.Add(d+3, "dose.swallowed", `{"dose":"z1","patient":"`+string(a)+`"}`) // in another batch than its pouring
		ns.Add(d+3, "dose.corrected", `{"dose":"z2","patient":"`+string(a)+`","outcome":"part_taken","taken_ug":500,"reason":"r"}`)
		h.take(ns, ns.Segment(6, 8))
		var got []string
		for _, x := range must[[]hubdb.Dose](t)(h.db.DosesOf(t.Context(), a)) {
			if x.Site == "NS" {
				got = append(got, x.Outcome)
			}
		}
		h.want(got, []string{"swallowed", "part_taken"})
		hq.Add(1, "programme.incident_answered", programme.IncidentAnswered{Incident: found[0].ID, Answer: "telephoned"})
		h.take(hq, hq.Segment(1, 2))
		h.want(must[[]hubdb.Incident](t)(h.db.OpenIncidents(t.Context())), []hubdb.Incident(nil))
	})
}

// TestNothingIsChanged: a journal at the hub cannot be rewritten.
func TestNothingIsChanged(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		s := hubdbtest.New("TG")
		s.Fill(1, 3)
		h.take(s, s.Segment(0, 7))
		spoilt := s.Segment(0, 7)
		spoilt.Entries = append([][]byte{}, spoilt.Entries...)
		spoilt.Entries[3] = bytes.Replace(spoilt.Entries[3], []byte("60000"), []byte("90000"), 1)
		h.want(states(h.take(s, spoilt)), []hubdb.State{hubdb.Stopped})
		if got := must[[][]byte](t)(h.db.Entries(t.Context(), "TG", 3, 1)); !bytes.Equal(got[0], s.Entries[3]) {
			t.Fatal("an entry was rewritten")
		}
	})
}

// TestSchemas: the two dialects have the same tables with the same columns.
// TestRefusedLeavesNothing: a segment that was changed on the way leaves no hash
// behind on which later proofs would be built.
func TestRefusedLeavesNothing(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		s := hubdbtest.New("TG")
		p := s.Fill(1, 20)
		s.Add(hubdbtest.Start+20, "transfer.given", `{"letter":"l1","patient":"`+string(p[0])+`","to":"NS","first":"2020-01-22","last":"2020-01-25","why":"visit"}`)
		h.take(s, s.Segment(0, 7))
		spoilt := s.Segment(7, 42)
		spoilt.Entries = append([][]byte{}, spoilt.Entries...)
		spoilt.Entries[2] = bytes.Replace(spoilt.Entries[2], []byte("60000"), []byte("90000"), 1)
		h.want(states(h.take(s, spoilt)), []hubdb.State{hubdb.Stopped})
		if err := h.db.Resume(t.Context(), "TG"); err != nil {
			t.Fatal(err)
		}
		h.want(states(h.take(s, s.Segment(7, 42))), []hubdb.State{hubdb.Stored})
		sent, _, err := h.db.Inbox(t.Context(), "NS", 0, 1000)
		if err != nil || len(sent) != 42 {
			t.Fatalf("%d entries, %v", len(sent), err)
		}
		for _, x := range sent {
			if _, _, err := journal.ReadReceipt(x.Proof, s.Keys.Verifier); err != nil {
				t.Errorf("proof of entry %d: %v", x.Seq, err)
			}
		}
	})
}

func TestSchemas(t *testing.T) {
	tables := func(dir string) map[string]string {
		names, err := filepath.Glob("schema/" + dir + "/*.sql")
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		out := map[string]string{}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.NewReplacer("BIGINT", "INTEGER", "BYTEA", "BLOB").Replace(string(b))
			for _, m := range regexp.MustCompile(`(?s)CREATE TABLE (\w+) \(\n(.*?)\n?\)`+`(?: PARTITION[^;]*| STRICT[^;]*)?;`).FindAllStringSubmatch(text, -1) {
				out[m[1]] = m[2]
			}
		}
		return out
	}
	lite, pg := tables("sqlite"), tables("postgres")
	delete(pg, "schema_files")
	if len(lite) < 10 {
		t.Fatalf("only %d tables were read", len(lite))
	}
	if d := cmp.Diff(lite, pg); d != "" {
		t.Fatal(d)
	}
}

// TestAwayIsSaid: a database that cannot be reached is a fault, and never an
// empty answer.
func TestAwayIsSaid(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		db := open()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := db.Head(t.Context(), "TG"); err == nil || errors.Is(err, hubdb.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
		if _, err := db.Ingest(t.Context(), nil, secret, now); err == nil {
			t.Fatal("took in with a closed database")
		}
	})
}

// TestManyPieces: a batch so long that the database writes its beginning while
// its end is judged is the same as entry by entry, repeats and a fork included.
func TestManyPieces(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		s := hubdbtest.New("TG")
		people := s.Fill(3, 30)
		var pieces []journal.Segment
		for i, x := range s.Segments(0, 1) {
			pieces = append(pieces, x)
			if i%7 == 6 { // again, from far behind
				pieces = append(pieces, s.Segment(max(0, i-40), i+1))
			}
		}
		for _, o := range h.take(s, pieces...).Outcomes {
			if o.State != hubdb.Stored && o.State != hubdb.Known {
				t.Fatalf("%+v", o)
			}
		}
		for _, p := range people {
			doses := must[[]hubdb.Dose](t)(h.db.DosesOf(t.Context(), p))
			for _, d := range doses {
				if d.Outcome != "swallowed" || d.Taken != 60000 {
					t.Fatalf("%+v", d)
				}
			}
			h.want(len(doses), 30)
		}
		entries := must[[][]byte](t)(h.db.Entries(t.Context(), "TG", 0, 10_000))
		h.want(len(entries), len(s.Entries))
		other := hubdbtest.New("TG")
		other.Fill(1, 1)
		for range 60 {
			other.Add(hubdbtest.Start, "site.founded", `{}`)
		}
		if got := states(h.take(s, other.Segments(0, 1)...)); got[1] != hubdb.Stopped || got[len(got)-1] != hubdb.Stopped {
			t.Fatalf("%v", got) // their first entries are the same
		}
	})
}
