package clinicdb_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tram/internal/clinicdb"
	"tram/internal/day"
)

// shared is what both sites show of one person's days.
type shared struct {
	Holds  []clinicdb.Hold
	Gaps   []clinicdb.GapAnswer
	Missed []clinicdb.MissedDay
}

func (w *world) shared(d day.Day) (s shared) {
	w.t.Helper()
	w.view(func(v *clinicdb.View) (err error) {
		if s.Holds, err = v.HoldsAnywhere("a1", d-9); err != nil {
			return err
		}
		if s.Gaps, err = v.GapAnswersAnywhere("a1", d-9); err != nil {
			return err
		}
		s.Missed, err = v.MissedAnywhere("a1", d-9, d)
		return err
	})
	return s
}

// TestSharedDays: holds, what lifted them, answers to gaps and missed days of
// two sites stand in one record, the same for every interleaving in which a
// third site hears them, and the same whoever's own they are. They are no part
// of this site's own morning.
func TestSharedDays(t *testing.T) {
	const d = day.Day(20780)
	day := `"patient":"a1","day":"` + d.String() + `"`
	facts := []said{
		{"NS", "dose.held", `{` + day + `,"why":"intoxicated","signs":"slurred"}`},
		{"NS", "dose.released", `{` + day + `,"note":"awake"}`},
		{"NS", "dose.missed", `{"patient":"a1","day":"` + (d - 1).String() + `","cause":"absent"}`},
		{"PX", "dose.held", `{` + day + `,"why":"other","signs":"sedated"}`},
		{"PX", "dose.gap_answered", `{` + day + `,"after":"` + (d - 5).String() + `","action":"same","reason":"r"}`},
		{"PX", "dose.missed", `{"patient":"a1","day":"` + (d - 1).String() + `","cause":"held"}`},
	}
	var want shared
	for seed := range uint64(12) {
		w := newWorld(t)
		w.here("patient.registered", registered)
		list := slices.Clone(facts)
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, f := range list {
			w.there(f.site, f.kind, f.body)
		}
		got := w.shared(d)
		if seed == 0 {
			want = got
			if len(got.Holds) != 2 || len(got.Gaps) != 1 || len(got.Missed) != 2 {
				t.Fatalf("shared: %+v", got)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b clinicdb.Hold) bool { return a.Site < b.Site })); diff != "" {
			t.Fatalf("heard as %v: %s", list, diff)
		}
		for _, h := range got.Holds {
			if lifted := h.ReleasedAt != 0; lifted != (h.Site == "NS") {
				t.Errorf("heard as %v: %+v", list, h)
			}
		}
		if seed == 0 {
			w.noneOfThisMorning(d)
			w.sameAfterRebuild()
		}
	}
	own := newWorld(t) // the same days as NS's own record shows them
	own.here("patient.registered", registered)
	for _, f := range facts {
		if f.site == "NS" {
			own.here(f.kind, f.body)
		} else {
			own.there(f.site, f.kind, f.body)
		}
	}
	plain := cmp.Options{
		cmpopts.IgnoreFields(clinicdb.Hold{}, "Site", "At", "By", "ReleasedAt", "ReleasedBy"), cmpopts.IgnoreFields(clinicdb.GapAnswer{}, "Site", "At"),
		cmpopts.SortSlices(func(a, b clinicdb.Hold) bool { return a.Why < b.Why }),
	}
	if diff := cmp.Diff(want, own.shared(d), plain); diff != "" {
		t.Errorf("as the site's own: %s", diff)
	}
}

func (w *world) noneOfThisMorning(d day.Day) {
	w.t.Helper()
	w.view(func(v *clinicdb.View) error {
		on, err := v.HoldsOn(d)
		if err != nil {
			return err
		}
		of, err := v.HoldsOf("a1", d)
		if err != nil {
			return err
		}
		gaps, err := v.GapAnswers("a1", d-9)
		if err != nil {
			return err
		}
		missed, err := v.MissedOf("a1", d-9, d)
		if len(on)+len(of)+len(gaps)+len(missed) != 0 {
			w.t.Errorf("another site's morning in this one's: %v %v %v %v", on, of, gaps, missed)
		}
		return err
	})
}
