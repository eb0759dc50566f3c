// Package day holds the programme's calendar: the clinic day, instants, a
// site's time zone, and the partial dates on which people were born.
//
// It reads no clock; whoever needs today is told. A clinic day is a civil date
// at the site, never a UTC date and never a timestamp cut short: 06:30 in
// Hanoi is still the day before in UTC, and a UTC day would split the morning
// in two.
package day

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // an old Windows PC has no zone database
)

// Day is a civil date, counted in days since 1 January 1970. The zero Day
// means "never" or "not known"; no dose was given on 1 January 1970.
type Day int32

// Never is the zero Day.
const Never Day = 0

// Instant is a point in time in UTC, in whole milliseconds since 1970.
type Instant int64

// ErrDate says that a text is not a date that exists.
var ErrDate = errors.New("not a date")

// Of is the Day of a civil date, or ErrDate when there is no such date:
// 29/02/2027 is refused, where time.Date would quietly make it 1 March.
func Of(year, month, dom int) (Day, error) {
	t := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
	if year < 1800 || year > 2200 || t.Year() != year || int(t.Month()) != month || t.Day() != dom {
		return 0, ErrDate
	}
	return Day(t.Unix() / 86400), nil
}

// Parse reads YYYY-MM-DD.
func Parse(s string) (Day, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, ErrDate
	}
	return parts(s[:4], s[5:7], s[8:])
}

// ParseTyped reads a date as people in the clinic type it: dd/mm/yyyy (also
// with - or . between, and one-digit day or month), or YYYY-MM-DD. The month
// never comes first.
func ParseTyped(s string) (Day, error) {
	s = strings.TrimSpace(s)
	if d, err := Parse(s); err == nil {
		return d, nil
	}
	f := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' })
	if len(f) != 3 || len(f[2]) != 4 || len(f[0]) > 2 || len(f[1]) > 2 {
		return 0, ErrDate
	}
	return parts(f[2], f[1], f[0])
}

func parts(y, m, d string) (Day, error) {
	n := [3]int{}
	for i, s := range []string{y, m, d} {
		for _, r := range s {
			if r < '0' || r > '9' {
				return 0, ErrDate
			}
			n[i] = n[i]*10 + int(r-'0')
		}
	}
	return Of(n[0], n[1], n[2])
}

func (d Day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is the date as YYYY-MM-DD, or "" for Never.
func (d Day) String() string {
	if d == Never {
		return ""
	}
	return d.time().Format("2006-01-02")
}

// Typed is the date as dd/mm/yyyy, or "" for Never.
func (d Day) Typed() string {
	if d == Never {
		return ""
	}
	return d.time().Format("02/01/2006")
}

// Civil is the year, month (1 to 12) and day of the month.
func (d Day) Civil() (year, month, dom int) {
	t := d.time()
	return t.Year(), int(t.Month()), t.Day()
}

// Weekday is 0 for Sunday to 6 for Saturday.
func (d Day) Weekday() int { return int(d.time().Weekday()) }

// MarshalJSON writes "YYYY-MM-DD", or "" for Never.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads what MarshalJSON writes and nothing else.
func (d *Day) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("day: %w", err)
	}
	if s == "" {
		*d = Never
		return nil
	}
	v, err := Parse(s)
	if err != nil {
		return fmt.Errorf("day %q: %w", s, err)
	}
	*d = v
	return nil
}

// InstantOf cuts t to whole milliseconds, the one place where that happens.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time is the instant as a time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Zone is a site's time zone, from its settings and not from the PC.
type Zone struct{ loc *time.Location }

// LoadZone finds a zone by its IANA name, "Asia/Ho_Chi_Minh".
func LoadZone(name string) (Zone, error) {
	if name == "" || name == "Local" {
		return Zone{}, fmt.Errorf("zone %q: a name like Asia/Ho_Chi_Minh is needed", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("zone %q: %w", name, err)
	}
	return Zone{loc}, nil
}

// DayOf is the civil date of an instant at the site.
func (z Zone) DayOf(i Instant) Day {
	t := i.Time().In(z.loc)
	return Day(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Clock is the wall time of an instant at the site as "15:04".
func (z Zone) Clock(i Instant) string { return i.Time().In(z.loc).Format("15:04") }

// At is the instant of a wall time on a day at the site.
func (z Zone) At(d Day, hour, minute int) Instant {
	y, m, dom := d.Civil()
	return InstantOf(time.Date(y, time.Month(m), dom, hour, minute, 0, 0, z.loc))
}

// Name is the IANA name.
func (z Zone) Name() string { return z.loc.String() }
