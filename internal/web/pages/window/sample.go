package window

import (
	"slices"

	"tram/internal/care/dose"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// The samples are for the storybook and for looking at. All people in them are
// invented; nothing of this reaches a record.

// sampleDay is Monday 23/11/2026, and sampleAt a minute of that morning in
// Dien Bien.
const (
	sampleDay = day.Day(20780)
	sampleAt  = day.Instant(1795391100000)
)

// Sample is one state of the page with a name.
type Sample struct {
	Name string
	Page func(p *words.Printer) Page
}

// Samples lists the states that the storybook shows.
func Samples() []Sample {
	with := func(pane func(p *words.Printer) *Pane) func(p *words.Printer) Page {
		return func(p *words.Printer) Page {
			g := samplePage(p)
			g.Pane = pane(p)
			g.Lists.Open = g.Pane.Patient
			return g
		}
	}
	out := []Sample{
		{"window-idle", samplePage},
		{"window-ready", with(sampleReady)},
		{"window-plain", with(samplePlain)},
		{"window-cup", with(sampleCup)},
		{"window-ask", with(sampleAsk)},
		{"window-done", with(sampleDone)},
		{"window-gap", with(sampleGap)},
		{"window-held", with(sampleHeld)},
		{"window-no-order", with(sampleNoOrder)},
		{"window-found", sampleFound},
		{"window-closed-bottle", sampleBefore},
	}
	for _, k := range Kinds {
		out = append(out, Sample{"window-do-" + string(k), with(func(p *words.Printer) *Pane { return sampleAct(p, k) })})
	}
	return out
}

// samplePage is a morning at 06:45 in a commune health centre.
func samplePage(p *words.Printer) Page {
	return Page{
		Shell: ui.Shell{
			P: p, Title: p.T("window.title"), Here: "window", Site: "Trạm Y tế xã Thanh Minh (mẫu)", Day: sampleDay, Now: sampleAt,
			Person: "Cà Thị Nhung", Station: "Quầy 1", Langs: []string{"vi", "en"}, Path: "/window", Invented: true, Idle: 60, Wide: true, Live: true,
			Nav: sampleNav(p),
		},
		Day:    Day{Open: true, Opens: true},
		Serves: true,
		Lists: Lists{
			Here: ToCome, Counts: map[Tab]int{ToCome: 41, Came: 20, Waiting: 2, Held: 1}, Rows: sampleRows(p), Left: 612_500, Needed: 297_300,
			Bottle: true, Expected: 64, Done: 20,
		},
	}
}

func sampleNav(p *words.Printer) []ui.Nav {
	return []ui.Nav{
		{Key: "window", Href: "/window", Icon: "droplet", Label: p.T("nav.window")},
		{Key: "patients", Href: "/patients", Icon: "users", Label: p.T("nav.patients")},
		{Key: "orders", Href: "/orders", Icon: "pen-line", Label: p.T("nav.orders"), Count: 3},
		{Key: "day", Href: "/day", Icon: "calendar", Label: p.T("nav.day")},
		{Key: "stock", Href: "/stock", Icon: "droplets", Label: p.T("nav.stock")},
		{Key: "papers", Href: "/papers", Icon: "printer", Label: p.T("nav.papers")},
		{Key: "rules", Href: "/rules", Icon: "book-open", Label: p.T("nav.rules")},
		{Key: "staff", Href: "/staff", Icon: "settings", Label: p.T("nav.staff")},
	}
}

func sampleRows(p *words.Printer) []Row {
	return []Row{
		{Patient: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7", Born: day.Partial{Year: 1985}, Amount: 85_000, Volume: 8_500},
		{Patient: "p2", Name: "Quàng Thị Mai", Code: "TM-0007-K", Born: day.Partial{Year: 1991}, Amount: 60_000, Volume: 6_000, Missed: 1},
		{Patient: "p3", Name: "Giàng A Dế", Code: "TM-0019-3", Born: day.Partial{Year: 1978}, Amount: 110_000, Volume: 11_000, Missed: 5, Stop: true},
		{Patient: "p4", Name: "Nguyễn Hữu Bảo Quốc Trường Giang", Code: "TM-0051-A", Born: day.Partial{Year: 1969}},
		{Patient: "p5", Name: "Lường Văn Sơn", Code: "TM-0033-F", Born: day.Partial{Year: 1996}, Amount: 42_500, Volume: 4_250, Served: p.T("window.serving", "who", "Tòng Văn Hặc", "station", "Quầy 2")},
		{Patient: "p6", Name: "Vàng A Súa", Code: "TM-0012-9", Born: day.Partial{Year: 1988}, Amount: 75_000, Volume: 7_500},
		{Patient: "p7", Name: "Cà Văn Inh", Code: "TM-0028-P", Born: day.Partial{Year: 1974}, Amount: 95_000, Volume: 9_500},
		{Patient: "p8", Name: "Mùa Thị Dợ", Code: "TM-0060-W", Born: day.Partial{Year: 2001}, Amount: 30_000, Volume: 3_000, Missed: 2},
		{Patient: "p9", Name: "Tòng Văn Ánh", Code: "TM-0044-1", Born: day.Partial{Year: 1983}, Amount: 80_000, Volume: 8_000},
	}
}

// samplePhoto is the address of a portrait of nobody.
const samplePhoto = "/window/photo/p1/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func samplePlain(*words.Printer) *Pane {
	return &Pane{
		Photo:   samplePhoto,
		Patient: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7", Born: day.Partial{Year: 1985}, Step: Ready, Amount: 85_000, Volume: 8_500,
		Strength: 10_000, Last: 85_000, LastDay: sampleDay - 1, OrderEnd: sampleDay + 21, Pour: Pour{Form: "f1", Amount: 85_000, Volume: 8_500},
		Can: Can{Hold: true, Spill: true}, Record: "/patient/p1",
	}
}

func sampleReady(p *words.Printer) *Pane {
	v := samplePlain(p)
	changed := reason.Warn("DOSE-41", "before", unit.Microgram(75_000), "now", unit.Microgram(85_000))
	missed := reason.Warn("DOSE-42", "missed", 1, "last", sampleDay-2)
	missed.Source, missed.Status = "VN-3140", "unverified"
	ends := reason.Warn("DOSE-46", "last", sampleDay+1)
	v.Care = []words.Said{p.Reason(changed), p.Reason(missed), p.Reason(ends)}
	v.Missed, v.LastDay, v.Last, v.Photo = 1, sampleDay-2, 75_000, ""
	v.OrderEnd = sampleDay + 1
	v.Other = p.T("window.other", "who", "Tòng Văn Hặc", "station", "Quầy 2")
	return v
}

func sampleCup(p *words.Printer) *Pane {
	v := samplePlain(p)
	v.Step = Cup
	v.Cup = Given{Form: "f2", Dose: "d1", Amount: 85_000, Volume: 8_500, Outcome: dose.PouredOnly, At: sampleAt, Vomited: -1}
	v.Can = Can{Spill: true}
	return v
}

func sampleAsk(p *words.Printer) *Pane {
	v := sampleCup(p)
	v.Step = Ask
	v.Cup.By = "Tòng Văn Hặc"
	return v
}

func sampleDone(p *words.Printer) *Pane {
	v := samplePlain(p)
	v.Step = Done
	v.Cup = Given{Dose: "d1", Amount: 85_000, Volume: 8_500, Taken: 85_000, Outcome: dose.Taken, At: sampleAt, Ended: sampleAt + 60_000, Vomited: -1}
	v.Today = []Given{v.Cup}
	v.Can = Can{Vomited: true, Correct: true, Spill: true}
	return v
}

func sampleGap(p *words.Printer) *Pane {
	v := samplePlain(p)
	v.Patient, v.Name, v.Code, v.Born = "p3", "Giàng A Dế", "TM-0019-3", day.Partial{Year: 1978}
	v.Step, v.Amount, v.Volume, v.Missed, v.LastDay, v.Last = Stopped, 110_000, 11_000, 5, sampleDay-6, 110_000
	gap := reason.Warning{Rule: "DOSE-06", Stop: true, Args: []reason.Arg{{Name: "missed", Value: 5}, {Name: "last", Value: sampleDay - 6}}, Source: "VN-3140", Status: "unverified"}
	v.Care = []words.Said{p.Reason(gap), p.Reason(reason.Warn("DOSE-47", "days", 7))}
	return v
}

func sampleHeld(p *words.Printer) *Pane {
	v := samplePlain(p)
	v.Step = Stopped
	v.Hold = Hold{Since: sampleAt, Look: sampleAt + 3_600_000, Signs: "Nói líu lưỡi, đi không vững, có mùi rượu.", By: "Cà Thị Nhung"}
	v.Care = []words.Said{p.Refusal(reason.Refuse("DOSE-05", "at", sampleAt, "why", string(dose.Intoxicated)))}
	v.Can = Can{Release: true, Spill: true}
	return v
}

func sampleNoOrder(p *words.Printer) *Pane {
	v := samplePlain(p)
	v.Step, v.Amount, v.Volume, v.OrderEnd = Stopped, 0, 0, day.Never
	v.Care = []words.Said{p.Refusal(reason.Refuse("DOSE-04"))}
	return v
}

func sampleFound(p *words.Printer) Page {
	g := samplePage(p)
	rows := sampleRows(p)
	g.Find = Find{Query: "lo van", Found: []Row{rows[0], {Patient: "p10", Name: "Lò Văn Thương", Code: "TM-0056-H", Born: day.Partial{Year: 1993}, Left: true}}, Capped: true}
	return g
}

func sampleBefore(p *words.Printer) Page {
	g := samplePage(p)
	g.Day = Day{Opens: true}
	g.Lists.Bottle, g.Lists.Left, g.Lists.Needed, g.Lists.Rows = false, 0, 0, nil
	g.Lists.Counts = map[Tab]int{}
	g.Find = Find{Query: "x", Error: p.T("window.find.short")}
	g.Shell.Flash = ui.Notice{Kind: "take", Text: p.T("window.find.replaced")}
	return g
}

// sampleAct is an open form; every second one was refused, so that both
// states are seen.
func sampleAct(p *words.Printer, k Kind) *Pane {
	v := sampleCup(p)
	switch k {
	case DoHold, DoAttest:
		v = samplePlain(p)
	case DoRelease:
		v = sampleHeld(p)
	case DoVomited, DoCorrect, DoReplace:
		v = sampleDone(p)
	case DoPart, DoNotGiven, DoSpill, DoAnswer:
	}
	v.Act = &Act{
		Kind: k, Form: id.Form("f-" + string(k)), Dose: v.Cup, Bottles: []ui.Option{{Value: "b1", Label: "TM-B-0003-C · 612,5 mL"}},
		Doctors: []ui.Option{{Value: "s3", Label: "BS. Lò Thị Ánh"}},
		Second:  ui.Second{People: []ui.Option{{Value: "s2", Label: "Tòng Văn Hặc"}, {Value: "s3", Label: "BS. Lò Thị Ánh"}}},
	}
	if slices.Index(Kinds, k)%2 == 1 {
		said := p.Refusal(reason.Refuse("DOSE-16"))
		v.Act.Problem = &said
		v.Act.Typed = Typed{Note: "Ho khi đang uống", Volume: "1.234", Minutes: "20", Why: string(dose.Declined)}
		v.Act.Errors = map[string]string{"volume": p.T("amount.unclear"), "note": p.T("window.error.note")}
		v.Act.Second.PINError = p.T("ui.pin_wrong")
	}
	return v
}
