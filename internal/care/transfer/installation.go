package transfer

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Phase is what an installation may do.
type Phase string

// The phases. Unwitnessed may dose and accept, but not give; the rest besides
// Open reads only.
const (
	Enrolled     Phase = "enrolled"     // closed: the safe is not open
	Open         Phase = "open"         // date confirmed, and baton or hub has seen the journal's head
	Unwitnessed  Phase = "unwitnessed"  // date confirmed, neither baton nor hub
	NoDate       Phase = "no_date"      // the word for the date is lost or too old
	Stopped      Phase = "stopped"      // the disk or the chain failed: paper, until the program starts again
	Recovering   Phase = "recovering"   // it may have forgotten entries: restore first
	Adjudication Phase = "adjudication" // it has forgotten letters: people account for them
	Fenced       Phase = "fenced"       // a newer number of this site exists: for ever
)

// Installation is one PC's incarnation of a site.
type Installation struct {
	Site        id.Site
	Number      int // 1, 2, 3 …: raised by every restore, reinstall or new PC
	Phase       Phase
	Day         day.Day // the day that people opened; kept after closing
	Floor       day.Day // newest day in the journal
	Fence       day.Day // no dose by right on this day or before
	Unwitnessed int     // openings in a row with neither baton nor hub
	Missing     bool    // letters may be missing since a restore, and nobody has accounted for them
	Size        int64   // entries in its journal; the door sets it when it loads
}

// Head is how far a medium knows a site's journal.
type Head struct {
	Site   id.Site
	Number int
	Size   int64
	Other  bool // its last entry is not this journal's entry of that place: a fork
}

// Opening asks to open the site for a day.
type Opening struct {
	Day       day.Day // the PC's date
	Confirmed bool    // two people named this date
	BatonID   string
	Baton     *Head // nil without one
	Hub       *Head // nil while it cannot be reached
	OnlyPC    bool  // staff state that no other PC of this site is in use; asked for without baton and hub
}

// newest is the head of the medium that knows more, and whether there is one.
func (o Opening) newest() (Head, bool) {
	switch {
	case o.Baton == nil && o.Hub == nil:
		return Head{}, false
	case o.Hub == nil, o.Baton != nil && ahead(*o.Baton, *o.Hub):
		return *o.Baton, true
	}
	return *o.Hub, true
}

// ahead says whether a knows more than b.
func ahead(a, b Head) bool {
	return a.Number > b.Number || a.Number == b.Number && a.Size > b.Size
}

// closedFor says why an installation in a phase that neither doses nor opens
// does nothing, or nil.
func (i Installation) closedFor() *reason.Refusal {
	switch i.Phase {
	case Fenced:
		return reason.Refuse("INST-07")
	case Stopped:
		return reason.Refuse("INST-05")
	case Recovering:
		return reason.Refuse("INST-13")
	case Adjudication:
		return reason.Refuse("INST-06")
	}
	return nil
}

// ready says why nothing of this day may be done, or nil: the installation is
// in order, open, and the PC's date is the one that people opened.
func (i Installation) ready(today day.Day) *reason.Refusal {
	if no := i.closedFor(); no != nil {
		return no
	}
	switch {
	case i.Phase == Enrolled:
		return reason.Refuse("INST-01")
	case i.Phase == NoDate:
		return reason.Refuse("INST-02", "today", today)
	case today < i.Floor:
		return reason.Refuse("INST-03", "today", today, "newest", i.Floor)
	case today != i.Day:
		return reason.Refuse("INST-02", "today", today)
	}
	return nil
}

// Forgotten says whether a medium shows that this installation is not what it
// thinks: superseded by a newer number (fenced), or behind the journal or beside
// it (recovering). The door asks at the start and at every contact. It answers
// the phase to go to, or "".
func Forgotten(i Installation, h Head) Phase {
	switch {
	case h.Site != i.Site:
		return ""
	case h.Number > i.Number:
		return Fenced
	case h.Number == i.Number && (h.Size > i.Size || h.Other):
		return Recovering
	}
	return ""
}

// DecideOpen answers Opening. A medium that knows more than the journal here
// comes before everything: the door asks [Forgotten] and follows it, whatever
// DecideOpen says.
func DecideOpen(i Installation, o Opening, lim Limits) (InstallationOpened, error) {
	no := InstallationOpened{}
	if r := i.closedFor(); r != nil {
		return no, r
	}
	for _, h := range []*Head{o.Baton, o.Hub} {
		if h == nil {
			continue
		}
		if h.Site != i.Site {
			return no, reason.Refuse("INST-10", "site", string(h.Site))
		}
		switch Forgotten(i, *h) {
		case Fenced:
			return no, reason.Refuse("INST-07")
		case Recovering:
			return no, reason.Refuse("INST-13")
		}
	}
	if o.Day < i.Floor {
		return no, reason.Refuse("INST-03", "today", o.Day, "newest", i.Floor)
	}
	if !o.Confirmed {
		return no, reason.Refuse("INST-02", "today", o.Day)
	}
	f := InstallationOpened{Day: o.Day, Baton: o.BatonID, Hub: o.Hub != nil}
	if _, seen := o.newest(); seen {
		return f, nil
	}
	f.Baton = ""
	f.Unwitnessed = i.Unwitnessed + 1
	if i.Unwitnessed > 0 && o.Day == i.Day {
		f.Unwitnessed = i.Unwitnessed // the same morning again, after a restart
	}
	switch {
	case f.Unwitnessed > lim.Unwitnessed:
		return no, reason.Refuse("INST-09", "most", lim.Unwitnessed)
	case !o.OnlyPC:
		return no, reason.Refuse("INST-11")
	}
	return f, nil
}

// ApplyOpened folds the fact. An installation that may have forgotten, or was
// superseded, does not come back to life by opening.
func ApplyOpened(i Installation, f InstallationOpened) Installation {
	i.Day, i.Floor, i.Unwitnessed = f.Day, max(i.Floor, f.Day), f.Unwitnessed
	if i.closedFor() == nil {
		i.Phase = Open
		if f.Unwitnessed > 0 {
			i.Phase = Unwitnessed
		}
	}
	return i
}

// ApplyClosed folds the closing of the day (kind "daybook.closed").
func ApplyClosed(i Installation) Installation {
	if i.closedFor() == nil {
		i.Phase = Enrolled
	}
	return i
}

// Restarted is the installation after the program started again: the word for
// the date went with the memory. A stop is over, because the file was read again.
func Restarted(i Installation) Installation {
	switch i.Phase {
	case Open, Unwitnessed, Stopped:
		i.Phase = NoDate
	}
	return i
}

// Lapsed is the installation when the opening holds no longer and people must
// open the day again. Either the word for the date is too old, by hours of running
// time and not by the clock that is in doubt: a day left open overnight under a
// clock that went back is not a day. Or the baton was pulled out: it may be in
// another PC by now, and then two would dose.
func Lapsed(i Installation) Installation {
	if i.Phase == Open || i.Phase == Unwitnessed {
		i.Phase = NoDate
	}
	return i
}

// Stop is the installation after its disk or its chain failed.
func Stop(i Installation) Installation {
	if i.closedFor() == nil {
		i.Phase = Stopped
	}
	return i
}

// DecideFence answers the fact for a PC that sees a newer number of its own
// site; false when there is nothing to record.
func DecideFence(i Installation, seen int) (InstallationFenced, bool) {
	return InstallationFenced{Seen: seen}, seen > i.Number && i.Phase != Fenced
}

// ApplyFenced folds the fact.
func ApplyFenced(i Installation) Installation {
	i.Phase = Fenced
	return i
}
