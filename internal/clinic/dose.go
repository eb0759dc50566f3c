package clinic

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stock"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

type accessAction = access.Action

// Pour records that a dose is measured into the cup. When it returns no error
// the dose is durable, and the cup may be filled; when it returns one, nothing
// was written and nothing may be poured.
func (c *Clinic) Pour(ctx context.Context, by access.Actor, form id.Form, cmd dose.Pour) (dose.Poured, error) {
	return do[dose.Poured](ctx, c, &act{by: by, form: form, same: as(func(f dose.Poured) bool { return f.Patient == cmd.Patient && f.Amount == cmd.Shown }), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.ServeDose, cmd.Patient)
		if err != nil {
			return nil, err
		}
		s, _, w, err := t.c.doseState(&t.tx.View, row, t.today)
		if err != nil {
			return nil, err
		}
		plan, err := dose.DecidePour(s, cmd, t.today, t.now, *t.c.doseLimits.Load())
		if err != nil {
			return nil, err
		}
		draws, err := stock.Draw(w.usable(), plan.Volume)
		if err != nil {
			return nil, err
		}
		f := dose.Poured{
			Dose: id.Dose(c.newIDAt(t.now)), Patient: row.Patient, Day: t.today, Order: plan.Order, Amount: plan.Amount, Volume: plan.Volume,
			Station: by.Station, Replaces: plan.Replaces,
		}
		for _, d := range draws {
			f.Draws = append(f.Draws, dose.Draw{Bottle: d.Bottle, Volume: d.Volume})
		}
		return []any{f}, nil
	}})
}

// Swallow records that the dose was seen swallowed.
func (c *Clinic) Swallow(ctx context.Context, by access.Actor, form id.Form, d id.Dose) (dose.Swallowed, error) {
	return do[dose.Swallowed](ctx, c, &act{by: by, form: form, same: as(func(f dose.Swallowed) bool { return f.Dose == d }), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.ServeDose, d)
		if err != nil {
			return nil, err
		}
		return facts(dose.DecideSwallowed(e, by.Person, t.today))
	}})
}

// TakePart records that only a part was swallowed.
func (c *Clinic) TakePart(ctx context.Context, by access.Actor, form id.Form, cmd dose.TakePart, w Witness) (dose.PartTaken, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return dose.PartTaken{}, err
	}
	return do[dose.PartTaken](ctx, c, &act{by: by, form: form, same: as(func(f dose.PartTaken) bool { return f.Dose == cmd.Dose && f.Rest == cmd.Rest && alike(f.Why, cmd.Why) }), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.ServeDose, cmd.Dose)
		if err != nil {
			return nil, err
		}
		cmd.Witness = dose.Second(t.second(w))
		return facts(dose.DecidePart(e, cmd, by.Person, t.today))
	}})
}

// NotGive records that the cup was not handed over.
func (c *Clinic) NotGive(ctx context.Context, by access.Actor, form id.Form, cmd dose.NotGive, w Witness) (dose.NotGiven, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return dose.NotGiven{}, err
	}
	return do[dose.NotGiven](ctx, c, &act{by: by, form: form, same: as(func(f dose.NotGiven) bool {
		return f.Dose == cmd.Dose && f.Why == cmd.Why && f.Wasted == (cmd.Wasted || cmd.Why == dose.Spilt) && alike(f.Note, cmd.Note)
	}), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.ServeDose, cmd.Dose)
		if err != nil {
			return nil, err
		}
		if err := t.canTakeBack(cmd); err != nil {
			return nil, err
		}
		cmd.Witness = dose.Second(t.second(w))
		return facts(dose.DecideNotGiven(e, cmd, by.Person, t.today))
	}})
}

// canTakeBack refuses (STOCK-12) to put a cup back into a bottle that was taken
// out of use meanwhile: nobody would ever count it again.
func (t *turn) canTakeBack(cmd dose.NotGive) error {
	if cmd.Wasted {
		return nil
	}
	draws, err := t.tx.Draws(cmd.Dose)
	if err != nil {
		return err
	}
	for _, d := range draws {
		b, err := t.tx.Bottle(d.Bottle)
		if err != nil {
			return fmt.Errorf("read bottle %s: %w", d.Bottle, err)
		}
		if b.Finished {
			return reason.Refuse("STOCK-12")
		}
	}
	return nil
}

