// Package mutant holds planted mistakes: the protocol of package transfer with
// one thing wrong in each, as somebody in a hurry might write it.
//
// The simulator and the explorer must catch every one of them; a check that
// passes a broken protocol proves nothing. Nothing that ships may import this
// room (the law in internal/house), and it refuses to know anything but the
// machine it breaks. Each mistake says what it is and what it promises to break.
package mutant

import (
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/sim"
)

// Mutant is one planted mistake.
type Mutant struct {
	Name  string
	Says  string
	Break func(sim.Machine) sim.Machine
}

type (
	state   = transfer.State
	event   = transfer.Event
	effects = []transfer.Effect
	step    = func(state, event, transfer.Limits) (state, effects, *reason.Refusal)
)

// All are the planted mistakes, in the order of the model's table.
var All = []Mutant{
	{"print-before-closing", "the letter is seen before its closing is durable", stepped(printFirst)},
	{"print-before-mirroring", "the letter is seen before its closing is on a second medium", stepped(printEarly)},
	{"bearer-letter", "a letter names no destination", stepped(bearer)},
	{"giver-cancels", "the giver takes a letter back alone", stepped(cancels)},
	{"swallow-then-record", "the cup is handed over before the dose is recorded", stepped(swallowFirst)},
	{"stale-cup", "a recorded dose is handed over on another day", stepped(stale)},
	{"counts-twice", "a second scan adds the days again", stepped(countsTwice)},
	{"gives-spent-day", "a day that was dosed here is given away", stepped(givesSpent)},
	{"no-fence", "a restored site doses at once, whatever it forgot", stepped(noFence)},
	{"forgets-accepted", "the replay after a restore leaves out accepted letters", folded(forgetsAccepted)},
	{"hub-not-asked", "a restore trusts the baton though the hub may have released letters", stepped(hubNotAsked)},
	{"clone-without-baton", "a PC acts as the site's without its baton", stepped(clone)},
	{"no-floor", "a day before the newest day in the journal is opened", stepped(noFloor)},
	{"date-unconfirmed", "the PC's clock is believed", stepped(unconfirmed)},
	{"date-for-ever", "the word for the date holds overnight", stepped(noLapse)},
	{"hub-guesses", "the hub gives a silent site's days away unread", stepped(guesses)},
	{"forged-letter", "signatures are not looked at", stepped(forged)},
}

func stepped(change func(step) step) func(sim.Machine) sim.Machine {
	return func(m sim.Machine) sim.Machine {
		m.Step = change(m.Step)
		return m
	}
}

func folded(change func(fold) fold) func(sim.Machine) sim.Machine {
	return func(m sim.Machine) sim.Machine {
		m.Fold = change(m.Fold)
		return m
	}
}

type fold = func(state, any, transfer.At) state

// given is the letter that an event of giving made, if it made one.
func given(e event, s state, refused *reason.Refusal) (transfer.Reveal, bool) {
	switch e.(type) {
	case transfer.Give, transfer.GiveBack, transfer.Reassign:
		if refused == nil {
			return transfer.Reveal{Out: s.Holding.Out[len(s.Holding.Out)-1]}, true
		}
	}
	return transfer.Reveal{}, false
}

func printFirst(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		after, todo, no := right(s, e, lim)
		if r, ok := given(e, after, no); ok {
			todo = append(effects{r}, todo...)
		}
		return after, todo, no
	}
}

func printEarly(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		after, todo, no := right(s, e, lim)
		if r, ok := given(e, after, no); ok {
			todo = effects{todo[0], r, transfer.Mirror{}}
		}
		return after, todo, no
	}
}

func bearer(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if scan, ok := e.(transfer.Scan); ok {
			scan.Letter.To = s.Inst.Site
			e = scan
		}
		return right(s, e, lim)
	}
}

func cancels(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		c, ok := e.(transfer.Cancel)
		if !ok {
			return right(s, e, lim)
		}
		for _, o := range s.Holding.Out {
			if o.Letter == c.Letter {
				f := transfer.Accepted{Letter: "cancelled " + o.Letter, Patient: s.Holding.Patient, First: o.Span.First, Last: o.Span.Last}
				return transfer.Fold(s, f, transfer.At{Seq: s.Inst.Size, Day: s.Inst.Floor}), effects{transfer.Append{Fact: f}, transfer.Mirror{}}, nil
			}
		}
		return right(s, e, lim)
	}
}

func swallowFirst(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		after, todo, no := right(s, e, lim)
		if _, ok := e.(transfer.Pour); ok && no == nil {
			after.Cup = day.Never
			todo = append(effects{transfer.Swallow{}}, todo...)
		}
		return after, todo, no
	}
}

func stale(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		cup := s.Cup
		if h, ok := e.(transfer.HandOver); ok && cup != day.Never {
			s.Cup = h.Today
		}
		after, todo, no := right(s, e, lim)
		switch e.(type) {
		case transfer.Lapse, transfer.End, transfer.Begin:
			after.Cup = cup
		}
		return after, todo, no
	}
}

func countsTwice(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if _, ok := e.(transfer.Scan); ok {
			s.Holding.In = nil
		}
		return right(s, e, lim)
	}
}

func givesSpent(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		switch e.(type) {
		case transfer.Give, transfer.GiveBack:
			s.Holding.Spent = day.Never
		}
		return right(s, e, lim)
	}
}

func noFence(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		fence := s.Inst.Fence
		after, todo, no := right(s, e, lim)
		if _, ok := e.(transfer.Rebirth); ok {
			after.Inst.Fence = fence
		}
		return after, todo, no
	}
}

func forgetsAccepted(right fold) fold {
	return func(s state, fact any, at transfer.At) state {
		if _, ok := fact.(transfer.Accepted); ok {
			s.Inst.Size = at.Seq + 1
			return s
		}
		return right(s, fact, at)
	}
}

func hubNotAsked(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if r, ok := e.(transfer.Rebirth); ok {
			r.HubReleases = false
			e = r
		}
		return right(s, e, lim)
	}
}

func clone(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if b, ok := e.(transfer.Begin); ok {
			b.Baton, b.Hub = &transfer.Head{Site: s.Inst.Site, Number: s.Inst.Number, Size: s.Inst.Size}, nil
			e = b
		}
		return right(s, e, lim)
	}
}

func noFloor(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		switch e := e.(type) {
		case transfer.Begin:
			s.Inst.Floor = min(s.Inst.Floor, e.Day)
		case transfer.Pour:
			s.Inst.Floor = min(s.Inst.Floor, e.Today)
			if s.Holding.Spent != e.Today {
				s.Holding.Spent = day.Never
			}
		}
		return right(s, e, lim)
	}
}

func unconfirmed(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if b, ok := e.(transfer.Begin); ok {
			b.Confirmed = true
			e = b
		}
		return right(s, e, lim)
	}
}

func noLapse(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if _, ok := e.(transfer.Lapse); ok {
			return s, nil, nil
		}
		return right(s, e, lim)
	}
}

func guesses(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if r, ok := e.(transfer.Reassign); ok {
			r.Read, r.By, r.Sealed.Witness, r.Day = true, "a", "b", r.Today-1
			e = r
		}
		return right(s, e, lim)
	}
}

func forged(right step) step {
	return func(s state, e event, lim transfer.Limits) (state, effects, *reason.Refusal) {
		if scan, ok := e.(transfer.Scan); ok {
			scan.Signed = true
			e = scan
		}
		return right(s, e, lim)
	}
}
