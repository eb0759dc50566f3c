package clinicdb

import (
	"encoding/json"
	"fmt"

	"tram/internal/care/order"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

// orderWritten keeps an order as its writer wrote it; site is "" for this one.
// What was heard of it before it was written is put in its place then.
func (t *Tx) orderWritten(e journal.Entry, f order.Written, site id.Site) error {
	over, err := json.Marshal(f.Overrides)
	if err != nil {
		return fmt.Errorf("overrides: %w", err)
	}
	return t.c.Exec(`INSERT INTO orders (order_id, patient, phase, amount_ug, first, last, reason, replaces, knew_ended, overrides, imported, written_by,
		written_at, site) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.Order, f.Patient, f.Phase, f.Amount, f.First, f.Last, f.Reason, list(f.Replaces), list(f.KnewEnded),
		string(over), f.Imported, e.By, e.When(), site)
}

// orderSigned puts the order in force and ends those it replaces on its first
// day.
func (t *Tx) orderSigned(e journal.Entry, f order.Signed, site id.Site) error {
	if err := t.orderMark(e, f.Order, site, "signed", order.Stopped{}); err != nil {
		return err
	}
	return t.ordersStand(`order_id = ?1 OR order_id IN (SELECT value FROM orders AS n, json_each(n.replaces) WHERE n.order_id = ?1)`, f.Order)
}

func (t *Tx) orderStopped(e journal.Entry, f order.Stopped, site id.Site) error {
	if err := t.orderMark(e, f.Order, site, "stopped", f); err != nil {
		return err
	}
	return t.ordersStand(`order_id = ?1`, f.Order)
}

func (t *Tx) orderMark(e journal.Entry, o id.Order, site id.Site, what string, f order.Stopped) error {
	return t.c.Exec(`INSERT INTO order_marks (order_id, what, site, at, by, from_day, reason, knew, chosen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		o, what, site, e.When(), e.By, f.From, f.Reason, list(f.Knew), f.For)
}

// ordersStand makes what the marks and the replacing orders say of orders
// stand in their rows: the same, whichever of them came first. which names the
// orders. The rows are gone over twice: an order ends others once it is signed.
func (t *Tx) ordersStand(which string, args ...any) error {
	err := t.c.Exec(`UPDATE orders SET (signed_by, signed_at) = (SELECT by, at FROM order_marks AS m WHERE m.order_id = orders.order_id AND what = 'signed'
		ORDER BY by = '', at, by LIMIT 1)
		WHERE (`+which+`) AND EXISTS (SELECT 1 FROM order_marks AS m WHERE m.order_id = orders.order_id AND what = 'signed')`, args...)
	if err != nil {
		return err
	}
	return t.c.Exec(`UPDATE orders SET
		stopped_from = COALESCE((SELECT min(d) FROM (
			SELECT from_day AS d FROM order_marks AS m WHERE m.order_id = orders.order_id AND what = 'stopped' UNION ALL
			SELECT n.first FROM orders AS n, json_each(n.replaces) AS r WHERE n.patient = orders.patient AND n.last >= orders.first
				AND n.signed_at <> 0 AND r.value = orders.order_id)), 0),
		stop_reason = COALESCE((SELECT reason FROM order_marks AS m WHERE m.order_id = orders.order_id AND what = 'stopped' ORDER BY from_day, at, by LIMIT 1), ''),
		stops = (SELECT json_group_array(json_object('site', site, 'from', from_day, 'knew', json(knew), 'for', chosen)) FROM (
			SELECT site, from_day, knew, chosen FROM order_marks AS m WHERE m.order_id = orders.order_id AND what = 'stopped' ORDER BY from_day, at, by))
		WHERE `+which, args...)
}

func (v *View) orders(where string, args ...any) ([]order.Standing, error) {
	var out []order.Standing
	err := v.c.Query(`SELECT order_id, patient, phase, amount_ug, first, last, reason, overrides, imported, written_by, written_at,
		signed_by, signed_at, stopped_from, site, replaces, knew_ended, stops FROM orders `+where, args, func(r *sqlitefile.Row) error {
		o := order.Standing{
			Order: id.Order(r.Text(0)), Patient: id.Patient(r.Text(1)), Phase: order.Phase(r.Text(2)), Amount: unit.Microgram(r.Int(3)),
			First: dayOf(r, 4), Last: dayOf(r, 5), Reason: r.Text(6), Imported: r.Int(8) == 1, WrittenBy: id.Person(r.Text(9)),
			WrittenAt: day.Instant(r.Int(10)), SignedBy: id.Person(r.Text(11)), SignedAt: day.Instant(r.Int(12)), StoppedFrom: dayOf(r, 13),
		}
		o.Signed = o.SignedAt != 0
		if over := r.Text(7); over != "null" && over != "[]" {
			if err := json.Unmarshal([]byte(over), &o.Overrides); err != nil {
				return fmt.Errorf("overrides of order %s: %w", o.Order, err)
			}
		}
		out = append(out, o)
		return orderTies(r, &out[len(out)-1])
	})
	return out, err
}

// orderTies reads how an order stands to others.
func orderTies(r *sqlitefile.Row, o *order.Standing) (err error) {
	o.Site = id.Site(r.Text(14))
	for i, to := range []*[]id.Order{15: &o.Replaces, 16: &o.KnewEnded} {
		if to == nil || r.Text(i) == "[]" {
			continue
		}
		if *to, err = unlist[id.Order](r.Text(i)); err != nil {
			return fmt.Errorf("order %s: %w", o.Order, err)
		}
	}
	stops := r.Text(17)
	if stops == "[]" {
		return nil
	}
	var list []struct {
		Site id.Site    `json:"site"`
		From int64      `json:"from"`
		Knew []id.Order `json:"knew"`
		For  id.Order   `json:"for"`
	}
	if err := json.Unmarshal([]byte(stops), &list); err != nil {
		return fmt.Errorf("stops of order %s: %w", o.Order, err)
	}
	for _, x := range list {
		o.Stops = append(o.Stops, order.Ending{Site: x.Site, From: day.Day(x.From), Knew: x.Knew, For: x.For})
	}
	return nil
}

// Orders are all orders of a patient, oldest first.
func (v *View) Orders(p id.Patient) ([]order.Standing, error) {
	return v.orders(`WHERE patient = ? ORDER BY written_at, order_id`, string(p))
}

// OrdersNewest are a patient's orders of the days from since on, and in any
// case those of the newest last days, least of them; oldest first. all is how
// many orders there are.
func (v *View) OrdersNewest(p id.Patient, since day.Day, least int) (newest []order.Standing, all int, err error) {
	newest, err = v.orders(`WHERE patient = ?1 AND last >= min(?2, COALESCE((SELECT last FROM orders WHERE patient = ?1
		ORDER BY last DESC LIMIT 1 OFFSET ?3), 0)) ORDER BY written_at, order_id`, p, since, least-1)
	if err != nil {
		return nil, 0, err
	}
	_, err = v.c.One(`SELECT count(*) FROM orders WHERE patient = ?`, []any{p}, func(r *sqlitefile.Row) error {
		all = int(r.Int(0))
		return nil
	})
	return newest, all, err
}

// longest is the longest an order may be (ORDER-03), in days: an order of
// another site that ended so long ago cannot be at odds with one that still runs.
const longest = 366

// OrdersLately are a patient's orders whose last day is not before since,
// oldest first: what the window needs without reading years of history. Of a
// patient with orders of other sites it is a year more: an end that nobody
// answered still counts.
func (v *View) OrdersLately(p id.Patient, since day.Day) ([]order.Standing, error) {
	return v.orders(`WHERE patient = ?1 AND last >= ?2 - CASE WHEN EXISTS (SELECT 1 FROM orders WHERE patient = ?1 AND site <> '') THEN ?3 ELSE 0 END
		ORDER BY written_at, order_id`, p, since, longest)
}

// OrdersAround are the orders of all patients as in [View.OrdersLately], by
// patient, oldest first.
func (v *View) OrdersAround(since day.Day) (map[id.Patient][]order.Standing, error) {
	all, err := v.orders(`WHERE last >= ?1 OR order_id IN (SELECT o.order_id FROM orders AS o WHERE o.last BETWEEN ?1 - ?2 AND ?1 - 1
		AND o.patient IN (SELECT patient FROM orders WHERE site <> '')) ORDER BY written_at, order_id`, since, longest)
	out := map[id.Patient][]order.Standing{}
	for _, o := range all {
		out[o.Patient] = append(out[o.Patient], o)
	}
	return out, err
}

// OrdersWaiting are the orders that wait for a signature, oldest first.
func (v *View) OrdersWaiting() ([]order.Standing, error) {
	return v.orders(`WHERE signed_at = 0 AND stopped_from = 0 ORDER BY written_at, order_id`)
}

// Order is one order, or ErrNotFound.
func (v *View) Order(o id.Order) (order.Standing, error) {
	found, err := v.orders(`WHERE order_id = ?`, string(o))
	if err != nil {
		return order.Standing{}, err
	}
	if len(found) == 0 {
		return order.Standing{}, ErrNotFound
	}
	return found[0], nil
}
