package dose

import (
	"fmt"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/unit"

	"pgregory.net/rapid"
)

// care is one patient's doses as the door keeps them: what the decisions allow
// is applied, and nothing else. It is the judge, so it shares no code with the
// decisions but Entry.Counts, and that is spelled out in counts.
type care struct {
	t       *rapid.T
	doses   []Entry
	today   day.Day
	now     day.Instant
	held    day.Instant
	stopped bool // the order was stopped
	left    bool
	did     string // the newest act, for messages
	by      id.Person
}

// people are who works here; most acts are one person's, or the random walk
// would seldom get past "only the person who poured".
var people = []id.Person{"nurse", "nurse", "nurse", "nurse", "other", "third"}

// counts says whether a dose occupies its place of the day.
func counts(e Entry) bool {
	return e.Outcome == PouredOnly || e.Outcome == Taken || e.Outcome == PartOnly || e.Outcome == Unknown || !e.Again
}

func (c *care) ofDay(d day.Day) (out []Entry) {
	for _, e := range c.doses {
		if e.Day == d {
			out = append(out, e)
		}
	}
	return out
}

// occupied counts the doses in each place of each day: the dose of the day, or
// the replacement of one dose.
func (c *care) occupied() map[string]int {
	n := map[string]int{}
	for _, e := range c.doses {
		if counts(e) {
			n[fmt.Sprintf("day %d, in place of %q", e.Day, e.Replaces)]++
		}
	}
	return n
}

func (c *care) state() State {
	s := State{
		DayOpen: true, LeftCare: c.left, Order: "o1", Ordered: 80 * unit.Milligram, Today: c.ofDay(c.today), HeldSince: c.held,
		NewestDay: c.today, LastTaken: c.today - 1, Strength: 10_000, VolumeLeft: unit.Millilitre * 1000, BottleOpen: true,
	}
	if c.stopped {
		s.Order = ""
	}
	return s
}

func (c *care) person(label string) id.Person { return rapid.SampledFrom(people).Draw(c.t, label) }

// second is whoever stands beside: somebody, nobody, or the only person there.
func (c *care) second() Second {
	w := Second{Person: rapid.SampledFrom([]id.Person{"other", "other", "third", "nurse", ""}).Draw(c.t, "witness")}
	w.Alone = rapid.Bool().Draw(c.t, "alone")
	return w
}

// anyDose draws a dose of the record; ok is false while there is none.
func (c *care) anyDose() (e *Entry, ok bool) {
	if len(c.doses) == 0 {
		return nil, false
	}
	newest := len(c.doses) - 1
	return &c.doses[max(0, newest-rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2}).Draw(c.t, "which"))], true
}

func (c *care) pour() {
	ask := Pour{Patient: "p", Shown: 80 * unit.Milligram}
	if e, ok := c.anyDose(); ok && rapid.Bool().Draw(c.t, "replacement") {
		ask.Replacement = e.Dose
		if e.Replacement > 0 {
			ask.Shown = e.Replacement
		}
	}
	p, err := DecidePour(c.state(), ask, c.today, c.now, Limits{})
	if err != nil {
		return
	}
	if p.Replaces != "" {
		c.judgeReplacement(p)
	}
	c.doses = append(c.doses, Entry{
		Dose: id.Dose(fmt.Sprintf("d%d", len(c.doses))), Patient: "p", Day: c.today, Amount: p.Amount, Volume: p.Volume, Outcome: PouredOnly,
		Replaces: p.Replaces, PouredAt: c.now, PouredBy: c.by, VomitedMin: -1,
	})
}

// judgeReplacement wants a poured replacement to be for a dose of today that
// was vomited, allowed, and taken to at least that amount.
func (c *care) judgeReplacement(p Plan) {
	for _, e := range c.doses {
		if e.Dose == p.Replaces {
			if e.Day != c.today || e.VomitedMin < 0 || p.Amount > e.Taken || p.Amount != e.Replacement || e.Replaces != "" {
				c.t.Fatalf("replacement %+v for %+v", p, e)
			}
			return
		}
	}
	c.t.Fatalf("replacement %+v for a dose that is not there", p)
}

// end applies an outcome; said is what the person asked for, so that nothing
// else may come of it.
func (c *care) end(e *Entry, said, got Outcome, taken unit.Microgram, w id.Person) {
	if said != got {
		c.t.Fatalf("%s: a person said %q and the fact says %q", c.did, said, got)
	}
	if w == c.by {
		c.t.Fatalf("%s: %s is the witness of their own act", c.did, w)
	}
	e.Outcome, e.Taken, e.EndedAt = got, taken, c.now
}

