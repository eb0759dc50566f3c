package transfer

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Issue asks to give days of a person to another site.
type Issue struct {
	Letter id.Letter // made at the door
	To     id.Site
	First  day.Day
	Last   day.Day // day.Never: for good
	Why    Why
}

// DecideIssue answers Issue with the fact that closes the days here; the door
// puts the signed letter into its Bytes and appends both as one.
func DecideIssue(i Installation, h Holding, c Issue, today day.Day, lim Limits) (Given, error) {
	if no := mayGive(i, today); no != nil {
		return Given{}, no
	}
	if no := sensible(i, c, today, lim); no != nil {
		return Given{}, no
	}
	return cede(i, h, c)
}

// mayGive says why this installation gives nothing now, or nil. R1, R2.
func mayGive(i Installation, today day.Day) *reason.Refusal {
	if no := i.ready(today); no != nil {
		return no
	}
	if i.Phase != Open {
		return reason.Refuse("INST-08")
	}
	return nil
}

// sensible looks at the days as they were asked for. R1, R13.
func sensible(i Installation, c Issue, today day.Day, lim Limits) *reason.Refusal {
	visit := c.Why == Visit || c.Why == Storm
	switch {
	case c.To == "" || c.To == i.Site:
		return reason.Refuse("TRANSFER-06")
	case c.First < today || c.Last != day.Never && c.Last < c.First:
		return reason.Refuse("TRANSFER-02", "today", today)
	case visit && c.Last == day.Never || c.Why == ForGood && c.Last != day.Never || !visit && c.Why != ForGood && c.Why != Back:
		return reason.Refuse("TRANSFER-07")
	case c.Why != Back && int(c.First-today) > lim.StartWithin:
		return reason.Refuse("TRANSFER-04", "most", lim.StartWithin)
	case visit && int(c.Last-c.First)+1 > lim.VisitMax:
		return reason.Refuse("TRANSFER-05", "most", lim.VisitMax)
	}
	return nil
}

// cede decides whether the days are there to be given, and gives them.
func cede(i Installation, h Holding, c Issue) (Given, error) {
	s := Span{c.First, c.Last}
	switch {
	case c.First <= i.Fence:
		return Given{}, reason.Refuse("INST-04", "from", i.Fence+1)
	case c.First <= max(h.Spent, h.Elsewhere):
		return Given{}, reason.Refuse("TRANSFER-03", "day", max(h.Spent, h.Elsewhere))
	case !holds(h.Days, s):
		if o, ok := h.away(s); ok {
			return Given{}, reason.Refuse("TRANSFER-01", "site", string(o.To), "first", o.Span.First)
		}
		return Given{}, reason.Refuse("TRANSFER-08")
	}
	return Given{Letter: c.Letter, Patient: h.Patient, To: c.To, First: c.First, Last: c.Last, Why: c.Why, Number: i.Number}, nil
}

// away finds the newest letter given that has one of the days.
func (h Holding) away(s Span) (Out, bool) {
	for n := len(h.Out) - 1; n >= 0; n-- {
		if _, ok := h.Out[n].Span.Overlap(s, s.First); ok {
			return h.Out[n], true
		}
	}
	return Out{}, false
}

// Return asks to send a person's days back, or on: to the site they came from
// when they leave early, or when a letter is to be undone. The first day is
// today, or tomorrow if today's dose was recorded here.
type Return struct {
	Letter id.Letter
	To     id.Site
}

// DecideReturn answers Return with all days from the first that this site still
// holds in one piece. R7: only who holds days can send them anywhere.
func DecideReturn(i Installation, h Holding, c Return, today day.Day, lim Limits) (Given, error) {
	from := max(today, h.Spent+1, h.Elsewhere+1, i.Fence+1)
	for _, d := range h.Days {
		if d.Past(from) {
			continue
		}
		return DecideIssue(i, h, Issue{Letter: c.Letter, To: c.To, First: max(d.First, from), Last: d.Last, Why: Back}, today, lim)
	}
	if no := mayGive(i, today); no != nil {
		return Given{}, no
	}
	return Given{}, reason.Refuse("TRANSFER-08")
}

