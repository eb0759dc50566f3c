package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"tram/internal/baton"
	"tram/internal/sitedir"
)

type batonCmd struct {
	Make   batonMakeCmd   `cmd:"" help:"Make this site's baton on a stick, with the whole journal. An earlier baton is retired."`
	Status batonStatusCmd `cmd:"" help:"Say how the baton stands to this PC."`
	Check  batonCheckCmd  `cmd:"" help:"Read the whole baton and verify it."`
}

type batonMakeCmd struct {
	Data string `required:"" help:"Directory of the site."`
	At   string `required:"" help:"Where the stick is plugged in."`
}

// Run makes a baton, or brings the site's own up to date.
func (c *batonMakeCmd) Run(ctx context.Context) error {
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	s, err := sitedir.Open(ctx, c.Data, sitedir.Options{Passphrase: pass})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // the baton is flushed; nothing was written here
	show := progress("entries")
	r, err := sitedir.MakeBaton(ctx, s, baton.Dir(c.At), rand.Reader, func(done, total int64) { show("baton", done, total) })
	if err != nil {
		return err
	}
	fmt.Printf("Baton %s of %s: %d entries, read back and the same. Keep it in the safe with the medicine; destroy or wipe an earlier one.\n", r.Baton, r.Site, r.There.Size)
	return nil
}

type batonStatusCmd struct {
	Data string `required:"" help:"Directory of the site."`
	At   string `required:"" help:"Where the baton is plugged in."`
	JSON bool   `help:"Print the result as JSON."`
}

// Run compares the baton with the journal here.
func (c *batonStatusCmd) Run(ctx context.Context) error {
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	r, _, err := sitedir.Peek(ctx, c.Data, sitedir.Options{Passphrase: pass}, baton.Dir(c.At), nil)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"standing": r.Standing, "baton": r.Baton, "site": r.Site, "entries": r.There.Size, "here": r.Here, "day": r.There.LastDay,
			"number": r.There.Number, "number_here": r.Number, "notice": r.Notice,
		})
	}
	fmt.Printf("Baton %s of %s: %d entries to %s, installation %d. Here: %d entries, installation %d.\n", r.Baton, r.Site, r.There.Size, r.There.LastDay, r.There.Number, r.Here, r.Number)
	fmt.Println(standingText(r, c.Data, c.At))
	if r.Notice != "" {
		fmt.Printf("Notice: %s. Make a new baton soon.\n", r.Notice)
	}
	switch r.Standing {
	case sitedir.Same, sitedir.Behind:
		return nil
	}
	return fmt.Errorf("the baton and this PC do not fit together: %s", r.Standing)
}

// standingText says what a standing means and what to do.
func standingText(r sitedir.Relation, data, at string) string {
	switch r.Standing {
	case sitedir.Same:
		return "The baton knows everything. All is well."
	case sitedir.Behind:
		return fmt.Sprintf("The baton lacks %d entries. Bring it up to date: tram baton make --data %s --at %s", r.Here-r.There.Size, data, at)
	case sitedir.Ahead:
		return fmt.Sprintf("This PC has forgotten %d entries: it is an older copy. Do not dose. Bring it forward: tram restore --data %s --baton %s", r.There.Size-r.Here, data, at)
	case sitedir.Superseded:
		return "A newer installation of this site exists. This PC is over: do not dose here; use the PC that has the baton."
	case sitedir.Swapped:
		return fmt.Sprintf("%d entries were on this baton, now there are %d: it is an older copy, or damaged. Find the right one, or make a new one.", r.Acked, r.There.Size)
	case sitedir.Retired:
		return "Another baton was made for this site after this one. Use that one; wipe this one."
	}
	return "This PC and the baton have different histories: two PCs worked for this site. Stop, work on paper, and call the programme."
}

type batonCheckCmd struct {
	Data string `required:"" help:"Directory of the site."`
	At   string `required:"" help:"Where the baton is plugged in."`
}

// Run reads and verifies the whole baton.
func (c *batonCheckCmd) Run(ctx context.Context) error {
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	show := progress("entries")
	r, whole, err := sitedir.Peek(ctx, c.Data, sitedir.Options{Passphrase: pass}, baton.Dir(c.At), func(done int64) { show("baton", done, 0) })
	if err != nil {
		return err
	}
	fmt.Printf("Baton %s: %d entries in %d parts are whole, %d checkpoints signed by the site's key, the newest over %d.\n%s\n",
		r.Baton, whole.Size, whole.Segments, whole.Checkpoints, whole.Signed, standingText(r, c.Data, c.At))
	return nil
}
