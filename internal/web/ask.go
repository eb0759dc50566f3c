package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/programme"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// more is what the pages beside the window keep between two requests: the
// files that wait for their import.
type more struct {
	s       *Server
	uploads uploads
}

// moreRoutes are the pages beside the window: records, orders, the start and
// the end of a day, bottles, papers, imports, rules, staff and the journal.
func (s *Server) moreRoutes() []route {
	m := &more{s: s}
	return slices.Concat(m.patientRoutes(), m.orderRoutes(), m.dayRoutes(), m.stockRoutes(), m.paperRoutes(), m.siteRoutes(), m.meRoutes(), m.letterRoutes(), m.glassRoutes(), m.stabilityRoutes())
}

func (m *more) patientRoutes() []route {
	return []route{
		{pattern: "GET /patients", action: access.SeeRecord, handle: m.ask((*ask).patients)},
		{pattern: "POST /patients", action: access.SeeRecord, handle: m.ask((*ask).postPatients)},
		{pattern: "GET /register", action: access.ChangePatient, handle: m.ask((*ask).register)},
		{pattern: "POST /register", action: access.ChangePatient, many: []string{"sure"}, handle: m.ask((*ask).postRegister)},
		{pattern: "GET /patient/{id}", action: access.SeeRecord, handle: m.ask((*ask).record)},
		{pattern: "GET /patient/{id}/change", action: access.ChangePatient, handle: m.ask((*ask).change)},
		{pattern: "POST /patient/{id}/change", action: access.ChangePatient, handle: m.ask((*ask).postChange)},
		{pattern: "POST /patient/{id}/note", action: access.WriteNote, many: []string{"sure"}, handle: m.ask((*ask).postNote)},
		{pattern: "POST /patient/{id}/urine", action: access.WriteNote, many: []string{"found"}, handle: m.ask((*ask).postUrine)},
		{pattern: "POST /patient/{id}/end", action: access.EndCare, handle: m.ask((*ask).postEnd)},
		{pattern: "POST /patient/{id}/return", action: access.EndCare, handle: m.ask((*ask).postReturn)},
		{pattern: "POST /patient/{id}/double", action: access.ChangePatient, handle: m.ask((*ask).postDouble)},
		{pattern: "GET /patient/{id}/photo", action: access.ChangePatient, handle: m.ask((*ask).takePhoto)},
		{pattern: "POST /patient/{id}/photo", action: access.ChangePatient, upload: photoMax, many: []string{"agreed"}, handle: m.ask((*ask).postPhoto)},
		{pattern: "POST /patient/{id}/photo/withdraw", action: access.ChangePatient, handle: m.ask((*ask).postWithdrawPhoto)},
		{pattern: "GET /patient/{id}/photo/{hash}", action: access.SeeRecord, quiet: true, handle: m.ask((*ask).recordPhoto)},
		{pattern: "GET /window/photo/{id}/{hash}", action: access.SeeWindow, quiet: true, handle: m.ask((*ask).windowPhoto)},
		{pattern: "GET /patient/{id}/card", action: access.ChangePatient, handle: m.ask((*ask).card)},
		{pattern: "POST /patient/{id}/card", action: access.ChangePatient, handle: m.ask((*ask).postCard)},
		{pattern: "GET /patient/{id}/card/print", action: access.ChangePatient, handle: m.ask((*ask).printCard)},
	}
}

func (m *more) orderRoutes() []route {
	return []route{
		{pattern: "GET /patient/{id}/order", action: access.WriteOrder, handle: m.ask((*ask).newOrder)},
		{pattern: "POST /patient/{id}/order", action: access.WriteOrder, handle: m.ask((*ask).postOrder)},
		{pattern: "POST /order/{id}/stop", action: access.WriteOrder, handle: m.ask((*ask).postStop)},
		{pattern: "GET /orders", action: access.WriteOrder, handle: m.ask((*ask).orders)},
		{pattern: "POST /orders/sign", action: access.SignOrder, many: []string{"order"}, handle: m.ask((*ask).postSign)},
		{pattern: "POST /orders/choose/{id}", action: access.SignOrder, handle: m.ask((*ask).postChoose)},
		{pattern: "POST /orders/gap/{id}", action: access.AllowDose, handle: m.ask((*ask).postGap)},
		{pattern: "POST /orders/replace/{id}", action: access.AllowDose, handle: m.ask((*ask).postReplace)},
	}
}

