package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"tram/internal/baton"
	"tram/internal/clinicdb"
	"tram/internal/hub"
	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/sitesync"
)

// unlocking is how keys are opened that come from elsewhere.
type unlocking struct {
	Share []string `help:"A recovery share, or a file with it; two of them open the keys instead of the passphrase."`
}

// newPassMin is the shortest new passphrase.
const newPassMin = 12

// keys opens the keys in a directory, by passphrase or by two shares; then a
// new passphrase is set.
func (u *unlocking) keys(in *bufio.Reader) func(dir string) (*keys.Keys, error) {
	return func(dir string) (*keys.Keys, error) {
		if len(u.Share) == 0 {
			guarded, err := keys.Protected(dir)
			if err != nil {
				return nil, err
			}
			pass := ""
			if guarded {
				if pass, err = answer(in, "TRAM_PASSPHRASE", "Passphrase of the site: "); err != nil {
					return nil, err
				}
			}
			return keys.Open(dir, pass)
		}
		return byShares(in, dir, u.Share)
	}
}

// byShares opens the keys with two shares and guards them with a new
// passphrase.
func byShares(in *bufio.Reader, dir string, given []string) (*keys.Keys, error) {
	var two [2]keys.Share
	for i := range two {
		text := ""
		var err error
		if i < len(given) {
			text, err = shareText(given[i])
		} else {
			text, err = answer(in, "", fmt.Sprintf("Recovery share %d of 2: ", i+1))
		}
		if err != nil {
			return nil, err
		}
		two[i] = keys.Share(text)
	}
	if _, err := keys.Join(two[0], two[1]); err != nil {
		return nil, err
	}
	pass, err := answer(in, "TRAM_NEW_PASSPHRASE", fmt.Sprintf("New passphrase (at least %d characters; write it down in the safe): ", newPassMin))
	if err != nil {
		return nil, err
	}
	if len([]rune(pass)) < newPassMin {
		return nil, fmt.Errorf("the new passphrase needs at least %d characters; nothing was changed", newPassMin)
	}
	return keys.Recover(dir, two[0], two[1], pass, rand.Reader)
}

// shareText is a share as typed, or out of a file: its line that begins as a
// share does.
func shareText(given string) (string, error) {
	b, err := os.ReadFile(given)
	if err != nil {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(given)), "tram-") {
			return given, nil
		}
		return "", fmt.Errorf("read the share: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(line)), "tram-") {
			return strings.TrimSpace(line), nil
		}
	}
	return "", fmt.Errorf("%w: %s holds no line that begins with tram-", keys.ErrShare, given)
}

func backupPassphrase() (string, error) {
	if v, ok := os.LookupEnv("TRAM_PASSPHRASE"); ok {
		return v, nil
	}
	return ask(bufio.NewReader(os.Stdin), "Passphrase of the site (Enter if it has none): ")
}

type restoreCmd struct {
	From      string `type:"existingfile" help:"Backup to restore; without it the baton alone brings the site back."`
	Data      string `required:"" help:"Directory: a new one, or without --from an older copy of the site that has forgotten."`
	Baton     string `placeholder:"DIR" help:"Where the baton is plugged in, such as E:\\ ."`
	Hub       bool   `help:"Ask the hub for what it has beyond the backup: for when the baton is lost."`
	Identity  string `type:"existingfile" help:"age identity file of the programme, for a sealed backup."`
	unlocking `embed:""`
}

// Run restores.
func (c *restoreCmd) Run(ctx context.Context) error {
	ids, err := identities(c.Identity)
	if err != nil {
		return err
	}
	if c.From != "" {
		if is, err := hub.IsBackup(c.From, ids); err != nil {
			return err
		} else if is {
			return c.ofHub(ctx, ids)
		}
	}
	show := progress("entries")
	r := sitedir.Restore{
		Dir: c.Data, From: c.From, Identities: ids, Unlock: c.keys(bufio.NewReader(os.Stdin)),
		Progress: func(step string, done, total int64) { show(step, done, total) },
	}
	if c.Baton != "" {
		r.Baton = baton.Dir(c.Baton)
	}
	if c.Hub {
		r.Hub = ownAtHub
	}
	done, err := r.Run(ctx, sitedir.Options{})
	if err != nil {
		return err
	}
	c.tell(done)
	return nil
}

