package system

import (
	"errors"
	"fmt"
	"slices"

	"tram/internal/clinic"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/sqlitefile"
)

// exchange sends what is new to the hub, and brings from there what the others
// sent: late, twice, mixed.
func (w *world) exchange() {
	w.hubWeather()
	var honest, bad []parcel
	for _, n := range w.order() {
		s := w.sites[n]
		if s.cut == 0 && w.strikes(lineCut) {
			s.cut = 1 + w.dice.IntN(6)
			w.took(lineCut)
		}
		if w.calm {
			s.cut = 0
		}
		if s.cut > 0 {
			s.cut--
			w.report.CutOff++
			continue
		}
		if s.c != nil {
			good, other := w.collect(s)
			honest, bad = append(honest, good...), append(bad, other...)
		}
	}
	w.ingestBad(bad)
	w.ingest(honest)
	w.ingestBad(w.haunting())
	for _, s := range w.sites {
		if s.cut == 0 && s.c != nil {
			w.receipt(s)
			w.deliver(s)
		}
	}
}

// order is in which order the sites' journals come to the hub.
func (w *world) order() []int {
	if w.strikes(parcelMixed) {
		w.took(parcelMixed)
		return w.dice.Perm(sitesMax)
	}
	return []int{0, 1, 2}
}

// collect takes a site's new entries, and what of them comes wrong.
func (w *world) collect(s *site) (honest, bad []parcel) {
	held := w.hub.signed[s.n].size
	from := held
	if from > 0 && w.strikes(sentAgain) {
		w.took(sentAgain)
		from = max(0, from-1-w.dice.Int64N(20))
	}
	for {
		seg, err := s.c.Outgoing(w.ctx, from, 500, 1<<20)
		if err != nil {
			w.violate("P6", s, fmt.Sprintf("the journal cannot be sent: %v", err))
			return nil, nil
		}
		if len(seg.Entries) == 0 {
			break
		}
		honest = append(honest, parcel{s: s, segment: seg})
		from = seg.End()
	}
	if len(honest) > 0 && w.strikes(sentAltered) {
		bad = append(bad, w.altered(honest[0]))
	}
	if len(honest) > 0 && w.strikes(sentGap) {
		late, err := s.c.Outgoing(w.ctx, held+1+w.dice.Int64N(3), 500, 1<<20)
		if err == nil && len(late.Entries) > 0 {
			bad = append(bad, parcel{s: s, segment: late, want: hubdb.Gap, kind: sentGap})
		}
	}
	return honest, bad
}

// receipt answers a site with what the hub has on its disk.
func (w *world) receipt(s *site) {
	if size := w.hub.signed[s.n].size; w.chance(300) && size > 0 {
		if size > s.c.Head().Size {
			return // a site that forgot is told so, and gets no receipt
		}
		if err := s.c.TakeReceipt(w.ctx, size, w.now(s), []byte("receipt")); err == nil {
			s.acked = s.c.Head()
		}
	}
}

// deliver brings a site what lies in its inbox.
func (w *world) deliver(s *site) {
	for range 20 {
		if w.strikes(parcelLate) {
			w.took(parcelLate)
			return
		}
		sent := w.inbox(s)
		if len(sent) == 0 {
			return
		}
		if w.strikes(parcelAltered) {
			w.alter(s, sent[0])
		}
		batch, err := w.verified(s, sent)
		if err != nil {
			w.violate("P13", s, fmt.Sprintf("an honest proof is refused: %v", err))
			return
		}
		if w.parts.Heard != nil {
			batch = w.parts.Heard(batch)
		}
		err = w.do(s, "hear", func() error {
			_, err := s.c.Hear(batch)
			return err
		})
		if err == nil {
			w.report.Entries += int64(len(batch))
		} else if errors.Is(err, journal.ErrBroken) && w.report.ForgotTwice > 0 {
			w.split = true // it is seen and refused, for people to look at
		} else if errors.Is(err, journal.ErrBroken) {
			w.violate("P12", s, fmt.Sprintf("what was sent is another history: %v", err))
		}
		if s.c == nil || err != nil {
			return
		}
	}
}

