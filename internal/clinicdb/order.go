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

func (t *Tx) orderWritten(e journal.Entry, f order.Written) error {
	over, err := json.Marshal(f.Overrides)
	if err != nil {
		return fmt.Errorf("overrides: %w", err)
	}
	return t.c.Exec(`INSERT INTO orders (order_id, patient, phase, amount_ug, first, last, reason, replaces, overrides, imported, written_by,
		written_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(f.Order), string(f.Patient), string(f.Phase), int64(f.Amount), int64(f.First), int64(f.Last), f.Reason, list(f.Replaces),
		string(over), f.Imported, string(e.By), int64(e.When()))
}

// orderSigned puts the order in force and ends those it replaces on its first
// day.
func (t *Tx) orderSigned(e journal.Entry, f order.Signed) error {
	err := t.c.Exec(`UPDATE orders SET signed_by = ?, signed_at = ? WHERE order_id = ?`, string(e.By), int64(e.When()), string(f.Order))
	if err != nil {
		return err
	}
	return t.c.Exec(`UPDATE orders SET stopped_from = n.first FROM (SELECT first, replaces FROM orders WHERE order_id = ?) AS n
		WHERE orders.order_id IN (SELECT value FROM json_each(n.replaces)) AND (orders.stopped_from = 0 OR orders.stopped_from > n.first)`, string(f.Order))
}

func (v *View) orders(where string, args ...any) ([]order.Standing, error) {
	var out []order.Standing
	err := v.c.Query(`SELECT order_id, patient, phase, amount_ug, first, last, reason, overrides, imported, written_by, written_at,
		signed_by, signed_at, stopped_from FROM orders `+where, args, func(r *sqlitefile.Row) error {
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
		return nil
	})
	return out, err
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

// OrdersLately are a patient's orders whose last day is not before since,
// oldest first: what the window needs without reading years of history.
func (v *View) OrdersLately(p id.Patient, since day.Day) ([]order.Standing, error) {
	return v.orders(`WHERE patient = ? AND last >= ? ORDER BY written_at, order_id`, string(p), int64(since))
}

// OrdersAround are the orders of all patients whose last day is not before
// since, by patient, oldest first.
func (v *View) OrdersAround(since day.Day) (map[id.Patient][]order.Standing, error) {
	all, err := v.orders(`WHERE last >= ? ORDER BY written_at, order_id`, int64(since))
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
