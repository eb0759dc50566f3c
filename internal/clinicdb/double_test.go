package clinicdb_test

import (
	"errors"
	"fmt"
	"testing"

	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/fact"
	"tram/internal/id"
)

// office lets the world hear facts of the hub's journal.
func (w *world) office(facts ...any) {
	w.t.Helper()
	for _, f := range facts {
		kind, body, err := fact.Encode(f)
		if err != nil {
			w.t.Fatal(err)
		}
		w.there(programme.Hub, kind, string(body))
	}
}

// TestDigestList: a line takes the place of the patient's earlier ones, an older
// generation never comes back, and a rebuild makes the same list.
func TestDigestList(t *testing.T) {
	w := newWorld(t)
	by := func(generation int, digest string) (all []id.Patient) {
		t.Helper()
		w.view(func(v *clinicdb.View) error {
			found, err := v.ByDigest(generation, digest)
			for _, c := range found {
				all = append(all, c.Other)
			}
			return err
		})
		return all
	}
	want := func(generation int, digest, people string) {
		t.Helper()
		if got := fmt.Sprint(by(generation, digest)); got != people {
			t.Errorf("digest %s of generation %d: %s, want %s", digest, generation, got, people)
		}
	}
	w.office(programme.Digests{Generation: 1, Site: "NS", Lines: []string{"b NS-0001-A d1 d2", "c NS-0002-B d1", "half", ""}})
	want(1, "d1", "[b c]")
	want(1, "d2", "[b]")
	want(2, "d1", "[]")
	w.office(programme.Digests{Generation: 1, Site: "NS", Lines: []string{"b NS-0001-A", "c NS-0002-B d3 d3"}})
	want(1, "d1", "[]")
	want(1, "d3", "[c]")
	w.office(programme.Digests{Generation: 2, Site: "NS", Lines: []string{"b NS-0001-A e1"}}, programme.Digests{Generation: 1, Site: "NS", Lines: []string{"c NS-0002-B d3"}})
	want(1, "d3", "[]")
	want(2, "e1", "[b]")
	w.view(func(v *clinicdb.View) error {
		n, err := v.DigestsKnown()
		if n != 1 {
			t.Errorf("%d records are known, want 1", n)
		}
		if _, kerr := v.DigestKey(); !errors.Is(kerr, clinicdb.ErrNotFound) {
			t.Errorf("a key that nobody gave: %v", kerr)
		}
		return err
	})
	w.sameAfterRebuild()
}

// TestSecondRecords: the programme's newest answer counts for both records, an
// older one heard late changes nothing, and what another site wrote of people
// who are not known here is there to be compared.
func TestSecondRecords(t *testing.T) {
	w := newWorld(t)
	w.there("NS", "patient.registered", `{"patient":"n1","code":"NS-0001-A","day":"2024-01-01","details":{"name":"Lò Văn Ún","birth":"1985"}}`)
	w.there("NS", "patient.changed", `{"patient":"n1","details":{"name":"Lò Văn Ún","birth":"1985-03-17"}}`)
	heard := 0
	w.view(func(v *clinicdb.View) error {
		return v.PeopleElsewhere(func(c patient.Candidate, d patient.Details) {
			if heard++; c.Code != "NS-0001-A" || c.Site != "NS" || d.Birth.Dom != 17 {
				t.Errorf("heard of %+v, %+v", c, d)
			}
		})
	})
	if heard != 1 {
		t.Errorf("%d people heard of, want 1", heard)
	}
	w.office(
		programme.PairAnswered{One: "a", Two: "b", Why: "two photos", TwoCode: "NS-0001-A", TwoSite: "NS"},
		programme.PairAnswered{One: "a", Two: "b", Same: true, Keep: "b", Why: "one card"},
	)
	for p, going := range map[id.Patient]bool{"a": false, "b": true} {
		w.view(func(v *clinicdb.View) error {
			all, err := v.DoublesOf(p)
			if len(all) != 1 || !all[0].Same || all[0].Keep != going || all[0].Why != "one card" || p == "a" && all[0].Code != "NS-0001-A" {
				t.Errorf("doubles of %s: %+v", p, all)
			}
			return err
		})
	}
	w.sameAfterRebuild()
}
