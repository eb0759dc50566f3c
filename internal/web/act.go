package web

import (
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
	"tram/internal/web/pages/window"
)

// postPour records that the dose is measured into the cup. The form sends back
// the amount the screen showed, so that a changed order is noticed.
func (v *visit) postPour() error {
	form, err := v.form()
	if err != nil {
		return err
	}
	p, err := v.patient()
	if err != nil {
		return err
	}
	shown, err := strconv.ParseInt(v.field("shown_ug"), 10, 64)
	replaces := v.field("replaces")
	if err != nil || (replaces != "" && !id.Valid(replaces)) {
		return errForm
	}
	_, err = v.s.clinic.Pour(v.r.Context(), v.by, form, dose.Pour{Patient: p, Shown: unit.Microgram(shown), Replacement: id.Dose(replaces)})
	return v.after(p, err, "", "")
}

// postSwallowed records that the dose was seen swallowed.
func (v *visit) postSwallowed() error {
	form, err := v.form()
	if err != nil {
		return err
	}
	d, err := v.dose()
	if err != nil {
		return err
	}
	done, err := v.s.clinic.Swallow(v.r.Context(), v.by, form, d)
	return v.after(done.Patient, err, "good", v.p.T("window.did.swallowed"))
}

// after goes back to the window: with the patient in it, and a refusal in
// words. A fault is no refusal.
func (v *visit) after(p id.Patient, err error, kind, text string) error {
	if err != nil {
		said := v.refusal(err)
		if said == nil {
			return err
		}
		v.flash("stop", strings.TrimSpace(said.Text+" "+said.Do))
		return v.seeOther("/window")
	}
	if p != "" {
		v.seat.serve(p)
	}
	if text != "" {
		v.flash(kind, text)
	}
	return v.seeOther("/window")
}

// dose is the dose named by the form.
func (v *visit) dose() (id.Dose, error) {
	d := v.field("dose")
	if !id.Valid(d) {
		return "", errForm
	}
	return id.Dose(d), nil
}

// otherAct is one of the seldom acts at the window: what it needs of the
// access table, and how its form is done.
type otherAct struct {
	kind   window.Kind
	action access.Action
	do     func(v *visit, a *window.Act, w clinic.Witness) (told string, err error)
	two    bool // needs a second person
}

// acts lists the other acts of the window.
var acts = []otherAct{
	{window.DoHold, access.ServeDose, (*visit).doHold, false},
	{window.DoRelease, access.ServeDose, (*visit).doRelease, false},
	{window.DoPart, access.ServeDose, (*visit).doPart, true},
	{window.DoNotGiven, access.ServeDose, (*visit).doNotGiven, true},
	{window.DoVomited, access.ServeDose, (*visit).doVomited, false},
	{window.DoSpill, access.HandleStock, (*visit).doSpill, true},
	{window.DoCorrect, access.CorrectDose, (*visit).doCorrect, true},
	{window.DoAnswer, access.CorrectDose, (*visit).doAnswer, true},
	{window.DoReplace, access.AllowDose, (*visit).doReplace, false},
	{window.DoAttest, access.ServeDose, (*visit).doAttest, true},
}

// postAct does one of the other acts. What was typed comes back with what is
// wrong with it beside the field; nothing was written then.
func (v *visit) postAct(o otherAct) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	p, err := v.patient()
	if err != nil {
		return err
	}
	a := &window.Act{Kind: o.kind, Form: form, Typed: v.typedAct(), Errors: map[string]string{}}
	var told string
	var w clinic.Witness
	if o.two {
		w, err = v.witness()
	}
	if err == nil {
		told, err = o.do(v, a, w)
	}
	if len(a.Errors) == 0 && err == nil {
		return v.after(p, nil, "good", told)
	}
	if err != nil && !v.beside(a, err) {
		return err
	}
	if v.seat.open() != p {
		v.seat.serve(p)
	}
	return v.showWindow(http.StatusUnprocessableEntity, a)
}

func (v *visit) typedAct() window.Typed {
	t := func(name string) string { return norm.NFC.String(v.field(name)) }
	return window.Typed{
		Why: t("why"), Note: t("note"), Signs: t("signs"), Called: t("called"), Minutes: t("minutes"), Volume: t("volume"),
		Amount: t("amount"), Outcome: t("outcome"), Seen: t("seen"), Wasted: t("wasted"), Bottle: t("bottle"),
		Doctor: t("doctor"), Card: t("card"),
	}
}

