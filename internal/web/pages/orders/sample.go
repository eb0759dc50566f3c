package orders

import (
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

const today = typed.SampleDay

// SamplePage is a physician's morning with invented people: two gaps, a vomited
// dose and three orders to sign.
func SamplePage(p *words.Printer) Page {
	pg := Page{Shell: typed.SampleShell(p, "orders", "/orders", p.T("order.desk")), CanSign: true, Sign: typed.Form{ID: "f1"}}
	pg.Shell.Person = "BS. Điêu Văn Giả"
	pg.Gaps = []Gap{
		{
			Patient: "p3", Name: "Giàng A Dế", Code: "TM-0019-3", Missed: 5, Last: today - 6, Ordered: 110_000, Known: true,
			Reduce: Offer{55_000, 5_500}, Restart: Offer{30_000, 3_000}, Other: typed.Form{ID: "f12"},
			Row: dose.GapRow{From: 4, To: 5, Action: dose.Reduce, Percent: 50, Source: "MEM", Status: "unverified"}, Form: typed.Form{ID: "f2"},
		},
		{Patient: "p5", Name: "Cà Văn Ươi", Code: "TM-0033-5", Ordered: 70_000, Form: typed.Form{ID: "f3"}, Other: typed.Form{ID: "f13"}},
	}
	pg.Gaps[0].Form.Refused = new(p.Refusal(reason.Refuse("DOSE-28", "missed", 5)))
	pg.Gaps[0].Form.Wrong("pin", p.T("ui.pin_wrong"))
	pg.Odds = []Odds{
		{
			Patient: "p7", Name: "Hạng A Chơ", Code: "TM-0061-K", Form: typed.Form{ID: "f21"},
			Rule: sampleRule(false, "ORDER-48", "one", 70*unit.Milligram, "one_last", today+12, "other", 80*unit.Milligram, "other_last", today+20, "amount", 70*unit.Milligram, "last", today+12),
			Orders: []One{
				{ID: "o7", Amount: 80_000, Volume: 8_000, First: today - 9, Last: today + 20, WrittenBy: "BS. Điêu Văn Giả", Reason: "Đổ mồ hôi về sáng"},
				{ID: "o8", Amount: 70_000, Volume: 7_000, First: today - 8, Last: today + 12, Site: "Trạm Nà Sáng", Reason: "Buồn ngủ ban ngày"},
			},
		},
		{
			Patient: "p8", Name: "Lầu Thị Súa", Code: "TM-0064-2", Form: typed.Form{ID: "f22"},
			Rule: sampleRule(true, "ORDER-50", "one", 60*unit.Milligram, "from", today-1),
			Orders: []One{
				{ID: "o9", Amount: 60_000, First: today - 30, Last: today - 2, Site: "Trạm Nà Sáng", Stopped: today - 1, Over: true},
				{ID: "o10", Amount: 60_000, First: today - 1, Last: today + 28, WrittenBy: "BS. Điêu Văn Giả"},
			},
		},
	}
	pg.Vomits = []Vomit{{
		Dose: "d1", Patient: "p4", Name: "Vàng Thị Mỷ", Code: "TM-0010-1", Taken: 35_000, Minutes: 12, Seen: true, Known: true, Proposed: 17_500,
		Row: dose.VomitRow{FromMin: 10, ToMin: 30, Percent: 50, Source: "VN3140", Status: "verified"}, Form: typed.Form{ID: "f4"},
	}}
	pg.Waiting = []Waiting{
		{ID: "o1", Patient: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7", Amount: 90_000, Volume: 9_000, Before: 85_000, Phase: order.Maintenance, First: today + 1, Last: today + 30, Reason: "Đổ mồ hôi về sáng", WrittenBy: "BS. Điêu Văn Giả"},
		{
			ID: "o2", Patient: "p2", Name: "Quàng Thị Mai", Code: "TM-0007-K", Amount: 60_000, Volume: 6_000, Before: 60_000, Phase: order.Maintenance, First: today, Last: today + 29, Imported: true,
			Care: []reason.Warning{{Rule: "ORDER-33", Args: []reason.Arg{{Name: "days", Value: 30}, {Name: "max", Value: 28}, {Name: "phase", Value: "maintenance"}}, Source: "MEM", Status: "unverified"}},
		},
		{ID: "o3", Patient: "p6", Name: "Thào A Sùng", Code: "TM-0052-1", Amount: 20_000, Phase: order.Induction, First: today, Last: today + 6, Reason: "Bắt đầu điều trị", WrittenBy: "Mùa A Thử", Overrides: []order.Override{{Rule: "ORDER-22", Reason: "COWS 18, dung nạp cao"}}, Refused: reason.Refuse("ORDER-44", "one", 20*unit.Milligram, "other", 25*unit.Milligram)},
	}
	return pg
}

// SampleEmpty is a desk with nothing to do.
func SampleEmpty(p *words.Printer) Page {
	return Page{Shell: typed.SampleShell(p, "orders", "/orders", p.T("order.desk")), CanSign: true, Sign: typed.Form{ID: "f1"}}
}

// SampleWrite is a new order with two warnings that wait for a reason.
func SampleWrite(p *words.Printer) WritePage {
	pg := WritePage{
		Shell: typed.SampleShell(p, "orders", "/patient/p1/order", p.T("order.new")), ID: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7",
		Now: 85_000, NowLast: today + 8, Last: today, LastDose: 85_000, Strength: []unit.Strength{10_000}, Form: typed.Form{ID: "f1"},
	}
	for k, v := range map[string]string{"amount": "102,5", "phase": "maintenance", "first": "24/11/2026", "last": "23/12/2026", "reason": "Đổ mồ hôi về sáng"} {
		pg.Form.Set(k, v)
	}
	pg.Warnings = []reason.Warning{
		{Rule: "ORDER-25", Args: []reason.Arg{{Name: "rise", Value: 17_500 * unit.Microgram(1)}, {Name: "amount", Value: 17_500 * unit.Microgram(1)}, {Name: "max", Value: 10 * unit.Milligram}}, Source: "VN3140", Status: "verified"},
		{Rule: "ORDER-27", Args: []reason.Arg{{Name: "last", Value: today - 2}, {Name: "days", Value: 3}}, Source: "VN3140", Status: "verified"},
	}
	pg.Given = []order.Override{{Rule: "ORDER-23", Reason: "Đã khám, dung nạp tốt"}}
	pg.Form.Wrong("override-ORDER-27", p.Refusal(reason.Refuse("DOSE-29")).Text)
	return pg
}

// SampleFirst is the first order of a person here, refused.
func SampleFirst(p *words.Printer) WritePage {
	pg := WritePage{Shell: typed.SampleShell(p, "orders", "/patient/p9/order", p.T("order.new")), ID: "p9", Name: "Vàng Thị Mỷ", Code: "TM-0065-C", Form: typed.Form{ID: "f1"}}
	pg.Form.Set("amount", "1.234")
	pg.Form.Wrong("amount", p.T("order.amount_hint"))
	pg.Form.Refused = new(p.Refusal(reason.Refuse("ORDER-03", "first", today+1, "last", today)))
	return pg
}

func sampleRule(stop bool, rule string, args ...any) reason.Warning {
	return reason.Warning{Rule: rule, Args: reason.Refuse(rule, args...).Args, Stop: stop}
}
