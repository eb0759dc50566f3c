package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tram/internal/hubdb/pgtest"
	"tram/internal/walk/chromium"
)

// need is something of the machine that some test wants.
type need struct {
	what     string           // in words
	have     func(*gate) bool // looks for it
	packages []string         // Debian packages that bring it
	without  string           // what is left out when it is missing
}

var needs = []need{
	{"a C compiler", hasCompiler, []string{"gcc", "libc6-dev"}, "the RACE DETECTOR; tests run without -race"},
	{"a browser", hasBrowser, []string{"chromium"}, "ALL BROWSER WALKS; pages are tested as text only"},
	{"PostgreSQL", hasPostgres, []string{"postgresql"}, "THE HUB ON POSTGRESQL; it is tested on SQLite only"},
	{"a model checker", hasSpin, []string{"spin", "gcc", "libc6-dev"}, "THE MODEL of the dosing right (internal/care/transfer/model)"},
	{"a font with Vietnamese letters", hasFont, []string{"fonts-dejavu-core"}, "nothing, but screenshots may show boxes"},
}

// machine looks for what the tests need and installs it where that is ours to
// do: a Debian machine, as root. There a browser that is missing afterwards
// is a failure, not a skip.
func machine(g *gate) error {
	missing := lacking(g)
	installs := canInstall()
	if installs {
		g.env = append(g.env, chromium.EnvRequire+"=1", pgtest.EnvRequire+"=1", "TRAM_MODEL=require")
	}
	if len(missing) > 0 && installs {
		err := install(g, missing)
		if err != nil {
			return err
		}
		missing = lacking(g)
	}
	for _, n := range missing {
		g.loud = append(g.loud, fmt.Sprintf("%s, because %s is missing (Debian: apt-get install %s)", n.without, n.what, strings.Join(n.packages, " ")))
	}
	g.race = hasCompiler(g)
	for _, l := range g.loud {
		g.say("!! LEFT OUT: %s", l)
	}
	if installs && len(missing) > 0 {
		return errors.New("apt-get installed its packages, and something is still missing")
	}
	return nil
}

// lacking answers the needs that this machine does not meet.
func lacking(g *gate) []need {
	var missing []need
	for _, n := range needs {
		if !n.have(g) {
			missing = append(missing, n)
		}
	}
	return missing
}

// canInstall says whether this is a Debian machine and we are root on it.
func canInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}

// install brings the missing packages, with one more try: a mirror that
// stumbles once should not close the gate.
func install(g *gate, missing []need) error {
	args := []string{"install", "-y", "-q", "--no-install-recommends"}
	for _, n := range missing {
		args = append(args, n.packages...)
	}
	g.say("   apt-get %s", strings.Join(args, " "))
	var err error
	for range 2 {
		_, err = g.apt("update", "-q")
		if err != nil {
			continue
		}
		_, err = g.apt(args...)
		if err == nil {
			return nil
		}
	}
	return err
}

// apt runs apt-get without questions.
func (g *gate) apt(args ...string) (string, error) {
	cmd := g.command("apt-get", args...)
	cmd.Env = append(cmd.Env, "DEBIAN_FRONTEND=noninteractive")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// hasCompiler builds one tiny program with the race detector: a compiler
// without its headers, or a system the detector does not know, also means no.
func hasCompiler(g *gate) bool {
	scratch, err := os.MkdirTemp("", "check-race")
	if err != nil {
		return false
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	file := filepath.Join(scratch, "main.go")
	err = os.WriteFile(file, []byte("package main\n\nimport \"C\"\n\nfunc main() {}\n"), 0o644)
	if err != nil {
		return false
	}
	cmd := g.command("go", "build", "-race", "-o", filepath.Join(scratch, "program"), file)
	cmd.Env = append(cmd.Env, "CGO_ENABLED=1")
	return cmd.Run() == nil
}

func hasBrowser(*gate) bool {
	_, ok := chromium.Find()
	return ok
}

func hasPostgres(*gate) bool {
	_, err := pgtest.Find()
	return err == nil
}

// hasSpin looks for the checker and for the compiler of what it writes.
func hasSpin(*gate) bool {
	for _, program := range []string{"spin", "cc"} {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	return true
}

// hasFont looks for any font file; elsewhere than on Linux the system has some.
func hasFont(*gate) bool {
	const fonts = "/usr/share/fonts"
	_, err := exec.LookPath("apt-get")
	if err != nil {
		return true
	}
	found := false
	err = filepath.WalkDir(fonts, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, ".ttf") || strings.HasSuffix(path, ".otf")) {
			found = true
			return filepath.SkipAll
		}
		return nil
	})
	return err == nil && found
}
