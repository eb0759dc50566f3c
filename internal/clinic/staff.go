package clinic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tram/internal/access"
	"tram/internal/care/site"
	"tram/internal/care/staff"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/rulebook"
)

// Enrol puts a person on the staff and gives a one-time code with which that
// person sets a PIN.
func (c *Clinic) Enrol(ctx context.Context, by access.Actor, form id.Form, name string, duties []duty.Duty, pin string) (staff.Enrolled, string, error) {
	if err := c.stepUpHigh(ctx, by, pin); err != nil {
		return staff.Enrolled{}, "", err
	}
	f, err := do[staff.Enrolled](ctx, c, &act{by: by, form: form, same: as(func(f staff.Enrolled) bool { return alike(f.Name, name) && slices.Equal(f.Duties, duties) }), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ManageStaff, access.NoPatient); err != nil {
			return nil, err
		}
		f, err := staff.DecideEnrol(name, duties, t.nameTaken(name))
		f.Person = id.Person(c.newID())
		return facts(f, err)
	}})
	if err != nil {
		return f, "", err
	}
	code, err := c.ResetPIN(ctx, by, f.Person, pin)
	return f, code, err
}

func (t *turn) nameTaken(name string) bool {
	for _, m := range *t.c.people.Load() {
		if !m.Left && m.Name == name {
			return true
		}
	}
	return false
}

// member finds a person of the staff and counts the managers beside them.
func (t *turn) member(p id.Person) (m staff.Member, otherManagers int, err error) {
	if err := t.allow(access.ManageStaff, access.NoPatient); err != nil {
		return m, 0, err
	}
	m, ok := t.c.Member(p)
	if !ok {
		return m, 0, reason.Refuse("STAFF-05")
	}
	for _, x := range *t.c.people.Load() {
		if x.Person != p && !x.Left && duty.Has(x.Duties, duty.Manager) {
			otherManagers++
		}
	}
	return m, otherManagers, nil
}

// SetDuties sets a person's duties; they act at once.
func (c *Clinic) SetDuties(ctx context.Context, by access.Actor, form id.Form, p id.Person, duties []duty.Duty, why, pin string) error {
	if err := c.stepUpHigh(ctx, by, pin); err != nil {
		return err
	}
	_, err := do[staff.DutiesSet](ctx, c, &act{by: by, form: form, same: as(func(f staff.DutiesSet) bool {
		return f.Person == p && slices.Equal(f.Duties, duties) && alike(f.Reason, why)
	}), decide: func(t *turn) ([]any, error) {
		m, others, err := t.member(p)
		if err != nil {
			return nil, err
		}
		return facts(staff.DecideDuties(m, duties, others, why))
	}})
	return err
}

// Leave takes a person off the staff; what they did stays theirs.
func (c *Clinic) Leave(ctx context.Context, by access.Actor, form id.Form, p id.Person, why, pin string) error {
	if err := c.stepUpHigh(ctx, by, pin); err != nil {
		return err
	}
	_, err := do[staff.Left](ctx, c, &act{by: by, form: form, same: as(func(f staff.Left) bool { return f.Person == p && alike(f.Reason, why) }), decide: func(t *turn) ([]any, error) {
		m, others, err := t.member(p)
		if err != nil {
			return nil, err
		}
		return facts(staff.DecideLeave(m, others, why))
	}})
	return err
}

// ConfirmRules confirms, changes or sets the programme's numbers, as one
// whole.
func (c *Clinic) ConfirmRules(ctx context.Context, by access.Actor, form id.Form, asks []rulebook.Confirm, pin string) error {
	if err := c.stepUpHigh(ctx, by, pin); err != nil {
		return err
	}
	_, err := c.run(ctx, &act{by: by, form: form, same: sameRules(asks), decide: func(t *turn) ([]any, error) {
		if err := t.allow(access.ManageRules, access.NoPatient); err != nil {
			return nil, err
		}
		return t.confirm(asks)
	}})
	return err
}

func (t *turn) confirm(asks []rulebook.Confirm) ([]any, error) {
	past, err := bookChanges(&t.tx.View)
	if err != nil {
		return nil, err
	}
	decided, err := rulebook.DecideConfirm(t.book.Set, past, asks)
	if err != nil {
		return nil, err
	}
	var out []any
	for _, f := range decided {
		out = append(out, f)
	}
	return out, nil
}

// Founding is what a new site starts with.
type Founding struct {
	Site    site.Founded
	Manager string // name of the first person, who has every duty until others are enrolled
	Duties  []duty.Duty
	PIN     string
	Numbers []rulebook.Confirm // answers to what the rule set leaves open
}

// Found writes the first facts of a site into an empty database. It returns
// the first person's id.
func Found(ctx context.Context, o Options, f Founding) (id.Person, error) {
	founded, err := site.DecideFound(f.Site)
	if err != nil {
		return "", err
	}
	if err := staff.CheckPIN(f.PIN); err != nil {
		return "", err
	}
	set, err := rulebook.Load(founded.Rules)
	if err != nil {
		return "", fmt.Errorf("rule set %q: %w", founded.Rules, err)
	}
	numbers, err := rulebook.DecideConfirm(set, nil, f.Numbers)
	if err != nil {
		return "", err
	}
	first, err := staff.DecideEnrol(f.Manager, f.Duties, false)
	if err != nil {
		return "", err
	}
	c, err := unfounded(ctx, o, founded)
	if err != nil {
		return "", err
	}
	first.Person = id.Person(c.newID())
	all := []any{founded, first, staff.SecretSet{Person: first.Person, What: "pin"}}
	for _, n := range numbers {
		all = append(all, n)
	}
	hash, err := c.hash(f.PIN)
	if err != nil {
		return "", err
	}
	err = c.commit([]*act{{
		by:     access.Actor{Person: systemPerson},
		decide: func(*turn) ([]any, error) { return all, nil },
		local:  func(tx *clinicdb.Tx) error { return tx.SetSecrets(first.Person, clinicdb.Secrets{PIN: hash}) },
	}})
	return first.Person, err
}

// ErrFounded says that a database already holds a site.
var ErrFounded = errors.New("a site is founded here already")