// ownAtHub asks the hub that the restored records name.
func ownAtHub(ctx context.Context, k *keys.Keys, v *clinicdb.View, from int64) (sitedir.AtHub, error) {
	link, err := v.Link()
	if errors.Is(err, clinicdb.ErrNotFound) {
		return sitedir.AtHub{}, errors.New("the site had not joined a programme when the backup was made: restore without --hub")
	}
	if err != nil {
		return sitedir.AtHub{}, err
	}
	of, err := v.Site()
	if err != nil {
		return sitedir.AtHub{}, err
	}
	o := sitesync.Options{Seed: k.SyncSeed(), Number: k.Number, Version: version(), Log: slog.New(slog.DiscardHandler)}
	got, err := sitesync.Own(ctx, o, sitesync.Lost{Site: of.Site, Origin: k.Journal.Verifier.Name(), Link: link, From: from})
	return sitedir.AtHub{
		Entries: got.Entries, Size: got.Size, Hash: got.Hash, Receipt: clinicdb.Receipt{Size: got.Size, At: got.At, Note: got.Receipt},
	}, err
}

// tell says what was done and what people must know before the first dose.
func (c *restoreCmd) tell(r sitedir.Restored) {
	if r.Resumed {
		fmt.Println("An interrupted restore was finished.")
	}
	fmt.Printf("%s is restored in %s: %d entries.\n", r.Backup.Site, c.Data, r.OfSize)
	fmt.Printf("This is installation %d from now on. Installation %d is over: the old PC must not be used again.\n", r.Number, r.OfNumber)
	switch {
	case r.AtHub > r.Backup.Size:
		fmt.Printf("There was no baton. %d of the entries came from the hub; what was done here and had not reached it is not here. Ask for it: counterfoil book, paper sheets.\nMake a new baton before the first letter: tram baton make --data %s --at DIR\n", r.AtHub-r.Backup.Size, c.Data)
	case r.Baton == nil:
		fmt.Printf("There was no baton: what happened after the backup is not here. Ask for it: counterfoil book, paper sheets, the neighbouring sites, the hub.\nMake a new baton before the first letter: tram baton make --data %s --at DIR\n", c.Data)
	case r.Torn:
		fmt.Println("The end of the baton could not be read: it was pulled out while it was written, or it is damaged. Compare the last doses with the paper.")
	case r.Baton.Size > r.Backup.Size && r.Backup.Size > 0:
		fmt.Printf("%d of the entries came from the baton, to its end.\n", r.Baton.Size-r.Backup.Size)
	default:
		fmt.Println("The baton was read to its end.")
	}
	for _, code := range r.Codes {
		fmt.Printf("No PIN of this site came back. %s sets a new one on the sign-in page with the one-time code %s (24 hours).\n", code.Name, code.Code)
	}
	fmt.Printf("Before the first dose two people confirm today's date and whether the site was opened without the baton.\nCheck: tram verify --data %s\nStart: tram serve --data %s\n", c.Data, c.Data)
}

type recoverCmd struct {
	Data      string `required:"" help:"Directory of the site."`
	unlocking `embed:""`
}

// Run sets a new passphrase from two recovery shares.
func (c *recoverCmd) Run() error {
	in := bufio.NewReader(os.Stdin)
	if len(c.Share) > 2 {
		return fmt.Errorf("two shares are enough; nothing was changed")
	}
	k, err := byShares(in, c.Data, c.Share)
	if err != nil {
		return err
	}
	fmt.Printf("The keys of %s in %s open with the new passphrase; the old one no longer does. The shares stay good: put them back.\nStart: tram serve --data %s\n",
		k.Journal.Verifier.Name(), filepath.Clean(c.Data), c.Data)
	return nil
}
