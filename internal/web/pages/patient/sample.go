package patient

import (
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/day"
	"tram/internal/paper"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/glass"
	"tram/internal/web/pages/papers"
	"tram/internal/web/pages/stability"
	"tram/internal/web/pages/typed"
	"tram/internal/words"
)

// The samples show invented people; see package typed.

const today = typed.SampleDay

// samplePerson is an invented person in treatment for half a year.
func samplePerson() Person {
	return Person{
		ID: "p1", Code: "TM-0042-7", Card: "T-4K7Q2M9X-B", Registered: today - 180, FirstDose: today - 179, LastDay: today, LastAmount: 85_000,
		Details: patient.Details{
			Name: "Lò Văn Thương", Sex: patient.Male, Birth: day.Partial{Year: 1985}, Ethnic: "Thái", Commune: "Thanh Minh", Village: "Bản Huổi Só",
			Phone: "0900 000 001", Language: "tai", Note: "Đi làm nương xa, thường đến sau 8 giờ.",
		},
	}
}

func sampleDays(n int) []Day {
	var days []Day
	for i := range n {
		d := today - day.Day(n-1-i)
		mg, at := 70*unit.Milligram, typed.SampleAt(6, 40+i%15)-day.Instant(int64(n-1-i)*86_400_000)
		if n-1-i < 18 {
			mg = 85 * unit.Milligram
		}
		x := Day{Day: d, Mark: papers.Swallowed, Ordered: mg, Poured: mg, Volume: unit.Microlitre(mg / 10), Taken: mg, At: at, By: "Cà Thị Nhung"}
		switch n - 1 - i {
		case 24, 12:
			x = Day{Day: d, Mark: papers.Missed, Ordered: mg}
		case 9:
			x = Day{Day: d, Mark: papers.Held, Ordered: mg}
		case 7:
			x.Mark, x.Taken = papers.Part, 60*unit.Milligram
		case 4:
			x.Vomited = true
		}
		days = append(days, x)
	}
	return days
}

func sampleOrders() []Order {
	return []Order{
		{ID: "o4", State: Waiting, Amount: 90_000, Volume: 9_000, Phase: order.Maintenance, First: today + 9, Last: today + 38, Reason: "Đổ mồ hôi về sáng", WrittenBy: "BS. Điêu Văn Giả"},
		{ID: "o3", State: InForce, Amount: 85_000, Volume: 8_500, Phase: order.Maintenance, First: today - 17, Last: today + 8, Reason: "Còn thèm nhớ buổi tối", WrittenBy: "BS. Điêu Văn Giả", SignedBy: "BS. Điêu Văn Giả", Overrides: []order.Override{{Rule: "ORDER-27", Reason: "Đã khám và theo dõi tại trạm"}}},
		{ID: "o2", State: Stopped, Amount: 70_000, Volume: 7_000, Phase: order.Adjustment, First: today - 47, Last: today - 18, Reason: "", SignedBy: "BS. Điêu Văn Giả"},
		{ID: "o1", State: Ended, Amount: 60_000, Volume: 6_000, Phase: order.Induction, First: today - 90, Last: today - 48, Imported: true, SignedBy: "BS. Điêu Văn Giả"},
	}
}

func sampleEvents() []Event {
	at := func(back int) day.Instant { return typed.SampleAt(7, 5) - day.Instant(int64(back)*86_400_000) }
	return []Event{
		{Kind: EventNote, Day: today - 2, At: at(2), By: "Mùa A Thử", Text: "Ngủ tốt hơn. Vợ đi cùng, hỏi về lịch uống dịp Tết."},
		{Kind: EventVomited, Day: today - 4, At: at(4), By: "Cà Thị Nhung", N: 12, Text: "Nôn ở sân, có người thấy"},
		{Kind: EventReplacement, Day: today - 4, At: at(4), By: "BS. Điêu Văn Giả", Amount: 42_500},
		{Kind: EventPart, Day: today - 7, At: at(7), By: "Cà Thị Nhung", Amount: 60_000, Text: "Ho khi uống"},
		{Kind: EventReleased, Day: today - 9, At: at(9), By: "Cà Thị Nhung", Text: "Tỉnh, nói rõ, không muốn uống nữa"},
		{Kind: EventHeld, Day: today - 9, At: at(9), By: "Cà Thị Nhung", Code: string(dose.Asleep), Text: "Buồn ngủ, nói chậm"},
		{Kind: EventMissed, Day: today - 12, Code: string(dose.Absent)},
		{Kind: EventUrineClear, Day: today - 14, By: "Mùa A Thử"},
		{Kind: EventGap, Day: today - 23, At: at(23), By: "BS. Điêu Văn Giả", Code: string(dose.Same)},
		{Kind: EventUrineFound, Day: today - 40, By: "Mùa A Thử", Found: []string{"opiates", "benzodiazepines"}},
		{Kind: EventCorrected, Day: today - 41, At: at(41), By: "Cà Thị Nhung", Amount: 70_000, Text: "Ghi nhầm kết quả"},
	}
}

