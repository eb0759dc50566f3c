package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// command is a command in the root with the gate's environment.
func (g *gate) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(g.ctx, name, args...)
	cmd.Dir = g.root
	cmd.Env = append(os.Environ(), g.env...)
	return cmd
}

// stream runs a command and lets its output through.
func (g *gate) stream(name string, args ...string) error {
	cmd := g.command(name, args...)
	cmd.Stdout = g.out
	cmd.Stderr = g.out
	err := cmd.Run()
	if err != nil {
		return fmt.Errorf("%s: %w", name+" "+strings.Join(args, " "), err)
	}
	return nil
}

// quiet runs a command and answers its standard output. What it says on the
// other channel is in the error.
func (g *gate) quiet(name string, args ...string) (string, error) {
	cmd := g.command(name, args...)
	var out, complaint bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = &complaint
	err := cmd.Run()
	if err != nil {
		return out.String(), fmt.Errorf("%s: %w\n%s", name+" "+strings.Join(args, " "), err, complaint.String())
	}
	return out.String(), nil
}

// nothing runs a command that must print nothing, and shows what it printed.
func (g *gate) nothing(advice, name string, args ...string) error {
	out, err := g.quiet(name, args...)
	if strings.TrimSpace(out) != "" {
		g.say("%s", strings.TrimRight(out, "\n"))
		return errors.New(advice)
	}
	return err
}
