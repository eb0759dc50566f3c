package web

import (
	"tram/internal/access"
	"tram/internal/care/stock"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	page "tram/internal/web/pages/stock"
	"tram/internal/web/pages/typed"
)

// stockForms are the forms of the bottles' page; open names the one that was
// sent.
type stockForms struct {
	receive, spill, finish typed.Form
	open                   string
}

func (a *ask) freshStock() stockForms {
	return stockForms{receive: a.fresh(), spill: a.fresh(), finish: a.fresh()}
}

func (a *ask) stock() error { return a.showStock(a.freshStock()) }

func (a *ask) showStock(f stockForms) error {
	pg := page.Page{
		Shell: a.shell("stock", a.p.T("stock.title")), Today: a.c.Today(), Can: a.may(access.HandleStock, access.NoPatient),
		Receive: f.receive, Spill: f.spill, Finish: f.finish, Open: f.open, Second: a.v.second(),
	}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		all, err := v.Bottles()
		if err != nil {
			return err
		}
		for _, b := range all {
			pg.Bottles = append(pg.Bottles, bottleLine(b))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.show(status(f.receive, f.spill, f.finish), page.Show(pg))
}

func bottleLine(b stock.Bottle) page.Bottle {
	x := page.Bottle{
		ID: b.Bottle, Code: b.Code, Product: b.Product, Lot: b.Lot, Expiry: b.Expiry, Strength: b.Strength, Size: b.Size, Left: b.Left,
		State: page.Sealed, OpenedDay: b.Opened,
	}
	switch {
	case b.Finished:
		x.State = page.Finished
	case b.Opened != day.Never:
		x.State = page.InUse
	}
	return x
}

func (a *ask) postReceive() error {
	f := a.freshStock()
	f.open, f.receive = "receive", a.typed("code", "product", "lot", "expiry", "strength", "volume", "note", "second")
	cmd := stock.Receive{
		Code: a.val("code"), Product: a.val("product"), Lot: a.val("lot"), Expiry: a.date(&f.receive, "expiry"),
		Strength: unit.Strength(a.mg(&f.receive, "strength")), Volume: a.ml(&f.receive, "volume", false), Note: a.val("note"),
	}
	if !f.receive.Bad() {
		done, err := a.c.ReceiveBottle(a.ctx(), a.by, f.receive.ID, cmd, a.witness())
		if err == nil {
			return a.done("/stock", "stock.done.receive", "code", done.Code)
		}
		if !a.refused(&f.receive, err, "second_pin") {
			return err
		}
	}
	return a.showStock(f)
}

func (a *ask) postSpill() error {
	f := a.freshStock()
	f.open, f.spill = "spill", a.typed("bottle", "volume", "why", "second")
	cmd := stock.Spill{Bottle: id.Bottle(a.val("bottle")), Volume: a.ml(&f.spill, "volume", false), Why: a.val("why")}
	if !f.spill.Bad() {
		if _, err := a.c.SpillBottle(a.ctx(), a.by, f.spill.ID, cmd, a.witness()); err == nil {
			return a.done("/stock", "stock.done.spill")
		} else if !a.refused(&f.spill, err, "second_pin") {
			return err
		}
	}
	return a.showStock(f)
}

func (a *ask) postFinish() error {
	f := a.freshStock()
	f.open, f.finish = "finish", a.typed("bottle", "second")
	if _, err := a.c.FinishBottle(a.ctx(), a.by, f.finish.ID, id.Bottle(a.val("bottle")), a.witness()); err == nil {
		return a.done("/stock", "stock.done.finish")
	} else if !a.refused(&f.finish, err, "second_pin") {
		return err
	}
	return a.showStock(f)
}
