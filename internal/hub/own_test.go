package hub_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"

	"tram/internal/care/programme"
	"tram/internal/clinicdb"
	"tram/internal/keys"
	"tram/internal/sitedir"
	"tram/internal/sitesync"
)

// TestRestoredFromHub: the PC and its baton are gone. A backup, and what the hub
// has beyond it, bring back all that had reached the hub, under a new number;
// a hub that alters an entry leaves nothing behind.
func TestRestoredFromHub(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.register("Người Đầu")
	tg.synced()
	file := filepath.Join(t.TempDir(), "tg.tram")
	if _, err := sitedir.WriteBackup(t.Context(), tg.dir, sitedir.Options{}, file, nil); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		tg.register(fmt.Sprintf("Người Thử %d", i))
	}
	tg.synced()
	head := tg.c.Head()
	tg.end()

	line := f.hub.Line()
	var asked sitesync.OwnCopy
	altered := false
	ask := func(ctx context.Context, k *keys.Keys, v *clinicdb.View, from int64) (sitedir.AtHub, error) {
		link, err := v.Link()
		if err != nil {
			return sitedir.AtHub{}, err
		}
		o := sitesync.Options{Seed: k.SyncSeed(), Number: 1, Log: slog.New(slog.DiscardHandler), Dial: []nats.Option{line.Option()}}
		asked, err = sitesync.Own(ctx, o, sitesync.Lost{Site: "TG", Origin: k.Journal.Verifier.Name(), Link: link, From: from})
		if altered && err == nil {
			last := len(asked.Entries) - 1
			asked.Entries = asked.Entries[:last]
		}
		return sitedir.AtHub{Entries: asked.Entries, Size: asked.Size, Hash: asked.Hash, Receipt: clinicdb.Receipt{Size: asked.Size, At: asked.At, Note: asked.Receipt}}, err
	}
	restore := func(dir string) (sitedir.Restored, error) {
		r := sitedir.Restore{Dir: dir, From: file, Hub: ask, Unlock: func(dir string) (*keys.Keys, error) { return keys.Open(dir, "") }}
		return r.Run(t.Context(), sitedir.Options{})
	}

	altered = true
	if _, err := restore(filepath.Join(t.TempDir(), "new")); !errors.Is(err, sitedir.ErrHubFork) {
		t.Fatalf("a hub that leaves an entry out: %v", err)
	}
	altered = false
	dir := filepath.Join(t.TempDir(), "new")
	r, err := restore(dir)
	if err != nil || r.OfSize != head.Size || r.Number != 2 || r.AtHub != head.Size || len(asked.Entries) == 0 {
		t.Fatalf("restored %d of %d entries as number %d, the hub had %d, %v", r.OfSize, head.Size, r.Number, r.AtHub, err)
	}
	tg.dir = dir
	tg.open()
	if got := tg.c.Head(); got.Hash != head.Hash {
		t.Errorf("the journal that came back is another one")
	}
	if b := tg.c.Clinic.Born(); b == nil || b.Number != 2 {
		t.Errorf("nobody is asked about the restore: %+v", b)
	}
	tg.same()
	tg.start()
	tg.synced()
}
