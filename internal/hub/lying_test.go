package hub_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/journal"
	"tram/internal/sitesync"
	"tram/internal/sitesync/wire"
)

// liar answers a site in the hub's place, with the hub's own keys in hand or
// without.
type liar struct {
	t *testing.T
	s *server.Server
}

func newLiar(t *testing.T, answer func(q wire.Question) wire.Answer) *liar {
	t.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true, AlwaysEnableNonce: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not answer")
	}
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	_, err = nc.Subscribe("ask.*", func(m *nats.Msg) {
		var q wire.Question
		if wire.Unmarshal(m.Data, &q) == nil {
			_ = m.Respond(wire.Marshal(answer(q))) // a lost answer fails the test by its time
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return &liar{t, s}
}

// against syncs a site with the liar until it says what is wrong.
func (l *liar) against(s *station, want sitesync.Trouble) {
	l.t.Helper()
	y, err := sitesync.New(sitesync.Options{Door: s.c.Clinic, Seed: s.c.Keys.SyncSeed(), Number: 1, Linger: -1, Dial: []nats.Option{nats.InProcessServer(l.s)}})
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(l.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); y.Run(ctx) }()
	until(l.t, string(want), func() bool { return y.Status().Trouble == want })
	if st := y.Status(); st.Connected {
		l.t.Errorf("%+v", st)
	}
	cancel()
	<-done
}

// fooled is a site that takes a made-up hub for its own.
func fooled(t *testing.T) (tg *station, hq *hubdbtest.Site, receipt func(c journal.Cosigner, more int64, root [32]byte) []byte) {
	t.Helper()
	tg = newFleet(t, nil).alone("TG")
	hq = hubdbtest.New(programme.Hub)
	err := tg.c.SetLink(clinicdb.Link{Programme: programmeName, URL: "nats://hub.test:4222", Verifier: hq.Public, Cosigner: theHub.Verifier()})
	if err != nil {
		t.Fatal(err)
	}
	return tg, hq, func(c journal.Cosigner, more int64, root [32]byte) []byte {
		b, err := c.Cosign(tg.c.Origin(), tg.c.Head().Size+more, root, nil, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

var theHub = journal.NewCosigner("hub.test/receipts", [32]byte{5})

// TestFalseReceipts: whatever a machine in the hub's place signs, with or
// without the hub's own key, the site keeps no receipt that does not fit its
// journal.
func TestFalseReceipts(t *testing.T) {
	tg, _, receipt := fooled(t)
	root, err := tg.c.RootAt(t.Context(), tg.c.Head().Size)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		receipt []byte
		want    sitesync.Trouble
	}{
		"signed by somebody else": {receipt(journal.NewCosigner("hub.test/receipts", [32]byte{6}), 0, root), sitesync.Stranger},
		"more than there is":      {receipt(theHub, 1, root), sitesync.Forgot},
		"another history":         {receipt(theHub, 0, [32]byte{1}), sitesync.Fork},
		"no receipt at all":       {[]byte("— hub AAAA"), sitesync.Stranger},
	} {
		t.Run(name, func(t *testing.T) {
			newLiar(t, func(wire.Question) wire.Answer { return wire.Answer{Receipt: c.receipt} }).against(tg, c.want)
		})
	}
	if r, err := tg.c.Receipt(t.Context()); err != nil || r.Size != 0 {
		t.Fatalf("a false receipt was kept: %+v, %v", r, err)
	}
}

// TestFalseEntries: the site believes no entry that its writer did not sign,
// whoever hands it over.
func TestFalseEntries(t *testing.T) {
	tg, hq, receipt := fooled(t)
	root, err := tg.c.RootAt(t.Context(), tg.c.Head().Size)
	if err != nil {
		t.Fatal(err)
	}
	good := receipt(theHub, 0, root)
	ns := hubdbtest.New("NS")
	hq.Add(1, "programme.site_joined", programme.SiteJoined{Site: "NS", Verifier: ns.Public, Number: 1})
	ns.Add(1, "patient.noted", `{"patient":"a1"}`)
	other := hubdbtest.New("XX")
	other.Add(1, "patient.noted", `{"patient":"a1"}`)
	proof := func(s *hubdbtest.Site, seq int64) []byte {
		b, err := journal.ProveEntry(journal.Hashes{}, s.Segment(0, 1).Checkpoint, 1, seq, s.Entries[0])
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	joined := wire.Sent{Num: 1, Site: programme.Hub, Seq: 0, Proof: proof(hq, 0)}
	spoilt := append([]byte{}, proof(ns, 0)...)
	spoilt[len(spoilt)/3] ^= 1
	for name, sent := range map[string][]wire.Sent{
		"of a site nobody named":   {joined, {Num: 2, Site: "XX", Seq: 0, Proof: proof(other, 0)}},
		"signed by another site":   {joined, {Num: 2, Site: "NS", Seq: 0, Proof: proof(other, 0)}},
		"another entry than named": {joined, {Num: 2, Site: "NS", Seq: 7, Proof: proof(ns, 0)}},
		"changed on the way":       {joined, {Num: 2, Site: "NS", Seq: 0, Proof: spoilt}},
		"numbers that go back":     {joined, {Num: 1, Site: "NS", Seq: 0, Proof: proof(ns, 0)}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tg.c.ReadAgain(); err != nil {
				t.Fatal(err)
			}
			newLiar(t, func(q wire.Question) wire.Answer {
				a := wire.Answer{Receipt: good, Newest: 2}
				if q.Op == wire.Hear {
					a.Sent = sent[min(int(q.ReadTo), 1):]
				}
				return a
			}).against(tg, sitesync.Lying)
		})
	}
	err = tg.c.View(t.Context(), func(v *clinicdb.View) error {
		return v.HeardOf("a1", func(e journal.Entry) error { t.Errorf("believed entry %d of %s", e.Seq, e.Site); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
}
