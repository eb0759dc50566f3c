package system

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// fault is one kind of thing that goes wrong.
type fault int

// The kinds, in the order of the published table.
const (
	powerCut fault = iota
	writeFails
	writeLies
	diskFull
	bitFlip
	pcDies
	batonAbsent
	batonOld
	batonPulled
	batonForgotten
	pcCloned
	clockHours
	clockDay
	clockYear
	dateBoth
	leftOpen
	doubleClick
	lineCut
	parcelTwice
	parcelLate
	parcelMixed
	parcelAltered
	paperLost
	paperTwice
	paperWrongSite
	paperForged
	twoSites
	earlyReturn
	stickTorn
	wordOld
	onWord
	hubCut
	hubFails
	hubBack
	sentAgain
	sentGap
	sentAltered
	oldJournal
	faults
)

// kinds names each fault and its family, and how often it strikes at a storm of
// one: in a thousand commands, days, visits or letters.
var kinds = [faults]struct {
	family, name string
	perMille     float64
}{
	powerCut:       {"storage", "power cut at a write, the disk as it is found", 6},
	writeFails:     {"storage", "a write or sync fails and is not on the disk", 3},
	writeLies:      {"storage", "a write or sync fails and is on the disk", 3},
	diskFull:       {"storage", "disk full", 10},
	bitFlip:        {"storage", "one bit of the database turned", 10},
	pcDies:         {"restore", "PC dies, an older copy of its file comes back", 8},
	batonAbsent:    {"restore", "no baton at the restore", 60},
	batonOld:       {"restore", "an older baton than the copy", 100},
	batonPulled:    {"operator", "baton pulled out before a letter", 60},
	batonForgotten: {"operator", "opened without the baton", 40},
	pcCloned:       {"restore", "old PC switched on again", 400},
	clockHours:     {"clock", "hours off, same date", 15},
	clockDay:       {"clock", "a day off at opening", 15},
	clockYear:      {"clock", "years off at opening", 8},
	dateBoth:       {"operator", "both confirm a wrong date", 30},
	leftOpen:       {"operator", "left open overnight", 30},
	doubleClick:    {"operator", "double click", 40},
	lineCut:        {"network", "site cut off, a stretch of days", 50},
	parcelTwice:    {"network", "entries delivered twice", 60},
	parcelLate:     {"network", "entries days late", 150},
	parcelMixed:    {"network", "entries of two sites in another order", 150},
	parcelAltered:  {"network", "an entry altered on the way", 30},
	paperLost:      {"letter", "paper lost, printed again", 100},
	paperTwice:     {"letter", "taken a second time", 150},
	paperWrongSite: {"letter", "taken at a wrong site", 100},
	paperForged:    {"letter", "altered", 60},
	twoSites:       {"patient", "two sites in one day", 40},
	earlyReturn:    {"patient", "comes back early", 150},
	stickTorn:      {"storage", "stick pulled in the middle of a write", 10},
	wordOld:        {"clock", "runs longer than the word for the date is good", 10},
	onWord:         {"operator", "dose on people's word, without the right", 200},
	hubCut:         {"hub", "power cut at a write, the disk as it is found", 12},
	hubFails:       {"hub", "a write or sync fails", 12},
	hubBack:        {"hub", "an older copy comes back", 6},
	sentAgain:      {"hub", "a segment sent again, with entries it has", 30},
	sentGap:        {"hub", "a segment from beyond what it has", 10},
	sentAltered:    {"hub", "one bit of a segment turned on the way", 10},
	oldJournal:     {"hub", "the journal of a PC that was replaced", 0},
}

// situation is something that must happen sometimes, or a run has looked at
// nothing.
type situation int

const (
	visitDose situation = iota
	earlyBack
	reprinted
	wrongSiteRefused
	secondScan
	forgeryNoted
	batonWins
	olderRefused
	birthAwaited
	adjudicating
	oldFenced
	unwitnessed
	dateRefused
	dateAgain
	lateShown
	fullRefused
	flipNoticed
	flipHarmless
	cutAcked
	answeredTwice
	alteredRefused
	gapAnswered
	hubRefused
	doubleNoticed
	inboxAgain
	situations
)

