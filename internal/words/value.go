package words

import (
	"fmt"
	"strconv"
	"strings"

	"tram/internal/day"
	"tram/internal/unit"
)

// nbsp keeps a number and its unit on one line: an amount torn apart at the
// end of a line has been read as another one.
const nbsp = "\u00a0"

// Plain turns no-break spaces into blanks, for comparing and searching.
func Plain(s string) string { return strings.ReplaceAll(s, nbsp, " ") }

// Value writes a value by its type: day.Day, day.Instant (the clock, at the
// site), day.Partial, unit.Microgram, unit.Microlitre, unit.Strength, int,
// string. Other types are a programming error and are shown with their name.
func (p *Printer) Value(v any) string { return p.value(v, "") }

func (p *Printer) value(v any, format string) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return p.Int(v)
	case day.Day:
		if format == "weekday" {
			return p.DayLong(v)
		}
		return p.Day(v)
	case day.Instant:
		if format == "moment" {
			return p.Moment(v)
		}
		return p.Clock(v)
	case day.Partial:
		return p.Born(v)
	case unit.Microgram:
		return p.Mg(v)
	case unit.Microlitre:
		return p.ML(v)
	case unit.Strength:
		return p.Strength(v)
	}
	return fmt.Sprintf("⟦%T⟧", v)
}

// sign is the language's decimal sign.
func (p *Printer) sign() string {
	if p.lang == "vi" {
		return ","
	}
	return "."
}

// Dose writes an amount with its volume, "85 mg = 8,5 mL". It is the one
// helper for doses: mg and mL always stand together.
func (p *Printer) Dose(g unit.Microgram, v unit.Microlitre) string {
	return p.Mg(g) + nbsp + "=" + nbsp + p.ML(v)
}

// Mg writes an amount, "85 mg". For a dose use [Printer.Dose].
func (p *Printer) Mg(g unit.Microgram) string { return p.MgNumber(g) + nbsp + "mg" }

// ML writes a volume, "8,5 mL". For a dose use [Printer.Dose].
func (p *Printer) ML(v unit.Microlitre) string { return p.MLNumber(v) + nbsp + "mL" }

// MgNumber writes the number of mg alone, for a field or a column whose label
// says mg.
func (p *Printer) MgNumber(g unit.Microgram) string { return unit.Decimal(int64(g), p.sign()) }

// MLNumber writes the number of mL alone, for a field or a column whose label
// says mL.
func (p *Printer) MLNumber(v unit.Microlitre) string { return unit.Decimal(int64(v), p.sign()) }

// Strength writes "10 mg/mL".
func (p *Printer) Strength(s unit.Strength) string {
	return unit.Decimal(int64(s), p.sign()) + nbsp + "mg/mL"
}

// Int writes a whole number, in groups of three with a no-break space from
// five digits on. The point and the comma are never used for grouping: half
// of the readers would take them for a decimal sign.
func (p *Printer) Int(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	if len(s) > 4 {
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + nbsp + s[i:]
		}
	}
	if neg {
		return "−" + s
	}
	return s
}

// Day writes a date, "23/11/2026" or "23 Nov 2026"; Never is said to be not
// known.
func (p *Printer) Day(d day.Day) string {
	if d == day.Never {
		return p.T("date.unknown")
	}
	if p.lang == "vi" {
		return d.Typed()
	}
	year, month, dom := d.Civil()
	return strconv.Itoa(dom) + nbsp + p.T("date.month."+strconv.Itoa(month)) + nbsp + strconv.Itoa(year)
}

// DaySpoken writes a date with its month's name in every language, "3 tháng 4 năm
// 2026": where a day was typed as figures and must not be read as another one.
func (p *Printer) DaySpoken(d day.Day) string {
	if d == day.Never {
		return p.T("date.unknown")
	}
	year, month, dom := d.Civil()
	return p.T("date.spoken", "day", strconv.Itoa(dom), "month", p.T("date.month."+strconv.Itoa(month)), "year", strconv.Itoa(year))
}

// DayLong writes a date with its weekday, "Thứ Hai 23/11/2026" or
// "Mon 23 Nov 2026".
func (p *Printer) DayLong(d day.Day) string {
	if d == day.Never {
		return p.T("date.unknown")
	}
	return p.Weekday(d) + " " + p.Day(d)
}

// Weekday writes the name of a date's weekday.
func (p *Printer) Weekday(d day.Day) string { return p.T("date.weekday." + strconv.Itoa(d.Weekday())) }

// Clock writes the wall time of an instant at the site, "06:45".
func (p *Printer) Clock(i day.Instant) string {
	if i == 0 {
		return p.T("date.unknown")
	}
	if !p.zoned {
		return i.Time().Format("15:04") + nbsp + "UTC"
	}
	return p.zone.Clock(i)
}

// Moment writes the date and wall time of an instant at the site.
func (p *Printer) Moment(i day.Instant) string {
	switch {
	case i == 0:
		return p.T("date.unknown")
	case !p.zoned:
		return i.Time().Format("2006-01-02") + " " + p.Clock(i)
	}
	return p.Day(p.zone.DayOf(i)) + " " + p.Clock(i)
}

// Born writes a date of birth as far as it is known.
func (p *Printer) Born(b day.Partial) string {
	switch {
	case !b.Known():
		return p.T("date.unknown")
	case b.Month == 0:
		return strconv.Itoa(b.Year)
	case b.Dom == 0 && p.lang == "vi":
		return fmt.Sprintf("%02d/%04d", b.Month, b.Year)
	case b.Dom == 0:
		return p.T("date.month."+strconv.Itoa(b.Month)) + nbsp + strconv.Itoa(b.Year)
	}
	d, err := day.Of(b.Year, b.Month, b.Dom)
	if err != nil {
		return p.T("date.unknown")
	}
	return p.Day(d)
}
