package demo_test

import (
	"context"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/clinic"
	"tram/internal/clinicdb"
	"tram/internal/day"
	"tram/internal/demo"
	"tram/internal/duty"
	"tram/internal/unit"
	"tram/internal/walk"
	"tram/internal/web"
	"tram/internal/words"
)

// TestWholeMorning walks the morning of the place with 64 people in a real
// browser: sign in, confirm the date, scan, P and S, close the day, and look at every register. It counts what the hands
// did: three actions for each dose, and after the last dose nothing typed but
// the measured volume and the two PINs.
func TestWholeMorning(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	site := bigPlace(t)
	nurse, second := dispensers(t, site)
	h, err := web.New(web.Options{Clinic: site.Clinic, IdleWindow: time.Hour, IdleElse: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.CloseClientConnections() // the pages listen for as long as they are open
		srv.Close()
	})
	p := b.Open(walk.Desk)
	p.Go(srv.URL + "/signin?person=" + string(nurse.Person))
	p.Fill("#pin", nurse.PIN)
	p.Press("\r")
	p.WaitAt("/window")

	p.Go(srv.URL + "/day/open")
	p.Shot("day-open")
	fillSecond(p, second)
	p.Tap("form[action='/day/open'] button.button-primary")
	p.Until("the day is open", "!document.querySelector(\"form[action='/day/open']\")")
	p.Shot("day-opened")

	p.Go(srv.URL + "/window")
	p.Shot("window-first")
	given := giveEveryone(t, p, site)
	p.Go(srv.URL + "/window")
	p.Shot("window-last")

	closeAndLook(t, p, srv.URL, site, second, given)
}