func (c *care) swallow(e *Entry) {
	if _, err := DecideSwallowed(*e, c.by, c.today); err == nil {
		c.end(e, Taken, Taken, e.Amount, "")
	}
}

func (c *care) part(e *Entry) {
	rest := unit.Microlitre(rapid.Int64Range(-1, 9000).Draw(c.t, "rest"))
	f, err := DecidePart(*e, TakePart{Dose: e.Dose, Rest: rest, Why: "w", Witness: c.second()}, c.by, c.today)
	if err != nil {
		return
	}
	if f.Taken <= 0 || f.Taken >= e.Amount {
		c.t.Fatalf("a part of %v of %v", f.Taken, e.Amount)
	}
	c.end(e, PartOnly, PartOnly, f.Taken, f.Witness)
}

func (c *care) notGiven(e *Entry) {
	ask := NotGive{Dose: e.Dose, Why: rapid.SampledFrom(NotWhys).Draw(c.t, "why"), Wasted: rapid.Bool().Draw(c.t, "wasted"), Witness: c.second()}
	f, err := DecideNotGiven(*e, ask, c.by, c.today)
	if err != nil {
		return
	}
	if f.Again && (f.Witness == "" || e.Day != c.today) {
		c.t.Fatalf("freed by %+v", f)
	}
	c.end(e, NotTaken, NotTaken, 0, f.Witness)
	e.Again = f.Again
}

// What people say: everything that has a name, and what makes sense more often.
var (
	outcomes = []Outcome{"", PouredOnly, Taken, PartOnly, NotTaken, Unknown}
	truths   = []Outcome{"", PouredOnly, Unknown, Taken, Taken, PartOnly, PartOnly, NotTaken}
)

func (c *care) foundOut(e *Entry) {
	said := rapid.SampledFrom(outcomes).Draw(c.t, "outcome")
	f, err := DecideAnswer(*e, Answer{Dose: e.Dose, Outcome: said, Note: "n", Witness: c.second()}, c.by)
	if err != nil {
		return
	}
	taken := e.Amount
	if f.Outcome == NotTaken {
		taken = 0
	}
	c.end(e, said, f.Outcome, taken, f.Witness)
}

func (c *care) correct(e *Entry) {
	ask := Correct{
		Dose: e.Dose, Outcome: rapid.SampledFrom(truths).Draw(c.t, "truth"), Taken: unit.Microgram(rapid.Int64Range(-1, 90_000).Draw(c.t, "taken")),
		Reason: "r", Witness: c.second(), OfDay: c.ofDay(e.Day),
	}
	f, err := DecideCorrect(*e, ask, c.by)
	if err != nil {
		return
	}
	was := *e
	c.end(e, ask.Outcome, f.Outcome, f.Taken, f.Witness)
	e.Corrected = true
	e.Again = was.Again && was.Outcome == NotTaken && f.Outcome == NotTaken // as the record keeps it
}

func (c *care) vomit(e *Entry) {
	if f, err := DecideVomited(*e, Vomit{Dose: e.Dose, Minutes: rapid.IntRange(-1, 2).Draw(c.t, "minutes")}, c.now); err == nil {
		e.VomitedMin = f.Minutes
	}
}

func (c *care) allow(e *Entry) {
	amount := e.Taken + rapid.SampledFrom([]unit.Microgram{0, 0, -10, 10}).Draw(c.t, "more")
	amount -= amount % 10 // what the bottle can measure
	f, err := DecideReplacement(*e, amount, "r", c.today)
	if err != nil {
		return
	}
	if e.Replacement != 0 || f.Amount > e.Taken || f.Amount <= 0 {
		c.t.Fatalf("allowed %v for %+v", f.Amount, *e)
	}
	e.Replacement = f.Amount
}

