package clinic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/patient"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/reason"
)

// Programme-wide, a site knows identity numbers by their digests only: the list
// comes from the hub, the key lies sealed in the database and is opened in
// memory. Decision 0015.

// ListState is what this site can say of identity numbers at other sites.
type ListState string

// The states. Unknown numbers are never called new where the list is missing.
const (
	ListNone    ListState = ""        // a site of its own: there are no other sites
	ListWaits   ListState = "waits"   // it belongs to a programme, and the key or the list has not come yet
	ListPresent ListState = "present" // numbers are looked for, as the list was when the hub was last reached
)

// List is the list of digests as it is here.
type List struct {
	State   ListState
	Records int         // of the programme, in the list
	Contact day.Instant // when the hub was last reached; 0 if never
}

// DigestList is how the list of the programme's identity numbers stands here.
func (c *Clinic) DigestList(ctx context.Context) (List, error) {
	var l List
	err := c.db.View(ctx, func(v *clinicdb.View) error {
		link, err := v.Link()
		if errors.Is(err, clinicdb.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the link: %w", err)
		}
		l.State, l.Contact = ListWaits, link.ContactAt
		if _, err = v.DigestKey(); errors.Is(err, clinicdb.ErrNotFound) {
			return nil
		}
		if err == nil {
			l.Records, err = v.DigestsKnown()
		}
		if l.Records > 0 && c.unseal != nil {
			l.State = ListPresent
		}
		return err
	})
	if err != nil {
		return l, fmt.Errorf("the list of digests: %w", err)
	}
	return l, nil
}

// opened is the key of digests in memory.
type opened struct {
	key    clinicdb.DigestKey
	secret [32]byte
}

// digested are the digests of one registration, made before the writer is
// asked: they are slow on purpose.
type digested struct {
	generation int
	digests    []string
}

// digest makes the digests of a text's identity numbers; none where there is
// no key.
func (c *Clinic) digest(ctx context.Context, identity string) (digested, error) {
	numbers := patient.Numbers(identity)
	if len(numbers) == 0 || c.unseal == nil {
		return digested{}, nil
	}
	var k clinicdb.DigestKey
	err := c.db.View(ctx, func(v *clinicdb.View) (err error) {
		k, err = v.DigestKey()
		return err
	})
	if errors.Is(err, clinicdb.ErrNotFound) {
		return digested{}, nil
	}
	if err != nil {
		return digested{}, fmt.Errorf("read the key of digests: %w", err)
	}
	o := c.opened.Load()
	if o == nil || o.key != k {
		secret, err := c.unseal(keys.DigestUse, k.Sealed)
		if err != nil {
			return digested{}, fmt.Errorf("open the key of digests: %w", err)
		}
		o = &opened{key: k}
		copy(o.secret[:], secret)
		c.opened.Store(o)
	}
	d := digested{generation: k.Generation}
	for _, n := range numbers {
		d.digests = append(d.digests, keys.Digest(o.secret, k.CostKiB, n))
	}
	return d, nil
}

