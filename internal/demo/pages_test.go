package demo_test

import (
	"context"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tram/internal/clinicdb"
	"tram/internal/demo"
	"tram/internal/duty"
	"tram/internal/walk"
	"tram/internal/web"
)

// TestPagesStandAlone opens every main page of a filled place in a browser that
// reaches this machine and nothing else (T10): as the person whose page it is,
// in both languages, on a PC and on a phone. No page may ask another origin for
// anything, complain, or be wider than the screen. WALK_SHOTS keeps the pictures.
func TestPagesStandAlone(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	site := bigPlace(t)
	h, err := web.New(web.Options{Clinic: site.Clinic, IdleWindow: time.Hour, IdleElse: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	openDay(t, site, 0)
	pages := tour(t, site)
	for _, size := range []walk.Size{walk.Desk, walk.Phone} {
		for _, lang := range []string{"vi", "en"} {
			if os.Getenv("WALK_SHOTS") == "" && (size.Touch != (lang == "en")) {
				continue // the PC in Vietnamese and the phone in English are every page once more and both languages
			}
			for _, d := range []duty.Duty{duty.Dispenser, duty.Physician, duty.Manager} {
				p := b.Open(size)
				speak(p, srv.URL, lang)
				signIn(t, p, srv.URL, site, d)
				for _, x := range pages[d] {
					look(t, p, srv.URL, x, string(d)+"-"+lang)
				}
				p.Quiet()
			}
		}
	}
}

// look opens one page and asks of it what must hold for every page.
func look(t *testing.T, p *walk.Page, url, path, name string) {
	t.Helper()
	cost := p.Weigh(url + path)
	if len(cost.Foreign) > 0 {
		t.Errorf("%s %s asks %v", name, path, cost.Foreign)
	}
	if n := p.Sideways(); n > 0 {
		t.Errorf("%s %s is %d pixels wider than the screen", name, path, n)
	}
	if strings.Contains(p.Text("body"), "F-") {
		t.Errorf("%s %s shows a fault: %.300s", name, path, p.Text("body"))
	}
	if p.Count("main") == 0 && p.Count(".paper") == 0 {
		t.Errorf("%s %s shows no page", name, path)
	}
	p.ShotWhole(name + strings.NewReplacer("/", "_", "?", "_", "=", "-").Replace(path))
}

// tour lists the pages by whose they are.
func tour(t *testing.T, s *demo.Site) map[duty.Duty][]string {
	t.Helper()
	var row clinicdb.Patient
	err := s.View(context.Background(), func(v *clinicdb.View) error {
		all, err := v.PatientsAll()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, clinicdb.Patient.InCare)
		row = all[i]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	who, last := string(row.Patient), s.Last.String()
	return map[duty.Duty][]string{
		duty.Dispenser: {
			"/window", "/patients", "/register", "/day", "/day/close", "/stock", "/papers", "/papers/register/" + last,
			"/papers/missed/" + last, "/papers/sheet/" + s.Today().String(), "/papers/count", "/papers/stock/" + last[:7], "/rules", "/journal",
			"/patient/" + who + "/card", "/day/closed/" + last,
		},
		duty.Physician: {"/orders", "/stability", "/patient/" + who, "/patient/" + who + "/order", "/patient/" + who + "/change", "/papers/record/" + who},
		duty.Manager:   {"/import", "/staff", "/me", "/rules", "/rules/daily_max_ug", "/rules/missed", "/journal"},
	}
}

func speak(p *walk.Page, url, lang string) {
	p.Go(url + "/signin")
	if walk.Ask[string](p, `document.documentElement.lang`) == lang {
		return
	}
	p.Tap("button[name=lang][value=" + lang + "], button[value=" + lang + "]")
	p.Until("speak "+lang, `document.documentElement.lang === "`+lang+`" && document.readyState === "complete"`)
}

func signIn(t *testing.T, p *walk.Page, url string, s *demo.Site, d duty.Duty) {
	t.Helper()
	i := slices.IndexFunc(s.People, func(x demo.Person) bool { return duty.Has(x.Duties, d) })
	if i < 0 {
		t.Fatalf("nobody at %s is a %s", s.Site().Site, d)
	}
	p.Go(url + "/signin?person=" + string(s.People[i].Person))
	p.Fill("#pin", s.People[i].PIN)
	p.Press("\r")
	p.Until("be signed in", `!location.pathname.startsWith("/signin") && document.readyState === "complete"`)
}
