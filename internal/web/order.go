package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/rulebook"
	"tram/internal/unit"
	page "tram/internal/web/pages/orders"
	"tram/internal/web/pages/typed"
)

// gapDaysMax is the longest order that an answer to a gap may start: more than
// that is written as an order, where its limits are looked at.
const gapDaysMax = 30

// deskForms are the forms of the physician's desk by what they are about; one
// that was sent stands in for a fresh one.
type deskForms struct {
	sign, gap, other, replace, choose typed.Form
	patient                           id.Patient // of gap, other or choose
	dose                              id.Dose    // of replace
}

func (f deskForms) all() []typed.Form {
	return []typed.Form{f.sign, f.gap, f.other, f.replace, f.choose}
}

func (a *ask) orders() error { return a.showDesk(deskForms{sign: a.fresh()}) }

func (a *ask) showDesk(f deskForms) error {
	if f.sign.ID == "" {
		f.sign = a.fresh()
	}
	pg := page.Page{Shell: a.shell("orders", a.p.T("order.desk")), Sign: f.sign, CanSign: a.may(access.SignOrder, access.InCare)}
	var strength unit.Strength
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		open, err := v.OpenBottles()
		if err != nil {
			return err
		}
		if len(open) > 0 {
			strength = open[0].Strength
		}
		if pg.Waiting, err = a.waiting(v, strength); err != nil {
			return err
		}
		if pg.Odds, err = a.odds(v, strength, f); err != nil {
			return err
		}
		pg.Vomits, err = a.vomits(v, f)
		return err
	})
	if err != nil {
		return err
	}
	if pg.CanSign {
		if pg.Gaps, err = a.gaps(strength, f); err != nil {
			return err
		}
	}
	return a.show(status(f.all()...), page.Show(pg))
}

// waiting are the orders nobody signed, with what a physician should see before
// signing.
func (a *ask) waiting(v *clinicdb.View, s unit.Strength) ([]page.Waiting, error) {
	all, err := v.OrdersWaiting()
	if err != nil {
		return nil, err
	}
	strengths, err := v.Strengths()
	if err != nil {
		return nil, err
	}
	var list []page.Waiting
	for _, o := range all {
		row, err := v.Patient(o.Patient)
		if err != nil {
			return nil, err
		}
		orders, err := v.Orders(o.Patient)
		if err != nil {
			return nil, err
		}
		h := order.History{Orders: orders, FirstDose: row.FirstDose, LastDose: row.LastDay, Strengths: strengths}
		list = append(list, a.waitingLine(o, row, h, s))
	}
	return list, nil
}

func (a *ask) waitingLine(o order.Standing, row clinicdb.Patient, h order.History, s unit.Strength) page.Waiting {
	w := page.Waiting{
		ID: o.Order, Patient: o.Patient, Name: row.Details.Name, Code: row.Code, Amount: o.Amount, Volume: volumeOf(s, o.Amount), Phase: o.Phase,
		First: o.First, Last: lastDay(o), Reason: a.orderWhy(o.Reason), WrittenBy: a.name(o.WrittenBy), Imported: o.Imported, Overrides: a.saidOverrides(o.Overrides),
	}
	if in, no := order.InForce(h.Orders, a.c.Today()); no == nil {
		w.Before = in.Amount
	}
	lim := a.c.Book().Order()
	var ref *reason.Refusal
	if _, err := order.DecideSign(h, o.Order, a.by.Person, a.c.Today(), lim); errors.As(err, &ref) {
		w.Refused = ref
	}
	if warn, err := order.SignWarnings(h, o.Order, lim); err == nil {
		w.Care = warn
	}
	return w
}

// gaps are the patients whose missed days wait for an answer.
func (a *ask) gaps(s unit.Strength, f deskForms) ([]page.Gap, error) {
	all, err := a.c.Gaps(a.ctx(), a.by)
	if err != nil {
		return nil, err
	}
	var list []page.Gap
	for _, g := range all {
		x := page.Gap{
			Patient: g.Patient.Patient, Name: g.Patient.Details.Name, Code: g.Patient.Code, Missed: g.Missed, Last: g.LastDay, Ordered: g.Ordered,
			Row: g.Row, Known: g.Known, SourceText: rulebook.In(a.p.Lang(), a.c.Book().Set.SourceText(g.Row.Source)), Form: a.fresh(), Other: a.fresh(),
		}
		x.Reduce, x.Restart = a.offers(g, s)
		if f.patient == x.Patient {
			if f.gap.ID != "" {
				x.Form = f.gap
			}
			if f.other.ID != "" {
				x.Other = f.other
			}
		}
		list = append(list, x)
	}
	return list, nil
}

