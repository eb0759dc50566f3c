package glass

import (
	"tram/internal/access"
	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// The samples show invented people; see package typed.

func samplePerson() Person {
	return Person{ID: "p1", Name: "Lò Văn Thương", Code: "TM-0042-7", Born: day.Partial{Year: 1985}, Rel: access.InCare}
}

// SampleFind is a search that found somebody here, somebody who left and
// somebody of another site.
func SampleFind(p *words.Printer) Find {
	left, there := samplePerson(), samplePerson()
	left.ID, left.Name, left.Code, left.Rel, left.Sees = "p2", "Lò Văn Thưởng", "TM-0007-K", access.Former, true
	there.ID, there.Name, there.Code, there.Rel, there.Born = "p3", "", "", access.Elsewhere, day.Partial{}
	return Find{
		Shell: typed.SampleShell(p, "glass", "/glass", p.T("glass.title")), Form: "f1", Asked: "lo thuong", Found: []Person{samplePerson(), left, there},
	}
}

// SampleFindNone is a search that found nobody.
func SampleFindNone(p *words.Printer) Find {
	pg := SampleFind(p)
	pg.Found = nil
	return pg
}

// SampleAsk is the page after the hour of before, with what is missing beside
// its field.
func SampleAsk(p *words.Printer) Ask {
	over := p.Refusal(reason.Refuse("GLASS-05"))
	f := typed.Form{ID: "f1", High: true}
	f.Wrong("reason", p.Refusal(reason.Refuse("GLASS-03")).Text)
	return Ask{Shell: typed.SampleShell(p, "glass", "/glass/p1", p.T("glass.title")), Person: samplePerson(), Over: &over, Form: f}
}

// SampleSees is the page for somebody whose duties open the record.
func SampleSees(p *words.Printer) Ask {
	pg := SampleAsk(p)
	pg.Over, pg.Person.Sees = nil, true
	return pg
}

// SampleOpenings are an answered opening of another site, and one that waits.
func SampleOpenings(*words.Printer) []Opening {
	return []Opening{
		{ID: "g2", From: typed.SampleAt(21, 5), Until: typed.SampleAt(22, 5), Who: "Hoàng Thị Quản", Reason: "Bệnh viện tỉnh gọi: người bệnh bất tỉnh, hỏi liều đang dùng.", Waits: true},
		{ID: "g1", From: typed.SampleAt(6, 10), Until: typed.SampleAt(7, 10), Who: "BS. Điêu Văn Giả", Site: "Mường Chà", Reason: "Ngất ở cổng trạm, không mang thư chuyển.", Answers: []Answer{
			{Name: "Lường Thị Hai", Site: "Mường Chà", At: typed.SampleAt(8, 0), Found: access.Needed, Note: "Đã gọi 115."},
			{Name: "Mùa A Thử", At: typed.SampleAt(8, 30), Found: access.NotNeeded, Note: "Có thể gọi cho chúng tôi.", Alone: true},
		}},
	}
}

// SampleWaiting is what a manager sees in the morning.
func SampleWaiting(p *words.Printer) Waiting {
	who := samplePerson()
	rows := SampleOpenings(p)[:1]
	own, alone := rows[0], rows[0]
	own.ID, own.Own, alone.ID, alone.Alone = "g3", true, "g4", true
	rows = append(rows, own, alone)
	for i := range rows {
		rows[i].Of, rows[i].Form = &who, typed.Form{ID: "f1"}
	}
	rows[0].Form.Wrong("found", p.Refusal(reason.Refuse("GLASS-10")).Text)
	return Waiting{Shell: typed.SampleShell(p, "glass", "/glass/waiting", p.T("glass.list")), Rows: rows, Next: "/window"}
}

// SampleNoneWaiting is the list when all is answered.
func SampleNoneWaiting(p *words.Printer) Waiting {
	pg := SampleWaiting(p)
	pg.Rows = nil
	return pg
}
