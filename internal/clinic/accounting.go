package clinic

import (
	"context"
	"errors"
	"fmt"

	"tram/internal/access"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// FoundLetter is a letter that this site gave and has forgotten, as people read
// it in the counterfoil book or heard it on the telephone.
type FoundLetter struct {
	Line  int    // on which it was typed, from 1
	Code  string // of the patient
	To    id.Site
	First day.Day
	Last  day.Day // Never: for good
}

// Accounting is what people found out about the letters that a restored site
// may have forgotten.
type Accounting struct {
	Found   []FoundLetter // in the order in which they were written; none is an answer
	Sources []string      // "counterfoils", "neighbours", "hub"
	Whole   bool          // nothing is left that could be asked
	Note    string
}

// accountingSources are the sources that can be named.
var accountingSources = map[string]bool{"counterfoils": true, "neighbours": true, "hub": true}

// Unaccounted says whether letters may be missing at this site since a restore,
// so that it doses nobody by right until [Clinic.Account].
func (c *Clinic) Unaccounted(v *clinicdb.View) (bool, error) {
	if c.birth.get() != nil {
		return false, nil // the restore itself is answered for first
	}
	i, _, err := c.installation(v)
	return i.Phase == transfer.Adjudication, err
}

// Account ends the standstill of a site whose PC and second medium were lost
// together: the days in the letters found are given away again, and doses by
// right go on from the next day. What may be refused: INST-12, INST-15, INST-16,
// and INST-20 (nobody of that code) and INST-21 (no other site of that code)
// with the line.
func (c *Clinic) Account(ctx context.Context, by access.Actor, form id.Form, say Accounting, w Witness) (transfer.InstallationAdjudicated, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return transfer.InstallationAdjudicated{}, err
	}
	f, err := do[transfer.InstallationAdjudicated](ctx, c, &act{
		by: by, form: form, same: as(func(f transfer.InstallationAdjudicated) bool {
			return len(f.Found) == len(say.Found) && alike(f.Note, say.Note)
		}),
		decide: func(t *turn) ([]any, error) { return facts(t.accounted(say, w)) },
	})
	if err != nil {
		return f, err
	}
	return f, c.Mirror(ctx)
}

func (t *turn) accounted(say Accounting, w Witness) (transfer.InstallationAdjudicated, error) {
	none := transfer.InstallationAdjudicated{}
	if err := t.allow(access.OpenDay, access.NoPatient); err != nil {
		return none, err
	}
	i, _, err := t.c.installation(&t.tx.View)
	if err != nil {
		return none, err
	}
	if i.Phase != transfer.Adjudication {
		return none, reason.Refuse("INST-16")
	}
	second := t.second(w)
	if second.Person == t.by.Person && second.Person != "" {
		return none, reason.Refuse("DAY-12")
	}
	ask := transfer.Adjudicate{
		Whole: say.Whole && len(say.Sources) > 0, Witness: second.Person, Alone: second.Alone, Note: say.Note, Today: t.today,
	}
	for _, s := range say.Sources {
		if accountingSources[s] {
			ask.Sources = append(ask.Sources, s)
		}
	}
	if ask.Found, err = t.foundLetters(say.Found); err != nil {
		return none, err
	}
	return transfer.DecideAdjudicate(i, ask)
}

// foundLetters are the letters with the people and sites they name.
func (t *turn) foundLetters(lines []FoundLetter) ([]transfer.Found, error) {
	dir, err := t.tx.Directory()
	if err != nil {
		return nil, err
	}
	var out []transfer.Found
	for _, l := range lines {
		p, _, err := t.tx.PatientByCode(l.Code)
		if errors.Is(err, clinicdb.ErrNotFound) {
			return nil, reason.Refuse("INST-20", "line", l.Line, "code", l.Code)
		}
		if err != nil {
			return nil, fmt.Errorf("find the person of line %d: %w", l.Line, err)
		}
		if _, ok := dir.Site(l.To); !ok || l.To == t.c.site.Site {
			return nil, reason.Refuse("INST-21", "line", l.Line, "site", string(l.To))
		}
		out = append(out, transfer.Found{Letter: id.Letter(t.c.newID()), Patient: p.Patient, Other: l.To, First: l.First, Last: l.Last})
	}
	return out, nil
}
