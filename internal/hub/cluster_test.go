package hub_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"tram/internal/care/programme"
	"tram/internal/hub"
)

// TestPlainCluster: a cluster across a network without TLS is refused in words
// before anything is sent, and no password of its address is repeated.
func TestPlainCluster(t *testing.T) {
	f := newFleet(t, nil)
	f.close()
	for _, c := range []struct {
		address string
		plain   bool
		says    string
	}{
		{"nats://nats.example.org:4222?leaf=7422", true, "tls://nats.example.org:4222"},
		{"nats://hub:geheim@192.0.2.7:4222?leaf=7422", true, "tls://192.0.2.7:4222"},
		{"nats://[2001:db8::1]:4222?leaf=7422", true, "tls://[2001:db8::1]:4222"},
		{"nats://127.0.0.1:4222?leaf=7422,nats://192.0.2.7:4222?leaf=7422", true, "tls://192.0.2.7"},
		{"nats://localhost.example.org:4222?leaf=1", true, "TLS"},
		{"tls://nats.example.org:4222?leaf=1,nats://127.0.0.1:4222?leaf=1", false, "all with TLS"},
		{"http://nats.example.org:4222?leaf=1", false, "begins with tls://"},
		{"nats.example.org:4222", false, "begins with"},
		{"tls://hub:geheim@nats.example.org:4222", false, "add ?leaf=PORT"},
		{"nats://hub:geheim@127.0.0.1:x1?leaf=2", false, "invalid port"},
	} {
		o := f.o
		o.NATS = c.address
		h, err := hub.Open(t.Context(), o)
		if err == nil {
			_ = h.Close()
		}
		if err == nil || errors.Is(err, hub.ErrPlain) != c.plain || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", c.address, err)
		}
	}
}

// TestSecretCluster: over TLS a site's journal goes through a cluster whose
// certificate is vouched for, and none whose is not; without TLS it goes to this
// machine.
func TestSecretCluster(t *testing.T) {
	cert, err := hub.Certificate(t.TempDir(), []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	for _, scheme := range []string{"tls", "nats"} {
		port, leafPort := freePort(t), freePort(t)
		o := server.Options{
			ServerName: "far", Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
			LeafNode: server.LeafNodeOpts{Host: "127.0.0.1", Port: leafPort},
		}
		if scheme == "tls" {
			c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
			o.TLSConfig, o.TLS, o.LeafNode.TLSConfig, o.TLSTimeout, o.LeafNode.TLSTimeout = c, true, c, 10, 10
		}
		n := &node{t: t, opts: o}
		n.up()
		t.Cleanup(n.down)
		address := fmt.Sprintf("%s://127.0.0.1:%d?leaf=%d", scheme, port, leafPort)
		f := newFleet(t, func(o *hub.Options) { o.NATS, o.NATSRoots = address, roots })
		tg := f.site("TG", programme.Main, "")
		tg.register("Giàng A Dế")
		tg.synced()
		tg.same()
		if scheme == "nats" {
			continue
		}
		tg.stop()
		f.close()
		f.o.NATSRoots = x509.NewCertPool()
		if h, err := hub.Open(t.Context(), f.o); err == nil {
			_ = h.Close()
			t.Fatal("a cluster that nobody vouches for was believed")
		}
	}
}
