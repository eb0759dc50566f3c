package hub_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/hub"
	"tram/internal/hubdb/pgtest"
	"tram/internal/id"
	"tram/internal/keys"
)

func openKeys(pass string) func(dir string) (*keys.Keys, error) {
	return func(dir string) (*keys.Keys, error) { return keys.Open(dir, pass) }
}

func (f *fleet) backup() (hub.Backup, string) {
	f.t.Helper()
	out := filepath.Join(f.t.TempDir(), "hub.tram")
	b, err := hub.WriteBackup(f.t.Context(), f.o, out, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return b, out
}

func (f *fleet) restore(from string) hub.Manifest {
	f.t.Helper()
	dir := filepath.Join(f.t.TempDir(), "again")
	m, err := hub.Restore(f.t.Context(), from, nil, dir, openKeys(f.o.Passphrase))
	if err != nil {
		f.t.Fatal(err)
	}
	f.dir, f.o.Dir = dir, dir
	return m
}

// TestRestoredHub: a hub that comes back from a backup taken while it worked
// forgets what the programme said since; the sites lose nothing of it, send
// what the hub lacks, and hear what it says from then on.
func TestRestoredHub(t *testing.T) {
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	p := tg.register("Giàng A Dế")
	tg.synced()
	ns.seed(patient.Noted{Patient: p, Day: ns.c.Today(), Text: "1"})
	ns.synced()
	if _, err := hub.Certificate(f.dir, []string{"localhost"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(f.dir, "tls-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	b, out := f.backup()
	if b.Tables != hub.InFile || b.Sites != 2 || b.Entries == 0 {
		t.Fatalf("%+v", b)
	}
	if text, err := os.ReadFile(out); err != nil || bytes.Contains(text, key[40:60]) {
		t.Fatalf("the certificate's key can be read in the backup, %v", err)
	}

	boss := f.manager()
	for range 3 { // what only the hub knows, and then what every site hears
		f.comesIn(boss)
	}
	if err := f.hub.Record(t.Context(), "m1", programme.SiteChanged{Site: "NS", Name: "Tên sau bản sao lưu"}); err != nil {
		t.Fatal(err)
	}
	until(t, "both sites know", func() bool { return tg.calls("Tên sau bản sao lưu") && ns.calls("Tên sau bản sao lưu") })
	for i := range 20 {
		ns.seed(patient.Noted{Patient: p, Day: ns.c.Today(), Text: fmt.Sprint(i)})
		tg.register(fmt.Sprintf("Người Thử %d", i))
	}
	ns.synced()
	tg.synced()
	tg.stop()
	ns.stop()
	f.close()

	m := f.restore(out)
	f.open()
	if x, _ := f.hub.Directory().Site("NS"); x.Name == "Tên sau bản sao lưu" {
		t.Fatal("the backup knows what came after it")
	}
	if again, err := os.ReadFile(filepath.Join(f.dir, "tls-key.pem")); err != nil || !bytes.Equal(again, key) {
		t.Fatalf("sites would not know this hub: %v", err)
	}
	f.comesIn(boss)
	for _, s := range []id.Site{"TG", "NS"} { // the second under a number that was used before
		if err := f.hub.Record(t.Context(), "m1", programme.SiteChanged{Site: s, Language: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*station{tg, ns} {
		s.start()
		s.synced()
		s.same()
		until(t, "the site hears what the hub says now, and has lost nothing", func() bool {
			d, err := s.c.Directory(t.Context())
			x, _ := d.Site("NS")
			return err == nil && x.Language == "en" && s.calls("Tên sau bản sao lưu")
		})
	}
	tg.synced()
	until(t, "all notes are there", func() bool { return tg.notes(p) == 21 })
	f.wasRestored(m)
}

func (f *fleet) comesIn(s hub.Signed) {
	f.t.Helper()
	if _, err := f.hub.SignIn(f.t.Context(), s.Person, s.Password); err != nil {
		f.t.Fatal(err)
	}
}

// calls says whether a site knows the name of NS.
func (s *station) calls(name string) bool {
	d, err := s.c.Directory(s.t.Context())
	x, _ := d.Site("NS")
	return err == nil && x.Name == name
}

// wasRestored says that the hub passed over numbers once, and told people.
func (f *fleet) wasRestored(m hub.Manifest) {
	t := f.t
	t.Helper()
	found, err := f.hub.DB().OpenIncidents(t.Context())
	if err != nil || len(found) != 1 || found[0].Kind != "hub.restored" {
		t.Fatalf("%+v, %v", found, err)
	}
	if head, _, err := f.hub.DB().Head(t.Context(), programme.Hub); err != nil || head.Size < m.Size+4096 {
		t.Fatalf("%d entries after %d, %v", head.Size, m.Size, err)
	}
	f.close()
	f.open() // and no second time
	if again, err := f.hub.DB().OpenIncidents(t.Context()); err != nil || len(again) != 1 {
		t.Fatalf("%+v, %v", again, err)
	}
}

// TestBackupBesidePostgres: a backup does not claim the tables that lie in
// PostgreSQL; a hub brought back beside them takes its own journal from there.
func TestBackupBesidePostgres(t *testing.T) {
	pg := pgtest.Start(t, false)
	f := newFleet(t, func(o *hub.Options) { o.Postgres, o.Passphrase = pg.Fresh("beside"), "mười hai chữ" })
	tg := f.site("TG", programme.Main, "")
	tg.synced()
	b, out := f.backup()
	if b.Tables != hub.InPostgres || b.Sites != 0 || b.Entries != 0 {
		t.Fatalf("%+v", b.Manifest)
	}
	for _, x := range b.Files {
		if x.Name == hub.DatabaseName {
			t.Fatal("a backup of tables that are elsewhere")
		}
	}
	if err := f.hub.Record(t.Context(), "m1", programme.SiteChanged{Site: "TG", Name: "sau"}); err != nil {
		t.Fatal(err)
	}
	tg.stop()
	f.close()
	if _, err := hub.CheckBackup(t.Context(), out, nil, openKeys("ba bốn năm sáu")); !errors.Is(err, keys.ErrPassphrase) {
		t.Fatalf("opened with another passphrase: %v", err)
	}
	if _, err := hub.CheckBackup(t.Context(), out, nil, openKeys(f.o.Passphrase)); err != nil {
		t.Fatal(err)
	}
	f.restore(out)
	f.open()
	if s, _ := f.hub.Directory().Site("TG"); s.Name != "sau" {
		t.Fatalf("what the tables knew was forgotten: %q", s.Name)
	}
	tg.start()
	tg.register("Giàng A Dế")
	tg.synced()
	tg.same()
}

// TestBackupIsNobodysElse: a backup that was changed, cut or is a stranger's is
// refused, none is written over another, and one sealed for the programme opens
// with its identity only.
func TestBackupIsNobodysElse(t *testing.T) {
	f := newFleet(t, nil)
	_, out := f.backup()
	if _, err := hub.WriteBackup(t.Context(), f.o, out, nil); err == nil {
		t.Fatal("a backup was overwritten")
	}
	whole, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	check := func(b []byte) error {
		t.Helper()
		path := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := hub.CheckBackup(t.Context(), path, nil, openKeys(""))
		return err
	}
	if err := check(whole); err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(whole, []byte("Chương trình thử"), []byte("Chương trình giả"), 1)
	late := bytes.Clone(whole)
	late[len(late)-5000] ^= 1
	for name, b := range map[string][]byte{"renamed": other, "flipped": late, "cut": whole[:len(whole)/2], "empty": nil, "text": []byte("no backup at all")} {
		if err := check(b); !errors.Is(err, hub.ErrBackup) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := hub.Restore(t.Context(), out, nil, f.dir, openKeys("")); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a hub was overwritten: %v", err)
	}
	if is, err := hub.IsBackup(out, nil); err != nil || !is {
		t.Error(is, err)
	}
	own, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sealed := filepath.Join(t.TempDir(), "sealed")
	if _, err := hub.WriteBackup(t.Context(), f.o, sealed, []age.Recipient{own.Recipient()}); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.CheckBackup(t.Context(), sealed, nil, openKeys("")); !errors.Is(err, hub.ErrIdentity) {
		t.Errorf("opened without the identity: %v", err)
	}
	if _, err := hub.CheckBackup(t.Context(), sealed, []age.Identity{own}, openKeys("")); err != nil {
		t.Error(err)
	}
}
