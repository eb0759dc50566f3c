package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tram/internal/walk/chromium"
)

// newGate is a gate over a folder that tells a builder.
func newGate(t *testing.T, files map[string]string) (*gate, *strings.Builder) {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(path, []byte(text), 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	return &gate{ctx: context.Background(), root: root, out: &out, env: []string{"GOFLAGS=-mod=mod"}}, &out
}

func TestChoose(t *testing.T) {
	all, err := choose(steps, "")
	if err != nil || len(all) != len(steps) {
		t.Errorf("no choice gives %d of %d steps, %v", len(all), len(steps), err)
	}
	if all[0].name != "machine" || all[len(all)-1].name != "tests" {
		t.Errorf("the gate begins with %s and ends with %s", all[0].name, all[len(all)-1].name)
	}
	some, err := choose(steps, "tests, vet")
	if err != nil || len(some) != 2 || some[0].name != "vet" || some[1].name != "tests" {
		t.Errorf("chose %v, %v; want vet, then tests", some, err)
	}
	_, err = choose(steps, "vet,nothing")
	if err == nil || !strings.Contains(err.Error(), `no step "nothing"`) {
		t.Errorf("an unknown step: %v", err)
	}
}

// TestPass checks that all static steps run though one fails, that the verdict
// stands above the tests, that nothing follows the tests' own lines, and that
// one failure closes the gate even when the tests pass.
func TestPass(t *testing.T) {
	yes := func(g *gate) error { return nil }
	for name, c := range map[string]struct {
		vet, tests error
		open       bool
	}{
		"all is well": {open: true},
		"vet fails":   {vet: errors.New("no")},
		"tests fail":  {tests: errors.New("no")},
		"both fail":   {vet: errors.New("no"), tests: errors.New("no")},
	} {
		g, out := newGate(t, nil)
		g.loud = []string{"ALL WALKS"}
		ran := false
		open := g.pass([]step{
			{"format", "", yes},
			{"vet", "", func(*gate) error { return c.vet }},
			{"builds", "", func(*gate) error { ran = true; return nil }},
			{"tests", "", func(g *gate) error { g.say("ok  tram/last"); return c.tests }},
		})
		text := out.String()
		if open != c.open || !ran {
			t.Errorf("%s: open %v, later steps ran %v", name, open, ran)
		}
		if !strings.HasSuffix(text, "ok  tram/last\n") {
			t.Errorf("%s: something follows the tests:\n%s", name, text)
		}
		if strings.Contains(text, "GATE IS CLOSED") != (c.vet != nil) || !strings.Contains(text, "LEFT OUT: ALL WALKS") {
			t.Errorf("%s: verdict above the tests:\n%s", name, text)
		}
	}
}

// TestComparePages checks that a stale, a missing and an orphaned page are
// each told, and that the folder the generator ran in does not matter.
func TestComparePages(t *testing.T) {
	g, out := newGate(t, map[string]string{
		"web/same_templ.go":   "FileName: `same.templ`, 1",
		"web/stale_templ.go":  "old",
		"web/orphan_templ.go": "x",
	})
	fresh, _ := newGate(t, map[string]string{
		"web/same_templ.go":    "FileName: `web/same.templ`, 1",
		"web/stale_templ.go":   "new",
		"web/missing_templ.go": "x",
	})
	err := comparePages(g, fresh.root)
	if err == nil {
		t.Error("differing pages passed")
	}
	text := filepath.ToSlash(out.String())
	for _, want := range []string{"web/stale_templ.go is not", "web/missing_templ.go is not", "web/orphan_templ.go has no"} {
		if !strings.Contains(text, want) {
			t.Errorf("not told: %s\n%s", want, text)
		}
	}
	if strings.Contains(text, "same_templ") {
		t.Errorf("a page that is the same was told:\n%s", text)
	}
}

// TestGenerated runs the real generator over one page, in order and changed.
func TestGenerated(t *testing.T) {
	const page = "package p\n\ntempl Hello(name string) {\n\t<b>{ name }</b>\n}\n"
	g, _ := newGate(t, map[string]string{"p/hello.templ": page})
	tools, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	// The generator is a tool of this module, so it must be asked for here.
	run := &gate{ctx: g.ctx, root: tools, out: g.out}
	_, err = run.quiet("go", "tool", "templ", "generate", "-path", g.root, "-log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(filepath.Join(g.root, "p", "hello_templ.go"))
	if err != nil || !strings.Contains(string(made), "func Hello(") {
		t.Fatalf("the generator made %q, %v", made, err)
	}
	scratch := t.TempDir()
	pages, err := copyPages(g.root, scratch)
	if err != nil || len(pages) != 1 {
		t.Fatalf("copied %v, %v", pages, err)
	}
	_, err = run.quiet("go", "tool", "templ", "generate", "-path", scratch, "-log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	err = comparePages(g, scratch)
	if err != nil {
		t.Errorf("a page that is in order: %v", err)
	}
	err = os.WriteFile(filepath.Join(g.root, "p", "hello_templ.go"), append(made, "// by hand\n"...), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if comparePages(g, scratch) == nil {
		t.Error("a generated page changed by hand passed")
	}
}

// TestNothing checks that a command that prints is a no, and that one that
// fails without printing is not taken for a yes.
func TestNothing(t *testing.T) {
	g, out := newGate(t, map[string]string{"go.mod": "module x\n\ngo 1.26\n", "ugly.go": "package   x\n"})
	err := g.nothing("put it right", "gofmt", "-l", ".")
	if err == nil || err.Error() != "put it right" || !strings.Contains(out.String(), "ugly.go") {
		t.Errorf("an ugly file: %v, told %q", err, out)
	}
	err = g.nothing("put it right", "go", "no-such-command")
	if err == nil {
		t.Error("a command that failed in silence was taken for a yes")
	}
}

// TestMachineTells checks that what is missing is told aloud with how to get
// it, where nothing can be installed.
func TestMachineTells(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv(chromium.EnvPath, "no-such-browser")
	g, out := newGate(t, nil)
	err := machine(g)
	if err != nil {
		t.Fatal(err)
	}
	if g.race || !strings.Contains(out.String(), "RACE DETECTOR") || !strings.Contains(out.String(), "ALL BROWSER WALKS") || !strings.Contains(out.String(), "THE MODEL") || !strings.Contains(out.String(), "apt-get install chromium") {
		t.Errorf("race %v, told:\n%s", g.race, out)
	}
	for _, e := range g.env {
		if strings.HasPrefix(e, chromium.EnvRequire) {
			t.Error("a browser is required where none can be installed")
		}
	}
}

// TestBuildsTells checks that a program that does not compile closes the gate
// for every system, with the compiler's words.
func TestBuildsTells(t *testing.T) {
	g, out := newGate(t, map[string]string{"go.mod": "module x\n\ngo 1.26\n", "cmd/tram/main.go": "package main\n\nfunc main() { missing() }\n"})
	err := builds(g)
	if err == nil || !strings.Contains(out.String(), "undefined: missing") {
		t.Errorf("builds: %v\n%s", err, out)
	}
	for _, s := range systems {
		if err != nil && !strings.Contains(err.Error(), s.os+"/"+s.arch) {
			t.Errorf("%s/%s is not told: %v", s.os, s.arch, err)
		}
	}
}
