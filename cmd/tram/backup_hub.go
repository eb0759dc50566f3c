package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"filippo.io/age"

	"tram/internal/hub"
	"tram/internal/sitedir"
)

// ofHub writes a hub's backup, and says what is in it and what is not.
func (c *backupCmd) ofHub(ctx context.Context) error {
	pass, err := hubPassphrase(c.Data)
	if err != nil {
		return err
	}
	to, err := sitedir.Recipients(c.Data, c.To)
	if err != nil {
		return err
	}
	b, err := hub.WriteBackup(ctx, hub.Options{Dir: c.Data, Passphrase: pass}, c.Out, to)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"file": c.Out, "hub": b.Name, "entries": b.Size, "tables": b.Tables, "tables_saved": b.Tables != hub.InPostgres, "sites": b.Sites, "site_entries": b.Entries,
			"sha256": b.SHA256, "sealed": b.Sealed,
		})
	}
	fmt.Printf("Saved of the hub of %s: its keys, its certificate, its own journal of %d entries with its people's passwords.\n", b.Name, b.Size)
	fmt.Println(aboutTables(b.Manifest))
	fmt.Printf("Left out: what the transport has not passed on yet. No receipt was signed for it, so the sites send it again.\n%s\nSHA-256 %s\nProve that it can be restored: tram backup --check %s\n", c.Out, b.SHA256, c.Out)
	return nil
}

// aboutTables says whether the sites' journals are in a backup.
func aboutTables(m hub.Manifest) string {
	switch m.Tables {
	case hub.InPostgres:
		return "NOT saved: the sites' journals and all tables. They are in PostgreSQL. Save them beside this file, now and each time:\n" +
			"  pg_dump --format=custom --file=hub.pgdump \"$TRAM_POSTGRES\""
	case hub.Nowhere:
		return "There are no tables in this directory yet: no hub has run on it."
	}
	return fmt.Sprintf("Saved: the journals of %d sites, %d entries, and all tables.", m.Sites, m.Entries)
}

// checkHub is the drill for a hub's backup.
func (c *backupCmd) checkHub(ctx context.Context, ids []age.Identity) error {
	u := unlocking{}
	m, err := hub.CheckBackup(ctx, c.Check, ids, u.keys(bufio.NewReader(os.Stdin)))
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"hub": m.Name, "entries": m.Size, "tables": m.Tables, "sites": m.Sites, "site_entries": m.Entries, "root": m.Root, "made": m.Made,
		})
	}
	fmt.Printf("The backup of the hub of %s opens: its own journal has %d entries and fits its signatures.\n", m.Name, m.Size)
	if m.Tables == hub.InFile {
		fmt.Printf("The journals of %d sites, %d entries, are the ones that were signed for.\n", m.Sites, m.Entries)
		return nil
	}
	fmt.Println(aboutTables(m))
	return nil
}

// ofHub brings a hub back, and says what to do next.
func (c *restoreCmd) ofHub(ctx context.Context, ids []age.Identity) error {
	if c.Baton != "" {
		return errors.New("a hub has no baton: leave --baton out; nothing was changed")
	}
	m, err := hub.Restore(ctx, c.From, ids, c.Data, c.keys(bufio.NewReader(os.Stdin)))
	if err != nil {
		return err
	}
	fmt.Printf("The hub of %s is restored in %s: its own journal of %d entries, its people and its keys.\n", m.Name, c.Data, m.Size)
	postgres := ""
	switch m.Tables {
	case hub.InPostgres:
		postgres = " --postgres URL"
		fmt.Println("Its tables are in PostgreSQL and not in this backup. Bring that database back first, if it is lost too: pg_restore --dbname=URL hub.pgdump\n" +
			"Without it start with an empty database: the sites send everything again.")
	case hub.InFile:
		fmt.Printf("The journals of %d sites came back up to %d entries. What is missing the sites send again by themselves: they keep everything.\n", m.Sites, m.Entries)
	}
	fmt.Printf("Never start the old hub again. Start this one under the same address: tram hub --data %s%s --host ADDRESS\n"+
		"Then look at “To answer” on its pages: what people said at the hub since the backup must be said again.\n", c.Data, postgres)
	return nil
}
