package sitedir_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"tram/internal/access"
	"tram/internal/baton"
	"tram/internal/baton/faultstick"
	"tram/internal/care/patient"
	"tram/internal/care/transfer"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/sitedir"
)

// place is a site for tests of second copies.
type place struct {
	dir    string
	o      sitedir.Options
	person id.Person
	shares []keys.Share
	n      int
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{dir: filepath.Join(t.TempDir(), "site"), o: sitedir.Options{Readers: 1}}
	var err error
	if p.shares, p.person, err = sitedir.Create(t.Context(), p.dir, founding(), p.o); err != nil {
		t.Fatal(err)
	}
	return p
}

func openSite(t *testing.T, dir string, o sitedir.Options) *sitedir.Site {
	t.Helper()
	s, err := sitedir.Open(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeSite(t *testing.T, s *sitedir.Site) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// work registers n people.
func (p *place) work(t *testing.T, n int) {
	t.Helper()
	s := openSite(t, p.dir, p.o)
	defer closeSite(t, s)
	for range n {
		p.n++
		name := "Người thử " + string(rune('A'+p.n%26)) + string(rune('a'+p.n/26))
		if _, err := s.Register(t.Context(), access.Actor{Person: p.person}, s.NewForm(), patient.Details{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *place) makeBaton(t *testing.T) *faultstick.Stick {
	t.Helper()
	stick := faultstick.New()
	s := openSite(t, p.dir, p.o)
	defer closeSite(t, s)
	r, err := sitedir.MakeBaton(t.Context(), s, stick, rand.Reader, nil)
	if err != nil || r.Standing != sitedir.Same {
		t.Fatalf("%+v, %v", r, err)
	}
	return stick
}

// mirror brings the baton up to date.
func (p *place) mirror(t *testing.T, stick baton.FS) sitedir.Relation {
	t.Helper()
	s := openSite(t, p.dir, p.o)
	defer closeSite(t, s)
	b, err := sitedir.OpenBaton(s, stick, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sitedir.Mirror(t.Context(), s, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (p *place) backup(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "b.tram")
	b, err := sitedir.WriteBackup(t.Context(), p.dir, p.o, out, nil)
	if err != nil || len(b.SHA256) != 64 {
		t.Fatalf("%+v, %v", b, err)
	}
	return out
}

func (p *place) check(t *testing.T, stick baton.FS) sitedir.Standing {
	t.Helper()
	return standing(t, p.dir, p.o, stick)
}

func standing(t *testing.T, dir string, o sitedir.Options, stick baton.FS) sitedir.Standing {
	t.Helper()
	s := openSite(t, dir, o)
	defer closeSite(t, s)
	b, err := sitedir.OpenBaton(s, stick, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := sitedir.CheckBaton(t.Context(), s, b)
	if err != nil {
		t.Fatal(err)
	}
	return r.Standing
}

func withPass(pass string) func(string) (*keys.Keys, error) {
	return func(dir string) (*keys.Keys, error) { return keys.Open(dir, pass) }
}

// restore restores into a new directory.
func restore(t *testing.T, from string, stick baton.FS) (string, sitedir.Restored, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	r, err := sitedir.Restore{Dir: dir, From: from, Baton: stick, Unlock: withPass("")}.Run(t.Context(), sitedir.Options{Readers: 1})
	return dir, r, err
}

// whole verifies a directory and answers its entries and patients.
func whole(t *testing.T, dir string, o sitedir.Options) (entries int64, patients int) {
	t.Helper()
	v, err := sitedir.Verify(t.Context(), dir, o, func(string, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	s := openSite(t, dir, o)
	defer closeSite(t, s)
	err = s.View(t.Context(), func(v *clinicdb.View) error {
		all, err := v.PatientsAll()
		patients = len(all)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.Entries, patients
}

func TestTwoProgramsOnOneDirectory(t *testing.T) {
	p := newPlace(t)
	s := openSite(t, p.dir, p.o)
	if _, err := sitedir.Open(t.Context(), p.dir, p.o); !errors.Is(err, sitedir.ErrInUse) {
		t.Errorf("a second program: %v", err)
	}
	if _, err := sitedir.WriteBackup(t.Context(), p.dir, p.o, filepath.Join(t.TempDir(), "b"), nil); err != nil {
		t.Errorf("a backup beside the running program: %v", err)
	}
	closeSite(t, s)
	closeSite(t, openSite(t, p.dir, p.o))
}

// TestBackupOfAnyAge restores backups of every age with the newest baton: all
// of them end with the same journal and tables.
func TestBackupOfAnyAge(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	var ages []string
	for range 4 {
		ages = append(ages, p.backup(t))
		p.work(t, 3)
	}
	p.mirror(t, stick)
	want, people := whole(t, p.dir, p.o)
	for i, from := range ages {
		dir, r, err := restore(t, from, stick.Copy())
		if err != nil {
			t.Fatalf("age %d: %v", i, err)
		}
		entries, patients := whole(t, dir, p.o)
		if entries != want || patients != people || r.OfSize != want || r.Number != 2 || r.OfNumber != 1 || !r.Complete || len(r.Codes) != 0 {
			t.Errorf("age %d: %d entries, %d people, %+v; want %d, %d", i, entries, patients, r, want, people)
		}
	}
	// Without the baton the backup is all there is, and it says so.
	dir, r, err := restore(t, ages[1], nil)
	if err != nil || r.Complete || r.Medium != "" || r.Number != 2 || r.OfSize >= want {
		t.Fatalf("without the baton: %+v, %v", r, err)
	}
	if _, patients := whole(t, dir, p.o); patients != 3 {
		t.Errorf("%d people in the older backup", patients)
	}
}

// TestBatonAlone brings a site back from baton and shares: nothing else is left.
func TestBatonAlone(t *testing.T) {
	p := newPlace(t)
	p.work(t, 5)
	stick := p.makeBaton(t)
	want, people := whole(t, p.dir, p.o)
	dir := filepath.Join(t.TempDir(), "new")
	unlock := func(dir string) (*keys.Keys, error) {
		return keys.Recover(dir, p.shares[0], p.shares[2], pass, rand.Reader)
	}
	r, err := sitedir.Restore{Dir: dir, Baton: stick, Unlock: unlock}.Run(t.Context(), p.o)
	if err != nil || r.Number != 2 || !r.Complete || len(r.Codes) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	o := sitedir.Options{Passphrase: pass, Readers: 1}
	if entries, patients := whole(t, dir, o); entries != want || patients != people {
		t.Errorf("%d entries, %d people", entries, patients)
	}
	// The code lets the manager set a PIN; the birth record waits until told.
	s := openSite(t, dir, o)
	if err := s.SetPIN(t.Context(), p.person, "", r.Codes[0].Code, "730194"); err != nil {
		t.Errorf("the one-time code: %v", err)
	}
	if b := s.Birth(); b == nil || *b.Baton != (sitedir.Head{Site: "TT", Number: 1, Size: want}) || b.Number != 2 || s.Keys.Number != 2 {
		t.Errorf("birth %+v", b)
	}
	if err := s.Born(); err != nil {
		t.Fatal(err)
	}
	closeSite(t, s)
	s = openSite(t, dir, o)
	if s.Birth() != nil {
		t.Error("the birth record came again")
	}
	closeSite(t, s)
}

// TestStandings tells apart everything a baton can be at the start.
func TestStandings(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	young := stick.Copy()
	p.work(t, 2)
	if got := p.check(t, stick); got != sitedir.Behind {
		t.Errorf("before mirroring: %s", got)
	}
	copied := clone(t, p.dir) // an image of the disk, as it is now
	p.work(t, 2)
	if r := p.mirror(t, stick); r.Standing != sitedir.Same {
		t.Errorf("after mirroring: %s", r.Standing)
	}
	if got := p.check(t, young); got != sitedir.Swapped {
		t.Errorf("an older copy of the baton: %s", got)
	}
	if got := standing(t, copied, p.o, stick); got != sitedir.Ahead {
		t.Errorf("an older copy of the disk: %s", got)
	}
	q := &place{dir: copied, o: p.o, person: p.person, n: 10}
	q.work(t, 6)
	if got := q.check(t, stick); got != sitedir.Fork {
		t.Errorf("a clone that went its own way: %s", got)
	}
	// Another baton is made: the first is retired, and can be taken again.
	p.makeBaton(t)
	if got := p.check(t, stick); got != sitedir.Retired {
		t.Errorf("the replaced baton: %s", got)
	}
	// The site is restored on another PC: this one is over.
	_, r, err := restore(t, p.backup(t), stick)
	if err != nil || r.Number != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := p.check(t, stick); got != sitedir.Superseded {
		t.Errorf("after a restore elsewhere: %s", got)
	}
	s := openSite(t, p.dir, p.o)
	defer closeSite(t, s)
	b, err := sitedir.OpenBaton(s, stick, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := sitedir.Mirror(t.Context(), s, b, nil)
	if !errors.Is(err, baton.ErrNewer) || transfer.Forgotten(transfer.Installation{Site: "TT", Number: 1}, rel.Head()) != transfer.Fenced {
		t.Errorf("the old PC wrote to the baton: %v", err)
	}
}

func clone(t *testing.T, dir string) string {
	t.Helper()
	out := t.TempDir()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(out, f.Name()), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestForgottenInPlace: a directory that is an older copy of itself is brought
// forward where it lies, from the baton.
func TestForgottenInPlace(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	old := clone(t, p.dir)
	p.work(t, 4)
	p.mirror(t, stick)
	want, _ := whole(t, p.dir, p.o)
	run := func(fs baton.FS) (sitedir.Restored, error) {
		return sitedir.Restore{Dir: old, Baton: fs, Unlock: withPass("")}.Run(t.Context(), p.o)
	}
	bad := stick.Copy()
	bad.Damage("00000001.seg", 800)
	if _, err := run(bad); !errors.Is(err, baton.ErrDamaged) {
		t.Fatalf("a damaged baton: %v", err)
	}
	whole(t, old, p.o) // and the directory is a site as before
	// The end of the last record looks like a pulled stick: nobody can tell what
	// was in it, and the restore does not say that it is complete.
	tail := stick.Copy()
	tail.Damage("00000001.seg", int64(len(tail.Bytes("00000001.seg")))-20)
	if r, err := (sitedir.Restore{Dir: clone(t, old), Baton: tail, Unlock: withPass("")}).Run(t.Context(), p.o); err != nil || r.Complete || !r.Torn {
		t.Errorf("a torn end: %+v, %v", r, err)
	}
	r, err := run(stick)
	if err != nil || r.Number != 2 || r.OfSize != want {
		t.Fatalf("%+v, %v", r, err)
	}
	if entries, _ := whole(t, old, p.o); entries != want {
		t.Errorf("%d entries, want %d", entries, want)
	}
}

func TestRestoreRefuses(t *testing.T) {
	p := newPlace(t)
	p.work(t, 2)
	stick := p.makeBaton(t)
	old := stick.Copy()
	p.work(t, 2)
	from := p.backup(t)
	other := newPlace(t)
	forked := &place{dir: clone(t, p.dir), o: p.o, person: p.person, n: 20}
	forked.work(t, 1)
	forkStick := forked.makeBaton(t)
	p.work(t, 3)
	for _, c := range []struct {
		name  string
		from  string
		stick baton.FS
		want  error
	}{
		{"a baton older than the backup", from, old, sitedir.ErrOlder},
		{"a baton of other keys", from, other.makeBaton(t), baton.ErrKey},
		{"a baton of another history", p.backup(t), forkedLonger(t, forked, forkStick), sitedir.ErrFork},
		{"an empty stick", from, faultstick.New(), baton.ErrNone},
		{"a backup that is none", write(t, []byte("not a backup, but long enough to look like one")), nil, sitedir.ErrBackup},
		{"half a backup", half(t, from), nil, sitedir.ErrBackup},
		{"a changed backup", changed(t, from), nil, sitedir.ErrBackup},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _, err := restore(t, c.from, c.stick)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something is left of it: %v", err)
			}
		})
	}
	r := sitedir.Restore{Dir: p.dir, From: from, Unlock: withPass("")}
	if _, err := r.Run(t.Context(), p.o); !errors.Is(err, keys.ErrExist) {
		t.Errorf("over a site: %v", err)
	}
	whole(t, p.dir, p.o)
}

func forkedLonger(t *testing.T, p *place, stick *faultstick.Stick) *faultstick.Stick {
	t.Helper()
	p.work(t, 9)
	p.mirror(t, stick)
	return stick
}

func write(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func half(t *testing.T, from string) string {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, b[:len(b)/2])
}

func changed(t *testing.T, from string) string {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	return write(t, b)
}

// TestWrongPassphrase leaves nothing, and two shares open the same backup.
func TestWrongPassphrase(t *testing.T) {
	p := &place{dir: filepath.Join(t.TempDir(), "site"), o: sitedir.Options{Passphrase: pass, Readers: 1}}
	var err error
	if p.shares, p.person, err = sitedir.Create(t.Context(), p.dir, founding(), p.o); err != nil {
		t.Fatal(err)
	}
	from := p.backup(t)
	dir := filepath.Join(t.TempDir(), "new")
	r := sitedir.Restore{Dir: dir, From: from, Unlock: withPass("wrong")}
	if _, err := r.Run(t.Context(), p.o); !errors.Is(err, keys.ErrPassphrase) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
	r.Unlock = func(dir string) (*keys.Keys, error) {
		return keys.Recover(dir, p.shares[1], p.shares[2], "một câu mới dài", rand.Reader)
	}
	if _, err := r.Run(t.Context(), p.o); err != nil {
		t.Fatal(err)
	}
	closeSite(t, openSite(t, dir, sitedir.Options{Passphrase: "một câu mới dài", Readers: 1}))
	noPlainText(t, filepath.Dir(from))
}

// TestRestoredOnTwoPCs: the second PC gets a higher number, by the baton that
// both had, and the first finds out when it next sees the baton.
func TestRestoredOnTwoPCs(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	from := p.backup(t)
	one, r1, err := restore(t, from, stick)
	if err != nil {
		t.Fatal(err)
	}
	two, r2, err := restore(t, from, stick)
	if err != nil || r1.Number != 2 || r2.Number != 3 || r2.OfNumber != 2 {
		t.Fatalf("numbers %d and %d of %d, %v", r1.Number, r2.Number, r2.OfNumber, err)
	}
	if got := standing(t, one, p.o, stick); got != sitedir.Superseded {
		t.Errorf("the first: %s", got)
	}
	if got := standing(t, two, p.o, stick); got != sitedir.Same {
		t.Errorf("the second: %s", got)
	}
}

// TestPulledDuringRestore pulls the baton at every byte of a restore's writing
// to it. The directory is then told apart, and the same command finishes it
// with the number it had decided on.
func TestPulledDuringRestore(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	from := p.backup(t)
	p.work(t, 1)
	p.mirror(t, stick)
	measure := stick.Copy()
	before := measure.Wrote()
	if _, _, err := restore(t, from, measure); err != nil {
		t.Fatal(err)
	}
	total := measure.Wrote() - before
	for cut := int64(1); cut < total; cut += 97 {
		s := stick.Copy()
		s.PullAfter(cut)
		dir, _, err := restore(t, from, s)
		if !errors.Is(err, baton.ErrGone) {
			t.Fatalf("cut at %d of %d: %v", cut, total, err)
		}
		if _, err := sitedir.Open(t.Context(), dir, p.o); !errors.Is(err, sitedir.ErrRestoring) {
			t.Fatalf("cut at %d: it opened: %v", cut, err)
		}
		again := s.Copy()
		r, err := sitedir.Restore{Dir: dir, From: from, Baton: again, Unlock: withPass("")}.Run(t.Context(), p.o)
		if err != nil || !r.Resumed || r.Number != 2 {
			t.Fatalf("cut at %d: again: %+v, %v", cut, r, err)
		}
		if got := standing(t, dir, p.o, again); got != sitedir.Same {
			t.Fatalf("cut at %d: %s", cut, got)
		}
	}
}

// TestInterruptedRestore stops a restore between two groups of entries.
func TestInterruptedRestore(t *testing.T) {
	p := newPlace(t)
	stick := p.makeBaton(t)
	from := p.backup(t)
	p.work(t, 5)
	p.mirror(t, stick)
	want, _ := whole(t, p.dir, p.o)
	dir := filepath.Join(t.TempDir(), "new")
	ctx, stop := context.WithCancel(t.Context())
	r := sitedir.Restore{Dir: dir, From: from, Baton: stick, Unlock: withPass(""), Progress: func(string, int64, int64) { stop() }}
	if _, err := r.Run(ctx, p.o); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
	// Killed, nothing could be taken away: the mark stays, and the command
	// begins again over its own files.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"local.json": `{"format":"tram local 1","restoring":{"fresh":true}}`, "tram.db": "half", keys.FileName: "half",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sitedir.Open(t.Context(), dir, p.o); !errors.Is(err, sitedir.ErrRestoring) {
		t.Errorf("half a restore opened: %v", err)
	}
	r.Progress = nil
	done, err := r.Run(t.Context(), p.o)
	if err != nil || !done.Resumed {
		t.Fatalf("%+v, %v", done, err)
	}
	if entries, _ := whole(t, dir, p.o); entries != want {
		t.Errorf("%d entries, want %d", entries, want)
	}
}

func TestSealedBackupAndDrill(t *testing.T) {
	p := newPlace(t)
	p.work(t, 3)
	owner, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	list := "# the programme\n" + owner.Recipient().String() + "\n"
	if err := os.WriteFile(filepath.Join(p.dir, "backup-recipients.txt"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := sitedir.Recipients(p.dir, nil)
	if err != nil || len(to) != 1 {
		t.Fatalf("%d recipients, %v", len(to), err)
	}
	out := filepath.Join(t.TempDir(), "b")
	b, err := sitedir.WriteBackup(t.Context(), p.dir, p.o, out, to)
	if err != nil || b.Backup != 1 || b.Sealed != 1 {
		t.Fatalf("%+v, %v", b, err)
	}
	if raw, err := os.ReadFile(out); err != nil || bytes.Contains(raw, []byte(keys.FileName)) {
		t.Errorf("not sealed: %v", err)
	}
	quiet := func(string, int64) {}
	if _, _, err := sitedir.CheckBackup(t.Context(), out, nil, p.o, quiet); !errors.Is(err, sitedir.ErrIdentity) {
		t.Errorf("without the identity: %v", err)
	}
	m, v, err := sitedir.CheckBackup(t.Context(), out, []age.Identity{owner}, p.o, quiet)
	if err != nil || v.Entries != m.Size || v.Tables < 15 {
		t.Fatalf("drill: %+v, %v", v, err)
	}
	if _, err := sitedir.WriteBackup(t.Context(), p.dir, p.o, out, nil); err == nil {
		t.Error("a backup was written over")
	}
	if b, err := sitedir.WriteBackup(t.Context(), p.dir, p.o, out+"2", nil); err != nil || b.Backup != 2 {
		t.Errorf("the next backup is number %d, %v", b.Backup, err)
	}
}
