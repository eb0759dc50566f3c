package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/web/pages/window"
	"tram/internal/web/ui"
	"tram/internal/words"
)

func (s *Server) windowRoutes() []route {
	out := []route{
		{pattern: "GET /window", action: access.SeeWindow, handle: (*visit).window},
		{pattern: "GET /window/lists", action: access.SeeWindow, quiet: true, handle: (*visit).windowLists},
		{pattern: "POST /window/find", action: access.SeeWindow, handle: (*visit).postFind},
		{pattern: "POST /window/open", action: access.SeeWindow, handle: (*visit).postOpen},
		{pattern: "POST /window/close", action: access.SeeWindow, handle: (*visit).postClose},
		{pattern: "POST /window/pour", action: access.ServeDose, handle: (*visit).postPour},
		{pattern: "POST /window/swallowed", action: access.ServeDose, handle: (*visit).postSwallowed},
	}
	for _, a := range acts {
		out = append(out, route{pattern: "POST /window/" + string(a.kind), action: a.action, handle: func(v *visit) error { return v.postAct(a) }})
	}
	return out
}

// window shows the queue and who is being served. The page's own question
// after somebody recorded something is no sign of a person.
func (v *visit) window() error {
	v.seat.turn(v.query("list"))
	var act *window.Act
	if k := window.Kind(v.query("do")); slices.Contains(window.Kinds, k) {
		act = &window.Act{Kind: k, Form: v.newForm()}
	}
	return v.showWindow(http.StatusOK, act)
}

func (v *visit) showWindow(status int, act *window.Act) error {
	q, err := v.s.clinic.Queue(v.r.Context(), v.by)
	if err != nil {
		return err
	}
	g := window.Page{
		Day:  window.Day{Open: q.Open, Closed: q.Closed, Stale: q.Stale, Opens: v.can(access.OpenDay)},
		Form: v.newForm(), Serves: v.can(access.ServeDose),
	}
	if p := v.seat.open(); p != "" {
		at, err := v.s.clinic.Identify(v.r.Context(), v.by, p)
		said := v.refusal(err)
		switch {
		case err != nil && said == nil:
			return err
		case err != nil:
			v.seat.serve("")
			v.flash("stop", said.Text+" "+said.Do)
		default:
			g.Pane = v.pane(at, q)
			v.openAct(&g, act, q)
		}
	} else if text := v.seat.searched(); text != "" {
		if g.Find, err = v.found(text, q); err != nil {
			return err
		}
	}
	g.Lists = v.lists(q)
	g.Shell = v.shell(v.p.T("window.title"), "window")
	g.Shell.Path, g.Shell.Wide = "/window", true
	return v.show(status, window.Show(g))
}

// windowLists is the part of the page that refreshes itself.
func (v *visit) windowLists() error {
	q, err := v.s.clinic.Queue(v.r.Context(), v.by)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, window.Queue(v.p, v.lists(q)))
}

// tabOf is the list in which a patient stands.
func tabOf(s clinic.Status) window.Tab {
	switch s {
	case clinic.Done, clinic.NotGiven:
		return window.Came
	case clinic.Poured, clinic.Question:
		return window.Waiting
	case clinic.Holding:
		return window.Held
	case clinic.ToCome:
	}
	return window.ToCome
}

// lists is the queue with its figures, one list of it in full.
func (v *visit) lists(q clinic.Queue) window.Lists {
	l := window.Lists{
		Here: window.Tab(v.seat.turn("")), Counts: map[window.Tab]int{}, Left: q.Left, Needed: q.Needed, Bottle: len(q.Bottles) > 0,
		Expected: len(q.Rows), Done: q.Count(clinic.Done), Open: v.seat.open(), Form: v.newForm(),
	}
	if !slices.Contains(window.Tabs, l.Here) {
		l.Here = window.ToCome
	}
	for _, r := range q.Rows {
		t := tabOf(r.Status)
		l.Counts[t]++
		if t == l.Here {
			l.Rows = append(l.Rows, v.row(r))
		}
	}
	slices.SortStableFunc(l.Rows, func(a, b window.Row) int {
		if l.Here == window.Came && a.At != b.At {
			return int(b.At - a.At) // newest first
		}
		return v.p.Compare(a.Name, b.Name)
	})
	return l
}

