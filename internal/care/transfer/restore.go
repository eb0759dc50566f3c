package transfer

import (
	"strings"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Restore asks to bring a site back to life from a backup and whatever second
// medium there is. The entries of the medium that are newer than the backup are
// replayed by the door before the first opening.
type Restore struct {
	Today     day.Day
	Confirmed bool // two people named this date, before anything else
	Backup    Head
	BatonID   string
	Baton     *Head // nil: lost
	Hub       *Head // nil: cannot be reached
	// HubReleases says that this site's letters may have been shown on the hub's
	// receipt alone. Then a baton may lack them, and only the hub, or the word
	// that the baton was always in, makes the letters complete.
	HubReleases bool
	// NotWithout: two people state that nothing was done at this site since the
	// baton's last entry, which the screen names: not without the baton, and not
	// in the moment in which the PC died.
	NotWithout bool
	// OnlyBaton answers INST-14: two people state that a baton older than the backup
	// is the site's only one, and was not in the PC since. Then the backup has all
	// that the baton ever released.
	OnlyBaton bool
	Newest    int    // highest number of this site known from anywhere
	Hash      string // of the last entry recovered
	Witness   id.Person
	Alone     bool // only one person works here
}

// DecideRestore answers Restore with the birth record of the new installation.
//
// With baton and statement nothing was forgotten: doses go on the same day. With
// baton and hub the letters are complete and the doses may not be: doses from
// tomorrow. Otherwise letters may be missing: adjudication.
func DecideRestore(c Restore) (InstallationRestored, error) {
	no := InstallationRestored{}
	switch {
	case !c.Confirmed:
		return no, reason.Refuse("INST-02", "today", c.Today)
	case c.Witness == "" && !c.Alone:
		return no, reason.Refuse("INST-12")
	}
	head := c.Backup
	var read []string
	for _, m := range []struct {
		name string
		head *Head
	}{{"baton:" + c.BatonID, c.Baton}, {"hub", c.Hub}} {
		if m.head == nil {
			continue
		}
		if m.head.Site != c.Backup.Site {
			return no, reason.Refuse("INST-10", "site", string(m.head.Site))
		}
		if m.head.Other || m.head == c.Baton && ahead(c.Backup, *m.head) && !c.OnlyBaton {
			return no, reason.Refuse("INST-14")
		}
		if ahead(*m.head, head) {
			head = *m.head
		}
		read = append(read, m.name)
	}
	f := InstallationRestored{
		Number: max(c.Newest, head.Number) + 1, OfNumber: head.Number, OfSize: head.Size, OfHash: c.Hash,
		Fence: c.Today, Medium: strings.Join(read, ","), Witness: c.Witness,
	}
	if c.Baton != nil {
		// A backup or a hub that knows more than the baton disproves the statement.
		f.Complete = c.NotWithout && !ahead(head, *c.Baton)
		f.Letters = f.Complete || c.Hub != nil || !c.HubReleases
	}
	return f, nil
}

// ApplyRestored folds the birth record: a new number, fenced through the day of
// the restore unless nothing was forgotten. What an earlier restore forgot stays
// forgotten, however complete this one is, until people have accounted for it.
func ApplyRestored(i Installation, f InstallationRestored) Installation {
	i.Number, i.Unwitnessed = f.Number, 0
	i.Floor = max(i.Floor, f.Fence)
	i.Phase = Enrolled
	if !f.Complete {
		i.Fence = max(i.Fence, f.Fence)
	}
	i.Missing = i.Missing || !f.Letters
	if i.Missing {
		i.Phase = Adjudication
	}
	return i
}

// ApplyRestoredHolding folds the birth record into one person's days: letters
// among the recovered entries came from a second medium, so they may be shown.
func ApplyRestoredHolding(h Holding, f InstallationRestored) Holding {
	out := make([]Out, len(h.Out))
	for n, o := range h.Out {
		o.Released = o.Released || f.Medium != "" && o.Seq < f.OfSize
		out[n] = o
	}
	h.Out = out
	return h
}

// Adjudicate asks to end an adjudication.
type Adjudicate struct {
	Found   []Found
	Sources []string
	// Whole: every neighbour answered and the counterfoil book was read, or the
	// hub has the journal to its end.
	Whole   bool
	Witness id.Person
	Alone   bool
	Note    string
	Today   day.Day
}

// DecideAdjudicate answers Adjudicate.
func DecideAdjudicate(i Installation, c Adjudicate) (InstallationAdjudicated, error) {
	switch {
	case i.Phase != Adjudication || !i.Missing:
		return InstallationAdjudicated{}, reason.Refuse("INST-16")
	case !c.Whole:
		return InstallationAdjudicated{}, reason.Refuse("INST-15")
	case c.Witness == "" && !c.Alone:
		return InstallationAdjudicated{}, reason.Refuse("INST-12")
	}
	return InstallationAdjudicated{Number: i.Number, Day: c.Today, Found: c.Found, Sources: c.Sources, Witness: c.Witness, Note: c.Note}, nil
}

// ApplyAdjudicated folds the fact: doses by right from the day after.
func ApplyAdjudicated(i Installation, f InstallationAdjudicated) Installation {
	if i.Missing {
		i.Phase, i.Missing = Enrolled, false
		i.Fence = max(i.Fence, f.Day)
		i.Floor = max(i.Floor, f.Day)
	}
	return i
}

// ApplyFound folds the letters found for one person, in their order. One that is
// known already changes nothing.
func ApplyFound(h Holding, f InstallationAdjudicated) Holding {
	for _, l := range f.Found {
		switch {
		case l.Patient != h.Patient:
		case l.In:
			h = ApplyAccepted(h, Accepted{Letter: l.Letter, Patient: l.Patient, From: l.Other, First: l.First, Last: l.Last}, At{Day: f.Day})
		case h.given(l.Letter) < 0:
			h = ApplyGiven(h, Given{Letter: l.Letter, Patient: l.Patient, To: l.Other, First: l.First, Last: l.Last}, At{Day: f.Day})
			h.Out[len(h.Out)-1].Released = true // somebody has seen it
		}
	}
	return h
}
