package patient

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"tram/internal/day"
	"tram/internal/fold"
)

// Likeness is why two records may be of one person; empty when nothing says
// so. It is a question for people, never an answer.
type Likeness string

// The reasons to ask.
const (
	Unlike     Likeness = ""
	ByIdentity Likeness = "identity" // one identity number
	ByName     Likeness = "name"     // one name, as names are spelled here, and a birth that fits it
)

// Alike says whether two records may be of one person. PATIENT-30 the number,
// PATIENT-31 the name with the birth.
func Alike(a, b Details) Likeness {
	if SameNumber(a.Identity, b.Identity) {
		return ByIdentity
	}
	sex := a.Sex != "" && b.Sex != "" && a.Sex != b.Sex
	names, births := likeNames(a.Name, b.Name), likeBirths(a.Birth, b.Birth)
	switch {
	case names == sameName && births == sameBirth:
		return ByName
	case sex:
		return Unlike
	case names == sameName && births == nearBirth, names == nearName && births == sameBirth:
		return ByName
	case names == sameName && births == halfBirth && !apart(a.Commune, b.Commune):
		return ByName // a year alone is shared by many; people of one place and name are few
	case names == sameName && births == noBirth && samePhone(a.Phone, b.Phone):
		return ByName
	}
	return Unlike
}

type likeness int

const (
	otherName likeness = iota
	nearName           // one part is shortened or one letter off
	sameName
)

const (
	otherBirth likeness = iota
	noBirth             // one of them is not known at all
	halfBirth           // as far as both are known, at least the year
	nearBirth           // a date with day and month changed over, or one digit off
	sameBirth           // the same whole date
)

// likeBirths compares two births.
func likeBirths(a, b day.Partial) likeness {
	switch {
	case a.Year == 0 || b.Year == 0:
		return noBirth
	case a.Dom != 0 && b.Dom != 0:
		switch {
		case a == b:
			return sameBirth
		case a.Year == b.Year && a.Month == b.Dom && a.Dom == b.Month, oneOff(dateDigits(a), dateDigits(b)):
			return nearBirth
		}
		return otherBirth
	case a.Year != b.Year, a.Month != 0 && b.Month != 0 && a.Month != b.Month:
		return otherBirth
	}
	return halfBirth
}

func dateDigits(b day.Partial) string { return fmt.Sprintf("%02d%02d%04d", b.Dom, b.Month, b.Year) }

// oneOff says whether two texts of one length differ in one character, or in
// two neighbours that changed places.
func oneOff(a, b string) bool {
	first, n := 0, 0
	for i := range a {
		if a[i] != b[i] {
			if n++; n == 1 {
				first = i
			}
		}
	}
	return n == 1 || n == 2 && a[first] == b[first+1] && a[first+1] == b[first]
}

// likeNames compares two names as they are spelled here: whatever the marks,
// the case, the order of the parts, y or i; with or without Thị, Văn and one
// more middle name; written together; one part shortened or one letter off.
func likeNames(a, b string) likeness {
	x, y := parts(a), parts(b)
	if len(x) == 0 || len(y) == 0 {
		return otherName
	}
	if strings.Join(x, "") == strings.Join(y, "") {
		return sameName
	}
	if numbered(x, y) {
		return otherName
	}
	x, y = core(x), core(y)
	if len(x) > len(y) {
		x, y = y, x
	}
	restX, restY, same := without(x, y)
	if len(restX) == 0 && extra(restY) <= 1 && same >= 2 {
		return sameName
	}
	shorts, slips := 0, 0
	for _, p := range restX {
		i := slices.IndexFunc(restY, func(q string) bool { return shortOf(p, q) || shortOf(q, p) })
		if i >= 0 {
			shorts++
		} else if i = slices.IndexFunc(restY, func(q string) bool { return slip(p, q) }); i >= 0 {
			slips++
		} else if len(p) > 1 {
			return otherName
		} else {
			continue // a letter for a middle name that the other leaves out
		}
		restY = slices.Delete(slices.Clone(restY), i, i+1)
	}
	if extra(restY) > 1 || same == 0 || slips > 1 || shorts+slips == 0 || slips == 1 && shorts > 0 {
		return otherName
	}
	return nearName
}

// numbered says whether both names end with a number and not with the same:
// lists tell people of one name apart by it.
func numbered(x, y []string) bool {
	a, b := x[len(x)-1], y[len(y)-1]
	return a != b && onlyDigits(a) && onlyDigits(b)
}

// extra counts the parts that are more than a letter.
func extra(rest []string) (n int) {
	for _, p := range rest {
		if len(p) > 1 {
			n++
		}
	}
	return n
}

// partsMax bounds what one name is compared by.
const partsMax = 8

