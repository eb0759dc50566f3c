package letters

import (
	"tram/internal/care/transfer"
	"tram/internal/day"
	"tram/internal/paper"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

const today = typed.SampleDay

// sampleLetter is a letter about an invented person.
var sampleLetter = transfer.Letter{
	ID: "0000000000000001", Patient: "p1", From: "MC", To: "TG", First: today + 1, Last: today + 7, Why: transfer.Visit,
	Carried: transfer.Carried{
		LastDay: today, LastAmount: 85_000, Amount: 85_000, Order: "o1", OrderLast: today + 3, Code: "MC-0042-K", Name: "Giàng A Thử",
		Birth: day.Partial{Year: 1982}, Sex: "m", Language: "en", Note: "nặng tai",
	},
}

// SamplePage has one letter of each kind.
func SamplePage(p *words.Printer) Page {
	l := Line{Letter: "l1", Name: "Giàng A Thử", Code: "MC-0042-K", Site: "Tà Giang", First: today, Last: today + 6, Why: transfer.Visit, On: today, ByHand: true}
	sealed := l
	sealed.Name, sealed.Text = "", "TRAM1:ABC."
	return Page{
		Shell: typed.SampleShell(p, "letters", "/letters", p.T("letters.title")), Can: true, Take: typed.Form{ID: "f1"},
		Offered: []Line{sealed}, Waiting: []Line{l}, Open: []Line{l}, Taken: []Line{l},
	}
}

// SampleRefused is the page after a letter that is for another site.
func SampleRefused(p *words.Printer) Page {
	pg := Page{Shell: typed.SampleShell(p, "letters", "/letters", p.T("letters.title")), Can: true, Take: typed.Form{ID: "f1"}}
	said := p.Refusal(reason.Refuse("TRANSFER-13", "site", "NS"))
	pg.Take.Refused = &said
	return pg
}

// SampleReading is a letter before it is taken.
func SampleReading(p *words.Printer) Reading {
	return Reading{
		Shell: typed.SampleShell(p, "letters", "/letters", p.T("letters.read_title")), Form: typed.Form{ID: "f1"}, Text: "TRAM1:ABC.", From: "Mường Chà",
		Letter: sampleLetter, Volume: 8_500, Known: true, Late: true,
	}
}

// SampleSending is the form for someone who came by letter.
func SampleSending(p *words.Printer) Sending {
	return Sending{
		Shell: typed.SampleShell(p, "patients", "/patients", p.T("letters.send")), Patient: "p1", Name: "Giàng A Thử", Code: "MC-0042-K",
		Sites: []ui.Option{{Value: "MC", Label: "Mường Chà"}}, Form: typed.Form{ID: "f1"}, Back: "Mường Chà", Limits: transfer.Proposed, Today: today,
	}
}

// SamplePaper is a printed letter.
func SamplePaper(p *words.Printer) Paper {
	qr, err := paper.LetterQR("TRAM1:ABC.")
	if err != nil {
		panic(err) // a constant text
	}
	return Paper{
		Shell: typed.SampleShell(p, "letters", "/letters", p.T("letters.title")), P: p, Patient: p, From: "Mường Chà", To: "Tà Giang", Letter: sampleLetter,
		Issued: today, Signed: "BS Hoàng Văn Lâm", QR: qr, Short: "MC TG 7\n0ABCD EFGHJ KMNPQ\n1RSTV WXYZ0 12345",
	}
}
