package dose

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
	"tram/internal/unit"
)

const (
	testDay day.Day = 100
	hour            = day.Instant(3_600_000)
	minute          = day.Instant(60_000)
)

// at is a moment of a day; the tables are in UTC.
func at(d day.Day, h int) day.Instant { return day.Instant(d)*24*hour + day.Instant(h)*hour }

// testLimits are the limits named in the head of testdata/pour.txt.
func testLimits() Limits {
	return Limits{
		Version: 3,
		Gaps: []GapRow{
			{From: 1, To: 3, Action: Same, Source: "S1", Status: "verified"},
			{From: 4, To: 5, Action: SeePhysician, Source: "S1", Status: "verified"},
			{From: 6, To: 13, Action: Reduce, Percent: 50, Source: "S1", Status: "partly"},
			{From: 14, To: 30, Action: Restart, Source: "S1", Status: "verified"},
			{From: 31, Action: NewFile, Source: "S1", Status: "verified"},
		},
		WatchFromDay: 3, WatchToDay: 7, WatchSource: "S2", WatchStatus: "verified",
		OrderEndsDays: 3,
	}
}

// no writes a refusal as its rule, and passes anything else on to the test.
func no(t *testing.T, err error) string {
	t.Helper()
	var r *reason.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return r.Rule
}

// morning is the case of a row: an ordinary morning, and what is different.
type morning struct {
	s   State
	g   Signs
	lim Limits
	c   Pour
	now day.Instant
}

func ordinary() *morning {
	return &morning{
		s: State{
			DayOpen: true, Order: "o1", Ordered: 80 * unit.Milligram, LastTaken: testDay - 1, LastAmount: 80 * unit.Milligram,
			LastAt: at(testDay-1, 7), Strength: 10_000, NewestDay: testDay, VolumeLeft: 500 * unit.Millilitre, BottleOpen: true, BottleDated: 200,
		},
		g:   Signs{OrderFirst: 80, OrderLast: 110, CourseStart: 10},
		lim: testLimits(), c: Pour{Patient: "p"}, now: at(testDay, 7),
	}
}

// cups are the words of a column that lists today's cups, oldest first.
func (m *morning) cups(r *ruletable.Row) map[string]func(string) {
	add := func(o Outcome, taken unit.Microgram, change func(*Entry)) {
		e := Entry{
			Dose: id.Dose(fmt.Sprintf("d%d", len(m.s.Today))), Patient: "p", Day: testDay, Amount: 80 * unit.Milligram, Volume: 8 * unit.Millilitre,
			Taken: taken, Outcome: o, PouredAt: at(testDay, 6), PouredBy: "nurse", VomitedMin: -1,
		}
		if o != PouredOnly {
			e.EndedAt = e.PouredAt + minute
		}
		change(&e)
		m.s.Today = append(m.s.Today, e)
		m.s.LastAt = e.PouredAt
	}
	whole := 80 * unit.Milligram
	return map[string]func(string){
		"poured":    func(string) { add(PouredOnly, 0, func(*Entry) {}) },
		"taken":     func(string) { add(Taken, whole, func(*Entry) {}) },
		"part":      func(v string) { add(PartOnly, r.Amount(v), func(*Entry) {}) },
		"not_given": func(string) { add(NotTaken, 0, func(*Entry) {}) },
		"freed":     func(string) { add(NotTaken, 0, func(e *Entry) { e.Again = true }) },
		"unknown":   func(string) { add(Unknown, whole, func(*Entry) {}) },
		"vomited":   func(string) { add(Taken, whole, func(e *Entry) { e.VomitedMin = 10 }) },
		"allowed":   func(v string) { add(Taken, whole, func(e *Entry) { e.VomitedMin, e.Replacement = 10, r.Amount(v) }) },
		"found_part": func(v string) {
			add(PartOnly, r.Amount(v), func(e *Entry) { e.VomitedMin, e.Replacement, e.Corrected = 10, whole, true })
		},
		"replaced":   func(string) { add(Taken, whole, func(e *Entry) { e.Replaces = "d0" }) },
		"rep_poured": func(string) { add(PouredOnly, 0, func(e *Entry) { e.Replaces = "d0" }) },
		"rep_freed":  func(string) { add(NotTaken, 0, func(e *Entry) { e.Replaces, e.Again = "d0", true }) },
		"rep_spent":  func(string) { add(NotTaken, 0, func(e *Entry) { e.Replaces = "d0" }) },
	}
}

