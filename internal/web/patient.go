package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/fold"
	"tram/internal/id"
	"tram/internal/paper"
	"tram/internal/unit"
	"tram/internal/web/pages/papers"
	page "tram/internal/web/pages/patient"
	"tram/internal/web/pages/patients"
	"tram/internal/web/pages/register"
	"tram/internal/web/pages/typed"
)

// How much of a record one page shows.
const (
	notesMax  = 50
	urineMax  = 20
	ordersMin = 10
	spanShort = 30
	spanLong  = 90
)

// postPatients keeps what is looked for; a name never stands in an address,
// which browsers remember.
func (a *ask) postPatients() error {
	a.v.seat.look(a.val("q"))
	return a.v.seeOther("/patients")
}

// patients lists everyone in treatment, or who a search finds. The search
// leaves a trace, as a look at a record does.
func (a *ask) patients() error {
	pg := patients.Page{
		Shell: a.shell("patients", a.p.T("patient.list")), Asked: a.v.seat.looked(), New: a.may(access.ChangePatient, access.InCare), Form: a.c.NewForm(),
	}
	if pg.Asked != "" {
		if err := a.c.Searched(a.ctx(), a.by, access.SeeRecord, pg.Asked); err != nil {
			return err
		}
	}
	var found []clinicdb.Patient
	var orders map[id.Patient][]order.Standing
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		var err error
		if found, pg.Short, err = look(v, pg.Asked); err != nil {
			return err
		}
		orders, err = v.OrdersAround(a.c.Today())
		return err
	})
	if err != nil {
		return err
	}
	a.byName(found)
	for _, x := range found {
		row := patients.Row{
			ID: x.Patient, Code: x.Code, Name: x.Details.Name, Born: x.Details.Birth, Place: joined(x.Details.Village, x.Details.Commune),
			Last: x.LastDay, Former: !x.InCare(),
		}
		if o, no := order.InForce(orders[x.Patient], a.c.Today()); no == nil {
			row.Ordered, row.OrderLast = o.Amount, lastDay(o)
		}
		pg.Rows = append(pg.Rows, row)
	}
	return a.show(http.StatusOK, patients.Show(pg))
}

// look is everyone in treatment, or who what was typed finds; short says that
// too little was typed to look for.
func look(v *clinicdb.View, asked string) (found []clinicdb.Patient, short bool, err error) {
	if asked == "" {
		found, err = v.PatientsInCare()
		return found, false, err
	}
	if one, _, err := v.PatientByCode(asked); err == nil {
		return []clinicdb.Patient{one}, false, nil
	}
	if len([]rune(strings.ReplaceAll(asked, " ", ""))) < 2 {
		return nil, true, nil
	}
	found, err = v.Search(asked)
	return found, false, err
}

// byName sorts people as a reader of the language expects: Vietnamese letters
// have their own order.
func (a *ask) byName(all []clinicdb.Patient) {
	slices.SortStableFunc(all, func(x, y clinicdb.Patient) int {
		return cmp.Or(a.p.Compare(x.Details.Name, y.Details.Name), cmp.Compare(x.Code, y.Code))
	})
}

// joined writes two parts of a place, as far as they are known.
func joined(village, commune string) string {
	return strings.Trim(village+", "+commune, ", ")
}

// lastDay is the last day of an order as a stop or a later order left it.
func lastDay(o order.Standing) day.Day {
	if o.StoppedFrom != day.Never && o.StoppedFrom <= o.Last {
		return o.StoppedFrom - 1
	}
	return o.Last
}

// recordForms are the forms of a record's page, as they are shown again when
// something was wrong.
type recordForms struct {
	note, urine, end, back, stop, double typed.Form
	care                                 []string // about the note, before it is kept
	open                                 string
}

func (a *ask) freshForms() recordForms {
	return recordForms{note: a.fresh(), urine: a.fresh(), end: a.fresh(), back: a.fresh(), stop: a.fresh(), double: a.fresh()}
}

func (a *ask) record() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	return a.showRecord(p, a.freshForms())
}

