package web

import (
	"net/http"
	"slices"
	"strings"

	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/closing"
	"tram/internal/web/pages/opening"
	"tram/internal/web/pages/typed"
)

// day goes to what the day needs next: to be opened, to be closed, or the
// papers of a day that is over.
func (a *ask) day() error {
	to := "/day/open"
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		open, ok, err := v.OpenDay()
		if err != nil {
			return err
		}
		again, err := a.c.NeedsWord(v)
		if err != nil {
			return err
		}
		again = again || a.c.Born() != nil
		last, err := v.LastClosed()
		switch today := a.c.Today(); {
		case ok && open.Day == today && again:
			to = "/day/open"
		case ok && open.Day != day.Never:
			to = "/day/close?day=" + open.Day.String()
		case last == today:
			to = "/day/closed/" + today.String()
		}
		return err
	})
	if err != nil {
		return err
	}
	http.Redirect(a.w, a.r, to, http.StatusSeeOther)
	return nil
}

func (a *ask) openDay() error { return a.showOpening(a.fresh(), a.fresh()) }

// showOpening shows where the morning stands.
func (a *ask) showOpening(confirm, bottle typed.Form) error {
	pg := opening.Page{
		Shell: a.shell("day", a.p.T("daybook.open_title")), Today: a.c.Today(), Confirm: confirm, Bottle: bottle, Second: a.v.second(),
	}
	if b := a.c.Born(); b != nil {
		pg.Birth = &opening.Birth{Entries: int(b.OfSize), Baton: b.Baton != nil, Whole: b.Whole}
	}
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		if err := dayStands(v, &pg); err != nil {
			return err
		}
		var err error
		if pg.Again, err = a.c.NeedsWord(v); err != nil {
			return err
		}
		if pg.Letters, err = a.c.Unaccounted(v); err != nil {
			return err
		}
		if pg.Baton, pg.Alone, err = a.c.Witnessed(v); err != nil {
			return err
		}
		all, err := v.Bottles()
		if err != nil {
			return err
		}
		for _, b := range all {
			x := opening.Bottle{
				ID: b.Bottle, Code: b.Code, Lot: b.Lot, Product: b.Product, Expiry: b.Expiry, Strength: b.Strength, Left: b.Left, Expired: b.Expiry < pg.Today,
			}
			if b.Opened != day.Never {
				pg.Open = append(pg.Open, x)
			} else {
				pg.Sealed = append(pg.Sealed, x)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if pg.Opened {
		q, err := a.c.Queue(a.ctx(), a.by)
		if err != nil {
			return err
		}
		pg.Needed = q.Needed
	}
	return a.show(status(confirm, bottle), opening.Show(pg))
}

// dayStands reads how today stands to the days worked before.
func dayStands(v *clinicdb.View, pg *opening.Page) error {
	open, ok, err := v.OpenDay()
	if err != nil {
		return err
	}
	switch {
	case ok && open.Day == pg.Today:
		pg.Opened = true
	case ok:
		pg.Stale = open.Day
	}
	days, err := v.Days(2)
	if err != nil {
		return err
	}
	state := daybook.State{}
	for _, d := range days {
		state.Newest = max(state.Newest, d.Day)
		if d.Day == pg.Today {
			pg.Closed = d.ClosedAt != 0
			continue
		}
		pg.Last = max(pg.Last, d.Day)
	}
	pg.Jump, pg.Back = state.Jumps(pg.Today), pg.Today < state.Newest
	return nil
}

func (a *ask) postOpenDay() error {
	f := a.typed("typed", "second")
	shown, err := day.Parse(a.val("day"))
	if err != nil {
		return reason.Refuse("DAY-03", "shown", shown, "today", a.c.Today())
	}
	cmd := daybook.Open{Day: shown}
	if a.val("typed") != "" {
		cmd.Typed = a.date(&f, "typed")
	}
	if !f.Bad() {
		if _, err := a.c.OpenDay(a.ctx(), a.by, f.ID, cmd, a.witness(), a.say()); err == nil {
			return a.done("/day/open", "daybook.done.open", "day", shown)
		} else if !a.refused(&f, err, "second_pin") {
			return err
		}
	}
	return a.showOpening(f, a.fresh())
}

// say is what people say at an opening besides the date.
func (a *ask) say() clinic.Say { return clinic.Say{OnlyPC: a.val("only_pc") == "yes"} }

// postRestored records what two people say of a restore.
func (a *ask) postRestored() error {
	f := a.typed("typed", "second")
	said := a.keep(&f, "said")
	say := clinic.BirthSay{Day: a.date(&f, "typed"), NotWithout: slices.Contains(said, "not_without"), OnlyBaton: slices.Contains(said, "only_baton")}
	if !f.Bad() {
		got, err := a.c.RecordBirth(a.ctx(), a.by, f.ID, say, a.witness())
		switch {
		case err == nil && got.Complete:
			return a.done("/day/open", "daybook.done.restored")
		case err == nil:
			return a.done("/day/open", "daybook.done.fenced", "day", got.Fence+1)
		case !a.refused(&f, err, "second_pin"):
			return err
		}
	}
	return a.showOpening(f, a.fresh())
}

// postAccount records what people found out about letters that a restored site
// may have forgotten.
func (a *ask) postAccount() error {
	f := a.typed("found", "note", "second")
	sources, whole := a.keep(&f, "sources"), a.keep(&f, "whole")
	say := clinic.Accounting{Sources: sources, Whole: slices.Contains(whole, "yes"), Note: a.val("note")}
	var no *reason.Refusal
	if say.Found, no = foundLetters(a.val("found")); no != nil {
		said := a.p.Refusal(no)
		f.Wrong("found", said.Text+" "+said.Do)
	}
	if !f.Bad() {
		got, err := a.c.Account(a.ctx(), a.by, f.ID, say, a.witness())
		if err == nil {
			return a.done("/day/open", "daybook.done.letters", "n", len(got.Found), "day", got.Day+1)
		}
		if no := a.v.refusal(err); no != nil && reason.Rule(err) == "INST-16" { // somebody else was first: the form is gone
			a.v.flash("stop", no.Text+" "+no.Do)
			return a.v.seeOther("/day/open")
		}
		if !a.refused(&f, err, "second_pin") {
			return err
		}
	}
	return a.showOpening(f, a.fresh())
}

// foundLetters reads one letter a line: the patient's code, the site it went
// to, its first day, and its last one unless it was for good.
func foundLetters(text string) (out []clinic.FoundLetter, no *reason.Refusal) {
	for n, line := range strings.Split(text, "\n") {
		parts := strings.Fields(line)
		if len(parts) == 0 {
			continue
		}
		l := clinic.FoundLetter{Line: n + 1, Code: parts[0]}
		bad := len(parts) < 3 || len(parts) > 4
		for i, part := range parts[1:] {
			switch d, err := day.ParseTyped(part); {
			case i == 0:
				l.To = id.Site(strings.ToUpper(part))
			case err != nil:
				bad = true
			case i == 1:
				l.First = d
			case i == 2:
				l.Last = d
			}
		}
		if bad || l.Last != day.Never && l.Last < l.First {
			return nil, reason.Refuse("INST-19", "line", l.Line)
		}
		out = append(out, l)
	}
	return out, nil
}

// postConfirmDate records two people's word for the open day's date once more.
func (a *ask) postConfirmDate() error {
	f := a.typed("second")
	shown, err := day.Parse(a.val("day"))
	if err != nil {
		return reason.Refuse("DAY-03", "shown", shown, "today", a.c.Today())
	}
	if _, err := a.c.ConfirmDate(a.ctx(), a.by, f.ID, shown, a.say(), a.witness()); err == nil {
		return a.done("/window", "daybook.done.confirm", "day", shown)
	} else if !a.refused(&f, err, "second_pin") {
		return err
	}
	return a.showOpening(f, a.fresh())
}

func (a *ask) postOpenBottle() error {
	f := a.typed("code", "choose", "second")
	code := a.val("code")
	if code == "" {
		code = a.val("choose")
	}
	var found stock.Bottle
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		found, err = v.BottleByCode(code)
		return err
	})
	if err != nil {
		f.Wrong("code", a.p.Refusal(reason.Refuse("STOCK-16")).Text)
		return a.showOpening(a.fresh(), f)
	}
	if _, err = a.c.OpenBottle(a.ctx(), a.by, f.ID, found.Bottle, a.witness()); err == nil {
		return a.done("/day/open", "daybook.done.bottle", "code", found.Code)
	}
	if !a.refused(&f, err, "second_pin") {
		return err
	}
	return a.showOpening(a.fresh(), f)
}

