package clinicdb_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"tram/internal/care/dose"
	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fact"
	"tram/internal/id"
	"tram/internal/journal"
)

// world writes a site's own journal and hears others.
type world struct {
	t   *testing.T
	db  *clinicdb.DB
	log *journal.Log
	seq map[id.Site]int64
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, db: open(t), seq: map[id.Site]int64{}}
	skey, vkey, err := note.GenerateKey(rand.Reader, "tg.dbv/tram")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	w.write(func(tx *clinicdb.Tx) error {
		w.log, err = journal.Open(tx.Conn(), "TG", journal.Keys{Signer: s, Verifier: v})
		return err
	})
	return w
}

func (w *world) write(fn func(tx *clinicdb.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(fn); err != nil {
		w.t.Fatal(err)
	}
}

// here records a fact at this site.
func (w *world) here(kind, body string) {
	w.t.Helper()
	w.write(func(tx *clinicdb.Tx) error {
		e, err := w.log.Append(tx.Conn(), journal.Entry{Day: 20000, By: "p1", Kind: kind, Fact: json.RawMessage(body)}, 1_700_000_000_000)
		if err != nil {
			return err
		}
		if err := tx.Project(e, nil); err != nil {
			return err
		}
		return w.log.Seal(tx.Conn(), 20000)
	})
	w.log.Commit()
}

// there hears a fact of another site; it is heard twice, as a network does.
func (w *world) there(site id.Site, kind, body string) {
	w.t.Helper()
	e := journal.Entry{Site: site, Seq: w.seq[site], HLC: journal.HLC{Ms: 1_700_000_000_000}, Day: 20000, By: "q1", Kind: kind, Fact: json.RawMessage(body)}
	w.seq[site]++
	raw, err := e.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		w.write(func(tx *clinicdb.Tx) error {
			fresh, err := tx.Hear(e, raw)
			if fresh != want {
				w.t.Errorf("%s, time %d: fresh = %v, want %v", kind, i+1, fresh, want)
			}
			return err
		})
	}
}

func (w *world) view(fn func(v *clinicdb.View) error) {
	w.t.Helper()
	if err := w.db.View(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// sameAfterRebuild makes every table again and compares.
func (w *world) sameAfterRebuild() {
	w.t.Helper()
	var before, after map[string][32]byte
	w.view(func(v *clinicdb.View) (err error) { before, err = v.Digest(); return err })
	w.write(func(tx *clinicdb.Tx) error { return tx.Rebuild(nil) })
	w.view(func(v *clinicdb.View) (err error) { after, err = v.Digest(); return err })
	for table, sum := range before {
		if after[table] != sum {
			w.t.Errorf("%s is another after a rebuild", table)
		}
	}
}

const (
	registered = `{"patient":"a1","code":"TG-0001-T","day":"2026-11-23","details":{"name":"Vàng A Dơ"}}`
	bottle     = `{"bottle":"b1","code":"M-1","product":"x","lot":"L","expiry":"2027-01-01","strength_ug_per_ml":10000,"volume_ul":1000000}`
)

func poured(dose string, d day.Day) string {
	return fmt.Sprintf(`{"dose":%q,"patient":"a1","day":%q,"order":"o1","amount_ug":60000,"volume_ul":6000,"draws":[{"bottle":"b1","volume_ul":6000}],"station":"w"}`, dose, d)
}

// TestDoseElsewhere: a dose of another site is kept and counts as the last
// one, takes no right and no drop here, and two of one day become an incident,
// whichever came first.
func TestDoseElsewhere(t *testing.T) {
	const d = day.Day(20780)
	here := func(w *world) {
		w.here("dose.poured", poured("d1", d))
		w.here("dose.swallowed", `{"dose":"d1","patient":"a1"}`)
	}
	there := func(w *world) {
		w.there("NS", "dose.poured", poured("x1", d))
		w.there("NS", "dose.swallowed", `{"dose":"x1","patient":"a1"}`)
	}
	for name, steps := range map[string][]func(*world){"here first": {here, there}, "there first": {there, here}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.here("patient.registered", registered)
			w.here("stock.received", bottle)
			for _, s := range steps {
				s(w)
			}
			w.there("NS", "dose.swallowed", `{"dose":"d1","patient":"a1"}`) // of a dose that is not theirs
			w.view(func(v *clinicdb.View) error {
				all, err := v.DosesOf("a1", d, d)
				if err != nil || len(all) != 2 || all[0].Taken != 60000 || all[1].Taken != 60000 {
					t.Errorf("doses = %+v, %v", all, err)
				}
				on, err := v.DosesOn(d)
				if err != nil || len(on) != 1 {
					t.Errorf("doses of this site = %+v, %v", on, err)
				}
				bottles, err := v.Bottles()
				if err != nil || len(bottles) != 1 || bottles[0].Left != 994000 {
					t.Errorf("bottles = %+v, %v", bottles, err)
				}
				found, err := v.Incidents()
				if err != nil || len(found) != 1 || found[0] != (clinicdb.Incident{Kind: "dose.doubled", Patient: "a1", Day: d, Site: "NS"}) {
					t.Errorf("incidents = %+v, %v", found, err)
				}
				return nil
			})
			w.sameAfterRebuild()
		})
	}
}

