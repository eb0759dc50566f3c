package invented

import "testing"

// BenchmarkMany is half a year of 500 patients, streamed.
func BenchmarkMany(b *testing.B) {
	o := options(b, 1)
	o.Days = halfYear
	for b.Loop() {
		n := 0
		if _, err := Many(o, 500, 0, func(Fact) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "facts/op")
	}
}
