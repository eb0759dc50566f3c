package demo_test

import (
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/care/stability"
	"tram/internal/demo"
	"tram/internal/duty"
	"tram/internal/walk"
)

// stabilityLists: on the first morning of the demonstration the main clinic
// has somebody who may go to a satellite and somebody who may return to one,
// and the satellite somebody who should go back and the one who may return. The
// list and a record of it are looked at as people see them.
func stabilityLists(t *testing.T, b *walk.Browser, sites []*demo.Site) {
	t.Helper()
	want := map[string][]stability.Proposal{
		"TT": {stability.ToSatellite, stability.Return}, "TG": {stability.ToMain, stability.Return},
	}
	for _, s := range sites {
		kinds, ok := want[string(s.Site().Site)]
		if !ok {
			continue
		}
		_, doc := actor(t, s, duty.Physician, -1)
		by := access.Actor{Person: doc.Person, Duties: doc.Duties}
		count := map[stability.Proposal]int{}
		var who string
		until(t, "every list has somebody", func() bool {
			list, err := s.Stability(t.Context(), by)
			if err != nil {
				t.Fatal(err)
			}
			clear(count)
			for _, x := range list.People {
				if x.Asked {
					count[x.Proposal]++
				}
				if x.Proposal == stability.Return {
					who = string(x.Patient.Patient)
				}
			}
			return count[kinds[0]] > 0 && count[kinds[1]] > 0
		})
		for _, size := range []walk.Size{walk.Desk, walk.Phone} {
			p := signedIn(t, b, s, doc, size)
			if size.Touch { // the PC in Vietnamese and the phone in English are both languages
				p.page.Go(p.url + "/me")
				p.page.Tap("button[name=lang][value=en]")
				p.page.Until("speak English", `document.documentElement.lang === "en" && document.readyState === "complete"`)
			}
			for _, path := range []string{"/stability", "/patient/" + who} {
				p.page.Go(p.url + path)
				p.page.Accessible()
				if n := p.page.Sideways(); n > 0 {
					t.Errorf("%s %s is %d pixels too wide", s.Site().Site, path, n)
				}
				p.page.ShotWhole(strings.ToLower(string(s.Site().Site)) + strings.NewReplacer("/", "-", who, "").Replace(path))
			}
			p.page.Quiet()
		}
	}
}
