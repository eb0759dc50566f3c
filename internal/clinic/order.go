package clinic

import (
	"context"
	"errors"
	"fmt"

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
