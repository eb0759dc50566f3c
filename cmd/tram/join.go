package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tram/internal/sitedir"
	"tram/internal/sitesync"
	"tram/internal/sitesync/wire"
)

type joinCmd struct {
	Code string        `arg:"" help:"The code that the hub showed, in one piece or with its dashes."`
	Data string        `required:"" help:"Directory of the site; tram serve must not run on it meanwhile."`
	Wait time.Duration `default:"15m" help:"How long to wait for a person at the hub."`
}

// joinAgain is how often the site asks whether it was approved.
const joinAgain = 3 * time.Second

// Run asks the hub, waits for a person there, and keeps how it is reached.
func (c *joinCmd) Run(ctx context.Context) error {
	code, err := wire.ParseCode(c.Code)
	if err != nil {
		return err
	}
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	s, err := sitedir.Open(ctx, c.Data, sitedir.Options{Passphrase: pass})
	if err != nil {
		return err
	}
	return errors.Join(c.join(ctx, s, code), s.Close())
}

func (c *joinCmd) join(ctx context.Context, s *sitedir.Site, code wire.Code) error {
	a, err := sitesync.Application(s.Site(), s.Keys)
	if err != nil {
		return err
	}
	fmt.Printf("Asking %s. The key of %s in words: %s (compare by telephone)\n", code.Host, a.Site, a.Words())
	end := time.Now().Add(c.Wait)
	for told := false; ; told = true {
		link, err := sitesync.Join(ctx, code, a)
		if err == nil {
			if err := s.SetLink(link); err != nil {
				return err
			}
			fmt.Printf("%s belongs to %s. From now on tram serve syncs with %s.\n", a.Site, link.Programme, code.Host)
			return nil
		}
		if !errors.Is(err, sitesync.ErrWaiting) {
			return err
		}
		if !told {
			fmt.Println("Waiting for a person at the hub: tram hub approve", a.Site)
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w\nRun the same command again when they have answered; the code stays good for this site", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(joinAgain):
		}
	}
}
