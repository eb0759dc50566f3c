package clinic

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/patient"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
)

// nfc puts the texts of details into the one Unicode form that is stored: two
// spellings of a Vietnamese name that look alike are then alike.
func nfc(d patient.Details) patient.Details {
	for _, s := range []*string{&d.Name, &d.Ethnic, &d.Commune, &d.Village, &d.Phone, &d.Identity, &d.Language, &d.Note, &d.Former} {
		*s = norm.NFC.String(*s)
	}
	return d
}

// Register puts a person on the register who looks like nobody of before, and
// gives the next code.
func (c *Clinic) Register(ctx context.Context, by access.Actor, form id.Form, d patient.Details) (patient.Registered, error) {
	return c.RegisterAnswered(ctx, by, form, d, nil)
}

// Code is the n-th code of a site, with its check character.
func Code(site id.Site, n int) string { return id.CheckCode(fmt.Sprintf("%s-%04d", site, n)) }

func (t *turn) register(d patient.Details, n int) (patient.Registered, error) {
	d = patient.Clean(d)
	taken, err := t.tx.IdentityTaken(d.Identity, "")
	if err != nil {
		return patient.Registered{}, fmt.Errorf("look for the identity number: %w", err)
	}
	f, err := patient.DecideRegister(d, Code(t.c.site.Site, n), taken, t.today)
	f.Patient = id.Patient(t.c.newID())
	return f, err
}

// ChangePatient changes what is written of a person.
func (c *Clinic) ChangePatient(ctx context.Context, by access.Actor, form id.Form, p id.Patient, d patient.Details, why string) (patient.Changed, error) {
	return do[patient.Changed](ctx, c, &act{by: by, form: form, same: as(func(f patient.Changed) bool {
		return f.Patient == p && f.Details == patient.Clean(nfc(d)) && alike(f.Reason, why)
	}), decide: func(t *turn) ([]any, error) {
		if _, err := t.patient(access.ChangePatient, p); err != nil {
			return nil, err
		}
		d := patient.Clean(nfc(d))
		taken, err := t.tx.IdentityTaken(d.Identity, p)
		if err != nil {
			return nil, fmt.Errorf("look for the identity number: %w", err)
		}
		return facts(patient.DecideChange(p, d, taken, norm.NFC.String(why), t.today))
	}})
}

// GiveCard gives a new card; the older ones of the person are replaced.
func (c *Clinic) GiveCard(ctx context.Context, by access.Actor, form id.Form, p id.Patient) (patient.CardGiven, error) {
	return do[patient.CardGiven](ctx, c, &act{by: by, form: form, same: as(func(f patient.CardGiven) bool { return f.Patient == p }), decide: func(t *turn) ([]any, error) {
		if _, err := t.patient(access.ChangePatient, p); err != nil {
			return nil, err
		}
		card := id.CheckCode("T-" + strings.ToUpper(c.newID()[:8]))
		return []any{patient.CardGiven{Patient: p, Card: card}}, nil
	}})
}

// EndCare ends a course of treatment here.
func (c *Clinic) EndCare(ctx context.Context, by access.Actor, form id.Form, p id.Patient, why patient.LeftWhy, note string) (patient.Left, error) {
	return do[patient.Left](ctx, c, &act{by: by, form: form, same: as(func(f patient.Left) bool { return f.Patient == p && f.Why == why && alike(f.Note, note) }), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.EndCare, p)
		if err != nil {
			return nil, err
		}
		open, err := t.tx.OpenDoses(day.Never)
		if err != nil {
			return nil, fmt.Errorf("read the questions: %w", err)
		}
		waits := false
		for _, e := range open {
			waits = waits || e.Patient == p
		}
		return facts(patient.DecideLeave(p, row.InCare(), waits, why, note, t.today))
	}})
}

// RestartCare starts a new course of treatment of a person who left.
func (c *Clinic) RestartCare(ctx context.Context, by access.Actor, form id.Form, p id.Patient) (patient.Returned, error) {
	return do[patient.Returned](ctx, c, &act{by: by, form: form, same: as(func(f patient.Returned) bool { return f.Patient == p }), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.EndCare, p)
		if err != nil {
			return nil, err
		}
		return facts(patient.DecideReturn(p, row.InCare(), t.today))
	}})
}

// Note writes a note on a person's record.
func (c *Clinic) Note(ctx context.Context, by access.Actor, form id.Form, p id.Patient, text string) (patient.Noted, error) {
	return do[patient.Noted](ctx, c, &act{by: by, form: form, same: as(func(f patient.Noted) bool { return f.Patient == p && alike(f.Text, text) }), decide: func(t *turn) ([]any, error) {
		if _, err := t.patient(access.WriteNote, p); err != nil {
			return nil, err
		}
		return facts(patient.DecideNote(p, norm.NFC.String(text), t.today))
	}})
}

