package journal

import (
	"cmp"
	"strconv"
	"strings"

	"tram/internal/day"
)

// HLC is a hybrid logical clock: the wall clock in milliseconds since 1970,
// and a count for what happened within one millisecond or while the wall clock
// stood behind. Within one journal it only grows, whatever the PC's clock
// does. The zero HLC comes before all others.
type HLC struct {
	Ms    int64
	Count int64
}

// countMax is where the count flows over into the milliseconds.
const countMax = 1<<20 - 1

// Next is the HLC of something that happens now, after last.
func Next(last HLC, now day.Instant) HLC {
	ms := min(int64(now), WholeMax)
	switch {
	case ms > last.Ms:
		return HLC{ms, 0}
	case last.Count < countMax:
		return HLC{last.Ms, last.Count + 1}
	}
	return HLC{last.Ms + 1, 0}
}

// Compare is -1, 0 or 1 as h comes before, with or after o.
func (h HLC) Compare(o HLC) int {
	if c := cmp.Compare(h.Ms, o.Ms); c != 0 {
		return c
	}
	return cmp.Compare(h.Count, o.Count)
}

// Instant is the wall-clock part.
func (h HLC) Instant() day.Instant { return day.Instant(h.Ms) }

// String is "<milliseconds>.<count>".
func (h HLC) String() string { return string(h.append(nil)) }

func (h HLC) append(b []byte) []byte {
	b = strconv.AppendInt(b, h.Ms, 10)
	b = append(b, '.')
	return strconv.AppendInt(b, h.Count, 10)
}

// ParseHLC reads what String writes and nothing else.
func ParseHLC(s string) (HLC, bool) {
	ms, count, ok := strings.Cut(s, ".")
	if !ok {
		return HLC{}, false
	}
	m, ok1 := whole(ms)
	c, ok2 := whole(count)
	h := HLC{m, c}
	return h, ok1 && ok2 && h.valid()
}

func (h HLC) valid() bool {
	return h.Ms >= 0 && h.Ms <= WholeMax && h.Count >= 0 && h.Count <= countMax
}

// whole reads a whole number without sign or leading zero.
func whole(s string) (int64, bool) {
	if s == "" || len(s) > 16 || (s[0] == '0' && len(s) > 1) {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, n <= WholeMax
}
