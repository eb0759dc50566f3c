package signin

import (
	"tram/internal/duty"
	"tram/internal/reason"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Samples are pages for the storybook; the people are invented.
func Samples(p *words.Printer) map[string]Page {
	shell := ui.Shell{P: p, Title: p.T("signin.title"), Site: "Trạm Y tế xã Thanh Minh (mẫu)", Day: 20780, Now: 1795391100000, Langs: []string{"vi", "en"}, Path: "/signin", Invented: true}
	people := []Person{
		{"s1", "Cà Thị Nhung", p.T("duty.dispenser") + ", " + p.T("duty.counsellor")},
		{"s2", "Tòng Văn Hặc", p.T("duty.dispenser")},
		{"s3", "BS. Lò Thị Ánh", p.T("duty.physician") + ", " + p.T("duty.manager")},
		{"s4", "Nguyễn Minh Đức", p.T("duty.inspector")},
	}
	demo := Page{Shell: shell, People: people}
	demo.PINs = []PIN{
		{people[0].Name, []duty.Duty{duty.Dispenser, duty.Counsellor}, "260711"},
		{people[1].Name, []duty.Duty{duty.Dispenser}, "480215"},
		{people[2].Name, []duty.Duty{duty.Physician, duty.Manager}, "731904"},
		{people[3].Name, []duty.Duty{duty.Inspector}, "905136"},
	}
	plain := Page{Shell: shell, People: people, Chosen: &people[0], Form: "f1", Station: "1", Stations: []ui.Option{
		{Value: "1", Label: p.T("signin.station_n", "n", 1)}, {Value: "2", Label: p.T("signin.station_n", "n", 2)},
	}}
	wrong := plain
	said := p.Refusal(reason.Refuse("STAFF-10", "left", 3))
	wrong.Problem, wrong.Password = &said, true
	code := plain
	code.NewPIN, code.PINError = true, p.T("signin.not_same")
	return map[string]Page{"signin-names": demo, "signin-pin": plain, "signin-wrong": wrong, "signin-code": code}
}