// SamplePage is a full record as a physician sees it.
func SamplePage(p *words.Printer) Page {
	now, who := sampleOrders()[1], samplePerson()
	who.Photo = samplePhoto
	return Page{
		Shell: typed.SampleShell(p, "patients", "/patient/p1", "Lò Văn Thương"), Patient: who, Order: &now, Strength: 10_000, Today: today,
		Span: 30, Days: sampleDays(30), Orders: sampleOrders(), Older: 7, Events: sampleEvents(), Can: Can{Write: true, Change: true, Note: true, End: true, Papers: true},
		Base: "/patient/p1", Opened: glass.SampleOpenings(p), Note: typed.Form{ID: "f1"}, Urine: typed.Form{ID: "f2"}, End: typed.Form{ID: "f3"}, Return: typed.Form{ID: "f4"}, Stop: typed.Form{ID: "f5"},
		Stability: stability.SampleToday(),
	}
}

// SampleUnder is the same record as a manager reads it in an emergency.
func SampleUnder(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Can, pg.Note, pg.Urine, pg.End, pg.Return, pg.Stop = Can{}, typed.Form{}, typed.Form{}, typed.Form{}, typed.Form{}, typed.Form{}
	pg.Base, pg.Shell = "/glass/p1/record", typed.SampleShell(p, "glass", "/glass/p1/record", "Lò Văn Thương")
	pg.Under = &Under{Until: typed.SampleAt(9, 40), Reason: pg.Opened[0].Reason, There: true}
	return pg
}

// samplePhoto is the address of a portrait of nobody.
const samplePhoto = "/patient/p1/photo/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// SamplePhotoPage is the page of somebody with a portrait; a newer one is being
// taken without the person's word.
func SamplePhotoPage(p *words.Printer) PhotoPage {
	pg := PhotoPage{
		Shell: typed.SampleShell(p, "patients", "/patient/p1/photo", p.T("patient.photo.title")), Patient: samplePerson(), Hash: "9f86d0", Since: today - 40, Record: true,
		Take: typed.Form{ID: "f1"}, Withdraw: typed.Form{ID: "f2"},
	}
	pg.Patient.Photo = samplePhoto
	no := p.Refusal(reason.Refuse("PATIENT-16"))
	pg.Take.Wrong("agreed", no.Text+" "+no.Do)
	return pg
}

// SamplePhotoNone is the same page of somebody of whom there is none.
func SamplePhotoNone(p *words.Printer) PhotoPage {
	pg := SamplePhotoPage(p)
	pg.Hash, pg.Patient.Photo, pg.Take = "", "", typed.Form{ID: "f1"}
	return pg
}

// SamplePhotoLost is the same page after a restore from an older copy.
func SamplePhotoLost(p *words.Printer) PhotoPage {
	pg := SamplePhotoPage(p)
	pg.Patient.Photo, pg.Lost = "", true
	return pg
}

// SampleLong is the same record over 90 days, with an order of another site that
// differs.
func SampleLong(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Span, pg.Days, pg.Stability = 90, sampleDays(90), stability.SampleLost()
	odds := reason.Refuse("ORDER-48", "one", 70*unit.Milligram, "one_last", today+12, "other", 85*unit.Milligram, "other_last", today+20, "amount", 70*unit.Milligram, "last", today+12)
	pg.Odds = &reason.Warning{Rule: odds.Rule, Args: odds.Args}
	now := *pg.Order
	now.Amount, now.Volume, now.Last = 70*unit.Milligram, 7_000, today+12
	pg.Order = &now
	return pg
}

// SampleNew is a person just registered, of whom nothing is known yet.
func SampleNew(p *words.Printer) Page {
	return Page{
		Shell:   typed.SampleShell(p, "patients", "/patient/p9", "Vàng Thị Mỷ"),
		Patient: Person{ID: "p9", Code: "TM-0065-C", Registered: today, Details: patient.Details{Name: "Vàng Thị Mỷ"}},
		NoOrder: reason.Refuse("ORDER-40"), Today: today, Span: 30, Days: make30(), Base: "/patient/p9",
	}
}

func make30() []Day {
	var days []Day
	for i := range 30 {
		days = append(days, Day{Day: today - day.Day(29-i)})
	}
	return days
}

// SampleLeft is a person whose treatment here ended, with a form gone wrong.
func SampleLeft(p *words.Printer) Page {
	pg := SamplePage(p)
	pg.Patient.Left, pg.Patient.LeftWhy, pg.Order = today-3, patient.Moved, nil
	pg.NoOrder = reason.Refuse("DOSE-01")
	pg.Events = append([]Event{{Kind: EventLeft, Day: today - 3, By: "BS. Điêu Văn Giả", Code: string(patient.Moved), Text: "Về ở với con"}}, pg.Events...)
	pg.Open = "urine"
	pg.Urine.Set("day", "31/02/2026")
	pg.Urine.Wrong("day", p.T("register.date_hint"))
	pg.Return.Refused = new(p.Refusal(reason.Refuse("PATIENT-11")))
	return pg
}

// SampleCard is a printed card.
func SampleCard(p *words.Printer) CardPage {
	const card = "T-4K7Q2M9X-B"
	qr, err := paper.QR(card)
	if err != nil {
		panic(err) // a constant text
	}
	bars, err := paper.Bars(card)
	if err != nil {
		panic(err)
	}
	return CardPage{Shell: typed.SampleShell(p, "patients", "/patient/p1", p.T("patient.card")), Code: "TM-0042-7", Card: card, Given: today, QR: qr, Bars: bars}
}