func (a *ask) showRecord(p id.Patient, f recordForms) error {
	row, err := a.c.See(a.ctx(), a.by, access.SeeRecord, p, "record", "")
	if err != nil {
		return err
	}
	rel := clinic.Relation(row)
	pg := page.Page{
		Shell: a.shell("patients", row.Details.Name), Base: "/patient/" + string(p),
		Can: page.Can{
			Write: a.may(access.WriteOrder, rel), Change: a.may(access.ChangePatient, rel), Note: a.may(access.WriteNote, rel),
			End: a.may(access.EndCare, rel), Papers: a.may(access.SeeRegisters, access.NoPatient),
		},
		Note: f.note, NoteCare: f.care, Urine: f.urine, End: f.end, Return: f.back, Stop: f.stop, Double: f.double, Open: f.open,
	}
	err = a.c.View(a.ctx(), func(v *clinicdb.View) error {
		if err := a.readRecord(v, row, &pg); err != nil {
			return err
		}
		if pg.Doubles, err = a.doubles(v, row.Patient, pg.Today); err != nil {
			return err
		}
		if pg.Where, err = a.where(v, row.Patient, pg.Today); err != nil {
			return err
		}
		pg.Stability, err = a.stabilityToday(v, row)
		return err
	})
	if err != nil {
		return err
	}
	pg.Can.Send = pg.Where != "" && a.may(access.SendLetter, rel)
	return a.show(status(f.note, f.urine, f.end, f.back, f.stop, f.double), page.Show(pg))
}

// readRecord reads what a record's page shows, whoever may see it.
func (a *ask) readRecord(v *clinicdb.View, row clinicdb.Patient, pg *page.Page) error {
	pg.Patient, pg.Today, pg.Span = person(row), a.c.Today(), spanShort
	if a.v.query("days") == "90" {
		pg.Span = spanLong
	}
	until := pg.Today // the days of someone who left end with their last one here
	if !row.InCare() {
		until = min(row.LeftDay, pg.Today)
	}
	dir, err := v.Directory()
	if err != nil {
		return err
	}
	a.dir = &dir
	h, err := readHistory(v, row, until, pg.Span, a.v.query("orders") == "all")
	if err != nil {
		return err
	}
	pg.Older = h.older
	if pg.Patient.Photo, err = a.photoOf(v, row); err != nil {
		return err
	}
	pg.Strength = h.strength
	pg.Orders = a.ordersOf(h, pg.Today)
	pg.Days = a.daysOf(h, until, pg.Span)
	pg.Events = a.eventsOf(h)
	lately, err := v.OrdersLately(row.Patient, pg.Today)
	if err != nil {
		return err
	}
	if odds, ok := order.At(lately, pg.Today); ok && row.InCare() {
		pg.Odds = &odds.Rule
	}
	in, no := order.InForce(lately, pg.Today)
	if pg.NoOrder = no; no == nil {
		o := a.orderLine(in, h.strength, pg.Today)
		pg.Order = &o
	}
	pg.Opened, err = a.openedOf(v, dir, row.Patient)
	return err
}

func person(row clinicdb.Patient) page.Person {
	return page.Person{
		ID: row.Patient, Code: row.Code, Card: row.Card, Details: row.Details, Registered: row.Registered, FirstDose: row.FirstDose,
		LastDay: row.LastDay, LastAmount: row.LastAmount, Left: row.LeftDay, LeftWhy: row.LeftWhy,
	}
}

// history is all that a record's page reads of one patient.
type history struct {
	row      clinicdb.Patient
	orders   []order.Standing
	older    int // orders that were left out
	doses    []dose.Entry
	missed   []clinicdb.MissedDay
	holds    []clinicdb.Hold
	answers  []clinicdb.GapAnswer
	notes    []clinicdb.Note
	tests    []clinicdb.Urine
	strength unit.Strength // of the open bottle; 0 when none is open
	dir      programme.Directory
}

// who did something: a person of this site by name, and of another by the
// site's name, with theirs where the programme knows it.
func (h history) who(a *ask, p id.Person, s id.Site) string {
	if s == "" {
		return a.name(p)
	}
	if name := a.elsewhereName(h.dir, p); name != "" {
		return name + " · " + siteName(h.dir, s)
	}
	return siteName(h.dir, s)
}

