package stock

import (
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

const today = typed.SampleDay

// SamplePage is a small store.
func SamplePage(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "stock", "/stock", p.T("stock.title")), Today: today, Can: true, Second: typed.SampleSecond(),
		Receive: typed.Form{ID: "f1"}, Spill: typed.Form{ID: "f2"}, Finish: typed.Form{ID: "f3"},
		Bottles: []Bottle{
			{ID: "b1", Code: "MB-0311-K", Product: "Methadone", Lot: "2602A", Expiry: today + 320, Strength: 10_000, Size: 1_000_000, Left: 212_500, State: InUse, OpenedDay: today - 1},
			{ID: "b2", Code: "MB-0312-4", Product: "Methadone", Lot: "2602A", Expiry: today + 40, Strength: 10_000, Size: 1_000_000, Left: 1_000_000, State: Sealed},
			{ID: "b3", Code: "MB-0299-1", Product: "Methadone", Lot: "2511C", Expiry: today - 1, Strength: 5_000, Size: 1_000_000, Left: 1_000_000, State: Sealed},
			{ID: "b4", Code: "MB-0290-7", Product: "Methadone", Lot: "2511C", Expiry: today - 90, Strength: 10_000, Size: 1_000_000, State: Finished},
		},
	}
}

// SampleReceive is a bottle whose number does not fit.
func SampleReceive(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Open = "receive"
	for k, v := range map[string]string{"code": "MB-0313-X", "product": "Methadone", "lot": "2602A", "expiry": "01/10/2027", "strength": "10", "volume": "1.000"} {
		pg.Receive.Set(k, v)
	}
	pg.Receive.Refused = new(p.Refusal(reason.Refuse("STOCK-05")))
	pg.Receive.Wrong("volume", p.T("stock.strength_hint"))
	return pg
}

// SampleEmpty is a store without bottles, seen by someone who may only look.
func SampleEmpty(p *words.Printer) Page {
	return Page{Shell: typed.SampleShell(p, "stock", "/stock", p.T("stock.title")), Today: today}
}
