package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"time"

	"tram/internal/day"
	"tram/internal/sitedir"
	"tram/internal/web"
)

// child is a program that serves HTTP while the bench asks.
type child struct {
	cmd    *exec.Cmd
	url    string // from the first line it printed
	stop   context.CancelFunc
	errors bytes.Buffer // what it complained of; to be read once it has ended
}

// stopWait is how long a child may take to end before it is ended.
const stopWait = 10 * time.Second

// spawn starts a program and waits for the line with its address.
func spawn(ctx context.Context, program string, args ...string) (*child, error) {
	ctx, stop := context.WithCancel(ctx)
	c := &child{cmd: exec.CommandContext(ctx, program, args...), stop: stop}
	c.cmd.Stderr = &c.errors
	c.cmd.WaitDelay = stopWait
	c.cmd.Cancel = func() error {
		if c.cmd.Process.Signal(os.Interrupt) != nil { // as on Windows
			return c.cmd.Process.Kill()
		}
		return nil
	}
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if i := strings.Index(line, "http://"); err == nil && i >= 0 {
		c.url = strings.TrimSpace(line[i:])
		go func() { _, _ = io.Copy(io.Discard, lines) }() // what else it says is for nobody
		return c, nil
	}
	return nil, fmt.Errorf("%s did not say where it listens: %w", program, errors.Join(err, c.end()))
}

// end stops the child and tells what it complained of.
func (c *child) end() error {
	c.stop()
	err := c.cmd.Wait()
	if c.errors.Len() > 0 {
		return fmt.Errorf("%s: %s", c.cmd.Path, strings.TrimSpace(c.errors.String()))
	}
	var left *exec.ExitError
	if errors.Is(err, context.Canceled) || errors.As(err, &left) {
		return nil // it was told to
	}
	return err
}

// self starts this same program.
func self(ctx context.Context, args ...string) (*child, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return spawn(ctx, own, args...)
}

// benchSiteCmd serves an invented site at a moment of its own, which then goes
// on by the PC's clock: the bench gives more doses than one day has.
type benchSiteCmd struct {
	Data string `required:""`
	At   int64  `required:""`
}

// Run serves until it is told to stop. A site that is not invented has one
// clock, and this is not it.
func (c *benchSiteCmd) Run(ctx context.Context) error {
	began := time.Now()
	s, err := sitedir.Open(ctx, c.Data, sitedir.Options{
		Clock: func() day.Instant { return day.Instant(c.At) + day.Instant(time.Since(began).Milliseconds()) },
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if !s.Clinic.Site().Invented {
		return errors.New("only an invented site is served at another time")
	}
	l, _, err := listen("127.0.0.1:0", c.Data, nil)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	h, err := web.New(web.Options{Clinic: s.Clinic, Log: log, Stations: 2})
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	return serve(ctx, web.HTTP(h, log), l)
}
