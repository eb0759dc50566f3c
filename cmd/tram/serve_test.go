package main

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"tram/internal/clinic/clinictest"
	"tram/internal/web"
)

// TestPlainOnThePCOnly: on the PC itself the pages come plain; on every other
// address only over TLS, and who asks in the clear gets nothing (S8).
func TestPlainOnThePCOnly(t *testing.T) {
	s := clinictest.New(t)
	for address, secure := range map[string]bool{"127.0.0.1:0": false, "[::1]:0": false, "0.0.0.0:0": true, ":0": true} {
		l, tls13, err := listen(address, t.TempDir(), []string{"192.0.2.7"})
		if err != nil && strings.Contains(address, "::1") {
			continue // a machine without that address
		}
		if err != nil || tls13 != secure {
			t.Fatalf("%s: over TLS %v, %v; want %v", address, tls13, err, secure)
		}
		h, err := web.New(web.Options{Clinic: s.Clinic, Secure: tls13})
		if err != nil {
			t.Fatal(err)
		}
		srv := web.HTTP(h, slog.New(slog.NewTextHandler(io.Discard, nil)))
		go func() { _ = srv.Serve(l) }()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		host := "127.0.0.1"
		if strings.Contains(address, "::1") {
			host = "::1"
		}
		at := net.JoinHostPort(host, port) + "/signin"
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 10 * time.Second} //nolint:gosec // the certificate is the site's own
		plain, err := status(client, "http://"+at)
		if secure && plain == http.StatusOK || !secure && plain != http.StatusOK {
			t.Errorf("%s asked in the clear: %d, %v", address, plain, err)
		}
		if over, err := status(client, "https://"+at); secure && over != http.StatusOK {
			t.Errorf("%s asked over TLS: %d, %v", address, over, err)
		}
		client.CloseIdleConnections()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	}
}

func status(c *http.Client, url string) (int, error) {
	res, err := c.Get(url)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// TestStopsWithPagesOpen: a page that listens for changes does not hold up a
// program that is told to stop.
func TestStopsWithPagesOpen(t *testing.T) {
	stream := make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &streaming{began: stream, ending: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, web.HTTP(h, slog.Default()), l) }()
	go func() {
		res, err := http.Get("http://" + l.Addr().String())
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}()
	<-stream
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("stopped with %v", err)
		}
	case <-time.After(stopFor - time.Second):
		t.Error("the open page holds it up")
	}
}

type streaming struct{ began, ending chan struct{} }

func (s *streaming) EndStreams() { close(s.ending) }

func (s *streaming) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	close(s.began)
	<-s.ending
}
