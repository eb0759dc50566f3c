package sitedir

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tram/internal/baton"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
)

// stick is the baton as the door's second medium. It is looked for anew each
// time: people pull it out and plug it in as the safe is locked and opened.
type stick struct {
	fs   baton.FS
	mu   sync.Mutex // one at a time reads or writes the stick
	site *Site      // set once the site is open
}

// Look is how far the baton in the place for it knows this journal.
func (s *stick) Look() (transfer.Head, string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r Relation
	there, err := s.with(func(b *baton.Baton) (err error) {
		r, err = CheckBaton(context.Background(), s.site, b)
		return err
	})
	if err != nil || !there {
		return transfer.Head{}, "", false, err
	}
	if r.Standing == Swapped || r.Standing == Retired {
		return transfer.Head{}, "", false, nil // it is no witness of this journal; the notices say what it is
	}
	return r.Head(), "baton:" + r.Baton, true, nil
}

// Mirror brings the baton up to the journal.
func (s *stick) Mirror(ctx context.Context, _ *clinic.Clinic) (int64, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r Relation
	there, err := s.with(func(b *baton.Baton) (err error) {
		r, err = Mirror(ctx, s.site, b, nil)
		return err
	})
	if err != nil || !there {
		return 0, "", err
	}
	return r.There.Size, "baton:" + r.Baton, nil
}

// with opens the baton for a moment; there is false where none is plugged in.
func (s *stick) with(fn func(b *baton.Baton) error) (there bool, err error) {
	if s.site == nil {
		return false, nil // the site is only being opened
	}
	b, err := OpenBaton(s.site, s.fs, s.site.rand)
	if errors.Is(err, baton.ErrNone) || errors.Is(err, baton.ErrGone) || errors.Is(err, baton.ErrHalfMade) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("the baton: %w", err)
	}
	defer func() { _ = b.Close() }() // everything on it is flushed
	return true, fn(b)
}

// Follow keeps the second medium in step with the journal until ctx ends: what
// is recorded at the window is on the baton a moment later. A baton that knows
// more than this journal stops the site (clinic.Forgot). told hears of what
// went wrong; the next entry tries again.
func (s *Site) Follow(ctx context.Context, told func(error)) {
	changed, end := s.Watch()
	defer end()
	for {
		if err := s.followOnce(ctx); err != nil && ctx.Err() == nil {
			told(err)
		}
		select {
		case <-ctx.Done():
			return
		case _, open := <-changed:
			if !open {
				return
			}
		case <-time.After(lookAgain):
		}
	}
}

// lookAgain is how often a stick that was plugged in is noticed while nothing
// is recorded.
const lookAgain = 10 * time.Second

func (s *Site) followOnce(ctx context.Context) error {
	if s.stick == nil {
		return nil
	}
	head, _, there, err := s.stick.Look()
	if err != nil || !there {
		return err
	}
	if err := s.Forgot(ctx, head); err != nil {
		return err
	}
	if head.Size >= s.Head().Size {
		return s.ReleaseLetters(ctx, "baton", head.Size)
	}
	return s.Clinic.Mirror(ctx)
}

// awaitBirth hands a restore that people have not answered for to the door.
func (s *Site) awaitBirth(ctx context.Context) error {
	b := s.Birth()
	if b == nil {
		return nil
	}
	head := func(h Head) transfer.Head { return transfer.Head{Site: h.Site, Number: h.Number, Size: h.Size} }
	x := clinic.Birth{
		Number: b.Number, OfSize: b.OfSize, Hash: b.OfHash, Backup: head(b.Backup), Whole: b.Complete && !b.Torn, Done: s.Born,
		BatonID: strings.TrimPrefix(b.Medium, "baton:"),
	}
	if b.Baton != nil {
		h := head(*b.Baton)
		x.Baton = &h
	}
	if b.Backup.Size == 0 { // from the baton alone
		x.Backup = transfer.Head{Site: s.Site().Site, Number: b.OfNumber}
	}
	return s.AwaitBirth(ctx, x)
}