// TestUrine records the result of a urine test.
func (c *Clinic) TestUrine(ctx context.Context, by access.Actor, form id.Form, p id.Patient, on day.Day, found []string, method string) (patient.UrineTested, error) {
	return do[patient.UrineTested](ctx, c, &act{by: by, form: form, same: as(func(f patient.UrineTested) bool {
		return f.Patient == p && f.Day == on && alikeAll(f.Found, found) && alike(f.Method, method)
	}), decide: func(t *turn) ([]any, error) {
		if _, err := t.patient(access.WriteNote, p); err != nil {
			return nil, err
		}
		return facts(patient.DecideUrine(p, on, found, method, t.today))
	}})
}

// lookAgain is after how long the same person looking at the same part of the
// same record leaves a new trace: a page that refreshes itself is one look.
const lookAgain = 10 * 60 * 1000

// looks remembers the newest traces, to know a refresh from a look.
type looks struct {
	mu   sync.Mutex
	seen map[look]day.Instant
}

type look struct {
	person  id.Person
	patient id.Patient
	part    string
}

// fresh says whether a look needs a trace of its own.
func (l *looks) fresh(k look, now day.Instant) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.seen[k]; ok && now-at < lookAgain && now >= at {
		return false
	}
	if len(l.seen) > 10_000 {
		l.seen = nil // a day's worth; starting over only makes more traces
	}
	if l.seen == nil {
		l.seen = map[look]day.Instant{}
	}
	l.seen[k] = now
	return true
}

func (l *looks) forget(k look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, k)
}

// See answers whether the actor may see a part of a person's record, and
// leaves the trace, durably, before anything is shown.
func (c *Clinic) See(ctx context.Context, by access.Actor, action access.Action, p id.Patient, part, why string) (clinicdb.Patient, error) {
	var row clinicdb.Patient
	err := c.db.View(ctx, func(v *clinicdb.View) error {
		t := turn{tx: &clinicdb.Tx{View: *v}, by: c.present(by), c: c}
		var err error
		row, err = t.patient(action, p)
		return err
	})
	if err != nil {
		return clinicdb.Patient{}, err
	}
	k := look{by.Person, p, part}
	if !c.looks.fresh(k, c.clock()) {
		return row, nil
	}
	_, err = c.run(ctx, &act{by: by, decide: func(t *turn) ([]any, error) {
		if _, err := t.patient(action, p); err != nil {
			return nil, err
		}
		return []any{access.Seen{Patient: p, Part: part, Why: why}}, nil
	}})
	if err != nil {
		c.looks.forget(k)
		return clinicdb.Patient{}, err
	}
	return row, nil
}

// searchedMax is as much of what was searched as a trace keeps: a name.
const searchedMax = 100

// Searched leaves the trace of a search among people that showed several of
// them: what was typed, and nobody's record in particular.
func (c *Clinic) Searched(ctx context.Context, by access.Actor, action access.Action, typed string) error {
	typed = norm.NFC.String(typed)
	if r := []rune(typed); len(r) > searchedMax {
		typed = string(r[:searchedMax])
	}
	return c.trace(ctx, by, action, look{by.Person, "", "search " + typed}, access.Seen{Part: "search", Why: typed})
}

// looked leaves the trace of a list that tells of several people's treatment:
// who looked at which list, and at nobody's record in particular.
func (c *Clinic) looked(ctx context.Context, by access.Actor, action access.Action, part string) error {
	if err := access.Allow(c.present(by), action, access.InCare); err != nil {
		return err
	}
	return c.trace(ctx, by, action, look{by.Person, "", part}, access.Seen{Part: part})
}

// trace records a look at nobody in particular, unless it is the same look
// still.
func (c *Clinic) trace(ctx context.Context, by access.Actor, action access.Action, k look, seen access.Seen) error {
	if !c.looks.fresh(k, c.clock()) {
		return nil
	}
	_, err := c.run(ctx, &act{by: by, decide: func(t *turn) ([]any, error) {
		return []any{seen}, t.allow(action, access.InCare)
	}})
	if err != nil {
		c.looks.forget(k)
	}
	return err
}

// Print records that a paper about patients was made; action is what lets the
// actor make it.
func (c *Clinic) Print(ctx context.Context, by access.Actor, action access.Action, paper, about string) error {
	_, err := c.run(ctx, &act{by: by, decide: func(t *turn) ([]any, error) {
		if err := t.allow(action, access.InCare); err != nil {
			return nil, err
		}
		return []any{access.Printed{Paper: paper, About: about}}, nil
	}})
	return err
}
