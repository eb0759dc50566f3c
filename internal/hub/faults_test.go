package hub_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/hub"
	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/hubdb/pgtest"
)

// same says that the hub holds exactly a site's journal.
func (s *station) same() {
	s.t.Helper()
	head, root, err := s.f.hub.DB().Head(s.t.Context(), s.c.Site().Site)
	if err != nil {
		s.t.Fatal(err)
	}
	mine, err := s.c.RootAt(s.t.Context(), s.c.Head().Size)
	if err != nil {
		s.t.Fatal(err)
	}
	entries, err := s.f.hub.DB().Entries(s.t.Context(), s.c.Site().Site, 0, 1<<30)
	if err != nil || head.Size != s.c.Head().Size || root != mine || int64(len(entries)) != head.Size {
		s.t.Fatalf("%s: the hub has %d entries under %v, the site %d under %v; %d rows, %v",
			s.c.Site().Site, head.Size, root, s.c.Head().Size, mine, len(entries), err)
	}
}

// TestDatabaseAway: PostgreSQL is gone for a while. Sites go on, nothing is
// signed for, and when it is back everything is there once.
func TestDatabaseAway(t *testing.T) {
	pg := pgtest.Start(t, true)
	f := newFleet(t, func(o *hub.Options) { o.Postgres = pg.URL })
	tg := f.site("TG", programme.Main, "")
	tg.synced()
	pg.Down()
	for i := range 40 {
		tg.register(fmt.Sprintf("Người Thử %d", i))
	}
	until(t, "the hub says that its database is away", func() bool { return f.hub.Fault() != nil })
	if st := tg.sync.Status(); st.Synced || st.Waiting != 40 {
		t.Fatalf("%+v", st)
	}
	if err := f.hub.Record(t.Context(), "m1", programme.SiteChanged{Site: "TG", Name: "Tên mới"}); err != nil {
		t.Fatalf("the programme's own journal needs no PostgreSQL: %v", err)
	}
	pg.Up()
	tg.synced()
	tg.same()
	until(t, "the hub's own fact came through", func() bool {
		d, err := tg.c.Directory(t.Context())
		s, _ := d.Site("TG")
		return err == nil && s.Name == "Tên mới"
	})
}

// TestNewerKind: a fact of a newer program is kept, forwarded, and holds the
// patient at a site that does not know it.
func TestNewerKind(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	p := tg.register("Giàng A Dế")
	tg.synced()
	newer := hubdbtest.New("NX")
	newer.Add(hubdbtest.Start, "dose.levitated", `{"patient":"`+string(p)+`"}`)
	newer.Add(hubdbtest.Start, "weather.seen", `{"rain":true}`)
	err := f.hub.Record(t.Context(), "m1", programme.SiteJoined{Site: "NX", Name: "Mới", Number: 1, Verifier: newer.Public, NKey: "U1", Box: "b", Role: programme.Main})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.hub.DB().Ingest(t.Context(), []hubdb.Piece{{Segment: newer.Segment(0, 2), Verifier: newer.Keys.Verifier}}, []byte("s"), f.hub.Now())
	if err != nil {
		t.Fatal(err)
	}
	tg.register("Một người nữa")
	tg.synced()
	tg.stop() // and again: the inbox is looked at when the site says hello
	tg.start()
	until(t, "the patient is held", func() bool {
		var kinds []string
		err := tg.c.View(t.Context(), func(v *clinicdb.View) (err error) {
			kinds, err = v.NotUnderstood(p)
			return err
		})
		return err == nil && len(kinds) == 1 && kinds[0] == "dose.levitated"
	})
}

// TestNothingIsLeft: a hub and its sites that were closed leave no goroutine.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("fleet", func(t *testing.T) {
		f := newFleet(t, nil)
		tg := f.site("TG", programme.Main, "")
		tg.register("Giàng A Dế")
		tg.synced()
	})
	until(t, "all have ended", func() bool {
		runtime.GC()
		return runtime.NumGoroutine() <= before+1
	})
}

// TestWritingWhileSyncing: what is recorded while a sync runs is not left
// behind, whenever it comes.
func TestWritingWhileSyncing(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	for i := range 150 {
		tg.register(fmt.Sprintf("Người Thử %d", i))
		if i%10 == 0 {
			tg.sync.Hurry()
		}
		if i%50 == 25 {
			tg.line.Cut()
			tg.line.Mend()
		}
	}
	tg.synced()
	tg.same()
}

// node is one server of a cluster, which can be killed and started again.
type node struct {
	t    *testing.T
	opts server.Options
	s    *server.Server
	leaf int
}

func (n *node) up() {
	n.t.Helper()
	o := n.opts
	s, err := server.NewServer(&o)
	if err != nil {
		n.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		n.t.Fatal("a node does not answer")
	}
	n.s = s
}

