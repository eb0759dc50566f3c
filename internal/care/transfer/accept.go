package transfer

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Letter is what a letter says, as it was read.
type Letter struct {
	ID          id.Letter
	Patient     id.Patient
	From        id.Site
	Number      int   // of the installation that gave
	Seq         int64 // place of the giving in that installation's journal
	To          id.Site
	First, Last day.Day // Last is day.Never for good
	Why         Why
	Carried
}

// Accept asks to take the days of a letter.
type Accept struct {
	Letter  Letter
	Bytes   []byte
	ByHand  bool
	Signed  bool       // the site's and a clinician's signature are good, by keys known here
	Ended   bool       // the number that gave is known to be over
	EndedAt int64      // then: its entries up to here are good (from its successor's birth record)
	Known   bool       // or its successor's adjudication names this very letter: it is good all the same
	Shown   id.Patient // the person open on the screen; "" if none
}

// DecideAccept answers Accept. TRANSFER-14 says that the letter was accepted
// before: nothing is wrong and nothing changes.
func DecideAccept(i Installation, h Holding, c Accept, today day.Day) (Accepted, error) {
	l := c.Letter
	if !c.Signed {
		return Accepted{}, reason.Refuse("TRANSFER-12")
	}
	if no := i.ready(today); no != nil {
		return Accepted{}, no
	}
	switch {
	case l.To != i.Site:
		return Accepted{}, reason.Refuse("TRANSFER-13", "site", string(l.To))
	case h.accepted(l.ID) >= 0:
		return Accepted{}, reason.Refuse("TRANSFER-14", "day", h.In[h.accepted(l.ID)].Day)
	case c.Shown != "" && c.Shown != l.Patient:
		return Accepted{}, reason.Refuse("TRANSFER-17")
	case c.Ended && l.Seq >= c.EndedAt && !c.Known:
		return Accepted{}, reason.Refuse("TRANSFER-15", "site", string(l.From))
	case Span{l.First, l.Last}.Past(today):
		return Accepted{}, reason.Refuse("TRANSFER-16", "last", l.Last)
	}
	return Accepted{
		Letter: l.ID, Patient: l.Patient, From: l.From, Number: l.Number, First: l.First, Last: l.Last, Why: l.Why,
		Bytes: c.Bytes, ByHand: c.ByHand, Carried: l.Carried,
	}, nil
}

// accepted is the place of a letter among those accepted, or -1.
func (h Holding) accepted(l id.Letter) int {
	for n := len(h.In) - 1; n >= 0; n-- {
		if h.In[n].Letter == l {
			return n
		}
	}
	return -1
}

// ApplyAccepted folds the fact. A letter counts once, whatever a replay or an
// adjudication brings.
func ApplyAccepted(h Holding, f Accepted, at At) Holding {
	if h.accepted(f.Letter) >= 0 {
		return h
	}
	s := Span{f.First, f.Last}
	h.Patient = f.Patient
	h.Days = with(h.Days, s, at.Day)
	h.In = append(h.In[:len(h.In):len(h.In)], In{Letter: f.Letter, From: f.From, Span: s, Day: at.Day})
	h.Elsewhere = max(h.Elsewhere, f.LastDay)
	return h
}
