package web

import (
	"tram/internal/sitesync"
)

// syncSays is how sync stands, in one sentence that never says more than is
// known: "sent" is only what the hub has signed to have.
func (v *visit) syncSays(s sitesync.Status) string {
	now := v.s.clinic.Now()
	switch {
	case !s.Joined:
		return v.p.T("sync.alone")
	case s.Trouble != sitesync.None && s.Trouble != sitesync.Unreachable:
		return v.p.T("sync.trouble."+string(s.Trouble), "n", int(s.Waiting))
	case s.Synced:
		return v.p.T("sync.all", "at", s.SyncedAt)
	case s.Days(now) < 0:
		return v.p.T("sync.never", "n", int(s.Waiting))
	case s.Days(now) > 0:
		return v.p.T("sync.days", "n", s.Days(now), "waiting", int(s.Waiting))
	}
	return v.p.T("sync.waiting", "n", int(s.Waiting))
}
