package demo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/site"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/demo"
	"tram/internal/duty"
	"tram/internal/sitedir"
)

// morning is a moment of a working day at the places: 07:40 local time.
func morning(plus int) clinic.Clock {
	at := time.Date(2026, 11, 24+plus, 0, 40, 0, 0, time.UTC)
	return func() day.Instant { return day.InstantOf(at) }
}

func open(t *testing.T, o demo.Options) []*demo.Site {
	t.Helper()
	sites, err := demo.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := demo.Close(sites); err != nil {
			t.Error(err)
		}
	})
	return sites
}

func actor(t *testing.T, s *demo.Site, d duty.Duty, not int) (access.Actor, demo.Person) {
	t.Helper()
	for i, p := range s.People {
		if i != not && duty.Has(p.Duties, d) {
			return access.Actor{Person: p.Person, Duties: p.Duties, Station: "1"}, p
		}
	}
	t.Fatalf("%s: nobody is %s", s.Site().Site, d)
	return access.Actor{}, demo.Person{}
}

// wholeIn is a directory that lasts as long as all the tests.
var wholeIn string

// whole is a demonstration that was made in wholeIn, and closed.
type whole struct {
	made        int // places that said they were made just now
	last, total int // of the progress
	went        error
	took        time.Duration
}

// once makes the demonstration that every test gets a copy of, because making
// it is what takes time.
var once = sync.OnceValues(func() (w whole, err error) {
	start := time.Now()
	sites, err := demo.Open(context.Background(), demo.Options{Dir: wholeIn, Seed: 1, Clock: morning(0), Progress: func(n, of int) {
		if n < w.last {
			w.went = fmt.Errorf("progress went back from %d to %d", w.last, n)
		}
		w.last, w.total = n, of
	}})
	w.took = time.Since(start)
	for _, s := range sites {
		if s.Made {
			w.made++
		}
	}
	return w, errors.Join(err, demo.Close(sites))
})

// fresh is the directory of a demonstration that nobody has visited yet.
func fresh(t *testing.T) string {
	t.Helper()
	if _, err := once(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(wholeIn)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestDemonstration looks at one demonstration from all sides.
func TestDemonstration(t *testing.T) {
	dir := fresh(t)
	w, err := once()
	if err != nil || w.went != nil || w.last != w.total || w.total < 40_000 || w.made != 3 {
		t.Errorf("made %d places and ended at %d of %d (%v, %v)", w.made, w.last, w.total, w.went, err)
	}
	t.Logf("%d facts in three places in %v", w.total, w.took) // a slow machine is no fault
	sites := open(t, demo.Options{Dir: dir, Seed: 1, Clock: morning(0), Progress: func(int, int) { t.Error("made again") }})
	for i, want := range []int{2, 21, 64} {
		looks(t, sites[i], want)
	}
	works(t, sites[2])
	for _, s := range sites {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	encrypted(t, dir)
	verifies(t, sites[2].Dir)
	keeps(t, dir)
}

// looks checks what a visitor finds first.
func looks(t *testing.T, s *demo.Site, patients int) {
	t.Helper()
	by, p := actor(t, s, duty.Dispenser, -1)
	q, err := s.Queue(context.Background(), by)
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Rows) != patients || q.Open || q.Closed || q.Stale != day.Never {
		t.Errorf("%s: %d in the queue, open %v, closed %v, stale %v; want %d and a day nobody opened", s.Site().Site, len(q.Rows), q.Open, q.Closed, q.Stale, patients)
	}
	if s.Last != s.Today()-1 || s.Made {
		t.Errorf("%s: last day %v, made again %v", s.Site().Site, s.Last, s.Made)
	}
	for _, x := range s.People {
		if _, err := s.SignIn(context.Background(), x.Person, x.PIN, "", "1"); err != nil {
			t.Errorf("%s: %s cannot sign in: %v", s.Site().Site, x.Person, err)
		}
	}
	if m, ok := s.Member(p.Person); !ok || m.Name != p.Name {
		t.Errorf("%s: %v on record as %v", s.Site().Site, p, m)
	}
}

// works opens the day and serves the first three people who may be served.
func works(t *testing.T, s *demo.Site) {
	t.Helper()
	ctx := context.Background()
	by, _ := openDay(t, s, day.Never)
	q, err := s.Queue(ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	served, gaps, none := 0, 0, 0
	for _, r := range q.Rows {
		switch {
		case r.GapOpen:
			gaps++
		case r.NoOrder != nil:
			none++
		case served < 3:
			f, err := s.Pour(ctx, by, s.NewForm(), dose.Pour{Patient: r.Patient.Patient, Shown: r.Amount})
			if err != nil {
				t.Fatalf("pour for %s: %v", r.Patient.Code, err)
			}
			if _, err := s.Swallow(ctx, by, s.NewForm(), f.Dose); err != nil {
				t.Fatal(err)
			}
			served++
		}
	}
	if served != 3 || gaps == 0 || none != 3 {
		t.Errorf("%d served, %d gaps, %d without an order; want 3, some, 3", served, gaps, none)
	}
	if q.Left < 500_000 || q.Left > 700_000 {
		t.Errorf("%v in the open bottle, want about 600 mL", q.Left)
	}
}

func openDay(t *testing.T, s *demo.Site, typed day.Day) (access.Actor, clinic.Witness) {
	t.Helper()
	by, _ := actor(t, s, duty.Dispenser, 0)
	var w clinic.Witness
	for _, p := range s.People {
		if p.Person != by.Person {
			w = clinic.Witness{Person: p.Person, PIN: p.PIN}
		}
	}
	if _, err := s.OpenDay(context.Background(), by, s.NewForm(), daybook.Open{Day: s.Today(), Typed: typed}, w); err != nil {
		t.Fatalf("open the day: %v", err)
	}
	return by, w
}

// encrypted looks for names in every file.
func encrypted(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "tram.db*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Giàng", "Quàng", "dose.poured", "CREATE TABLE"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q in the clear", f, word)
			}
		}
	}
}