func (v *visit) row(r clinic.QueueRow) window.Row {
	out := window.Row{
		Patient: r.Patient.Patient, Name: r.Patient.Details.Name, Code: r.Patient.Code, Born: r.Patient.Details.Birth,
		Amount: r.Amount, Volume: r.Volume, Missed: r.Missed, Stop: r.GapOpen || r.NoOrder != nil,
		Unsigned: r.NoOrder != nil && r.NoOrder.Rule == "ORDER-41",
	}
	if r.Served != nil && (r.Served.Person != v.by.Person || r.Served.Station != v.by.Station) {
		out.Served = v.p.T("window.serving", "who", v.person(r.Served.Person), "station", v.place(r.Served.Station))
	}
	if r.Status == clinic.ToCome {
		return out
	}
	out.Missed, out.Stop, out.At = 0, false, r.Dose.PouredAt
	if r.Dose.Dose != "" {
		out.Amount, out.Volume = r.Dose.Amount, r.Dose.Volume
	}
	switch r.Status {
	case clinic.Poured:
		out.Mark = v.p.T("window.row.cup", "at", r.Dose.PouredAt)
	case clinic.Question:
		out.Mark = v.p.T("window.row.question", "at", r.Dose.PouredAt)
	case clinic.Done:
		out.Mark = v.p.T("window.row.done", "at", r.Dose.PouredAt)
	case clinic.NotGiven:
		out.Mark = v.p.T("window.row.not_given")
	case clinic.Holding:
		out.Mark = v.p.T("window.tab.held")
	case clinic.ToCome:
	}
	return out
}

// postFind finds a person by name, code or card. One hit opens at once; more
// are shown to choose from.
func (v *visit) postFind() error {
	text := norm.NFC.String(strings.Join(strings.Fields(strings.Map(printable, v.field("q"))), " "))
	if text == "" || utf8.RuneCountInString(text) > findMax {
		v.seat.serve("")
		v.s.clinic.Free(v.by)
		if text != "" {
			v.flash("stop", v.p.T("window.find.not_card"))
		}
		return v.seeOther("/window")
	}
	scanned := v.field("scan") == "camera" // then it is a code or nothing
	var one clinicdb.Patient
	replaced, hits := false, 0
	err := v.view(func(db *clinicdb.View) error {
		var err error
		one, replaced, err = db.PatientByCode(text)
		if err == nil {
			hits = 1
			return nil
		}
		if !errors.Is(err, clinicdb.ErrNotFound) {
			return err
		}
		if scanned {
			return nil
		}
		found, err := db.Search(text)
		hits = len(found)
		if hits == 1 {
			one = found[0]
		}
		return err
	})
	if err != nil {
		return err
	}
	v.s.clinic.Free(v.by)
	if hits == 1 && one.InCare() {
		v.seat.serve(one.Patient)
		if replaced {
			v.flash("take", v.p.T("window.find.replaced"))
		}
		return v.seeOther("/window")
	}
	if scanned && hits == 0 {
		v.seat.serve("")
		v.flash("stop", v.notCard(text))
		return v.seeOther("/window")
	}
	v.seat.search(text)
	return v.seeOther("/window")
}

// findMax is the longest text that is looked for: the field takes no more, and
// no code or name of ours is longer.
const findMax = 100

// notCard says why what was scanned leads to nobody.
func (v *visit) notCard(text string) string {
	if likeCode(text) && !id.CodeOK(text) {
		return v.p.T("window.find.about", "q", text) + " " + v.p.T("window.find.wrong_code")
	}
	return v.p.T("window.find.not_card")
}

// foreign says that a text is what stands in other people's codes, an address
// or fields with bars between them, and neither a name nor a code of ours.
func foreign(text string) bool { return strings.Contains(text, "://") || strings.Contains(text, "|") }

// printable drops what a scanner may send beside the code.
func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// found shows what a search found.
func (v *visit) found(text string, q clinic.Queue) (window.Find, error) {
	f := window.Find{Query: text}
	var hits []clinicdb.Patient
	err := v.view(func(db *clinicdb.View) error {
		one, _, err := db.PatientByCode(text)
		if err == nil {
			hits = []clinicdb.Patient{one}
			return nil
		}
		if !errors.Is(err, clinicdb.ErrNotFound) {
			return err
		}
		hits, err = db.Search(text)
		return err
	})
	if err == nil && len(hits) > 0 {
		err = v.s.clinic.Searched(v.r.Context(), v.by, access.SeeWindow, text)
	}
	switch {
	case err != nil:
		return f, err
	case len(hits) == 0 && foreign(text):
		f.Error = v.p.T("window.find.not_card")
	case len(hits) == 0 && letters(text) < 2:
		f.Error = v.p.T("window.find.short")
	case len(hits) == 0 && likeCode(text) && !id.CodeOK(text):
		f.Error = v.p.T("window.find.wrong_code")
	}
	at := map[id.Patient]clinic.QueueRow{}
	for _, r := range q.Rows {
		at[r.Patient.Patient] = r
	}
	for _, h := range hits {
		if r, ok := at[h.Patient]; ok {
			f.Found = append(f.Found, v.row(r))
		} else {
			f.Found = append(f.Found, window.Row{Patient: h.Patient, Name: h.Details.Name, Code: h.Code, Born: h.Details.Birth, Left: true})
		}
	}
	f.Capped = len(hits) >= clinicdb.SearchMax
	return f, nil
}

