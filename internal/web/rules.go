package web

import (
	"errors"
	"net/http"
	"strconv"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/reason"
	"tram/internal/rulebook"
	"tram/internal/unit"
	page "tram/internal/web/pages/rules"
	"tram/internal/web/pages/typed"
)

// tableLines is how many lines the form for a table has beyond those in force.
const tableLines = 2

// rules shows the rulebook.
func (a *ask) rules() error {
	b := a.c.Book()
	return a.show(http.StatusOK, page.Show(page.Page{
		Shell: a.shell("rules", a.p.T("rules.title")), Set: b.Set, Version: b.Version, Rules: b.Rules(), Missed: b.Missed(), Vomited: b.Vomited(),
		Unanswered: b.Unanswered(), Doubtful: b.Unconfirmed(), Can: a.may(access.ManageRules, access.NoPatient),
	}))
}

func isTable(key string) bool { return key == rulebook.MissedKey || key == rulebook.VomitedKey }

func (a *ask) editRule() error {
	key := a.r.PathValue("key")
	f := a.fresh()
	if isTable(key) {
		a.fillTable(&f, key)
	}
	return a.showRule(key, f)
}

func (a *ask) showRule(key string, f typed.Form) error {
	if err := a.proving(&f); err != nil {
		return err
	}
	b := a.c.Book()
	if isTable(key) {
		pg := page.TablePage{
			Shell: a.shell("rules", a.p.T("rules.title")), Set: b.Set, Key: key, Words: b.Set.Missed.Words, Note: b.Set.Missed.Note,
			Missed: b.Missed(), Vomited: b.Vomited(), Form: f, Lines: a.lines(key),
		}
		if key == rulebook.VomitedKey {
			pg.Words, pg.Note = b.Set.Vomited.Words, b.Set.Vomited.Note
		}
		return a.show(status(f), page.EditTable(pg))
	}
	r, ok := b.Rule(key)
	if !ok {
		return errMissing
	}
	return a.show(status(f), page.Edit(page.EditPage{Shell: a.shell("rules", a.p.T("rules.title")), Set: b.Set, Rule: r, Form: f}))
}

// lines is how many lines the form for a table has.
func (a *ask) lines(key string) int {
	b := a.c.Book()
	if key == rulebook.MissedKey {
		return len(b.Missed()) + tableLines
	}
	return len(b.Vomited()) + tableLines
}

// fillTable puts the table in force into its form, to be changed there.
func (a *ask) fillTable(f *typed.Form, key string) {
	n := func(v int) string {
		if v == 0 {
			return ""
		}
		return strconv.Itoa(v)
	}
	b := a.c.Book()
	if key == rulebook.VomitedKey {
		for i, r := range b.Vomited() {
			at := "-" + strconv.Itoa(i+1)
			f.Set("from"+at, strconv.Itoa(r.From))
			f.Set("to"+at, n(r.To))
			f.Set("percent"+at, strconv.Itoa(r.Percent))
		}
		return
	}
	for i, r := range b.Missed() {
		at := "-" + strconv.Itoa(i+1)
		f.Set("from"+at, strconv.Itoa(r.From))
		f.Set("to"+at, n(r.To))
		f.Set("action"+at, string(r.Action))
		f.Set("percent"+at, n(r.Percent))
		if r.CapUg > 0 {
			f.Set("cap"+at, a.p.MgNumber(unit.Microgram(r.CapUg)))
		}
	}
}

func (a *ask) postRule() error {
	key := a.r.PathValue("key")
	f := a.typed("value", "reason")
	cmd := rulebook.Confirm{Key: key, Reason: a.val("reason"), Unset: a.val("act") == "unset"}
	switch {
	case isTable(key):
		a.readTable(&f, &cmd)
	case !cmd.Unset:
		r, ok := a.c.Book().Rule(key)
		if !ok {
			return errMissing
		}
		cmd.Value = a.ruleValue(&f, r)
	}
	if !f.Bad() {
		err := a.c.ConfirmRules(a.ctx(), a.by, f.ID, []rulebook.Confirm{cmd}, a.val("pin"))
		if err == nil {
			return a.done("/rules", "rules.done")
		}
		if !a.refused(&f, a.saidInUnits(err, key), "pin") {
			return err
		}
	}
	return a.showRule(key, f)
}