func (n *node) down() {
	if n.s != nil {
		n.s.Shutdown()
		n.s.WaitForShutdown()
		n.s = nil
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := pgtest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// cluster starts three nodes and answers their addresses as tram hub takes
// them.
func cluster(t *testing.T) (nodes []*node, addresses string) {
	t.Helper()
	var routes []*url.URL
	var ports [3][3]int
	for i := range ports {
		for j := range ports[i] {
			ports[i][j] = freePort(t)
		}
		routes = append(routes, &url.URL{Scheme: "nats-route", Host: fmt.Sprintf("127.0.0.1:%d", ports[i][1])})
	}
	for i, p := range ports {
		n := &node{t: t, leaf: p[2], opts: server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: p[0], NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
			Cluster: server.ClusterOpts{Name: "tram", Host: "127.0.0.1", Port: p[1]}, Routes: routes,
			LeafNode: server.LeafNodeOpts{Host: "127.0.0.1", Port: p[2]},
		}}
		nodes = append(nodes, n)
		if i > 0 {
			addresses += ","
		}
		addresses += fmt.Sprintf("nats://127.0.0.1:%d?leaf=%d", p[0], p[2])
	}
	for _, n := range nodes {
		n.up()
	}
	t.Cleanup(func() {
		for _, n := range nodes {
			n.down()
		}
	})
	until(t, "the cluster has a leader", func() bool {
		for _, n := range nodes {
			if n.s.JetStreamIsLeader() {
				return true
			}
		}
		return false
	})
	return nodes, addresses
}

// TestCluster: three JetStream nodes and PostgreSQL, each killed and started
// again while sites sync: nothing is lost and nothing is there twice.
func TestCluster(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	pg := pgtest.Start(t, true)
	nodes, addresses := cluster(t)
	f := newFleet(t, func(o *hub.Options) { o.Postgres, o.NATS = pg.URL, addresses })
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	tg.synced()
	ns.synced()
	n := 0
	work := func() {
		for range 10 {
			tg.register(fmt.Sprintf("Người Thử %d", n))
			ns.register(fmt.Sprintf("Ai đó %d", n))
			n++
		}
		tg.sync.Hurry()
		ns.sync.Hurry()
	}
	for i, x := range nodes {
		work()
		x.down()
		work()
		if i == 1 {
			pg.Down()
			work()
			pg.Up()
		}
		x.up()
		work()
	}
	for _, s := range []*station{tg, ns} {
		s.synced()
		s.same()
	}
	if found, err := f.hub.DB().OpenIncidents(t.Context()); err != nil || len(found) != 0 {
		t.Fatalf("incidents %+v, %v", found, err)
	}
}

// TestOwnBookForgot: a hub.db restored from a backup takes back what the tables
// know of its journal; one that was written to meanwhile is refused.
func TestOwnBookForgot(t *testing.T) {
	f := newFleet(t, nil)
	record := func(name string) {
		t.Helper()
		if err := f.hub.Record(t.Context(), "m1", programme.SiteJoined{Site: "TG", Name: name, Number: 1, Verifier: "v", NKey: "U", Box: "b", Role: programme.Main}); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(f.dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	get := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(f.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	record("một")
	f.close()
	book := get(hub.OfficeName)
	f.open()
	record("hai")
	f.close()
	tables := get(hub.DatabaseName)
	put(hub.OfficeName, book)
	f.open()
	if s, _ := f.hub.Directory().Site("TG"); s.Name != "hai" {
		t.Fatalf("the hub forgot: %q", s.Name)
	}
	f.close()
	put(hub.OfficeName, book)
	if err := os.Remove(filepath.Join(f.dir, hub.DatabaseName)); err != nil {
		t.Fatal(err)
	}
	f.open()
	record("ba")
	f.close()
	put(hub.DatabaseName, tables)
	if h, err := hub.Open(t.Context(), f.o); !errors.Is(err, hub.ErrTwoHistories) {
		if h != nil {
			f.hub = h
		}
		t.Fatalf("two histories of the hub itself: %v", err)
	}
}

// TestRestoreEnds: a site that says it was restored ends its former
// installation for everyone, also when the hub fell between hearing of it and
// saying so.
func TestRestoreEnds(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	tg.seed(transfer.InstallationRestored{Number: 2, OfNumber: 1, OfSize: 5, OfHash: "ab", Letters: true, Complete: true})
	tg.synced()
	until(t, "the other site knows", func() bool {
		d, err := ns.c.Directory(t.Context())
		s, _ := d.Site("TG")
		_, ended := s.Ended(1)
		return err == nil && s.Number == 2 && ended && !s.Good(1, 5) && s.Good(1, 4) && s.Good(2, 9)
	})
	// A second one lies in the tables, and no program has acted on it.
	newer := hubdbtest.New("NX")
	newer.Add(hubdbtest.Start, "installation.restored", transfer.InstallationRestored{Number: 3, OfNumber: 1, OfSize: 7})
	err := f.hub.Record(t.Context(), "m1", programme.SiteJoined{Site: "NX", Name: "Mới", Number: 1, Verifier: newer.Public, NKey: "U1", Box: "b", Role: programme.Main})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.hub.DB().Ingest(t.Context(), []hubdb.Piece{{Segment: newer.Segment(0, 1), Verifier: newer.Keys.Verifier}}, []byte("s"), f.hub.Now()); err != nil {
		t.Fatal(err)
	}
	tg.stop()
	ns.stop()
	f.close()
	f.open()
	until(t, "it is settled at the next start", func() bool {
		s, _ := f.hub.Directory().Site("NX")
		_, ended := s.Ended(1)
		return s.Number == 3 && ended
	})
}
