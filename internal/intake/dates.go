package intake

import (
	"regexp"
	"strconv"
	"strings"

	"tram/internal/day"
)

// dateFields are the fields that hold dates.
var dateFields = []Field{FieldDay, FieldFirst, FieldLast, FieldBirth}

// written is a date of three numbers of which the year comes last.
var written = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)

// yearFirstForm is a date of which the year comes first.
var yearFirstForm = regexp.MustCompile(`^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})$`)

// clock is a time of day after a date. Vietnamese writes SA and CH for am, pm.
var clock = regexp.MustCompile(`(?i)[ tT]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:am|pm|sa|ch))?)$`)

// zoned is a time of day with a zone.
var zoned = regexp.MustCompile(`(?i)\d:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:z|utc|gmt|[+-]\d{2}:?\d{2})$`)

// Days from a spreadsheet's day 0 to 1 January 1970. Day 60 of the first kind
// is a 29 February 1900 that never was; no date here is that old but a birth,
// and Excel itself is off by one there.
const (
	epoch1900 = 25569
	epoch1904 = 24107
)

// layout finds out in which order the written dates of the table stand, or
// stops it: the month first is never guessed, and neither is the day when all
// dates could be read both ways.
func (f *File) layout(rows []row, cols columns, declared Layout) {
	if declared != "" {
		f.Dates = declared
		return
	}
	proof, open := false, Problem{}
	for _, field := range dateFields {
		if !cols.has(field) {
			continue
		}
		l := f.look(rows, cols, field)
		switch {
		case l.monthFirst.Code != "":
			f.stop(l.monthFirst)
		case l.dayFirst && l.serials > 0 && !l.highSerial:
			f.stop(Problem{Line: l.serialLine, Column: cols.name(field), Code: DatesMixed})
		case l.open.Code != "" && open.Code == "":
			open = l.open
		}
		proof = proof || l.dayFirst
		if l.dayFirst || l.open.Code != "" {
			f.Dates = DMY
		}
	}
	// One date that can only be dd/mm speaks for the whole file: it was
	// written by one program or one hand.
	if open.Code != "" && !proof {
		f.stop(open)
	}
}

// looked is what the dates of one column show.
type looked struct {
	dayFirst   bool    // a first part above 12
	monthFirst Problem // the first value with only its second part above 12
	open       Problem // the first value that could be read both ways
	serials    int     // real dates of a spreadsheet
	serialLine int     // line of the first of them
	highSerial bool    // one of them is on a day above 12
}

// look goes through the values of one column. A spreadsheet set to American
// dates that opens a list of dd/mm/yyyy turns 03/04 into a real date, 4 March,
// and leaves 13/04 as text: written dates with a first part above 12 beside
// real dates that never pass the 12th are the mark of that.
func (f *File) look(rows []row, cols columns, field Field) looked {
	l := looked{}
	for _, r := range rows {
		c := r.at(cols.of(field))
		if c.kind == number {
			d, _, ok := f.serialDay(c.text)
			if !ok || (field == FieldBirth && yearAlone(c.text)) {
				continue
			}
			if l.serials == 0 {
				l.serialLine = r.line
			}
			l.serials++
			_, _, dom := d.Civil()
			l.highSerial = l.highSerial || dom > 12
			continue
		}
		value, _, _ := cutClock(c.text)
		m := written.FindStringSubmatch(value)
		if m == nil {
			continue
		}
		a, b := small(m[1]), small(m[2])
		p := Problem{Line: r.line, Column: cols.name(field), Value: quote(c.text)}
		switch {
		case b > 12 && a <= 12 && l.monthFirst.Code == "":
			l.monthFirst, l.monthFirst.Code = p, MaybeMonth1
		case a > 12 && b <= 12:
			l.dayFirst = true
		case a != b && b <= 12 && l.open.Code == "":
			l.open, l.open.Code = p, DatesUnclear
		}
	}
	return l
}

// small reads a number of one or two digits.
func small(s string) int {
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}

// cutClock takes a time of day off a date. It answers the date, whether the
// time was more than midnight, which programs add to every date, and whether
// the time has a zone.
func cutClock(s string) (string, bool, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 {
		return s, false, false
	}
	if zoned.MatchString(s) {
		return s, false, true
	}
	at := clock.FindStringSubmatchIndex(s)
	if at == nil {
		return s, false, false
	}
	return s[:at[0]], strings.Trim(s[at[2]:at[3]], "0:.") != "", false
}

// serialDay is the day of a spreadsheet's number, and whether a time of day
// stood behind the point.
func (f *File) serialDay(s string) (day.Day, bool, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 1 || n > 110_000 {
		return day.Never, false, false
	}
	if f.from04 {
		return day.Day(n - epoch1904), fraction != "", true
	}
	return day.Day(n - epoch1900), fraction != "", true
}

// yearAlone says whether a number in a column of births is a year. As a serial
// it would be a day in 1905.
func yearAlone(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= bornFirst && n <= yearLast
}

// date reads a date as the file has it: a spreadsheet's number, or text in the
// layout of the file. clocked is whether a time of day was left aside.
func (f *File) date(c cell) (d day.Day, clocked bool, code Code) {
	if c.kind == number {
		d, clocked, ok := f.serialDay(c.text)
		if !ok {
			return day.Never, false, BadDate
		}
		return d, clocked, ""
	}
	value, clocked, zone := cutClock(c.text)
	if zone {
		return day.Never, false, DateZone
	}
	d, err := f.parse(value)
	if err != nil {
		return day.Never, false, BadDate
	}
	return d, clocked, ""
}

// parse reads a written date in the layout of the file.
func (f *File) parse(s string) (day.Day, error) {
	if m := yearFirstForm.FindStringSubmatch(s); m != nil {
		return day.Of(small(m[1]), small(m[2]), small(m[3]))
	}
	m := written.FindStringSubmatch(s)
	switch {
	case m == nil || f.Dates == YMD:
		return day.Never, day.ErrDate
	case f.Dates == MDY:
		return day.Of(small(m[3]), small(m[1]), small(m[2]))
	}
	return day.Of(small(m[3]), small(m[2]), small(m[1]))
}

// partial reads a birth, of which only the year may be known.
func (f *File) partial(c cell) (day.Partial, Code) {
	if c.kind == number && yearAlone(c.text) {
		n, err := strconv.Atoi(c.text)
		if err != nil {
			return day.Partial{}, BadDate
		}
		return day.Partial{Year: n}, ""
	}
	d, _, code := f.date(c)
	if code == "" {
		y, m, dom := d.Civil()
		return day.Partial{Year: y, Month: m, Dom: dom}, ""
	}
	if code == DateZone || c.kind == number {
		return day.Partial{}, BadDate
	}
	// Full dates were read above in the layout of the file; what is left is a
	// year, or a month and a year.
	if s := strings.TrimSpace(c.text); len(s) <= 7 {
		if p, err := day.ParsePartial(s); err == nil && p.Dom == 0 {
			return p, ""
		}
	}
	return day.Partial{}, BadDate
}
