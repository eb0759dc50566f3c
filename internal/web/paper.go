package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/web/pages/papers"
)

// How much a paper holds.
const (
	recordDays = 30 // days on a record sheet
	daysListed = 14 // recent days offered
	months     = 12 // of the stock book offered
	sheetSpare = 4  // empty lines on tomorrow's sheet
)

// papers is the page from which papers are chosen.
func (a *ask) papers() error {
	x := papers.Index{Shell: a.shell("papers", a.p.T("paper.index")), Today: a.c.Today(), Typed: a.v.query("day")}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		days, err := v.Days(daysListed)
		for _, d := range days {
			x.Days = append(x.Days, papers.Worked{Day: d.Day, Closed: d.ClosedAt != 0})
		}
		return err
	})
	if err != nil {
		return err
	}
	x.Day = x.Today
	if len(x.Days) > 0 {
		x.Day = x.Days[0].Day
	}
	if x.Typed != "" {
		d, err := day.ParseTyped(x.Typed)
		if x.NotFound = err != nil; err == nil {
			x.Day, x.Typed = d, d.Typed()
		}
	}
	first := firstOfMonth(x.Today)
	for range months {
		x.Months = append(x.Months, first)
		first = firstOfMonth(first - 1)
	}
	code := http.StatusOK
	if x.NotFound {
		code = http.StatusUnprocessableEntity
	}
	return a.show(code, papers.Choose(x))
}

func firstOfMonth(d day.Day) day.Day {
	_, _, dom := d.Civil()
	return d - day.Day(dom-1)
}

// head is the top of a paper about a day. What is printed of a closed day is as
// of its closing, so that a second copy is the same.
func (a *ask) head(v *clinicdb.View, d day.Day) (papers.Head, error) {
	s := a.c.Site()
	h := papers.Head{Site: s.Name, Programme: s.Programme, Day: d, AsOf: a.c.Head().LastHLC.Instant(), Open: true, Invented: s.Invented, Shell: a.shell("papers", "")}
	h.Shell.Path = "/papers?day=" + d.String()
	x, err := v.DayOf(d)
	switch {
	case err == nil && x.ClosedAt != 0:
		h.Open, h.AsOf = false, x.ClosedAt
	case err != nil && !isMissing(err):
		return h, err
	}
	return h, nil
}

// onDay is everything that was recorded about one day.
type onDay struct {
	day    day.Day
	people []clinicdb.Patient // who was in treatment or had a dose
	orders map[id.Patient][]order.Standing
	doses  map[id.Patient][]dose.Entry
	missed map[id.Patient]dose.MissedCause
	holds  map[id.Patient]clinicdb.Hold
}

func (a *ask) readDay(v *clinicdb.View, d day.Day) (onDay, error) {
	x := onDay{day: d, doses: map[id.Patient][]dose.Entry{}, missed: map[id.Patient]dose.MissedCause{}, holds: map[id.Patient]clinicdb.Hold{}}
	all, err := v.PatientsAll()
	if err != nil {
		return x, err
	}
	if x.orders, err = v.OrdersAround(d); err != nil {
		return x, err
	}
	doses, err := v.DosesOn(d)
	if err != nil {
		return x, err
	}
	missed, err := v.MissedOn(d)
	if err != nil {
		return x, err
	}
	holds, err := v.HoldsOn(d)
	if err != nil {
		return x, err
	}
	for _, e := range doses {
		x.doses[e.Patient] = append(x.doses[e.Patient], e)
	}
	for _, m := range missed {
		x.missed[m.Patient] = m.Cause
	}
	for _, h := range holds {
		x.holds[h.Patient] = h
	}
	for _, p := range all {
		here := p.Registered <= d && (p.InCare() || p.LeftDay > d)
		if _, was := x.missed[p.Patient]; here || was || len(x.doses[p.Patient]) > 0 {
			x.people = append(x.people, p)
		}
	}
	a.byName(x.people)
	return x, nil
}

