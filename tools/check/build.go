package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// sizeMax is what a clinic can fetch over a phone line in one night, with room
// to grow: the whole program was measured at about 44 MB with the hub in it.
const sizeMax = 50 << 20

// systems are what clinics have: old Windows PCs, small ARM boxes, Linux.
var systems = []struct{ os, arch, suffix string }{
	{"linux", "amd64", ""},
	{"windows", "amd64", ".exe"},
	{"linux", "arm64", ""},
}

// builds makes the program for each system without cgo, into a directory that
// is thrown away, and holds its size to the limit. A release adds -trimpath;
// here it would only keep the compiler from using what it has already made.
func builds(g *gate) error {
	scratch, err := os.MkdirTemp("", "check-build")
	if err != nil {
		return fmt.Errorf("make a scratch directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	var wrong []error
	for _, s := range systems {
		begin := time.Now()
		to := filepath.Join(scratch, "tram-"+s.os+"-"+s.arch+s.suffix)
		cmd := g.command("go", "build", "-ldflags=-s -w", "-o", to, "./cmd/tram")
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0", "GOOS="+s.os, "GOARCH="+s.arch)
		out, err := cmd.CombinedOutput()
		if err != nil {
			g.say("%s", out)
			wrong = append(wrong, fmt.Errorf("build for %s/%s: %w", s.os, s.arch, err))
			continue
		}
		made, err := os.Stat(to)
		if err != nil {
			return fmt.Errorf("look at the program for %s/%s: %w", s.os, s.arch, err)
		}
		g.say("   %s/%s %.1f MB in %s", s.os, s.arch, float64(made.Size())/1e6, took(begin))
		if made.Size() > sizeMax {
			wrong = append(wrong, fmt.Errorf("%s/%s is over %d MB; look at what was added with go tool nm -size -sort size", s.os, s.arch, sizeMax>>20))
		}
	}
	return errors.Join(wrong...)
}

// testTimeout bounds one package's tests. The whole gate has 15 minutes on a
// small machine; a package that needs half of them hangs.
const testTimeout = "7m"

// protocol runs what searches without goroutines, and so without the detector;
// their tests skip the long parts where it is on.
func protocol(g *gate) error {
	return g.stream("go", "test", "-timeout", testTimeout, "./internal/care/transfer", "./internal/baton", "./internal/invented", "./internal/sim/...")
}

// plainSQLite keeps the race detector out of SQLite itself, 160,000 lines
// that were translated into Go: each connection's memory is its own, and whoever
// used one connection from two goroutines would still be seen in the package
// that hands it over, as in all of ours. Watched as well, the tests of the
// packages that write take two and a half times as long.
const plainSQLite = "-gcflags=github.com/ncruces/go-sqlite3-wasm/v6=-race=false"

func tests(g *gate) error {
	args := []string{"test", "-timeout", testTimeout}
	if g.race {
		g.env = append(g.env, "CGO_ENABLED=1")
		args = append(args, "-race", plainSQLite)
	}
	return g.stream("go", append(args, "./...")...)
}