// act is one thing that may happen.
func (c *care) act() {
	c.did = rapid.SampledFrom([]string{
		"pour", "pour", "pour", "pour", "pour", "swallow", "swallow", "part", "not_given", "not_given", "found_out", "correct", "correct", "correct",
		"vomit", "vomit", "allow", "allow", "hold", "lift", "lift", "tomorrow", "stop", "leave",
	}).Draw(c.t, "act")
	c.by, c.now = c.person("by"), c.now+minute
	switch c.did {
	case "pour":
		c.pour()
		return
	case "hold":
		if _, err := DecideHold(c.state(), Hold{Patient: "p", Why: Ill}, c.today); err == nil {
			c.held = c.now
		}
		return
	case "lift":
		if _, err := DecideRelease(c.state(), "p", "well", c.today); err == nil {
			c.held = 0
		}
		return
	case "tomorrow":
		c.today, c.now, c.held = c.today+1, at(c.today+1, 7), 0
		return
	case "stop":
		c.stopped = rapid.IntRange(0, 3).Draw(c.t, "stopped") == 3
		return
	case "leave":
		c.left = rapid.IntRange(0, 3).Draw(c.t, "left") == 3
		return
	}
	if e, ok := c.anyDose(); ok {
		map[string]func(*Entry){
			"swallow": c.swallow, "part": c.part, "not_given": c.notGiven, "found_out": c.foundOut, "correct": c.correct, "vomit": c.vomit, "allow": c.allow,
		}[c.did](e)
	}
}

// TestNoPathMakesTwoDoses: whoever pours, answers, corrects, vomits, allows,
// holds and lifts in whatever order, alone or with others, no day holds two
// scheduled doses that count and no dose two replacements; a replacement is
// never above what was taken; nothing ends as something nobody said; nobody
// witnesses their own act; and a day that is spent is freed by nothing but a
// cup two people saw was not given, on that day.
func TestNoPathMakesTwoDoses(t *testing.T) {
	doubles := 0
	rapid.Check(t, func(t *rapid.T) {
		c := &care{t: t, today: testDay, now: at(testDay, 7)}
		for range rapid.IntRange(20, 120).Draw(t, "acts") {
			before, poured := c.occupied(), len(c.doses)
			c.act()
			after := c.occupied()
			for place, n := range after {
				if n > 1 {
					t.Fatalf("%s by %s: %d doses on %s: %+v", c.did, c.by, n, place, c.doses)
				}
			}
			for place := range before {
				if after[place] == 0 && c.did != "not_given" {
					t.Fatalf("%s by %s freed %s: %+v", c.did, c.by, place, c.doses)
				}
			}
			if len(c.doses) > poured && poured > 0 && c.doses[poured-1].Day == c.today {
				doubles++ // a second pouring on one day: the paths that matter are walked
			}
		}
	})
	if doubles == 0 {
		t.Error("no path poured twice on a day: the walk is too tame to prove anything")
	}
}

// TestAnswerNeverOutlivesItsGap: on no day after the answered one does an
// answer let a dose through for which the table says something else than it
// said to the physician.
func TestAnswerNeverOutlivesItsGap(t *testing.T) {
	lim := testLimits()
	poured := 0
	for last := testDay - 60; last < testDay; last++ {
		for on := testDay - 10; on <= testDay; on++ {
			m := ordinary()
			m.s.LastTaken, m.c.Shown = last, m.s.Ordered
			m.s.Answer = &GapAnswered{Action: Same, After: last, Day: on}
			if _, err := DecidePour(m.s, m.c, testDay, m.now, lim); err != nil {
				continue
			}
			poured++
			told, _ := lim.GapFor(m.s.MissedDays(on))
			stands, ok := lim.GapFor(m.s.MissedDays(testDay))
			if ok && stands.Action != Same && (told != stands || on < testDay-1) {
				t.Errorf("last %d, answered %d when the table said %q: poured on %d when it says %q", last, on, told.Action, testDay, stands.Action)
			}
		}
	}
	if poured == 0 {
		t.Error("no answer let anything through")
	}
}

// TestProposedNeverRaises: no line of any table offers more than was ordered.
func TestProposedNeverRaises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := GapRow{
			Action:  rapid.SampledFrom([]GapAction{Same, SeePhysician, Reduce, Restart, NewFile}).Draw(t, "action"),
			Percent: rapid.IntRange(0, 100).Draw(t, "percent"), CapUg: unit.Microgram(rapid.Int64Range(0, 200_000).Draw(t, "cap")),
		}
		ordered := unit.Microgram(rapid.Int64Range(0, 10_000_000).Draw(t, "ordered"))
		if got := row.Proposed(ordered, unit.Microgram(rapid.Int64Range(0, 60_000).Draw(t, "restart"))); got > ordered || got < 0 {
			t.Fatalf("%+v makes %v of %v", row, got, ordered)
		}
	})
}