// candidates are the records that may be of a person with these details, those
// with the same identity number first: of the programme, by the digest; of this
// site, and of people heard of, by name and birth.
func candidates(v *clinicdb.View, d patient.Details, with digested) ([]patient.Candidate, error) {
	var out []patient.Candidate
	add := func(c patient.Candidate) {
		if !slices.ContainsFunc(out, func(x patient.Candidate) bool { return x.Other == c.Other }) {
			out = append(out, c)
		}
	}
	here, err := v.PatientsAll()
	if err != nil {
		return nil, fmt.Errorf("read the patients: %w", err)
	}
	known := map[id.Patient]bool{}
	for _, p := range here {
		known[p.Patient] = true
	}
	for _, x := range with.digests {
		found, err := v.ByDigest(with.generation, x)
		if err != nil {
			return nil, fmt.Errorf("look for a digest: %w", err)
		}
		for _, c := range found {
			if !known[c.Other] { // whoever is known here is looked for by the number itself
				add(c)
			}
		}
	}
	err = v.PeopleElsewhere(func(c patient.Candidate, of patient.Details) {
		if c.Why = patient.Alike(d, of); c.Why != patient.Unlike {
			add(c)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read the people heard of: %w", err)
	}
	for _, p := range here {
		if why := patient.Alike(d, p.Details); why == patient.ByName {
			add(patient.Candidate{Other: p.Patient, Code: p.Code, Why: why})
		}
	}
	slices.SortStableFunc(out, func(a, b patient.Candidate) int { return cmpLikeness(a.Why, b.Why) })
	return out, nil
}

func cmpLikeness(a, b patient.Likeness) int {
	rank := func(l patient.Likeness) int {
		if l == patient.ByIdentity {
			return 0
		}
		return 1
	}
	return rank(a) - rank(b)
}

// Likely answers which records may be of a person who is about to be
// registered. A record elsewhere that is found leaves a trace before it is
// shown: that somebody is in the programme is told to who asked, and written
// down. Who tries many numbers is stopped (PATIENT-40).
func (c *Clinic) Likely(ctx context.Context, by access.Actor, d patient.Details) ([]patient.Candidate, error) {
	if err := access.Allow(c.present(by), access.ChangePatient, access.InCare); err != nil {
		return nil, err
	}
	d = patient.Clean(nfc(d))
	if err := c.probes.ask(by.Person, patient.Numbers(d.Identity), c.clock()); err != nil {
		return nil, err
	}
	with, err := c.digest(ctx, d.Identity)
	if err != nil {
		return nil, err
	}
	var found []patient.Candidate
	err = c.db.View(ctx, func(v *clinicdb.View) error {
		found, err = candidates(v, d, with)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, c.tracedCandidates(ctx, by, found)
}

// tracedCandidates leaves the trace of records elsewhere that were found.
func (c *Clinic) tracedCandidates(ctx context.Context, by access.Actor, found []patient.Candidate) error {
	var seen []any
	var looks []look
	for _, x := range found {
		k := look{by.Person, x.Other, "likeness"}
		if x.Site != "" && c.looks.fresh(k, c.clock()) {
			seen, looks = append(seen, access.Seen{Part: "likeness", Why: x.Code}), append(looks, k)
		}
	}
	if len(seen) == 0 {
		return nil
	}
	_, err := c.run(ctx, &act{by: by, decide: func(t *turn) ([]any, error) { return seen, t.allow(access.ChangePatient, access.InCare) }})
	if err != nil {
		for _, k := range looks {
			c.looks.forget(k)
		}
	}
	return err
}

// RegisterAnswered puts a person on the register whom people have told apart
// from the records that look alike, or could not; then nobody is dosed under
// the new record until somebody knows (PATIENT-36).
func (c *Clinic) RegisterAnswered(ctx context.Context, by access.Actor, form id.Form, d patient.Details, said []patient.Said) (patient.Registered, error) {
	for i := range said {
		said[i].Note = norm.NFC.String(said[i].Note)
	}
	with, err := c.digest(ctx, d.Identity)
	if err != nil {
		return patient.Registered{}, err
	}
	f, err := do[patient.Registered](ctx, c, &act{by: by, form: form, same: as(func(f patient.Registered) bool { return f.Details == patient.Clean(nfc(d)) }), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ChangePatient, access.InCare); err != nil {
			return nil, err
		}
		return t.registerAnswered(nfc(d), with, said)
	}})
	if err == nil {
		c.probes.forget(by.Person, patient.Numbers(f.Details.Identity))
	}
	return f, err
}

func (t *turn) registerAnswered(d patient.Details, with digested, said []patient.Said) ([]any, error) {
	n, err := t.tx.CodesUsed()
	if err != nil {
		return nil, fmt.Errorf("count the codes: %w", err)
	}
	f, err := t.register(d, n+1)
	if err != nil {
		return nil, err
	}
	found, err := candidates(&t.tx.View, f.Details, with)
	if err != nil {
		return nil, err
	}
	answers, err := patient.DecideLikeness(found, said)
	if err != nil {
		return nil, err
	}
	out := []any{f}
	for _, a := range answers {
		a.Patient = f.Patient
		out = append(out, a)
	}
	return out, nil
}

// KnownAlready records that the person before the desk has a record already;
// nobody is registered.
func (c *Clinic) KnownAlready(ctx context.Context, by access.Actor, form id.Form, d patient.Details, said patient.Said) (patient.LikenessAnswered, error) {
	said.Note = norm.NFC.String(said.Note)
	with, err := c.digest(ctx, d.Identity)
	if err != nil {
		return patient.LikenessAnswered{}, err
	}
	return do[patient.LikenessAnswered](ctx, c, &act{by: by, form: form, same: as(func(f patient.LikenessAnswered) bool { return f.Other == said.Other }), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ChangePatient, access.InCare); err != nil {
			return nil, err
		}
		found, err := candidates(&t.tx.View, patient.Clean(nfc(d)), with)
		if err != nil {
			return nil, err
		}
		return facts(patient.DecideKnown(found, said))
	}})
}