// DecideCancel always refuses, in words that say what to do instead: the giver
// has no days left to take back. An undone letter is one that the other site
// accepts and returns.
func DecideCancel(h Holding, letter id.Letter) error {
	n := h.given(letter)
	if n < 0 {
		return reason.Refuse("TRANSFER-10")
	}
	return reason.Refuse("TRANSFER-11", "site", string(h.Out[n].To))
}

// ApplyGiven folds the fact.
func ApplyGiven(h Holding, f Given, at At) Holding {
	s := Span{f.First, f.Last}
	h.Days = without(h.Days, s, at.Day)
	h.Out = append(h.Out[:len(h.Out):len(h.Out)], Out{Letter: f.Letter, To: f.To, Span: s, Why: f.Why, Seq: at.Seq})
	return h
}

// given is the place of a letter among those given, or -1.
func (h Holding) given(l id.Letter) int {
	for n := len(h.Out) - 1; n >= 0; n-- {
		if h.Out[n].Letter == l {
			return n
		}
	}
	return -1
}

// DecideRelease answers whether a letter may be seen from now on, because a
// medium has the journal up to size entries, the letter's among them. R2, I3.
func DecideRelease(h Holding, letter id.Letter, medium string, size int64) (Released, error) {
	n := h.given(letter)
	switch {
	case n < 0:
		return Released{}, reason.Refuse("TRANSFER-10")
	case medium == "" || size <= h.Out[n].Seq:
		return Released{}, reason.Refuse("TRANSFER-09")
	}
	return Released{Letter: letter, Patient: h.Patient, Medium: medium}, nil
}

// ApplyReleased folds the fact.
func ApplyReleased(h Holding, f Released) Holding {
	n := h.given(f.Letter)
	if n < 0 || h.Out[n].Released {
		return h
	}
	out := append([]Out(nil), h.Out...)
	out[n].Released = true
	h.Out = out
	return h
}

// MayShow says why a letter given here may not be printed, sent or shown on the
// screen yet; nil when it may, as often as people like.
func MayShow(h Holding, letter id.Letter) error {
	n := h.given(letter)
	switch {
	case n < 0:
		return reason.Refuse("TRANSFER-10")
	case !h.Out[n].Released:
		return reason.Refuse("TRANSFER-09")
	}
	return nil
}

// Sealed is what people did at a site that burned down or is silent, before the
// hub gives its days elsewhere. R15.
type Sealed struct {
	Site    id.Site
	Day     day.Day   // on which it was sealed: no methadone left there, the PC disabled
	By      id.Person // two names
	Witness id.Person
	Read    bool // its journal was read to the end, from baton or PC
}

// DecideReassign answers the hub's Issue for days of a sealed site, whose
// Holding was folded from that site's own journal. i is the hub's installation.
func DecideReassign(i Installation, s Sealed, h Holding, c Issue, today day.Day, lim Limits) (Given, error) {
	if no := mayGive(i, today); no != nil {
		return Given{}, no
	}
	switch {
	case s.Day == day.Never || s.By == "" || s.Witness == "" || s.By == s.Witness:
		return Given{}, reason.Refuse("TRANSFER-30", "site", string(s.Site))
	case !s.Read:
		return Given{}, reason.Refuse("TRANSFER-31", "site", string(s.Site))
	case c.First <= s.Day:
		return Given{}, reason.Refuse("TRANSFER-32", "from", s.Day+1)
	case c.To == s.Site:
		return Given{}, reason.Refuse("TRANSFER-06")
	}
	if no := sensible(i, c, today, lim); no != nil {
		return Given{}, no
	}
	return cede(i, h, c)
}