func readHistory(v *clinicdb.View, row clinicdb.Patient, today day.Day, span int, allOrders bool) (history, error) {
	h := history{row: row}
	p, first := row.Patient, today-day.Day(span-1)
	open, err := v.OpenBottles()
	if err != nil {
		return h, err
	}
	if len(open) > 0 {
		h.strength = open[0].Strength
	}
	for _, read := range []func() error{
		func() (err error) { h.dir, err = v.Directory(); return },
		func() (err error) { return h.readOrders(v, first, allOrders) },
		func() (err error) { h.doses, err = v.DosesOf(p, first, today); return },
		func() (err error) { h.missed, err = v.MissedAnywhere(p, first, today); return },
		func() (err error) { h.holds, err = v.HoldsAnywhere(p, first); return },
		func() (err error) { h.answers, err = v.GapAnswersAnywhere(p, first); return },
		func() (err error) { h.notes, err = v.Notes(p, notesMax); return },
		func() (err error) { h.tests, err = v.UrineTests(p, urineMax); return },
	} {
		if err := read(); err != nil {
			return h, err
		}
	}
	return h, nil
}

// readOrders reads the orders of the days shown, or all: after years there are
// many, and the page is looked at every morning.
func (h *history) readOrders(v *clinicdb.View, first day.Day, all bool) (err error) {
	if all {
		h.orders, err = v.Orders(h.row.Patient)
		return err
	}
	n := 0
	h.orders, n, err = v.OrdersNewest(h.row.Patient, first, ordersMin)
	h.older = n - len(h.orders)
	return err
}

// ordersOf are a patient's orders, newest first.
func (a *ask) ordersOf(h history, today day.Day) []page.Order {
	var list []page.Order
	for _, o := range slices.Backward(h.orders) {
		list = append(list, a.orderLine(o, h.strength, today))
	}
	return list
}

func (a *ask) orderLine(o order.Standing, s unit.Strength, today day.Day) page.Order {
	x := page.Order{
		ID: o.Order, State: orderState(o, today), Amount: o.Amount, Volume: volumeOf(s, o.Amount), Phase: o.Phase, First: o.First, Last: lastDay(o),
		Reason: a.orderWhy(o.Reason), WrittenBy: a.name(o.WrittenBy), Imported: o.Imported, Overrides: a.saidOverrides(o.Overrides),
	}
	if o.Signed {
		x.SignedBy = a.name(o.SignedBy)
	}
	return x
}

func orderState(o order.Standing, today day.Day) page.OrderState {
	switch {
	case o.StoppedFrom != day.Never && o.StoppedFrom <= o.Last && o.StoppedFrom <= today:
		return page.Stopped
	case lastDay(o) < today:
		return page.Ended
	case !o.Signed:
		return page.Waiting
	case o.First > today:
		return page.Ahead
	}
	return page.InForce
}

// volumeOf is the volume of an amount at a strength, 0 when it is not known.
func volumeOf(s unit.Strength, g unit.Microgram) unit.Microlitre {
	v, err := s.Volume(g)
	if err != nil {
		return 0
	}
	return v
}

// daysOf is one entry for each day of the span, oldest first.
func (a *ask) daysOf(h history, today day.Day, span int) []page.Day {
	first := today - day.Day(span-1)
	days := make([]page.Day, span)
	for i := range days {
		days[i].Day = first + day.Day(i)
		if o, no := order.InForce(h.orders, days[i].Day); no == nil {
			days[i].Ordered = o.Amount
		}
	}
	at := func(d day.Day) *page.Day {
		if d < first || d > today {
			return nil
		}
		return &days[d-first]
	}
	for _, m := range h.missed {
		if x := at(m.Day); x != nil {
			x.Mark = papers.MarkOfMissed(m.Cause)
		}
	}
	for _, hold := range h.holds {
		if x := at(hold.Day); x != nil && hold.ReleasedAt == 0 {
			x.Mark = papers.Held
		}
	}
	for _, e := range h.doses {
		if x := at(e.Day); x != nil {
			a.addDose(x, e)
		}
	}
	return days
}

