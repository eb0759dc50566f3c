package system

import (
	"errors"
	"fmt"

	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/fact"
	"tram/internal/journal"
	"tram/internal/reason"
	"tram/internal/sqlitefile"
)

// office is what has left a site: its journal as it was sent, and the proofs of
// the entries that other sites hear.
type office struct {
	raw    [][]byte
	proofs []proof
}

type proof struct {
	seq  int64
	text []byte
}

func (o *office) size() int64 { return int64(len(o.raw)) }

// exchange sends what is new and brings it to the others: late, twice, mixed.
func (w *world) exchange() {
	for _, s := range w.sites {
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
		w.collect(s)
	}
	for _, s := range w.sites {
		if s.cut == 0 && s.c != nil {
			w.deliver(s)
		}
	}
}

var sharedKinds = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range fact.Kinds {
		m[k.Name] = k.Shared
	}
	return m
}()

// collect takes a site's new entries, and sometimes answers with a receipt.
func (w *world) collect(s *site) {
	if s.c == nil {
		return
	}
	o := &w.post[s.n]
	for {
		seg, err := s.c.Outgoing(w.ctx, o.size(), 500, 1<<20)
		if err != nil {
			w.violate("P6", s, fmt.Sprintf("the journal cannot be sent: %v", err))
			return
		}
		if len(seg.Entries) == 0 {
			break
		}
		w.prove(s, o, seg)
	}
	if w.chance(300) && o.size() > 0 {
		if err := s.c.TakeReceipt(w.ctx, o.size(), w.now(s), []byte("receipt")); err == nil {
			s.acked = s.c.Head()
		}
	}
}

func (w *world) prove(s *site, o *office, seg journal.Segment) {
	w.view(s, func(v *clinicdb.View) error {
		for i, raw := range seg.Entries {
			e, err := journal.Decode(raw)
			if err != nil {
				return err
			}
			o.raw = append(o.raw, raw)
			if !sharedKinds[e.Kind] {
				continue
			}
			text, err := journal.Receipt(v.Conn(), s.code, s.keys.Journal.Verifier, seg.From+int64(i))
			if err != nil {
				return err
			}
			o.proofs = append(o.proofs, proof{e.Seq, text})
		}
		return nil
	})
}

// deliver brings a site what the others sent.
func (w *world) deliver(s *site) {
	order := []int{(s.n + 1) % sitesMax, (s.n + 2) % sitesMax}
	if w.strikes(parcelMixed) {
		w.took(parcelMixed)
		order[0], order[1] = order[1], order[0]
	}
	for _, from := range order {
		if w.strikes(parcelLate) {
			w.took(parcelLate)
			continue
		}
		all := w.post[from].proofs
		at := s.known[from]
		if at > 0 && w.strikes(parcelTwice) {
			w.took(parcelTwice)
			at = max(0, at-int64(w.dice.IntN(20)))
		}
		if at == int64(len(all)) {
			continue
		}
		if w.strikes(parcelAltered) {
			w.alter(s, from, all[at].text)
		}
		batch, err := w.verified(from, all[at:])
		if err != nil {
			w.violate("P13", s, fmt.Sprintf("an honest proof of %s is refused: %v", w.sites[from].code, err))
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
			s.known[from] = int64(len(all))
			w.report.Entries += int64(len(batch))
		} else if errors.Is(err, journal.ErrBroken) {
			w.violate("P12", s, fmt.Sprintf("what %s sent is another history: %v", w.sites[from].code, err))
		}
		if s.c == nil {
			return
		}
	}
}

// verified reads proofs as a site does: by the key that the programme names.
func (w *world) verified(from int, proofs []proof) ([]clinic.Heard, error) {
	var out []clinic.Heard
	for _, p := range proofs {
		e, _, err := journal.ReadReceipt(p.text, w.sites[from].keys.Journal.Verifier)
		if err != nil {
			return nil, err
		}
		raw, err := e.Encode()
		if err != nil {
			return nil, err
		}
		out = append(out, clinic.Heard{Entry: e, Raw: raw})
	}
	return out, nil
}

// alter changes one letter of a proof on the way.
func (w *world) alter(s *site, from int, text []byte) {
	bad := append([]byte(nil), text...)
	i := w.dice.IntN(len(bad))
	bad[i] ^= 1
	w.took(parcelAltered)
	e, _, err := journal.ReadReceipt(bad, w.sites[from].keys.Journal.Verifier)
	if err != nil {
		w.reached(alteredRefused)
		return
	}
	good, _, gerr := journal.ReadReceipt(text, w.sites[from].keys.Journal.Verifier)
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
	err := w.followOnce(s)
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
