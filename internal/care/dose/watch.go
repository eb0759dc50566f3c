package dose

import (
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/unit"
)

// Signs is what the window looks at beyond the pouring decision.
type Signs struct {
	OrderLast    day.Day        // last day of the order in force
	OrderFirst   day.Day        // its first day
	Before       unit.Microgram // amount of the order before it; 0 if none
	CourseStart  day.Day        // first dose of this course of treatment; Never if none
	MissedMonth  int            // days absent in the last 30 days
	LastPart     bool           // the last dose was taken in part, or unknown
	VomitedLast  bool           // the last dose was vomited
	WaitingOrder bool           // an order for this patient waits for a signature
}

// Care lists what to stop for or take care of today, most important first. The
// first entries with Stop set are the reason DecidePour would give; the rest is
// advice. At most limit entries are returned.
func Care(s State, g Signs, today day.Day, now day.Instant, lim Limits, limit int) []reason.Warning {
	var all []reason.Warning
	_, err := DecidePour(s, Pour{Shown: s.Ordered}, today, now, lim)
	if r, ok := err.(*reason.Refusal); ok {
		w := reason.Warning{Rule: r.Rule, Args: r.Args, Stop: true}
		if row, found := lim.GapFor(s.MissedDays(today)); found && r.Rule == "DOSE-06" {
			w.Source, w.Status = row.Source, row.Status
		}
		all = append(all, w)
	}
	if g.WaitingOrder {
		all = append(all, reason.Warn("DOSE-40"))
	}
	if s.Order != "" && g.Before > 0 && g.Before != s.Ordered && s.LastTaken < g.OrderFirst {
		all = append(all, reason.Warn("DOSE-41", "before", g.Before, "now", s.Ordered))
	}
	if n := s.MissedDays(today); n > 0 && err == nil {
		w := reason.Warn("DOSE-42", "missed", n, "last", s.LastTaken)
		if row, ok := lim.GapFor(n); ok {
			w.Source, w.Status = row.Source, row.Status
		}
		all = append(all, w)
	}
	if from, ok := watch(s, g, today, lim); ok {
		w := reason.Warn("DOSE-43", "since", from)
		w.Source, w.Status = lim.WatchSource, lim.WatchStatus
		all = append(all, w)
	}
	if g.VomitedLast {
		all = append(all, reason.Warn("DOSE-44"))
	}
	if g.LastPart {
		all = append(all, reason.Warn("DOSE-45"))
	}
	if s.Order != "" && g.OrderLast != day.Never && int(g.OrderLast-today) < lim.OrderEndsDays {
		all = append(all, reason.Warn("DOSE-46", "last", g.OrderLast))
	}
	if g.MissedMonth > 0 {
		all = append(all, reason.Warn("DOSE-47", "days", g.MissedMonth))
	}
	return all[:min(limit, len(all))]
}

// watch says whether today lies in the days of special care after a start or a
// rise, when the level is still climbing at an unchanged dose; from is the day
// of the start or the rise.
func watch(s State, g Signs, today day.Day, lim Limits) (from day.Day, ok bool) {
	if lim.WatchToDay == 0 || s.Order == "" {
		return 0, false
	}
	in := func(d day.Day) bool {
		n := int(today-d) + 1
		return d != day.Never && n >= lim.WatchFromDay && n <= lim.WatchToDay
	}
	if g.Before > 0 && s.Ordered > g.Before && in(g.OrderFirst) {
		return g.OrderFirst, true
	}
	if in(g.CourseStart) {
		return g.CourseStart, true
	}
	return 0, false
}
