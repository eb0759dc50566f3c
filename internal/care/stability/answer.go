package stability

import (
	"slices"
	"strings"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// whyMax is how long a reason may be, in runes: a journal entry holds 16 KiB.
const whyMax = 2000

// Answered says what a person on the staff answered to a proposal. It moves
// nobody: who agrees writes a letter next. Journal kind "stability.answered".
// Fields are only ever added.
type Answered struct {
	Patient  id.Patient `json:"patient"`
	Day      day.Day    `json:"day"`
	Proposal Proposal   `json:"proposal"`
	Agreed   bool       `json:"agreed"`            // false: not now
	Why      string     `json:"why,omitempty"`     // of "not now"; may stand beside an agreement
	Grounds  []Ground   `json:"grounds,omitempty"` // of ToMain: the reasons that were answered
}

// Answering is a person's answer to the proposal on the screen.
type Answering struct {
	Patient id.Patient
	Shown   Proposal // what the screen asked
	Agreed  bool
	Why     string
}

// Asks says whether a proposal is to be asked, given the site's own newest
// answer to the same proposal; nil when there is none.
//
// What an answer stands on is its key. ToMain stands on its reasons: it is
// asked again when one is there that the answer did not know, or one of them
// has something newer behind it. ToSatellite and Return stand on the stability
// itself: they are asked again once a day has come, from that of the answer
// on, on which the person was not stable, or on which nobody could say.
func Asks(p Proposal, last *Answered, s State, today day.Day, lim Limits) bool {
	switch {
	case p == Nothing:
		return false
	case last == nil || last.Proposal != p:
		return true
	case p == ToMain:
		return slices.ContainsFunc(Of(s, today, lim).Grounds, func(g Ground) bool { return !last.knew(g) })
	}
	return broke(s, last.Day, today, lim)
}

func (f Answered) knew(g Ground) bool {
	return slices.ContainsFunc(f.Grounds, func(x Ground) bool { return x.Rule == g.Rule && x.Day >= g.Day })
}

// broke says whether from a day on there was one on which the person was not
// stable. Days of which the record knows nothing break nothing: an answer does
// not become a question because news is late. Only days on which something
// begins are looked at; between them nothing can begin.
func broke(s State, from, today day.Day, lim Limits) bool {
	s.WholeFrom = min(from, today) - day.Day(lim.WindowDays.Value)
	days := slices.Concat([]day.Day{from, today, s.FirstDose, s.SameSince}, s.Missed, s.Intoxicated, s.Vomited)
	for _, t := range s.Tests {
		days = append(days, t.Day, t.Day+day.Day(lim.UrineDays.Value)+1)
	}
	return slices.ContainsFunc(days, func(d day.Day) bool {
		return d >= from && d <= today && Of(s, d, lim).Kind != Stable
	})
}

// Since is the first day of the unbroken days up to today on which the person
// was stable, as far as the state tells: the record may reach further back.
// Never when the person is not stable today.
func Since(s State, today day.Day, lim Limits) day.Day {
	first := day.Never
	for d := today; d > day.Never && Of(s, d, lim).Kind == Stable; d-- {
		first = d
	}
	return first
}

// DecideAnswer answers whether a proposal may be answered: STAB-20 it is not
// asked any more, STAB-21 "not now" without a reason, STAB-22 too long a
// reason. asked is what is asked of this site now, Nothing where it is not.
func DecideAnswer(c Answering, asked Proposal, a Answer, today day.Day) (Answered, error) {
	why := strings.TrimSpace(c.Why)
	switch {
	case asked == Nothing || c.Shown != asked:
		return Answered{}, reason.Refuse("STAB-20")
	case !c.Agreed && why == "":
		return Answered{}, reason.Refuse("STAB-21")
	case utf8.RuneCountInString(why) > whyMax:
		return Answered{}, reason.Refuse("STAB-22", "max", whyMax)
	}
	f := Answered{Patient: c.Patient, Day: today, Proposal: asked, Agreed: c.Agreed, Why: why}
	if asked == ToMain {
		f.Grounds = a.Grounds
	}
	return f, nil
}
