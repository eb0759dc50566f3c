package clinic

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"tram/internal/access"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// word is people's word for the date, as this running program heard it. It is
// good for some hours of running time, measured without the PC's date, which is
// what is in doubt: a day left open overnight under a clock that stood still is
// not the same day.
type word struct {
	uptime func() time.Duration
	day    atomic.Int64 // day.Day; 0 before anyone said it
	at     atomic.Int64 // of uptime
}

func (w *word) given(d day.Day) {
	w.at.Store(int64(w.uptime()))
	w.day.Store(int64(d))
}

// lapsed says whether the word for a day must be asked for again.
func (w *word) lapsed(d day.Day) bool {
	said := day.Day(w.day.Load())
	return said == 0 || said != d || w.uptime()-time.Duration(w.at.Load()) > time.Duration(proposed.OpenHours)*time.Hour
}

// Say is what people say when a site of a programme opens, besides the date.
type Say struct {
	OnlyPC bool // no other PC of this site is in use; asked for without baton and hub
}

// opening is the installation's own part of opening a day; nothing at a site of
// its own that was never restored.
func (t *turn) opening(d day.Day, say Say) ([]any, error) {
	i, guarded, err := t.c.installation(&t.tx.View)
	if err != nil || !guarded {
		return nil, err
	}
	if t.c.birth.get() != nil {
		return nil, reason.Refuse("INST-17")
	}
	lim := proposed
	many, err := t.tx.Manyfold()
	if err != nil {
		return nil, err
	}
	if !many {
		lim.Unwitnessed = math.MaxInt // a site of its own gives nothing away; that it is the only PC is said each time
	}
	ask := transfer.Opening{Day: d, Confirmed: true, OnlyPC: say.OnlyPC}
	if ask.Hub, err = hubHead(&t.tx.View, i, t.now); err != nil {
		return nil, err
	}
	if t.c.medium != nil {
		head, name, plugged, err := t.c.medium.Look()
		if err != nil {
			return nil, err
		}
		if plugged {
			ask.Baton, ask.BatonID = &head, name
		}
	}
	f, err := transfer.DecideOpen(i, ask, lim)
	if err != nil {
		return nil, err
	}
	return []any{f}, nil
}

// hubNear is how long after the last contact the hub still counts as a witness
// of an opening.
const hubNear = 15 * 60 * 1000

// hubHead is how far the hub knows this journal, by its newest receipt; nil
// where the hub was not reached just now.
func hubHead(v *clinicdb.View, i transfer.Installation, now day.Instant) (*transfer.Head, error) {
	link, err := v.Link()
	if err == clinicdb.ErrNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if now-link.ContactAt > hubNear {
		return nil, nil
	}
	r, err := v.Receipt()
	if err == clinicdb.ErrNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &transfer.Head{Site: i.Site, Number: i.Number, Size: r.Size}, nil
}

// ConfirmDate records once more two people's word for the date of the open day,
// after the program started again or the word grew old.
func (c *Clinic) ConfirmDate(ctx context.Context, by access.Actor, form id.Form, d day.Day, say Say, w Witness) (transfer.InstallationOpened, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return transfer.InstallationOpened{}, err
	}
	f, err := do[transfer.InstallationOpened](ctx, c, &act{
		by: by, form: form, same: as(func(f transfer.InstallationOpened) bool { return f.Day == d }),
		decide: func(t *turn) ([]any, error) {
			if err := t.allow(access.OpenDay, access.NoPatient); err != nil {
				return nil, err
			}
			open, ok, err := t.tx.OpenDay()
			if err != nil {
				return nil, err
			}
			switch second := t.second(w); {
			case !ok || open.Day != d || d != t.today:
				return nil, reason.Refuse("DAY-03", "shown", d, "today", t.today)
			case second.Person == by.Person:
				return nil, reason.Refuse("DAY-12")
			case second.Person == "" && !second.Alone:
				return nil, reason.Refuse("DAY-11")
			}
			return t.opening(d, say)
		},
	})
	if err == nil {
		c.word.given(d)
	}
	return f, err
}

// Witnessed says what an opening now would have as a witness of this journal:
// the baton, or nothing at all, so that staff must say that no other PC of the
// site is in use. Both are false where the hub is near, and at a site of its
// own.
func (c *Clinic) Witnessed(v *clinicdb.View) (baton, alone bool, err error) {
	i, guarded, err := c.installation(v)
	if err != nil || !guarded {
		return false, false, err
	}
	if c.medium != nil {
		if _, _, baton, err = c.medium.Look(); err != nil {
			return false, false, err
		}
	}
	hub, err := hubHead(v, i, c.clock())
	return baton, !baton && hub == nil, err
}

// NeedsWord says whether the open day's date must be confirmed again before
// anything is done on it.
func (c *Clinic) NeedsWord(v *clinicdb.View) (bool, error) {
	i, guarded, err := c.installation(v)
	return guarded && i.Phase == transfer.NoDate, err
}

// Installation is this PC's incarnation of the site as it stands now; guarded is
// false at a site of its own that was never restored.
func (c *Clinic) Installation(v *clinicdb.View) (i transfer.Installation, guarded bool, err error) {
	return c.installation(v)
}

// Forgot takes what a second medium or the hub knows of this journal: a head
// beyond it means that this PC has forgotten entries, a newer number that it was
// replaced. Nothing is dosed or given then.
func (c *Clinic) Forgot(ctx context.Context, h transfer.Head) error {
	var i transfer.Installation
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		i, _, err = c.installation(v)
		return err
	})
	if err != nil {
		return err
	}
	phase := transfer.Forgotten(i, h)
	if phase == "" {
		return nil
	}
	c.forgot.Store(&phase)
	c.live.tell()
	f, fence := transfer.DecideFence(i, h.Number)
	if phase != transfer.Fenced || !fence {
		return nil
	}
	_, err = c.run(ctx, &act{by: access.Actor{Person: systemPerson}, decide: func(*turn) ([]any, error) { return []any{f}, nil }})
	return err
}
