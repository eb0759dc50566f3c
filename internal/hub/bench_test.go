package hub_test

import (
	"fmt"
	"testing"
	"time"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/id"
	"tram/internal/sitesync/wire"
)

// BenchmarkFirstSync is target F11: the first full sync of a site of a hundred
// patients and five years, from its encrypted file to the hub's, with every
// check and every projection on both sides.
func BenchmarkFirstSync(b *testing.B) {
	const patients, days = 100, 5 * 365
	for b.Loop() {
		b.StopTimer()
		f := newFleet(b, nil)
		tg := f.alone("TG")
		tg.years(patients, days)
		joined := tg.joining(programme.Main, "")
		if err := f.hub.Record(b.Context(), "m1", joined); err != nil {
			b.Fatal(err)
		}
		tg.link()
		wireBytes := 0
		for from := int64(0); from < tg.c.Head().Size; {
			s, err := tg.c.Outgoing(b.Context(), from, 256, wire.SegmentSize)
			if err != nil {
				b.Fatal(err)
			}
			wireBytes += len(wire.Pack(s))
			from = s.End()
		}
		b.StartTimer()
		started := time.Now()
		tg.start()
		deadline := started.Add(20 * time.Minute)
		for !tg.sync.Status().Synced && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
		took := time.Since(started)
		b.StopTimer()
		tg.same()
		b.ReportMetric(took.Seconds(), "s/first-sync")
		b.ReportMetric(float64(tg.c.Head().Size)/took.Seconds(), "entries/s")
		b.ReportMetric(float64(wireBytes)/float64(patients*days), "wire-B/dose")
		tg.end()
		b.StartTimer()
	}
}

// years records a history as the window would have written it.
func (s *station) years(patients, days int) {
	s.t.Helper()
	made := hubdbtest.New("TG") // for ids
	first := s.c.Today() - day.Day(days)
	at := s.c.Zone().At(first, 7, 0)
	b := id.Bottle(made.ID())
	history := []clinic.Seed{{At: at, By: s.by.Person, Fact: stock.Received{Bottle: b, Code: "M-1", Product: "x", Lot: "L", Expiry: first + 9999, Strength: 10000, Volume: 1 << 50}}}
	var people []id.Patient
	var orders []id.Order
	tell := func(v any, form bool) {
		x := clinic.Seed{At: at, By: s.by.Person, Fact: v}
		if form {
			x.Form = id.Form(made.ID())
		}
		history = append(history, x)
	}
	for i := range patients {
		p, o := id.Patient(made.ID()), id.Order(made.ID())
		people, orders = append(people, p), append(orders, o)
		tell(patient.Registered{Patient: p, Code: id.CheckCode(fmt.Sprintf("TG-%04d", i)), Day: first, Details: patient.Details{Name: fmt.Sprintf("Người Thử %d", i)}}, true)
		tell(order.Written{Order: o, Patient: p, Phase: order.Maintenance, Amount: 60000, First: first, Last: first + day.Day(days), Reason: "start"}, true)
		tell(order.Signed{Order: o, Patient: p}, true)
	}
	for d := range days {
		at = s.c.Zone().At(first+day.Day(d), 7, 0)
		for i, p := range people {
			x := id.Dose(made.ID())
			tell(dose.Poured{Dose: x, Patient: p, Day: first + day.Day(d), Order: orders[i], Amount: 60000, Volume: 6000, Draws: []dose.Draw{{Bottle: b, Volume: 6000}}, Station: "window 1"}, true)
			at += 40_000
			tell(dose.Swallowed{Dose: x, Patient: p}, false)
			at += 20_000
		}
	}
	if err := s.c.SeedInvented(s.t.Context(), history, func(int, int) {}); err != nil {
		s.t.Fatal(err)
	}
}
