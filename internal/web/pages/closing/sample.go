package closing

import (
	"tram/internal/care/dose"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

const today = typed.SampleDay

func sampleMissing() []Missing {
	return []Missing{
		{ID: "p3", Name: "Giàng A Dế", Code: "TM-0019-3", Phone: "0900 000 003", Cause: dose.Absent, Days: 5},
		{ID: "p4", Name: "Vàng Thị Mỷ", Code: "TM-0010-1", Cause: dose.Absent, Days: 1},
		{ID: "p6", Name: "Thào A Sùng", Code: "TM-0052-1", Phone: "0900 000 007", Cause: dose.HeldBack, Days: 1},
		{ID: "p9", Name: "Nguyễn Hữu Bảo Quốc Trường Giang", Code: "TM-0051-A", Cause: dose.NoOrder},
	}
}

// SampleQuestion is a day that cannot be closed yet: a cup has no answer.
func SampleQuestion(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Questions = []Question{{
		Dose: "d7", Patient: "p2", Name: "Quàng Thị Mai", Code: "TM-0007-K", Amount: 60_000, Volume: 6_000, At: typed.SampleAt(7, 14), By: "Cà Thị Nhung", Form: typed.Form{ID: "f9"},
	}}
	return pg
}

// SamplePage is a closing with invented people.
func SamplePage(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "day", "/day/close", p.T("daybook.close_title")), Day: today, Today: today, Expected: 64, Dosed: 60, Held: 1,
		Missing: sampleMissing(), Tolerance: 1_000, Known: true, Form: typed.Form{ID: "f1"}, Second: typed.SampleSecond(),
		Bottles: []Bottle{
			{ID: "b1", Code: "MB-0311-K", Lot: "2602A", Strength: 10_000, Book: 229_000},
			{ID: "b2", Code: "MB-0312-4", Lot: "2602A", Strength: 10_000, Book: 755_500},
		},
	}
}

// SampleDiffers is the closing of an earlier day with a bottle that differs.
func SampleDiffers(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Day, pg.Explain = today-1, true
	pg.Form.Set("measured-b1", "226,5")
	pg.Form.Set("measured-b2", "755,5")
	pg.Form.Set("second", "n2")
	pg.Bottles[0].Differs, pg.Bottles[0].Measured = true, 226_500
	pg.Form.Refused = new(p.Refusal(reason.Refuse("STOCK-13", "book", unit.Microlitre(229_000), "measured", unit.Microlitre(226_500), "difference", unit.Microlitre(-2_500))))
	pg.Form.Wrong("why-b1", p.Refusal(reason.Refuse("DOSE-29")).Text)
	return pg
}

// SampleDone is a closed day.
func SampleDone(p *words.Printer) Result {
	return Result{
		Shell: typed.SampleShell(p, "day", "/day/close", p.T("daybook.closed_title")), Day: today, Expected: 64, Dosed: 60, Missed: 3, Held: 1,
		ClosedAt: typed.SampleAt(9, 12), ClosedBy: "Cà Thị Nhung", Witness: "Mùa A Thử", Tomorrow: today + 1,
		Counts: []Counted{
			{Code: "MB-0311-K", Strength: 10_000, Book: 229_000, Measured: 226_500, Why: "Còn dính thành chai và cốc đong"},
			{Code: "MB-0312-4", Strength: 10_000, Book: 755_500, Measured: 755_500},
		},
	}
}

// SampleAlone is a day closed by one person.
func SampleAlone(p *words.Printer) Result {
	r := SampleDone(p)
	r.Witness, r.Counts = "", nil
	return r
}