// addDose adds a dose to its day; a replacement adds its amount to the dose it
// replaces.
func (a *ask) addDose(x *page.Day, e dose.Entry) {
	x.Taken += e.Taken
	if e.Replaces != "" {
		return
	}
	x.Mark = papers.MarkOf(e.Outcome)
	if e.Outcome == dose.Taken && e.PouredAt == 0 {
		x.Mark = papers.Recorded
	}
	x.Poured, x.Volume, x.At, x.By, x.Vomited = e.Amount, e.Volume, e.PouredAt, a.name(e.PouredBy), e.VomitedMin >= 0
}

// eventsOf is everything of a record that is no plain dose, newest first.
func (a *ask) eventsOf(h history) []page.Event {
	list := a.doseEvents(h)
	for _, x := range h.holds {
		list = append(list, page.Event{Kind: page.EventHeld, Day: x.Day, At: x.At, By: h.who(a, x.By, x.Site), Code: string(x.Why), Text: joinedLines(x.Signs, x.Called, x.Plan)})
		if x.ReleasedAt != 0 {
			list = append(list, page.Event{Kind: page.EventReleased, Day: x.Day, At: x.ReleasedAt, By: h.who(a, x.ReleasedBy, x.Site), Text: x.Note})
		}
	}
	for _, x := range h.answers {
		list = append(list, page.Event{Kind: page.EventGap, Day: x.Day, At: x.At, By: h.who(a, x.By, x.Site), Code: string(x.Action), Text: x.Reason})
	}
	for _, x := range h.notes {
		list = append(list, page.Event{Kind: page.EventNote, Day: x.Day, At: x.At, By: a.name(x.By), Text: x.Text})
	}
	for _, x := range h.tests {
		e := page.Event{Kind: page.EventUrineClear, Day: x.Day, By: a.name(x.By), Found: x.Found}
		if len(x.Found) > 0 {
			e.Kind = page.EventUrineFound
		}
		if x.Method != "" {
			e.Text = a.p.T("patient.method." + x.Method)
		}
		list = append(list, e)
	}
	if h.row.LeftDay != day.Never {
		list = append(list, page.Event{Kind: page.EventLeft, Day: h.row.LeftDay, Code: string(h.row.LeftWhy)})
	}
	slices.SortStableFunc(list, func(x, y page.Event) int {
		return cmp.Or(cmp.Compare(y.Day, x.Day), cmp.Compare(y.At, x.At))
	})
	return list
}

// doseEvents is what happened to doses beyond being swallowed.
func (a *ask) doseEvents(h history) []page.Event {
	var list []page.Event
	for _, e := range h.doses {
		x := page.Event{Day: e.Day, At: cmp.Or(e.EndedAt, e.PouredAt), By: a.name(e.PouredBy), Amount: e.Taken}
		add := func(k page.EventKind) {
			y := x
			y.Kind = k
			list = append(list, y)
		}
		if e.VomitedMin >= 0 {
			x.N = e.VomitedMin
			add(page.EventVomited)
		}
		if e.Attested {
			add(page.EventAttested)
		}
		if e.Corrected {
			add(page.EventCorrected)
		}
		switch {
		case e.Replaces != "":
			add(page.EventReplacement)
		case e.Outcome == dose.PartOnly:
			add(page.EventPart)
		case e.Outcome == dose.Unknown:
			add(page.EventUnclear)
		case e.Outcome == dose.NotTaken:
			x.Code = string(dose.CupNotPut)
			add(page.EventNotGiven)
		}
	}
	for _, m := range h.missed {
		list = append(list, page.Event{Kind: page.EventMissed, Day: m.Day, Code: string(m.Cause)})
	}
	return list
}

// eventLine is an event as one line of a paper; a day's mark says the rest.
func (a *ask) eventLine(e page.Event) string {
	if e.Kind == page.EventMissed || e.Kind == page.EventNotGiven || e.Kind == page.EventPart {
		return ""
	}
	text := page.Say(a.p, e)
	if e.Text != "" {
		text += ": " + strings.ReplaceAll(e.Text, "\n", "; ")
	}
	return text
}

// joinedLines puts the texts that were written one below the other.
func joinedLines(texts ...string) string {
	var lines []string
	for _, t := range texts {
		if t != "" {
			lines = append(lines, t)
		}
	}
	return strings.Join(lines, "\n")
}

