package programmepage

import (
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Sample is an invented programme in which something of everything waits.
func Sample(p *words.Printer) Page {
	const now = day.Instant(1_795_400_000_000)
	const today = day.Day(20780)
	return Page{
		Shell: ui.Shell{
			P: p, Title: p.T("hub.title"), Site: "Chương trình mẫu", Now: now, Person: "Lò Thị Nhàn (mẫu)", Langs: []string{"vi", "en"}, Path: "/", Invented: true, Wide: true,
		},
		Sites: []Site{
			{Code: "TG", Name: "Trạm Tỏa Sáng (mẫu)", Role: p.T("hub.role.main"), Contact: now, Entries: 48211, NewestDay: today, Patients: 212},
			{Code: "NS", Name: "Trạm Nà Sáng (mẫu)", Role: p.T("hub.role.satellite"), Contact: now - 3*86_400_000, Backlog: 41, Entries: 9120, NewestDay: today - 3, Patients: 31},
			{Code: "HL", Name: "Trạm Huổi Lớ (mẫu)", Role: p.T("hub.role.satellite"), Stopped: "fork at entry 812"},
		},
		Requests: []Request{
			{ID: "r1", Code: "BT", Name: "Trạm Bản Tà (mẫu)", At: now, Words: "M6Q4 FRJF", Parents: []ui.Option{{Value: "TG", Label: "TG"}}},
			{ID: "r2", Code: "TG", Name: "Trạm khác (mẫu)", At: now, Words: "AAAA BBBB", Refused: p.Refusal(reason.Refuse("PROG-02", "site", "TG"))},
		},
		Letters: []Letter{
			{Letter: "l1", From: "TG", To: "NS", First: today, Last: today + 6, At: now},
			{Letter: "l2", From: "NS", To: "TG", First: today, At: now},
		},
		Pairs:     []Pair{{One: "a1", Two: "a2", OneCode: "TG-0001-K", TwoCode: "NS-0007-B", Certain: true}, {One: "a3", Two: "a4", OneCode: "TG-0002-M", TwoCode: "NS-0009-C"}},
		Incidents: []Incident{{ID: "i1", Site: "NS", What: p.T("hub.incident.dose.doubled"), Day: today, At: now, Detail: "[NS TG]"}},
		MayAnswer: true, Form: "f1",
	}
}

// SampleSignIn is the sign-in page of the same programme.
func SampleSignIn(p *words.Printer) SignIn {
	return SignIn{
		Shell:  ui.Shell{P: p, Title: p.T("hub.sign_in"), Site: "Chương trình mẫu", Langs: []string{"vi", "en"}, Path: "/", Invented: true},
		People: []ui.Option{{Value: "p1", Label: "Lò Thị Nhàn (mẫu)"}}, Form: "f1", Error: p.T("hub.wrong"),
	}
}
