package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"tram/internal/demo"
	"tram/internal/web"
	"tram/internal/web/pages/signin"
)

type demoCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address; the sites are chosen on its first page."`
	Data   string `help:"Directory of the demonstration; by default in the user's cache directory."`
	Seed   uint64 `default:"1" help:"Other seeds make up other people."`
	Fresh  bool   `help:"Make everything again; what was recorded is lost."`
}

// Run opens the invented programme behind one address: a page to choose a site
// from, then that site as its own PC would show it.
func (c *demoCmd) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if c.Data == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			base = os.TempDir()
		}
		c.Data = filepath.Join(base, "tram-demo")
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make the directory of the demonstration: %w", err)
	}
	l, secure, err := listen(c.Listen, c.Data, nil)
	if err != nil {
		return fmt.Errorf("%w\nIs a demonstration running already? Try --listen 127.0.0.1:0", err)
	}
	fmt.Println("Tram: a demonstration. Every person in it is invented.")
	show := progress("facts")
	sites, err := demo.Open(ctx, demo.Options{
		Dir: c.Data, Seed: c.Seed, Fresh: c.Fresh, Main: true, Fault: func(err error) { log.Error("nothing was written", "err", err) },
		Progress: func(done, total int) { show("half a year of mornings", int64(done), int64(total)) },
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if c.Fresh {
		if err := demo.Forget(c.Data); err != nil {
			return errors.Join(err, demo.Close(sites), l.Close())
		}
	}
	p, err := demo.Join(ctx, c.Data, sites, log)
	if err != nil {
		return errors.Join(err, demo.Close(sites), l.Close())
	}
	err = c.serve(ctx, l, secure, sites, p, log)
	return errors.Join(err, p.Close(), demo.Close(sites))
}

func (c *demoCmd) serve(ctx context.Context, l net.Listener, secure bool, sites []*demo.Site, p *demo.Programme, log *slog.Logger) error {
	var servers []*web.Server
	for i, s := range sites {
		h, err := web.New(web.Options{Clinic: s.Clinic, Log: log, Secure: secure, Stations: 2, PINs: pins(s), Sites: web.SitesPath, Sync: p.Links[i].Sync})
		if err != nil {
			return err
		}
		servers = append(servers, h)
	}
	h, err := web.NewDemo(servers, lines(p)...)
	if err != nil {
		return err
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	fmt.Printf("\nOpen  %s://%s\n\nData in %s. Stop with Ctrl-C; what you record is kept, --fresh starts over.\n", scheme, l.Addr(), c.Data)
	return serve(ctx, web.HTTP(h, log), l)
}

// lines are the sites' lines to the hub, for the first page to show and cut.
func lines(p *demo.Programme) []web.Line {
	var out []web.Line
	for _, l := range p.Links {
		out = append(out, web.Line{Cut: l.Line.Cut, Mend: l.Line.Mend, IsCut: l.Line.IsCut, Status: l.Sync.Status})
	}
	return out
}

func pins(s *demo.Site) []signin.PIN {
	var out []signin.PIN
	for _, x := range s.People {
		out = append(out, signin.PIN{Name: x.Name, Duties: x.Duties, PIN: x.PIN})
	}
	return out
}
