// Package pgtest runs a real PostgreSQL server for a test: its own directory,
// its own port on the loopback address, gone with the test.
//
// A machine without PostgreSQL skips the test and says so loudly. As root it
// runs the server as the user postgres, because the server refuses to run as
// root. Durability is switched off unless the test asks for it; a server can
// be stopped and started again, as one that goes away.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Server is a running PostgreSQL.
type Server struct {
	URL  string
	t    testing.TB
	bin  string
	dir  string
	port int
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// startWait is how long a server may take to answer: initdb and a first start
// on a busy machine.
const startWait = time.Minute

// Start runs a server until the test ends. durable leaves fsync on.
func Start(t testing.TB, durable bool) *Server {
	t.Helper()
	bin, err := Find()
	if err != nil && os.Getenv(EnvRequire) != "" {
		t.Fatalf("PostgreSQL is required here: %v", err)
	}
	if err != nil {
		t.Skipf("NOT TESTED AGAINST POSTGRESQL: %v (on Debian: apt-get install postgresql)", err)
	}
	dir, err := os.MkdirTemp("", "tram-pg-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{t: t, bin: bin, dir: filepath.Join(dir, "data")}
	if err := own(dir); err != nil {
		t.Skipf("NOT TESTED AGAINST POSTGRESQL: %v", err)
	}
	if s.port, err = FreePort(); err != nil {
		t.Fatal(err)
	}
	s.URL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	if out, err := s.command("initdb", "-D", s.dir, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "--no-locale").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	settings := fmt.Sprintf("listen_addresses='127.0.0.1'\nport=%d\nunix_socket_directories=''\nshared_buffers=128MB\nmax_wal_size=2GB\n", s.port)
	if !durable {
		settings += "fsync=off\nsynchronous_commit=off\nfull_page_writes=off\n"
	}
	f, err := os.OpenFile(filepath.Join(s.dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(settings)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// Up starts a server that was stopped and waits until it answers.
func (s *Server) Up() {
	s.t.Helper()
	s.cmd = s.command("postgres", "-D", s.dir)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start PostgreSQL: %v", err)
	}
	end := time.Now().Add(startWait)
	for {
		out, err := s.command("pg_isready", "-q", "-h", "127.0.0.1", "-p", fmt.Sprint(s.port)).CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("PostgreSQL does not answer: %v %s\n%s", err, out, s.log.String())
		}
		time.Sleep(20 * time.Millisecond) // a process outside has no event to wait for
	}
}

// Down stops the server at once, as a power cut does for its clients.
func (s *Server) Down() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(os.Interrupt) // fast shutdown; it may have ended by itself
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Fresh makes a new, empty database and answers its address.
func (s *Server) Fresh(name string) string {
	s.t.Helper()
	out, err := s.command("createdb", "-h", "127.0.0.1", "-p", fmt.Sprint(s.port), "-U", "postgres", name).CombinedOutput()
	if err != nil {
		s.t.Fatalf("createdb: %v\n%s", err, out)
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, name)
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...)
	cmd.Dir = os.TempDir()
	as(cmd)
	return cmd
}

// EnvRequire is the environment variable that makes a missing server a failure
// instead of a skip; the gate sets it where it can install one.
const EnvRequire = "TRAM_REQUIRE_POSTGRES"

// Find looks for the server's programs, the newest version first.
func Find() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Sort(dirs)
	if p, err := exec.LookPath("pg_isready"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	for _, d := range slices.Backward(dirs) {
		if whole(d) {
			return d, nil
		}
	}
	return "", errors.New("there is no PostgreSQL on this machine")
}

// whole says whether a directory has every program that is needed.
func whole(dir string) bool {
	for _, name := range []string{"postgres", "initdb", "createdb", "pg_isready"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// The ports that FreePort chooses from lie below those that systems give to
// connections by themselves: one of these could be given away between a choice
// and the start of a server, or while a server is down.
const portLow, portHigh = 20_000, 32_000

// FreePort is a port of this machine on which nothing listens, to be given to a
// server that must be found there again after it was down.
func FreePort() (int, error) {
	var taken error
	for range 100 {
		port := portLow + rand.IntN(portHigh-portLow) // no secret
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
		taken = err
	}
	return 0, fmt.Errorf("no port is free: %w", taken)
}
