package opening

import (
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

const today = typed.SampleDay

func sampleBottles() []Bottle {
	return []Bottle{
		{ID: "b1", Code: "MB-0311-K", Lot: "2602A", Product: "Methadone", Expiry: today + 320, Strength: 10_000, Left: 212_500},
		{ID: "b2", Code: "MB-0312-4", Lot: "2602A", Product: "Methadone", Expiry: today + 320, Strength: 10_000, Left: 1_000_000},
		{ID: "b3", Code: "MB-0299-1", Lot: "2511C", Product: "Methadone", Expiry: today - 1, Strength: 10_000, Left: 1_000_000, Expired: true},
	}
}

// SampleBefore is a morning before anyone confirmed the date.
func SampleBefore(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "day", "/day/open", p.T("daybook.open_title")), Today: today, Last: today - 1, Needed: 297_300,
		Open: sampleBottles()[:1], Sealed: sampleBottles()[1:], Confirm: typed.Form{ID: "f1"}, Bottle: typed.Form{ID: "f2"}, Second: typed.SampleSecond(),
	}
}

// SampleJump is a day after a storm: the date must be typed, and was typed
// wrong.
func SampleJump(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Last, pg.Jump, pg.Stale = today-6, true, today-6
	pg.Confirm.Set("typed", "22/11/2026")
	pg.Confirm.Refused = new(p.Refusal(reason.Refuse("DAY-08", "typed", today-1, "today", today)))
	pg.Confirm.Wrong("second_pin", p.T("ui.pin_wrong"))
	return pg
}

// SampleFirst is the first day of a new site.
func SampleFirst(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Last, pg.Jump = 0, true
	return pg
}

// SampleBottle is an open day whose bottle will not last.
func SampleBottle(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Opened = true
	return pg
}

// SampleAlone is a new site with one person and a clock set back.
func SampleAlone(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Back, pg.Last, pg.Open, pg.Sealed, pg.Second.Alone = true, today+3, nil, nil, true
	return pg
}

// SampleRestored is the morning after the PC was restored with its baton.
func SampleRestored(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Birth = &Birth{Entries: 41_250, Baton: true, Whole: true}
	return pg
}

// SampleLetters is a morning after the PC and its baton were lost together; a
// line of a letter was typed wrong.
func SampleLetters(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Letters = true
	pg.Confirm.Set("found", "TG-0042-7 NS 25/11/2026 30/11/2026\nTG-0007-K NS mai")
	no := p.Refusal(reason.Refuse("INST-19", "line", 2))
	pg.Confirm.Wrong("found", no.Text+" "+no.Do)
	return pg
}

// SampleAgain is an open day whose date must be named once more, with no other
// witness at hand.
func SampleAgain(p *words.Printer) Page {
	pg := SampleBefore(p)
	pg.Opened, pg.Again, pg.Alone = true, true, true
	return pg
}