// verifies reads a place's journal against its checkpoints and a rebuild.
func verifies(t *testing.T, dir string) {
	t.Helper()
	v, err := sitedir.Verify(context.Background(), dir, sitedir.Options{}, func(string, int64) {})
	if err != nil {
		t.Fatalf("verify %s: %v", dir, err)
	}
	if v.Photos < 40 {
		t.Errorf("%d portraits, want those of most people", v.Photos)
	}
	t.Logf("verified: %+v", v)
}

// keeps opens the same demonstration a week later: what was recorded stays,
// and the missing days are simply not there.
func keeps(t *testing.T, dir string) {
	t.Helper()
	sites := open(t, demo.Options{Dir: dir, Seed: 99, Clock: morning(7), Progress: func(int, int) { t.Error("made again") }})
	s := sites[2]
	if s.Made || s.Last != s.Today()-7 {
		t.Errorf("made %v, last day %v; want the day of the first visit", s.Made, s.Last)
	}
	var doses []dose.Entry
	err := s.View(context.Background(), func(v *clinicdb.View) (err error) {
		doses, err = v.DosesOn(s.Today() - 7)
		return err
	})
	if err != nil || len(doses) != 3 {
		t.Errorf("%d doses of the first visit are kept, %v; want 3", len(doses), err)
	}
	by, _ := actor(t, sites[1], duty.Dispenser, 0)
	if _, err := sites[1].Queue(context.Background(), by); err != nil {
		t.Error(err)
	}
	openDay(t, sites[1], sites[1].Today()) // a week was skipped: the date is typed by hand
}

// dieIn names the directory in which a child of this test makes the
// demonstration and dies, as by a power cut.
const dieIn = "TRAM_TEST_DIE_IN"

// TestMain lets this test be its own child, and throws away what was made once.
func TestMain(m *testing.M) {
	if dir := os.Getenv(dieIn); dir != "" {
		die(dir)
	}
	var err error
	if wholeIn, err = os.MkdirTemp("", "tram-demo-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := m.Run()
	_ = os.RemoveAll(wholeIn)
	os.Exit(code)
}

// die ends the process without a word once some thousand facts are written.
func die(dir string) {
	_, err := demo.Open(context.Background(), demo.Options{Dir: dir, Seed: 3, Clock: morning(0), Progress: func(n, _ int) {
		self, err := os.FindProcess(os.Getpid())
		if n > 3_000 && err == nil {
			_ = self.Kill()
			select {} // until it comes
		}
	}})
	fmt.Println("still alive:", err)
	os.Exit(3)
}

// A making that was killed half way is made again, to the same end, and what
// was cut short by a person's Ctrl-C says so.
func TestCutShortIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), dieIn+"="+dir)
	if out, err := child.CombinedOutput(); err == nil || bytes.Contains(out, []byte("still alive")) {
		t.Fatalf("the child was to be killed: %v\n%s", err, out)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "tram.db"))
	if err != nil || len(left) == 0 {
		t.Fatalf("nothing half made is left to test with: %v %v", left, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := demo.Open(ctx, demo.Options{Dir: dir, Seed: 3, Clock: morning(0)}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want it stopped", err)
	}
	sites := open(t, demo.Options{Dir: dir, Seed: 3, Clock: morning(0)})
	for i, want := range []int{2, 21, 64} {
		if s := sites[i]; s.Last != s.Today()-1 {
			t.Errorf("%s: last day %v", s.Site().Site, s.Last)
		}
		looksFull(t, sites[i], want)
	}
}

func looksFull(t *testing.T, s *demo.Site, patients int) {
	t.Helper()
	by, _ := actor(t, s, duty.Dispenser, -1)
	q, err := s.Queue(context.Background(), by)
	if err != nil || len(q.Rows) != patients {
		t.Errorf("%s: %d in the queue, %v; want %d", s.Site().Site, len(q.Rows), err, patients)
	}
}

// A site that the demonstration did not make is never touched, --fresh or not.
func TestForeignIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "tg")
	_, _, err := sitedir.Create(context.Background(), theirs, clinic.Founding{
		Site:    site.Founded{Site: "TG", Name: "Trạm thử", Programme: "P", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi"},
		Manager: "Lò Thị Nhàn", Duties: []duty.Duty{duty.Dispenser, duty.Manager}, PIN: "205173",
	}, sitedir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, theirs)
	for _, fresh := range []bool{false, true} {
		_, err := demo.Open(context.Background(), demo.Options{Dir: dir, Seed: 1, Fresh: fresh, Clock: morning(0)})
		if !errors.Is(err, demo.ErrForeign) {
			t.Errorf("fresh %v: got %v, want ErrForeign", fresh, err)
		}
	}
	if !bytes.Equal(before, read(t, theirs)) {
		t.Error("the other site's files were changed")
	}
}

func read(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{"keys.json", "tram.db"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}
