package hubdb_test

import (
	"errors"
	"fmt"
	"testing"

	"tram/internal/care/programme"
	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/id"
)

// TestUntold: whose numbers the sites have not been told of, once each, again
// after a change, and all of them for another generation; and a pair's answer.
func TestUntold(t *testing.T) {
	engines(t, func(t *testing.T, open func() *hubdb.DB) {
		h := hub{t, open()}
		tg, ns, hq := hubdbtest.New("TG"), hubdbtest.New("NS"), hubdbtest.New(programme.Hub)
		d := hubdbtest.Start
		a, c := tg.Register(d, "Vàng A Dơ", "0401 23457"), tg.Register(d, "Đỗ Thị Hằng", "")
		x := ns.Register(d, "Lò Văn Ún", "040123457/011085000123")
		h.take(tg, tg.Segment(0, 2))
		h.take(ns, ns.Segment(0, 1))

		untold := func(generation, most int) map[id.Patient]hubdb.Untold {
			out := map[id.Patient]hubdb.Untold{}
			for _, u := range must[[]hubdb.Untold](t)(h.db.Untold(t.Context(), generation, most)) {
				out[u.Patient] = u
			}
			return out
		}
		told := func(all map[id.Patient]hubdb.Untold) {
			var list []hubdb.Untold
			for _, u := range all {
				list = append(list, u)
			}
			if err := h.db.SetTold(t.Context(), 1, list); err != nil {
				t.Fatal(err)
			}
		}
		first := untold(1, 10)
		h.want(len(first), 3)
		h.want(len(untold(1, 2)), 2)
		h.want(fmt.Sprintf("%v %v %v %s %v", first[a].Numbers, first[c].Numbers, first[x].Numbers, first[x].Site, first[a].Before), "[040123457] [] [040123457 011085000123] NS false")
		h.want(first[a].DigestLine([]string{"aa", "bb"}), string(a)+" "+first[a].Code+" aa bb")
		tg.Add(d+1, "patient.changed", `{"patient":"`+string(a)+`","details":{"name":"Vàng A Dơ","identity":"mất"}}`)
		h.take(tg, tg.Segment(2, 3)) // changed between reading and telling
		told(first)
		again := untold(1, 10)
		h.want(len(again), 1)
		h.want(fmt.Sprint(again[a].Numbers, again[a].Before), "[] true")
		told(again)
		h.want(len(untold(1, 10)), 0)
		h.want(len(untold(2, 10)), 3)

		p, err := h.db.Pair(t.Context(), max(a, x), min(a, x))
		if err != nil || p.Why != "identity" || p.Answer != "" {
			t.Fatalf("pair %+v, %v", p, err)
		}
		hq.Add(1, "programme.pair_answered", programme.PairAnswered{One: min(a, x), Two: max(a, x), Why: "two cards"})
		hq.Add(2, "programme.pair_answered", programme.PairAnswered{One: min(a, x), Two: max(a, x), Same: true, Keep: x, Why: "one card"})
		h.take(hq, hq.Segment(0, 2))
		if p, err = h.db.Pair(t.Context(), a, x); err != nil || p.Answer != "one card" || p.Keep != x {
			t.Errorf("pair %+v, %v", p, err)
		}
		h.want(len(must[[]hubdb.Pair](t)(h.db.OpenPairs(t.Context()))), 0)
		if _, err := h.db.Pair(t.Context(), a, c); !errors.Is(err, hubdb.ErrNotFound) {
			t.Errorf("no such pair: %v", err)
		}
	})
}
