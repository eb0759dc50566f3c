package demo_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/demo"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/letter"
	"tram/internal/reason"
	"tram/internal/walk"
	"tram/internal/web"
)

// TestLetterWalk moves a person from the main clinic to a satellite in a real
// browser, with the satellite's line cut: the letter is the only thing that
// goes from one to the other. Then both try to dose the same person on the same
// day, and one is refused.
func TestLetterWalk(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	sites, prog := wholeProgramme(t)
	main, sat := sites[0], sites[1]
	for _, l := range prog.Links {
		until(t, "every site has heard of every other", func() bool {
			d, err := l.Site.Directory(t.Context())
			return err == nil && len(d.Sites()) == 4 && len(d.Clinicians()) >= 4
		})
	}
	stabilityLists(t, b, sites)
	openWithBaton(t, main)
	openWithBaton(t, sat)
	for _, l := range prog.Links {
		if l.Site == sat {
			l.Line.Cut()
		}
	}
	who := someone(t, main)
	doctor, doc := actor(t, main, duty.Physician, -1)

	p := signedIn(t, b, main, doc, walk.Desk)
	p.page.Go(p.url + "/patient/" + string(who.Patient.Patient))
	p.page.Shot("patient")
	p.page.Go(p.url + "/patient/" + string(who.Patient.Patient) + "/letter")
	p.page.Tap("input[name=why][value=visit]")
	walk.Ask[bool](p.page, `(() => { document.querySelector("select[name=to]").value = "PN"; return true; })()`)
	p.page.Fill("input[name=first]", date(main.Today()))
	p.page.Fill("input[name=last]", date(main.Today()+2))
	p.page.Fill("input[name=pin]", doc.PIN)
	p.page.ShotWhole("send")
	p.page.Tap("form[action$='/letter'] button.button-primary")
	p.page.Wait(".letter-code") // the baton is in its place, so the letter may be printed at once
	text := written(t, main, doctor, who.Patient.Patient)
	p.page.Go(p.url + "/letters")
	p.page.ShotWhole("letters-given")
	p.page.Accessible()
	p.page.Tap("a[href^='/letter/']")
	p.page.Wait(".letter-code")
	p.page.ShotWhole("letter-paper")

	nurse, n := actor(t, sat, duty.Dispenser, -1)
	q := signedIn(t, b, sat, n, walk.Phone)
	q.page.Go(q.url + "/letters")
	q.page.Accessible()
	q.page.Fill("#letter", text)
	q.page.Press("\r")
	q.page.Wait("form[action='/letters/take']")
	q.page.ShotWhole("letter-read")
	q.page.Accessible()
	q.page.Tap("form[action='/letters/take'] button.button-primary")
	q.page.WaitAt("/window")
	q.page.WaitText("main", who.Patient.Details.Name)
	q.page.ShotWhole("window-visitor")

	if _, err := sat.Pour(t.Context(), nurse, sat.NewForm(), dose.Pour{Patient: who.Patient.Patient, Shown: who.Ordered}); err != nil {
		t.Fatalf("the visitor's dose: %v", err)
	}
	_, err := main.Pour(t.Context(), doctor, main.NewForm(), dose.Pour{Patient: who.Patient.Patient, Shown: who.Ordered})
	if reason.Rule(err) != "TRANSFER-21" {
		t.Errorf("a second dose at home: %v, want TRANSFER-21", err)
	}
	p.page.Go(p.url + "/window")
	p.page.Scan(who.Patient.Code)
	p.page.WaitText("main", "TRANSFER-21")
	p.page.Shot("window-away")
	p.page.Go(p.url + "/patient/" + string(who.Patient.Patient))
	p.page.Shot("patient-away")
}

