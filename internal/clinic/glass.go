package clinic

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
)

// broken remembers when, in the running time of this program, a record was
// opened in an emergency: a clock that somebody sets back gives no more time.
type broken struct {
	mu sync.Mutex
	at map[id.Glass]time.Duration
}

// brokenMax bounds what is remembered; what is forgotten is judged by the PC's
// clock and the journal, as after a restart.
const brokenMax = 10_000

func (b *broken) note(g id.Glass, ran time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.at == nil || len(b.at) >= brokenMax {
		b.at = map[id.Glass]time.Duration{}
	}
	b.at[g] = ran
}

// since is how many milliseconds went by since an opening, -1 when the program
// was started again.
func (b *broken) since(g id.Glass, ran time.Duration) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, ok := b.at[g]
	if !ok {
		return -1
	}
	return (ran - at).Milliseconds()
}

// BreakGlass opens a patient's record to the actor for an hour, to read. The
// actor proves who they are once more and says why.
func (c *Clinic) BreakGlass(ctx context.Context, by access.Actor, form id.Form, cmd access.Break, secret string) (access.GlassBroken, error) {
	if err := c.stepUpHigh(ctx, by, secret); err != nil {
		return access.GlassBroken{}, err
	}
	cmd.Reason = norm.NFC.String(cmd.Reason)
	var made id.Glass
	return do[access.GlassBroken](ctx, c, &act{by: by, form: form, same: as(func(f access.GlassBroken) bool {
		return f.Patient == cmd.Patient && alike(f.Reason, cmd.Reason)
	}), decide: func(t *turn) ([]any, error) {
		s, err := t.atGlass(cmd.Patient)
		if err != nil {
			return nil, err
		}
		f, err := access.DecideBreak(s, cmd, t.by.Person, t.name())
		if err != nil {
			return nil, err
		}
		f.Glass = id.Glass(c.newID())
		made = f.Glass
		return []any{f}, nil
	}, local: func(*clinicdb.Tx) error {
		c.glass.note(made, c.word.uptime())
		return nil
	}})
}

// name is what the actor is called here.
func (t *turn) name() string {
	m, _ := t.c.Member(t.by.Person)
	return m.Name
}

// relation is how somebody stands to the site, who may be known only from
// others: PATIENT-13 where nobody ever told of them.
func (t *turn) relation(p id.Patient) (access.Relation, error) {
	row, err := t.tx.Patient(p)
	if err == nil {
		return Relation(row), nil
	}
	if !errors.Is(err, clinicdb.ErrNotFound) {
		return "", fmt.Errorf("read patient %s: %w", p, err)
	}
	heard, err := t.tx.HeardOnly(p)
	switch {
	case err != nil:
		return "", fmt.Errorf("read what was heard of %s: %w", p, err)
	case !heard:
		return "", reason.Refuse("PATIENT-13")
	}
	return access.Elsewhere, nil
}

// mayBreak answers how a patient stands to the site, where the actor may open
// records in an emergency.
func (t *turn) mayBreak(p id.Patient) (access.Relation, error) {
	if err := t.allow(access.BreakGlass, access.NoPatient); err != nil {
		return "", err
	}
	rel, err := t.relation(p)
	if err != nil {
		return "", err
	}
	return rel, t.allow(access.BreakGlass, rel)
}

// atGlass is what the decision to open a record needs.
func (t *turn) atGlass(p id.Patient) (access.Opening, error) {
	rel, err := t.mayBreak(p)
	if err != nil {
		return access.Opening{}, err
	}
	s := access.Opening{Sees: t.allow(access.SeeRecord, rel) == nil, Now: t.now}
	g, err := t.under(p)
	if err == nil {
		s.Until = g.Until
	}
	if err != nil && reason.Rule(err) == "" {
		return s, err
	}
	return s, nil
}

// under is the opening under which the actor may read a patient's record now,
// or the refusal.
func (t *turn) under(p id.Patient) (access.GlassBroken, error) {
	g, err := t.tx.NewestGlass(t.by.Person, p)
	if err != nil {
		return access.GlassBroken{}, err
	}
	m := access.Moment{Now: t.now, Newest: t.c.log.Head().LastHLC.Instant(), Ran: -1}
	if g != nil {
		m.Ran = t.c.glass.since(g.Glass, t.c.word.uptime())
	}
	if err := access.Under(g, t.by.Person, p, m); err != nil {
		return access.GlassBroken{}, err
	}
	return *g, nil
}

// AtGlass is a record before the glass, as whoever asks may see it there: who
// the person is, and how the asker stands to the record.
type AtGlass struct {
	Person clinicdb.Patient
	Rel    access.Relation
	Sees   bool                // the record is open to the asker's duties
	Good   *access.GlassBroken // an opening of the asker's that is still good
	Over   *reason.Refusal     // why an opening of before is not; nil where there was none
}

// BeforeGlass answers what the page that asks to open a record shows.
func (c *Clinic) BeforeGlass(ctx context.Context, by access.Actor, p id.Patient) (out AtGlass, err error) {
	err = c.ask(ctx, by, func(t *turn) error {
		if out.Rel, err = t.mayBreak(p); err != nil {
			return err
		}
		if out.Person, err = personOf(&t.tx.View, p); err != nil {
			return err
		}
		out.Sees = t.allow(access.SeeRecord, out.Rel) == nil
		g, err := t.under(p)
		var no *reason.Refusal
		switch {
		case err == nil:
			out.Good = &g
		case !errors.As(err, &no):
			return err
		case no.Rule != "GLASS-04":
			out.Over = no
		}
		return nil
	})
	return out, err
}