var situationNames = [situations]string{
	visitDose: "dose at another site by letter", earlyBack: "early return taken at home", reprinted: "lost letter shown again, the same one",
	wrongSiteRefused: "letter refused at a wrong site", secondScan: "second scan changed nothing", forgeryNoted: "altered letter refused",
	batonWins: "restore with a newer baton", olderRefused: "older baton refused", birthAwaited: "nobody dosed before the birth record",
	adjudicating: "restore without baton stands until people answer", oldFenced: "old PC fenced", unwitnessed: "opened without baton and hub",
	dateRefused: "date disagreement refused", dateAgain: "date named again after a restart", lateShown: "letter waited for its second medium",
	fullRefused: "refused on a full disk, and went on", flipNoticed: "turned bit noticed", flipHarmless: "turned bit in unused bytes",
	cutAcked: "power cut after the answer", answeredTwice: "form sent again after a crash, one answer", alteredRefused: "altered entry refused",
	gapAnswered: "missed days answered by a physician", hubRefused: "another history refused by the hub",
	doubleNoticed: "doses at two sites on one day, noticed by the hub", inboxAgain: "inbox read again after the hub was restored",
}

// Violation is a broken promise: which, and where in this history.
type Violation struct {
	Promise string `json:"promise"`
	Seed    uint64 `json:"seed"`
	Day     int    `json:"day"`
	Step    int64  `json:"step"`
	What    string `json:"what"`
}

// Report is what a run, or many, have seen.
type Report struct {
	Runs        int               `json:"runs"`
	First       uint64            `json:"first_seed"`
	Hash        uint64            `json:"hash,string"`
	Steps       int64             `json:"steps"`
	SiteDays    int64             `json:"site_days"`
	CutOff      int64             `json:"site_days_cut_off"`
	Doses       int64             `json:"doses"`
	Doubles     int64             `json:"doubles_two_people_misdated"`
	WordDoubles int64             `json:"doubles_on_peoples_word"`
	Ingested    int64             `json:"entries_at_the_hub"`
	ForgotTwice int64             `json:"forgotten_by_site_and_hub"`
	HubRestarts int64             `json:"hub_restarts"`
	Given       int64             `json:"letters_given"`
	Taken       int64             `json:"letters_taken"`
	Entries     int64             `json:"entries_heard"`
	Restarts    int64             `json:"restarts"`
	Restores    int64             `json:"restores"`
	Audits      int64             `json:"audits"`
	Faults      [faults]int64     `json:"-"`
	Reached     [situations]int64 `json:"-"`
	Broken      int64             `json:"violations"`
	Violations  []Violation       `json:"first_violations,omitempty"`
	Seconds     float64           `json:"seconds"`

	FaultTable   map[string]int64 `json:"faults"`
	ReachedTable map[string]int64 `json:"sometimes"`
}

func (w *world) took(k fault)        { w.report.Faults[k]++ }
func (w *world) reached(x situation) { w.report.Reached[x]++ }

func (w *world) violate(promise string, s *site, what string) {
	w.report.Broken++
	if len(w.report.Violations) < 20 {
		w.report.Violations = append(w.report.Violations, Violation{
			promise, w.cfg.Seed, int(w.today - w.ground.start), w.report.Steps, fmt.Sprintf("%s: %s", s.code, what),
		})
	}
}

