package main

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the bench start this program again, as it does with the real
// one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "bench-site") {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestBenchMeasuresEverything runs a small bench from end to end: each figure
// is there, each is more than nothing, and what could not be measured is said.
func TestBenchMeasuresEverything(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts programs and takes some seconds")
	}
	c := &benchCmd{Patients: 32, Days: 8, Mornings: 1, Few: 20, Years: []int{1, 2}, Work: t.TempDir()}
	b := &bench{benchCmd: c, dir: c.Work, began: time.Now(), year: 10}
	if err := b.measure(context.Background()); err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, f := range b.table.figures {
		have[f.ID] = true
		if f.Value <= 0 && f.Unit != "%" {
			t.Errorf("%s %s is %v", f.ID, f.What, f.Value)
		}
		if (f.Goal != "") != (f.Reached != nil) {
			t.Errorf("%s %s: a goal without an answer, or the other way round", f.ID, f.What)
		}
	}
	for _, id := range []string{"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F14"} {
		if !have[id] {
			t.Errorf("%s was not measured", id)
		}
	}
	if !slices.ContainsFunc(b.table.loud, func(s string) bool { return strings.HasPrefix(s, "F3: no peer") }) {
		t.Errorf("nothing says that there was no peer: %q", b.table.loud)
	}
}

// TestGoals answers just inside and just outside.
func TestGoals(t *testing.T) {
	var tb table
	tb.add("F1", "ratio", 0.5, "×", atLeast(0.5))
	tb.add("F1", "ratio", 0.49, "×", atLeast(0.5))
	tb.add("F6", "memory", 149, "MB", atMost(150))
	tb.add("F6", "memory", 150, "MB", atMost(150))
	tb.add("-", "for the feel", 1, "", goal{})
	tb.leaveOut("F3", "no peer")
	var out strings.Builder
	tb.print(&out)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{"reached", "NOT REACHED", "reached", "NOT REACHED", "1.00", "!! LEFT OUT F3: no peer"} {
		if !strings.HasSuffix(lines[i], " "+want) && lines[i] != want {
			t.Errorf("line %d is %q, want it to end with %q", i, lines[i], want)
		}
	}
	text, err := json.Marshal(tb.figures)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(text), `"reached":true`); got != 2 {
		t.Errorf("%d goals are reached in %s, want 2", got, text)
	}
}

// TestMiddle takes medians and percentiles of few and of many.
func TestMiddle(t *testing.T) {
	if got := median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("median of three is %v", got)
	}
	if got := median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("median of four is %v", got)
	}
	l := newLaps()
	for i := range 100 {
		l.waits["x"] = append(l.waits["x"], time.Duration(i)*time.Millisecond)
	}
	if got := l.wait("x", 0.99); got != 99 {
		t.Errorf("the 99th percentile of 0…99 is %v", got)
	}
}
