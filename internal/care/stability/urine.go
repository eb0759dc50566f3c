package stability

import (
	"slices"
	"strings"

	"tram/internal/day"
)

// Opioid is what a urine test says of opioids other than the treatment's own.
type Opioid string

// What a test can say. Unclear is a word nobody here knows: a person reads it.
const (
	None    Opioid = "none"
	Found   Opioid = "found"
	Unclear Opioid = "unclear"
)

// Test is a urine test.
type Test struct {
	Day    day.Day
	Opioid Opioid
}

// The substances as staff and test kits write them, in small letters. A
// substance in neither list is unclear and never "none".
var (
	opioids = []string{
		"6-mam", "6-acetylmorphine", "buprenorphine", "codein", "codeine", "fentanyl", "heroin", "morphin", "morphine", "mop", "opi", "opiat", "opiate",
		"opiates", "opium", "oxycodone", "tramadol", "thuốc phiện",
	}
	others = []string{
		"methadone", "eddp", "mtd", // the treatment's own
		"amp", "amphetamin", "amphetamine", "amphetamines", "bzd", "bzo", "benzodiazepine", "benzodiazepines", "cannabis", "cần sa", "coc", "cocain", "cocaine", "ecstasy",
		"ketamin", "ketamine", "ma đá", "mdma", "met", "methamphetamin", "methamphetamine", "methamphetamines", "thc",
	}
)

// Reads says what a test's list of substances means for opioids: found if one
// is named, unclear if a name is not known, none otherwise.
func Reads(found []string) Opioid {
	out := None
	for _, f := range found {
		switch f = strings.ToLower(strings.TrimSpace(f)); {
		case slices.Contains(opioids, f):
			return Found
		case !slices.Contains(others, f):
			out = Unclear
		}
	}
	return out
}

// urine looks at the newest day with a test. An opioid found there counts
// however old the test is: nothing since says otherwise.
func (a *Answer) urine(s State, today day.Day, lim Limits) {
	l := lim.UrineDays
	known := a.set(l)
	newest, says := day.Never, None
	for _, t := range s.Tests {
		switch {
		case t.Day > today:
		case t.Day > newest:
			newest, says = t.Day, t.Opioid
		case t.Day == newest && says != Found && t.Opioid != None:
			says = t.Opioid // two tests of a day: the worse one
		}
	}
	switch {
	case newest == day.Never:
		a.missing("STAB-14")
		return
	case says == Found:
		a.against(Limit{}, newest, "STAB-04", "day", newest)
		return
	}
	old := known && int(today-newest) > l.Value
	if says == Unclear {
		a.missing("STAB-16", "day", newest)
	}
	if old {
		a.missing("STAB-15", "day", newest, "days", l.Value)
	}
	if known && !old && says == None {
		a.met(l, "STAB-04", "day", newest)
	}
}
