package picker

import (
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Sample is a picker of three invented sites.
func Sample(p *words.Printer) Page {
	return Page{
		Shell: ui.Shell{P: p, Title: p.T("picker.title"), Site: "Tram", Langs: []string{"vi", "en"}, Path: "/", Invented: true},
		Sites: []Site{
			{Href: "/s/na", Name: "Trạm Y tế xã Nậm Ngà (mẫu)", Patients: 2},
			{Href: "/s/tm", Name: "Trạm Y tế xã Thanh Minh (mẫu)", Patients: 21},
			{Href: "/s/bt", Name: "Trạm Y tế phường Bản Tà (mẫu)", Patients: 64},
		},
	}
}
