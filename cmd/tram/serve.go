package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"tram/internal/baton"
	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/web"
)

type serveCmd struct {
	Data     string   `required:"" help:"Directory of the site."`
	Listen   string   `default:"127.0.0.1:8443" help:"Address; off the PC itself only over TLS with the site's own certificate."`
	Host     []string `help:"Names or addresses under which tablets reach this PC, for the certificate."`
	Stations int      `default:"2" help:"Places of work offered at sign-in."`
	Baton    string   `help:"Folder under which the baton, the USB stick of the safe, appears when it is plugged in."`
}

// Run serves the site until it is told to stop.
func (c *serveCmd) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	var stick baton.FS
	if c.Baton != "" {
		stick = baton.Dir(c.Baton)
	}
	s, err := sitedir.Open(ctx, c.Data, sitedir.Options{
		Passphrase: pass, Baton: stick, Fault: func(err error) { log.Error("nothing was written", "err", err) },
	})
	if err != nil {
		return err
	}
	defer func() {
		if err := s.Close(); err != nil {
			log.Error("close the site", "err", err)
		}
	}()
	l, secure, err := listen(c.Listen, c.Data, c.Host)
	if err != nil {
		return err
	}
	y, err := newSync(s, log)
	if err != nil {
		return err
	}
	h, err := web.New(web.Options{Clinic: s.Clinic, Log: log, Secure: secure, Stations: c.Stations, Sync: y})
	if err != nil {
		return err
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	fmt.Printf("%s: %s://%s\n", s.Site().Name, scheme, l.Addr())
	if b := s.Birth(); b != nil {
		fmt.Printf("This site was restored as installation %d from %d entries of installation %d. Two people answer for that on the page Open, close before anybody is dosed.\n", b.Number, b.OfSize, b.OfNumber)
	}
	return serveInStep(ctx, s, y, log, web.HTTP(h, log), l)
}

// listen opens the address: plain on the PC itself, TLS everywhere else.
func listen(address, dir string, hosts []string) (net.Listener, bool, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, false, fmt.Errorf("listen on %s: %w", address, err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && a.IP.IsLoopback() {
		return l, false, nil
	}
	cert, err := sitedir.Certificate(dir, append([]string{"localhost"}, hosts...))
	if err != nil {
		_ = l.Close()
		return nil, false, err
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}), true, nil
}

// passphrase takes it from the environment or asks, where the keys need one.
func passphrase(dir string) (string, error) {
	guarded, err := keys.Protected(dir)
	if errors.Is(err, keys.ErrNone) {
		return "", fmt.Errorf("%w: %s", sitedir.ErrNoSite, dir)
	}
	if err != nil || !guarded {
		return "", err
	}
	return answer(bufio.NewReader(os.Stdin), "TRAM_PASSPHRASE", "Passphrase: ")
}

// stopFor is how long a page that is under way may still take when the program
// is told to stop.
const stopFor = 5 * time.Second

// serve runs until ctx ends, then lets what is under way finish.
func serve(ctx context.Context, srv *http.Server, l net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), stopFor)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return errors.Join(err, srv.Close())
	}
	return nil
}
