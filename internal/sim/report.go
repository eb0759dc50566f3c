package sim

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// situation is something that must happen sometimes, or a run has looked at
// nothing.
type situation int

const (
	visitDose situation = iota
	earlyBack
	reprintAfterCrash
	wrongSiteRefused
	secondScan
	batonWins
	olderRefused
	oldFenced
	unwitnessedDose
	dateRefused
	attestedDose
	adjudicated
	sameDayRestore
	fencedDay
	reassigned
	forgeryNoted
	hubRelease
	unwitnessedMax
	situations
)

var situationNames = [situations]string{
	visitDose: "dose at another site by letter", earlyBack: "early return", reprintAfterCrash: "letter shown after a crash or a loss",
	wrongSiteRefused: "wrong-site scan refused", secondScan: "second scan changed nothing", batonWins: "restore with a newer baton",
	olderRefused: "older baton refused", oldFenced: "old PC fenced", unwitnessedDose: "dose without baton and hub", dateRefused: "date disagreement",
	attestedDose: "attested dose", adjudicated: "adjudication ended", sameDayRestore: "restore that doses the same day", fencedDay: "restore fenced for a day",
	reassigned: "days given by the hub for a sealed site", forgeryNoted: "forged letter noted", hubRelease: "letter shown on the hub's receipt",
	unwitnessedMax: "one unwitnessed opening too many refused",
}

// Report is what a run, or many, have seen.
type Report struct {
	Runs        int               `json:"runs"`
	First       uint64            `json:"first_seed"`
	Hash        uint64            `json:"hash,string"`
	Steps       int64             `json:"steps"`
	SiteDays    int64             `json:"site_days"`
	CutOff      int64             `json:"site_days_cut_off"`
	PatientDays int64             `json:"patient_days"`
	Doses       int64             `json:"doses_by_right"`
	Attested    int64             `json:"doses_attested"`
	Doubles     int64             `json:"doubles_two_people_misdated"`
	Proven      int64             `json:"attested_beside_a_dose"`
	Restores    int64             `json:"restores"`
	Incidents   int64             `json:"incidents"`
	Letters     letterCounts      `json:"letters"`
	Faults      [faults]int64     `json:"-"`
	Reached     [situations]int64 `json:"-"`
	Broken      int64             `json:"violations"`
	Violations  []Violation       `json:"first_violations,omitempty"`
	Seconds     float64           `json:"seconds"`

	FaultTable   map[string]int64 `json:"faults"`
	ReachedTable map[string]int64 `json:"sometimes"`
}

type letterCounts struct {
	Given     int64 `json:"given"`
	Accepted  int64 `json:"accepted"`
	Rescanned int64 `json:"rescanned"`
	WrongSite int64 `json:"wrong_site"`
	Forged    int64 `json:"forged"`
	Reprinted int64 `json:"reprinted"`
}

func (s *Sim) reached(x situation) { s.report.Reached[x]++ }

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
		{&r.PatientDays, &o.PatientDays},
		{&r.Doses, &o.Doses},
		{&r.Attested, &o.Attested},
		{&r.Doubles, &o.Doubles},
		{&r.Proven, &o.Proven},
		{&r.Restores, &o.Restores},
		{&r.Incidents, &o.Incidents},
		{&r.Broken, &o.Broken},
		{&r.Letters.Given, &o.Letters.Given},
		{&r.Letters.Accepted, &o.Letters.Accepted},
		{&r.Letters.Rescanned, &o.Letters.Rescanned},
		{&r.Letters.WrongSite, &o.Letters.WrongSite},
		{&r.Letters.Forged, &o.Letters.Forged},
		{&r.Letters.Reprinted, &o.Letters.Reprinted},
	} {
		*c.to += *c.from
	}
	for k := range o.Faults {
		r.Faults[k] += o.Faults[k]
	}
	for k := range o.Reached {
		r.Reached[k] += o.Reached[k]
	}
	r.Violations = append(r.Violations, o.Violations[:min(len(o.Violations), 100-len(r.Violations))]...)
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
// never reached: a run that missed one has proved less than it seems to.
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
func (r *Report) Print(w io.Writer) error {
	var b strings.Builder
	row := func(what string, value any) { fmt.Fprintf(&b, "| %s | %v |\n", what, value) }
	b.WriteString("| figure | value |\n|---|---|\n")
	row("runs, from seed", fmt.Sprintf("%d, %d", r.Runs, r.First))
	row("hash of the histories", fmt.Sprintf("%016x", r.Hash))
	row("simulated site-days", r.SiteDays)
	row("person-days", r.PatientDays)
	row("steps of the protocol", r.Steps)
	share := 0.0
	if r.SiteDays > 0 {
		share = 100 * float64(r.CutOff) / float64(r.SiteDays)
	}
	row("site-days cut off", fmt.Sprintf("%.0f %%", share))
	row("doses by right", r.Doses)
	row("attested doses", fmt.Sprintf("%d, of them %d beside a dose of the same day", r.Attested, r.Proven))
	row("second doses under a date that two people had wrong", r.Doubles)
	row("restores", r.Restores)
	row("letters given, accepted, scanned again, at a wrong site, forged, reprinted", fmt.Sprintf("%d, %d, %d, %d, %d, %d",
		r.Letters.Given, r.Letters.Accepted, r.Letters.Rescanned, r.Letters.WrongSite, r.Letters.Forged, r.Letters.Reprinted))
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
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}
