package system

import (
	"fmt"
	"strings"

	"tram/internal/care/dose"
	"tram/internal/care/transfer"
	"tram/internal/reason"
)

// ageWord lets the PC run longer than two people's word for the date is good:
// nobody is dosed before it was given again. P10.
func (w *world) ageWord(s *site) {
	w.took(wordOld)
	s.ran += int64(transfer.Proposed.OpenHours+1) * hour
	for n := range w.people {
		p := &w.people[n]
		if p.at != s.n || p.last == w.today || s.sealed {
			continue
		}
		f, err := s.c.Pour(w.ctx, s.manager, s.c.NewForm(), dose.Pour{Patient: p.id, Shown: amount})
		if err == nil {
			w.violate("P10", s, fmt.Sprintf("a dose on a word that is %d hours old", transfer.Proposed.OpenHours+1))
			w.swallows(s, p, f)
		}
		break
	}
	w.nameDate(s)
}

// isRight says whether a dose was refused because the day's right is not here.
func isRight(err error) bool {
	rule := reason.Rule(err)
	return strings.HasPrefix(rule, "TRANSFER-") || strings.HasPrefix(rule, "INST-")
}

// attest gives a dose on people's word, where the machine has no right to the
// day. It is counted apart.
func (w *world) attest(s *site, p *person) bool {
	form := s.c.NewForm()
	var f dose.Attested
	err := w.twice(s, "attest", func() (err error) {
		f, err = s.c.Attest(w.ctx, s.manager, form, dose.Attest{
			Patient: p.id, Amount: amount, Why: "known here, the paper is lost", Card: true, Physician: s.doctor.Person,
		}, s.witness())
		return err
	})
	if err != nil {
		return false
	}
	w.took(onWord)
	w.gave[f.Dose] = gift{site: s.n, size: s.acked.Size}
	if f.Rule == "" || f.Day != s.opened || f.Witness != s.second.Person || f.Physician != s.doctor.Person {
		w.violate("P1", s, fmt.Sprintf("a dose on people's word past rule %q on day %d, with %q and %q", f.Rule, f.Day, f.Witness, f.Physician))
	}
	if p.last == w.today {
		w.report.WordDoubles++
		return true
	}
	p.last, p.where, p.wrong, p.word = w.today, s.n, s.wrong, true
	return true
}
