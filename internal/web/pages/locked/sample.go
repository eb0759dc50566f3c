package locked

import (
	"tram/internal/web/ui"
	"tram/internal/words"
)

func sampleShell(p *words.Printer) ui.Shell {
	return ui.Shell{P: p, Title: p.T("ui.locked"), Site: "Trạm Y tế xã Thanh Minh (mẫu)", Day: 20780, Now: 1795391100000, Langs: []string{"vi", "en"}, Path: "/locked"}
}

// SampleLocked is a locked screen of an invented person.
func SampleLocked(p *words.Printer) Page {
	return Page{Shell: sampleShell(p), Person: "Cà Thị Nhung", Wrong: p.T("ui.pin_wrong"), Back: "/window", Kept: true}
}

// SampleResume is a kept form.
func SampleResume(p *words.Printer) Resume {
	return Resume{Shell: sampleShell(p), Action: "/window/hold", Back: "/window", Fields: []Field{
		{Name: "form", Value: "f1"}, {Name: "why", Value: "asleep"}, {Name: "second_pin", Secret: true},
	}}
}