// more are the words of a column that lists what is different this morning.
func (m *morning) more(r *ruletable.Row) map[string]func(string) {
	return map[string]func(string){
		"closed":            func(string) { m.s.DayOpen = false },
		"newest":            func(v string) { m.s.NewestDay = day.Day(r.Number(v)) },
		"left":              func(string) { m.s.LeftCare = true },
		"held":              func(string) { m.s.HeldSince, m.s.HeldWhy = at(testDay, 6), Intoxicated },
		"induction":         func(string) { m.s.Induction = true },
		"why":               func(v string) { m.s.NoOrder = reason.Refuse(v) },
		"order":             func(v string) { m.s.Order = id.Order(v) },
		"no_table":          func(string) { m.lim.Gaps = nil },
		"hours":             func(v string) { m.lim.MinHours = r.Number(v) },
		"last_hour":         func(v string) { m.s.LastAt = at(testDay-1, r.Number(v)) },
		"last_hour_unknown": func(string) { m.s.LastAt = 0 },
		"replace":           func(string) { m.c.Replacement = "d0" },
		"sealed":            func(string) { m.s.BottleOpen, m.s.Strength, m.s.VolumeLeft = false, 0, 0 },
		"expiry":            func(v string) { m.s.BottleDated = day.Day(r.Number(v)) },
		"strength":          func(v string) { m.s.Strength = unit.Strength(r.Amount(v)) },
		"bottle":            func(v string) { m.s.VolumeLeft = r.Volume(v) },
	}
}

// prescribed and last dose, the columns that a gap is read from.
func (m *morning) history(r *ruletable.Row) {
	if m.s.Ordered = r.Mg("order"); m.s.Ordered == 0 {
		m.s.Order = ""
	}
	if m.s.LastTaken = day.Day(r.Int("last")); m.s.LastTaken == day.Never {
		m.s.LastAmount, m.s.LastAt = 0, 0
	}
}

// answer reads "same@100/95": what the physician answered, on which day, and
// after which last dose; for a reduction also "=o1", the order written with it.
func (m *morning) answer(r *ruletable.Row) {
	text := r.Text("answer")
	if text == "" {
		return
	}
	action, rest, _ := strings.Cut(text, "@")
	rest, o, _ := strings.Cut(rest, "=")
	on, after, _ := strings.Cut(rest, "/")
	m.s.Answer = &GapAnswered{
		Patient: "p", Action: GapAction(action), Day: day.Day(r.Number(on)), After: day.Day(r.Number(after)), Order: id.Order(o),
	}
}

func TestPour(t *testing.T) {
	ruletable.Run(t, "pour.txt", func(r *ruletable.Row) string {
		m := ordinary()
		m.history(r)
		m.answer(r)
		m.c.Shown = r.Mg("shown")
		r.Each("today", m.cups(r))
		r.Each("more", m.more(r))
		p, err := DecidePour(m.s, m.c, testDay, m.now, m.lim)
		if err != nil {
			return no(t, err)
		}
		if p.Order != m.s.Order || p.Replaces != m.c.Replacement {
			t.Fatalf("plan %+v for order %q and replacement %q", p, m.s.Order, m.c.Replacement)
		}
		return strings.ReplaceAll(fmt.Sprintf("%v=%v", p.Amount, p.Volume), " ", "")
	})
}

func TestCare(t *testing.T) {
	ruletable.Run(t, "care.txt", func(r *ruletable.Row) string {
		m := ordinary()
		m.history(r)
		r.Each("today", m.cups(r))
		r.Each("more", m.more(r))
		limit := 9
		r.Each("signs", map[string]func(string){
			"first":     func(v string) { m.g.OrderFirst = day.Day(r.Number(v)) },
			"last":      func(v string) { m.g.OrderLast = day.Day(r.Number(v)) },
			"before":    func(v string) { m.g.Before = r.Amount(v) },
			"start":     func(v string) { m.g.CourseStart = day.Day(r.Number(v)) },
			"absent":    func(v string) { m.g.MissedMonth = r.Number(v) },
			"part":      func(string) { m.g.LastPart = true },
			"vomited":   func(string) { m.g.VomitedLast = true },
			"waiting":   func(string) { m.g.WaitingOrder = true },
			"unwatched": func(string) { m.lim.WatchFromDay, m.lim.WatchToDay = 0, 0 },
			"most":      func(v string) { limit = r.Number(v) },
		})
		var said []string
		for i, w := range Care(m.s, m.g, testDay, m.now, m.lim, limit) {
			if w.Stop != (i == 0 && w.Rule < "DOSE-40") {
				t.Errorf("%v: stop = %v", w, w.Stop)
			}
			if sourced := w.Rule == "DOSE-06" || w.Rule == "DOSE-42" || w.Rule == "DOSE-43"; sourced != (w.Source != "") {
				t.Errorf("%v: source = %q", w, w.Source)
			}
			said = append(said, w.Rule)
		}
		if said == nil {
			return "nothing"
		}
		return strings.Join(said, ",")
	})
}