func (a *ask) register() error {
	note, err := a.listNote()
	if err != nil {
		return err
	}
	return a.show(http.StatusOK, register.Show(register.Page{Shell: a.shell("patients", a.p.T("register.new")), Form: a.fresh(), ListNote: note}))
}

// detailFields are the fields of the register's form.
var detailFields = []string{"name", "birth", "sex", "ethnic", "language", "phone", "commune", "village", "identity", "note", "reason"}

// details reads the form; what cannot be read goes to its field.
func (a *ask) details(f *typed.Form) patient.Details {
	birth, err := day.ParsePartial(a.val("birth"))
	if err != nil {
		f.Wrong("birth", a.p.T("register.no_birth"))
	}
	return patient.Details{
		Name: a.val("name"), Sex: patient.Sex(a.val("sex")), Birth: birth, Ethnic: a.val("ethnic"), Commune: a.val("commune"),
		Village: a.val("village"), Phone: a.val("phone"), Identity: a.val("identity"), Language: a.val("language"), Note: a.val("note"),
	}
}

func (a *ask) postRegister() error {
	f := a.typed(detailFields...)
	sure := slices.Contains(a.keep(&f, "sure"), "yes")
	d := a.details(&f)
	note, err := a.listNote()
	if err != nil {
		return err
	}
	pg := register.Page{Shell: a.shell("patients", a.p.T("register.new")), ListNote: note}
	var said []patient.Said
	if !f.Bad() && d.Name != "" {
		if said, err = a.likely(&pg, &f, d); err != nil && !a.refused(&f, err, "") {
			return err
		}
	}
	if !sure && d.Name != "" {
		same, err := a.sameName(d.Name)
		if err != nil {
			return err
		}
		if pg.Similar = unasked(same, pg.Likely); len(pg.Similar) > 0 {
			f.Wrong("sure", a.p.T("register.similar_first"))
		}
	}
	if !f.Bad() {
		err := a.registered(f, d, said)
		if err == nil || !a.refused(&f, err, "") {
			return err
		}
	}
	pg.Form = f
	return a.show(status(f), register.Show(pg))
}

// sameName finds people who are written the same, whatever the marks.
func (a *ask) sameName(name string) ([]register.Similar, error) {
	var list []register.Similar
	err := a.c.View(a.ctx(), func(v *clinicdb.View) error {
		found, err := v.Search(name)
		for _, x := range found {
			if fold.Fold(x.Details.Name) != fold.Fold(name) {
				continue
			}
			s := register.Similar{ID: x.Patient, Name: x.Details.Name, Code: x.Code, Place: joined(x.Details.Village, x.Details.Commune), Former: !x.InCare()}
			if x.Details.Birth.Known() {
				s.Born = a.p.Born(x.Details.Birth)
			}
			list = append(list, s)
		}
		return err
	})
	return list, err
}

func (a *ask) change() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.ChangePatient, p, "change", "")
	if err != nil {
		return err
	}
	f, d := a.fresh(), row.Details
	for name, value := range map[string]string{
		"name": d.Name, "birth": birthTyped(d.Birth), "sex": string(d.Sex), "ethnic": d.Ethnic, "language": d.Language, "phone": d.Phone,
		"commune": d.Commune, "village": d.Village, "identity": d.Identity, "note": d.Note,
	} {
		f.Set(name, value)
	}
	return a.showChange(row, f)
}

// birthTyped is a date of birth as people type it.
func birthTyped(b day.Partial) string {
	parts := strings.Split(b.String(), "-")
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

func (a *ask) showChange(row clinicdb.Patient, f typed.Form) error {
	return a.show(status(f), register.Show(register.Page{
		Shell: a.shell("patients", a.p.T("register.change")), ID: row.Patient, Name: row.Details.Name, Code: row.Code, Form: f,
	}))
}

func (a *ask) postChange() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.ChangePatient, p, "change", "")
	if err != nil {
		return err
	}
	f := a.typed(detailFields...)
	d := a.details(&f)
	d.Former = row.Details.Former // the code of the clinic's own list is not on this form
	if !f.Bad() {
		if _, err = a.c.ChangePatient(a.ctx(), a.by, f.ID, p, d, a.val("reason")); err == nil {
			return a.done("/patient/"+string(p), "register.done")
		}
		if !a.refused(&f, err, "") {
			return err
		}
	}
	return a.showChange(row, f)
}

