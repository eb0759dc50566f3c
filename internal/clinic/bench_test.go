package clinic_test

import (
	"fmt"
	"testing"
	"time"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/id"
	"tram/internal/sqlitefile"
)

// BenchmarkPour is the dose command end to end, durable and encrypted, by one
// client, beside a plain durable insert with the same driver, cipher and
// settings; the metric is their ratio (F1: at least 0.5).
func BenchmarkPour(b *testing.B) {
	s := clinictest.New(b)
	s.OpenDay()
	s.OpenBottle()
	const people = 500
	people1 := seedPeople(b, s, people)
	n := 0
	b.ResetTimer()
	for b.Loop() {
		if n == people {
			b.StopTimer()
			nextDay(b, s)
			n = 0
			b.StartTimer()
		}
		s.Pass(1)
		if _, err := s.Pour(ctx, s.Nurse, s.NewForm(), dose.Pour{Patient: people1[n], Shown: mg}); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.StopTimer()
	plain := plainInserts(b, b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/plain, "×plain")
}

func seedPeople(b *testing.B, s *clinictest.Site, n int) []id.Patient {
	b.Helper()
	var out []id.Patient
	var seeds []clinic.Seed
	add := func(f any) { seeds = append(seeds, clinic.Seed{At: s.Now(), By: s.Doctor.Person, Fact: f}) }
	for i := range n {
		p, o := id.Patient(fmt.Sprintf("p%06d", i)), id.Order(fmt.Sprintf("r%06d", i))
		out = append(out, p)
		add(patient.Registered{Patient: p, Code: clinic.Code("TT", i+100), Day: s.Today(), Details: patient.Details{Name: fmt.Sprintf("Người Thử %d", i)}})
		add(order.Written{Order: o, Patient: p, Phase: order.Induction, Amount: mg, First: s.Today(), Last: s.Today() + 1000})
		add(order.Signed{Order: o, Patient: p})
	}
	if err := s.SeedInvented(ctx, seeds, func(int, int) {}); err != nil {
		b.Fatal(err)
	}
	return out
}

// nextDay answers for every cup, closes the day and opens the next.
func nextDay(b *testing.B, s *clinictest.Site) {
	b.Helper()
	var seeds []clinic.Seed
	add := func(f any) { seeds = append(seeds, clinic.Seed{At: s.Now(), By: s.Nurse.Person, Fact: f}) }
	c, err := s.Closing(ctx, s.Today())
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range c.Questions {
		add(dose.Swallowed{Dose: e.Dose, Patient: e.Patient})
	}
	add(daybook.Closed{Day: s.Today()})
	s.NextMorning()
	add(daybook.Opened{Day: s.Today()})
	if err := s.SeedInvented(ctx, seeds, func(int, int) {}); err != nil {
		b.Fatal(err)
	}
}

// plainInserts is how many single durable inserts a second the same kind of
// file takes.
func plainInserts(b *testing.B, n int) float64 {
	b.Helper()
	f, err := sqlitefile.Open(b.TempDir()+"/peer.db", sqlitefile.Options{Key: [32]byte{1}, Readers: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := f.Write(func(c *sqlitefile.Conn) error {
		return c.Script(`CREATE TABLE dose (id INTEGER PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, amount INTEGER NOT NULL, outcome TEXT NOT NULL) STRICT`)
	}); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for range n {
		err := f.Write(func(c *sqlitefile.Conn) error {
			return c.Exec(`INSERT INTO dose (patient, day, amount, outcome) VALUES (?, ?, ?, ?)`, "p000001", 20000, 80000, "poured")
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(start).Seconds()
}
