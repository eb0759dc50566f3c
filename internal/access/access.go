// Package access decides who may do what, for whom: duties × actions ×
// relation, in one readable table.
//
// It is pure: it reads no session and no database, and the caller brings the
// actor. It denies by default; an action that is not in the table is allowed
// to nobody. One person with several duties is the normal case, and
// separation is by person and act, never by role name: that two different
// people are needed for an act is the care rooms' rule, not this one's. The
// whole matrix stands in testdata/matrix.txt; a change of it is a privacy
// review.
package access

import (
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/reason"
)

// Relation is how the person asked about stands to the site.
type Relation string

// The relations. NoPatient is for acts that concern no patient.
const (
	NoPatient Relation = "none"
	InCare    Relation = "in_care"   // in treatment at this site now
	Former    Relation = "former"    // was in treatment at this site
	Elsewhere Relation = "elsewhere" // known here only from what other sites told
)

// Action is something a person may ask the program to do or show.
type Action string

// The actions. Each handler and each command names exactly one.
const (
	SeeWindow       Action = "see_window"       // the queue and the patient at the window
	ServeDose       Action = "serve_dose"       // pour and answer for a dose, hold, release, vomited
	CorrectDose     Action = "correct_dose"     // put right a mistaken entry, answer a question
	AllowDose       Action = "allow_dose"       // answer after a gap, allow a replacement
	SeeRecord       Action = "see_record"       // a patient's whole record
	BreakGlass      Action = "break_glass"      // open one record for an hour in an emergency: glass.go
	ReviewGlass     Action = "review_glass"     // answer for a record that was opened so
	WriteNote       Action = "write_note"       // notes, urine tests
	ChangePatient   Action = "change_patient"   // register, change, card
	EndCare         Action = "end_care"         // end or restart a course of treatment
	WriteOrder      Action = "write_order"      // write and stop orders
	SignOrder       Action = "sign_order"       // sign orders
	HandleStock     Action = "handle_stock"     // receive, open, spill, count, finish bottles
	SeeStock        Action = "see_stock"        // bottles, stock book
	OpenDay         Action = "open_day"         // open and close the day
	SeeRegisters    Action = "see_registers"    // registers and sheets that name patients
	ManageStaff     Action = "manage_staff"     // people, duties, secrets
	ManageRules     Action = "manage_rules"     // confirm and change the programme's numbers
	SeeRules        Action = "see_rules"        // read the rulebook
	ImportFiles     Action = "import_files"     // patients, orders, doses from files
	ExportFiles     Action = "export_files"     // the same out again
	SeeJournal      Action = "see_journal"      // size, checkpoints, verification
	SeeAudit        Action = "see_audit"        // who saw whose record
	AnswerStability Action = "answer_stability" // answer a proposal about where a person is dosed
	SendLetter      Action = "send_letter"      // give a patient's days to another site
	TakeLetter      Action = "take_letter"      // read a letter and take its days
	SeeProgramme    Action = "see_programme"    // the hub's pages: sites, journals, letters, who signs
	RunProgramme    Action = "run_programme"    // let sites in, end installations, name who signs, take a journal again
	AnswerCase      Action = "answer_case"      // say what was done about a conflict or an event
	ListPatients    Action = "list_patients"    // patients of a site by code, at the hub
	WitnessActs     Action = "witness_acts"     // be the second person
	ConfirmIdentity Action = "confirm_identity" // sign in, unlock: every member of staff
)

// Actions lists all actions in the order of the table.
var Actions = []Action{
	SeeWindow, ServeDose, CorrectDose, AllowDose, SeeRecord, BreakGlass, ReviewGlass, WriteNote, ChangePatient, EndCare,
	WriteOrder, SignOrder, HandleStock, SeeStock, OpenDay, SeeRegisters, ManageStaff, ManageRules, SeeRules, ImportFiles, ExportFiles,
	SeeJournal, SeeAudit, AnswerStability, SendLetter, TakeLetter, SeeProgramme, RunProgramme, AnswerCase, ListPatients, WitnessActs, ConfirmIdentity,
}

