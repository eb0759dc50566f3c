package typed

import (
	"tram/internal/day"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// The samples of the pages share one invented site and its people. Nothing of
// this reaches a record.

// SampleDay is Monday 23 November 2026.
const SampleDay day.Day = 20780

// SampleAt is a minute of that day, at Hanoi.
func SampleAt(hour, minute int) day.Instant {
	return day.Instant((int64(SampleDay)*1440 + int64(hour*60+minute) - 7*60) * 60_000)
}

// SampleShell is the shell of a sample page.
func SampleShell(p *words.Printer, here, path, title string) ui.Shell {
	return ui.Shell{
		P: p, Title: title, Here: here, Site: "Trạm Y tế xã Thanh Minh (mẫu)", Day: SampleDay, Now: SampleAt(8, 52),
		Person: "Cà Thị Nhung", Station: "Quầy 1", Langs: []string{"vi", "en"}, Path: path, Invented: true, Idle: 300,
		Nav: []ui.Nav{
			{Key: "window", Href: "/window", Icon: "droplet", Label: p.T("nav.window")},
			{Key: "patients", Href: "/patients", Icon: "users", Label: p.T("nav.patients")},
			{Key: "orders", Href: "/orders", Icon: "pen-line", Label: p.T("nav.orders"), Count: 3},
			{Key: "day", Href: "/day", Icon: "calendar", Label: p.T("nav.day")},
			{Key: "stock", Href: "/stock", Icon: "droplets", Label: p.T("nav.stock")},
			{Key: "papers", Href: "/papers", Icon: "printer", Label: p.T("nav.papers")},
			{Key: "rules", Href: "/rules", Icon: "book-open", Label: p.T("nav.rules")},
			{Key: "staff", Href: "/staff", Icon: "settings", Label: p.T("nav.staff")},
		},
	}
}

// SampleSecond are colleagues who may witness.
func SampleSecond() ui.Second {
	return ui.Second{People: []ui.Option{{Value: "n2", Label: "Mùa A Thử"}, {Value: "n3", Label: "Điêu Văn Giả"}}}
}
