package programmepage

import (
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

const (
	sampleNow   = day.Instant(1_795_400_000_000)
	sampleToday = day.Day(20780)
)

func sampleShell(p *words.Printer, title, path string) ui.Shell {
	sh := ui.Shell{
		P: p, Title: p.T(title), Site: "Chương trình mẫu", Now: sampleNow, Person: "Lò Thị Nhàn (mẫu)", Langs: []string{"vi", "en"}, Path: path, Invented: true, Wide: true,
	}
	sh.Nav = []ui.Nav{{Key: "overview", Href: "/", Icon: "home", Label: p.T("hub.nav.overview")}, {Key: "cases", Href: "/cases", Icon: "alert-triangle", Label: p.T("hub.nav.cases"), Count: 2}}
	return sh
}

func form(name string) typed.Form { return typed.Form{ID: id.Form("f" + name)} }

// Sample is an invented programme in which something of everything waits.
func Sample(p *words.Printer) Page {
	return Page{
		Shell: sampleShell(p, "hub.title", "/"),
		Sites: []Site{
			{Code: "TG", Name: "Trạm Tỏa Sáng (mẫu)", Role: p.T("hub.role.main"), Contact: sampleNow, Entries: 48211, Signed: 48211, NewestDay: sampleToday, Patients: 212, Clock: p.T("hub.clock.good")},
			{
				Code: "NS", Name: "Trạm Nà Sáng (mẫu)", Role: p.T("hub.role.satellite"), Contact: sampleNow - 3*86_400_000, Entries: 9120, Signed: 9118, NewestDay: sampleToday - 3, Patients: 31,
				Clock: p.T("hub.clock.ahead", "n", 14), ClockBad: true, Waits: []string{p.T("hub.wait.silent", "n", 3), p.T("hub.wait.backlog", "n", 41)},
			},
			{Code: "HL", Name: "Trạm Huổi Lớ (mẫu)", Role: p.T("hub.role.satellite"), Clock: p.T("hub.clock.unknown"), Stopped: true, Waits: []string{p.T("hub.wait.people")}},
		},
		Requests: []Request{
			{ID: "r1", Code: "BT", Name: "Trạm Bản Tà (mẫu)", At: sampleNow, Words: "M6Q4 FRJF", Parents: []ui.Option{{Value: "TG", Label: "TG"}}, Yes: form("1"), No: form("2")},
			{ID: "r2", Code: "TX", Name: "Trạm khác (mẫu)", At: sampleNow, Words: "AAAA BBBB", Refused: p.Refusal(reason.Refuse("PROG-02", "site", "TG")), No: form("3")},
		},
		Letters: []Letter{
			{Letter: "l1", From: "TG", To: "NS", First: sampleToday, Last: sampleToday + 6, At: sampleNow},
			{Letter: "l2", From: "NS", To: "TG", First: sampleToday, At: sampleNow},
		},
		Cases: 2, MayRun: true,
	}
}

// SampleCases is what waits in the same programme.
func SampleCases(p *words.Printer) Cases {
	refused := form("2")
	said := p.Refusal(reason.Refuse("PROG-12"))
	refused.Refused = &said
	return Cases{
		Shell: sampleShell(p, "hub.cases", "/cases"), MayAnswer: true,
		Open: []Case{
			{ID: "i1", Site: "NS", What: p.T("hub.case.dose.doubled"), Do: p.T("hub.case.dose.doubled.do"), Code: "TG-0001-K", Day: sampleToday, At: sampleNow, Detail: "[NS TG]", Joined: true, Form: form("1")},
			{ID: "i2", Site: "HL", What: p.T("hub.case.letters.missing"), Do: p.T("hub.case.letters.missing.do"), At: sampleNow, State: p.T("hub.case.not_accounted"), Form: refused},
		},
		Pairs: []Pair{
			{One: "a1", Two: "a2", OneCode: "TG-0001-K", TwoCode: "NS-0007-B", Certain: true, Form: form("3")},
			{One: "a3", Two: "a4", OneSite: "TG", TwoSite: "NS", Form: form("4")},
		},
		Answered: []Answer{{What: p.T("hub.case.journal.fork"), Site: "HL", Words: "Máy cũ đã tắt (mẫu)", By: "Lò Thị Nhàn (mẫu)", At: sampleNow, Day: sampleToday}},
	}
}

// SampleSite is the page of a site whose PC was stolen and came back anew.
func SampleSite(p *words.Printer) One {
	g := One{
		Shell: sampleShell(p, "hub.sites", "/sites/HL"), Site: Sample(p).Sites[2], Number: 2, Speaks: p.T("hub.speaks.said", "number", 2, "version", "1.0"), Parent: "TG",
		Root: "Gx0b1c", Checkpoint: "hl.mau/tram\n812\nGx0b1c=\n", StoppedText: "fork at entry 812", MayRun: true, MayList: true,
		Former: []Former{{Number: 1, Size: 812}}, End: form("1"), Resume: form("2"),
		Restores: []Restore{{Number: 2, OfNumber: 1, OfSize: 812, At: sampleNow, Said: p.T("hub.restored.letters"), Bad: true}},
	}
	for _, w := range Whys {
		g.Why = append(g.Why, ui.Option{Value: w, Label: p.T("hub.end_reason." + w)})
	}
	return g
}

// SampleList is the patients of a site.
func SampleList(p *words.Printer) List {
	return List{
		Shell: sampleShell(p, "hub.patients", "/sites/NS"), Code: "NS", Name: "Trạm Nà Sáng (mẫu)", More: true,
		Patients: []Patient{{Code: "NS-0007-B", Site: "NS", Registered: sampleToday - 400, Sites: 1}, {Code: "TG-0001-K", Site: "TG", Registered: sampleToday, Sites: 2}},
	}
}

// SampleClinicians is who signs and who would.
func SampleClinicians(p *words.Printer) Clinicians {
	wrong := form("2")
	wrong.Wrong("password", p.T("hub.wrong"))
	return Clinicians{
		Shell: sampleShell(p, "hub.clinicians", "/clinicians"), MayRun: true,
		Asking: []Hand{
			{Person: "p1", Site: "NS", Name: "Cà Văn Út (mẫu)", Duties: p.T("duty.physician"), Words: "M6Q4 FRJF", KeyAt: sampleNow, Until: sampleToday + 365, State: p.T("hub.signs_waits"), Form: form("1")},
		},
		Named: []Hand{
			{Person: "p2", Site: "TG", Name: "Lò Thị Mai (mẫu)", Words: "AAAA BBBB", Until: sampleToday + 30, State: p.T("hub.signs_until", "day", sampleToday+30), Good: true, Form: wrong},
			{Person: "p3", Site: "TG", Name: "Vàng A Súa (mẫu)", Words: "CCCC DDDD", From: sampleToday - 3, State: p.T("hub.signs_ended", "day", sampleToday-3), Form: form("3")},
		},
	}
}

// SamplePeople is the hub's people.
func SamplePeople(p *words.Printer) People {
	return People{
		Shell: sampleShell(p, "hub.people", "/people"), MayRun: true, Open: "p2", Code: "M6Q4FRJF", CodeFor: "Cà Văn Út (mẫu)", New: form("9"),
		People: []Person{
			{ID: "p1", Name: "Lò Thị Nhàn (mẫu)", Duties: Duties(p)[:1], Chosen: []string{"manager"}, Self: true, Form: form("1")},
			{ID: "p2", Name: "Cà Văn Út (mẫu)", Duties: Duties(p)[1:], Chosen: []string{"physician", "inspector"}, Form: form("2")},
		},
	}
}

// SampleMe is one of them.
func SampleMe(p *words.Printer) Me {
	return Me{Shell: sampleShell(p, "hub.password", "/me"), Name: "Lò Thị Nhàn (mẫu)", Duties: p.T("duty.manager"), Form: form("1")}
}

// SampleForbidden is a page that is not for an inspector.
func SampleForbidden(p *words.Printer) Forbidden {
	return Forbidden{Shell: sampleShell(p, "hub.title", "/"), Said: p.Refusal(reason.Refuse("ACCESS-02", "action", "list_patients"))}
}

// SampleSignIn is the sign-in page of the same programme.
func SampleSignIn(p *words.Printer) SignIn {
	return SignIn{
		Shell:  ui.Shell{P: p, Title: p.T("hub.sign_in"), Site: "Chương trình mẫu", Langs: []string{"vi", "en"}, Path: "/", Invented: true},
		People: []ui.Option{{Value: "p1", Label: "Lò Thị Nhàn (mẫu)"}}, Form: "f1", Error: p.T("hub.wrong"),
	}
}

// SampleFirst is a code that was not good.
func SampleFirst(p *words.Printer) First {
	f := form("1")
	said := p.Refusal(reason.Refuse("STAFF-16"))
	f.Refused = &said
	return First{
		Shell:  ui.Shell{P: p, Title: p.T("hub.first"), Site: "Chương trình mẫu", Langs: []string{"vi", "en"}, Path: "/first", Invented: true},
		People: []ui.Option{{Value: "p1", Label: "Lò Thị Nhàn (mẫu)"}}, Form: f,
	}
}
