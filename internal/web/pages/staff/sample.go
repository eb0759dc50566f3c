package staff

import (
	"tram/internal/duty"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// SamplePage is a small team of invented people.
func SamplePage(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "staff", "/staff", p.T("staff.title")), Can: true, New: typed.Form{ID: "f1"},
		People: []Person{
			{ID: "n1", Name: "Cà Thị Nhung", Duties: []duty.Duty{duty.Dispenser, duty.Manager}, Self: true, Form: typed.Form{ID: "f2"}},
			{ID: "n2", Name: "Mùa A Thử", Duties: []duty.Duty{duty.Counsellor, duty.Dispenser}, Form: typed.Form{ID: "f3"}},
			{ID: "n3", Name: "Điêu Văn Giả", Duties: []duty.Duty{duty.Physician}, Form: typed.Form{ID: "f4"}},
			{ID: "n4", Name: "Lò Thị Cũ", Duties: []duty.Duty{duty.Dispenser}, Left: true, Form: typed.Form{ID: "f5"}},
		},
	}
}

// SampleOnce shows a one-time code, and a change that was refused.
func SampleOnce(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Once = &Once{Name: "Mùa A Thử", Code: "7K2MQ4XB", Hours: 24}
	pg.Open = "n1"
	pg.People[0].Form.Refused = new(p.Refusal(reason.Refuse("STAFF-04")))
	pg.People[0].Form.Lists = map[string][]string{"duty": {"dispenser"}}
	pg.People[0].Form.Wrong("pin", p.T("ui.pin_wrong"))
	return pg
}