// Add puts another run's figures to these.
func (r *Report) Add(o Report) {
	if r.Runs == 0 {
		r.First = o.First
	}
	r.Runs += o.Runs
	r.Hash = (r.Hash ^ o.Hash) * 1099511628211
	for _, c := range []struct{ to, from *int64 }{
		{&r.Steps, &o.Steps},
		{&r.SiteDays, &o.SiteDays},
		{&r.CutOff, &o.CutOff},
		{&r.Doses, &o.Doses},
		{&r.Doubles, &o.Doubles},
		{&r.WordDoubles, &o.WordDoubles},
		{&r.Ingested, &o.Ingested},
		{&r.HubRestarts, &o.HubRestarts},
		{&r.ForgotTwice, &o.ForgotTwice},
		{&r.Given, &o.Given},
		{&r.Taken, &o.Taken},
		{&r.Entries, &o.Entries},
		{&r.Restarts, &o.Restarts},
		{&r.Restores, &o.Restores},
		{&r.Audits, &o.Audits},
		{&r.Broken, &o.Broken},
	} {
		*c.to += *c.from
	}
	for k := range o.Faults {
		r.Faults[k] += o.Faults[k]
	}
	for k := range o.Reached {
		r.Reached[k] += o.Reached[k]
	}
	r.Violations = append(r.Violations, o.Violations[:min(len(o.Violations), max(0, 20-len(r.Violations)))]...)
}

// Tables fills the tables that have words for keys.
func (r *Report) Tables() {
	r.FaultTable, r.ReachedTable = map[string]int64{}, map[string]int64{}
	for k, n := range r.Faults {
		r.FaultTable[kinds[k].family+": "+kinds[k].name] = n
	}
	for k, n := range r.Reached {
		r.ReachedTable[situationNames[k]] = n
	}
}

// Missed lists the faults that never took effect and the situations that were
// never reached.
func (r *Report) Missed() []string {
	var out []string
	for k, n := range r.Faults {
		if n == 0 {
			out = append(out, kinds[k].family+": "+kinds[k].name)
		}
	}
	for k, n := range r.Reached {
		if n == 0 {
			out = append(out, situationNames[k])
		}
	}
	return out
}

// Print writes the table of docs/simulator.md.
func (r *Report) Print(out io.Writer) error {
	var b strings.Builder
	row := func(what string, value any) { fmt.Fprintf(&b, "| %s | %v |\n", what, value) }
	b.WriteString("| figure | value |\n|---|---|\n")
	row("runs, from seed", fmt.Sprintf("%d, %d", r.Runs, r.First))
	row("hash of the histories", fmt.Sprintf("%016x", r.Hash))
	row("simulated site-days", r.SiteDays)
	row("commands to the doors", r.Steps)
	row("site-days cut off", fmt.Sprintf("%.0f %%", 100*float64(r.CutOff)/float64(max(1, r.SiteDays))))
	row("doses by right", r.Doses)
	row("second doses under a date that two people had wrong", r.Doubles)
	row("second doses of a day of which one was on people's word", r.WordDoubles)
	row("letters given, taken", fmt.Sprintf("%d, %d", r.Given, r.Taken))
	row("entries of other sites heard, each with its proof", r.Entries)
	row("entries taken in by the hub", r.Ingested)
	row("restarts of the hub", r.HubRestarts)
	row("restores without entries that the hub had had and forgot too", r.ForgotTwice)
	row("restarts, restores", fmt.Sprintf("%d, %d", r.Restarts, r.Restores))
	row("whole journals verified and tables made again", r.Audits)
	row("violations", r.Broken)
	if r.Seconds > 0 {
		row("site-days a second", fmt.Sprintf("%.0f", float64(r.SiteDays)/r.Seconds))
	}
	row("time", time.Duration(r.Seconds*float64(time.Second)).Round(time.Second))
	b.WriteString("\n| fault | took effect |\n|---|---|\n")
	for k, n := range r.Faults {
		row(kinds[k].family+": "+kinds[k].name, n)
	}
	b.WriteString("\n| sometimes | reached |\n|---|---|\n")
	for k, n := range r.Reached {
		row(situationNames[k], n)
	}
	for _, v := range r.Violations[:min(len(r.Violations), 10)] {
		fmt.Fprintf(&b, "\n%s on day %d at step %d of seed %d: %s\n", v.Promise, v.Day, v.Step, v.Seed, v.What)
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}