// table says which duties allow an action, and whether it also reaches
// patients who are no longer in care. What is not here is allowed to nobody.
var table = map[Action]struct {
	duties []duty.Duty
	former bool
}{
	SeeWindow:       {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager}, false},
	ServeDose:       {[]duty.Duty{duty.Dispenser, duty.Physician}, false},
	CorrectDose:     {[]duty.Duty{duty.Dispenser, duty.Physician}, true},
	AllowDose:       {[]duty.Duty{duty.Physician}, false},
	SeeRecord:       {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor}, true},
	BreakGlass:      {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager}, true},
	ReviewGlass:     {[]duty.Duty{duty.Manager}, true},
	WriteNote:       {[]duty.Duty{duty.Physician, duty.Counsellor}, true},
	ChangePatient:   {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager}, true},
	EndCare:         {[]duty.Duty{duty.Physician}, true},
	WriteOrder:      {[]duty.Duty{duty.Physician}, false},
	SignOrder:       {[]duty.Duty{duty.Physician}, false},
	HandleStock:     {[]duty.Duty{duty.Dispenser}, false},
	SeeStock:        {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Manager, duty.Inspector}, false},
	OpenDay:         {[]duty.Duty{duty.Dispenser}, false},
	SeeRegisters:    {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Manager}, false},
	ManageStaff:     {[]duty.Duty{duty.Manager}, false},
	ManageRules:     {[]duty.Duty{duty.Physician, duty.Manager}, false},
	SeeRules:        {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager, duty.Inspector}, false},
	ImportFiles:     {[]duty.Duty{duty.Manager}, true},
	ExportFiles:     {[]duty.Duty{duty.Manager}, true},
	SeeJournal:      {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager, duty.Inspector}, false},
	SeeAudit:        {[]duty.Duty{duty.Manager, duty.Inspector}, true},
	AnswerStability: {[]duty.Duty{duty.Dispenser, duty.Physician}, false},
	SendLetter:      {[]duty.Duty{duty.Dispenser, duty.Physician}, true},
	TakeLetter:      {[]duty.Duty{duty.Dispenser, duty.Physician}, false},
	SeeProgramme:    {[]duty.Duty{duty.Physician, duty.Manager, duty.Inspector}, false},
	RunProgramme:    {[]duty.Duty{duty.Manager}, false},
	AnswerCase:      {[]duty.Duty{duty.Physician, duty.Manager}, false},
	ListPatients:    {[]duty.Duty{duty.Physician, duty.Manager}, false},
	WitnessActs:     {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager}, false},
	ConfirmIdentity: {[]duty.Duty{duty.Dispenser, duty.Physician, duty.Counsellor, duty.Manager, duty.Inspector}, false},
}

// Actor is the person asking, as the door knows them.
type Actor struct {
	Person  id.Person
	Duties  []duty.Duty
	Station id.Station // where the person is working
}

// Allow answers whether the actor may do the action for a patient in that
// relation: nil, or ACCESS-01 (nobody signed in), ACCESS-02 (not with these
// duties), ACCESS-03 (not for someone who left), ACCESS-04 (not for someone
// whose record is at another site; only the glass reaches that far).
func Allow(a Actor, act Action, rel Relation) error {
	if a.Person == "" {
		return reason.Refuse("ACCESS-01")
	}
	row, ok := table[act]
	if !ok || (rel != NoPatient && rel != InCare && rel != Former && rel != Elsewhere) {
		return reason.Refuse("ACCESS-02", "action", string(act))
	}
	for _, d := range row.duties {
		if duty.Has(a.Duties, d) {
			if rel == Former && !row.former {
				return reason.Refuse("ACCESS-03")
			}
			if rel == Elsewhere && act != BreakGlass {
				return reason.Refuse("ACCESS-04")
			}
			return nil
		}
	}
	return reason.Refuse("ACCESS-02", "action", string(act))
}

// Seen says that someone opened a part of a patient's record, or searched among
// people. Journal kind "access.seen". Fields are only ever added.
type Seen struct {
	Patient id.Patient `json:"patient"` // empty for a search, whose words are in Why
	Part    string     `json:"part"`    // window, record, order, ..., search
	Why     string     `json:"why,omitempty"`
	Glass   id.Glass   `json:"glass,omitempty"` // the emergency opening it was seen under
}

// Printed says that a paper that names patients was made. Journal kind
// "access.printed".
type Printed struct {
	Paper string `json:"paper"`           // register, missed, sheet, ...
	About string `json:"about,omitempty"` // the day, month or patient id it is about
}