// beside puts a refusal beside the field it is about, or above the form; false
// means that the error is a fault.
func (v *visit) beside(a *window.Act, err error) bool {
	said := v.refusal(err)
	if said == nil {
		return false
	}
	text := strings.TrimSpace(said.Text + " " + said.Do)
	switch said.Rule {
	case "STAFF-10", "STAFF-11", "STAFF-12", "STAFF-17":
		if a.Kind == window.DoReplace {
			a.Errors["pin"] = text
		} else {
			a.Second.PINError = text
		}
	case "DOSE-29":
		a.Errors["note"] = text
	case "DOSE-20":
		a.Errors["minutes"] = text
	case "DOSE-51":
		a.Errors["doctor"] = text
	case "DOSE-52":
		a.Errors["amount"] = text
	default:
		a.Problem = said
	}
	return true
}

// minutes reads a whole number of minutes.
func (v *visit) minutes(a *window.Act, needed bool) int {
	if a.Typed.Minutes == "" && !needed {
		return 0
	}
	n, ok := whole(a.Typed.Minutes)
	if !ok {
		a.Errors["minutes"] = v.p.T("window.error.minutes")
	}
	return n
}

// volume reads mL.
func (v *visit) volume(a *window.Act) unit.Microlitre {
	n, err := unit.ParseML(a.Typed.Volume)
	if err == nil && n == 0 {
		err = unit.NotAllowed
	}
	if text := v.wrongAmount(err); text != "" {
		a.Errors["volume"] = text
	}
	return n
}

// amount reads mg.
func (v *visit) amount(a *window.Act) unit.Microgram {
	n, err := unit.ParseMg(a.Typed.Amount)
	if err == nil && n == 0 {
		err = unit.NotAllowed
	}
	if text := v.wrongAmount(err); text != "" {
		a.Errors["amount"] = text
	}
	return n
}

// chosen wants an answer to a choice.
func (v *visit) chosen(a *window.Act, field, value string) {
	if value == "" {
		a.Errors[field] = v.p.T("window.error.choose")
	}
}

// noted wants a few words.
func (v *visit) noted(a *window.Act) {
	if a.Typed.Note == "" {
		a.Errors["note"] = v.p.T("window.error.note")
	}
}

func (v *visit) doHold(a *window.Act, _ clinic.Witness) (string, error) {
	p, err := v.patient()
	if err != nil {
		return "", err
	}
	v.chosen(a, "why", a.Typed.Why)
	n := v.minutes(a, false)
	if len(a.Errors) > 0 {
		return "", nil
	}
	cmd := dose.Hold{Patient: p, Why: dose.HoldWhy(a.Typed.Why), Signs: a.Typed.Signs, Called: a.Typed.Called}
	if n > 0 {
		cmd.LookAt = v.s.clinic.Now() + day.Instant(n)*60_000
	}
	_, err = v.s.clinic.Hold(v.r.Context(), v.by, a.Form, cmd)
	return v.p.T("window.did.hold"), err
}

func (v *visit) doRelease(a *window.Act, _ clinic.Witness) (string, error) {
	p, err := v.patient()
	if err != nil {
		return "", err
	}
	v.noted(a)
	if len(a.Errors) > 0 {
		return "", nil
	}
	_, err = v.s.clinic.Release(v.r.Context(), v.by, a.Form, p, a.Typed.Note)
	return v.p.T("window.did.release"), err
}

func (v *visit) doPart(a *window.Act, w clinic.Witness) (string, error) {
	d, err := v.dose()
	if err != nil {
		return "", err
	}
	rest := v.volume(a)
	v.noted(a)
	if len(a.Errors) > 0 {
		return "", nil
	}
	done, err := v.s.clinic.TakePart(v.r.Context(), v.by, a.Form, dose.TakePart{Dose: d, Rest: rest, Why: a.Typed.Note}, w)
	return v.p.T("window.did.part", "taken", done.Taken), err
}

func (v *visit) doNotGiven(a *window.Act, w clinic.Witness) (string, error) {
	d, err := v.dose()
	if err != nil {
		return "", err
	}
	v.chosen(a, "why", a.Typed.Why)
	if dose.NotWhy(a.Typed.Why) != dose.Spilt {
		v.chosen(a, "wasted", a.Typed.Wasted)
	}
	if len(a.Errors) > 0 {
		return "", nil
	}
	cmd := dose.NotGive{Dose: d, Why: dose.NotWhy(a.Typed.Why), Note: a.Typed.Note, Wasted: a.Typed.Wasted != "back"}
	_, err = v.s.clinic.NotGive(v.r.Context(), v.by, a.Form, cmd, w)
	return v.p.T("window.did.not-given"), err
}

