package patients

import (
	"tram/internal/day"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// SamplePage is a list of invented people.
func SamplePage(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "patients", "/patients", p.T("patient.list")), New: true,
		Rows: []Row{
			{ID: "p1", Code: "TM-0042-7", Name: "Lò Văn Thương", Born: day.Partial{Year: 1985}, Place: "Bản Huổi Só, Thanh Minh", Ordered: 85_000, OrderLast: typed.SampleDay + 8, Last: typed.SampleDay},
			{ID: "p2", Code: "TM-0007-K", Name: "Quàng Thị Mai", Born: day.Partial{Year: 1991}, Place: "Thanh Minh", Ordered: 60_000, OrderLast: typed.SampleDay + 1, Last: typed.SampleDay - 1},
			{ID: "p3", Code: "TM-0051-A", Name: "Nguyễn Hữu Bảo Quốc Trường Giang", Place: "Mường Lói"},
			{ID: "p4", Code: "TM-0011-4", Name: "Giàng A Dế", Born: day.Partial{Year: 1971, Month: 3}, Last: typed.SampleDay - 200, Former: true},
		},
	}
}

// SampleNone is a search that found nobody.
func SampleNone(p *words.Printer) Page {
	return Page{Shell: typed.SampleShell(p, "patients", "/patients", p.T("patient.list")), Asked: "x", Short: true}
}
