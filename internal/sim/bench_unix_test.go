//go:build unix

package sim_test

import (
	"syscall"
	"testing"

	"tram/internal/sim"
)

// BenchmarkSiteDays is figure F13: simulated site-days a second of one core's
// time, which is what a machine with other work to do can measure. Twelve people
// a site as in the test's programme, and twenty as in a small town.
func BenchmarkSiteDays(b *testing.B) {
	for name, people := range map[string]int{"12": 600, "20": 1000} {
		b.Run(name, func(b *testing.B) {
			before := cpu(b)
			var all sim.Report
			for n := 0; b.Loop(); n++ {
				all.Add(sim.Run(sim.Config{Seed: uint64(n), Sites: 50, Patients: people, Days: 200}))
			}
			spent := cpu(b) - before
			b.ReportMetric(float64(all.SiteDays)/spent, "site-days/core-s")
			b.ReportMetric(float64(all.PatientDays)/spent, "person-days/core-s")
		})
	}
}

// cpu is the processor time of this process so far, in seconds.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
