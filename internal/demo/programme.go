package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/nats-io/nats.go"

	"tram/internal/access"
	"tram/internal/baton"
	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/hub"
	"tram/internal/invented"
	"tram/internal/sitedir"
	"tram/internal/sitesync"
)

// HubPassword opens the invented programme's office; it stands on the first
// page.
const HubPassword = "sương mù trên đèo cao"

// Programme is the demonstration as a programme: its hub, and for each site the
// line to it, which a visitor can cut and mend.
type Programme struct {
	Hub   *hub.Hub
	Links []*Link

	stop context.CancelFunc
	work sync.WaitGroup
}

// Link is one site's line to the hub.
type Link struct {
	Site *Site
	Line *hub.Line
	Sync *sitesync.Syncer
}

// Join opens the hub of the demonstration, lets every site join it, names a
// clinician at each, and begins to sync and to mirror to the sites' batons. It
// returns before anything is sent: the first page does not wait for that.
func Join(ctx context.Context, dir string, sites []*Site, log *slog.Logger) (*Programme, error) {
	h, err := openHub(ctx, filepath.Join(dir, "hub"), log)
	if err != nil {
		return nil, fmt.Errorf("the demonstration's hub: %w", err)
	}
	p := &Programme{Hub: h}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	for _, s := range sites {
		l, err := p.join(ctx, s, log)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("join %s to the hub: %w", s.Site().Site, err), p.Close())
		}
		p.Links = append(p.Links, l)
	}
	for _, l := range p.Links {
		p.work.Go(func() { l.Sync.Run(run) })
		p.work.Go(func() { l.Site.follow(run, log) })
	}
	return p, nil
}

// Close ends the sync, then the hub. The sites stay open.
func (p *Programme) Close() error {
	p.stop()
	p.work.Wait()
	return p.Hub.Close()
}

func openHub(ctx context.Context, dir string, log *slog.Logger) (*hub.Hub, error) {
	o := hub.Options{Dir: dir, Log: log}
	h, err := hub.Open(ctx, o)
	if !errors.Is(err, hub.ErrNoHub) {
		return h, err
	}
	f := invented.Places()[0].Founded
	if _, _, err := hub.Create(o, hub.Founding{
		Programme: f.Programme, Name: f.Programme, Rules: f.Rules, Zone: f.Zone, Manager: "Lò Thị Thử", Password: HubPassword,
	}); err != nil {
		return nil, err
	}
	return hub.Open(ctx, o)
}

// Forget takes away the hub and the batons of a demonstration that is made
// again: they know journals that are gone. It touches nothing else.
func Forget(dir string) error {
	gone, err := filepath.Glob(filepath.Join(dir, "baton-*"))
	if err != nil {
		return fmt.Errorf("look for batons: %w", err)
	}
	for _, path := range append(gone, filepath.Join(dir, "hub")) {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("take away %s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

// Main is the code of the invented main clinic.
const Main = "TT"

func (p *Programme) join(ctx context.Context, s *Site, log *slog.Logger) (*Link, error) {
	k := s.opened.Keys
	if _, known := p.Hub.Directory().Site(s.Site().Site); !known {
		nkey, err := sitesync.NKey(k.SyncSeed())
		if err != nil {
			return nil, err
		}
		box, err := k.BoxPublic()
		if err != nil {
			return nil, err
		}
		f := programme.SiteJoined{
			Site: s.Site().Site, Name: s.Site().Name, Language: s.Site().Language, Number: k.Number, Verifier: k.Public, Box: box, NKey: nkey,
			Role: programme.Satellite, Parent: Main,
		}
		if f.Site == Main {
			f.Role, f.Parent = programme.Main, ""
		}
		if err := p.Hub.Record(ctx, "demo", f); err != nil {
			return nil, err
		}
	}
	if err := p.name(ctx, s); err != nil {
		return nil, err
	}
	if _, ok, err := s.Link(ctx); err != nil {
		return nil, err
	} else if !ok {
		d := p.Hub.Directory().Programme
		err := s.SetLink(clinicdb.Link{Programme: s.Site().Programme, URL: "nats://hub.demo:4222", Verifier: d.Verifier, Cosigner: d.Cosigner})
		if err != nil {
			return nil, err
		}
	}
	l := &Link{Site: s, Line: p.Hub.Line()}
	var err error
	l.Sync, err = sitesync.New(sitesync.Options{
		Door: s.Clinic, Seed: k.SyncSeed(), Number: k.Number, Version: "demo", Log: log, Dial: []nats.Option{l.Line.Option()},
	})
	return l, err
}

// name makes a key for each person of a site who signs letters in the
// demonstration, and names it at the hub.
func (p *Programme) name(ctx context.Context, s *Site) error {
	for _, x := range s.People {
		if x.Left || !duty.Has(x.Duties, duty.Physician) && !duty.Has(x.Duties, duty.Dispenser) {
			continue
		}
		if _, named := p.Hub.Directory().Clinician(x.Person); named {
			continue
		}
		f, err := s.MakeSigningKey(ctx, access.Actor{Person: x.Person}, s.NewForm(), x.PIN)
		if err != nil {
			return fmt.Errorf("a key for %s: %w", x.Person, err)
		}
		named := programme.ClinicianNamed{Person: x.Person, Name: x.Name, Site: s.Site().Site, Key: f.Key, Until: s.Today() + 365}
		if err := p.Hub.Record(ctx, "demo", named); err != nil {
			return err
		}
	}
	return nil
}

// follow makes the site's baton once and keeps it in step.
func (s *Site) follow(ctx context.Context, log *slog.Logger) {
	if err := os.MkdirAll(s.stickDir, 0o700); err != nil {
		log.Warn("a folder for the baton", "err", err)
		return
	}
	told := func(err error) { log.Warn("baton", "site", s.Site().Site, "err", err) }
	if _, err := sitedir.MakeBaton(ctx, s.opened, baton.Dir(s.stickDir), rand.Reader, nil); err != nil && !errors.Is(err, baton.ErrExist) && ctx.Err() == nil {
		told(err)
	}
	s.opened.Follow(ctx, told)
}