func (m *more) dayRoutes() []route {
	return []route{
		{pattern: "GET /day", action: access.OpenDay, handle: m.ask((*ask).day)},
		{pattern: "GET /day/open", action: access.OpenDay, handle: m.ask((*ask).openDay)},
		{pattern: "POST /day/open", action: access.OpenDay, many: []string{"only_pc"}, handle: m.ask((*ask).postOpenDay)},
		{pattern: "POST /day/letters", action: access.OpenDay, many: []string{"sources", "whole"}, handle: m.ask((*ask).postAccount)},
		{pattern: "POST /day/restored", action: access.OpenDay, many: []string{"said"}, handle: m.ask((*ask).postRestored)},
		{pattern: "POST /day/confirm", action: access.OpenDay, many: []string{"only_pc"}, handle: m.ask((*ask).postConfirmDate)},
		{pattern: "POST /day/bottle", action: access.HandleStock, handle: m.ask((*ask).postOpenBottle)},
		{pattern: "GET /day/close", action: access.OpenDay, handle: m.ask((*ask).closeDay)},
		{pattern: "POST /day/close", action: access.OpenDay, handle: m.ask((*ask).postCloseDay)},
		{pattern: "POST /day/answer/{id}", action: access.CorrectDose, handle: m.ask((*ask).postAnswer)},
		{pattern: "GET /day/closed/{day}", action: access.OpenDay, handle: m.ask((*ask).closedDay)},
	}
}

func (m *more) stockRoutes() []route {
	return []route{
		{pattern: "GET /stock", action: access.SeeStock, handle: m.ask((*ask).stock)},
		{pattern: "POST /stock/receive", action: access.HandleStock, handle: m.ask((*ask).postReceive)},
		{pattern: "POST /stock/spill", action: access.HandleStock, handle: m.ask((*ask).postSpill)},
		{pattern: "POST /stock/finish", action: access.HandleStock, handle: m.ask((*ask).postFinish)},
	}
}

func (m *more) paperRoutes() []route {
	return []route{
		{pattern: "GET /papers", action: access.SeeRegisters, handle: m.ask((*ask).papers)},
		{pattern: "GET /papers/register/{day}", action: access.SeeRegisters, handle: m.ask((*ask).paperRegister)},
		{pattern: "GET /papers/missed/{day}", action: access.SeeRegisters, handle: m.ask((*ask).paperMissed)},
		{pattern: "GET /papers/records/{day}", action: access.SeeRegisters, handle: m.ask((*ask).paperRecords)},
		{pattern: "GET /papers/record/{id}", action: access.SeeRecord, handle: m.ask((*ask).paperRecord)},
		{pattern: "GET /papers/stock/{month}", action: access.SeeStock, handle: m.ask((*ask).paperStock)},
		{pattern: "GET /papers/sheet/{day}", action: access.SeeRegisters, handle: m.ask((*ask).paperSheet)},
		{pattern: "GET /papers/count", action: access.SeeStock, handle: m.ask((*ask).paperCount)},
	}
}

func (m *more) siteRoutes() []route {
	return []route{
		{pattern: "GET /import", action: access.ImportFiles, handle: m.ask((*ask).importFile)},
		{pattern: "POST /import", action: access.ImportFiles, upload: uploadMax, many: []string{"unknown"}, handle: m.ask((*ask).postImport)},
		{pattern: "GET /import/{ticket}", action: access.ImportFiles, handle: m.ask((*ask).previewImport)},
		{pattern: "POST /import/{ticket}", action: access.ImportFiles, many: []string{"unknown"}, handle: m.ask((*ask).postPreview)},
		{pattern: "POST /import/{ticket}/confirm", action: access.ImportFiles, many: []string{"without"}, handle: m.ask((*ask).postConfirmImport)},
		{pattern: "GET /rules", action: access.SeeRules, handle: m.ask((*ask).rules)},
		{pattern: "GET /rules/{key}", action: access.ManageRules, handle: m.ask((*ask).editRule)},
		{pattern: "POST /rules/{key}", action: access.ManageRules, handle: m.ask((*ask).postRule)},
		{pattern: "GET /staff", action: access.ManageStaff, handle: m.ask((*ask).staff)},
		{pattern: "POST /staff", action: access.ManageStaff, many: []string{"duty"}, handle: m.ask((*ask).postEnrol)},
		{pattern: "POST /staff/{id}", action: access.ManageStaff, many: []string{"duty"}, handle: m.ask((*ask).postStaff)},
		{pattern: "GET /journal", action: access.SeeJournal, handle: m.ask((*ask).journal)},
		{pattern: "POST /journal/check", action: access.SeeJournal, handle: m.ask((*ask).checkJournal)},
	}
}

