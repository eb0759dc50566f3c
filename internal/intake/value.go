package intake

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/unit"
)

// reading is one row being understood: each method takes one value out of it
// and notes what is wrong with it.
type reading struct {
	file     *File
	cols     columns
	row      row
	opt      Options
	problems []Problem
	doubts   []Problem
}

func (r *reading) cell(f Field) cell { return r.row.at(r.cols.of(f)) }

// blank says whether nothing was typed in a field.
func (r *reading) blank(f Field) bool { return strings.TrimSpace(r.cell(f).text) == "" }

func (r *reading) bad(f Field, code Code) {
	r.problems = append(r.problems, Problem{Line: r.row.line, Column: r.cols.name(f), Code: code, Value: quote(r.cell(f).text)})
}

func (r *reading) doubt(f Field, code Code) {
	r.doubts = append(r.doubts, Problem{Line: r.row.line, Column: r.cols.name(f), Code: code, Value: quote(r.cell(f).text)})
}

// sound is the cell of a field, with what is wrong with cells of any kind
// noted: "" when there is nothing to read.
func (r *reading) sound(f Field) cell {
	c := r.cell(f)
	if c.kind == wrong || (strings.HasPrefix(c.text, "#") && slices.Contains(errorCells, strings.TrimSpace(c.text))) {
		r.bad(f, ErrorCell)
		return cell{}
	}
	if c.form {
		r.doubt(f, Formula)
	}
	if len(c.text) > cellMax {
		r.bad(f, TooLong)
		return cell{}
	}
	if strings.ContainsRune(c.text, utf8.RuneError) {
		r.bad(f, Lost)
		return cell{}
	}
	c.text = strings.TrimSpace(c.text)
	return c
}

