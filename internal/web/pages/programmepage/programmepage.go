// Package programmepage is the hub's pages: the sites and how their journals
// stand, who asks to join, what people must answer for, who signs letters, and
// the hub's own people.
//
// They know codes and numbers, and no name of a patient: the hub's people
// telephone the sites. Each list says in words when it is empty, and what is not
// known is said to be unknown.
package programmepage

import (
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui"
	"tram/internal/words"
)

// Page is the overview.
type Page struct {
	Shell    ui.Shell
	Sites    []Site
	Requests []Request
	Letters  []Letter
	Cases    int // that wait for an answer
	MayRun   bool
}

// Site is one site as the hub knows it.
type Site struct {
	Code, Name, Role  string // Role in words
	Contact           day.Instant
	Entries, Patients int
	NewestDay         day.Day
	Signed            int    // entries under its newest checkpoint
	Clock             string // how its clock stands, in words
	ClockBad          bool
	Waits             []string // what the hub waits for, in words; none: for nothing
	Stopped           bool     // nothing more of its journal is taken
}

// Request is a site that asks to join.
type Request struct {
	ID, Code, Name string
	At             day.Instant
	Words          string // its key, to compare by telephone
	Refused        words.Said
	Parents        []ui.Option
	Yes, No        typed.Form
}

// Letter is a site letter nobody has accepted yet.
type Letter struct {
	Letter, From, To string
	First, Last      day.Day
	At               day.Instant
}

// Cases is what people must answer for, and what they have answered.
type Cases struct {
	Shell     ui.Shell
	Open      []Case
	Pairs     []Pair
	Answered  []Answer
	MayAnswer bool
}

// Case is something that people must look at.
type Case struct {
	ID, Site, What, Do string // What happened and what to Do, in words
	Joined             bool   // the site has a page here
	Code               string // of the patient it is about; "" where it is about none, or not for this reader
	Day                day.Day
	At                 day.Instant
	Detail             string
	State              string // what the site itself has answered, in words
	Form               typed.Form
}

// TwoPeople is the answer that two records are not one person; otherwise the
// answer is the record that goes on.
const TwoPeople = "none"

// Pair are two records that look like one person.
type Pair struct {
	One, Two         string // ids
	OneCode, TwoCode string // "" where the reader may not see them
	OneSite, TwoSite string
	Certain          bool // the same identity number
	Form             typed.Form
}

// Answer is what somebody said about a case.
type Answer struct {
	What, Site, Words, By string
	Day                   day.Day
	At                    day.Instant
}

// One is a site's page.
type One struct {
	Shell       ui.Shell
	Site        Site
	Number      int    // of its installation, as the programme knows it
	Speaks      string // which installation and program said hello last, in words
	Parent      string
	Root        string // over its entries here
	Checkpoint  string // the newest, as it was signed
	Former      []Former
	Restores    []Restore
	MayRun      bool
	MayList     bool
	Why         []ui.Option // reasons to end an installation
	Ended       bool        // the present installation is no more
	End, Resume typed.Form
	StoppedText string // why nothing more is taken
}

// Whys are the reasons to end an installation.
var Whys = []string{"lost", "stolen", "broken", "copied"}

// Former is an installation that ended.
type Former struct{ Number, Size int }

// Restore is a new installation, as the site reported it.
type Restore struct {
	Number, OfNumber, OfSize int
	At                       day.Instant
	Said                     string // what may be missing, in words
	Bad                      bool
}

// List is the patients of a site, by code.
type List struct {
	Shell      ui.Shell
	Code, Name string
	Patients   []Patient
	More       bool
}

// Patient is one of them.
type Patient struct {
	Code, Site string
	Registered day.Day
	Sites      int
}

// Clinicians is who signs letters, and who would.
type Clinicians struct {
	Shell  ui.Shell
	Asking []Hand
	Named  []Hand
	MayRun bool
}

// Hand is somebody with a key for signing letters.
type Hand struct {
	Person, Site, Name, Duties string
	Words                      string // the key, to compare by telephone
	KeyAt                      day.Instant
	Until, From                day.Day
	State                      string // in words
	Good                       bool   // signs today
	Form                       typed.Form
}

// People is those who work at the hub.
type People struct {
	Shell   ui.Shell
	People  []Person
	New     typed.Form
	MayRun  bool
	Open    string // whose form is open: a person, or "new"
	Code    string // a one-time code, shown this once
	CodeFor string
}

// Person is one of them.
type Person struct {
	ID, Name string
	Duties   []ui.Option
	Chosen   []string
	Self     bool
	Form     typed.Form
}

// Me is the page on which a person changes their password.
type Me struct {
	Shell  ui.Shell
	Name   string
	Duties string
	Form   typed.Form
}

// SignIn asks who is there.
type SignIn struct {
	Shell  ui.Shell
	People []ui.Option
	Chosen string
	Error  string
	Form   id.Form
}

// Forbidden says that none of a person's duties allows something.
type Forbidden struct {
	Shell ui.Shell
	Said  words.Said
}

// First sets a password by a one-time code.
type First struct {
	Shell  ui.Shell
	People []ui.Option
	Form   typed.Form
}

// passwordMax is the longest password a form takes.
const passwordMax = 200

// proof is the field for the password that an act asks for once more.
func proof(p *words.Printer, f typed.Form, id string) ui.Field {
	return f.Field(ui.Field{
		Name: "password", ID: "password-" + id, Label: p.T("hub.your_password"), Type: "password", Complete: "current-password", Max: passwordMax, Required: true,
	})
}

// roles are the answers to what a site is.
func roles(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, r := range []string{"main", "satellite", "unit", "office"} {
		out = append(out, ui.Option{Value: r, Label: p.T("hub.role." + r)})
	}
	return out
}

// Duties are those that people of the hub can have.
func Duties(p *words.Printer) []ui.Option {
	var out []ui.Option
	for _, d := range []duty.Duty{duty.Manager, duty.Physician, duty.Inspector} {
		out = append(out, ui.Option{Value: string(d), Label: p.T("duty." + string(d)), Hint: p.T("hub.duty_hint." + string(d))})
	}
	return out
}

func contact(g One) string {
	if g.Site.Contact == 0 {
		return g.Shell.P.T("hub.never")
	}
	return g.Shell.P.Moment(g.Site.Contact)
}

func newest(g One) string {
	if g.Site.NewestDay == day.Never {
		return "–"
	}
	return g.Shell.P.Day(g.Site.NewestDay)
}