// inbox reads on where the site's own tables say that it has read to.
func (w *world) inbox(s *site) []hubdb.Sent {
	link, joined, err := s.c.Link(w.ctx)
	if err != nil || !joined {
		w.violate("P12", s, fmt.Sprintf("does not know its hub (%v)", err))
		return nil
	}
	newest, again, err := w.hub.db.InboxAt(w.ctx, s.code, link.ReadTo, link.ReadMark)
	if err != nil {
		w.violate("P5", s, fmt.Sprintf("the inbox cannot be read: %v", err))
		return nil
	}
	if again {
		if err := s.c.ReadAgain(); err != nil {
			return nil // its disk failed, and it starts again
		}
		w.reached(inboxAgain)
		link.ReadTo = 0
	}
	at := link.ReadTo
	if newest <= at {
		return nil
	}
	if at > 0 && w.strikes(parcelTwice) {
		w.took(parcelTwice)
		at = max(0, at-w.dice.Int64N(20))
	}
	sent, _, err := w.hub.db.Inbox(w.ctx, s.code, at, 256)
	if err != nil {
		w.violate("P5", s, fmt.Sprintf("the inbox cannot be read: %v", err))
	}
	return sent
}

func (w *world) siteOf(code id.Site) *site {
	i := slices.IndexFunc(w.sites, func(s *site) bool { return s.code == code })
	return w.sites[i]
}

// verified reads proofs as a site does, by the key that the programme names, and
// marks how far it then has read.
func (w *world) verified(s *site, sent []hubdb.Sent) ([]clinic.Heard, error) {
	link, _, err := s.c.Link(w.ctx)
	if err != nil {
		return nil, err
	}
	var out []clinic.Heard
	for _, p := range sent {
		e, _, err := journal.ReadReceipt(p.Proof, w.siteOf(p.Site).keys.Journal.Verifier)
		if err != nil {
			return nil, err
		}
		raw, err := e.Encode()
		if err != nil {
			return nil, err
		}
		h := clinic.Heard{Entry: e, Raw: raw}
		if p.Num > link.ReadTo { // the others came a second time
			link.ReadTo, link.ReadMark = p.Num, journal.Mark(link.ReadMark, p.Site, p.Seq)
			h.Num, h.Mark = link.ReadTo, link.ReadMark
		}
		out = append(out, h)
	}
	return out, nil
}

// alter changes one letter of a proof on the way.
func (w *world) alter(s *site, p hubdb.Sent) {
	bad := append([]byte(nil), p.Proof...)
	i := w.dice.IntN(len(bad))
	bad[i] ^= 1
	w.took(parcelAltered)
	key := w.siteOf(p.Site).keys.Journal.Verifier
	e, _, err := journal.ReadReceipt(bad, key)
	if err != nil {
		w.reached(alteredRefused)
		return
	}
	good, _, gerr := journal.ReadReceipt(p.Proof, key)
	a, aerr := e.Encode()
	b, berr := good.Encode()
	if gerr != nil || aerr != nil || berr != nil || string(a) != string(b) {
		w.violate("P13", s, "an altered entry has a good proof")
	}
}

// follow is what the running program does with its stick: it looks, believes it
// where it knows more, and brings it up to date.
func (w *world) follow(s *site) {
	if s.c == nil {
		return
	}
	tear := w.armTear(s)
	err := w.followOnce(s)
	if w.endTear(s, tear) && err != nil {
		err = w.followOnce(s) // it is put in again
	}
	if errors.Is(err, sqlitefile.ErrStopped) { // a write before this one failed: people start the program again
		w.shut(s)
		w.reboot(s)
		return
	}
	if isFault(err) {
		w.violate("P4", s, fmt.Sprintf("the baton: %v", err))
	}
}

func (w *world) followOnce(s *site) error {
	var m clinic.Medium = medium{s}
	if w.parts.Medium != nil {
		m = w.parts.Medium(m)
	}
	head, name, there, err := m.Look()
	if err != nil || !there {
		return err
	}
	if err := s.c.Forgot(w.ctx, head); err != nil {
		return err
	}
	if head.Size >= s.c.Head().Size {
		return s.c.ReleaseLetters(w.ctx, name, min(head.Size, s.c.Head().Size))
	}
	err = s.c.Mirror(w.ctx)
	if err == nil {
		s.acked = s.c.Head()
	}
	if reason.Rule(err) != "" || errors.Is(err, errFork) {
		return nil
	}
	return err
}
