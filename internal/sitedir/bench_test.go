package sitedir_test

import (
	"context"
	"fmt"
	"math/bits"
	"testing"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/patient"
	"tram/internal/care/site"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/sitedir"
)

// BenchmarkVerify verifies a journal of 300 people's 300 days and makes every
// table again (F8: at least 30,000 entries a second on one core; run it with
// -cpu 1).
func BenchmarkVerify(b *testing.B) {
	ctx, dir := context.Background(), b.TempDir()
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		b.Fatal(err)
	}
	now := z.At(20_000, 6, 30)
	o := sitedir.Options{Clock: func() day.Instant { now++; return now }}
	_, nurse, err := sitedir.Create(ctx, dir, clinic.Founding{
		Site:    site.Founded{Site: "BN", Name: "Bench", Programme: "bench", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		Manager: "Bench Nurse", Duties: duty.All, PIN: "205173",
	}, o)
	if err != nil {
		b.Fatal(err)
	}
	s, err := sitedir.Open(ctx, dir, o)
	if err != nil {
		b.Fatal(err)
	}
	var seeds []clinic.Seed
	add := func(f any) {
		now++
		seeds = append(seeds, clinic.Seed{At: now, By: nurse, Fact: f})
	}
	add(stock.Received{Bottle: "b", Code: id.CheckCode("B-1"), Product: "Methadone", Lot: "L", Expiry: 30_000, Strength: 10_000, Volume: 1 << 50})
	add(stock.Opened{Bottle: "b", Day: 20_000})
	for p := range 300 {
		add(patient.Registered{Patient: id.Patient(fmt.Sprint("p", p)), Code: clinic.Code("BN", p+1), Day: 20_000, Details: patient.Details{Name: fmt.Sprint("Người Thử ", p)}})
	}
	n := uint64(0)
	for d := day.Day(20_000); d < 20_300; d++ {
		now = z.At(d, 6, 30)
		add(daybook.Opened{Day: d})
		for p := range 300 {
			n++
			ds, who := id.Dose(fmt.Sprintf("%016x", bits.Reverse64(n)*0x9E3779B97F4A7C15)), id.Patient(fmt.Sprint("p", p))
			add(dose.Poured{Dose: ds, Patient: who, Day: d, Order: "o", Amount: 80_000, Volume: 8000, Draws: []dose.Draw{{Bottle: "b", Volume: 8000}}})
			add(dose.Swallowed{Dose: ds, Patient: who})
		}
		add(daybook.Closed{Day: d, Expected: 300, Dosed: 300})
	}
	if err := s.SeedInvented(ctx, seeds, func(int, int) {}); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	entries := int64(0)
	for b.Loop() {
		v, err := sitedir.Verify(ctx, dir, sitedir.Options{}, func(string, int64) {})
		if err != nil {
			b.Fatal(err)
		}
		entries += v.Entries
	}
	b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
}
