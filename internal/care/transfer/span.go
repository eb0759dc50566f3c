package transfer

import "tram/internal/day"

// Span is the days from First to Last, both included. Last is day.Never for
// good: all days from First.
type Span struct {
	First, Last day.Day
}

// endless stands for the last day of a span for good, in comparisons only.
const endless day.Day = 1<<31 - 1

// end is the last day, or endless.
func (s Span) end() day.Day {
	if s.Last == day.Never {
		return endless
	}
	return s.Last
}

func span(first, end day.Day) Span {
	if end == endless {
		end = day.Never
	}
	return Span{first, end}
}

// Has says whether d is one of the days.
func (s Span) Has(d day.Day) bool { return d >= s.First && d <= s.end() }

// Past says whether all its days are before d.
func (s Span) Past(d day.Day) bool { return s.end() < d }

// Overlap is the first day both spans have, not before from.
func (s Span) Overlap(o Span, from day.Day) (day.Day, bool) {
	first := max(s.First, o.First, from)
	return first, first <= min(s.end(), o.end())
}

// holds says whether one span of the list has all days of s.
func holds(days []Span, s Span) bool {
	for _, d := range days {
		if d.First <= s.First && d.end() >= s.end() {
			return true
		}
	}
	return false
}

// without is the list less the days of s, and less what lies before from: days
// gone by are nobody's any more. The list itself is left alone.
func without(days []Span, s Span, from day.Day) []Span {
	out := make([]Span, 0, len(days)+1)
	for _, d := range days {
		if d.end() < from {
			continue
		}
		if s.end() < d.First || s.First > d.end() {
			out = append(out, d)
			continue
		}
		if d.First < s.First {
			out = append(out, span(d.First, s.First-1))
		}
		if d.end() > s.end() {
			out = append(out, span(s.end()+1, d.end()))
		}
	}
	return out
}

// with is the list and the days of s, in order and apart. Days before from are
// dropped.
func with(days []Span, s Span, from day.Day) []Span {
	out := make([]Span, 0, len(days)+1)
	placed := s.end() < from
	for _, d := range days {
		switch {
		case d.end() < from:
		case placed || d.end() < s.First && d.end()+1 < s.First:
			out = append(out, d)
		case s.end() != endless && s.end()+1 < d.First:
			out = append(out, s, d)
			placed = true
		default: // they touch: one span of both, and go on with it
			s = span(min(s.First, d.First), max(s.end(), d.end()))
		}
	}
	if !placed {
		out = append(out, s)
	}
	return out
}
