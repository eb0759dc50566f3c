package clinicdb_test

import (
	"fmt"
	"testing"

	"tram/internal/care/order"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
)

// TestOrdersNewest: the orders of the days looked at, at least a handful, and
// how many there are; an old order that still runs is among them.
func TestOrdersNewest(t *testing.T) {
	const start = day.Day(20000)
	db := open(t)
	err := db.Write(func(tx *clinicdb.Tx) error {
		for i := range 20 {
			w := order.Written{Order: id.Order(fmt.Sprint("o", i)), Patient: "p1", Phase: order.Maintenance, Amount: 60_000, First: start + day.Day(28*i), Last: start + day.Day(28*i+27), Reason: "x"}
			if i == 2 {
				w.Last = start + 10_000
			}
			kind, body, err := fact.Encode(w)
			if err != nil {
				return err
			}
			err = tx.Project(journal.Entry{Site: "TG", Seq: int64(i), HLC: journal.HLC{Ms: int64(i + 1)}, Day: w.First, By: "d1", Kind: kind, Fact: body}, nil)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	end := start + 20*28
	for name, x := range map[string]struct {
		p     id.Patient
		since day.Day
		want  []id.Order
		all   int
	}{
		"at least four":        {"p1", end, []id.Order{"o2", "o17", "o18", "o19"}, 20},
		"of the last 140 days": {"p1", end - 140, []id.Order{"o2", "o15", "o16", "o17", "o18", "o19"}, 20},
		"someone without":      {"p2", end, nil, 0},
	} {
		err := db.View(t.Context(), func(v *clinicdb.View) error {
			got, all, err := v.OrdersNewest(x.p, x.since, 4)
			if err != nil {
				return err
			}
			var ids []id.Order
			for _, o := range got {
				ids = append(ids, o.Order)
			}
			if fmt.Sprint(ids) != fmt.Sprint(x.want) || all != x.all {
				t.Errorf("%s: %v of %d, want %v of %d", name, ids, all, x.want, x.all)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
