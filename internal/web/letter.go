package web

import (
	"context"
	"errors"
	"net/http"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/care/transfer"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/letter"
	"tram/internal/paper"
	"tram/internal/reason"
	"tram/internal/unit"
	page "tram/internal/web/pages/letters"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

func (m *more) letterRoutes() []route {
	return []route{
		{pattern: "GET /letters", action: access.TakeLetter, handle: m.ask((*ask).letters)},
		{pattern: "POST /letters/read", action: access.TakeLetter, handle: m.ask((*ask).postReadLetter)},
		{pattern: "POST /letters/take", action: access.TakeLetter, handle: m.ask((*ask).postTakeLetter)},
		{pattern: "GET /patient/{id}/letter", action: access.SendLetter, handle: m.ask((*ask).sendLetter)},
		{pattern: "POST /patient/{id}/letter", action: access.SendLetter, handle: m.ask((*ask).postSendLetter)},
		{pattern: "GET /letter/{id}", action: access.SendLetter, handle: m.ask((*ask).printLetter)},
		{pattern: "POST /me/key", action: access.SendLetter, handle: m.ask((*ask).postMyKey)},
	}
}

// lettersTaken is how many letters taken here the page lists.
const lettersTaken = 30

func (a *ask) letters() error { return a.showLetters(a.fresh()) }

func (a *ask) showLetters(take typed.Form) error {
	pg := page.Page{Shell: a.shell("letters", a.p.T("letters.title")), Take: take, Can: a.may(access.TakeLetter, access.NoPatient)}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		dir, err := v.Directory()
		if err != nil {
			return err
		}
		for _, x := range []struct {
			to   *[]page.Line
			read func() ([]clinicdb.Letter, error)
		}{
			{&pg.Offered, func() ([]clinicdb.Letter, error) { return v.LettersOffered(a.c.Today()) }},
			{&pg.Waiting, v.LettersWaiting},
			{&pg.Open, func() ([]clinicdb.Letter, error) { return v.LettersOpen(a.c.Today()) }},
			{&pg.Taken, func() ([]clinicdb.Letter, error) { return v.LettersIn(lettersTaken) }},
		} {
			found, err := x.read()
			if err != nil {
				return err
			}
			for _, l := range found {
				line, err := letterLine(v, dir, l)
				if err != nil {
					return err
				}
				*x.to = append(*x.to, line)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.show(status(take), page.Show(pg))
}

func letterLine(v *clinicdb.View, dir programme.Directory, l clinicdb.Letter) (page.Line, error) {
	line := page.Line{
		Letter: l.Letter, Site: siteName(dir, l.Site), First: l.Span.First, Last: l.Span.Last, Why: l.Why, On: l.Day, ByHand: l.ByHand,
	}
	if l.Way == "offer" {
		line.Text = letter.Text(l.Bytes)
	}
	row, err := v.Patient(l.Patient)
	if errors.Is(err, clinicdb.ErrNotFound) {
		return line, nil
	}
	line.Name, line.Code = row.Details.Name, row.Code
	return line, err
}

// siteName is a site's name as the programme knows it, or its code.
func siteName(dir programme.Directory, s id.Site) string {
	if x, ok := dir.Site(s); ok && x.Name != "" {
		return x.Name
	}
	return string(s)
}

// letterText is the text of a letter as a scanner, a hand or this program's own
// list sent it. It is not trimmed: its last sign may be a blank.
func (a *ask) letterText() string { return a.r.PostFormValue("letter") }

func (a *ask) postReadLetter() error {
	text := a.letterText()
	r, err := a.c.ReadLetter(a.ctx(), a.by, text)
	if err != nil {
		f := a.fresh()
		if !a.refused(&f, err, "pin") {
			return err
		}
		return a.showLetters(f)
	}
	return a.showReading(text, r, a.fresh())
}

func (a *ask) showReading(text string, r clinic.ReadLetter, f typed.Form) error {
	pg := page.Reading{
		Shell: a.shell("letters", a.p.T("letters.read_title")), Form: f, Text: text, Letter: r.Letter,
		Late: r.Letter.Amount > 0 && r.Letter.Last != day.Never && r.Letter.OrderLast < r.Letter.Last,
	}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		dir, err := v.Directory()
		if err != nil {
			return err
		}
		pg.From = siteName(dir, r.Letter.From)
		if _, err = v.Patient(r.Letter.Patient); err == nil {
			pg.Known = true
		} else if !errors.Is(err, clinicdb.ErrNotFound) {
			return err
		}
		pg.Volume, err = openVolume(v, r.Letter.Amount)
		return err
	})
	if err != nil {
		return err
	}
	return a.show(status(f), page.Read(pg))
}

// openVolume is an amount in the strength of the open bottle; 0 when none is
// open or it cannot be measured.
func openVolume(v *clinicdb.View, g unit.Microgram) (unit.Microlitre, error) {
	open, err := v.OpenBottles()
	if err != nil || len(open) == 0 || g <= 0 {
		return 0, err
	}
	vol, err := open[0].Strength.Volume(g)
	if err != nil {
		return 0, nil // not a volume that can be measured: mg alone, and a sentence
	}
	return vol, nil
}

func (a *ask) postTakeLetter() error {
	f, text := a.typed(), a.letterText()
	got, err := a.c.TakeLetter(a.ctx(), a.by, f.ID, text, "")
	if err != nil {
		if !a.refused(&f, err, "pin") {
			return err
		}
		if r, rerr := a.c.ReadLetter(a.ctx(), a.by, text); rerr == nil {
			return a.showReading(text, r, f)
		}
		return a.showLetters(f)
	}
	a.v.seat.serve(got.Patient)
	return a.done("/window", "letters.taken_done", "name", got.Name, "days", page.Span(a.p, got.First, got.Last))
}

func (a *ask) sendLetter() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.fresh()
	a.fillLetter(&f)
	return a.showSending(p, f)
}

