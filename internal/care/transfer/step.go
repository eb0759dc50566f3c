package transfer

import (
	"fmt"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// State is the machine at one installation for one person, with what lies in
// memory only.
type State struct {
	Inst    Installation
	Holding Holding
	Cup     day.Day // day of the cup this session poured and nobody answered for; lost with the session
}

// Event is something that happens at an installation.
type Event interface{ event() }

// The events. Today is always the PC's own belief.
type (
	// Begin opens the site for a day.
	Begin struct{ Opening }
	// End closes it.
	End struct{}
	// Crash is the program starting again, after kill -9, a power cut or a Sunday.
	Crash struct{}
	// Lapse is the word for the date growing too old.
	Lapse struct{}
	// Unplug is the baton leaving the PC while the site is open.
	Unplug struct{}
	// Fail is the disk or the chain failing.
	Fail struct{}
	// Saw is the sight of a number of this site anywhere.
	Saw struct{ Number int }
	// Rebirth is the restore, after the entries of the medium were folded.
	Rebirth struct{ Restore }
	// Account is people's answer for the letters of a site that forgot them.
	Account struct{ Adjudicate }
	// Register is a person's first registration in the programme.
	Register struct{ Today day.Day }
	// Give writes a letter.
	Give struct {
		Issue
		Today day.Day
	}
	// GiveBack writes a letter for the rest of the days.
	GiveBack struct {
		Return
		Today day.Day
	}
	// Cancel is a giver's wish to have a letter undone.
	Cancel struct{ Letter id.Letter }
	// Mirrored is the news that a medium has the journal up to Size entries.
	Mirrored struct {
		Medium string
		Size   int64
	}
	// Show prints or sends a letter, or prints it again.
	Show struct{ Letter id.Letter }
	// Scan reads a letter.
	Scan struct {
		Accept
		Today day.Day
	}
	// Pour records a dose and fills the cup.
	Pour struct{ Today day.Day }
	// HandOver gives the cup to the person.
	HandOver struct{ Today day.Day }
	// Attest is a dose on people's word, where the machine has no right.
	Attest struct{ Today day.Day }
	// Told is news of a dose elsewhere.
	Told struct{ Day day.Day }
	// Reassign is the hub giving days of a sealed site.
	Reassign struct {
		Sealed
		Issue
		Today day.Day
	}
)

func (Begin) event()    {}
func (End) event()      {}
func (Crash) event()    {}
func (Lapse) event()    {}
func (Unplug) event()   {}
func (Fail) event()     {}
func (Saw) event()      {}
func (Rebirth) event()  {}
func (Account) event()  {}
func (Register) event() {}
func (Give) event()     {}
func (GiveBack) event() {}
func (Cancel) event()   {}
func (Mirrored) event() {}
func (Show) event()     {}
func (Scan) event()     {}
func (Pour) event()     {}
func (HandOver) event() {}
func (Attest) event()   {}
func (Told) event()     {}
func (Reassign) event() {}

// Effect is something to be done outside, in the order given. After a crash
// between two of them, those after it never happened.
type Effect interface{ effect() }

// The effects.
type (
	// Append makes a fact durable. Until then the new State is a thought.
	Append struct{ Fact any }
	// Mirror copies the journal to the second medium as soon as there is one.
	Mirror struct{}
	// Reveal lets a letter be seen.
	Reveal struct{ Out Out }
	// Swallow is the cup in the person's hand.
	Swallow struct{}
	// Incident is a note for the incident list: a rule, and nothing changed.
	Incident struct{ Rule string }
)

func (Append) effect()   {}
func (Mirror) effect()   {}
func (Reveal) effect()   {}
func (Swallow) effect()  {}
func (Incident) effect() {}

// handedOver is the one effect of handing over, made once because it is the most
// frequent; nobody writes into it.
var handedOver = []Effect{Swallow{}}

// Facts of other rooms, as far as the machine folds them.
type (
	// Registered stands for patient.Registered at this site, as the first site.
	Registered struct{ Day day.Day }
	// Dosed stands for dose.Poured and dose.Attested.
	Dosed struct {
		Day      day.Day
		Attested bool
	}
	// Heard stands for a dose of another site.
	Heard struct{ Day day.Day }
	// Closed stands for daybook.Closed.
	Closed struct{}
)

// Fold is the State after a fact at its place in the journal. A rebuild, a
// restore and Step itself go through it.
func Fold(s State, fact any, at At) State {
	s.Inst.Size = max(s.Inst.Size, at.Seq+1)
	switch f := fact.(type) {
	case Dosed:
		s.Holding = ApplyDose(s.Holding, f.Day)
	case Given:
		s.Holding = ApplyGiven(s.Holding, f, at)
	case Released:
		s.Holding = ApplyReleased(s.Holding, f)
	case Accepted:
		s.Holding = ApplyAccepted(s.Holding, f, at)
	case Registered:
		s.Holding = ApplyRegistered(s.Holding, s.Holding.Patient, f.Day)
	case Heard:
		s.Holding = ApplyElsewhere(s.Holding, f.Day)
	case InstallationOpened:
		s.Inst = ApplyOpened(s.Inst, f)
	case Closed:
		s.Inst = ApplyClosed(s.Inst)
	case InstallationRestored:
		s.Inst, s.Holding = ApplyRestored(s.Inst, f), ApplyRestoredHolding(s.Holding, f)
	case InstallationAdjudicated:
		s.Inst, s.Holding = ApplyAdjudicated(s.Inst, f), ApplyFound(s.Holding, f)
	case InstallationFenced:
		s.Inst = ApplyFenced(s.Inst)
	case Rejected:
	default:
		panic(fmt.Sprintf("transfer: fold of %T", fact))
	}
	return s
}

// Step is the protocol: what an event makes of a state, what is to be done
// outside and in which order, or the rule that refuses. A refused event changes
// nothing but what it taught about being superseded, and effects come with a
// refusal only then.
func Step(s State, e Event, lim Limits) (State, []Effect, *reason.Refusal) {
	switch e := e.(type) {
	case Pour:
		if no := mayRecord(s.Inst, s.Holding, e.Today); no != nil {
			return s, nil, no
		}
		s.Cup = e.Today
		return s.append(Dosed{Day: e.Today}, e.Today, Mirror{})
	case HandOver:
		if no := mayHandOver(s.Inst, s.Cup, e.Today); no != nil {
			s.Cup = day.Never
			return s, nil, no
		}
		s.Cup = day.Never
		return s, handedOver, nil
	case Begin:
		return s.begin(e.Opening, lim)
	case End:
		if no := s.Inst.closedFor(); no != nil {
			return s, nil, no
		}
		s.Cup = day.Never
		return s.append(Closed{}, s.Inst.Day)
	case Crash, Lapse, Unplug, Fail:
		return s.interrupted(e), nil, nil
	case Saw:
		if f, news := DecideFence(s.Inst, e.Number); news {
			s.Cup = day.Never
			return s.append(f, s.Inst.Floor)
		}
		return s, nil, nil
	case Rebirth:
		f, err := DecideRestore(e.Restore)
		return s.decided(f, err, e.Restore.Today)
	case Account:
		f, err := DecideAdjudicate(s.Inst, e.Adjudicate)
		return s.decided(f, err, e.Adjudicate.Today)
	}
	return s.letters(e, lim)
}

// letters is Step for the events that move days.
func (s State) letters(e Event, lim Limits) (State, []Effect, *reason.Refusal) {
	switch e := e.(type) {
	case Give:
		f, err := DecideIssue(s.Inst, s.Holding, e.Issue, e.Today, lim)
		return s.decided(f, err, e.Today, Mirror{})
	case GiveBack:
		f, err := DecideReturn(s.Inst, s.Holding, e.Return, e.Today, lim)
		return s.decided(f, err, e.Today, Mirror{})
	case Reassign:
		f, err := DecideReassign(s.Inst, e.Sealed, s.Holding, e.Issue, e.Today, lim)
		return s.decided(f, err, e.Today, Mirror{})
	case Cancel:
		return s, nil, refusal(DecideCancel(s.Holding, e.Letter))
	case Mirrored:
		return s.mirrored(e)
	case Show:
		if err := MayShow(s.Holding, e.Letter); err != nil {
			return s, nil, refusal(err)
		}
		return s, []Effect{Reveal{s.Holding.Out[s.Holding.given(e.Letter)]}}, nil
	case Scan:
		f, err := DecideAccept(s.Inst, s.Holding, e.Accept, e.Today)
		if no := refusal(err); no != nil && no.Rule == "TRANSFER-12" {
			return s, []Effect{Incident{no.Rule}}, no
		}
		return s.decided(f, err, e.Today, Mirror{})
	case Register:
		if no := s.Inst.ready(e.Today); no != nil {
			return s, nil, no
		}
		return s.append(Registered{e.Today}, e.Today)
	case Attest:
		// A dose that happened is recorded even where the machine may do nothing
		// else, but for a PC that is superseded or cannot write.
		if no := s.Inst.closedFor(); no != nil && (s.Inst.Phase == Fenced || s.Inst.Phase == Stopped) {
			return s, nil, no
		}
		return s.append(Dosed{Day: e.Today, Attested: true}, e.Today)
	case Told:
		return s.append(Heard(e), s.Inst.Floor)
	}
	panic(fmt.Sprintf("transfer: step of %T", e))
}

// append is the state after a fact, and the effect that makes it durable.
func (s State) append(fact any, on day.Day, more ...Effect) (State, []Effect, *reason.Refusal) {
	s = Fold(s, fact, At{Seq: s.Inst.Size, Day: on})
	effects := make([]Effect, 1, 1+len(more))
	effects[0] = Append{fact}
	return s, append(effects, more...), nil
}

// decided is append, or the refusal.
func (s State) decided(fact any, err error, on day.Day, more ...Effect) (State, []Effect, *reason.Refusal) {
	if err != nil {
		return s, nil, refusal(err)
	}
	return s.append(fact, on, more...)
}

// refusal is an error of a Decide function as what it is.
func refusal(err error) *reason.Refusal {
	if err == nil {
		return nil
	}
	no, ok := err.(*reason.Refusal)
	if !ok {
		panic("transfer: a decision failed otherwise than by a rule: " + err.Error())
	}
	return no
}

// begin is an opening, and what its media teach before it.
func (s State) begin(o Opening, lim Limits) (State, []Effect, *reason.Refusal) {
	for _, h := range []*Head{o.Baton, o.Hub} {
		if h == nil || s.Inst.Phase == Fenced {
			continue
		}
		switch Forgotten(s.Inst, *h) {
		case Fenced:
			s, effects, _ := s.append(InstallationFenced{Seen: h.Number}, s.Inst.Floor)
			return s, effects, reason.Refuse("INST-07")
		case Recovering:
			s.Inst.Phase = Recovering
			return s, nil, reason.Refuse("INST-13")
		}
	}
	f, err := DecideOpen(s.Inst, o, lim)
	return s.decided(f, err, o.Day, Mirror{})
}

// interrupted is the state after something that leaves no entry.
func (s State) interrupted(e Event) State {
	s.Cup = day.Never
	switch e.(type) {
	case Crash:
		s.Inst = Restarted(s.Inst)
	case Lapse, Unplug:
		s.Inst = Lapsed(s.Inst)
	case Fail:
		s.Inst = Stop(s.Inst)
	}
	return s
}

// mirrored releases every letter that the medium now has.
func (s State) mirrored(e Mirrored) (State, []Effect, *reason.Refusal) {
	var effects []Effect
	for _, o := range s.Holding.Out {
		if o.Released {
			continue
		}
		f, err := DecideRelease(s.Holding, o.Letter, e.Medium, e.Size)
		if err != nil {
			continue // a later entry than the medium has; its turn will come
		}
		s = Fold(s, f, At{Seq: s.Inst.Size, Day: s.Inst.Floor})
		o.Released = true
		effects = append(effects, Append{f}, Reveal{o})
	}
	return s, effects, nil
}
