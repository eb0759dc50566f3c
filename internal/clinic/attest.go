package clinic

import (
	"context"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/staff"
	"tram/internal/care/stock"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/reason"
)

// Attest records a dose that is given on people's word, where the machine has no
// right to the day: a storm, a lost letter, the day of a restore. It is named,
// counted and reported apart from doses by right.
func (c *Clinic) Attest(ctx context.Context, by access.Actor, form id.Form, cmd dose.Attest, w Witness) (dose.Attested, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return dose.Attested{}, err
	}
	cmd.Why = norm.NFC.String(cmd.Why)
	return do[dose.Attested](ctx, c, &act{
		by: by, form: form, same: as(func(f dose.Attested) bool { return f.Patient == cmd.Patient && f.Amount == cmd.Amount }),
		decide: func(t *turn) ([]any, error) { return facts(t.attest(cmd, w)) },
	})
}

func (t *turn) attest(cmd dose.Attest, w Witness) (dose.Attested, error) {
	none := dose.Attested{}
	row, err := t.patient(access.ServeDose, cmd.Patient)
	if err != nil {
		return none, err
	}
	if m, ok := t.c.Member(cmd.Physician); cmd.Physician != "" && (!ok || !physician(m)) {
		return none, reason.Refuse("DOSE-51")
	}
	s, _, win, err := t.c.doseState(&t.tx.View, row, t.today)
	if err != nil {
		return none, err
	}
	cmd.Witness = dose.Second(t.second(w))
	plan, rule, err := dose.DecideAttest(s, cmd, t.by.Person, t.today)
	if err != nil {
		return none, err
	}
	draws, err := stock.Draw(win.usable(), plan.Volume)
	if err != nil {
		return none, err
	}
	f := dose.Attested{
		Dose: id.Dose(t.c.newIDAt(t.now)), Patient: cmd.Patient, Day: t.today, Amount: plan.Amount, Volume: plan.Volume, Why: cmd.Why, Rule: rule,
		Card: cmd.Card, Physician: cmd.Physician, Witness: cmd.Witness.Person,
	}
	for _, d := range draws {
		f.Draws = append(f.Draws, dose.Draw{Bottle: d.Bottle, Volume: d.Volume})
	}
	return f, nil
}

func physician(m staff.Member) bool { return !m.Left && duty.Has(m.Duties, duty.Physician) }

// Physicians are the people at the site who may decide about a dose on people's
// word.
func (c *Clinic) Physicians() []staff.Member {
	var out []staff.Member
	for _, m := range c.People() {
		if physician(m) {
			out = append(out, m)
		}
	}
	return out
}
