package hub_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"tram/internal/access"
	"tram/internal/care/patient"
	"tram/internal/care/programme"
	"tram/internal/care/site"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/duty"
	"tram/internal/hub"
	"tram/internal/id"
	"tram/internal/rulebook"
	"tram/internal/sitedir"
	"tram/internal/sitesync"
)

const programmeName = "DBV"

// fleet is a hub and its sites in one process.
type fleet struct {
	t    testing.TB
	dir  string
	o    hub.Options
	hub  *hub.Hub
	lags []func() // what must end before the hub does
}

func logTo(t testing.TB) *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	return slog.New(slog.DiscardHandler)
}

func newFleet(t testing.TB, change func(o *hub.Options)) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir()}
	f.o = hub.Options{Dir: f.dir, HashKiB: 64, Log: logTo(t)}
	if change != nil {
		change(&f.o)
	}
	_, _, err := hub.Create(f.o, hub.Founding{Programme: programmeName, Name: "Chương trình thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Manager: "Lò Thị Nhàn", Password: "sương mù trên đèo cao"})
	if err != nil {
		t.Fatal(err)
	}
	f.open()
	t.Cleanup(func() {
		for _, end := range f.lags {
			end()
		}
		f.close()
	})
	return f
}

func (f *fleet) open() {
	f.t.Helper()
	h, err := hub.Open(f.t.Context(), f.o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.hub = h
}

func (f *fleet) close() {
	f.t.Helper()
	if f.hub == nil {
		return
	}
	if err := f.hub.Close(); err != nil {
		f.t.Error(err)
	}
	f.hub = nil
}

// station is a real site, its line and its sync.
type station struct {
	t    testing.TB
	f    *fleet
	dir  string
	c    *sitedir.Site
	by   access.Actor
	line *hub.Line
	sync *sitesync.Syncer
	stop func()
}

// alone founds a site that belongs to no hub.
func (f *fleet) alone(code id.Site) *station {
	f.t.Helper()
	limit := int64(200_000)
	s := &station{t: f.t, f: f, dir: f.t.TempDir()}
	_, person, err := sitedir.Create(f.t.Context(), s.dir, clinic.Founding{
		Site:    site.Founded{Site: code, Name: "Trạm " + string(code), Programme: programmeName, Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		Manager: "Vàng Thị Mẩy " + string(code), Duties: []duty.Duty{duty.Dispenser, duty.Manager}, PIN: "205173",
		Numbers: []rulebook.Confirm{{Key: rulebook.DailyMax, Value: &limit, Reason: "test programme"}},
	}, sitedir.Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	s.by = access.Actor{Person: person}
	s.open()
	s.stop = func() {}
	f.lags = append(f.lags, s.end)
	return s
}

// site founds a site and lets it join, as people would.
func (f *fleet) site(code id.Site, role programme.Role, parent id.Site) *station {
	f.t.Helper()
	s := f.alone(code)
	if err := f.hub.Record(f.t.Context(), "m1", s.joining(role, parent)); err != nil {
		f.t.Fatal(err)
	}
	s.link()
	s.start()
	return s
}

// joining is what the programme records of the site.
func (s *station) joining(role programme.Role, parent id.Site) programme.SiteJoined {
	s.t.Helper()
	box, err := s.c.Keys.BoxPublic()
	if err != nil {
		s.t.Fatal(err)
	}
	f := s.c.Site()
	return programme.SiteJoined{
		Site: f.Site, Name: f.Name, Language: f.Language, Number: 1, Verifier: s.c.Keys.Public, Box: box, NKey: s.nkey(), Role: role, Parent: parent,
	}
}

// link tells the site where its hub is.
func (s *station) link() {
	s.t.Helper()
	d := s.f.hub.Directory().Programme
	if err := s.c.SetLink(clinicdb.Link{Programme: programmeName, URL: "nats://hub.test:4222", Verifier: d.Verifier, Cosigner: d.Cosigner}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *station) nkey() string {
	k, err := sitesync.NKey(s.c.Keys.SyncSeed())
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

func (s *station) open() {
	s.t.Helper()
	c, err := sitedir.Open(context.Background(), s.dir, sitedir.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.c = c
}

// start begins to sync over a new line.
func (s *station) start() {
	s.t.Helper()
	s.line = s.f.hub.Line()
	y, err := sitesync.New(sitesync.Options{Door: s.c.Clinic, Seed: s.c.Keys.SyncSeed(), Number: 1, Log: logTo(s.t), Linger: -1, Dial: []nats.Option{s.line.Option()}})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		y.Run(ctx)
	}()
	s.sync = y
	s.stop = func() {
		cancel()
		<-done
	}
}

// end stops the sync and closes the site.
func (s *station) end() {
	if s.c == nil {
		return
	}
	s.stop()
	if err := s.c.Close(); err != nil {
		s.t.Error(err)
	}
	s.c = nil
}

func (s *station) register(name string) id.Patient {
	s.t.Helper()
	r, err := s.c.Register(s.t.Context(), s.by, s.c.NewForm(), patient.Details{Name: name})
	if err != nil {
		s.t.Fatal(err)
	}
	return r.Patient
}

// until waits for a condition; the bound is for a machine that is very busy.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(40 * time.Second)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("it never came true: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *station) synced() {
	s.t.Helper()
	s.sync.Hurry()
	until(s.t, "synced", func() bool {
		st := s.sync.Status()
		if !st.Synced && st.Trouble != "" {
			s.sync.Hurry()
		}
		return st.Synced
	})
	head, _, err := s.f.hub.DB().Head(s.t.Context(), s.c.Site().Site)
	if err != nil || head.Size < s.c.Head().Size {
		s.t.Fatalf("said to be synced with %d of %d entries at the hub, %v", head.Size, s.c.Head().Size, err)
	}
}

// TestSync: what is recorded reaches the hub, and "synced" is said only then.
func TestSync(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.synced()
	tg.register("Giàng A Dế")
	if st := tg.sync.Status(); st.Synced && st.Size > st.Waiting && st.Waiting > 0 {
		t.Fatalf("synced with %d waiting", st.Waiting)
	}
	tg.synced()
	st := tg.sync.Status()
	if st.Waiting != 0 || st.Contact == 0 || st.SyncedAt == 0 || !st.Connected || st.Trouble != "" {
		t.Fatalf("%+v", st)
	}
	r, err := tg.c.Receipt(t.Context())
	if err != nil || r.Size != tg.c.Head().Size {
		t.Fatalf("receipt %+v, %v", r, err)
	}
	// the programme's facts came to the site
	until(t, "the directory", func() bool {
		d, err := tg.c.Directory(t.Context())
		_, ok := d.Site("TG")
		return err == nil && ok && d.Programme.Programme == programmeName
	})
}

// TestPartition: days without a line; both sides go on, and everything is
// there afterwards, with what other sites recorded of a shared patient.
func TestPartition(t *testing.T) {
	t.Parallel() // it mostly waits
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	p := tg.register("Giàng A Dế")
	tg.synced()
	ns.synced()
	ns.line.Cut()
	for i := range 300 {
		ns.register(fmt.Sprintf("Người Thử %d", i))
	}
	until(t, "the cut is noticed", func() bool { return !ns.sync.Status().Connected })
	st := ns.sync.Status()
	if st.Synced || st.Waiting != 300 || st.Trouble != sitesync.Unreachable {
		t.Fatalf("%+v", st)
	}
	tg.seed(patient.Noted{Patient: p, Day: tg.c.Today(), Text: "ngủ ngon"})
	ns.line.Mend()
	ns.synced()
	ns.seed(patient.Noted{Patient: p, Day: ns.c.Today(), Text: "đã đến"})
	ns.synced()
	tg.synced()
	until(t, "the satellite's note is at the main clinic", func() bool {
		var notes []clinicdb.Note
		err := tg.c.View(t.Context(), func(v *clinicdb.View) (err error) {
			notes, err = v.Notes(p, 10)
			return err
		})
		return err == nil && len(notes) == 2
	})
	until(t, "the main clinic's facts are at the satellite", func() bool {
		n := 0
		err := ns.c.View(t.Context(), func(v *clinicdb.View) error { return v.HeardOf(p, func(e clinicEntry) error { n++; return nil }) })
		return err == nil && n == 2
	})
}

// TestHubForgot: a hub restored from a backup gets everything again, and says
// no more than it has.
func TestHubForgot(t *testing.T) {
	t.Parallel() // it mostly waits
	f := newFleet(t, nil)
	tg, ns := f.site("TG", programme.Main, ""), f.site("NS", programme.Satellite, "TG")
	p := tg.register("Giàng A Dế")
	tg.synced()
	ns.seed(patient.Noted{Patient: p, Day: ns.c.Today(), Text: "1"})
	ns.synced()
	tg.synced()
	tg.stop()
	ns.stop()
	f.close()
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(f.dir)); err != nil {
		t.Fatal(err)
	}
	f.open()
	tg.start()
	ns.start()
	for i := range 30 {
		ns.seed(patient.Noted{Patient: p, Day: ns.c.Today(), Text: fmt.Sprint(i)})
		tg.register(fmt.Sprintf("Người Thử %d", i))
	}
	ns.synced()
	tg.synced()
	until(t, "all notes are there", func() bool { return tg.notes(p) == 31 })
	was := tg.sync.Status().Size
	tg.stop()
	ns.stop()
	f.close()
	f.dir, f.o.Dir = backup, backup
	f.open()
	head, _, err := f.hub.DB().Head(t.Context(), "TG")
	if err != nil || head.Size >= was {
		t.Fatalf("the backup is no backup: %d of %d", head.Size, was)
	}
	ns.seed(patient.Noted{Patient: p, Day: ns.c.Today(), Text: "after"})
	tg.start()
	until(t, "the site notices", func() bool { st := tg.sync.Status(); return st.Connected && !st.HubBack && st.Synced })
	ns.start()
	ns.synced()
	tg.synced()
	until(t, "the new note came through a renumbered inbox", func() bool { return tg.notes(p) == 32 })
	for _, s := range []*station{tg, ns} {
		head, _, err := f.hub.DB().Head(t.Context(), s.c.Site().Site)
		if err != nil || head.Size != s.c.Head().Size {
			t.Errorf("%s: %d of %d, %v", head.Site, head.Size, s.c.Head().Size, err)
		}
	}
}

// TestSiteForgot: a site restored from a backup is told so, sends nothing and
// loses nothing at the hub; a copy of a PC that went its own way is a fork.
func TestSiteForgot(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.synced()
	tg.stop()
	if err := tg.c.Close(); err != nil {
		t.Fatal(err)
	}
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(tg.dir)); err != nil {
		t.Fatal(err)
	}
	tg.open()
	tg.start()
	for i := range 5 {
		tg.register(fmt.Sprintf("Người Thử %d", i))
	}
	tg.synced()
	size := tg.c.Head().Size
	entries, receipt, _, err := tg.sync.OwnAtHub(t.Context(), size-2)
	if err != nil || len(entries) != 2 || len(receipt) == 0 {
		t.Fatalf("its own journal at the hub: %d entries, %v", len(entries), err)
	}
	tg.end()
	tg.dir = backup
	tg.open()
	tg.start()
	f.lags = append(f.lags, tg.end)
	until(t, "it is told that it forgot", func() bool { return tg.sync.Status().Trouble == sitesync.Forgot })
	for i := range 9 {
		tg.register(fmt.Sprintf("Ai đó %d", i))
	}
	tg.sync.Hurry()
	until(t, "it is told that there are two histories", func() bool { tg.sync.Hurry(); return tg.sync.Status().Trouble == sitesync.Fork })
	if st := tg.sync.Status(); st.Synced || st.Connected {
		t.Fatalf("%+v", st)
	}
	head, _, err := f.hub.DB().Head(t.Context(), "TG")
	if err != nil || head.Size != size {
		t.Fatalf("the hub has %d entries, want %d, %v", head.Size, size, err)
	}
	found, err := f.hub.DB().OpenIncidents(t.Context())
	if err != nil || len(found) != 1 || found[0].Kind != "journal.forgot" {
		t.Fatalf("incidents %+v, %v", found, err)
	}
}

// TestStrangers: a key that the programme does not name is let in nowhere, and
// a site can neither write nor read what is another's.
func TestStrangers(t *testing.T) {
	f := newFleet(t, nil)
	tg := f.site("TG", programme.Main, "")
	tg.synced()
	nc := tg.dial()
	defer nc.Close()
	for _, subject := range []string{"journal.NS", "ask.NS", "inbox.TG", "$JS.API.STREAM.DELETE.JOURNALS", "$JS.API.STREAM.MSG.GET.JOURNALS", "$SYS.REQ.SERVER.PING"} {
		if _, err := nc.Request(subject, []byte("x"), 200*time.Millisecond); err == nil {
			t.Errorf("an answer on %s", subject)
		}
	}
	refused := make(chan error, 16)
	nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err })
	for _, subject := range []string{"inbox.NS", "journal.>", ">", "ask.*", "_REPLY_NS.>"} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-refused:
			if !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
				t.Errorf("%s: %v", subject, err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("may listen on %s", subject)
		}
	}
}