// closingForms are the forms of the closing; answer belongs to one question.
type closingForms struct {
	close, answer typed.Form
	dose          id.Dose
	typed         map[id.Bottle]unit.Microlitre // what was measured, where it could be read
	explain       bool
}

func (a *ask) closeDay() error {
	d := a.c.Today()
	if s := a.v.query("day"); s != "" {
		var err error
		if d, err = day.Parse(s); err != nil {
			return errMissing
		}
	}
	return a.showClosing(d, closingForms{close: a.fresh()})
}

func (a *ask) showClosing(d day.Day, f closingForms) error {
	c, err := a.c.Closing(a.ctx(), d)
	if err != nil {
		return err
	}
	pg := closing.Page{
		Shell: a.shell("day", a.p.T("daybook.close_title")), Day: d, Today: a.c.Today(), Expected: c.Expected, Dosed: c.Dosed, Held: c.Held,
		Form: f.close, Explain: f.explain, Second: a.v.second(),
	}
	pg.Tolerance, pg.Known = a.c.Book().CountTolerance()
	for _, m := range c.Missing {
		pg.Missing = append(pg.Missing, missingLine(m, d))
	}
	for _, b := range c.Bottles {
		x := closing.Bottle{ID: b.Bottle, Code: b.Code, Lot: b.Lot, Strength: b.Strength, Book: b.Left}
		if v, ok := f.typed[b.Bottle]; ok {
			x.Measured, x.Differs = v, v != b.Left
		}
		pg.Bottles = append(pg.Bottles, x)
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		open, ok, err := v.OpenDay()
		if err != nil {
			return err
		}
		if !ok || open.Day != d {
			return reason.Refuse("DAY-01")
		}
		pg.Questions, err = a.questions(v, c.Questions, f)
		return err
	})
	if err != nil {
		return err
	}
	return a.show(status(f.close, f.answer), closing.Show(pg))
}