// AnswerDose records what two people found out about a poured dose nobody had
// answered for.
func (c *Clinic) AnswerDose(ctx context.Context, by access.Actor, form id.Form, cmd dose.Answer, w Witness) (dose.Answered, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return dose.Answered{}, err
	}
	return do[dose.Answered](ctx, c, &act{by: by, form: form, same: as(func(f dose.Answered) bool {
		return f.Dose == cmd.Dose && f.Outcome == cmd.Outcome && alike(f.Note, cmd.Note)
	}), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.CorrectDose, cmd.Dose)
		if err != nil {
			return nil, err
		}
		cmd.Witness = dose.Second(t.second(w))
		return facts(dose.DecideAnswer(e, cmd, by.Person))
	}})
}

// CorrectDose puts right a mistaken entry; the entry stays.
func (c *Clinic) CorrectDose(ctx context.Context, by access.Actor, form id.Form, cmd dose.Correct, w Witness) (dose.Corrected, error) {
	if err := c.CheckWitness(ctx, w); err != nil {
		return dose.Corrected{}, err
	}
	return do[dose.Corrected](ctx, c, &act{by: by, form: form, same: as(func(f dose.Corrected) bool {
		return f.Dose == cmd.Dose && f.Outcome == cmd.Outcome && (f.Outcome != dose.PartOnly || f.Taken == cmd.Taken) && alike(f.Reason, cmd.Reason)
	}), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.CorrectDose, cmd.Dose)
		if err != nil {
			return nil, err
		}
		if cmd.OfDay, err = t.tx.DosesOf(e.Patient, e.Day, e.Day); err != nil {
			return nil, fmt.Errorf("read the day of dose %s: %w", e.Dose, err)
		}
		cmd.Witness = dose.Second(t.second(w))
		return facts(dose.DecideCorrect(e, cmd, by.Person))
	}})
}

// Vomited records that the patient vomited after a dose.
func (c *Clinic) Vomited(ctx context.Context, by access.Actor, form id.Form, cmd dose.Vomit) (dose.Vomited, error) {
	return do[dose.Vomited](ctx, c, &act{by: by, form: form, same: as(func(f dose.Vomited) bool {
		return f.Dose == cmd.Dose && f.Minutes == cmd.Minutes && f.Seen == cmd.Seen && alike(f.Note, cmd.Note)
	}), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.ServeDose, cmd.Dose)
		if err != nil {
			return nil, err
		}
		return facts(dose.DecideVomited(e, cmd, t.now))
	}})
}

// AllowReplacement records that a physician allows the replacement of a
// vomited dose. pin is the physician's own, entered again.
func (c *Clinic) AllowReplacement(ctx context.Context, by access.Actor, form id.Form, d id.Dose, amount unit.Microgram, why, pin string) (dose.ReplacementAllowed, error) {
	if err := c.stepUp(ctx, by, pin); err != nil {
		return dose.ReplacementAllowed{}, err
	}
	return do[dose.ReplacementAllowed](ctx, c, &act{by: by, form: form, same: as(func(f dose.ReplacementAllowed) bool { return f.Dose == d && f.Amount == amount && alike(f.Reason, why) }), decide: func(t *turn) ([]any, error) {
		e, _, err := t.doseOf(access.AllowDose, d)
		if err != nil {
			return nil, err
		}
		return facts(dose.DecideReplacement(e, amount, why, t.today))
	}})
}

// Hold records that today's dose is held back.
func (c *Clinic) Hold(ctx context.Context, by access.Actor, form id.Form, cmd dose.Hold) (dose.Held, error) {
	return do[dose.Held](ctx, c, &act{by: by, form: form, same: as(func(f dose.Held) bool {
		return f.Patient == cmd.Patient && f.Why == cmd.Why && alikeAll([]string{f.Signs, f.Called, f.Plan}, []string{cmd.Signs, cmd.Called, cmd.Plan})
	}), decide: func(t *turn) ([]any, error) {
		s, err := t.serve(access.ServeDose, cmd.Patient)
		if err != nil {
			return nil, err
		}
		return facts(dose.DecideHold(s, cmd, t.today))
	}})
}

