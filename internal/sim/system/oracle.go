package system

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tram/internal/care/dose"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/hubdb"
	"tram/internal/id"
	"tram/internal/journal"
)

func (w *world) say() clinic.Say { return clinic.Say{OnlyPC: true} }

// seqOf is the place of a letter in the journal.
func (w *world) seqOf(s *site, l id.Letter) (seq int64, err error) {
	err = s.c.View(w.ctx, func(v *clinicdb.View) error {
		out, err := v.LetterOut(l)
		seq = out.Seq
		return err
	})
	return seq, err
}

// conserved checks that usable holders and open letters of a person's coming
// days are one at most. P2.
func (w *world) conserved() {
	var held [sitesMax][]transfer.Holding
	for _, s := range w.sites {
		if s.c == nil || s.sealed {
			return
		}
		w.view(s, func(v *clinicdb.View) error {
			for _, p := range w.people {
				h, err := v.Holding(p.id)
				if err != nil {
					return err
				}
				held[s.n] = append(held[s.n], h)
			}
			return nil
		})
	}
	for n := range w.people {
		var of [sitesMax]transfer.Holding
		for i := range held {
			if n >= len(held[i]) {
				return // it could not be read, which is told already
			}
			of[i] = held[i][n]
		}
		w.conservedFor(n, of)
	}
}

func (w *world) conservedFor(n int, held [sitesMax]transfer.Holding) {
	p := &w.people[n]
	for d := w.today + 1; d < w.today+4; d++ {
		var who []string
		for i, h := range held {
			for _, x := range h.Days {
				if x.Has(d) {
					who = append(who, string(w.sites[i].code))
				}
			}
		}
		for _, l := range w.papers {
			open := l.who == n && (transfer.Span{First: l.first, Last: l.last}).Has(d)
			taken := slices.ContainsFunc(held[l.to].In, func(x transfer.In) bool { return x.Letter == l.letter })
			given := slices.ContainsFunc(held[l.from].Out, func(x transfer.Out) bool { return x.Letter == l.letter })
			if open && given && !taken {
				who = append(who, "letter "+string(l.letter))
			}
		}
		if len(who) > 1 {
			w.violate("P2", w.sites[p.at], fmt.Sprintf("%s on day %d is held by %s", p.id, d-w.ground.start, strings.Join(who, " and ")))
			return
		}
	}
}

var errBack = errors.New("nothing is kept")

// audit reads the whole journal and makes every table again beside. P6.
func (w *world) audit(s *site) {
	w.report.Audits++
	w.view(s, func(v *clinicdb.View) error {
		_, err := journal.Verify(v.Conn(), s.code, s.keys.Journal.Verifier, nil)
		return err
	})
	err := s.db.Write(func(tx *clinicdb.Tx) error {
		have, err := tx.Digest()
		if err != nil {
			return err
		}
		if err := tx.Rebuild(nil); err != nil {
			return err
		}
		again, err := tx.Digest()
		if err != nil {
			return err
		}
		for table, sum := range have {
			if again[table] != sum {
				w.violate("P6", s, "table "+table+" is not what the journal makes of it")
			}
		}
		return errBack
	})
	if !errors.Is(err, errBack) {
		w.violate("P6", s, fmt.Sprintf("tables made again: %v", err))
	}
}

// settle ends a history: everybody has heard everything, and shows the same. P12.
func (w *world) settle() {
	for range 2 {
		w.exchange()
	}
	for _, s := range w.sites {
		if s.c != nil {
			w.audit(s)
		}
	}
	for n := range w.people {
		if !w.split {
			w.converged(n)
		}
	}
	w.hubKnows()
}

// converged compares what the sites that know a person show of their doses.
func (w *world) converged(n int) {
	p := w.people[n]
	first, from := "", ""
	for _, s := range w.sites {
		if s.c == nil {
			continue
		}
		shows := ""
		w.view(s, func(v *clinicdb.View) error {
			if _, err := v.Patient(p.id); errors.Is(err, clinicdb.ErrNotFound) {
				return nil
			}
			doses, err := v.DosesOf(p.id, w.ground.start, w.today)
			shows = w.history(doses)
			return err
		})
		switch {
		case shows == "":
		case first == "":
			first, from = shows, string(s.code)
		case shows != first:
			w.violate("P12", s, fmt.Sprintf("%s is shown otherwise than at %s: %s", p.id, from, apart(shows, first)))
		}
	}
	doses, err := w.hub.db.DosesOf(w.ctx, p.id)
	if err != nil {
		w.violate("P12", w.sites[p.home], fmt.Sprintf("the hub cannot be read: %v", err))
		return
	}
	if shows := w.hubHistory(doses); first != "" && shows != first {
		w.violate("P12", w.sites[p.home], fmt.Sprintf("%s is shown otherwise at the hub than at %s: %s", p.id, from, apart(shows, first)))
	}
}

// apart are the doses that only one of two histories has.
func apart(here, there string) string {
	a, b := strings.Split(here, "; "), strings.Split(there, "; ")
	var out []string
	for _, d := range a {
		if !slices.Contains(b, d) {
			out = append(out, "here "+d)
		}
	}
	for _, d := range b {
		if !slices.Contains(a, d) {
			out = append(out, "there "+d)
		}
	}
	return strings.Join(out, "; ")
}

func (w *world) hubHistory(doses []hubdb.Dose) string {
	var lines []string
	for _, d := range doses {
		if w.gave[d.Dose].gone {
			continue
		}
		lines = append(lines, fmt.Sprintf("%d %s %s %d %d", d.Day, d.Dose, d.Outcome, d.Amount, d.Taken))
	}
	slices.Sort(lines)
	return "doses; " + strings.Join(lines, "; ")
}

func (w *world) history(doses []dose.Entry) string {
	var lines []string
	for _, d := range doses {
		if w.gave[d.Dose].gone {
			continue
		}
		lines = append(lines, fmt.Sprintf("%d %s %s %d %d", d.Day, d.Dose, d.Outcome, d.Amount, d.Taken))
	}
	slices.Sort(lines)
	return "doses; " + strings.Join(lines, "; ")
}