func missingLine(m clinic.Missing, d day.Day) closing.Missing {
	x := closing.Missing{ID: m.Patient.Patient, Name: m.Patient.Details.Name, Code: m.Patient.Code, Phone: m.Patient.Details.Phone, Cause: m.Cause}
	if last := m.Patient.LastDay; last != day.Never && last < d {
		x.Days = int(d - last)
	}
	return x
}

// questions are the poured doses nobody answered for, with their forms.
func (a *ask) questions(v *clinicdb.View, all []dose.Entry, f closingForms) ([]closing.Question, error) {
	var list []closing.Question
	for _, e := range all {
		row, err := v.Patient(e.Patient)
		if err != nil {
			return nil, err
		}
		q := closing.Question{
			Dose: e.Dose, Patient: e.Patient, Name: row.Details.Name, Code: row.Code, Amount: e.Amount, Volume: e.Volume, At: e.PouredAt,
			By: a.name(e.PouredBy), Form: a.fresh(),
		}
		if e.Dose == f.dose {
			q.Form = f.answer
		}
		list = append(list, q)
	}
	return list, nil
}

func (a *ask) postAnswer() error {
	s, err := a.pathID()
	if err != nil {
		return err
	}
	d, err := day.Parse(a.val("day"))
	if err != nil {
		return errMissing
	}
	f := closingForms{close: a.fresh(), dose: id.Dose(s), answer: a.typed("outcome", "note", "second")}
	cmd := dose.Answer{Dose: f.dose, Outcome: dose.Outcome(a.val("outcome")), Note: a.val("note")}
	if _, err = a.c.AnswerDose(a.ctx(), a.by, f.answer.ID, cmd, a.witness()); err == nil {
		return a.done("/day/close?day="+d.String(), "daybook.done.answer")
	}
	if !a.refused(&f.answer, err, "second_pin") {
		return err
	}
	return a.showClosing(d, f)
}