// errorCells is what a formula that failed leaves, in a CSV, too.
var errorCells = []string{"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}

// text is a text of at most limit characters, in the form it is kept in.
func (r *reading) text(f Field, limit int) string {
	s := fold.Clean(r.sound(f).text)
	if utf8.RuneCountInString(s) > limit {
		r.bad(f, TooLong)
		return ""
	}
	return s
}

// place is a text that people write in Vietnamese, so that an old font shows.
func (r *reading) place(f Field) string {
	s := r.text(f, textMax)
	// As typed: one of the signs is a soft hyphen, which the kept form loses.
	if s != "" && legacyFont(r.cell(f).text) {
		r.bad(f, LegacyFont)
		return ""
	}
	return s
}

// tcvn3 is what the small letters with marks of TCVN3 fonts become when their
// bytes are taken for Latin-1: signs that stand inside no word of any language
// here.
const tcvn3 = "¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹»¼½¾¿"

// legacyFont says whether a text was typed with a TCVN3 font: a sign of that
// set directly beside a letter, as in "NguyÔn V¨n".
func legacyFont(s string) bool {
	prev := ' '
	for _, c := range s {
		if (strings.ContainsRune(tcvn3, c) && unicode.IsLetter(prev)) || (strings.ContainsRune(tcvn3, prev) && unicode.IsLetter(c)) {
			return true
		}
		prev = c
	}
	return false
}

// exponent is what a spreadsheet makes of a long number, with its digits lost.
var exponent = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+\d+$`)

// code is a text by which people or things are found: no invisible character
// may hide in it, or two equal codes would differ.
func (r *reading) code(f Field, needed bool) string {
	c := r.sound(f)
	switch {
	case c.text == "":
		if needed && r.blank(f) {
			r.bad(f, Missing)
		}
		return ""
	case strings.ContainsFunc(c.text, fold.Hidden):
		r.bad(f, Invisible)
		return ""
	case exponent.MatchString(c.text):
		r.bad(f, Exponent)
		return ""
	}
	return r.text(f, codeMax)
}

// name is the patient's name, joined when the file splits it, and what was
// typed when that differs.
func (r *reading) name() (string, string) {
	raw := strings.TrimSpace(r.cell(FieldFamily).text + " " + r.cell(FieldName).text)
	if r.blank(FieldName) {
		r.bad(FieldName, Missing)
		return "", ""
	}
	before := len(r.problems)
	s := strings.TrimSpace(r.place(FieldFamily) + " " + r.place(FieldName))
	switch {
	case len(r.problems) > before:
		return "", ""
	case !strings.ContainsFunc(s, unicode.IsLetter):
		r.bad(FieldName, BadName)
		return "", ""
	case utf8.RuneCountInString(s) > textMax:
		r.bad(FieldName, TooLong)
		return "", ""
	}
	if raw == s {
		raw = ""
	}
	return s, raw
}

// sexes are the words for sex, folded. A bare "n" could be nam or nữ, and 0, 1,
// 2 mean different things in different files: they are refused.
var sexes = map[string]string{
	"m": "m", "male": "m", "man": "m", "nam": "m", "trai": "m", "me": "m", "mwanaume": "m",
	"f": "f", "female": "f", "woman": "f", "nu": "f", "gai": "f", "ke": "f", "mwanamke": "f",
	"o": "o", "other": "o", "khac": "o", "nyingine": "o",
}

func (r *reading) sex() string {
	s := r.sound(FieldSex).text
	if s == "" {
		return ""
	}
	v, ok := sexes[fold.Fold(s)]
	if !ok {
		r.bad(FieldSex, BadSex)
	}
	return v
}

// phases are the words for the phases of treatment, folded.
var phases = map[string]string{
	"induction": "induction", "khoi lieu": "induction", "do lieu": "induction", "giai doan do lieu": "induction",
	"adjustment": "adjustment", "dieu chinh": "adjustment", "dieu chinh lieu": "adjustment", "giai doan dieu chinh lieu": "adjustment",
	"maintenance": "maintenance", "duy tri": "maintenance", "lieu duy tri": "maintenance", "giai doan duy tri": "maintenance",
	"taper": "taper", "giam lieu": "taper", "giam lieu tien toi ngung": "taper", "giai doan giam lieu": "taper",
}

func (r *reading) phase() string {
	s := r.sound(FieldPhase).text
	if s == "" {
		return ""
	}
	v, ok := phases[fold.Fold(s)]
	if !ok {
		r.bad(FieldPhase, BadPhase)
	}
	return v
}

// phone keeps a phone number as typed. Nine digits are a Vietnamese number
// whose leading zero a spreadsheet took away; nothing is put in its place.
func (r *reading) phone() string {
	s := r.text(FieldPhone, textMax)
	n := digits(s)
	switch {
	case exponent.MatchString(s):
		r.bad(FieldPhone, Exponent)
		return ""
	case s != "" && n == 0:
		r.bad(FieldPhone, BadPhone)
		return ""
	case n == 9 && n == len(s) && s[0] != '0':
		r.doubt(FieldPhone, ZeroLost)
	}
	return s
}

// identity keeps the number of an identity paper as typed. The Vietnamese ones
// have nine digits (until 2021) or twelve; eleven, ten or eight are one of
// those without its zeros.
func (r *reading) identity() string {
	s := r.text(FieldIdentity, textMax)
	n := digits(s)
	switch {
	case exponent.MatchString(s):
		r.bad(FieldIdentity, Exponent)
		return ""
	case n == len(s) && (n == 8 || n == 10 || n == 11):
		r.doubt(FieldIdentity, ZeroLost)
	}
	return s
}

func digits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// birth is a birth, as much of it as is known.
func (r *reading) birth() day.Partial {
	c := r.sound(FieldBirth)
	if c.text == "" {
		return day.Partial{}
	}
	p, code := r.file.partial(c)
	year, month, dom := r.opt.Today.Civil()
	switch {
	case code != "":
		r.bad(FieldBirth, code)
	case p.Year < bornFirst || p.Year > yearLast:
		r.bad(FieldBirth, DateRange)
	case r.opt.Today != day.Never && later(p, day.Partial{Year: year, Month: month, Dom: dom}):
		r.bad(FieldBirth, Future)
	}
	return p
}

// later says whether p is after a full date for certain.
func later(p, than day.Partial) bool {
	switch {
	case p.Year != than.Year:
		return p.Year > than.Year
	case p.Month == 0 || p.Month != than.Month:
		return p.Month > than.Month
	}
	return p.Dom > than.Dom
}

// day is a day of treatment. past says that it cannot lie after today.
func (r *reading) day(f Field, needed, past bool) day.Day {
	c := r.sound(f)
	if c.text == "" {
		if needed && r.blank(f) {
			r.bad(f, Missing)
		}
		return day.Never
	}
	d, clocked, code := r.file.date(c)
	year, _, _ := d.Civil()
	switch {
	case code != "":
		r.bad(f, code)
		return day.Never
	case year < yearFirst || year > yearLast || d == day.Never:
		r.bad(f, DateRange)
		return day.Never
	case past && r.opt.Today != day.Never && d > r.opt.Today:
		r.bad(f, Future)
		return day.Never
	}
	if clocked {
		r.doubt(f, TimeIgnored)
	}
	return d
}

// amount is the medicine of a dose or an order, from mg, mL or both, and the
// volume when the file gives one.
func (r *reading) amount() (unit.Microgram, unit.Microlitre) {
	before := len(r.problems)
	g, gField := r.thousandths(FieldMg, FieldUg, "mg")
	v, vField := r.thousandths(FieldML, FieldUl, "ml")
	if len(r.problems) > before {
		return 0, 0
	}
	amount, volume := unit.Microgram(g), unit.Microlitre(v)
	if gField == "" && vField == "" {
		f := FieldMg
		if !r.cols.has(FieldMg) && r.cols.has(FieldML) {
			f = FieldML
		}
		r.bad(f, Missing)
		return 0, 0
	}
	if vField == "" {
		return amount, 0
	}
	if r.opt.Strength <= 0 {
		if gField == "" {
			r.bad(vField, NoStrength)
		}
		return amount, volume
	}
	by, err := r.opt.Strength.Amount(volume)
	switch {
	case err != nil:
		r.bad(vField, Inexact)
	case gField != "" && by != amount:
		r.bad(vField, MgNotML)
	}
	return by, volume
}

// thousandths reads the amount of a unit from its column, or from that of its
// thousandth part. The field is "" when neither has anything.
func (r *reading) thousandths(f, part Field, name string) (int64, Field) {
	whole := false
	if r.blank(f) && r.cols.has(part) {
		f, whole = part, true
	}
	c := r.sound(f)
	if c.text == "" {
		return 0, ""
	}
	if !whole {
		var other bool
		if c.text, other = bare(c.text, name); other {
			r.bad(f, UnitDiffers)
			return 0, f
		}
	}
	n, err := parseThousandths(c, whole)
	var p unit.ParseProblem
	switch {
	case errors.As(err, &p):
		r.bad(f, amountCodes[p])
	case n == 0:
		r.bad(f, AmountZero)
	}
	return n, f
}

// amountCodes are the problems of a typed amount as problems of a row.
var amountCodes = map[unit.ParseProblem]Code{
	unit.Empty: Missing, unit.NotNumber: BadAmount, unit.Unclear: AmountUnclear, unit.TooLong: AmountLong, unit.NotAllowed: AmountZero,
}

// bare takes the unit off "85 mg". other says that another unit stands there.
func bare(s, name string) (string, bool) {
	at := strings.TrimRight(strings.ToLower(s), ".")
	for _, u := range []string{"mg", "ml"} {
		if before, ok := strings.CutSuffix(at, u); ok {
			return strings.TrimSpace(before), u != name
		}
	}
	return s, false
}

// parseThousandths reads text as a person types an amount; a spreadsheet's
// number is never unclear, its sign is always a decimal point.
func parseThousandths(c cell, whole bool) (int64, error) {
	if whole {
		if strings.Trim(c.text, "0123456789") != "" || len(c.text) > 10 {
			return 0, unit.NotNumber
		}
		n := int64(0)
		for _, d := range c.text {
			n = n*10 + int64(d-'0')
		}
		return n, nil
	}
	s, zeros := c.text, ""
	if w, frac, ok := strings.Cut(s, "."); ok && c.kind == number && len(frac) == 3 && w != "0" {
		// Three digits are read as two and one: 62.125 is 62.12 and 5 thousandths.
		s, zeros = w+"."+frac[:2], frac[2:]
	}
	g, err := unit.ParseMg(s)
	if err != nil {
		return 0, err
	}
	if zeros != "" {
		if zeros[0] < '0' || zeros[0] > '9' {
			return 0, unit.NotNumber
		}
		g += unit.Microgram(zeros[0] - '0')
	}
	return int64(g), nil
}
