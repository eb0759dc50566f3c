// Package patient decides who is on the register: registering a person,
// changing what is written of them, cards, and the end and restart of care.
//
// It reads no clock and no database, and knows no dose. It promises that a
// name is kept as it was written (in one Unicode form), that a code always
// carries its check character, and that unknown stays unknown: a birth year
// alone is a birth year. Rules: docs/rules.md, PATIENT-01 and on.
package patient

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Sex as written on the person's papers, or as the person says; empty when not
// asked.
type Sex string

// The values of Sex.
const (
	Male   Sex = "m"
	Female Sex = "f"
	Others Sex = "o"
)

// Details is what the register holds of a person.
type Details struct {
	Name     string      `json:"name"` // NFC, as written
	Sex      Sex         `json:"sex,omitempty"`
	Birth    day.Partial `json:"birth,omitzero"`
	Ethnic   string      `json:"ethnic,omitempty"`
	Commune  string      `json:"commune,omitempty"`
	Village  string      `json:"village,omitempty"`
	Phone    string      `json:"phone,omitempty"`
	Identity string      `json:"identity,omitempty"` // number of an identity paper
	Language string      `json:"language,omitempty"` // BCP 47 code of the language the person prefers
	Note     string      `json:"note,omitempty"`
	Former   string      `json:"former,omitempty"` // code under which the clinic knew the person before
}

// Registered says that a person was put on the register. Journal kind
// "patient.registered". Fields are only ever added.
type Registered struct {
	Patient id.Patient `json:"patient"`
	Code    string     `json:"code"` // "TG-0042-7"
	Day     day.Day    `json:"day"`
	Details Details    `json:"details"`
	Source  string     `json:"source,omitempty"` // file and line, for an import
}

// Changed says that the details were changed; it holds all of them. Journal
// kind "patient.changed".
type Changed struct {
	Patient id.Patient `json:"patient"`
	Details Details    `json:"details"`
	Reason  string     `json:"reason,omitempty"`
}

// CardGiven says that a card was given; older cards of the person are replaced
// by it, visibly. Journal kind "patient.card_given".
type CardGiven struct {
	Patient id.Patient `json:"patient"`
	Card    string     `json:"card"` // what the scanner reads
}

// Left says that the course of treatment here ended. Journal kind
// "patient.left".
type Left struct {
	Patient id.Patient `json:"patient"`
	Day     day.Day    `json:"day"`
	Why     LeftWhy    `json:"why"`
	Note    string     `json:"note,omitempty"`
}

// Returned says that the person is back in treatment here. Journal kind
// "patient.returned".
type Returned struct {
	Patient id.Patient `json:"patient"`
	Day     day.Day    `json:"day"`
}

// Noted is a note on a person's record. Journal kind "patient.noted".
type Noted struct {
	Patient id.Patient `json:"patient"`
	Day     day.Day    `json:"day"`
	Text    string     `json:"text"`
}

// UrineTested is the result of a urine test. Journal kind
// "patient.urine_tested".
type UrineTested struct {
	Patient id.Patient `json:"patient"`
	Day     day.Day    `json:"day"`
	Found   []string   `json:"found"`            // substances found; empty: none of the panel
	Method  string     `json:"method,omitempty"` // observed, temperature, unobserved
}

// LeftWhy is why a course of treatment ended.
type LeftWhy string

// The reasons a course of treatment ends.
const (
	Completed LeftWhy = "completed"
	Moved     LeftWhy = "moved"
	LostTouch LeftWhy = "lost_touch"
	Detained  LeftWhy = "detained"
	Died      LeftWhy = "died"
	OwnWish   LeftWhy = "own_wish"
)

// LeftWhys lists the reasons in the order in which they are offered.
var LeftWhys = []LeftWhy{Completed, Moved, OwnWish, LostTouch, Detained, Died}

// Limits of a record, in runes; hostile and mistaken input ends here.
const (
	nameMax = 200
	textMax = 2000
	noteMax = 3000 // a journal entry holds 16 KiB and a rune takes up to four bytes
)

// Clean prepares typed details: blanks at the ends and doubled blanks go,
// control and invisible characters go. The text must already be NFC.
func Clean(d Details) Details {
	for _, s := range []*string{&d.Name, &d.Ethnic, &d.Commune, &d.Village, &d.Phone, &d.Identity, &d.Language, &d.Former} {
		*s = strings.Join(strings.Fields(visible(*s)), " ")
	}
	d.Note = strings.TrimSpace(d.Note)
	return d
}

