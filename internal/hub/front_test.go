package hub_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"tram/internal/care/programme"
	"tram/internal/hub"
	"tram/internal/sitesync"
)

// public serves a hub as it is served to sites: TLS, one port.
func (f *fleet) public(cert tls.Certificate) (server *httptest.Server, pin []byte) {
	f.t.Helper()
	mux := http.NewServeMux()
	mux.Handle(hub.SyncPath, f.hub.Sync())
	server = httptest.NewUnstartedServer(mux)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	f.t.Cleanup(server.Close)
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		f.t.Fatal(err)
	}
	return server, sitesync.PinOf(leaf)
}

func (f *fleet) cert(now time.Time) tls.Certificate {
	f.t.Helper()
	c, err := hub.Certificate(f.dir, []string{"127.0.0.1"}, now)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// over syncs a site over a real connection and answers how it stands.
func (s *station) over(url string, pin []byte, seed [32]byte, ok func(sitesync.Status) bool) sitesync.Status {
	s.t.Helper()
	link, _, err := s.c.Link(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	link.URL, link.Pin = url, pin
	if err := s.c.SetLink(link); err != nil {
		s.t.Fatal(err)
	}
	y, err := sitesync.New(sitesync.Options{Door: s.c.Clinic, Seed: seed, Number: 1, Log: logTo(s.t), Linger: -1, Dial: []nats.Option{nats.Timeout(5 * time.Second)}})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); y.Run(ctx) }()
	until(s.t, "over "+url, func() bool { return ok(y.Status()) })
	cancel()
	<-done
	return y.Status()
}

func troubled(want sitesync.Trouble) func(sitesync.Status) bool {
	return func(st sitesync.Status) bool { return st.Trouble == want }
}

// TestOverTLS: one port, a pinned key, and every way in which the other end is
// not what it should be, each with its own word.
func TestOverTLS(t *testing.T) {
	t.Parallel() // it mostly waits
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.stop()
	tg.stop = func() {}
	seed := tg.c.Keys.SyncSeed()
	now := time.Now()
	server, pin := f.public(f.cert(now))
	url := strings.Replace(server.URL, "https", "wss", 1) + hub.SyncPath
	tg.over(url, pin, seed, func(st sitesync.Status) bool { return st.Synced })
	tg.over(url, bytes.Repeat([]byte{1}, 32), seed, troubled(sitesync.Stranger))
	tg.over(url, pin[:16], seed, func(st sitesync.Status) bool { return st.Connected })
	tg.over(url, nil, seed, troubled(sitesync.Certificate)) // nobody vouches for it
	tg.over(url, pin, [32]byte{7}, troubled(sitesync.Refused))
	tg.over("wss://127.0.0.1:1/sync", pin, seed, troubled(sitesync.Unreachable))
	if st := tg.over(url, pin, seed, func(st sitesync.Status) bool { return st.Synced }); st.Days(tg.c.Now()) != 0 {
		t.Fatalf("%+v", st)
	}
	// an expired certificate of the pinned key is the hub all the same: the PC's
	// clock may be the one that is wrong
	old := f.cert(now.AddDate(-9, 0, 0))
	expired, samePin := f.public(old)
	if !bytes.Equal(pin, samePin) {
		t.Fatal("a new certificate has another key, so every site lost its hub")
	}
	tg.over(strings.Replace(expired.URL, "https", "wss", 1)+hub.SyncPath, pin, seed, func(st sitesync.Status) bool { return st.Connected })
	tg.over(strings.Replace(expired.URL, "https", "wss", 1)+hub.SyncPath, nil, seed, troubled(sitesync.Certificate))
	// another programme's hub in the same place
	g := newFleet(t, nil)
	theirs, theirPin := g.public(g.cert(now))
	tg.over(strings.Replace(theirs.URL, "https", "wss", 1)+hub.SyncPath, theirPin, seed, troubled(sitesync.Refused))
	g.join(tg)
	tg.over(strings.Replace(theirs.URL, "https", "wss", 1)+hub.SyncPath, theirPin, seed, troubled(sitesync.Stranger))
	// a page of a captive portal
	portal := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>log in</html>")) }))
	defer portal.Close()
	tg.over(strings.Replace(portal.URL, "https", "wss", 1)+hub.SyncPath, sitesync.PinOf(portal.Certificate()), seed, troubled(sitesync.Unreachable))
}

// join lets a site of another fleet join this one.
func (f *fleet) join(s *station) {
	f.t.Helper()
	d, err := s.c.Directory(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	me, ok := d.Site(s.c.Site().Site)
	if !ok {
		f.t.Fatal("the site does not know itself")
	}
	if err := f.hub.Record(f.t.Context(), "m1", me.SiteJoined); err != nil {
		f.t.Fatal(err)
	}
}
