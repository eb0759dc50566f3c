package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"

	"tram/internal/sitedir"
	"tram/internal/sitesync"
)

// serveInStep serves the site's pages and keeps the site in step with its hub,
// once it has one.
func serveInStep(ctx context.Context, s *sitedir.Site, y *sitesync.Syncer, log *slog.Logger, srv *http.Server, l net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { y.Run(ctx) })
	work.Go(func() { s.Follow(ctx, func(err error) { log.Warn("baton", "err", err) }) })
	err := serve(ctx, srv, l)
	stop()
	work.Wait()
	return err
}

// newSync prepares a site's line to its hub.
func newSync(s *sitedir.Site, log *slog.Logger) (*sitesync.Syncer, error) {
	return sitesync.New(sitesync.Options{Door: s.Clinic, Seed: s.Keys.SyncSeed(), Number: s.Keys.Number, Version: version(), Log: log})
}

// version is the program's, as it was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