// witness reads who stood beside: a name, or "alone" at a site of one person.
func witness(r *ruletable.Row) Second {
	if s := r.Text("witness"); s != "alone" {
		return Second{Person: id.Person(s)}
	}
	return Second{Alone: true}
}

func TestAnswers(t *testing.T) {
	ruletable.Run(t, "answers.txt", func(r *ruletable.Row) string {
		e := Entry{
			Dose: "d", Patient: "p", Day: testDay, Amount: 80 * unit.Milligram, Volume: 8 * unit.Millilitre, Outcome: Outcome(r.Text("stands")),
			PouredAt: at(testDay, 7), PouredBy: "nurse", VomitedMin: -1,
		}
		by, today := id.Person(r.Text("by")), day.Day(r.Int("day"))
		says, words, w, rest := r.Text("says"), r.Words("words", textMax), witness(r), r.ML("rest")
		switch act := r.Text("act"); act {
		case "swallowed":
			f, err := DecideSwallowed(e, by, today)
			if err != nil {
				return no(t, err)
			}
			if f != (Swallowed{"d", "p"}) {
				t.Errorf("fact %+v", f)
			}
			return "swallowed"
		case "part":
			f, err := DecidePart(e, TakePart{Dose: "d", Rest: rest, Why: words, Witness: w}, by, today)
			if err != nil {
				return no(t, err)
			}
			return strings.ReplaceAll(f.Taken.String(), " ", "")
		case "not_given", "not_given_wasted":
			f, err := DecideNotGiven(e, NotGive{Dose: "d", Why: NotWhy(says), Note: words, Wasted: act == "not_given_wasted", Witness: w}, by, today)
			if err != nil {
				return no(t, err)
			}
			return map[bool]string{true: "freed", false: "spent"}[f.Again] + map[bool]string{true: "+waste", false: "+back"}[f.Wasted]
		case "found_out":
			f, err := DecideAnswer(e, Answer{Dose: "d", Outcome: Outcome(says), Note: words, Witness: w}, by)
			if err != nil {
				return no(t, err)
			}
			return string(f.Outcome)
		default:
			t.Fatalf("no act %q", act)
			return ""
		}
	})
}

func TestVomited(t *testing.T) {
	ruletable.Run(t, "vomited.txt", func(r *ruletable.Row) string {
		now := at(testDay, 12)
		e := Entry{Dose: "d", Patient: "p", Day: testDay, Outcome: Outcome(r.Text("stands")), VomitedMin: -1}
		if s := r.Text("poured_ago"); s != "" {
			e.PouredAt = now - day.Instant(r.Number(s))*minute
		}
		e.EndedAt = now - day.Instant(r.Int("answered_ago"))*minute
		if s := r.Text("before"); s != "" {
			e.VomitedMin = r.Number(s)
		}
		f, err := DecideVomited(e, Vomit{Dose: "d", Minutes: r.Int("minutes"), Seen: true, Note: r.Words("note", textMax)}, now)
		if err != nil {
			return no(t, err)
		}
		if f.Dose != "d" || f.Patient != "p" || !f.Seen || f.Minutes != r.Int("minutes") {
			t.Errorf("fact %+v", f)
		}
		return "recorded"
	})
}