// likeCode says that the text is meant as a code: one word with digits and a
// dash.
func likeCode(s string) bool {
	return len(s) <= 24 && !strings.Contains(s, " ") && strings.Contains(s, "-") && strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0 && strings.ContainsAny(s, "0123456789")
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func (v *visit) postOpen() error {
	p, err := v.patient()
	if err != nil {
		return err
	}
	if v.seat.open() != p {
		v.s.clinic.Free(v.by)
	}
	v.seat.serve(p)
	return v.seeOther("/window")
}

func (v *visit) postClose() error {
	v.s.clinic.Free(v.by)
	v.seat.serve("")
	return v.seeOther("/window")
}

// pane is the patient being served, as the page shows it.
func (v *visit) pane(at clinic.AtWindow, q clinic.Queue) *window.Pane {
	d := at.Patient.Details
	out := &window.Pane{
		Patient: at.Patient.Patient, Name: d.Name, Code: at.Patient.Code, Born: d.Birth, Amount: at.Ordered, Volume: at.Volume,
		Strength: at.Strength, Last: at.Last, LastDay: at.LastDay, Missed: at.Missed, OrderEnd: orderEnd(at), Cup: window.Given{Vomited: -1},
	}
	if v.can(access.SeeRecord) {
		out.Record = "/patient/" + string(at.Patient.Patient)
	} else if v.can(access.BreakGlass) {
		out.Glass = "/glass/" + string(at.Patient.Patient)
	}
	if at.Photo != "" {
		out.Photo = "/window/photo/" + string(at.Patient.Patient) + "/" + at.Photo
	}
	if at.Other != nil {
		out.Other = v.p.T("window.other", "who", v.person(at.Other.Person), "station", v.place(at.Other.Station))
	}
	for _, e := range at.Today {
		out.Today = append(out.Today, v.given(e))
	}
	if n := len(out.Today); n > 0 {
		out.Cup = out.Today[n-1]
	}
	if at.Hold != nil {
		out.Hold = window.Hold{Since: at.Hold.At, Look: at.Hold.LookAt, Signs: at.Hold.Signs, By: v.person(at.Hold.By)}
	}
	out.Step = v.step(at)
	if out.Step == window.Ready {
		out.Pour = window.Pour{Form: v.newForm(), Amount: at.Plan.Amount, Volume: at.Plan.Volume, Replaces: at.Plan.Replaces}
	}
	if out.Step == window.Cup {
		out.Cup.Form = v.newForm()
	}
	out.Care = v.care(at, out.Step)
	out.Can = v.offers(at, q, out.Step)
	return out
}

// orderEnd is the last day of the order in force, as a stop left it.
func orderEnd(at clinic.AtWindow) day.Day {
	if at.Order.Order == "" {
		return day.Never
	}
	return lastDay(at.Order)
}

// given is one dose of today as the page shows it.
func (v *visit) given(e dose.Entry) window.Given {
	return window.Given{
		Dose: e.Dose, Amount: e.Amount, Volume: e.Volume, Taken: e.Taken, Outcome: e.Outcome, At: e.PouredAt, Ended: e.EndedAt,
		By: v.person(e.PouredBy), Vomited: e.VomitedMin, Corrected: e.Corrected, Replaces: e.Replaces != "",
	}
}

// step is where the patient stands, which decides the one primary action.
func (v *visit) step(at clinic.AtWindow) window.Step {
	last := dose.Entry{}
	if n := len(at.Today); n > 0 {
		last = at.Today[n-1]
	}
	switch {
	case last.Outcome == dose.PouredOnly && last.PouredBy == v.by.Person && v.can(access.ServeDose):
		return window.Cup
	case last.Outcome == dose.PouredOnly:
		return window.Ask
	case at.Plan.Amount > 0 && v.can(access.ServeDose):
		return window.Ready
	case at.Plan.Amount > 0:
		return window.Look
	case at.Status == clinic.Done:
		return window.Done
	case at.Status == clinic.NotGiven:
		return window.NotDone
	}
	return window.Stopped
}

// care are the reasons that are still of use at this step: that a cup is
// filled, or that the dose was given, the page says by itself.
func (v *visit) care(at clinic.AtWindow, step window.Step) []words.Said {
	var out []words.Said
	for _, w := range at.Care {
		if w.Stop && step != window.Stopped || step == window.Done || step == window.NotDone {
			continue
		}
		out = append(out, v.p.Reason(w))
	}
	return out
}

// offers says which other actions are offered.
func (v *visit) offers(at clinic.AtWindow, q clinic.Queue, step window.Step) window.Can {
	serve := v.can(access.ServeDose)
	_, vomit := vomitable(at.Today)
	_, correct := correctable(at.Today)
	_, replace := replaceable(at.Today)
	return window.Can{
		Hold:    serve && q.Open && at.Status == clinic.ToCome,
		Release: serve && at.Hold != nil,
		Vomited: serve && vomit,
		Spill:   v.can(access.HandleStock) && len(q.Bottles) > 0,
		Correct: v.can(access.CorrectDose) && correct && step != window.Cup,
		Replace: v.can(access.AllowDose) && replace,
		Attest:  serve && q.Open && at.Attestable,
	}
}

// newest is the newest dose of today for which ok holds.
func newest(today []dose.Entry, ok func(dose.Entry) bool) (dose.Entry, bool) {
	for _, e := range slices.Backward(today) {
		if ok(e) {
			return e, true
		}
	}
	return dose.Entry{VomitedMin: -1}, false
}

func vomitable(today []dose.Entry) (dose.Entry, bool) {
	return newest(today, func(e dose.Entry) bool {
		return (e.Outcome == dose.Taken || e.Outcome == dose.PartOnly) && e.VomitedMin < 0
	})
}

func correctable(today []dose.Entry) (dose.Entry, bool) {
	return newest(today, func(e dose.Entry) bool { return e.Outcome != dose.PouredOnly })
}

func replaceable(today []dose.Entry) (dose.Entry, bool) {
	return newest(today, func(e dose.Entry) bool { return e.VomitedMin >= 0 && e.Replacement == 0 && e.Replaces == "" })
}

// openAct puts the form of an other action into the page, if it fits the
// patient's state; a form that no longer fits is left out.
func (v *visit) openAct(g *window.Page, act *window.Act, q clinic.Queue) {
	if act == nil {
		return
	}
	fits := map[window.Kind]bool{
		window.DoHold: g.Pane.Can.Hold, window.DoRelease: g.Pane.Can.Release, window.DoSpill: g.Pane.Can.Spill,
		window.DoVomited: g.Pane.Can.Vomited, window.DoCorrect: g.Pane.Can.Correct, window.DoReplace: g.Pane.Can.Replace,
		window.DoAttest: g.Pane.Can.Attest,
		window.DoPart:   g.Pane.Step == window.Cup, window.DoNotGiven: g.Pane.Step == window.Cup || g.Pane.Step == window.Ask,
		window.DoAnswer: g.Pane.Step == window.Ask || g.Pane.Step == window.Cup,
	}
	if !fits[act.Kind] {
		if act.Problem != nil { // what was refused is still said
			v.flash("stop", strings.TrimSpace(act.Problem.Text+" "+act.Problem.Do))
		}
		return
	}
	act.Dose = aboutDose(g.Pane, act.Kind)
	wrong := act.Second.PINError
	act.Second = v.second()
	act.Second.PINError = wrong
	for _, b := range q.Bottles {
		act.Bottles = append(act.Bottles, ui.Option{Value: string(b.Bottle), Label: b.Code + " · " + v.p.ML(b.Left)})
	}
	for _, m := range v.s.clinic.Physicians() {
		act.Doctors = append(act.Doctors, ui.Option{Value: string(m.Person), Label: m.Name})
	}
	if len(act.Bottles) == 1 && act.Typed.Bottle == "" {
		act.Typed.Bottle = act.Bottles[0].Value
	}
	g.Pane.Act = act
}

// aboutDose is the dose of today that an action is about.
func aboutDose(p *window.Pane, k window.Kind) window.Given {
	for _, d := range slices.Backward(p.Today) {
		taken := d.Outcome == dose.Taken || d.Outcome == dose.PartOnly
		switch k {
		case window.DoVomited:
			if taken && d.Vomited < 0 {
				return d
			}
		case window.DoReplace:
			if d.Vomited >= 0 && !d.Replaces {
				return d
			}
		case window.DoCorrect:
			if d.Outcome != dose.PouredOnly {
				return d
			}
		case window.DoPart, window.DoNotGiven, window.DoAnswer:
			if d.Outcome == dose.PouredOnly {
				return d
			}
		case window.DoHold, window.DoRelease, window.DoSpill, window.DoAttest:
		}
	}
	return window.Given{Vomited: -1}
}
