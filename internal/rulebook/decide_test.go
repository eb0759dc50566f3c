package rulebook

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/reason"

	"pgregory.net/rapid"
)

func loaded(t *testing.T, id string) Set {
	t.Helper()
	s, err := Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("number %q: %v", s, err)
	}
	return n
}

// bands reads "1-3:same,4-:restart" as (from, to, what); an open end is 0.
func bands(t *testing.T, s string, visit func(from, to int, what string)) {
	t.Helper()
	for _, one := range strings.Split(s, ",") {
		days, what, _ := strings.Cut(one, ":")
		from, to, _ := strings.Cut(days, "-")
		if to == "" {
			to = "0"
		}
		visit(atoi(t, from), atoi(t, to), what)
	}
}

// ask reads one change of testdata/confirm.txt.
func ask(t *testing.T, s string) Confirm {
	t.Helper()
	key, val, _ := strings.Cut(s, "=")
	c := Confirm{Key: key}
	switch {
	case val == "own":
	case val == "none":
		c.Unset = true
	case key == MissedKey && strings.Contains(val, ":"):
		bands(t, val, func(from, to int, what string) {
			r := MissedRow{From: from, To: to, Action: dose.GapAction(what), Decides: Physician}
			if p, ok := strings.CutPrefix(what, "reduce"); ok {
				r.Action, r.Percent = dose.Reduce, atoi(t, p)
			}
			if what == "see" {
				r.Action = dose.SeePhysician
			}
			if what == "same" {
				r.Decides = Nurse
			}
			c.Missed = append(c.Missed, r)
		})
	case key == VomitedKey:
		bands(t, val, func(from, to int, what string) {
			c.Vomited = append(c.Vomited, VomitedRow{From: from, To: to, Percent: atoi(t, what), Decides: Physician})
		})
	default:
		v := int64(atoi(t, val))
		c.Value = &v
	}
	return c
}

