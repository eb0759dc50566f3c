package sqlitefile

import "bytes"

// quiet is where calm looks for nothing.
var quiet [64]byte

// calm clears the upper halves of the processor's vector registers, which the
// cipher's hash (nh, in its AVX2 form) leaves in use. Until something clears
// them, SHA-256 by the processor's own instructions costs up to a hundred times
// as much on some machines: 226 µs instead of 2.2 µs for a page, seen on
// 27 November 2026 (BenchmarkHashAfterRead shows it). The standard library's
// search in 64 bytes does that in a few nanoseconds; where it does not, or
// where there are no such registers, nothing is lost but those.
func calm() { bytes.IndexByte(quiet[:], 1) }
