package patient

import (
	"strings"
	"unicode/utf8"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
)

// Candidate is a record that may be of the person who is being registered.
type Candidate struct {
	Other id.Patient
	Code  string
	Site  id.Site // where it was registered; "" for this one
	Why   Likeness
}

// Answer is what a person at a site says of two records.
type Answer string

// The answers. Unsure is one: the window then waits until somebody knows.
const (
	OnePerson Answer = "same"
	TwoPeople Answer = "two"
	Unsure    Answer = "unknown"
)

// Said is a person's answer about one candidate, and how they know.
type Said struct {
	Other id.Patient
	Answer
	Note string
}

// LikenessAnswered says what a person answered when a registration looked like
// a record of before. Journal kind "patient.likeness_answered". Fields are only
// ever added.
type LikenessAnswered struct {
	Patient id.Patient `json:"patient,omitempty"` // the new record; empty when nobody was registered
	Other   id.Patient `json:"other"`
	Code    string     `json:"code"`
	Site    id.Site    `json:"site,omitempty"` // where the other one was registered; empty for here
	Why     Likeness   `json:"why"`
	Answer  Answer     `json:"answer"`
	Note    string     `json:"note"`
}

// DecideLikeness answers whether a registration may go on, as people answered
// for each record that looks like it: PATIENT-30 one with the same identity
// number has no answer yet, PATIENT-31 one with the name and birth has none;
// PATIENT-32 an answer is none of those offered, or says not how it is known;
// PATIENT-33 it is the same person, who is not registered twice.
func DecideLikeness(found []Candidate, said []Said) ([]LikenessAnswered, error) {
	var out []LikenessAnswered
	for _, why := range []Likeness{ByIdentity, ByName} {
		for _, c := range found {
			if c.Why != why {
				continue
			}
			f, err := likenessAnswered(c, said)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	for _, f := range out {
		if f.Answer == OnePerson {
			return nil, reason.Refuse("PATIENT-33", "code", f.Code, "site", string(f.Site))
		}
	}
	return out, nil
}

// DecideKnown answers the fact that the person before the desk is one who has a
// record already: nobody is registered.
func DecideKnown(found []Candidate, said Said) (LikenessAnswered, error) {
	for _, c := range found {
		if c.Other == said.Other && said.Answer == OnePerson {
			return likenessAnswered(c, []Said{said})
		}
	}
	return LikenessAnswered{}, reason.Refuse("PATIENT-32")
}

func likenessAnswered(c Candidate, said []Said) (LikenessAnswered, error) {
	for _, s := range said {
		if s.Other != c.Other {
			continue
		}
		f := LikenessAnswered{Other: c.Other, Code: c.Code, Site: c.Site, Why: c.Why, Answer: s.Answer, Note: strings.TrimSpace(s.Note)}
		if f.Note == "" || utf8.RuneCountInString(f.Note) > textMax || f.Answer != OnePerson && f.Answer != TwoPeople && f.Answer != Unsure {
			return f, reason.Refuse("PATIENT-32")
		}
		return f, nil
	}
	if c.Why == ByIdentity {
		return LikenessAnswered{}, reason.Refuse("PATIENT-30", "code", c.Code, "site", string(c.Site))
	}
	return LikenessAnswered{}, reason.Refuse("PATIENT-31", "code", c.Code, "site", string(c.Site))
}

// Double is a second record of a person, as far as a site knows of it.
type Double struct {
	Other   id.Patient
	Code    string
	Site    id.Site // where it was registered; "" for here
	Verdict int64   // number of the programme's answer; 0 while it has not answered
	Same    bool    // what it answered
	Keep    bool    // and that this record is the one that goes on
	Asked   bool    // nobody here could tell, when it was registered
	Answers []DoubleAnswered
}

// DoubleAnswered says what a person at a site did about a second record, so that
// the window may go on. Journal kind "patient.double_answered". Fields are only
// ever added.
type DoubleAnswered struct {
	Patient id.Patient `json:"patient"`
	Other   id.Patient `json:"other"`
	Day     day.Day    `json:"day"`
	Verdict int64      `json:"verdict,omitempty"` // the programme's answer it follows; 0: there is none yet
	Answer  Answer     `json:"answer"`
	Dosed   Dosed      `json:"dosed,omitempty"` // of a record that goes on
	Note    string     `json:"note"`            // with whom it was spoken, how it is known
}

// Dosed is whether the person had today's dose under the other record.
type Dosed string

// The answers to whether there was a dose today. Who does not know says so, and
// the next dose is tomorrow's.
const (
	NotDosed   Dosed = "no"
	WasDosed   Dosed = "yes"
	DosedMaybe Dosed = "unknown"
)

// Stop says why nobody is dosed under a record, nil when this double stands in
// nobody's way: PATIENT-34 the programme found that it is one person and that the
// other record goes on; PATIENT-35 this one goes on, and nobody here has made
// sure yet that the other does not; PATIENT-36 nobody could tell at registration;
// PATIENT-37 the person had, or may have had, today's dose under the other one.
func Stop(d Double, today day.Day) *reason.Refusal {
	rule := ""
	switch {
	case d.Verdict > 0 && d.Same && !d.Keep:
		rule = "PATIENT-34"
	case d.Verdict > 0 && d.Same:
		rule = "PATIENT-35"
	case d.Verdict > 0:
		return nil
	case d.Asked:
		rule = "PATIENT-36"
	default:
		return nil
	}
	for _, a := range d.Answers {
		switch {
		case a.Verdict != d.Verdict || rule == "PATIENT-34":
		case rule == "PATIENT-36" && a.Answer != TwoPeople:
		case rule == "PATIENT-35" && a.Dosed != NotDosed && a.Day >= today:
			return reason.Refuse("PATIENT-37", "code", d.Code, "site", string(d.Site))
		default:
			return nil
		}
	}
	return reason.Refuse(rule, "code", d.Code, "site", string(d.Site))
}

// DecideDouble answers a double at a site: PATIENT-38 there is nothing to answer;
// PATIENT-32 an answer that is none, or that says not how it is known; PATIENT-39
// not said whether the person had today's dose under the other record.
func DecideDouble(d Double, f DoubleAnswered, today day.Day) (DoubleAnswered, error) {
	f.Other, f.Verdict, f.Day, f.Note = d.Other, d.Verdict, today, strings.TrimSpace(f.Note)
	switch reason.Rule(refusal(Stop(d, today))) {
	case "PATIENT-35":
		f.Answer = OnePerson
		if f.Dosed != NotDosed && f.Dosed != WasDosed && f.Dosed != DosedMaybe {
			return f, reason.Refuse("PATIENT-39")
		}
	case "PATIENT-36":
		f.Dosed = ""
		if f.Answer != TwoPeople {
			return f, reason.Refuse("PATIENT-32")
		}
	default:
		return f, reason.Refuse("PATIENT-38")
	}
	if f.Note == "" || utf8.RuneCountInString(f.Note) > textMax {
		return f, reason.Refuse("PATIENT-32")
	}
	return f, nil
}

// refusal is an error only where there is one: a nil pointer in an error is none
// to those who ask for nil.
func refusal(no *reason.Refusal) error {
	if no == nil {
		return nil
	}
	return no
}