// wholeProgramme is the demonstration with all its sites, the main clinic first
// and the smallest satellite next.
func wholeProgramme(t *testing.T) (sites []*demo.Site, p *demo.Programme) {
	t.Helper()
	dir := fresh(t)
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	today, err := day.Of(2026, 11, 24)
	if err != nil {
		t.Fatal(err)
	}
	started, begin := time.Now(), z.At(today, 6, 30)
	sites, err = demo.Open(t.Context(), demo.Options{
		Dir: dir, Seed: 1, Main: true, Clock: func() day.Instant { return begin + day.Instant(time.Since(started).Milliseconds()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := demo.Close(sites); err != nil {
			t.Error(err)
		}
	})
	if p, err = demo.Join(t.Context(), dir, sites, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return sites, p
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came true: %s", what)
		}
	}
}

// openWithBaton opens the day and a bottle, with the baton in its place.
func openWithBaton(t *testing.T, s *demo.Site) {
	t.Helper()
	until(t, "the baton of "+string(s.Site().Site)+" is made", func() bool {
		baton := false
		err := s.View(t.Context(), func(v *clinicdb.View) (err error) {
			baton, _, err = s.Witnessed(v)
			return err
		})
		return err == nil && baton
	})
	nurse, n := actor(t, s, duty.Dispenser, -1)
	at := 0
	for i, x := range s.People {
		if x.Person == n.Person {
			at = i
		}
	}
	_, second := actor(t, s, duty.Dispenser, at)
	w := clinic.Witness{Person: second.Person, PIN: second.PIN}
	if _, err := s.OpenDay(t.Context(), nurse, s.NewForm(), daybook.Open{Day: s.Today()}, w); err != nil {
		t.Fatal(err)
	}
	q, err := s.Queue(t.Context(), nurse)
	if err != nil || len(q.Bottles) > 0 {
		return
	}
	var sealed id.Bottle
	err = s.View(t.Context(), func(v *clinicdb.View) error {
		all, err := v.Bottles()
		for _, b := range all {
			if !b.Finished && b.Opened == day.Never {
				sealed = b.Bottle
			}
		}
		return err
	})
	if err == nil {
		_, err = s.OpenBottle(t.Context(), nurse, s.NewForm(), sealed, w)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// someone is a patient who could be dosed at the site now.
func someone(t *testing.T, s *demo.Site) clinic.AtWindow {
	t.Helper()
	by, _ := actor(t, s, duty.Dispenser, -1)
	q, err := s.Queue(t.Context(), by)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range q.Rows {
		a, err := s.Identify(t.Context(), by, r.Patient.Patient)
		s.Free(by)
		if err == nil && a.Plan.Amount > 0 && a.Order.Last > s.Today()+2 {
			return a
		}
	}
	t.Fatal("nobody could be dosed")
	return clinic.AtWindow{}
}

// written is the text of the letter about a patient, once it may be shown.
func written(t *testing.T, s *demo.Site, by access.Actor, p id.Patient) string {
	t.Helper()
	var text string
	until(t, "the letter may be shown", func() bool {
		var all []clinicdb.Letter
		err := s.View(context.Background(), func(v *clinicdb.View) (err error) {
			all, err = v.LettersOf(p)
			return err
		})
		if err != nil || len(all) == 0 {
			return false
		}
		l, err := s.LetterToShow(t.Context(), by, all[0].Letter)
		text = letter.Text(l.Bytes)
		return err == nil
	})
	return text
}

// screen is one person's browser at one site.
type screen struct {
	page *walk.Page
	url  string
}

func signedIn(t *testing.T, b *walk.Browser, s *demo.Site, x demo.Person, size walk.Size) screen {
	t.Helper()
	h, err := web.New(web.Options{Clinic: s.Clinic, IdleWindow: time.Hour, IdleElse: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.CloseClientConnections() // the pages listen for as long as they are open
		srv.Close()
	})
	p := b.Open(size)
	p.Go(srv.URL + "/signin?person=" + string(x.Person))
	p.Fill("#pin", x.PIN)
	p.Press("\r")
	p.WaitAt("/window")
	return screen{p, srv.URL}
}

// date is a day as people type it.
func date(d day.Day) string {
	parts := strings.Split(d.String(), "-")
	return parts[2] + "/" + parts[1] + "/" + parts[0]
}
