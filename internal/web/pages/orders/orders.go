// Package orders draws the physician's desk: the orders that wait for a
// signature, the gaps in treatment that wait for an answer, and the form for a
// new order with what the rulebook says of it.
//
// A limit is shown with its source and standing; a warning can be passed with
// a written reason, a refusal cannot. Each answer to a gap shows what the rule
// table proposes and why, and is one press with the PIN.
package orders

import (
	"strings"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the physician's desk.
type Page struct {
	Shell   ui.Shell
	Waiting []Waiting
	Gaps    []Gap
	Vomits  []Vomit
	Odds    []Odds
	Sign    typed.Form
	CanSign bool // false: the person may look but not sign or answer
}

// Odds are a patient's orders of different sites that differ.
type Odds struct {
	Patient    id.Patient
	Name, Code string
	Rule       reason.Warning // what is in force meanwhile, or why nothing is
	Orders     []One
	Form       typed.Form
}

// One is one of the orders at odds.
type One struct {
	ID          id.Order
	Amount      unit.Microgram
	Volume      unit.Microlitre // at the strength in use; 0 when it is not known
	First, Last day.Day
	Reason      string
	Site        string  // where it was written; "" is here
	WrittenBy   string  // "" when it is not known
	Stopped     day.Day // from when it was stopped; Never if it was not
	Over        bool    // it has ended and cannot be chosen
}

// options are the orders that a physician may choose, each with who wrote it.
func (o Odds) options(p *words.Printer) (list []ui.Option) {
	for _, x := range o.Orders {
		if !x.Over {
			list = append(list, ui.Option{Value: string(x.ID), Label: x.says(p), Hint: x.from(p)})
		}
	}
	return list
}

// over are those that have ended: they are shown and cannot be chosen.
func (o Odds) over() (list []One) {
	for _, x := range o.Orders {
		if x.Over {
			list = append(list, x)
		}
	}
	return list
}

func (x One) says(p *words.Printer) string {
	return p.T("order.odds.one", "amount", amount(p, x.Amount, x.Volume), "from", x.First, "to", x.Last)
}

// from is where and by whom it was written, why, and whether it was stopped.
func (x One) from(p *words.Printer) string {
	parts := []string{p.T("order.odds.here")}
	if x.Site != "" {
		parts[0] = p.T("order.odds.there", "site", x.Site)
	}
	for _, more := range []string{x.WrittenBy, x.Reason} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	if x.Stopped != day.Never {
		parts = append(parts, p.T("order.odds.ended", "from", x.Stopped))
	}
	return strings.Join(parts, " · ")
}

// Waiting is an order that nobody signed yet.
type Waiting struct {
	ID          id.Order
	Patient     id.Patient
	Name, Code  string
	Amount      unit.Microgram
	Volume      unit.Microlitre // at the strength in use; 0 when it is not known
	Before      unit.Microgram  // of the order in force; 0 if none
	Phase       order.Phase
	First, Last day.Day
	Reason      string
	WrittenBy   string
	Imported    bool
	Care        []reason.Warning
	Overrides   []order.Override
	Refused     *reason.Refusal // why it cannot be signed as it stands
}

// Rise is the difference to the order in force; ok is false when there is none
// to compare with.
func (w Waiting) Rise() (unit.Microgram, bool) { return w.Amount - w.Before, w.Before > 0 }

// Gap is a patient whose missed days wait for an answer.
type Gap struct {
	Patient    id.Patient
	Name, Code string
	Missed     int            // whole days without methadone; 0 when no earlier dose is known
	Last       day.Day        // Never when none is known
	Ordered    unit.Microgram // 0 when there is no order in force
	Row        dose.GapRow    // what the rule table says
	Known      bool           // false: the table says nothing about this gap
	Reduce     Offer          // what a reduction would be; zero if there is none to offer
	Restart    Offer          // what a restart would be; zero if there is none to offer
	SourceText string         // the source's full line
	Form       typed.Form     // the answers at one press
	Other      typed.Form     // another dose than the offered ones
}

// Offer is a dose that is offered at one press, as the open bottle measures it.
type Offer struct {
	Amount unit.Microgram
	Volume unit.Microlitre // 0 when no bottle tells it
}

// Vomit is a vomited dose whose replacement a physician may allow today.
type Vomit struct {
	Dose       id.Dose
	Patient    id.Patient
	Name, Code string
	Taken      unit.Microgram
	Minutes    int
	Seen       bool
	Row        dose.VomitRow
	Known      bool
	Proposed   unit.Microgram
	Form       typed.Form
}

// WritePage is the form for a new order.
type WritePage struct {
	Shell    ui.Shell
	ID       id.Patient
	Name     string
	Code     string
	Now      unit.Microgram // of the order in force; 0 if none
	NowLast  day.Day
	Last     day.Day // last day with a dose; Never if none is known
	LastDose unit.Microgram
	Strength []unit.Strength // of the bottles here, for mL while typing
	Form     typed.Form
	Warnings []reason.Warning // that wait for a reason
	Given    []order.Override // reasons given already; they go along with the form
}

// mlPer is the strength in µg per mL for the script that shows mL while the mg
// are typed; 0 where bottles differ and one number would mislead.
func (w WritePage) mlPer() int {
	if len(w.Strength) != 1 {
		return 0
	}
	return int(w.Strength[0])
}

// answer is one button under a gap.
type answer struct {
	action dose.GapAction
	label  string
	kind   string
}

// answers are the buttons for a gap: what the table proposes comes first and
// looks it.
func (g Gap) answers(p *words.Printer) []answer {
	var list []answer
	if g.Ordered > 0 {
		list = append(list, answer{dose.Same, p.T("order.gap.same", "amount", g.Ordered), ""})
	}
	if g.Reduce.Amount > 0 {
		list = append(list, answer{dose.Reduce, p.T("order.gap.reduce_to", "dose", amount(p, g.Reduce.Amount, g.Reduce.Volume)), ""})
	}
	if g.Restart.Amount > 0 {
		list = append(list, answer{dose.Restart, p.T("order.gap.restart_at", "dose", amount(p, g.Restart.Amount, g.Restart.Volume)), ""})
	}
	list = append(list, answer{dose.SeePhysician, p.T("order.gap.see"), ""})
	want := g.Row.Action
	if want == dose.NewFile {
		want = dose.Restart
	}
	if !g.Known {
		want = dose.SeePhysician
	}
	var out []answer
	for _, a := range list {
		if a.action == want {
			a.kind = "primary"
			out = append([]answer{a}, out...)
			continue
		}
		out = append(out, a)
	}
	return out
}

// others are the acts that come with a dose of the physician's own.
func others(p *words.Printer) []ui.Option {
	return []ui.Option{{Value: string(dose.Reduce), Label: p.T("order.gap.reduce")}, {Value: string(dose.Restart), Label: p.T("order.gap.restart")}}
}

func phases(p *words.Printer) []ui.Option {
	var list []ui.Option
	for _, x := range order.Phases {
		list = append(list, ui.Option{Value: string(x), Label: p.T("patient.phase." + string(x))})
	}
	return list
}

func amount(p *words.Printer, g unit.Microgram, v unit.Microlitre) string {
	if v == 0 {
		return p.Mg(g)
	}
	return p.Dose(g, v)
}

// change says how an order differs from the one in force.
func change(p *words.Printer, w Waiting) string {
	rise, ok := w.Rise()
	switch {
	case !ok:
		return p.T("order.first_here")
	case rise > 0:
		return p.T("order.rise", "by", rise, "before", w.Before)
	case rise < 0:
		return p.T("order.fall", "by", -rise, "before", w.Before)
	}
	return p.T("order.unchanged")
}

// proposal says what the rule table proposes for a gap.
func proposal(p *words.Printer, g Gap) string {
	if !g.Known {
		return p.T("order.gap.unknown")
	}
	offer := g.Ordered
	switch g.Row.Action {
	case dose.Reduce:
		offer = g.Reduce.Amount
	case dose.Restart, dose.NewFile:
		offer = g.Restart.Amount
	case dose.Same, dose.SeePhysician:
	}
	if offer == 0 {
		return p.T("order.gap.proposal_plain." + string(g.Row.Action))
	}
	return p.T("order.gap.proposal."+string(g.Row.Action), "amount", offer, "percent", g.Row.Percent)
}

// span says how long the gap is.
func span(p *words.Printer, g Gap) string {
	if g.Missed == 0 {
		return p.T("order.gap.no_last")
	}
	return p.T("order.gap.missed", "n", g.Missed, "last", g.Last)
}