// bigPlace is the largest place of a fresh demonstration, at half past six on
// the morning after its history.
func bigPlace(t *testing.T) *demo.Site {
	t.Helper()
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	today, err := day.Of(2026, 11, 24)
	if err != nil {
		t.Fatal(err)
	}
	started, begin := time.Now(), z.At(today, 6, 30)
	sites, err := demo.Open(context.Background(), demo.Options{
		Dir: fresh(t), Seed: 1, Clock: func() day.Instant { return begin + day.Instant(time.Since(started).Milliseconds()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := demo.Close(sites); err != nil {
			t.Error(err)
		}
	})
	return sites[len(sites)-1]
}

func dispensers(t *testing.T, s *demo.Site) (nurse, second demo.Person) {
	t.Helper()
	var all []demo.Person
	for _, x := range s.People {
		if duty.Has(x.Duties, duty.Dispenser) {
			all = append(all, x)
		}
	}
	if len(all) < 2 {
		t.Fatalf("%d dispensers at %s, want two", len(all), s.Site().Site)
	}
	return all[0], all[1]
}

func fillSecond(p *walk.Page, x demo.Person) {
	walk.Ask[bool](p, `(() => { const s = document.querySelector("select[name=second]"); s.value = "`+string(x.Person)+`"; s.dispatchEvent(new Event("change", {bubbles: true})); return s.value !== ""; })()`)
	p.Fill("input[name=second_pin]", x.PIN)
}

// byHand is how many are served in the browser; the others are served through
// the same door without one, because a page takes a browser a second or two.
// TRAM_WALK=whole serves everyone by hand.
func byHand() int {
	if os.Getenv("TRAM_WALK") == "whole" {
		return 1000
	}
	return 4
}

// giveEveryone serves all who can be given a dose now and answers how many.
func giveEveryone(t *testing.T, p *walk.Page, s *demo.Site) int {
	t.Helper()
	ctx := context.Background()
	by := beside(s)
	q, err := s.Queue(ctx, by)
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for _, r := range q.Rows {
		a, err := s.Identify(ctx, by, r.Patient.Patient)
		if err != nil {
			t.Fatal(err)
		}
		s.Free(by)
		if a.Plan.Amount == 0 {
			continue // something stops this one: a gap, no order in force
		}
		if given++; given > byHand() {
			throughTheDoor(t, s, by, a)
			continue
		}
		p.Reset()
		p.Scan(r.Patient.Code)
		p.Wait("#pour")
		if given <= 3 {
			p.Shot("window-ready-" + r.Patient.Code)
		}
		again := press(p, "p", ".cup")
		if given <= 2 {
			p.Shot("window-cup-" + r.Patient.Code)
		}
		again += press(p, "s", ".end")
		p.Until("the window waits for the next", "document.readyState === 'complete' && !document.querySelector('.cup') && document.activeElement && document.activeElement.id === 'find'")
		did := p.Did()
		if did.Total() != 3+again || did.Typed != 0 {
			t.Fatalf("a dose took %+v, want a scan and two keys", did)
		}
	}
	if given < 50 {
		t.Fatalf("only %d could be given a dose", given)
	}
	return given
}

// press presses a key once the page takes keys, and answers how often it had
// to be pressed again: a pane that refreshes itself between the look and the
// press takes no key for a moment, so that nothing is pressed by mistake.
func press(p *walk.Page, key, want string) (again int) {
	for {
		p.Until("the keys are armed", `document.documentElement.hasAttribute("data-armed")`)
		p.Press(key)
		for range 40 {
			if walk.Ask[bool](p, `document.querySelector("`+want+`") !== null`) {
				return again
			}
			time.Sleep(50 * time.Millisecond)
		}
		if again++; again > 3 {
			p.Wait(want) // says what the page shows instead
		}
	}
}

func throughTheDoor(t *testing.T, s *demo.Site, by access.Actor, a clinic.AtWindow) {
	t.Helper()
	ctx := context.Background()
	f, err := s.Pour(ctx, by, s.NewForm(), dose.Pour{Patient: a.Patient.Patient, Shown: a.Plan.Amount})
	if err == nil {
		_, err = s.Swallow(ctx, by, s.NewForm(), f.Dose)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// closeAndLook closes the day, counts what was typed, and reads the papers.
func closeAndLook(t *testing.T, p *walk.Page, url string, s *demo.Site, second demo.Person, given int) {
	t.Helper()
	ctx := context.Background()
	today := s.Today()
	c, err := s.Closing(ctx, today)
	if err != nil {
		t.Fatal(err)
	}
	if c.Dosed != given || len(c.Questions) != 0 {
		t.Fatalf("closing sees %d dosed and %d questions, want %d and none", c.Dosed, len(c.Questions), given)
	}
	nurse, _ := dispensers(t, s)
	p.Go(url + "/day/close")
	p.ShotWhole("day-close")
	p.Reset()
	typed := 0
	for _, b := range c.Bottles {
		ml := strings.TrimSuffix(b.Left.String(), " mL")
		p.Fill("input[name='measured-"+string(b.Bottle)+"']", ml)
		typed += len(ml)
	}
	p.Fill("#pin", nurse.PIN)
	fillSecond(p, second)
	typed += len(nurse.PIN) + len(second.PIN)
	p.Tap("form[action='/day/close'] button.button-primary")
	p.WaitAt("/day/closed/" + today.String())
	if did := p.Did(); did.Typed != typed {
		t.Errorf("after the last dose %d characters were typed, the volumes and two PINs are %d", did.Typed, typed)
	}
	p.ShotWhole("day-closed")
	t.Logf("%d doses, 3 actions each; after the last one %d characters: measured volumes and two PINs", given, typed)
	papers(t, p, url, s, given)
}

// papers reads every register the morning made: each names everyone it should.
func papers(t *testing.T, p *walk.Page, url string, s *demo.Site, given int) {
	t.Helper()
	ctx := context.Background()
	today := s.Today()
	var doses []dose.Entry
	var names map[string]string
	var bottles []clinicdb.BottleDay
	err := s.View(ctx, func(v *clinicdb.View) (err error) {
		if doses, err = v.DosesOn(today); err != nil {
			return err
		}
		if names, err = codes(v); err != nil {
			return err
		}
		bottles, err = v.BottleDays(today)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(doses) != given {
		t.Fatalf("%d doses on record, %d given", len(doses), given)
	}
	cat, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	say := cat.For("vi")
	for _, href := range walk.Ask[[]string](p, `Array.from(document.querySelectorAll("main a[href^='/papers/']")).map(a => a.getAttribute("href"))`) {
		p.Go(url + href)
		p.ShotWhole("paper" + strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(href))
		text := p.Text("body")
		if !strings.Contains(href, "register") {
			continue
		}
		var sum unit.Microgram
		for _, e := range doses {
			sum += e.Taken
			if !strings.Contains(text, names[string(e.Patient)]) {
				t.Errorf("%s does not name %s", href, names[string(e.Patient)])
			}
		}
		if !strings.Contains(text, say.MgNumber(sum)) {
			t.Errorf("%s lacks the day's sum %v", href, sum)
		}
		if got := bottleCode.FindAllString(text, -1); len(got) != len(bottles) || len(bottles) > 2 {
			t.Errorf("%s lists bottles %v, open today were %d", href, got, len(bottles))
		}
	}
}

// bottleCode is a bottle's code as the invented place writes it.
var bottleCode = regexp.MustCompile(`TG-C\d{4}`)

func codes(v *clinicdb.View) (map[string]string, error) {
	all, err := v.PatientsAll()
	out := map[string]string{}
	for _, x := range all {
		out[string(x.Patient)] = x.Code
	}
	return out, err
}
