package register

import (
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// SampleNew is an empty form.
func SampleNew(p *words.Printer) Page {
	return Page{Shell: typed.SampleShell(p, "patients", "/register", p.T("register.new")), Form: typed.Form{ID: "f1"}}
}

// SampleWrong is a form shown again: a date that does not exist, a phone
// without digits, and a person of the same name. All people are invented.
func SampleWrong(p *words.Printer) Page {
	pg := SampleNew(p)
	for k, v := range map[string]string{
		"name": "Lò Văn Thương", "birth": "31/02/1985", "sex": "m", "ethnic": "Thái", "language": "tai", "phone": "không có", "commune": "Thanh Minh",
		"note": "Cần người phiên dịch.",
	} {
		pg.Form.Set(k, v)
	}
	pg.Form.Wrong("birth", p.T("register.birth_hint"))
	pg.Form.Wrong("phone", p.Refusal(reason.Refuse("PATIENT-05")).Text)
	pg.ListNote = p.T("register.list_old", "at", pg.Shell.Now)
	pg.Likely = []Likely{{ID: "p7", Code: "NS-0007-B", Site: "Trạm Nà Sáng (mẫu)", Number: true}, {ID: "p9", Code: "TM-0009-X"}}
	pg.Form.Wrong("same-p7", p.T("register.likely_first"))
	pg.Similar = []Similar{
		{ID: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7", Born: "1985", Place: "Bản Huổi Só, Thanh Minh"},
		{ID: "p8", Name: "Lò Văn Thương", Code: "TM-0011-4", Born: "1971", Place: "Mường Lói", Former: true},
	}
	return pg
}

// SampleChange is the form of a person on the register.
func SampleChange(p *words.Printer) Page {
	pg := SampleNew(p)
	pg.Shell = typed.SampleShell(p, "patients", "/patient/p1/change", p.T("register.change"))
	pg.ID, pg.Name, pg.Code = "p1", "Quàng Thị Mai", "TM-0007-K"
	for k, v := range map[string]string{"name": "Quàng Thị Mai", "birth": "1991", "sex": "f", "phone": "0900 000 002"} {
		pg.Form.Set(k, v)
	}
	pg.Form.Refused = new(p.Refusal(reason.Refuse("PATIENT-06")))
	return pg
}
