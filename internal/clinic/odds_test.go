package clinic_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/journal"
	"tram/internal/unit"
)

// hearFrom brings facts of another site to the door.
func hearFrom(t *testing.T, s *clinictest.Site, from id.Site, seq int64, kindsAndBodies ...string) {
	t.Helper()
	var heard []clinic.Heard
	for pair := range slices.Chunk(kindsAndBodies, 2) {
		e := journal.Entry{Site: from, Seq: seq, HLC: journal.HLC{Ms: 1_700_000_000_000}, Day: s.Today(), By: "q1", Kind: pair[0], Fact: json.RawMessage(pair[1])}
		raw, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, clinic.Heard{Entry: e, Raw: raw})
		seq++
	}
	if _, err := s.Hear(heard); err != nil {
		t.Fatal(err)
	}
}

// TestChooseOrder: of two orders written at two sites the lower is poured and
// the window says that it is the lower of two (ORDER-48); a physician's choice
// ends it (ORDER-52 when there is nothing to answer), a nurse's is none.
func TestChooseOrder(t *testing.T) {
	s := clinictest.New(t)
	p := s.Patient("Vàng A Dơ", 30*unit.Milligram)
	s.OpenDay()
	s.OpenBottle()
	var own id.Order
	ordersOf := func() (odds []clinic.PatientOdds) {
		t.Helper()
		must(t, s.View(ctx, func(v *clinicdb.View) (err error) {
			all, err := v.Orders(p)
			if err != nil {
				return err
			}
			own = all[slices.IndexFunc(all, func(o order.Standing) bool { return o.Site == "" })].Order
			odds, err = s.Odds(v)
			return err
		}))
		return odds
	}
	if odds := ordersOf(); len(odds) != 0 {
		t.Fatalf("one order is at odds: %+v", odds)
	}
	choose := func(o id.Order, why string) order.Choose { return order.Choose{Order: o, Reason: why} }
	wantRule(t, s.ChooseOrder(ctx, s.Doctor, s.NewForm(), choose(own, "seen"), clinictest.DoctorPIN), "ORDER-52")
	hearFrom(t, s, "NS", 0,
		"order.written", fmt.Sprintf(`{"order":"x1","patient":%q,"phase":"maintenance","amount_ug":20000,"first":%q,"last":%q}`, p, s.Today()-1, s.Today()+5),
		"order.signed", fmt.Sprintf(`{"order":"x1","patient":%q}`, p))
	if odds := ordersOf(); len(odds) != 1 || odds[0].Rule.Rule != "ORDER-48" || len(odds[0].Orders) != 2 {
		t.Fatalf("odds = %+v", odds)
	}
	at, err := s.Identify(ctx, s.Nurse, p)
	must(t, err)
	if at.Ordered != 20*unit.Milligram || len(at.Care) == 0 || at.Care[0].Rule != "ORDER-48" || at.Plan.Amount != 20*unit.Milligram {
		t.Fatalf("at the window: %v, %+v, %+v", at.Ordered, at.Care, at.Plan)
	}
	wantRule(t, s.ChooseOrder(ctx, s.Nurse, s.NewForm(), choose(own, "seen"), clinictest.NursePIN), "ACCESS-02")
	wantRule(t, s.ChooseOrder(ctx, s.Doctor, s.NewForm(), choose(own, " "), clinictest.DoctorPIN), "ORDER-20")
	form := s.NewForm()
	for range 2 { // pressed twice it is answered once
		must(t, s.ChooseOrder(ctx, s.Doctor, form, choose(own, "seen today"), clinictest.DoctorPIN))
	}
	if odds := ordersOf(); len(odds) != 0 {
		t.Fatalf("still at odds: %+v", odds)
	}
	at, err = s.Identify(ctx, s.Nurse, p)
	must(t, err)
	if at.Ordered != 30*unit.Milligram {
		t.Fatalf("after the choice %v", at.Ordered)
	}
	// Stopped there without knowledge of what was written here since: a stop beats a dose.
	hearFrom(t, s, "NS", 2, "order.stopped", fmt.Sprintf(`{"order":%q,"patient":%q,"from":%q,"reason":"drowsy"}`, own, p, s.Today()))
	at, err = s.Identify(ctx, s.Nurse, p)
	must(t, err)
	if at.Ordered != 0 || len(at.Care) == 0 || !at.Care[0].Stop {
		t.Fatalf("after the stop there: %v, %+v", at.Ordered, at.Care)
	}
}
