// Command check is the gate: nothing lands that it does not let through.
//
//	go run ./tools/check              everything, as the build machine does
//	go run ./tools/check -only house  one step (comma-separated for more)
//	go run ./tools/check -list        the steps
//
// It formats nothing and repairs nothing; it says what is wrong and how to put
// it right. All static steps run even when one fails, so that one round shows
// everything; their verdict stands just above the tests. The tests come last
// and the last lines are go test's own. The exit status is 1 when anything failed.
//
// On a bare Debian machine, as root, it installs what the tests need. Anywhere
// else it says loudly what it has to leave out.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"tram/internal/house"
)

// step is one question of the gate. run answers nil for yes.
type step struct {
	name string
	says string
	run  func(g *gate) error
}

// steps are in the order of what fails fastest; machine must be first and
// tests last.
var steps = []step{
	{"machine", "compiler for the race detector, browser, fonts", machine},
	{"modules", "the module cache holds what go.sum says", modules},
	{"format", "gofmt and gofumpt change nothing", format},
	{"templ", "generated pages are the pages", generated},
	{"house", "the house rules", houseRules},
	{"vet", "go vet", vet},
	{"staticcheck", "staticcheck", staticcheck},
	{"errcheck", "no error is dropped", errcheck},
	{"builds", "one static program per system, without cgo", builds},
	{"protocol", "the model, the explorer, the simulator and long searches, which the race detector would slow tenfold", protocol},
	{"tests", "go test, with the race detector where there is a C compiler", tests},
}

// gate is one run.
type gate struct {
	ctx  context.Context
	root string
	out  io.Writer
	env  []string // added to the environment of every command
	race bool     // tests can run with the race detector
	loud []string // what had to be left out
}

func main() {
	only := flag.String("only", "", "run only these steps, comma-separated")
	list := flag.Bool("list", false, "list the steps")
	flag.Parse()
	if *list {
		for _, s := range steps {
			fmt.Printf("%-12s %s\n", s.name, s.says)
		}
		return
	}
	chosen, err := choose(steps, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := house.Root(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	}
	// A fresh clone may belong to somebody else than root, and then asking git
	// for the revision would fail every build. The gate does not need it.
	g := &gate{ctx: ctx, root: root, out: os.Stdout, env: []string{"GOFLAGS=-buildvcs=false"}}
	if !g.pass(chosen) {
		os.Exit(1)
	}
}

// choose answers the named steps in their own order; all of them for "".
func choose(all []step, only string) ([]step, error) {
	if only == "" {
		return all, nil
	}
	var chosen []step
	asked := map[string]bool{}
	for _, name := range strings.Split(only, ",") {
		asked[strings.TrimSpace(name)] = true
	}
	for _, s := range all {
		if asked[s.name] {
			chosen = append(chosen, s)
			delete(asked, s.name)
		}
	}
	for name := range asked {
		return nil, fmt.Errorf("no step %q; go run ./tools/check -list", name)
	}
	return chosen, nil
}

// pass runs the steps and answers whether all said yes.
func (g *gate) pass(chosen []step) bool {
	start := time.Now()
	var failed []string
	for i, s := range chosen {
		if s.name == "tests" {
			g.verdict(failed, time.Since(start))
		}
		g.say("── %d/%d %s: %s", i+1, len(chosen), s.name, s.says)
		begin := time.Now()
		err := s.run(g)
		if s.name == "tests" {
			// Nothing may follow go test's own lines.
			return err == nil && len(failed) == 0
		}
		if err != nil {
			failed = append(failed, s.name)
			g.say("   FAILED after %s: %v", took(begin), err)
		} else {
			g.say("   ok %s", took(begin))
		}
		if g.ctx.Err() != nil {
			return false
		}
	}
	g.verdict(failed, time.Since(start))
	return len(failed) == 0
}

// verdict says what is known before the tests begin.
func (g *gate) verdict(failed []string, spent time.Duration) {
	for _, l := range g.loud {
		g.say("!! LEFT OUT: %s", l)
	}
	if len(failed) > 0 {
		g.say("!! THE GATE IS CLOSED, whatever the tests say: %s failed (%s so far)", strings.Join(failed, ", "), spent.Round(time.Second))
		return
	}
	g.say("   all steps up to here are ok (%s)", spent.Round(time.Second))
}

// say prints one line at once. A gate that cannot print has no one to tell.
func (g *gate) say(format string, args ...any) { _, _ = fmt.Fprintf(g.out, format+"\n", args...) }

// took is the time since begin, as a person wants to read it.
func took(begin time.Time) string { return time.Since(begin).Round(100 * time.Millisecond).String() }