func TestReplacement(t *testing.T) {
	ruletable.Run(t, "replacement.txt", func(r *ruletable.Row) string {
		e := Entry{
			Dose: "d", Patient: "p", Day: day.Day(r.Int("day")), Amount: 80 * unit.Milligram, Taken: r.Mg("taken"), Outcome: Taken, VomitedMin: -1,
			Replacement: r.Mg("allowed"), Replaces: id.Dose(r.Text("replaces")),
		}
		if r.Yes("vomited") {
			e.VomitedMin = 0
		}
		f, err := DecideReplacement(e, r.Mg("asked"), r.Words("why", textMax), testDay)
		if err != nil {
			return no(t, err)
		}
		return strings.ReplaceAll(f.Amount.String(), " ", "")
	})
}

func TestHold(t *testing.T) {
	ruletable.Run(t, "hold.txt", func(r *ruletable.Row) string {
		m := ordinary()
		r.Each("today", m.cups(r))
		r.Each("more", m.more(r))
		switch act := r.Text("act"); act {
		case "hold":
			f, err := DecideHold(m.s, Hold{Patient: "p", Why: HoldWhy(r.Text("why")), Signs: r.Words("words", textMax)}, testDay)
			if err != nil {
				return no(t, err)
			}
			return string("held:" + f.Why)
		case "lift":
			if _, err := DecideRelease(m.s, "p", r.Words("words", textMax), testDay); err != nil {
				return no(t, err)
			}
			return "lifted"
		default:
			t.Fatalf("no act %q", act)
			return ""
		}
	})
}

func TestCorrect(t *testing.T) {
	ruletable.Run(t, "correct.txt", func(r *ruletable.Row) string {
		m := ordinary()
		r.Each("stands", m.cups(r))
		others := m.cups(r)
		others["not_read"] = func(string) {}
		r.Each("others", others)
		e := m.s.Today[0]
		c := Correct{
			Dose: e.Dose, Outcome: Outcome(r.Text("truth")), Taken: r.Mg("taken"), Reason: r.Words("reason", textMax), Witness: witness(r), OfDay: m.s.Today,
		}
		if r.Text("others") == "not_read" {
			c.OfDay = nil
		}
		f, err := DecideCorrect(e, c, "nurse")
		if err != nil {
			return no(t, err)
		}
		return strings.ReplaceAll(fmt.Sprintf("%s:%v", f.Outcome, f.Taken), " ", "")
	})
}

func TestGapAnswer(t *testing.T) {
	ruletable.Run(t, "gap.txt", func(r *ruletable.Row) string {
		m := ordinary()
		m.s.LastTaken = day.Day(r.Int("last"))
		r.Each("more", m.more(r))
		f, err := DecideGapAnswer(m.s, "p", GapAction(r.Text("answer")), r.Words("why", textMax), testDay, m.lim)
		if err != nil {
			return no(t, err)
		}
		if f.After != m.s.LastTaken || f.Day != testDay {
			t.Errorf("fact %+v", f)
		}
		return string(f.Action)
	})
}

func TestProposed(t *testing.T) {
	ruletable.Run(t, "proposed.txt", func(r *ruletable.Row) string {
		row := GapRow{Action: GapAction(r.Text("table")), Percent: r.Int("percent"), CapUg: r.Mg("cap")}
		return strings.ReplaceAll(row.Proposed(r.Mg("order"), r.Mg("restart_max")).String(), " ", "")
	})
}

func TestAttest(t *testing.T) {
	ruletable.Run(t, "attest.txt", func(r *ruletable.Row) string {
		s := State{DayOpen: r.Text("open") == "yes", BottleOpen: true, Strength: 10_000, VolumeLeft: 1_000_000, LastAmount: 40 * unit.Milligram}
		if stops := r.Text("stops"); stops != "" {
			s.NoRight, s.Answerable = &reason.Refusal{}, stops == "answer"
		}
		if r.Text("today") == "taken" {
			s.Today = []Entry{{Outcome: Taken}}
		}
		if r.Text("order_mg") != "" {
			s.Order, s.Ordered = "o1", r.Mg("order_mg")
		}
		c := Attest{Amount: r.Mg("asked_mg"), Why: r.Text("why"), Physician: id.Person(r.Text("physician"))}
		switch w := r.Text("witness"); w {
		case "alone":
			c.Witness.Alone = true
		default:
			c.Witness.Person = id.Person(w)
		}
		plan, _, err := DecideAttest(s, c, "by", 100)
		if err != nil {
			return reason.Rule(err)
		}
		return strings.ReplaceAll(plan.Amount.String(), " ", "")
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }
