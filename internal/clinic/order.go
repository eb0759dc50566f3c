package clinic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tram/internal/access"
	"tram/internal/care/order"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// errWarned carries out of the writer that nothing was written because
// warnings wait for a reason. It never leaves this package.
var errWarned = errors.New("warnings wait for a reason")

// WriteOrder writes an order. When warnings come back nothing was written: the
// physician gives a reason for each (order.Override) and sends it again. With
// a PIN the order is signed in the same transaction; without one it waits for
// a signature.
func (c *Clinic) WriteOrder(ctx context.Context, by access.Actor, form id.Form, cmd order.Write, pin string) (order.Written, []reason.Warning, error) {
	if pin != "" {
		if err := c.stepUp(ctx, by, pin); err != nil {
			return order.Written{}, nil, err
		}
	}
	var warnings []reason.Warning
	f, err := do[order.Written](ctx, c, &act{by: by, form: form, same: sameOrder(cmd, pin != ""), decide: func(t *turn) ([]any, error) {
		row, err := t.patient(access.WriteOrder, cmd.Patient)
		if err != nil {
			return nil, err
		}
		h, err := t.history(row)
		if err != nil {
			return nil, err
		}
		f, warn, err := order.DecideWrite(h, cmd, t.today, t.book.Order())
		if warnings = warn; err == nil && len(warn) > 0 {
			err = errWarned
		}
		if err != nil {
			return nil, err
		}
		f.Order = id.Order(c.newID())
		if pin == "" {
			return []any{f}, nil
		}
		signed, err := t.signNew(h, f)
		return []any{f, signed}, err
	}})
	if errors.Is(err, errWarned) {
		return order.Written{}, warnings, nil
	}
	return f, nil, err
}

// signNew signs an order that this same command writes.
func (t *turn) signNew(h order.History, f order.Written) (order.Signed, error) {
	if err := t.allow(access.SignOrder, access.InCare); err != nil {
		return order.Signed{}, err
	}
	h.Orders = append(h.Orders, order.Standing{
		Order: f.Order, Patient: f.Patient, Phase: f.Phase, Amount: f.Amount, First: f.First, Last: f.Last, Reason: f.Reason,
		Overrides: f.Overrides, Imported: f.Imported, WrittenBy: t.by.Person, WrittenAt: t.now,
	})
	return order.DecideSign(h, f.Order, t.by.Person, t.today, t.book.Order())
}

// writeAndSign writes and signs an order that follows from an answer the
// physician gave: each warning is overridden by that answer's own reason,
// which is what the rule table proposed.
func (t *turn) writeAndSign(h order.History, w order.Write) (order.Written, order.Signed, error) {
	f, warn, err := order.DecideWrite(h, w, t.today, t.book.Order())
	if err != nil {
		return order.Written{}, order.Signed{}, err
	}
	if len(warn) > 0 {
		for _, x := range warn {
			w.Overrides = append(w.Overrides, order.Override{Rule: x.Rule, Reason: w.Reason})
		}
		if f, warn, err = order.DecideWrite(h, w, t.today, t.book.Order()); err != nil {
			return order.Written{}, order.Signed{}, err
		}
		if len(warn) > 0 {
			return order.Written{}, order.Signed{}, fmt.Errorf("order for %s: warning %s stays with a reason given", w.Patient, warn[0].Rule)
		}
	}
	f.Order = id.Order(t.c.newID())
	signed, err := t.signNew(h, f)
	return f, signed, err
}

// SignOrders signs orders that wait, with the physician's PIN entered again:
// all of them, or none when one may not be signed.
func (c *Clinic) SignOrders(ctx context.Context, by access.Actor, form id.Form, ids []id.Order, pin string) (int, error) {
	if err := c.stepUp(ctx, by, pin); err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, reason.Refuse("ORDER-46")
	}
	all, err := c.run(ctx, &act{by: by, form: form, same: sameSignatures(ids), decide: func(t *turn) ([]any, error) {
		var out []any
		for _, o := range ids {
			f, err := t.sign(o)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
		return out, nil
	}})
	if err != nil {
		return 0, err
	}
	if len(all) < len(ids) {
		return len(ids), nil // the form was answered before; its first fact stands for all
	}
	return len(all), nil
}

func (t *turn) sign(o id.Order) (order.Signed, error) {
	standing, row, err := t.orderOf(access.SignOrder, o)
	if err != nil {
		return order.Signed{}, err
	}
	h, err := t.history(row)
	if err != nil {
		return order.Signed{}, err
	}
	return order.DecideSign(h, standing.Order, t.by.Person, t.today, t.book.Order())
}

// orderOf loads an order and checks the permission for its patient.
func (t *turn) orderOf(act access.Action, o id.Order) (order.Standing, clinicdb.Patient, error) {
	standing, err := t.tx.Order(o)
	if errors.Is(err, clinicdb.ErrNotFound) {
		return standing, clinicdb.Patient{}, reason.Refuse("ORDER-13")
	}
	if err != nil {
		return standing, clinicdb.Patient{}, fmt.Errorf("read order %s: %w", o, err)
	}
	row, err := t.patient(act, standing.Patient)
	return standing, row, err
}

// StopOrder ends an order early.
func (c *Clinic) StopOrder(ctx context.Context, by access.Actor, form id.Form, o id.Order, from day.Day, why string) (order.Stopped, error) {
	return do[order.Stopped](ctx, c, &act{by: by, form: form, same: as(func(f order.Stopped) bool { return f.Order == o && f.From == from && alike(f.Reason, why) }), decide: func(t *turn) ([]any, error) {
		_, row, err := t.orderOf(access.WriteOrder, o)
		if err != nil {
			return nil, err
		}
		h, err := t.history(row)
		if err != nil {
			return nil, err
		}
		return facts(order.DecideStop(h, order.Stop{Order: o, From: from, Reason: why}, t.today))
	}})
}

// Odds are the patients whose orders were written at different sites without
// knowledge of each other and that no physician answered, by code.
func (c *Clinic) Odds(v *clinicdb.View) ([]PatientOdds, error) {
	today := c.Today()
	orders, err := v.OrdersAround(today)
	if err != nil {
		return nil, fmt.Errorf("read the orders: %w", err)
	}
	var out []PatientOdds
	for p, list := range orders {
		odds, ok := order.At(list, today)
		if !ok {
			continue
		}
		row, err := v.Patient(p)
		if err != nil {
			return nil, fmt.Errorf("read patient %s: %w", p, err)
		}
		if row.InCare() {
			out = append(out, PatientOdds{row, odds})
		}
	}
	slices.SortFunc(out, func(a, b PatientOdds) int { return strings.Compare(a.Patient.Code, b.Patient.Code) })
	return out, nil
}

// PatientOdds are one patient's orders at odds.
type PatientOdds struct {
	Patient clinicdb.Patient
	order.Odds
}

// OddsOf are a patient's orders at odds; ok is false where they are not.
func (c *Clinic) OddsOf(v *clinicdb.View, p id.Patient) (o order.Odds, ok bool, err error) {
	orders, err := v.OrdersLately(p, c.Today())
	if err != nil {
		return o, false, fmt.Errorf("read orders of %s: %w", p, err)
	}
	o, ok = order.At(orders, c.Today())
	return o, ok, nil
}

// ChooseOrder answers orders at odds with one of them, by the physician's PIN:
// the others end, and the answer is known wherever it is heard.
func (c *Clinic) ChooseOrder(ctx context.Context, by access.Actor, form id.Form, cmd order.Choose, pin string) error {
	if err := c.stepUp(ctx, by, pin); err != nil {
		return err
	}
	same := as(func(f order.Stopped) bool { return f.For == cmd.Order && alike(f.Reason, cmd.Reason) })
	_, err := do[order.Stopped](ctx, c, &act{by: by, form: form, same: same, decide: func(t *turn) ([]any, error) {
		_, row, err := t.orderOf(access.SignOrder, cmd.Order)
		if err != nil {
			return nil, err
		}
		h, err := t.history(row)
		if err != nil {
			return nil, err
		}
		stops, err := order.DecideChoose(h, cmd, t.by.Person, t.today, t.book.Order())
		if err != nil {
			return nil, err
		}
		var out []any
		for _, f := range stops {
			out = append(out, f)
		}
		return out, nil
	}})
	return err
}
