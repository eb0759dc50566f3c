package baton_test

import (
	"testing"

	"tram/internal/baton"
)

// BenchmarkLetterWaits is what a letter waits for: one entry, on the medium and
// read back. The medium is this machine's disk; a stick is slower.
func BenchmarkLetterWaits(b *testing.B) {
	x := made(b, baton.Dir(b.TempDir()))
	all := entries(b, 0, int64(b.N))
	b.ResetTimer()
	for n := range all {
		if err := x.Append(baton.Addition{Number: 1, Entries: all[n : n+1]}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenFullSegment opens a baton whose newest segment is full.
func BenchmarkOpenFullSegment(b *testing.B) {
	root := b.TempDir()
	x := made(b, baton.Dir(root))
	if err := x.Append(baton.Addition{Number: 1, Entries: entries(b, 0, 24_000)}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if _, err := baton.Open(config(baton.Dir(root))); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMirror mirrors 100,000 entries to an empty baton.
func BenchmarkMirror(b *testing.B) {
	all := entries(b, 0, 100_000)
	for range b.N {
		x := made(b, baton.Dir(b.TempDir()))
		for at := 0; at < len(all); at += 5000 {
			if err := x.Append(baton.Addition{Number: 1, Entries: all[at : at+5000]}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