// TestAttestedElsewhere: a dose that another site gave on people's word is a dose
// of the day like any other, and one too many is an incident, whichever came
// first.
func TestAttestedElsewhere(t *testing.T) {
	const d = day.Day(20780)
	here := func(w *world) {
		w.here("dose.poured", poured("d1", d))
		w.here("dose.swallowed", `{"dose":"d1","patient":"a1"}`)
	}
	word := `{"dose":%q,"patient":"a1","day":"` + d.String() + `","amount_ug":50000,"volume_ul":5000,"why":"no paper","rule":"TRANSFER-31","physician":"q2","witness":"q3"}`
	hereToo := func(w *world) { w.here("dose.attested", fmt.Sprintf(word, "d2")) }
	there := func(w *world) { w.there("NS", "dose.attested", fmt.Sprintf(word, "x1")) }
	for name, steps := range map[string][]func(*world){"here first": {here, there}, "there first": {there, here}, "both on people's word": {there, hereToo}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.here("patient.registered", registered)
			w.here("stock.received", bottle)
			for _, s := range steps {
				s(w)
			}
			w.view(func(v *clinicdb.View) error {
				all, err := v.DosesOf("a1", d, d)
				if err != nil || len(all) != 2 {
					t.Fatalf("doses = %+v, %v", all, err)
				}
				i := slices.IndexFunc(all, func(e dose.Entry) bool { return e.Dose == "x1" })
				if i < 0 || all[i].Taken != 50000 || all[i].Outcome != dose.Taken || !all[i].Attested {
					t.Errorf("doses = %+v", all)
				}
				found, err := v.Incidents()
				if err != nil || !slices.Contains(found, clinicdb.Incident{Kind: "dose.doubled", Patient: "a1", Day: d, Site: "NS"}) {
					t.Errorf("incidents = %+v, %v", found, err)
				}
				return nil
			})
			w.sameAfterRebuild()
		})
	}
}

// TestOneOfTwoNotGiven: two cups of a day, of which one was given back, are no
// incident any more.
func TestOneOfTwoNotGiven(t *testing.T) {
	w := newWorld(t)
	w.here("patient.registered", registered)
	w.here("stock.received", bottle)
	w.here("dose.poured", poured("d1", 20780))
	w.there("NS", "dose.poured", poured("x1", 20780))
	w.there("NS", "dose.not_given", `{"dose":"x1","patient":"a1","why":"wrong_person","wasted":true,"again":true}`)
	w.view(func(v *clinicdb.View) error {
		found, err := v.Incidents()
		if len(found) != 0 {
			t.Errorf("incidents = %+v, want none", found)
		}
		return err
	})
	w.sameAfterRebuild()
}

// TestHeardBeforeKnown: what is heard of a person nobody knows here changes
// nothing until the person is, and then counts.
func TestHeardBeforeKnown(t *testing.T) {
	w := newWorld(t)
	w.there("NS", "order.written", `{"order":"o9","patient":"a1","phase":"maintenance","amount_ug":60000,"first":"2026-11-01","last":"2026-12-01","reason":"r"}`)
	w.there("NS", "order.signed", `{"order":"o9","patient":"a1"}`)
	w.there("NS", "patient.noted", `{"patient":"a1","day":"2026-11-23","text":"sleeps well"}`)
	w.there("NS", "dose.poured", poured("x1", 20779))
	w.view(func(v *clinicdb.View) error {
		orders, err := v.Orders("a1")
		if len(orders) != 0 {
			t.Errorf("orders of a stranger: %+v", orders)
		}
		return err
	})
	w.here("patient.registered", registered)
	w.write(func(tx *clinicdb.Tx) error { return tx.ProjectHeard("a1", w.log.Head().Size) })
	w.view(func(v *clinicdb.View) error {
		orders, err := v.Orders("a1")
		if err != nil || len(orders) != 1 || !orders[0].Signed {
			t.Errorf("orders = %+v, %v", orders, err)
		}
		notes, err := v.Notes("a1", 5)
		if err != nil || len(notes) != 1 {
			t.Errorf("notes = %+v, %v", notes, err)
		}
		_, ok, err := v.LastTaken("a1", 20780)
		if !ok {
			t.Error("the dose there is not known here")
		}
		return err
	})
}

