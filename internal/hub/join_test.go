package hub_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tram/internal/care/programme"
	"tram/internal/day"
	"tram/internal/hub"
	"tram/internal/reason"
	"tram/internal/sitesync"
	"tram/internal/sitesync/wire"
)

// joining serves a hub's door for sites and answers its address and pin.
func (f *fleet) joining() (host string, pin []byte) {
	f.t.Helper()
	server, pin := f.public(f.cert(time.Now()))
	mux := http.NewServeMux()
	mux.Handle(hub.SyncPath, f.hub.Sync())
	mux.Handle(wire.JoinPath, f.hub.Joining())
	server.Config.Handler = mux
	return strings.TrimPrefix(server.URL, "https://"), pin
}

func refused(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "ok"
	}
	if r := reason.Rule(err); r != "" {
		return r
	}
	return err.Error()
}

// TestJoin: a code from the hub, a request from the site, a person's yes, and
// the site syncs over the address that the code named.
func TestJoin(t *testing.T) {
	f := newFleet(t, nil)
	host, pin := f.joining()
	tg := f.alone("TG")
	a, err := sitesync.Application(tg.c.Site(), tg.c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := f.hub.NewCode("m1", host, pin)
	if err != nil {
		t.Fatal(err)
	}
	typed, err := wire.ParseCode(strings.ToLower(strings.ReplaceAll(code.String(), "-", " ")))
	if err != nil || typed != code {
		t.Fatalf("%s read as %+v, %v", code, typed, err)
	}
	for range 2 { // asked twice is one request
		if _, err := sitesync.Join(t.Context(), typed, a); !errors.Is(err, sitesync.ErrWaiting) {
			t.Fatalf("got %v, want ErrWaiting", err)
		}
	}
	waiting, err := f.hub.Requests(t.Context())
	if err != nil || len(waiting) != 1 || waiting[0].From.Words() != a.Words() || waiting[0].From.Secret != nil {
		t.Fatalf("requests %+v, %v", waiting, err)
	}
	other := f.alone("NS")
	b, err := sitesync.Application(other.c.Site(), other.c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sitesync.Join(t.Context(), typed, b); refused(t, err) != "PROG-13" {
		t.Errorf("another site used the code: %v", err)
	}
	if got := refused(t, f.hub.Approve(t.Context(), f.hub.People()[0].Person, waiting[0].ID, programme.Satellite, "XX")); got != "PROG-04" {
		t.Errorf("approved under a clinic nobody knows: %s", got)
	}
	if err := f.hub.Approve(t.Context(), f.hub.People()[0].Person, waiting[0].ID, programme.Main, ""); err != nil {
		t.Fatal(err)
	}
	if err := f.hub.Approve(t.Context(), f.hub.People()[0].Person, waiting[0].ID, programme.Main, ""); !errors.Is(err, hub.ErrNoRequest) {
		t.Errorf("approved twice: %v", err)
	}
	link, err := sitesync.Join(t.Context(), typed, a)
	if err != nil {
		t.Fatal(err)
	}
	if err := tg.c.SetLink(link); err != nil {
		t.Fatal(err)
	}
	tg.over(link.URL, link.Pin, tg.c.Keys.SyncSeed(), func(st sitesync.Status) bool { return st.Synced })
}

// TestJoinRefused: old, unknown, foreign and unwelcome, each with its word.
func TestJoinRefused(t *testing.T) {
	now := time.Now().UnixMilli()
	f := newFleet(t, func(o *hub.Options) { o.Clock = func() day.Instant { return day.Instant(now) } })
	host, pin := f.joining()
	tg := f.alone("TG")
	a, err := sitesync.Application(tg.c.Site(), tg.c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() wire.Code {
		c, _, err := f.hub.NewCode("m1", host, pin)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ask := func(c wire.Code, a wire.Application) string {
		_, err := sitesync.Join(t.Context(), c, a)
		return refused(t, err)
	}
	unknown := fresh()
	unknown.Secret[3]++
	if got := ask(unknown, a); got != "PROG-13" {
		t.Errorf("unknown code: %s", got)
	}
	foreign := a
	foreign.Programme = "another"
	if got := ask(fresh(), foreign); got != "PROG-01" {
		t.Errorf("another programme's site: %s", got)
	}
	taken := a
	taken.Site = programme.Hub
	if got := ask(fresh(), taken); got != "PROG-02" {
		t.Errorf("the hub's own code: %s", got)
	}
	late := fresh()
	now += time.Hour.Milliseconds()
	if got := ask(late, a); got != sitesync.ErrWaiting.Error() {
		t.Errorf("at the end of its hour: %s", got)
	}
	late = fresh()
	now += time.Hour.Milliseconds() + 1
	if got := ask(late, a); got != "PROG-13" {
		t.Errorf("after its hour: %s", got)
	}
	wrongPin := fresh()
	wrongPin.Pin[0]++
	if got := ask(wrongPin, a); !strings.Contains(got, "not the hub") {
		t.Errorf("another machine in the hub's place: %s", got)
	}
	w := httptest.NewRecorder()
	f.hub.Joining().ServeHTTP(w, httptest.NewRequest(http.MethodPost, wire.JoinPath, strings.NewReader(strings.Repeat("x", 1<<20))))
	if w.Code != http.StatusBadRequest {
		t.Errorf("a megabyte of nothing: %d", w.Code)
	}
}

// TestJoinTurnedAway: a person's no is read in that person's words, and a
// hundred requests are enough.
func TestJoinTurnedAway(t *testing.T) {
	t.Parallel() // it mostly waits
	f := newFleet(t, nil)
	host, pin := f.joining()
	tg := f.alone("TG")
	a, err := sitesync.Application(tg.c.Site(), tg.c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() wire.Code {
		c, _, err := f.hub.NewCode("m1", host, pin)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ask := func(c wire.Code, a wire.Application) string {
		_, err := sitesync.Join(t.Context(), c, a)
		return refused(t, err)
	}
	turned := fresh()
	second := a
	second.Name = "again"
	if got := ask(turned, second); got != sitesync.ErrWaiting.Error() {
		t.Errorf("a second request: %s", got)
	}
	waiting, err := f.hub.Requests(t.Context())
	if err != nil || len(waiting) != 1 {
		t.Fatalf("requests %+v, %v", waiting, err)
	}
	for _, w := range waiting {
		if err := f.hub.Refuse(f.hub.People()[0].Person, w.ID, "Chưa đến lượt"); err != nil {
			t.Fatal(err)
		}
	}
	var no *sitesync.Refusal
	if _, err := sitesync.Join(t.Context(), turned, second); !errors.As(err, &no) || no.Why != "Chưa đến lượt" {
		t.Errorf("turned away: %v", err)
	}
	for i := range 100 {
		many := a
		many.Name = strings.Repeat("x", i+1)
		if got := ask(fresh(), many); got != sitesync.ErrWaiting.Error() {
			t.Fatalf("request %d: %s", i, got)
		}
	}
	if got := ask(fresh(), second); got != "PROG-14" {
		t.Errorf("one too many: %s", got)
	}
	for _, text := range []string{"", "A", code(t, fresh(), 3), strings.Repeat("7", 500), "tram://x"} {
		if _, err := wire.ParseCode(text); !errors.Is(err, wire.ErrCode) {
			t.Errorf("%q was read as a code: %v", text, err)
		}
	}
}

// code is a code with one character changed.
func code(t *testing.T, c wire.Code, at int) string {
	t.Helper()
	b := []byte(c.String())
	if b[at] == '7' {
		b[at] = '8'
	} else {
		b[at] = '7'
	}
	return string(b)
}

// TestCommands: a command on the same machine reaches the running hub, gets a
// rule's no as a rule, and says when no hub runs.
func TestCommands(t *testing.T) {
	f := newFleet(t, nil)
	host, pin := f.joining()
	if _, err := hub.Command(t.Context(), f.dir, hub.Order{Do: "code"}); err == nil || !strings.Contains(err.Error(), "no hub runs") {
		t.Fatalf("without a hub: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.hub.Control(ctx, host, pin) }()
	var d hub.Done
	until(t, "the socket is there", func() bool {
		var err error
		d, err = hub.Command(t.Context(), f.dir, hub.Order{Do: "code"})
		return err == nil
	})
	c, err := wire.ParseCode(d.Code)
	if err != nil || c.Host != host {
		t.Fatalf("%q: %v", d.Code, err)
	}
	tg := f.alone("TG")
	a, err := sitesync.Application(tg.c.Site(), tg.c.Keys)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sitesync.Join(t.Context(), c, a); !errors.Is(err, sitesync.ErrWaiting) {
		t.Fatal(err)
	}
	d, err = hub.Command(t.Context(), f.dir, hub.Order{Do: "requests"})
	if err != nil || len(d.Requests) != 1 || d.Requests[0].From.Words() != a.Words() {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, x := range []struct {
		o    hub.Order
		want string
	}{
		{hub.Order{Do: "approve", Site: "XX", Role: programme.Main}, hub.ErrNoRequest.Error()},
		{hub.Order{Do: "approve", Site: "TG", Role: programme.Satellite, Parent: "XX"}, "PROG-04"},
		{hub.Order{Do: "dance"}, `the running hub does not know the order "dance"`},
		{hub.Order{Do: "approve", Site: "TG", Role: programme.Main}, "ok"},
		{hub.Order{Do: "refuse", Site: "TG", Why: "late"}, hub.ErrNoRequest.Error()},
		{hub.Order{Do: "let-in", Name: "Ai Đó"}, "STAFF-05"},
	} {
		if _, err := hub.Command(t.Context(), f.dir, x.o); refused(t, err) != x.want {
			t.Errorf("%+v: %v, want %s", x.o, err, x.want)
		}
	}
	d, err = hub.Command(t.Context(), f.dir, hub.Order{Do: "let-in", Name: "lò thị  nhàn"})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.hub.SetFirstPassword(t.Context(), f.manager().Person, d.Code, "một câu khác cũng thật dài"); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