func (a *ask) postCloseDay() error {
	d, err := day.Parse(a.val("day"))
	if err != nil {
		return errMissing
	}
	c, err := a.c.Closing(a.ctx(), d)
	if err != nil {
		return err
	}
	f := closingForms{close: a.typed("second"), typed: map[id.Bottle]unit.Microlitre{}}
	var counts []clinic.Count
	for _, b := range c.Bottles {
		measured, why := "measured-"+string(b.Bottle), "why-"+string(b.Bottle)
		f.close.Set(measured, a.val(measured))
		f.close.Set(why, a.val(why))
		v := a.ml(&f.close, measured, true)
		if f.close.Errors[measured] != "" {
			continue
		}
		f.typed[b.Bottle] = v
		counts = append(counts, clinic.Count{Bottle: b.Bottle, Measured: v, Why: a.val(why)})
	}
	if !f.close.Bad() {
		if err = a.c.CheckPIN(a.ctx(), a.by.Person, a.val("pin")); err != nil && !a.refused(&f.close, err, "pin") {
			return err
		}
	}
	if !f.close.Bad() {
		if _, err = a.c.CloseDay(a.ctx(), a.by, f.close.ID, d, counts, a.witness()); err == nil {
			http.Redirect(a.w, a.r, "/day/closed/"+d.String(), http.StatusSeeOther)
			return nil
		}
		f.explain = reason.Rule(err) == "STOCK-13"
		if !a.refused(&f.close, err, "second_pin") {
			return err
		}
	}
	return a.showClosing(d, f)
}

// pathDay is a day of the address, or not found.
func (a *ask) pathDay() (day.Day, error) {
	d, err := day.Parse(a.r.PathValue("day"))
	if err != nil {
		return 0, errMissing
	}
	return d, nil
}

// closedDay shows a closed day with its papers.
func (a *ask) closedDay() error {
	d, err := a.pathDay()
	if err != nil {
		return err
	}
	r := closing.Result{Shell: a.shell("day", a.p.T("daybook.closed_title")), Day: d, Tomorrow: d + 1}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		x, err := v.DayOf(d)
		if err != nil {
			return err
		}
		if x.ClosedAt == 0 {
			return errMissing
		}
		r.Expected, r.Dosed, r.Missed, r.Held = x.Expected, x.Dosed, x.Missed, x.Held
		r.ClosedAt, r.ClosedBy, r.Witness = x.ClosedAt, a.name(x.ClosedBy), a.name(x.Witness)
		r.Counts, err = counted(v, d)
		return err
	})
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, closing.Done(r))
}

// counted are the counts of a day; a bottle that was counted twice shows its
// last count.
func counted(v *clinicdb.View, d day.Day) ([]closing.Counted, error) {
	moves, err := v.Moves(d, d)
	if err != nil {
		return nil, err
	}
	var list []closing.Counted
	for _, m := range moves {
		if m.Kind != "counted" {
			continue
		}
		b, err := v.Bottle(m.Bottle)
		if err != nil {
			return nil, err
		}
		x := closing.Counted{Code: b.Code, Strength: b.Strength, Book: m.Book, Measured: m.Book + m.Volume, Why: m.Why}
		list = slices.DeleteFunc(list, func(y closing.Counted) bool { return y.Code == x.Code })
		list = append(list, x)
	}
	return list, nil
}
