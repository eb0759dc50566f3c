package papers

import (
	"fmt"

	"tram/internal/care/order"
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// The samples show every paper with invented people; no name, number or place
// here belongs to anyone. They never reach a record.

const sampleDay day.Day = 20780 // 23 November 2026, a Monday

// at is a moment of the sample day at Hanoi.
func at(hour, minute int) day.Instant {
	return day.Instant((int64(sampleDay)*1440 + int64(hour*60+minute) - 7*60) * 60_000)
}

func sampleHead(p *words.Printer, d day.Day, open bool) Head {
	return Head{
		Site: "Trạm y tế Tà Gia (cơ sở bịa)", Programme: "Chương trình điều trị tỉnh (bịa)", Day: d, AsOf: at(9, 12), Open: open,
		Invented: true, Shell: ui.Shell{P: p, Path: "/papers"},
	}
}

// samplePeople are names made up from common ones of the region.
var samplePeople = []struct {
	name, commune, village, phone string
	born                          int
	mg                            int64
}{
	{"Lò Văn Pánh", "Tà Gia", "Bản Nậm Cưởm", "0900 000 001", 1979, 85},
	{"Quàng Thị Ín", "Tà Gia", "Bản Huổi Só", "0900 000 002", 1988, 60},
	{"Giàng A Chừ", "Mường Lói", "", "0900 000 003", 1984, 110},
	{"Vàng Thị Mỷ", "Mường Lói", "Bản Pá Chả", "", 1991, 35},
	{"Lường Văn Hặc", "Tà Gia", "Bản Nậm Cưởm", "0900 000 005", 1972, 97},
	{"Cà Văn Ươi", "Tà Gia", "Bản Co Muông", "0900 000 006", 1986, 70},
	{"Thào A Sùng", "Pú Hồng", "Bản Tin Tốc", "0900 000 007", 1993, 45},
	{"Nguyễn Đức Thịnh", "Tà Gia", "Tổ 2", "0900 000 008", 1968, 120},
}

func sampleCode(i int) string { return fmt.Sprintf("TG-%04d-%d", i+7, (i*3+2)%10) }

func sampleMg(mg int64) (unit.Microgram, unit.Microlitre) {
	return unit.Microgram(mg) * unit.Milligram, unit.Microlitre(mg * 100) // 10 mg/mL
}

func sampleBottles() []BottleRow {
	return []BottleRow{
		{
			Code: "MB-0311-K", Lot: "2602A", Expiry: sampleDay + 320, Strength: 10_000, Start: 412_500, Drawn: 180_000, Spilled: 500,
			Wasted: 3000, Book: 229_000, Counted: true, Measured: 227_800, Why: "Còn dính thành chai và cốc đong",
		},
		{Code: "MB-0312-4", Lot: "2602A", Expiry: sampleDay + 320, Strength: 10_000, Start: 1_000_000, Drawn: 244_500, Book: 755_500, Counted: true, Measured: 755_500},
	}
}

// SampleRegister has one line for each way a day can go, and more people than
// fit on one page.
func SampleRegister(p *words.Printer) Register {
	r := Register{Head: sampleHead(p, sampleDay, false), Bottles: sampleBottles(), Dispense: "Tòng Thị Bịa", Witness: "Mùa A Thử"}
	for n := range 5 {
		for i, s := range samplePeople {
			mg, ml := sampleMg(s.mg)
			r.Rows = append(r.Rows, RegisterRow{
				Code: sampleCode(n*8 + i), Name: s.name, Birth: day.Partial{Year: s.born}, Ordered: mg, Mark: Swallowed, Poured: mg, Volume: ml,
				Taken: mg, At: at(6, 35+n*16+i*2), By: "Tòng Thị Bịa",
			})
		}
	}
	r.Rows[2].Mark, r.Rows[2].Taken, r.Rows[2].Why, r.Rows[2].Witness = Part, 80*unit.Milligram, "Ho khi uống, đổ một phần", "Mùa A Thử"
	r.Rows[3].Vomited, r.Rows[3].VomitedMin = true, 12
	extra := r.Rows[3]
	extra.Extra, extra.Vomited, extra.Ordered, extra.Poured, extra.Volume, extra.Taken, extra.At = true, false, 0, 17_500, 1750, 17_500, at(7, 20)
	for i, m := range map[int]Mark{5: Missed, 6: Held, 13: NoOrder, 18: Waiting} {
		r.Rows[i].Mark, r.Rows[i].Poured, r.Rows[i].Volume, r.Rows[i].Taken, r.Rows[i].At, r.Rows[i].By = m, 0, 0, 0, 0, ""
	}
	r.Rows[6].Why = "Buồn ngủ, nói chậm; hẹn xem lại lúc 9 giờ"
	r.Rows[13].Ordered = 0
	r.Rows[9].Mark, r.Rows[9].Taken, r.Rows[9].Why, r.Rows[9].Witness = NotGiven, 0, "Nhầm người, chưa đưa cốc", "Mùa A Thử"
	r.Rows[11].Mark, r.Rows[11].Taken = Question, 0
	r.Rows[12].Mark, r.Rows[12].Corrected = Unclear, true
	r.Rows[14].Mark, r.Rows[14].Volume, r.Rows[14].At, r.Rows[14].By = Recorded, 0, 0, ""
	r.Rows = append(r.Rows[:4], append([]RegisterRow{extra}, r.Rows[4:]...)...)
	return r
}

// SampleStockBook is a month with each kind of line.
func SampleStockBook(p *words.Printer) StockBook {
	first := sampleDay - 22
	b := StockBook{Head: sampleHead(p, sampleDay, true), Product: "Dung dịch uống methadone", Strength: 10_000}
	left := unit.Microlitre(1_640_000)
	add := func(l StockLine) {
		left += l.In - l.Doses - l.Lost + l.Diff
		l.Left = left
		b.Lines = append(b.Lines, l)
	}
	add(StockLine{Day: first, Text: Carried})
	for i := range 22 {
		d := first + day.Day(i)
		if i%7 == 3 {
			for n := range 3 {
				add(StockLine{Day: d, Text: Received, Bottle: fmt.Sprintf("MB-03%02d-%d", i+n, n+1), In: 1_000_000, By: "Tòng Thị Bịa", Witness: "Mùa A Thử"})
			}
		}
		add(StockLine{Day: d, Text: DayDoses, Doses: unit.Microlitre(420_000 + i%5*3500), By: "Tòng Thị Bịa"})
		if i == 8 {
			add(StockLine{Day: d, Text: Spill, Bottle: "MB-0303-1", Lost: 2500, By: "Tòng Thị Bịa", Witness: "Mùa A Thử", Explains: "Trượt tay khi rót"})
			add(StockLine{Day: d, Text: Waste, Lost: 3000, By: "Tòng Thị Bịa", Witness: "Mùa A Thử"})
		}
		diff := unit.Microlitre(0)
		if i%4 == 1 {
			diff = -1200
		}
		add(StockLine{Day: d, Text: Count, Diff: diff, By: "Tòng Thị Bịa", Witness: "Mùa A Thử"})
		if i == 10 {
			add(StockLine{Day: d, Text: Finished, Bottle: "MB-0303-1", By: "Tòng Thị Bịa", Witness: "Mùa A Thử"})
		}
	}
	return b
}

// SampleAbsent has a person without a phone, one without a known dose and one
// who was held back.
func SampleAbsent(p *words.Printer) Absent {
	a := Absent{Head: sampleHead(p, sampleDay, false)}
	for i, s := range samplePeople {
		a.Rows = append(a.Rows, AbsentRow{
			Code: sampleCode(i), Name: s.name, Birth: day.Partial{Year: s.born}, Phone: s.phone, Commune: s.commune, Village: s.village,
			Last: sampleDay - day.Day(i+1), Days: i + 1,
		})
	}
	a.Rows[4].Held = true
	a.Rows[7].Last, a.Rows[7].Days = day.Never, 0
	return a
}

// SampleRecords are two record sheets, one of a person without an order.
func SampleRecords(p *words.Printer) Records {
	r := Records{Head: sampleHead(p, sampleDay, false)}
	for i, s := range samplePeople[:2] {
		mg, ml := sampleMg(s.mg)
		sheet := Record{
			Code: sampleCode(i), Name: s.name, Birth: day.Partial{Year: s.born, Month: 4, Dom: 12}, Ordered: mg, Phase: order.Maintenance,
			From: sampleDay - 20, To: sampleDay + 9, SignedBy: "BS. Điêu Văn Giả",
		}
		for n := range 24 {
			d := RecordDay{Day: sampleDay - day.Day(n), Mark: Swallowed, Poured: mg, Volume: ml, Taken: mg, At: at(6, 40+n%20), By: "Tòng Thị Bịa"}
			switch n {
			case 5:
				d = RecordDay{Day: d.Day, Mark: Missed}
			case 9:
				d.Mark, d.Taken, d.Notes = Part, mg-unit.Milligram*10, []string{"Ho khi uống. Người chứng kiến: Mùa A Thử"}
			case 12:
				d.Notes = []string{"Xét nghiệm nước tiểu: âm tính", "Tư vấn: ngủ tốt hơn, đi làm đều"}
			}
			sheet.Days = append(sheet.Days, d)
		}
		r.Sheets = append(r.Sheets, sheet)
	}
	r.Sheets[1].Phase, r.Sheets[1].Ordered, r.Sheets[1].SignedBy = "", 0, ""
	return r
}

// SampleSheet is tomorrow's sheet with a person who must see the physician and
// a person without an order.
func SampleSheet(p *words.Printer) Sheet {
	s := Sheet{Head: sampleHead(p, sampleDay+1, false), Number: "TG-2026-11-24-1", Strength: 10_000, Bottles: sampleBottles(), Spare: 3}
	for n := range 3 {
		for i, q := range samplePeople {
			mg, ml := sampleMg(q.mg)
			s.Rows = append(s.Rows, SheetRow{
				Code: sampleCode(n*8 + i), Name: q.name, Birth: day.Partial{Year: q.born}, Amount: mg, Volume: ml, Last: sampleDay, LastAmount: mg,
			})
		}
	}
	gap := reason.Warning{
		Rule: "DOSE-06", Stop: true, Source: "VN3140", Status: "verified",
		Args: []reason.Arg{{Name: "missed", Value: 5}, {Name: "last", Value: sampleDay - 5}},
	}
	s.Rows[3].Care, s.Rows[3].Last = []reason.Warning{gap}, sampleDay-5
	s.Rows[6].Care = []reason.Warning{{Rule: "DOSE-04", Stop: true}}
	s.Rows[1].Care = []reason.Warning{reason.Warn("DOSE-44"), reason.Warn("DOSE-46", "last", sampleDay+2)}
	s.Rows[5].Care = []reason.Warning{reason.Warn("DOSE-41", "before", 65*unit.Milligram, "now", 70*unit.Milligram)}
	return s
}

// SampleCount is a count sheet of two bottles.
func SampleCount(p *words.Printer) CountSheet {
	return CountSheet{Head: sampleHead(p, sampleDay, true), Bottles: sampleBottles()}
}

// SampleIndex is the choice of papers.
func SampleIndex(p *words.Printer) Index {
	x := Index{Shell: typed.SampleShell(p, "papers", "/papers", p.T("paper.index")), Today: sampleDay, Day: sampleDay - 1, Months: []day.Day{sampleDay - 22, sampleDay - 53}}
	for i := range 8 {
		x.Days = append(x.Days, Worked{Day: sampleDay - day.Day(i), Closed: i > 0})
	}
	return x
}
