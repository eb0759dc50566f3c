package intake

import (
	"strings"

	"tram/internal/intake"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// sampleFile has invented people and one row for several troubles.
const sampleFile = `Mã BN;Họ và tên;Ngày sinh;Giới tính;Số điện thoại;Ghi chú riêng
TM-1;Lò Văn Thương;1985;nam;0900 000 001;
TM-2;Quàng Thị Mai;31/02/1991;nữ;0900 000 002;
TM-3;;1978;nam;;
TM-1;Giàng A Dế;1978;nam;;
TM-5;Vàng Thị Mỷ;1990;nữ;900000005;x
`

const sampleDoses = `Mã BN;Ngày;Liều
TM-1;03/04/2026;60
TM-1;04/04/2026;1.234
`

// SampleUpload is the choice of a file.
func SampleUpload(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "intake", "/import", p.T("intake.title")), Upload: typed.Form{ID: "f1"},
		Have: 64,
	}
}

// SamplePreview reads a file of invented people with real troubles.
func SamplePreview(p *words.Printer, text string) Page {
	f, err := intake.Read(strings.NewReader(text), intake.Options{Today: typed.SampleDay})
	if err != nil {
		panic(err) // a constant text
	}
	pg := Page{
		Shell: typed.SampleShell(p, "intake", "/import", p.T("intake.title")), Again: typed.Form{ID: "f1"}, Confirm: typed.Form{ID: "f2"},
		Ticket: "t1", Name: "danh-sach.csv", File: &f,
	}
	for _, r := range f.Patients {
		pg.Good = append(pg.Good, Sample{Line: r.Line, Code: r.Code, Name: r.Name, Birth: r.Birth})
	}
	return pg
}

// SampleDone is an import that is over.
func SampleDone(p *words.Printer, k intake.Kind) Done {
	return Done{
		Shell: typed.SampleShell(p, "intake", "/import", p.T("intake.title")), Kind: k, Name: "danh-sach.csv", Rows: 61, New: 2, Known: 5, Left: 3,
		Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
}