// Doubled says why nobody is dosed under a record because of another one, nil
// when nothing does; also for papers of a day ahead.
func Doubled(v *clinicdb.View, p id.Patient, today day.Day) (*reason.Refusal, error) {
	all, err := v.DoublesOf(p)
	if err != nil {
		return nil, fmt.Errorf("read the doubles of %s: %w", p, err)
	}
	for _, d := range all {
		if no := patient.Stop(d.Double, today); no != nil {
			return named(v, no)
		}
	}
	return nil, nil
}

// AnswerDouble answers a second record of a patient's person, so that the
// window may go on.
func (c *Clinic) AnswerDouble(ctx context.Context, by access.Actor, form id.Form, cmd patient.DoubleAnswered) (patient.DoubleAnswered, error) {
	cmd.Note = norm.NFC.String(cmd.Note)
	return do[patient.DoubleAnswered](ctx, c, &act{by: by, form: form, same: as(func(f patient.DoubleAnswered) bool {
		return f.Patient == cmd.Patient && f.Other == cmd.Other
	}), decide: func(t *turn) ([]any, error) {
		if _, err := t.patient(access.ChangePatient, cmd.Patient); err != nil {
			return nil, err
		}
		all, err := t.tx.DoublesOf(cmd.Patient)
		if err != nil {
			return nil, fmt.Errorf("read the doubles of %s: %w", cmd.Patient, err)
		}
		for _, d := range all {
			if d.Other == cmd.Other {
				return facts(patient.DecideDouble(d.Double, cmd, t.today))
			}
		}
		return nil, reason.Refuse("PATIENT-38")
	}})
}

// A registration looks one or two numbers up, and one more when it was
// mistyped. Who looks up many and registers nobody is trying them out.
const (
	probesMost = 20
	probesFor  = 60 * 60 * 1000 // milliseconds
)

// probes counts the identity numbers that a person looked up and that led to no
// registration.
type probes struct {
	mu sync.Mutex
	of map[id.Person]map[string]day.Instant
}

func (p *probes) ask(who id.Person, numbers []string, now day.Instant) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[id.Person]map[string]day.Instant{}
	}
	mine := p.of[who]
	if mine == nil {
		mine = map[string]day.Instant{}
		p.of[who] = mine
	}
	for n, at := range mine {
		if now-at > probesFor {
			delete(mine, n)
		}
	}
	for _, n := range numbers {
		if _, again := mine[n]; !again && len(mine) >= probesMost {
			return reason.Refuse("PATIENT-40", "most", probesMost)
		}
		mine[n] = now
	}
	return nil
}

func (p *probes) forget(who id.Person, numbers []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range numbers {
		delete(p.of[who], n)
	}
}
