// Package stability draws who may be dosed where: for each proposal the person,
// every reason with its rule and source, and one form to answer it; what was
// agreed and is not written yet; and below, everybody's stability.
//
// It judges nothing. "Not now" asks for a reason beside the button, "agreed"
// leads to the letter. Nothing it shows has moved anybody.
package stability

import (
	"tram/internal/care/stability"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the list of a site.
type Page struct {
	Shell  ui.Shell
	Role   stability.Role // "" at a site of its own
	Counts []Count
	Unset  []string // numbers of the rulebook that the programme has not set
	CanSet bool     // may set them
	Can    bool     // may answer
	Lists  []List   // what is asked, one for each proposal of the role
	Agreed []Case   // answered with yes, the person not moved yet
	NotNow []Case   // answered with "not now", and nothing has changed
	All    []Row    // everybody dosed here
}

// Count is how many of those dosed here an answer was given for.
type Count struct {
	Kind stability.Kind
	N    int
}

// List are the proposals of one kind that wait for an answer.
type List struct {
	Proposal stability.Proposal
	Cases    []Case
}

// Case is one person with a proposal.
type Case struct {
	Patient    id.Patient
	Name, Code string
	Here       bool
	Proposal   stability.Proposal
	To         string           // name of the other site; "" where people choose
	Grounds    []reason.Warning // what the proposal stands on
	Own        *Said            // this site's answer; nil while it waits
	Others     []Said
	Letter     string // address of the letter, filled in; "" where none can be written here
	Form       typed.Form
}

// Said is an answer.
type Said struct {
	Site   string // name; "" is this one
	Agreed bool
	Why    string
	By     string // name; "" of other sites' staff
	On     day.Day
}

// Row is one person's stability.
type Row struct {
	Patient    id.Patient
	Name, Code string
	Kind       stability.Kind
	Reasons    []reason.Warning // against, and missing; without the numbers that nobody set
}

// Fact is a reason as it is drawn: in words, with its rule and its source.
type Fact struct {
	words.Said
	Good bool
}

// Met says what speaks for stability, under "stability.met.<rule>".
func Met(p *words.Printer, w reason.Warning) Fact {
	var nv []any
	for _, a := range w.Args {
		nv = append(nv, a.Name, a.Value)
	}
	return Fact{words.Said{Rule: w.Rule, Text: p.T("stability.met."+w.Rule, nv...), Source: p.Source(w.Source), Status: w.Status}, true}
}

// Against says a reason against.
func Against(p *words.Printer, w reason.Warning) Fact { return Fact{p.Reason(w), false} }

// facts are the grounds of a case as they are drawn.
func (c Case) facts(p *words.Printer) []Fact {
	say := Met
	if c.Proposal == stability.ToMain {
		say = Against
	}
	out := make([]Fact, 0, len(c.Grounds))
	for _, w := range c.Grounds {
		out = append(out, say(p, w))
	}
	return out
}

// Kind is how a kind is coloured; its word stands beside it.
func Kind(k stability.Kind) string {
	switch k {
	case stability.Stable:
		return "good"
	case stability.NotStable:
		return "take"
	}
	return ""
}

// rule is where a number is set, or read by who may not set it.
func (pg Page) rule(key string) string {
	if pg.CanSet {
		return "/rules/" + key
	}
	return "/rules"
}

func (pg Page) waiting() (n int) {
	for _, l := range pg.Lists {
		n += len(l.Cases)
	}
	return n
}

// heading names a proposal with the site it is about.
func heading(p *words.Printer, c Case) string {
	if c.To == "" {
		return p.T("stability.asks." + string(c.Proposal))
	}
	key := "stability.asks_site." + string(c.Proposal)
	if c.Proposal == stability.Return && !c.Here {
		key += "_here"
	}
	return p.T(key, "site", c.To)
}

// agree is the word on the button: what it leads to.
func agree(p *words.Printer, c Case) string {
	if c.Here {
		return p.T("stability.agree_letter")
	}
	return p.T("stability.agree")
}

// Today is one person's stability as the record's page shows it.
type Today struct {
	Patient id.Patient
	Kind    stability.Kind
	Since   day.Day // stable at least since; Never when not stable
	Against []reason.Warning
	Missing []reason.Warning
	Met     []reason.Warning
	Asked   bool // a proposal waits for an answer
	Own     *Said
	Others  []Said
}

func (t Today) facts(p *words.Printer) []Fact {
	var out []Fact
	for _, w := range t.Against {
		out = append(out, Against(p, w))
	}
	for _, w := range t.Missing {
		out = append(out, Against(p, w))
	}
	for _, w := range t.Met {
		out = append(out, Met(p, w))
	}
	return out
}
