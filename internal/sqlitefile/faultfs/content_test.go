package faultfs

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestContent writes, cuts, copies and reads at random places and wants what
// a plain row of bytes would have.
func TestContent(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var b, kept content
	var plain, keptPlain []byte
	for step := range 4000 {
		at := dice.Int64N(6 * page)
		switch dice.IntN(10) {
		case 0:
			b.apply(change{at: at})
			plain = plain[:min(at, int64(len(plain)))]
		case 1:
			kept, keptPlain = b.copy(), bytes.Clone(plain)
		default:
			data := make([]byte, 1+dice.IntN(3*page))
			for i := range data {
				data[i] = byte(dice.Uint32())
			}
			if dice.IntN(2) == 0 {
				at -= at % page
			}
			b.apply(change{at, data})
			if grow := at + int64(len(data)) - int64(len(plain)); grow > 0 {
				plain = append(plain, make([]byte, grow)...)
			}
			copy(plain[at:], data)
		}
		for _, c := range []struct {
			got  *content
			want []byte
		}{{&b, plain}, {&kept, keptPlain}} {
			p := make([]byte, 10*page)
			if n := c.got.read(p, 0); !bytes.Equal(p[:n], c.want) {
				t.Fatalf("step %d: %d bytes, want %d, or other ones", step, n, len(c.want))
			}
		}
	}
}