// ask is one visit to a page beside the window, with what its handlers use at
// hand.
type ask struct {
	m  *more
	v  *visit
	w  http.ResponseWriter
	r  *http.Request
	c  *clinic.Clinic
	p  *words.Printer
	by access.Actor

	dir *programme.Directory // read where staff of other sites may be met; nil elsewhere
}

// ask makes a handler of a visit. A form that was sent has the id it was shown
// with, or it is none of ours.
func (m *more) ask(h func(*ask) error) func(*visit) error {
	return func(v *visit) error {
		if v.r.Method == http.MethodPost {
			if _, err := v.form(); err != nil {
				return err
			}
		}
		return h(&ask{m: m, v: v, w: v.w, r: v.r, c: v.s.clinic, p: v.p, by: v.by})
	}
}

func (a *ask) ctx() context.Context { return a.r.Context() }

func (a *ask) shell(here, title string) ui.Shell { return a.v.shell(title, here) }

func (a *ask) show(status int, page templ.Component) error { return a.v.show(status, page) }

// status is what a page is sent with: a form that is shown again because
// something was wrong is not a success.
func status(forms ...typed.Form) int {
	for _, f := range forms {
		if f.Bad() {
			return http.StatusUnprocessableEntity
		}
	}
	return http.StatusOK
}

// done says what was done on the page the person goes to.
func (a *ask) done(href, key string, args ...any) error {
	a.v.flash("good", a.p.T(key, args...))
	return a.v.seeOther(href)
}

// may says whether to offer an act; the clinic decides again when it is asked.
func (a *ask) may(act access.Action, rel access.Relation) bool {
	return access.Allow(a.by, act, rel) == nil
}

// val is one field of the form, in the one Unicode form that is kept.
func (a *ask) val(name string) string { return norm.NFC.String(a.v.field(name)) }

// pathID is an id of the address, or not found.
func (a *ask) pathID() (string, error) {
	s := a.r.PathValue("id")
	if !id.Valid(s) {
		return "", errMissing
	}
	return s, nil
}

func (a *ask) patientID() (id.Patient, error) {
	s, err := a.pathID()
	return id.Patient(s), err
}

// fresh is a form that is about to be shown for the first time.
func (a *ask) fresh() typed.Form { return typed.Form{ID: a.c.NewForm()} }

// proving marks forms that the person answers for with the password, where one
// is set.
func (a *ask) proving(forms ...*typed.Form) error {
	set, err := a.c.HasPassword(a.ctx(), a.by.Person)
	for _, f := range forms {
		f.High = set
	}
	return err
}

// typed is the form that was sent, with the named fields kept as typed. A PIN
// is never kept.
func (a *ask) typed(names ...string) typed.Form {
	f := typed.Form{ID: id.Form(a.val("form"))}
	for _, n := range names {
		f.Set(n, a.val(n))
	}
	return f
}

// keep keeps the chosen check boxes of a field.
func (a *ask) keep(f *typed.Form, name string) []string {
	if f.Lists == nil {
		f.Lists = map[string][]string{}
	}
	f.Lists[name] = a.v.fields(name)
	return f.Lists[name]
}

// refused puts a refusal into the form it answers: beside the field it is
// about, or above all fields. It is false for a fault. pin names the field of
// the PIN that the act asked for.
func (a *ask) refused(f *typed.Form, err error, pin string) bool {
	ref, ok := asRefusal(err)
	if !ok {
		return false
	}
	if strings.HasPrefix(ref.Rule, "ACCESS-") {
		return false // the whole page is refused
	}
	field := fieldOf(ref, pin)
	said := a.p.Refusal(ref)
	if field == "" {
		f.Refused = &said
		return true
	}
	f.Wrong(field, strings.TrimSpace(said.Text+" "+said.Do))
	return true
}

