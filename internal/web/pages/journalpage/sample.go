package journalpage

import (
	"tram/internal/web/pages/glass"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// SamplePage is a journal that fits, with the looks at one invented person's
// record.
func SamplePage(p *words.Printer) Page {
	return Page{
		Shell: typed.SampleShell(p, "journal", "/journal", p.T("journal.title")), Size: 41_236, Root: "q1ZsJ0mL0cJr2mW3o0b3x7k1dUu3yqJQyqk0yqfH2cE=", SignedAt: typed.SampleAt(8, 50), Key: "tram/TM",
		Checkpoint: "tram/TM\n41236\nq1ZsJ0mL0cJr2mW3o0b3x7k1dUu3yqJQyqk0yqfH2cE=\n\n— tram/TM kQx9kz3m0Yk2c1b8m1Q0s0cJ3cQe8r0fN1m2o3p4q5r6s7t8u9v0w1x2y3z4A5B6C7D8E9F0G1H2I3J4K5L6M7=\n",
		Check:      Check{State: Good, At: typed.SampleAt(8, 51), Entries: 41_236, Seconds: 3}, Form: typed.Form{ID: "f1"}, CanAudit: true, CanAnswer: true, Code: "TM-0042-7",
		Opened: openings(p),
		Asked:  &Person{ID: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7"},
		Looks: []Look{
			{At: typed.SampleAt(8, 40), By: "BS. Điêu Văn Giả", Part: "record"},
			{At: typed.SampleAt(7, 12), By: "Hoàng Thị Quản", Part: "record", Glass: true},
			{At: typed.SampleAt(6, 45), By: "Cà Thị Nhung", Part: "window"},
			{At: typed.SampleAt(6, 1), By: "Mùa A Thử", Part: "x-later", Why: "gọi điện"},
		},
		Printed: []Printed{{At: typed.SampleAt(8, 30), By: "Cà Thị Nhung", Paper: "register", About: "2026-11-22"}},
	}
}

func openings(p *words.Printer) []glass.Opening {
	rows := glass.SampleOpenings(p)
	for i := range rows {
		rows[i].Of = &glass.Person{ID: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7"}
	}
	return rows
}

// SampleBroken is a journal that does not fit, and a code nobody has.
func SampleBroken(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Check = Check{State: Broken, At: typed.SampleAt(8, 51), Entries: 40_012, Seconds: 3, Text: "40012: hash"}
	pg.Asked, pg.Looks, pg.NotFound, pg.Code = nil, nil, true, "TM-9999-9"
	return pg
}

// SampleNew is a journal nobody has checked, seen by someone who may not audit.
func SampleNew(p *words.Printer) Page {
	return Page{Shell: typed.SampleShell(p, "journal", "/journal", p.T("journal.title")), Size: 3, Root: "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM="}
}