// parts are the words of a name, in the spelling in which they are compared.
// What stands in brackets is no name: people are told apart by it in lists.
func parts(name string) []string {
	var sb strings.Builder
	depth := 0
	for _, r := range fold.Fold(name) {
		switch {
		case r == '(' || r == '[':
			depth++
			sb.WriteByte(' ')
		case r == ')' || r == ']':
			depth = max(0, depth-1)
		case depth > 0:
		case r == '\'' || r == '’' || r == '`':
		case unicode.IsLetter(r), unicode.IsDigit(r):
			sb.WriteRune(r)
		default:
			sb.WriteByte(' ')
		}
	}
	out := strings.Fields(sb.String())
	for i, w := range out {
		if w == "y" || len(w) > 1 {
			out[i] = strings.ReplaceAll(w, "y", "i") // Lý or Lí, Quý or Quí, Mỹ or Mĩ
		}
	}
	return out[:min(len(out), partsMax)]
}

// core leaves out the middle names that say man or woman and are often not
// written, while two parts remain, and puts the rest in the order of the
// alphabet.
func core(words []string) []string {
	var out []string
	for _, w := range words {
		if w != "thi" && w != "van" && w != "th" {
			out = append(out, w)
		}
	}
	if len(out) < 2 {
		out = slices.Clone(words)
	}
	slices.Sort(out)
	return out
}

// without takes the parts that both have away from both.
func without(x, y []string) (restX, restY []string, same int) {
	restY = slices.Clone(y)
	for _, p := range x {
		if i := slices.Index(restY, p); i >= 0 {
			restY, same = slices.Delete(restY, i, i+1), same+1
		} else {
			restX = append(restX, p)
		}
	}
	return restX, restY, same
}

// shortOf says whether p is a short form of q: its first letter, or its first
// two or three: N., Ng., Ngu., Ph., Tr.
func shortOf(p, q string) bool {
	return len(p) < len(q) && len(p) <= 3 && strings.HasPrefix(q, p) && (len(p) < 3 || len(q) >= 5)
}

// spelled are pairs that are heard as one in a part of the country, and
// written for one another.
var spelled = strings.NewReplacer("ch", "ch", "tr", "ch", "gi", "d", "r", "d", "x", "s", "ph", "f", "qu", "kw", "q", "k", "c", "k", "l", "n")

// slip says whether two parts are one with another spelling, or one letter
// off where they are long enough for that to be no other name.
func slip(p, q string) bool {
	if len(p) < 2 || len(q) < 2 {
		return false
	}
	return spelled.Replace(p) == spelled.Replace(q) || min(len(p), len(q)) >= 3 && oneEdit(p, q)
}

// oneEdit says whether one letter more, less or another, or two neighbours that
// changed places, make p of q.
func oneEdit(p, q string) bool {
	if len(p) == len(q) {
		return oneOff(p, q)
	}
	if len(p) > len(q) {
		p, q = q, p
	}
	if len(q)-len(p) != 1 {
		return false
	}
	i := 0
	for i < len(p) && p[i] == q[i] {
		i++
	}
	return p[i:] == q[i+1:]
}

// apart says whether two places are known and not one.
func apart(a, b string) bool {
	x, y := strings.Join(place(a), " "), strings.Join(place(b), " ")
	return x != "" && y != "" && x != y
}

// place are the words of a commune's name without what kind of place it is.
func place(s string) []string {
	w := parts(s)
	for len(w) > 1 && slices.Contains([]string{"xa", "phuong", "thi", "tran", "huien", "tp", "p", "x"}, w[0]) {
		w = w[1:]
	}
	return w
}

// phoneDigits are compared: the country's code or a zero before them is not.
const phoneDigits = 9

func samePhone(a, b string) bool {
	x, y := phone(a), phone(b)
	return x != "" && x == y
}

func phone(s string) string {
	d := strings.Map(func(r rune) rune {
		if r = plainDigit(r); r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(d) < phoneDigits || idle(d) {
		return ""
	}
	return d[len(d)-phoneDigits:]
}

// Traces are texts of which two records that are [Alike] share at least one,
// as far as Alike can find them: whoever keeps many records looks for the same
// traces and asks Alike of those few. They hold names and numbers in the clear.
func Traces(d Details) []string {
	var out []string
	for _, n := range Numbers(d.Identity) {
		out = append(out, "number "+n)
	}
	all := parts(d.Name)
	words := core(all)
	if b := d.Birth; b.Dom != 0 {
		out = append(out, fmt.Sprintf("born %d %d %d", b.Year, min(b.Month, b.Dom), max(b.Month, b.Dom)))
	}
	var keys []string
	if d.Birth.Year != 0 {
		keys = append(keys, fmt.Sprint("year ", d.Birth.Year))
	}
	if d.Birth.Dom != 0 {
		keys = append(keys, fmt.Sprint("on ", d.Birth.Dom, " ", d.Birth.Month))
	}
	if n := phone(d.Phone); n != "" {
		keys = append(keys, "phone "+n)
	}
	for _, k := range keys {
		out = append(out, k+" "+strings.Join(all, ""))
		for i, p := range words {
			for _, q := range words[i+1:] {
				if len(words) <= partsMax/2 || i == 0 { // a name of many parts: those with the first one
					out = append(out, k+" "+p+" "+q)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