// ask answers a question as a command would, with the duties and the time of
// now, and writes nothing.
func (c *Clinic) ask(ctx context.Context, by access.Actor, fn func(t *turn) error) error {
	return c.db.View(ctx, func(v *clinicdb.View) error {
		return fn(&turn{tx: &clinicdb.Tx{View: *v}, by: c.present(by), now: c.clock(), c: c})
	})
}

// personOf is who somebody is, by this site's record or by what others told.
func personOf(v *clinicdb.View, p id.Patient) (clinicdb.Patient, error) {
	row, err := v.Patient(p)
	if errors.Is(err, clinicdb.ErrNotFound) {
		row, err = v.HeardPerson(p)
	}
	if errors.Is(err, clinicdb.ErrNotFound) {
		return clinicdb.Patient{Patient: p}, nil // told of, and not who it is
	}
	return row, err
}

// UnderGlass is the opening under which a record is read, and how the patient
// stands to the site.
type UnderGlass struct {
	access.GlassBroken
	Rel access.Relation
}

// SeeUnderGlass shows a record that the actor opened in an emergency, for as
// long as that is good, and leaves the trace, durably, before anything is
// shown. The record of somebody known only from other sites is what they told.
func (c *Clinic) SeeUnderGlass(
	ctx context.Context, by access.Actor, p id.Patient, part string, read func(v *clinicdb.View, row clinicdb.Patient, g UnderGlass) error,
) error {
	var g UnderGlass
	check := func(t *turn) (err error) {
		if g.Rel, err = t.mayBreak(p); err != nil {
			return err
		}
		g.GlassBroken, err = t.under(p)
		return err
	}
	if err := c.ask(ctx, by, check); err != nil {
		return err
	}
	k := look{by.Person, p, part + " " + string(g.Glass)}
	if c.looks.fresh(k, c.clock()) {
		_, err := c.run(ctx, &act{by: by, decide: func(t *turn) ([]any, error) {
			if err := check(t); err != nil {
				return nil, err
			}
			return []any{access.Seen{Patient: p, Part: part, Glass: g.Glass}}, nil
		}})
		if err != nil {
			c.looks.forget(k)
			return err
		}
	}
	if g.Rel == access.Elsewhere {
		return c.db.Glance(p, func(v *clinicdb.View, row clinicdb.Patient) error { return read(v, row, g) })
	}
	return c.db.View(ctx, func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		if err != nil {
			return fmt.Errorf("read patient %s: %w", p, err)
		}
		return read(v, row, g)
	})
}

// FindForGlass finds people by name or code, those known only from other sites
// among them, and leaves the trace of the search.
func (c *Clinic) FindForGlass(ctx context.Context, by access.Actor, typed string) (here, there []clinicdb.Patient, err error) {
	typed = norm.NFC.String(typed)
	if err := c.Searched(ctx, by, access.BreakGlass, typed); err != nil {
		return nil, nil, err
	}
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		one, _, err := v.PatientByCode(typed)
		switch {
		case err == nil:
			here = []clinicdb.Patient{one}
			return nil
		case !errors.Is(err, clinicdb.ErrNotFound):
			return err
		}
		if here, err = v.Search(typed); err != nil {
			return err
		}
		there, err = v.SearchHeard(typed)
		return err
	})
	return here, there, err
}

// ReviewGlass records that the actor has seen an opening, and what they found.
func (c *Clinic) ReviewGlass(ctx context.Context, by access.Actor, form id.Form, cmd access.Review) (access.GlassReviewed, error) {
	cmd.Note = norm.NFC.String(cmd.Note)
	return do[access.GlassReviewed](ctx, c, &act{by: by, form: form, same: as(func(f access.GlassReviewed) bool {
		return f.Glass == cmd.Glass && f.Found == cmd.Found && alike(f.Note, cmd.Note)
	}), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ReviewGlass, access.NoPatient); err != nil {
			return nil, err
		}
		s := access.Answering{Others: t.c.otherReviewers(t.by.Person)}
		g, err := t.tx.Glass(cmd.Glass)
		if err != nil && !errors.Is(err, clinicdb.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			s.Broken, s.Answered = &g.GlassBroken, g.Answered()
		}
		return facts(access.DecideReview(s, cmd, t.by.Person, t.name()))
	}})
}

// otherReviewers says whether anybody but one person may answer for openings.
func (c *Clinic) otherReviewers(but id.Person) bool {
	for _, m := range *c.people.Load() {
		if m.Person != but && !m.Left && access.Allow(access.Actor{Person: m.Person, Duties: m.Duties}, access.ReviewGlass, access.NoPatient) == nil {
			return true
		}
	}
	return false
}

// GlassOpening is an opening with who the record is of.
type GlassOpening struct {
	clinicdb.Glass
	Of    clinicdb.Patient
	Own   bool // the asker's, for another manager of this site to answer
	Alone bool // the asker's, and there is no other manager
}

// Openings are records opened in an emergency, for whoever answers for them or
// audits: those that wait for an answer, oldest first, or the newest of all.
func (c *Clinic) Openings(ctx context.Context, by access.Actor, action access.Action, waiting bool, limit int) (out []GlassOpening, err error) {
	err = c.ask(ctx, by, func(t *turn) error {
		if err := t.allow(action, access.NoPatient); err != nil {
			return err
		}
		var all []clinicdb.Glass
		if waiting {
			all, err = t.tx.GlassesToAnswer()
		} else {
			all, err = t.tx.Glasses("", limit)
		}
		for i := 0; err == nil && i < len(all); i++ {
			x := GlassOpening{Glass: all[i]}
			if all[i].Person == t.by.Person {
				x.Own = t.c.otherReviewers(t.by.Person)
				x.Alone = !x.Own
			}
			x.Of, err = personOf(&t.tx.View, all[i].Patient)
			out = append(out, x)
		}
		return err
	})
	return out, err
}
