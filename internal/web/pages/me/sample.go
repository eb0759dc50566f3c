package me

import (
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Sample is the page of an invented person who mistyped the new PIN.
func Sample(p *words.Printer) Page {
	pg := Page{
		Shell: ui.Shell{P: p, Title: p.T("me.title"), Site: "Trạm Y tế xã Thanh Minh (mẫu)", Day: 20780, Now: 1795391100000, Langs: []string{"vi", "en"}, Path: "/me"},
		Name:  "Cà Thị Nhung", Duties: p.T("duty.dispenser"), Password: true, PIN: typed.Form{ID: "f1"}, Pass: typed.Form{ID: "f2"},
	}
	pg.PIN.Wrong("new_pin_again", p.T("signin.not_same"))
	return pg
}
