package transfer

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// MayDose says why this site may not dose the person today by right; nil when
// it may. It asks whose day it is. Whether the day's dose was taken already is
// care/dose's question (DOSE-02), because a replacement after vomiting is given
// where the dose was given.
func MayDose(i Installation, h Holding, today day.Day) error {
	if no := mayDose(i, h, today); no != nil {
		return no
	}
	return nil
}

// Answerable says whether people may answer for a dose that MayDose refused: today
// is another site's or nobody's, the day of a restore, letters not accounted
// for. A dose at another place known for today is none of them, and neither is a
// PC that was replaced, that has forgotten, or whose date nobody confirmed.
func Answerable(no *reason.Refusal) bool {
	switch no.Rule {
	case "TRANSFER-21", "TRANSFER-22", "INST-04", "INST-06":
		return true
	}
	return false
}

func mayDose(i Installation, h Holding, today day.Day) *reason.Refusal {
	if no := i.ready(today); no != nil {
		return no
	}
	switch {
	case today <= i.Fence:
		return reason.Refuse("INST-04", "from", i.Fence+1)
	case h.Elsewhere >= today && h.Spent != today:
		return reason.Refuse("TRANSFER-20")
	case !h.holdsDay(today):
		if o, ok := h.away(Span{today, today}); ok {
			return reason.Refuse("TRANSFER-21", "site", string(o.To))
		}
		return reason.Refuse("TRANSFER-22")
	}
	return nil
}

func (h Holding) holdsDay(d day.Day) bool {
	for _, s := range h.Days {
		if s.Has(d) {
			return true
		}
	}
	return false
}

// mayRecord is mayDose and the day's once: the machine's own half of DOSE-02,
// for Step, where no dose room stands beside.
func mayRecord(i Installation, h Holding, today day.Day) *reason.Refusal {
	if no := mayDose(i, h, today); no != nil {
		return no
	}
	if h.Spent >= today {
		return reason.Refuse("TRANSFER-23")
	}
	return nil
}

// MayHandOver says why a recorded cup may not be handed over now; nil when it
// may. R6: on the day it was recorded for, while the date is still people's,
// in the session that poured it. cup is the day of the cup that this session
// poured; day.Never when there is none. A cup refused here is a question for two
// people, and never swallowed by default.
func MayHandOver(i Installation, cup, today day.Day) error {
	if no := mayHandOver(i, cup, today); no != nil {
		return no
	}
	return nil
}

func mayHandOver(i Installation, cup, today day.Day) *reason.Refusal {
	if no := i.ready(today); no != nil {
		return no
	}
	if cup == day.Never || cup != today {
		return reason.Refuse("TRANSFER-24")
	}
	return nil
}

// ApplyRegistered folds the first registration of a person at this site: it is
// home and holds all days from then on.
func ApplyRegistered(h Holding, p id.Patient, from day.Day) Holding {
	h.Patient = p
	h.Days = with(h.Days, Span{First: from}, 0)
	return h
}

// ApplyDose folds a dose recorded here for a day, by right or attested: the day
// is spent, whatever becomes of the cup.
func ApplyDose(h Holding, d day.Day) Holding {
	h.Spent = max(h.Spent, d)
	return h
}

// ApplyElsewhere folds news of a dose at another place: from the hub, a card or
// a call. Facts are never refused; this one only makes the machine more careful.
func ApplyElsewhere(h Holding, d day.Day) Holding {
	h.Elsewhere = max(h.Elsewhere, d)
	return h
}

// Usable is the spans of days from a day on that the holding may still dose at
// this installation: what I2 counts.
func Usable(i Installation, h Holding, from day.Day) []Span {
	if i.Phase == Fenced || i.Missing {
		return nil
	}
	from = max(from, i.Fence+1, h.Spent+1, i.Floor)
	var out []Span
	for _, s := range h.Days {
		if !s.Past(from) {
			out = append(out, span(max(s.First, from), s.end()))
		}
	}
	return out
}