// rows are a patient's lines of the register: one for the day, and one for each
// further dose.
func (a *ask) rows(x onDay, p clinicdb.Patient) []papers.RegisterRow {
	base := papers.RegisterRow{Code: p.Code, Name: p.Details.Name, Birth: p.Details.Birth, Mark: papers.Waiting}
	if o, no := order.InForce(x.orders[p.Patient], x.day); no == nil {
		base.Ordered = o.Amount
	} else {
		base.Mark = papers.NoOrder
	}
	if h, ok := x.holds[p.Patient]; ok && h.ReleasedAt == 0 {
		base.Mark, base.Why = papers.Held, joinedLines(h.Signs, h.Plan)
	}
	if cause, ok := x.missed[p.Patient]; ok {
		base.Mark = papers.MarkOfMissed(cause)
	}
	var list []papers.RegisterRow
	for i, e := range x.doses[p.Patient] {
		r := base
		r.Extra = e.Replaces != "" || i > 0
		if r.Extra {
			r.Ordered = 0
		}
		r.Mark, r.Why = papers.MarkOf(e.Outcome), ""
		if e.PouredAt == 0 {
			r.Mark = papers.Recorded
		}
		r.Poured, r.Volume, r.Taken, r.At, r.By = e.Amount, e.Volume, e.Taken, e.PouredAt, a.name(e.PouredBy)
		r.Vomited, r.VomitedMin, r.Corrected = e.VomitedMin >= 0, max(0, e.VomitedMin), e.Corrected
		r.Attested = e.Attested
		list = append(list, r)
	}
	if len(list) == 0 {
		list = append(list, base)
	}
	return list
}