// offers are the doses offered at one press: what the table makes of the order,
// and the programme's first dose. A dose that is not known is not offered.
func (a *ask) offers(g clinic.Gap, s unit.Strength) (reduce, restart page.Offer) {
	offer := func(amount unit.Microgram) page.Offer { return page.Offer{Amount: amount, Volume: volumeOf(s, amount)} }
	if g.Known && g.Row.Action == dose.Reduce {
		reduce = offer(g.Proposed)
	}
	if most, ok := a.c.Book().RestartMax(); ok && g.Ordered > 0 {
		restart = offer(min(most, g.Ordered))
	}
	if g.Known && (g.Row.Action == dose.Restart || g.Row.Action == dose.NewFile) && g.Proposed > 0 {
		restart = offer(g.Proposed)
	}
	return reduce, restart
}

// vomits are today's vomited doses for which no replacement was allowed yet.
func (a *ask) vomits(v *clinicdb.View, f deskForms) ([]page.Vomit, error) {
	doses, err := v.DosesOn(a.c.Today())
	if err != nil {
		return nil, err
	}
	var list []page.Vomit
	for _, e := range doses {
		if e.VomitedMin < 0 || e.Replacement > 0 || e.Replaces != "" {
			continue
		}
		row, err := v.Patient(e.Patient)
		if err != nil {
			return nil, err
		}
		x := page.Vomit{
			Dose: e.Dose, Patient: e.Patient, Name: row.Details.Name, Code: row.Code, Taken: e.Taken, Minutes: e.VomitedMin, Seen: e.VomitSeen,
			Form: a.fresh(),
		}
		if x.Row, x.Known = a.c.Book().Dose().VomitFor(e.VomitedMin); x.Known {
			x.Proposed = unit.Microgram(int64(e.Taken) * int64(x.Row.Percent) / 100)
		}
		if f.dose == e.Dose {
			x.Form = f.replace
		}
		list = append(list, x)
	}
	return list, nil
}

func (a *ask) postSign() error {
	f := deskForms{sign: a.typed()}
	var ids []id.Order
	for _, o := range a.keep(&f.sign, "order") {
		ids = append(ids, id.Order(o))
	}
	n, err := a.c.SignOrders(a.ctx(), a.by, f.sign.ID, ids, a.val("pin"))
	if err == nil {
		return a.done("/orders", "order.done.sign", "n", n)
	}
	if !a.refused(&f.sign, err, "pin") {
		return err
	}
	return a.showDesk(f)
}

func (a *ask) postGap() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	form := a.typed("reason", "days", "amount", "action")
	own := a.val("other") == "yes"
	cmd := clinic.GapAnswer{Patient: p, Action: dose.GapAction(a.val("action")), Reason: a.val("reason"), PIN: a.val("pin")}
	if cmd.Action == dose.Reduce || cmd.Action == dose.Restart {
		cmd.Days = a.count(&form, "days", 1, gapDaysMax)
		if cmd.Amount, err = a.gapAmount(&form, p, cmd.Action, own); err != nil {
			return err
		}
	}
	if !form.Bad() {
		if _, err = a.c.AnswerGap(a.ctx(), a.by, form.ID, cmd); err == nil {
			return a.done("/orders", "order.done.gap")
		}
		if !a.refused(&form, err, "pin") {
			return err
		}
	}
	f := deskForms{sign: a.fresh(), patient: p, gap: form}
	if own {
		f.gap, f.other = typed.Form{}, form
	}
	return a.showDesk(f)
}

// gapAmount is the dose of an answer: the physician's own, or the one the
// button offered, worked out again here.
func (a *ask) gapAmount(f *typed.Form, p id.Patient, act dose.GapAction, own bool) (unit.Microgram, error) {
	if own {
		return a.mg(f, "amount"), nil
	}
	all, err := a.c.Gaps(a.ctx(), a.by)
	if err != nil {
		return 0, err
	}
	for _, g := range all {
		if g.Patient.Patient != p {
			continue
		}
		reduce, restart := a.offers(g, 0)
		if act == dose.Reduce {
			return reduce.Amount, nil
		}
		return restart.Amount, nil
	}
	return 0, reason.Refuse("DOSE-27")
}

func (a *ask) postReplace() error {
	s, err := a.pathID()
	if err != nil {
		return err
	}
	form := a.typed("amount", "reason")
	g := a.mg(&form, "amount")
	if !form.Bad() {
		if _, err = a.c.AllowReplacement(a.ctx(), a.by, form.ID, id.Dose(s), g, a.val("reason"), a.val("pin")); err == nil {
			return a.done("/orders", "order.done.replace")
		}
		if !a.refused(&form, err, "pin") {
			return err
		}
	}
	return a.showDesk(deskForms{sign: a.fresh(), dose: id.Dose(s), replace: form})
}