// TestNotUnderstood: a newer kind about a patient is kept, and said.
func TestNotUnderstood(t *testing.T) {
	w := newWorld(t)
	w.here("patient.registered", registered)
	w.there("NS", "dose.levitated", `{"patient":"a1"}`)
	w.there("NS", "weather.seen", `{"rain":true}`)
	w.view(func(v *clinicdb.View) error {
		kinds, err := v.NotUnderstood("a1")
		if !cmp.Equal(kinds, []string{"dose.levitated"}) {
			t.Errorf("not understood = %q", kinds)
		}
		return err
	})
	w.sameAfterRebuild()
}

// TestDirectoryTables: the tables answer as the fold of the facts does.
func TestDirectoryTables(t *testing.T) {
	facts := []any{
		programme.Founded{Programme: "DBV", Name: "x", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Verifier: "v", Cosigner: "c"},
		programme.SiteChanged{Site: "TG", Name: "too early"},
		programme.InstallationEnded{Site: "TG", Number: 9, Size: 1},
		programme.SiteJoined{Site: "TG", Name: "Tỏa Sáng", Language: "vi", Number: 1, Verifier: "v1", Box: "b1", NKey: "U1", Role: programme.Main},
		programme.SiteJoined{Site: "NS", Name: "Nà Sáng", Language: "vi", Number: 1, Verifier: "v2", Box: "b2", NKey: "U2", Role: programme.Satellite, Parent: "TG"},
		programme.InstallationEnded{Site: "TG", Number: 1, Size: 500, Hash: "h"},
		programme.InstallationEnded{Site: "TG", Number: 1, Size: 700},
		programme.SiteChanged{Site: "TG", Number: 3, Language: "en"},
		programme.SiteChanged{Site: "TG", Number: 2, Box: "b3"},
		programme.SiteJoined{Site: "TG", Name: "Tỏa Sáng", Language: "vi", Number: 1, Verifier: "v1", Box: "b1", NKey: "U1", Role: programme.Main},
		programme.ClinicianNamed{Person: "p1", Name: "Mai", Site: "TG", Key: "k", Until: 20800},
		programme.ClinicianEnded{Person: "p1", From: 20790},
		programme.ClinicianEnded{Person: "p1", From: 20795},
		programme.ClinicianEnded{Person: "p9", From: 20795},
		programme.PairAnswered{One: "a", Two: "b", Why: "seen"},
		programme.DigestKey{Site: "NS", Generation: 1, CostKiB: 8, Sealed: "of another site"},
		programme.Digests{Generation: 1, Site: "NS", Lines: []string{"b NS-0001-A d1 d2", "c NS-0002-B d1"}},
		programme.IncidentAnswered{Incident: "i", Answer: "x"},
	}
	w := newWorld(t)
	for _, f := range facts {
		kind, body, err := fact.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		w.there(programme.Hub, kind, string(body))
	}
	want := programme.Fold(facts...)
	w.view(func(v *clinicdb.View) error {
		got, err := v.Directory()
		if err != nil {
			return err
		}
		if got.Programme != want.Programme || !cmp.Equal(got.Sites(), want.Sites()) || !cmp.Equal(got.Clinicians(), want.Clinicians()) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		return nil
	})
	w.sameAfterRebuild()
}

// TestReceiptsGrow: a receipt of a day gives way to a larger one only.
func TestReceiptsGrow(t *testing.T) {
	w := newWorld(t)
	for _, size := range []int64{10, 30, 20} {
		w.write(func(tx *clinicdb.Tx) error {
			return tx.KeepReceipt(20000, clinicdb.Receipt{Size: size, At: day.Instant(size), Note: []byte("n")})
		})
	}
	w.view(func(v *clinicdb.View) error {
		r, err := v.Receipt()
		if r.Size != 30 {
			t.Errorf("receipt = %+v, want size 30", r)
		}
		return err
	})
}