// Release lifts a hold of today.
func (c *Clinic) Release(ctx context.Context, by access.Actor, form id.Form, p id.Patient, what string) (dose.Released, error) {
	return do[dose.Released](ctx, c, &act{by: by, form: form, same: as(func(f dose.Released) bool { return f.Patient == p && alike(f.Note, what) }), decide: func(t *turn) ([]any, error) {
		s, err := t.serve(access.ServeDose, p)
		if err != nil {
			return nil, err
		}
		return facts(dose.DecideRelease(s, p, what, t.today))
	}})
}

// serve is the state of a patient whom the actor may act for.
func (t *turn) serve(act access.Action, p id.Patient) (dose.State, error) {
	row, err := t.patient(act, p)
	if err != nil {
		return dose.State{}, err
	}
	s, _, _, err := t.c.doseState(&t.tx.View, row, t.today)
	return s, err
}

// GapAnswer is a physician's answer after missed days.
type GapAnswer struct {
	Patient id.Patient
	Action  dose.GapAction
	Amount  unit.Microgram // for a reduction or a restart: the new dose
	Days    int            // for those: how many days the new order runs
	Reason  string
	PIN     string // the physician's own, entered again
}

// AnswerGap records the answer. A reduction or a restart writes and signs a
// new order in the same transaction: the physician's one act.
func (c *Clinic) AnswerGap(ctx context.Context, by access.Actor, form id.Form, cmd GapAnswer) (dose.GapAnswered, error) {
	if err := c.stepUp(ctx, by, cmd.PIN); err != nil {
		return dose.GapAnswered{}, err
	}
	return do[dose.GapAnswered](ctx, c, &act{by: by, form: form, same: sameAnswer(cmd), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.AllowDose, cmd.Patient)
		if err != nil {
			return nil, err
		}
		s, _, _, err := t.c.doseState(&t.tx.View, row, t.today)
		if err != nil {
			return nil, err
		}
		f, err := dose.DecideGapAnswer(s, cmd.Patient, cmd.Action, cmd.Reason, t.today, *t.c.doseLimits.Load())
		if err != nil || (cmd.Action != dose.Reduce && cmd.Action != dose.Restart) {
			return facts(f, err)
		}
		written, signed, err := t.gapOrder(row, s, cmd)
		if err != nil {
			return nil, err
		}
		f.Order = written.Order
		return []any{f, written, signed}, nil
	}})
}

// gapMark begins the reason of an order that follows from an answer to missed
// days when the physician wrote none: a sign for pages to say in the reader's
// language, because a record has readers of several.
const gapMark = "gap:"

func gapWhy(a dose.GapAction, missed int) string { return fmt.Sprintf("%s%s:%d", gapMark, a, missed) }

// GapWhy reads the reason that an answer to missed days left on its order; ok is
// false for words that somebody wrote.
func GapWhy(reason string) (a dose.GapAction, missed int, ok bool) {
	rest, ok := strings.CutPrefix(reason, gapMark)
	action, days, two := strings.Cut(rest, ":")
	n, err := strconv.Atoi(days)
	if !ok || !two || err != nil || n < 0 || (action != string(dose.Reduce) && action != string(dose.Restart)) {
		return "", 0, false
	}
	return dose.GapAction(action), n, true
}

// gapOrder is the new order that a reduction or a restart comes with. It may
// not be above the order it takes the place of (ORDER-47): an answer to a gap
// never raises a dose.
func (t *turn) gapOrder(row clinicdb.Patient, s dose.State, cmd GapAnswer) (order.Written, order.Signed, error) {
	if s.Ordered > 0 && cmd.Amount > s.Ordered {
		return order.Written{}, order.Signed{}, reason.Refuse("ORDER-47", "ordered", s.Ordered)
	}
	h, err := t.history(row)
	if err != nil {
		return order.Written{}, order.Signed{}, err
	}
	phase := order.Adjustment
	if cmd.Action == dose.Restart {
		phase = order.Induction
	}
	why := cmd.Reason
	if why == "" {
		why = gapWhy(cmd.Action, s.MissedDays(t.today))
	}
	w := order.Write{
		Patient: row.Patient, Phase: phase, Amount: cmd.Amount, First: t.today, Last: t.today + day.Day(max(cmd.Days, 1)) - 1, Reason: why,
	}
	return t.writeAndSign(h, w)
}