func (a *ask) newOrder() error {
	f := a.fresh()
	f.Set("first", a.c.Today().Typed())
	return a.showOrder(f, nil)
}

// showOrder shows the form for a new order, with the warnings that wait for a
// reason and the reasons that were given.
func (a *ask) showOrder(f typed.Form, warnings []reason.Warning, given ...order.Override) error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.WriteOrder, p, "order", "")
	if err != nil {
		return err
	}
	pg := page.WritePage{
		Shell: a.shell("orders", a.p.T("order.new")), ID: p, Name: row.Details.Name, Code: row.Code, Last: row.LastDay, LastDose: row.LastAmount,
		Form: f, Warnings: warnings, Given: given,
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		all, err := v.Orders(p)
		if err != nil {
			return err
		}
		if in, no := order.InForce(all, a.c.Today()); no == nil {
			pg.Now, pg.NowLast = in.Amount, lastDay(in)
		}
		pg.Strength, err = v.Strengths()
		return err
	})
	if err != nil {
		return err
	}
	code := status(f)
	if len(warnings) > 0 {
		code = http.StatusUnprocessableEntity
	}
	return a.show(code, page.Write(pg))
}

func (a *ask) postOrder() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed("amount", "phase", "first", "last", "reason")
	cmd := order.Write{
		Patient: p, Phase: order.Phase(a.val("phase")), Amount: a.mg(&f, "amount"), First: a.date(&f, "first"), Last: a.date(&f, "last"),
		Reason: a.val("reason"), Overrides: a.overrides(&f),
	}
	if !slices.Contains(order.Phases, cmd.Phase) {
		f.Wrong("phase", a.p.T("desk.choose"))
	}
	if f.Bad() {
		return a.showOrder(f, nil, cmd.Overrides...)
	}
	_, warnings, err := a.c.WriteOrder(a.ctx(), a.by, f.ID, cmd, a.val("pin"))
	switch {
	case err != nil && !a.refused(&f, err, "pin"):
		return err
	case err != nil || len(warnings) > 0:
		return a.showOrder(f, warnings, answered(cmd, warnings)...)
	}
	done := "order.done.written"
	if a.val("pin") != "" {
		done = "order.done.signed"
	}
	return a.done("/patient/"+string(p), done, "amount", cmd.Amount, "first", a.p.DaySpoken(cmd.First), "last", a.p.DaySpoken(cmd.Last))
}

// overrides are the reasons given for warnings, by the names of their fields.
func (a *ask) overrides(f *typed.Form) []order.Override {
	var list []order.Override
	for name := range a.r.PostForm {
		rule, ok := strings.CutPrefix(name, "override-")
		if !ok {
			continue
		}
		f.Set(name, a.val(name))
		if why := a.val(name); why != "" {
			list = append(list, order.Override{Rule: rule, Reason: why})
		}
	}
	slices.SortFunc(list, func(x, y order.Override) int { return cmp.Compare(x.Rule, y.Rule) })
	return list
}

// answered are the reasons given already, apart from the warnings that still
// wait: they stay on the form.
func answered(cmd order.Write, open []reason.Warning) []order.Override {
	return slices.DeleteFunc(cmd.Overrides, func(o order.Override) bool {
		return slices.ContainsFunc(open, func(w reason.Warning) bool { return w.Rule == o.Rule })
	})
}

func (a *ask) postStop() error {
	s, err := a.pathID()
	if err != nil {
		return err
	}
	f := a.freshForms()
	f.open, f.stop = "stop", a.typed("from", "reason")
	var o order.Standing
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		o, err = v.Order(id.Order(s))
		return err
	})
	if err != nil {
		return err
	}
	from := a.date(&f.stop, "from")
	if !f.stop.Bad() {
		if _, err = a.c.StopOrder(a.ctx(), a.by, f.stop.ID, o.Order, from, a.val("reason")); err == nil {
			return a.done("/patient/"+string(o.Patient), "patient.done.stop")
		}
		if !a.refused(&f.stop, err, "") {
			return err
		}
	}
	return a.showRecord(o.Patient, f)
}

// orderWhy is the reason of an order as its reader understands it.
func (a *ask) orderWhy(reason string) string {
	if act, missed, ok := clinic.GapWhy(reason); ok {
		return a.p.T("order.gap.why."+string(act), "missed", missed)
	}
	return reason
}

// saidOverrides are the reasons given for going past warnings, as orderWhy says
// them.
func (a *ask) saidOverrides(list []order.Override) []order.Override {
	out := slices.Clone(list)
	for i := range out {
		out[i].Reason = a.orderWhy(out[i].Reason)
	}
	return out
}