func (a *ask) postNote() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.freshForms()
	f.note = a.typed("text")
	if !slices.Contains(a.keep(&f.note, "sure"), "yes") {
		if f.care, err = a.cautions(a.val("text"), p); err != nil {
			return err
		}
		if len(f.care) > 0 {
			f.note.Wrong("sure", a.p.T("patient.note_first"))
			return a.showRecord(p, f)
		}
	}
	if _, err = a.c.Note(a.ctx(), a.by, f.note.ID, p, a.val("text")); err == nil {
		return a.done("/patient/"+string(p), "patient.done.note")
	}
	if !a.refused(&f.note, err, "") {
		return err
	}
	return a.showRecord(p, f)
}

func (a *ask) postUrine() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.freshForms()
	f.open, f.urine = "urine", a.typed("day", "result", "method")
	found := a.keep(&f.urine, "found")
	on := a.date(&f.urine, "day")
	switch result := a.val("result"); {
	case result == "none" && len(found) > 0, result == "found" && len(found) == 0:
		f.urine.Wrong("found", a.p.T("patient.urine_unclear"))
	case result != "none" && result != "found":
		f.urine.Wrong("result", a.p.T("desk.choose"))
	}
	if !f.urine.Bad() {
		if _, err = a.c.TestUrine(a.ctx(), a.by, f.urine.ID, p, on, found, a.val("method")); err == nil {
			return a.done("/patient/"+string(p), "patient.done.urine")
		}
		if !a.refused(&f.urine, err, "") {
			return err
		}
	}
	return a.showRecord(p, f)
}

func (a *ask) postEnd() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.freshForms()
	f.open, f.end = "end", a.typed("why", "note")
	if _, err = a.c.EndCare(a.ctx(), a.by, f.end.ID, p, patient.LeftWhy(a.val("why")), a.val("note")); err == nil {
		return a.done("/patient/"+string(p), "patient.done.end")
	}
	if !a.refused(&f.end, err, "") {
		return err
	}
	return a.showRecord(p, f)
}

func (a *ask) postReturn() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.freshForms()
	f.back = a.typed()
	if _, err = a.c.RestartCare(a.ctx(), a.by, f.back.ID, p); err == nil {
		return a.done("/patient/"+string(p), "patient.done.return")
	}
	if !a.refused(&f.back, err, "") {
		return err
	}
	return a.showRecord(p, f)
}

func (a *ask) card() error { return a.showCard(a.fresh()) }

func (a *ask) showCard(f typed.Form) error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.ChangePatient, p, "card", "")
	if err != nil {
		return err
	}
	return a.show(status(f), page.GiveCard(page.Page{Shell: a.shell("patients", a.p.T("patient.card")), Patient: person(row)}, f))
}

func (a *ask) postCard() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	f := a.typed()
	if _, err = a.c.GiveCard(a.ctx(), a.by, f.ID, p); err == nil {
		return a.done("/patient/"+string(p)+"/card", "patient.done.card")
	}
	if !a.refused(&f, err, "") {
		return err
	}
	return a.showCard(f)
}

// printCard shows the card as it is printed; a person without a card is sent to
// where one is given.
func (a *ask) printCard() error {
	p, err := a.patientID()
	if err != nil {
		return err
	}
	row, err := a.c.See(a.ctx(), a.by, access.ChangePatient, p, "card", "")
	if err != nil {
		return err
	}
	if row.Card == "" {
		http.Redirect(a.w, a.r, "/patient/"+string(p)+"/card", http.StatusSeeOther)
		return nil
	}
	qr, err := paper.QR(row.Card)
	if err != nil {
		return err
	}
	bars, err := paper.Bars(row.Card)
	if err != nil {
		return err
	}
	s := a.shell("patients", a.p.T("patient.card"))
	s.Path = "/patient/" + string(p) + "/card"
	return a.print("card", string(p), page.Card(page.CardPage{Shell: s, Code: row.Code, Card: row.Card, Given: a.c.Today(), QR: qr, Bars: bars}))
}