func TestConfirm(t *testing.T) {
	f, err := os.Open("testdata/confirm.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	sc := bufio.NewScanner(f)
	n := 0
	for line := 1; sc.Scan(); line++ {
		text, _, _ := strings.Cut(sc.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		n++
		t.Run(fmt.Sprintf("line%d", line), func(t *testing.T) {
			why := map[string]string{"why": "decided on 1 March", "-": "", "long": strings.Repeat("x", reasonMax+1)}[fields[1]]
			var asks []Confirm
			for _, one := range fields[3:] {
				c := ask(t, one)
				c.Reason = why
				asks = append(asks, c)
			}
			got := "ok"
			changes, err := DecideConfirm(loaded(t, fields[0]), nil, asks)
			if err != nil {
				got = reason.Rule(err)
			}
			if got != fields[2] {
				t.Errorf("got %s (%v), want %s", got, err, fields[2])
			}
			if err == nil && (len(changes) != len(asks) || changes[len(changes)-1].Version != len(asks) || changes[0].Status != ByProgramme) {
				t.Errorf("changes %+v", changes)
			}
			if err != nil && changes != nil {
				t.Errorf("refused, and yet %+v", changes)
			}
		})
	}
	if err := sc.Err(); err != nil || n == 0 {
		t.Fatalf("%d rows, %v", n, err)
	}
}

// confirmed decides changes without a reason to fail.
func confirmed(t *testing.T, s Set, past []Confirmed, changes ...string) []Confirmed {
	t.Helper()
	var asks []Confirm
	for _, c := range changes {
		a := ask(t, c)
		a.Reason = "decided"
		asks = append(asks, a)
	}
	out, err := DecideConfirm(s, past, asks)
	if err != nil {
		t.Fatal(err)
	}
	return append(past, out...)
}

// TestTighteningShowsTheDifference: a changed number keeps its source beside
// it, a confirmed one keeps its source, one taken back is as it was.
func TestTighteningShowsTheDifference(t *testing.T) {
	s := loaded(t, "vn")
	past := confirmed(t, s, nil, "step_max_ug=10000", "week_rise_max_ug=30000", "daily_max_ug=200000")
	b, err := Effective(s, past)
	if err != nil {
		t.Fatal(err)
	}
	if b.Version != 3 {
		t.Errorf("version %d, want 3", b.Version)
	}
	step, _ := b.Rule(StepMax)
	if step.InForce != 10_000 || *step.Value != 15_000 || step.Difference == nil || *step.Difference != -5_000 ||
		step.StatusNow != ByProgramme || step.SourceNow != ProgrammeSource || step.Source != "MEM" || step.Why != "decided" || step.ChangedIn != 1 {
		t.Errorf("changed: %+v", step)
	}
	week, _ := b.Rule(WeekMax)
	if week.Difference != nil || week.StatusNow != ByProgramme || week.SourceNow != "MEM" || week.ChangedIn != 2 {
		t.Errorf("confirmed: %+v", week)
	}
	daily, _ := b.Rule(DailyMax)
	if !daily.Known || daily.InForce != 200_000 || daily.Difference != nil || daily.SourceNow != ProgrammeSource {
		t.Errorf("set: %+v", daily)
	}
	b, err = Effective(s, confirmed(t, s, past, "step_max_ug=none", "daily_max_ug=none"))
	if err != nil {
		t.Fatal(err)
	}
	step, _ = b.Rule(StepMax)
	daily, _ = b.Rule(DailyMax)
	if step.InForce != 15_000 || step.StatusNow != Unverified || step.ChangedIn != 4 || daily.Known || daily.StatusNow != Unknown {
		t.Errorf("taken back: %+v, %+v", step, daily)
	}
}

// TestTablesByTheProgramme: a table confirmed as it stands keeps its sources, a
// replaced one is the programme's, one taken back is the set's.
func TestTablesByTheProgramme(t *testing.T) {
	s := loaded(t, "vn")
	past := confirmed(t, s, nil, "missed=own", "vomited=0-14:100,15-:0")
	b, err := Effective(s, past)
	if err != nil {
		t.Fatal(err)
	}
	if m := b.Missed(); len(m) != 4 || m[0].Status != ByProgramme || m[0].Source != "MEM" {
		t.Errorf("confirmed table: %+v", m)
	}
	if v := b.Vomited(); len(v) != 2 || v[0].Status != ByProgramme || v[0].Source != ProgrammeSource || v[0].To != 14 {
		t.Errorf("replaced table: %+v", v)
	}
	if r := s.Missed.Rows[0]; r.Status != Unverified {
		t.Errorf("the set itself was changed: %+v", r)
	}
	b, err = Effective(s, confirmed(t, s, past, "missed=none", "vomited=none"))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(b.Missed(), s.Missed.Rows) || !reflect.DeepEqual(b.Vomited(), s.Vomited.Rows) {
		t.Errorf("taken back: %+v, %+v", b.Missed(), b.Vomited())
	}
}

// TestRecordThatContradictsItselfIsNotGuessed: a change on record that cannot
// be is an error, never a limit left out.
func TestRecordThatContradictsItselfIsNotGuessed(t *testing.T) {
	one := int64(1)
	big := int64(30_001)
	for name, c := range map[string]Confirmed{
		"unknown key":   {Key: "new_number_ug", Value: &one},
		"no value":      {Key: StepMax},
		"out of bounds": {Key: StepMax, Value: &one},
		"contradiction": {Key: FirstDoseMax, Value: &big},
		"broken table":  {Key: MissedKey, Missed: []MissedRow{{From: 2, Action: dose.Restart, Decides: Physician}}},
	} {
		var p *Problem
		if _, err := Effective(loaded(t, "vn"), []Confirmed{c}); !errors.As(err, &p) {
			t.Errorf("%s: got %v, want a Problem", name, err)
		}
	}
}

// TestNoChangeMakesTheBookContradictItself: whatever is asked for, what was
// decided can be put in force again, and no pair of numbers contradicts.
func TestNoChangeMakesTheBookContradictItself(t *testing.T) {
	s := loaded(t, "vn")
	rapid.Check(t, func(t *rapid.T) {
		var past []Confirmed
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			e := rapid.SampledFrom(catalogue).Draw(t, "key")
			v := rapid.Int64Range(e.lo-1, e.lo*4+10).Draw(t, "value")
			out, err := DecideConfirm(s, past, []Confirm{{Key: e.key, Value: &v, Reason: "why", Unset: rapid.Bool().Draw(t, "unset")}})
			if err != nil {
				continue
			}
			past = append(past, out...)
		}
		b, err := Effective(s, past)
		if err != nil || b.Version != len(past) {
			t.Fatalf("version %d after %d changes: %v", b.Version, len(past), err)
		}
		for _, p := range pairs {
			low, _ := b.Rule(p.low)
			high, _ := b.Rule(p.high)
			if low.Known && high.Known && low.InForce > high.InForce {
				t.Fatalf("%s %d above %s %d", p.low, low.InForce, p.high, high.InForce)
			}
		}
	})
}
