package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// goal is what a figure is held against; the zero goal holds it to nothing.
type goal struct {
	text string
	ok   func(float64) bool
}

func atLeast(v float64) goal {
	return goal{"≥ " + strconv.FormatFloat(v, 'f', -1, 64), func(x float64) bool { return x >= v }}
}

func atMost(v float64) goal {
	return goal{"< " + strconv.FormatFloat(v, 'f', -1, 64), func(x float64) bool { return x < v }}
}

// figure is one measured figure with what it is held against.
type figure struct {
	ID      string  `json:"id"`
	What    string  `json:"what"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Goal    string  `json:"goal,omitempty"`
	Reached *bool   `json:"reached,omitempty"` // nil where there is no goal
}

// table is all figures of a run, and what could not be measured.
type table struct {
	figures []figure
	loud    []string
}

func (t *table) add(id, what string, v float64, unit string, g goal) {
	f := figure{ID: id, What: what, Value: v, Unit: unit, Goal: g.text}
	if g.ok != nil {
		ok := g.ok(v)
		f.Reached = &ok
	}
	t.figures = append(t.figures, f)
}

// leaveOut says loudly that something is not measured.
func (t *table) leaveOut(id, why string) {
	t.loud = append(t.loud, id+": "+why)
	fmt.Fprintf(os.Stderr, "!! LEFT OUT %s: %s\n", id, why)
}

func (t *table) print(w io.Writer) {
	for _, f := range t.figures {
		verdict := ""
		if f.Reached != nil {
			verdict = "NOT REACHED"
			if *f.Reached {
				verdict = "reached"
			}
		}
		line := fmt.Sprintf("%-4s %-78s %12.2f %-10s %-12s %s", f.ID, f.What, f.Value, f.Unit, f.Goal, verdict)
		_, _ = fmt.Fprintln(w, strings.TrimRight(line, " ")) // a terminal that is gone reads nothing
	}
	for _, l := range t.loud {
		_, _ = fmt.Fprintln(w, "!! LEFT OUT "+l)
	}
}

// laps are the rates and the single waits of slices, by name.
type laps struct {
	rates map[string][]float64
	waits map[string][]time.Duration
	busy  map[string]time.Duration // of the processor; for pages only
}

func newLaps() *laps {
	return &laps{map[string][]float64{}, map[string][]time.Duration{}, map[string]time.Duration{}}
}

// lap does n acts by some workers and keeps the rate and each wait; it answers
// the rate.
func (l *laps) lap(name string, n, workers int, act func(worker, i int) error) (float64, error) {
	waits, errs := make([]time.Duration, n), make([]error, n)
	var wg sync.WaitGroup
	next := make(chan int)
	start := time.Now()
	for w := range workers {
		wg.Go(func() {
			for i := range next {
				t := time.Now()
				errs[i] = act(w, i)
				waits[i] = time.Since(t)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	rate := float64(n) / time.Since(start).Seconds()
	for _, err := range errs {
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	l.rates[name] = append(l.rates[name], rate)
	l.waits[name] = append(l.waits[name], waits...)
	return rate, nil
}

func (l *laps) rate(name string) float64 { return median(l.rates[name]) }

// wait is a percentile of the waits, in milliseconds.
func (l *laps) wait(name string, p float64) float64 {
	s := slices.Sorted(slices.Values(l.waits[name]))
	return float64(s[min(len(s)-1, int(p*float64(len(s))))].Microseconds()) / 1000
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// load is how busy the machine is, for whoever reads the figures.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown on " + runtime.GOOS
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
