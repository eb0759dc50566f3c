package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"filippo.io/age"

	"tram/internal/hub"
	"tram/internal/keys"
	"tram/internal/sitedir"
)

type backupCmd struct {
	Data     string   `help:"Directory of the site, or of the hub."`
	Out      string   `help:"File to write; it must not be there yet."`
	To       []string `help:"age recipient of the programme (age1…), beside those in backup-recipients.txt. May be repeated."`
	Check    string   `placeholder:"FILE" help:"The drill instead: bring FILE back in a scratch directory, verify it and compare."`
	Identity string   `type:"existingfile" help:"age identity file of the programme, for a sealed backup."`
	JSON     bool     `help:"Print the result as JSON."`
}

// Run writes a backup, or checks one.
func (c *backupCmd) Run(ctx context.Context) error {
	if c.Check != "" {
		return c.check(ctx)
	}
	if c.Data == "" || c.Out == "" {
		return fmt.Errorf("tram backup --data DIR --out FILE, or tram backup --check FILE")
	}
	if hub.IsHere(c.Data) {
		return c.ofHub(ctx)
	}
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	to, err := sitedir.Recipients(c.Data, c.To)
	if err != nil {
		return err
	}
	b, err := sitedir.WriteBackup(ctx, c.Data, sitedir.Options{Passphrase: pass}, c.Out, to)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"file": c.Out, "backup": b.Backup, "site": b.Site, "number": b.Number, "entries": b.Size, "day": b.Day, "sha256": b.SHA256, "sealed": b.Sealed,
		})
	}
	fmt.Printf("Backup %d of %s, installation %d: %d entries to %s, read back and the same.\n%s\nSHA-256 %s\n", b.Backup, b.Name, b.Number, b.Size, b.Day, c.Out, b.SHA256)
	if guarded, err := keys.Protected(c.Data); err != nil || !guarded {
		fmt.Println("This site has no passphrase: anyone who has the file can read it.")
	}
	fmt.Printf("Prove that it can be restored: tram backup --check %s\n", c.Out)
	return nil
}

func (c *backupCmd) check(ctx context.Context) error {
	ids, err := identities(c.Identity)
	if err != nil {
		return err
	}
	if is, err := hub.IsBackup(c.Check, ids); err != nil {
		return err
	} else if is {
		return c.checkHub(ctx, ids)
	}
	show := progress("entries")
	pass, err := backupPassphrase()
	if err != nil {
		return err
	}
	m, v, err := sitedir.CheckBackup(ctx, c.Check, ids, sitedir.Options{Passphrase: pass}, func(step string, done int64) { show(step, done, 0) })
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{
			"backup": m.Backup, "site": m.Site, "number": m.Number, "entries": v.Entries, "tables": v.Tables, "day": m.Day, "root": m.Root,
		})
	}
	fmt.Printf("Backup %d of %s opens: %d entries from %s to %s, %d checkpoints signed by the site's key, %d tables as the journal makes them.\n",
		m.Backup, m.Name, v.Entries, v.First, v.Last, v.Checkpoints, v.Tables)
	return nil
}

// identities reads an age identity file.
func identities(path string) ([]age.Identity, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the identity file: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	ids, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("identity file %s: %w", path, err)
	}
	return ids, nil
}
