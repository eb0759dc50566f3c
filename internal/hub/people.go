package hub

import (
	"context"
	"fmt"
	"strings"

	"tram/internal/access"
	"tram/internal/care/staff"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/fold"
	"tram/internal/id"
	"tram/internal/reason"
)

// People are those who work at the hub now.
func (h *Hub) People() []staff.Member {
	var out []staff.Member
	for _, m := range h.office.book.Load().people {
		if !m.Left {
			out = append(out, m)
		}
	}
	return out
}

// Member is a person who works at the hub now.
func (h *Hub) Member(p id.Person) (staff.Member, bool) {
	for _, m := range h.People() {
		if m.Person == p {
			return m, true
		}
	}
	return staff.Member{}, false
}

// Called is the name of someone who works or worked at the hub; the id where
// there is none, as for what a command of this machine did.
func (h *Hub) Called(p id.Person) string {
	for _, m := range h.office.book.Load().people {
		if m.Person == p {
			return m.Name
		}
	}
	return string(p)
}

// May says whether a person may do something of the hub, with the duties of
// this moment. Whoever gives commands on this machine may.
func (h *Hub) May(p id.Person, act access.Action) error {
	if p == terminal {
		return nil
	}
	m, ok := h.Member(p)
	if !ok {
		p = "" // signed in once, and gone since
	}
	return access.Allow(access.Actor{Person: p, Duties: m.Duties}, act, access.NoPatient)
}

// otherManagers counts the managers beside one person.
func (h *Hub) otherManagers(p id.Person) int {
	n := 0
	for _, m := range h.People() {
		if m.Person != p && duty.Has(m.Duties, duty.Manager) {
			n++
		}
	}
	return n
}

// AddPerson makes someone one of the hub's people and answers the one-time code
// by which they set their password.
func (h *Hub) AddPerson(ctx context.Context, by Signed, name string, duties []duty.Duty) (staff.Member, string, error) {
	if err := h.May(by.Person, access.ManageStaff); err != nil {
		return staff.Member{}, "", err
	}
	taken := false
	for _, m := range h.People() {
		taken = taken || fold.Fold(m.Name) == fold.Fold(strings.Join(strings.Fields(name), " "))
	}
	f, err := staff.DecideEnrol(name, duties, taken)
	if err != nil {
		return staff.Member{}, "", err
	}
	if err := h.stepUp(ctx, by, access.ManageStaff); err != nil {
		return staff.Member{}, "", err
	}
	f.Person = id.Person(newID(h.o.Rand))
	if err := h.Record(ctx, by.Person, f, staff.SecretSet{Person: f.Person, What: "code"}); err != nil {
		return staff.Member{}, "", err
	}
	code, err := h.firstCode(f.Person)
	return staff.Member{Person: f.Person, Name: f.Name, Duties: f.Duties}, code, err
}

// SetDuties changes what a person does at the hub.
func (h *Hub) SetDuties(ctx context.Context, by Signed, p id.Person, duties []duty.Duty, why string) error {
	if err := h.May(by.Person, access.ManageStaff); err != nil {
		return err
	}
	m, ok := h.Member(p)
	m.Left = !ok
	f, err := staff.DecideDuties(m, duties, h.otherManagers(p), why)
	if err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.ManageStaff); err != nil {
		return err
	}
	return h.Record(ctx, by.Person, f)
}

// EndPerson takes a person off the hub's people; what they have open is closed
// with their next request.
func (h *Hub) EndPerson(ctx context.Context, by Signed, p id.Person, why string) error {
	if err := h.May(by.Person, access.ManageStaff); err != nil {
		return err
	}
	m, ok := h.Member(p)
	m.Left = !ok
	f, err := staff.DecideLeave(m, h.otherManagers(p), why)
	if err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.ManageStaff); err != nil {
		return err
	}
	return h.Record(ctx, by.Person, f)
}

// NewFirstCode gives a person a one-time code, to set a new password with.
func (h *Hub) NewFirstCode(ctx context.Context, by Signed, p id.Person) (string, error) {
	if err := h.May(by.Person, access.ManageStaff); err != nil {
		return "", err
	}
	if _, ok := h.Member(p); !ok {
		return "", reason.Refuse("STAFF-05")
	}
	if err := h.stepUp(ctx, by, access.ManageStaff); err != nil {
		return "", err
	}
	if err := h.Record(ctx, by.Person, staff.SecretSet{Person: p, What: "code"}); err != nil {
		return "", err
	}
	return h.firstCode(p)
}

// SetFirstPassword sets a person's password by a one-time code (STAFF-16: wrong,
// used or too old).
func (h *Hub) SetFirstPassword(ctx context.Context, p id.Person, code, password string) error {
	m, ok := h.Member(p)
	if !ok {
		return reason.Refuse("STAFF-16")
	}
	if err := clinic.CheckPassword(password, m, h.Directory().Programme.Name); err != nil {
		return err
	}
	good, err := h.spendCode(p, code)
	if err != nil {
		return err
	}
	if !good {
		return reason.Refuse("STAFF-16")
	}
	return h.newPassword(ctx, m, password)
}

// ChangePassword sets a person's own password, after the present one.
func (h *Hub) ChangePassword(ctx context.Context, by Signed, password string) error {
	m, ok := h.Member(by.Person)
	if !ok {
		return reason.Refuse("STAFF-05")
	}
	if err := clinic.CheckPassword(password, m, h.Directory().Programme.Name); err != nil {
		return err
	}
	if err := h.stepUp(ctx, by, access.ConfirmIdentity); err != nil {
		return err
	}
	return h.newPassword(ctx, m, password)
}

func (h *Hub) newPassword(ctx context.Context, m staff.Member, password string) error {
	if err := h.office.setPassword(m.Person, password, h.o); err != nil {
		return fmt.Errorf("set a password: %w", err)
	}
	return h.Record(ctx, m.Person, staff.SecretSet{Person: m.Person, What: "password"})
}

// NewForm is an id for a form that is about to be shown.
func (h *Hub) NewForm() id.Form { return id.Form(newID(h.o.Rand)) }

// Today is the hub's date.
func (h *Hub) Today() day.Day { return h.office.dayOf(h.o.Clock(), *h.office.book.Load()) }

// Zone is the hub's time zone.
func (h *Hub) Zone() day.Zone { return *h.office.zone.Load() }