// fieldOf is the field a rule is about, "" when it is about the whole form.
func fieldOf(ref *reason.Refusal, pin string) string {
	switch ref.Rule {
	case "STAFF-10", "STAFF-11", "STAFF-12", "STAFF-15", "STAFF-17":
		return pin
	case "DAY-11", "DAY-12", "DOSE-15", "DOSE-16", "STOCK-10", "STOCK-11", "STAFF-13":
		return "second"
	case "PATIENT-01", "STAFF-01", "STAFF-03":
		return "name"
	case "PATIENT-02":
		for _, x := range ref.Args {
			if s, ok := x.Value.(string); ok && x.Name == "field" {
				return s
			}
		}
	case "PATIENT-03":
		return "birth"
	case "PATIENT-04":
		return "sex"
	case "PATIENT-05":
		return "phone"
	case "PATIENT-06", "PATIENT-40":
		return "identity"
	case "PATIENT-39":
		return "dosed"
	case "STAFF-02":
		return "duty"
	case "GLASS-03":
		return "reason"
	case "GLASS-10":
		return "found"
	case "STAB-21", "STAB-22":
		return "why"
	case "PATIENT-16":
		return "agreed"
	case "PATIENT-18", "PATIENT-19", "PATIENT-20", "PATIENT-21":
		return "file"
	}
	return ""
}

// witness is the second person as the form names them; the clinic proves the
// PIN.
func (a *ask) witness() clinic.Witness {
	return clinic.Witness{Person: id.Person(a.val("second")), PIN: a.r.PostFormValue("second_pin")}
}

// name is a member of staff by name, or nothing where there was nobody. Of
// another site's staff only those are known by name who sign its letters.
func (a *ask) name(p id.Person) string {
	if p == "" {
		return ""
	}
	if _, ok := a.c.Member(p); ok || a.dir == nil {
		return a.v.person(p)
	}
	if x, ok := a.dir.Clinician(p); ok && x.Name != "" {
		return x.Name
	}
	return a.p.T("glass.staff_there")
}

// mg reads an amount; what is wrong with it goes to its field.
func (a *ask) mg(f *typed.Form, name string) unit.Microgram {
	g, err := unit.ParseMg(a.val(name))
	a.amount(f, name, int64(g), err)
	return g
}

// ml reads a volume; what is wrong with it goes to its field.
func (a *ask) ml(f *typed.Form, name string, zero bool) unit.Microlitre {
	v, err := unit.ParseML(a.val(name))
	if err == nil && v == 0 && zero {
		return 0
	}
	a.amount(f, name, int64(v), err)
	return v
}

func (a *ask) amount(f *typed.Form, name string, n int64, err error) {
	switch wrong := a.v.wrongAmount(err); {
	case wrong != "":
		f.Wrong(name, wrong)
	case n == 0:
		f.Wrong(name, a.p.T("amount.zero"))
	}
}

// date reads a date; what is wrong with it goes to its field.
func (a *ask) date(f *typed.Form, name string) day.Day {
	d, err := day.ParseTyped(a.val(name))
	if err != nil {
		f.Wrong(name, a.p.T("desk.no_date"))
	}
	return d
}

// count reads a small whole number; what is wrong with it goes to its field.
func (a *ask) count(f *typed.Form, name string, low, high int) int {
	n, ok := whole(a.val(name))
	if !ok || n < low || n > high {
		f.Wrong(name, a.p.T("desk.no_count", "low", low, "high", high))
	}
	return n
}

// whole reads plain digits and nothing else: no sign, no exponent, no digits of
// another script.
func whole(s string) (int, bool) {
	if s == "" || len(s) > 6 {
		return 0, false
	}
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, true
}

// print shows a paper that names patients, after it was noted that it was made.
func (a *ask) print(paper, about string, page templ.Component) error {
	if err := a.c.Print(a.ctx(), a.by, a.v.route.action, paper, about); err != nil {
		return err
	}
	return a.show(http.StatusOK, page)
}

// isMissing says that what was asked for is not there, which is no fault.
func isMissing(err error) bool { return errors.Is(err, clinicdb.ErrNotFound) }