func (a *ask) showSending(p id.Patient, f typed.Form) error {
	row, err := a.c.See(a.ctx(), a.by, access.SendLetter, p, "letter", "")
	if err != nil {
		return err
	}
	pg := page.Sending{
		Shell: a.shell("patients", a.p.T("letters.send")), Patient: p, Name: row.Details.Name, Code: row.Code, Form: f, Limits: transfer.Proposed, Today: a.c.Today(),
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		dir, err := v.Directory()
		if err != nil {
			return err
		}
		h, err := v.Holding(p)
		if err != nil {
			return err
		}
		back := cameFrom(h, a.c.Today())
		if back != "" {
			pg.Back = siteName(dir, back)
		}
		for _, s := range dir.Sites() {
			if s.Site != a.c.Site().Site {
				pg.Sites = append(pg.Sites, ui.Option{Value: string(s.Site), Label: s.Name})
			}
		}
		if back != "" && f.Values["to"] == "" {
			pg.Form.Set("to", string(back))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.show(status(f), page.Send(pg))
}

// cameFrom is the site whose letter gave the days that are held now, "" where
// the person is at home.
func cameFrom(h transfer.Holding, today day.Day) id.Site {
	for n := len(h.In) - 1; n >= 0; n-- {
		if in := h.In[n]; !in.Span.Past(today) {
			return in.From
		}
	}
	return ""
}

func (a *ask) postSendLetter() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed("why", "to", "first", "last")
	cmd := clinic.Send{Patient: p, To: id.Site(a.val("to")), Why: transfer.Why(a.val("why")), PIN: a.r.PostFormValue("pin")}
	if cmd.Why == "" {
		f.Wrong("why", a.p.T("window.error.choose"))
	}
	if cmd.Why != transfer.Back {
		cmd.First = a.date(&f, "first")
		if a.val("last") != "" {
			cmd.Last = a.date(&f, "last")
		}
	}
	if f.Bad() {
		return a.showSending(p, f)
	}
	g, err := a.c.SendLetter(a.ctx(), a.by, f.ID, cmd)
	if err != nil {
		if !a.refused(&f, err, "pin") {
			return err
		}
		return a.showSending(p, f)
	}
	if sync := a.v.s.opts.Sync; sync != nil {
		sync.Hurry()
	}
	switch _, err := a.c.LetterToShow(a.ctx(), a.by, g.Letter); {
	case reason.Rule(err) == "TRANSFER-09":
		return a.done("/letters", "letters.sent_waits")
	case err != nil:
		return err
	}
	return a.done("/letter/"+string(g.Letter), "letters.sent_done")
}

// printLetter shows a letter as it is printed: in the language of the site it
// goes to, and in the patient's where there is one.
func (a *ask) printLetter() error {
	s, err := a.pathID()
	if err != nil {
		return err
	}
	l, err := a.c.LetterToShow(a.ctx(), a.by, id.Letter(s))
	if err != nil {
		return err
	}
	pg := page.Paper{Shell: a.shell("letters", a.p.T("letters.title")), From: a.c.Site().Name, Issued: l.Day, Signed: a.name(l.By)}
	pg.Shell.Path = "/letters"
	if pg.QR, err = paper.LetterQR(letter.Text(l.Bytes)); err != nil {
		return err
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error { return a.letterPaper(v, l, &pg) })
	if err != nil {
		return err
	}
	return a.print("letter", string(l.Letter), page.Print(pg))
}

func (a *ask) letterPaper(v *clinicdb.View, l clinicdb.Letter, pg *page.Paper) error {
	dir, err := v.Directory()
	if err != nil {
		return err
	}
	to, _ := dir.Site(l.Site)
	pg.To = siteName(dir, l.Site)
	pg.P = a.inLanguage(to.Language)
	row, err := v.Patient(l.Patient)
	if err != nil {
		return err
	}
	pg.Patient = a.inLanguage(row.Details.Language)
	pg.Letter, pg.Short, err = a.c.LetterSays(v, l)
	return err
}

// inLanguage speaks a language where the program has it, and the reader's where
// not.
func (a *ask) inLanguage(lang string) *words.Printer {
	for _, l := range a.v.s.words.Langs() {
		if l == lang {
			return a.v.s.words.For(lang).In(a.c.Zone())
		}
	}
	return a.p
}

// where says for the record's page where the person is dosed today, nil at a
// site of its own.
func (a *ask) where(v *clinicdb.View, p id.Patient, today day.Day) (text string, err error) {
	many, err := v.Manyfold()
	if err != nil || !many {
		return "", err
	}
	h, err := v.Holding(p)
	if err != nil {
		return "", err
	}
	dir, err := v.Directory()
	if err != nil {
		return "", err
	}
	for _, s := range h.Days {
		if s.Has(today) {
			return a.p.T("letters.here_today"), nil
		}
	}
	for n := len(h.Out) - 1; n >= 0; n-- {
		if h.Out[n].Span.Has(today) {
			return a.p.T("letters.away_today", "site", siteName(dir, h.Out[n].To)), nil
		}
	}
	return a.p.T("letters.nowhere_today"), nil
}

// manyfold says whether the site is one of several, for what the pages offer.
func (v *visit) manyfold() bool {
	many := false
	err := v.s.clinic.View(context.WithoutCancel(v.r.Context()), func(view *clinicdb.View) (err error) {
		many, err = view.Manyfold()
		return err
	})
	return err == nil && many // a page that could not ask offers less, and its own reading tells the fault
}

func (a *ask) postMyKey() error {
	f := a.typed()
	_, err := a.c.MakeSigningKey(a.ctx(), a.by, f.ID, a.r.PostFormValue("pin"))
	if err == nil {
		return a.done("/me", "me.key_done")
	}
	if !a.refused(&f, err, "pin") {
		return err
	}
	return a.showMine(a.fresh(), a.fresh(), f, http.StatusUnprocessableEntity)
}
