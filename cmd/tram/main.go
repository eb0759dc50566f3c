// Command tram is the whole program: a clinic's site, its set-up, its checks,
// and a demonstration.
//
// This package wires: it reads flags, opens what is asked for, and tells what
// happened. It decides nothing. Exit status 0 is done, 1 refused or found
// wrong with the reason, 2 bad usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"tram/internal/hub"
	"tram/internal/keys"
	"tram/internal/reason"
	"tram/internal/sitedir"
	"tram/internal/sqlitefile"
	"tram/internal/words"
)

type cli struct {
	Demo   demoCmd   `cmd:"" help:"Open a filled, working programme of invented people."`
	Init   initCmd   `cmd:"" help:"Make a new site: keys, rulebook, first manager."`
	Serve  serveCmd  `cmd:"" help:"Run a site."`
	Hub    hubCmd    `cmd:"" help:"Run the programme's hub, and answer the sites that ask to join it."`
	Join   joinCmd   `cmd:"" help:"Link a site to its programme by a code from the hub."`
	Import importCmd `cmd:"" help:"Take over patients, orders and past doses from CSV or XLSX files."`
	Verify verifyCmd `cmd:"" help:"Check the journal, its signatures, and every table against a rebuild."`
	Export exportCmd `cmd:"" help:"Write patients, orders, doses or the stock to a CSV or XLSX file."`

	Backup  backupCmd  `cmd:"" help:"Write an encrypted backup, or check one."`
	Restore restoreCmd `cmd:"" help:"Bring a site back from a backup, its baton, or both."`
	Baton   batonCmd   `cmd:"" help:"The stick in the safe: make it, compare it, read it."`
	Recover recoverCmd `cmd:"" help:"Set a new passphrase with two recovery shares."`

	Bench benchCmd `cmd:"" help:"Measure this machine: dose commits, pages, verification, as ratios in one run."`

	BenchSite benchSiteCmd `cmd:"" hidden:"" help:"Serve an invented site at another time; for the bench."`
	Simulate  simulateCmd  `cmd:"" help:"Live through years of many sites with everything going wrong, and look for a person dosed twice."`
}

func main() {
	var c cli
	parser := kong.Must(&c, kong.Name("tram"), kong.Description("The working system of a decentralised methadone programme."), kong.UsageOnError())
	k, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.Errorf("%s", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	k.BindTo(ctx, (*context.Context)(nil))
	err = k.Run()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tram: "+explain(err))
		os.Exit(1)
	}
}

// explain is an error in words with what to do, for a person at a terminal.
func explain(err error) string {
	var r *reason.Refusal
	switch {
	case errors.As(err, &r):
		return refusal(r)
	case errors.Is(err, keys.ErrPassphrase):
		return "the passphrase is wrong; nothing was opened. Set TRAM_PASSPHRASE or type it again."
	case errors.Is(err, sitedir.ErrNoSite):
		return err.Error() + "\nMake one with: tram init --data DIR --site CODE --name NAME --programme P --rules vn"
	case errors.Is(err, hub.ErrNoHub):
		return err.Error() + "\nMake one with: tram hub init --data DIR --programme P"
	case errors.Is(err, keys.ErrExist):
		return err.Error() + "\nChoose an empty directory; a site is never overwritten."
	case errors.Is(err, sqlitefile.ErrBusy):
		return err.Error() + "\nAnother tram runs on this directory: close it first."
	case errors.Is(err, sqlitefile.ErrFull):
		return err.Error() + "\nNothing was half written. Make room on the disk and start again; until then work on paper."
	case errors.Is(err, sitedir.ErrInUse):
		return err.Error() + "\nOne directory, one program: close the other one first. A backup and a check may run beside it."
	case errors.Is(err, sitedir.ErrRestoring):
		return err.Error() + "\nRun the same tram restore again; it goes on where it stopped."
	case errors.Is(err, keys.ErrShare):
		return err.Error() + "\nA letter was mistyped, it is one share twice, or they are of two sites. Nothing was changed; read them again."
	}
	if hint := secondHint(err); hint != "" {
		return err.Error() + "\n" + hint
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "stopped."
	}
	return err.Error()
}

func refusal(r *reason.Refusal) string {
	cat, err := words.Load()
	if err != nil {
		return r.Error()
	}
	said := cat.For("en").Refusal(r)
	return said.Text + " " + said.Do + " (" + r.Rule + ")"
}