// ruleValue reads a number as people say it: mg and mL with their decimals,
// everything else as a whole number.
func (a *ask) ruleValue(f *typed.Form, r rulebook.Rule) *int64 {
	var v int64
	switch r.Unit {
	case "ug":
		v = int64(a.mg(f, "value"))
	case "ul":
		v = int64(a.ml(f, "value", true))
	default:
		v = int64(a.count(f, "value", 0, 999_999))
	}
	return &v
}

// saidInUnits says the bounds of RULE-03 as people say the number.
func (a *ask) saidInUnits(err error, key string) error {
	var ref *reason.Refusal
	r, ok := a.c.Book().Rule(key)
	if !ok || !errors.As(err, &ref) || ref.Rule != "RULE-03" {
		return err
	}
	said := &reason.Refusal{Rule: ref.Rule}
	for _, x := range ref.Args {
		if n, ok := x.Value.(int); ok {
			x.Value = page.Number(a.p, int64(n), r.Unit)
		}
		if x.Name == "unit" {
			x.Value = page.UnitName(a.p, r.Unit)
		}
		said.Args = append(said.Args, x)
	}
	return said
}

// readTable reads the lines of a table, or confirms the one in force.
func (a *ask) readTable(f *typed.Form, cmd *rulebook.Confirm) {
	act, n := a.val("act"), a.lines(cmd.Key)
	for i := range n {
		for _, name := range []string{"from", "to", "action", "percent", "cap"} {
			name += "-" + strconv.Itoa(i+1)
			f.Set(name, a.val(name))
		}
	}
	if act == "unset" {
		return
	}
	b := a.c.Book()
	if act == "confirm" { // the set's own rows are confirmed by naming none
		if rows := b.Missed(); cmd.Key == rulebook.MissedKey && len(rows) > 0 && rows[0].Source == rulebook.ProgrammeSource {
			cmd.Missed = rows
		}
		if rows := b.Vomited(); cmd.Key == rulebook.VomitedKey && len(rows) > 0 && rows[0].Source == rulebook.ProgrammeSource {
			cmd.Vomited = rows
		}
		return
	}
	for i := range n {
		at := "-" + strconv.Itoa(i+1)
		if a.val("from"+at) == "" {
			continue
		}
		if cmd.Key == rulebook.MissedKey {
			cmd.Missed = append(cmd.Missed, a.missedRow(f, at))
		} else {
			cmd.Vomited = append(cmd.Vomited, a.vomitedRow(f, at))
		}
	}
	if len(cmd.Missed)+len(cmd.Vomited) == 0 {
		f.Wrong("from-1", a.p.T("desk.no_count", "low", 0, "high", 999))
	}
}

// blankCount reads a number that may be left empty, as 0.
func (a *ask) blankCount(f *typed.Form, name string) int {
	if a.val(name) == "" {
		return 0
	}
	return a.count(f, name, 0, 9_999)
}

func (a *ask) missedRow(f *typed.Form, at string) rulebook.MissedRow {
	r := rulebook.MissedRow{
		From: a.count(f, "from"+at, 1, 9_999), To: a.blankCount(f, "to"+at), Action: dose.GapAction(a.val("action" + at)), Decides: rulebook.Physician,
		Percent: a.blankCount(f, "percent"+at), Source: rulebook.ProgrammeSource, Status: rulebook.ByProgramme,
	}
	if r.Action == dose.Same {
		r.Decides = rulebook.Nurse
	}
	if a.val("action"+at) == "" {
		f.Wrong("action"+at, a.p.T("desk.choose"))
	}
	if a.val("cap"+at) != "" {
		r.CapUg = int64(a.mg(f, "cap"+at))
	}
	return r
}

func (a *ask) vomitedRow(f *typed.Form, at string) rulebook.VomitedRow {
	return rulebook.VomitedRow{
		From: a.count(f, "from"+at, 0, 9_999), To: a.blankCount(f, "to"+at), Percent: a.blankCount(f, "percent"+at), Decides: rulebook.Physician,
		Source: rulebook.ProgrammeSource, Status: rulebook.ByProgramme,
	}
}
