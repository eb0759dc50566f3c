package day

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Partial is a date of which the day, or the month and the day, may be
// unknown: older people often know the year of their birth only. The zero
// Partial is unknown. Month 0 means year only; Dom 0 means year and month.
type Partial struct {
	Year, Month, Dom int
}

// ParsePartial reads "1985", "03/1985", "15/03/1985", "1985-03" or
// "1985-03-15". An empty text is the unknown date.
func ParsePartial(s string) (Partial, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Partial{}, nil
	}
	if d, err := ParseTyped(s); err == nil {
		y, m, dom := d.Civil()
		return Partial{y, m, dom}, nil
	}
	y, m := s, "1"
	switch {
	case len(s) == 7 && s[4] == '-':
		y, m = s[:4], s[5:]
	case strings.Count(s, "/") == 1:
		m, y, _ = strings.Cut(s, "/")
	}
	if len(y) != 4 || len(m) > 2 || m == "" {
		return Partial{}, ErrDate
	}
	d, err := parts(y, m, "1")
	if err != nil {
		return Partial{}, err
	}
	py, pm, _ := d.Civil()
	if y == s {
		pm = 0
	}
	return Partial{Year: py, Month: pm}, nil
}

// Known says whether at least the year is known.
func (p Partial) Known() bool { return p.Year != 0 }

// String is "1985", "1985-03" or "1985-03-15", or "" when unknown.
func (p Partial) String() string {
	switch {
	case p.Year == 0:
		return ""
	case p.Month == 0:
		return fmt.Sprintf("%04d", p.Year)
	case p.Dom == 0:
		return fmt.Sprintf("%04d-%02d", p.Year, p.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", p.Year, p.Month, p.Dom)
}

// MarshalJSON writes String.
func (p Partial) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Partial) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("partial date: %w", err)
	}
	v, err := ParsePartial(s)
	if err != nil {
		return fmt.Errorf("partial date %q: %w", s, err)
	}
	*p = v
	return nil
}
