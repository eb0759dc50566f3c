package web

import (
	"tram/internal/care/order"
	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	page "tram/internal/web/pages/orders"
)

// odds are the patients whose orders were written at two sites that could not
// know of each other, each with its form.
func (a *ask) odds(v *clinicdb.View, s unit.Strength, f deskForms) ([]page.Odds, error) {
	all, err := a.c.Odds(v)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	dir, err := v.Directory()
	if err != nil {
		return nil, err
	}
	var list []page.Odds
	for _, o := range all {
		x := page.Odds{Patient: o.Patient.Patient, Name: o.Patient.Details.Name, Code: o.Patient.Code, Rule: o.Rule, Form: a.fresh()}
		if f.patient == x.Patient && f.choose.ID != "" {
			x.Form = f.choose
		}
		for _, one := range o.Orders {
			x.Orders = append(x.Orders, a.oddOne(one, dir, s))
		}
		list = append(list, x)
	}
	return list, nil
}

func (a *ask) oddOne(o order.Standing, dir programme.Directory, s unit.Strength) page.One {
	x := page.One{
		ID: o.Order, Amount: o.Amount, Volume: volumeOf(s, o.Amount), First: o.First, Last: lastDay(o), Reason: a.orderWhy(o.Reason),
		WrittenBy: a.name(o.WrittenBy), Over: lastDay(o) < max(o.First, a.c.Today()),
	}
	if o.Site != "" {
		x.Site, x.WrittenBy = siteName(dir, o.Site), a.elsewhereName(dir, o.WrittenBy)
	}
	if o.StoppedFrom != day.Never && o.StoppedFrom <= o.Last {
		x.Stopped = o.StoppedFrom
	}
	return x
}

// elsewhereName is the name of a person of another site, as far as the
// programme has named them.
func (a *ask) elsewhereName(dir programme.Directory, p id.Person) string {
	c, ok := dir.Clinician(p)
	if !ok {
		return ""
	}
	return c.Name
}

func (a *ask) postChoose() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	form := a.typed("order", "reason")
	err = a.c.ChooseOrder(a.ctx(), a.by, form.ID, order.Choose{Order: id.Order(a.val("order")), Reason: a.val("reason")}, a.val("pin"))
	if err == nil {
		return a.done("/orders", "order.done.choose")
	}
	if !a.refused(&form, err, "pin") {
		return err
	}
	return a.showDesk(deskForms{sign: a.fresh(), patient: p, choose: form})
}