func (v *visit) doVomited(a *window.Act, _ clinic.Witness) (string, error) {
	d, err := v.dose()
	if err != nil {
		return "", err
	}
	n := v.minutes(a, true)
	v.chosen(a, "seen", a.Typed.Seen)
	if len(a.Errors) > 0 {
		return "", nil
	}
	cmd := dose.Vomit{Dose: d, Minutes: n, Seen: a.Typed.Seen == "yes", Note: a.Typed.Note}
	_, err = v.s.clinic.Vomited(v.r.Context(), v.by, a.Form, cmd)
	return v.p.T("window.did.vomited"), err
}

func (v *visit) doSpill(a *window.Act, w clinic.Witness) (string, error) {
	n := v.volume(a)
	v.chosen(a, "bottle", a.Typed.Bottle)
	v.noted(a)
	if len(a.Errors) > 0 {
		return "", nil
	}
	if !id.Valid(a.Typed.Bottle) {
		return "", errForm
	}
	cmd := stock.Spill{Bottle: id.Bottle(a.Typed.Bottle), Volume: n, Why: a.Typed.Note}
	_, err := v.s.clinic.SpillBottle(v.r.Context(), v.by, a.Form, cmd, w)
	return v.p.T("window.did.spilled", "volume", n), err
}

func (v *visit) doCorrect(a *window.Act, w clinic.Witness) (string, error) {
	d, err := v.dose()
	if err != nil {
		return "", err
	}
	v.chosen(a, "outcome", a.Typed.Outcome)
	cmd := dose.Correct{Dose: d, Outcome: dose.Outcome(a.Typed.Outcome), Reason: a.Typed.Note}
	if cmd.Outcome == dose.PartOnly {
		cmd.Taken = v.amount(a)
	}
	v.noted(a)
	if len(a.Errors) > 0 {
		return "", nil
	}
	_, err = v.s.clinic.CorrectDose(v.r.Context(), v.by, a.Form, cmd, w)
	return v.p.T("window.did.correct"), err
}

func (v *visit) doAnswer(a *window.Act, w clinic.Witness) (string, error) {
	d, err := v.dose()
	if err != nil {
		return "", err
	}
	v.chosen(a, "outcome", a.Typed.Outcome)
	v.noted(a)
	if len(a.Errors) > 0 {
		return "", nil
	}
	cmd := dose.Answer{Dose: d, Outcome: dose.Outcome(a.Typed.Outcome), Note: a.Typed.Note}
	_, err = v.s.clinic.AnswerDose(v.r.Context(), v.by, a.Form, cmd, w)
	return v.p.T("window.did.answer"), err
}

func (v *visit) doReplace(a *window.Act, _ clinic.Witness) (string, error) {
	d, err := v.dose()
	if err != nil {
		return "", err
	}
	g := v.amount(a)
	v.noted(a)
	if len(a.Errors) > 0 {
		return "", nil
	}
	pin := v.field("pin")
	if pin == "" {
		return "", reason.Refuse("STAFF-06", "digits", 6)
	}
	_, err = v.s.clinic.AllowReplacement(v.r.Context(), v.by, a.Form, d, g, a.Typed.Note, pin)
	return v.p.T("window.did.replace"), err
}

// doAttest records a dose on people's word.
func (v *visit) doAttest(a *window.Act, w clinic.Witness) (string, error) {
	p, err := v.patient()
	if err != nil {
		return "", err
	}
	g := v.amount(a)
	v.noted(a)
	v.chosen(a, "doctor", a.Typed.Doctor)
	v.chosen(a, "card", a.Typed.Card)
	if len(a.Errors) > 0 {
		return "", nil
	}
	cmd := dose.Attest{Patient: p, Amount: g, Why: a.Typed.Note, Card: a.Typed.Card == "clean", Physician: id.Person(a.Typed.Doctor)}
	f, err := v.s.clinic.Attest(v.r.Context(), v.by, a.Form, cmd, w)
	return v.p.T("window.did.attest", "dose", v.p.Dose(f.Amount, f.Volume)), err
}