func (a *ask) paperRegister() error {
	d, err := a.pathDay()
	if err != nil {
		return err
	}
	var r papers.Register
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if r.Head, err = a.head(v, d); err != nil {
			return err
		}
		x, err := a.readDay(v, d)
		if err != nil {
			return err
		}
		for _, p := range x.people {
			r.Rows = append(r.Rows, a.rows(x, p)...)
		}
		if r.Bottles, err = bottlesOf(v, d); err != nil {
			return err
		}
		if closed, err := v.DayOf(d); err == nil && closed.ClosedAt != 0 {
			r.Dispense, r.Witness = a.name(closed.ClosedBy), a.name(closed.Witness)
		} else if err != nil && !isMissing(err) {
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.print("register", d.String(), papers.RegisterPaper(a.p, r))
}

// bottlesOf are the bottles that were open on a day: where they began, what
// left them and what was measured.
func bottlesOf(v *clinicdb.View, d day.Day) ([]papers.BottleRow, error) {
	moves, err := v.Moves(d, d)
	if err != nil {
		return nil, err
	}
	wastes, err := v.WasteOn(d)
	if err != nil {
		return nil, err
	}
	days, err := v.BottleDays(d)
	if err != nil {
		return nil, err
	}
	var list []papers.BottleRow
	for _, x := range days {
		b := x.Bottle
		r := papers.BottleRow{Code: b.Code, Lot: b.Lot, Expiry: b.Expiry, Strength: b.Strength, Start: x.Start, Drawn: x.Poured, Book: x.Start - x.Poured}
		for _, m := range moves {
			if m.Bottle == b.Bottle {
				addMove(&r, m)
			}
		}
		for _, w := range wastes {
			if w.Bottle == b.Bottle {
				r.Wasted += w.Volume
				r.Drawn -= w.Volume
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// addMove takes a line of the day's stock book into its bottle. The book is
// what it was before a count.
func addMove(r *papers.BottleRow, m clinicdb.Move) {
	switch m.Kind {
	case "spilled":
		r.Spilled -= m.Volume
		r.Book += m.Volume
	case "back":
		r.Drawn -= m.Volume
		r.Book += m.Volume
	case "counted":
		r.Counted, r.Book, r.Measured, r.Why = true, m.Book, m.Book+m.Volume, m.Why
	}
}

func (a *ask) paperMissed() error {
	d, err := a.pathDay()
	if err != nil {
		return err
	}
	var x papers.Absent
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if x.Head, err = a.head(v, d); err != nil {
			return err
		}
		on, err := a.readDay(v, d)
		if err != nil {
			return err
		}
		for _, p := range on.people {
			cause, missed := on.missed[p.Patient]
			if x.Head.Open && len(on.doses[p.Patient]) == 0 {
				missed, cause = true, dose.Absent // not closed yet: who has not come so far
			}
			if !missed {
				continue
			}
			row := papers.AbsentRow{
				Code: p.Code, Name: p.Details.Name, Birth: p.Details.Birth, Phone: p.Details.Phone, Commune: p.Details.Commune, Village: p.Details.Village,
				Held: cause == dose.HeldBack,
			}
			last, ok, err := v.LastTaken(p.Patient, d)
			if err != nil {
				return err
			}
			if ok {
				row.Last, row.Days = last.Day, int(d-last.Day)
			}
			x.Rows = append(x.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.print("missed", d.String(), papers.AbsentPaper(a.p, x))
}

func (a *ask) paperRecords() error {
	d, err := a.pathDay()
	if err != nil {
		return err
	}
	var r papers.Records
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if r.Head, err = a.head(v, d); err != nil {
			return err
		}
		x, err := a.readDay(v, d)
		if err != nil {
			return err
		}
		for _, p := range x.people {
			s, err := a.recordSheet(v, p, d)
			if err != nil {
				return err
			}
			r.Sheets = append(r.Sheets, s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.print("record", d.String(), papers.RecordsPaper(a.p, r))
}

// paperRecord is the sheet of one patient, up to today.
func (a *ask) paperRecord() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.SeeRecord, p, "paper", "")
	if err != nil {
		return err
	}
	r := papers.Records{}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if r.Head, err = a.head(v, a.c.Today()); err != nil {
			return err
		}
		r.Head.Shell.Path = "/patient/" + string(p)
		s, err := a.recordSheet(v, row, a.c.Today())
		r.Sheets = []papers.Record{s}
		return err
	})
	if err != nil {
		return err
	}
	return a.print("record_one", string(p), papers.RecordsPaper(a.p, r))
}

// recordSheet is one patient's sheet of the days up to d.
func (a *ask) recordSheet(v *clinicdb.View, p clinicdb.Patient, d day.Day) (papers.Record, error) {
	s := papers.Record{Code: p.Code, Name: p.Details.Name, Birth: p.Details.Birth}
	h, err := readHistory(v, p, d, recordDays, true)
	if err != nil {
		return s, err
	}
	if in, no := order.InForce(h.orders, d); no == nil {
		s.Ordered, s.Phase, s.From, s.To, s.SignedBy = in.Amount, in.Phase, in.First, lastDay(in), a.name(in.SignedBy)
	}
	notes := map[day.Day][]string{}
	for _, e := range slices.Backward(a.eventsOf(h)) {
		if text := a.eventLine(e); text != "" {
			notes[e.Day] = append(notes[e.Day], text)
		}
	}
	for _, x := range slices.Backward(a.daysOf(h, d, recordDays)) {
		if x.Mark == "" && len(notes[x.Day]) == 0 {
			continue
		}
		row := papers.RecordDay{Day: x.Day, Mark: cmp.Or(x.Mark, papers.Waiting), Poured: x.Poured, Volume: x.Volume, Taken: x.Taken, At: x.At, By: x.By, Notes: notes[x.Day]}
		s.Days = append(s.Days, row)
	}
	return s, nil
}

func (a *ask) paperStock() error {
	first, err := day.Parse(a.r.PathValue("month") + "-01")
	if err != nil {
		return errMissing
	}
	last := min(firstOfMonth(first+31)-1, a.c.Today())
	b := papers.StockBook{}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if b.Head, err = a.head(v, first); err != nil {
			return err
		}
		b.Head.Shell.Path, b.Head.AsOf, b.Head.Open = "/papers", 0, last == a.c.Today()
		return a.stockBook(v, &b, first, last)
	})
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, papers.StockBookPaper(a.p, b))
}

// stockBook fills the page of a month: the balance brought forward, then each
// day's receipts, doses, losses and counts.
func (a *ask) stockBook(v *clinicdb.View, b *papers.StockBook, first, last day.Day) error {
	left, err := v.BookAt(first - 1)
	if err != nil {
		return err
	}
	moves, err := v.Moves(first, last)
	if err != nil {
		return err
	}
	drawn, err := v.Drawn(first, last)
	if err != nil {
		return err
	}
	strengths, err := v.Strengths()
	if err != nil {
		return err
	}
	if len(strengths) == 1 {
		b.Strength = strengths[0]
	}
	b.Lines = append(b.Lines, papers.StockLine{Day: first, Text: papers.Carried, Left: left})
	for d := first; d <= last; d++ {
		lines, err := a.stockDay(v, b, d, moves, drawn)
		if err != nil {
			return err
		}
		for _, l := range lines {
			left += l.In - l.Doses - l.Lost + l.Diff
			l.Left = left
			b.Lines = append(b.Lines, l)
		}
	}
	return nil
}

// stockDay are one day's lines, in the order of a day: bottles come, doses go,
// what was lost, what was measured.
func (a *ask) stockDay(v *clinicdb.View, b *papers.StockBook, d day.Day, moves []clinicdb.Move, drawn []clinicdb.DayDrawn) ([]papers.StockLine, error) {
	var in, out, counts []papers.StockLine
	doses := papers.StockLine{Day: d, Text: papers.DayDoses}
	for _, x := range drawn {
		if x.Day == d {
			doses.Doses = x.Volume
		}
	}
	for _, m := range moves {
		if m.Day != d {
			continue
		}
		found, err := v.Bottle(m.Bottle)
		if err != nil {
			return nil, err
		}
		if b.Product == "" {
			b.Product = found.Product
		}
		l := papers.StockLine{Day: d, Bottle: found.Code, By: a.name(m.By), Witness: a.name(m.Witness), Explains: m.Why}
		switch m.Kind {
		case "received":
			l.Text, l.In = papers.Received, m.Volume
			in = append(in, l)
		case "back":
			doses.Doses -= m.Volume
		case "spilled":
			l.Text, l.Lost = papers.Spill, -m.Volume
			out = append(out, l)
		case "counted":
			l.Text, l.Diff = papers.Count, m.Volume
			counts = append(counts, l)
		case "finished":
			l.Text = papers.Finished
			counts = append(counts, l)
		}
	}
	waste := papers.StockLine{Day: d, Text: papers.Waste}
	wastes, err := v.WasteOn(d)
	if err != nil {
		return nil, err
	}
	for _, w := range wastes {
		waste.Lost += w.Volume
		waste.Witness = a.name(w.Witness)
	}
	if doses.Doses -= waste.Lost; doses.Doses != 0 {
		in = append(in, doses)
	}
	if waste.Lost != 0 {
		in = append(in, waste)
	}
	return slices.Concat(in, out, counts), nil
}

// paperSheet is the sheet for a day without the PC. Its number holds the state
// of the journal it was made from: the same number is the same sheet.
func (a *ask) paperSheet() error {
	d, err := a.pathDay()
	if err != nil {
		return err
	}
	if d < a.c.Today() || d > a.c.Today()+7 {
		return errMissing // a sheet is for a day ahead; the past has its register
	}
	s := papers.Sheet{
		Number: string(a.c.Site().Site) + "-" + d.String() + "-" + strconv.FormatInt(a.c.Head().Size, 10), Spare: sheetSpare,
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if s.Head, err = a.head(v, d); err != nil {
			return err
		}
		s.Head.Open, s.Head.AsOf, s.Head.Shell.Path = false, a.c.Head().LastHLC.Instant(), "/papers"
		if s.Bottles, err = openBottles(v); err != nil {
			return err
		}
		s.Strength, s.Rows, err = a.sheetRows(v, d)
		return err
	})
	if err != nil {
		return err
	}
	return a.print("sheet", s.Number, papers.SheetPaper(a.p, s))
}

// sheetRows are the people of a day ahead, each as the rules see that day from
// today.
func (a *ask) sheetRows(v *clinicdb.View, d day.Day) (unit.Strength, []papers.SheetRow, error) {
	f, err := a.foresee(v, d)
	if err != nil {
		return 0, nil, err
	}
	people, err := v.PatientsInCare()
	if err != nil {
		return 0, nil, err
	}
	a.byName(people)
	var list []papers.SheetRow
	for _, p := range people {
		s, g := f.state(p), f.signs(p)
		if s.NotReady, err = clinic.Doubled(v, p.Patient, d); err != nil {
			return 0, nil, err
		}
		if s.NotReady != nil {
			s.Order, s.Ordered = "", 0 // a paper with an amount is taken for a dose
		}
		row := papers.SheetRow{
			Code: p.Code, Name: p.Details.Name, Birth: p.Details.Birth, Amount: s.Ordered, Volume: volumeOf(f.strength, s.Ordered), Last: s.LastTaken,
			LastAmount: s.LastAmount, Care: dose.Care(s, g, d, f.morning, f.limits, 3),
		}
		list = append(list, row)
	}
	return f.strength, list, nil
}

func openBottles(v *clinicdb.View) ([]papers.BottleRow, error) {
	all, err := v.OpenBottles()
	var list []papers.BottleRow
	for _, b := range all {
		list = append(list, papers.BottleRow{Code: b.Code, Lot: b.Lot, Expiry: b.Expiry, Strength: b.Strength, Book: b.Left})
	}
	return list, err
}

func (a *ask) paperCount() error {
	var c papers.CountSheet
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if c.Head, err = a.head(v, a.c.Today()); err != nil {
			return err
		}
		c.Head.Open = false
		c.Bottles, err = openBottles(v)
		return err
	})
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, papers.CountPaper(a.p, c))
}