// visible drops control characters, zero-width characters and characters that
// turn the direction of writing: they hide in pasted names and make two equal
// names differ.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// Check answers whether details can be written down: PATIENT-01 no name,
// PATIENT-02 too long, PATIENT-03 born in the future or more than 120 years
// ago, PATIENT-04 unknown sex code, PATIENT-05 a phone that holds no digits.
func Check(d Details, today day.Day) error {
	switch {
	case strings.TrimSpace(d.Name) == "" || !hasLetter(d.Name):
		return reason.Refuse("PATIENT-01")
	case utf8.RuneCountInString(d.Name) > nameMax:
		return reason.Refuse("PATIENT-02", "field", "name", "max", nameMax)
	case utf8.RuneCountInString(d.Note) > textMax:
		return reason.Refuse("PATIENT-02", "field", "note", "max", textMax)
	case d.Birth.Known() && !lived(d.Birth, today):
		return reason.Refuse("PATIENT-03")
	case d.Sex != "" && d.Sex != Male && d.Sex != Female && d.Sex != Others:
		return reason.Refuse("PATIENT-04")
	case d.Phone != "" && !strings.ContainsAny(d.Phone, "0123456789"):
		return reason.Refuse("PATIENT-05")
	}
	for _, f := range []struct{ name, text string }{
		{"ethnic", d.Ethnic}, {"commune", d.Commune}, {"village", d.Village}, {"phone", d.Phone}, {"identity", d.Identity}, {"language", d.Language}, {"former", d.Former},
	} {
		if utf8.RuneCountInString(f.text) > nameMax {
			return reason.Refuse("PATIENT-02", "field", f.name, "max", nameMax)
		}
	}
	return nil
}

// lived says whether a birth lies in the past and not more than 120 years ago,
// as far as it is known.
func lived(b day.Partial, today day.Day) bool {
	year, month, dom := today.Civil()
	switch {
	case b.Year != year:
		return b.Year < year && b.Year >= year-120
	case b.Month != month:
		return b.Month < month // an unknown month is 0
	}
	return b.Dom <= dom
}

func hasLetter(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// DecideRegister answers whether a person may be registered. sameIdentity says
// that another patient here has the same identity number (PATIENT-06): the
// person may be on the register already.
func DecideRegister(d Details, code string, sameIdentity bool, today day.Day) (Registered, error) {
	d = Clean(d)
	if err := Check(d, today); err != nil {
		return Registered{}, err
	}
	if sameIdentity && d.Identity != "" {
		return Registered{}, reason.Refuse("PATIENT-06")
	}
	if !id.CodeOK(code) {
		return Registered{}, reason.Refuse("PATIENT-07")
	}
	return Registered{Code: id.Normal(code), Day: today, Details: d}, nil
}

// DecideChange answers whether the details may be changed to d.
func DecideChange(p id.Patient, d Details, sameIdentity bool, why string, today day.Day) (Changed, error) {
	d = Clean(d)
	if err := Check(d, today); err != nil {
		return Changed{}, err
	}
	if sameIdentity && d.Identity != "" {
		return Changed{}, reason.Refuse("PATIENT-06")
	}
	if utf8.RuneCountInString(why) > nameMax {
		return Changed{}, reason.Refuse("PATIENT-02", "field", "reason", "max", nameMax)
	}
	return Changed{Patient: p, Details: d, Reason: why}, nil
}

// DecideLeave answers whether care may end; inCare is whether it is under way
// (PATIENT-08), pouredOpen whether a dose of today waits for its answer
// (PATIENT-09).
func DecideLeave(p id.Patient, inCare, pouredOpen bool, why LeftWhy, note string, today day.Day) (Left, error) {
	if !inCare {
		return Left{}, reason.Refuse("PATIENT-08")
	}
	if pouredOpen {
		return Left{}, reason.Refuse("PATIENT-09")
	}
	known := false
	for _, w := range LeftWhys {
		known = known || w == why
	}
	if !known {
		return Left{}, reason.Refuse("PATIENT-10")
	}
	if utf8.RuneCountInString(note) > textMax {
		return Left{}, reason.Refuse("PATIENT-02", "field", "note", "max", textMax)
	}
	return Left{Patient: p, Day: today, Why: why, Note: note}, nil
}

// DecideReturn answers whether care may start again (PATIENT-11: it never
// ended).
func DecideReturn(p id.Patient, inCare bool, today day.Day) (Returned, error) {
	if inCare {
		return Returned{}, reason.Refuse("PATIENT-11")
	}
	return Returned{Patient: p, Day: today}, nil
}

// DecideNote answers whether a note may be written: PATIENT-12 when empty,
// PATIENT-02 when too long.
func DecideNote(p id.Patient, text string, today day.Day) (Noted, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Noted{}, reason.Refuse("PATIENT-12")
	}
	if utf8.RuneCountInString(text) > noteMax {
		return Noted{}, reason.Refuse("PATIENT-02", "field", "note", "max", noteMax)
	}
	return Noted{Patient: p, Day: today, Text: text}, nil
}

// What one urine test can find: panels have about ten substances, and the
// whole list stays well inside a journal entry.
const (
	foundMax     = 30
	substanceMax = 80 // runes
)

// DecideUrine answers whether the result of a urine test may be recorded:
// PATIENT-14 a day in the future, PATIENT-15 a list that cannot be.
func DecideUrine(p id.Patient, on day.Day, found []string, method string, today day.Day) (UrineTested, error) {
	if on == day.Never || on > today {
		return UrineTested{}, reason.Refuse("PATIENT-14")
	}
	method = strings.TrimSpace(method)
	if len(found) > foundMax || utf8.RuneCountInString(method) > nameMax {
		return UrineTested{}, reason.Refuse("PATIENT-15")
	}
	clean := []string{}
	for _, f := range found {
		f = strings.Join(strings.Fields(visible(f)), " ")
		if utf8.RuneCountInString(f) > substanceMax {
			return UrineTested{}, reason.Refuse("PATIENT-15")
		}
		if f != "" {
			clean = append(clean, f)
		}
	}
	return UrineTested{Patient: p, Day: on, Found: clean, Method: method}, nil
}
