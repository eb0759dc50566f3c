package clinicdb_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tram/internal/care/order"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/journal"
)

// said is one fact of another site.
type said struct {
	site       id.Site
	kind, body string
}

const written = `{"order":%q,"patient":"a1","phase":"maintenance","amount_ug":%d,"first":%q,"last":%q,"replaces":[%s],"rules_version":1}`

func wrote(o string, mg int, first, last day.Day, replaces string) string {
	return fmt.Sprintf(written, o, mg*1000, first.String(), last.String(), replaces)
}

// TestOrdersHeardInAnyOrder: an order, its signature, the order that replaces
// it, a stop and a physician's choice make the same record in each of the
// orders in which they may be heard, also after a rebuild.
func TestOrdersHeardInAnyOrder(t *testing.T) {
	const d = day.Day(20780)
	facts := []said{
		{"NS", "order.written", wrote("o1", 60, d-10, d+10, "")},
		{"NS", "order.signed", `{"order":"o1","patient":"a1"}`},
		{"PX", "order.written", wrote("o2", 70, d-5, d+20, `"o1"`)},
		{"PX", "order.signed", `{"order":"o2","patient":"a1"}`},
		{"NS", "order.stopped", `{"order":"o1","patient":"a1","from":"` + (d - 6).String() + `","reason":"r","knew":["o9"]}`},
		{"NS", "order.stopped", `{"order":"o1","patient":"a1","from":"` + (d - 2).String() + `","reason":"r","for":"o2"}`},
	}
	var want []order.Standing
	n := int64(0)
	w := newWorld(t)
	permute(facts, func(list []said) {
		n++
		got := w.heardApart(n, list)
		if want == nil {
			want = got
			checkOrders(t, got, d)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("heard as %v: %s", list, diff)
		}
	})
	w = newWorld(t)
	w.here("patient.registered", registered)
	for _, f := range slices.Backward(facts) {
		w.there(f.site, f.kind, f.body)
	}
	w.sameAfterRebuild()
}

// heardApart hears facts about a person of their own, as one transaction, and
// answers the orders under their plain names.
func (w *world) heardApart(n int64, list []said) (out []order.Standing) {
	w.t.Helper()
	apart := strings.NewReplacer(`"a1"`, fmt.Sprintf(`"a1-%d"`, n), `"o1"`, fmt.Sprintf(`"o1-%d"`, n), `"o2"`, fmt.Sprintf(`"o2-%d"`, n))
	w.write(func(tx *clinicdb.Tx) error {
		e := journal.Entry{Site: "TG", Seq: n, HLC: journal.HLC{Ms: n}, Day: 20000, Kind: "patient.registered", Fact: json.RawMessage(apart.Replace(registered))}
		e.Fact = json.RawMessage(strings.ReplaceAll(string(e.Fact), "TG-0001-T", fmt.Sprint("TG-", n)))
		if err := tx.Project(e, nil); err != nil {
			return err
		}
		for i, f := range list {
			h := journal.Entry{Site: f.site, Seq: 10*n + int64(i), HLC: journal.HLC{Ms: 1_700_000_000_000 + int64(len(f.body))}, Day: 20000, By: "q1", Kind: f.kind, Fact: json.RawMessage(apart.Replace(f.body))}
			raw, err := h.Encode()
			if err != nil {
				return err
			}
			if _, err := tx.Hear(h, raw); err != nil {
				return err
			}
		}
		var err error
		out, err = tx.Orders(id.Patient(fmt.Sprint("a1-", n)))
		return err
	})
	plain := strings.NewReplacer(fmt.Sprintf("-%d\x00", n), "")
	strip := func(o id.Order) id.Order { return id.Order(plain.Replace(string(o) + "\x00")) }
	for i := range out {
		o := &out[i]
		o.Order, o.Patient = strip(o.Order), "a1"
		for j := range o.Replaces {
			o.Replaces[j] = strip(o.Replaces[j])
		}
		for j := range o.Stops {
			o.Stops[j].For = id.Order(strings.TrimSuffix(string(o.Stops[j].For), fmt.Sprint("-", n)))
		}
	}
	slices.SortFunc(out, func(a, b order.Standing) int { return strings.Compare(string(a.Order), string(b.Order)) })
	return out
}

func checkOrders(t *testing.T, got []order.Standing, d day.Day) {
	t.Helper()
	if len(got) != 2 || !got[0].Signed || !got[1].Signed || got[0].StoppedFrom != d-6 || len(got[0].Stops) != 2 || got[1].StoppedFrom != day.Never {
		t.Fatalf("orders = %+v", got)
	}
}

// permute calls visit with each order of the list; there are few.
func permute(list []said, visit func([]said)) {
	var next func(done, rest []said)
	next = func(done, rest []said) {
		if len(rest) == 0 {
			visit(done)
		}
		for i := range rest {
			next(append(slices.Clone(done), rest[i]), slices.Concat(rest[:i], rest[i+1:]))
		}
	}
	next(nil, list)
}

// TestOrderNotToBeShown: an order that no record can hold, from a newer or a
// broken program, holds the patient instead of the sync.
func TestOrderNotToBeShown(t *testing.T) {
	w := newWorld(t)
	w.here("patient.registered", registered)
	w.there("NS", "order.written", wrote("o1", 0, 20780, 20790, ""))
	w.view(func(v *clinicdb.View) error {
		kinds, err := v.NotUnderstood("a1")
		if !slices.Equal(kinds, []string{"order.written"}) {
			t.Errorf("not understood = %q", kinds)
		}
		return err
	})
	w.sameAfterRebuild()
}

// TestOddsReachBack: an order of another site that ended long ago is still
// looked at beside one that runs; years of this site's own are not.
func TestOddsReachBack(t *testing.T) {
	const d = day.Day(20780)
	w := newWorld(t)
	w.here("patient.registered", registered)
	w.here("order.written", wrote("o1", 60, d-200, d-100, ""))
	if got := len(w.lately(d)); got != 0 {
		t.Errorf("%d orders, want none", got)
	}
	w.there("NS", "order.written", wrote("o2", 70, d-150, d+10, ""))
	if got := len(w.lately(d)); got != 2 {
		t.Errorf("%d orders, want 2", got)
	}
}

func (w *world) lately(d day.Day) (out []order.Standing) {
	w.t.Helper()
	w.view(func(v *clinicdb.View) (err error) {
		if out, err = v.OrdersLately("a1", d-30); err != nil {
			return err
		}
		all, err := v.OrdersAround(d - 30)
		if len(all["a1"]) != len(out) {
			w.t.Errorf("%d orders of the patient, %d among all", len(out), len(all["a1"]))
		}
		return err
	})
	return out
}
