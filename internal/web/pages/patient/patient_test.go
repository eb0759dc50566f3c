package patient

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/unit"
	"tram/internal/web/pages/papers"
	"tram/internal/web/pages/typed"
	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	for name, page := range map[string]func(*words.Printer) Page{
		"patient-full": SamplePage, "patient-90": SampleLong, "patient-new": SampleNew, "patient-left": SampleLeft, "patient-under": SampleUnder,
	} {
		story.Check(t, name, func(p *words.Printer) templ.Component { return Show(page(p)) })
	}
	for name, page := range map[string]func(*words.Printer) PhotoPage{
		"patient-photo": SamplePhotoPage, "patient-photo-none": SamplePhotoNone, "patient-photo-lost": SamplePhotoLost,
	} {
		story.Check(t, name, func(p *words.Printer) templ.Component { return TakePhoto(page(p)) })
	}
	story.Check(t, "patient-card", func(p *words.Printer) templ.Component { return Card(SampleCard(p)) })
	story.Check(t, "patient-give-card", func(p *words.Printer) templ.Component {
		return GiveCard(SamplePage(p), typed.Form{ID: "f1"})
	})
}

func printer(t *testing.T, lang string) *words.Printer {
	t.Helper()
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.For(lang)
}

// TestEveryCodeHasWords looks at the codes a sample might not show.
func TestEveryCodeHasWords(t *testing.T) {
	var keys []string
	for _, k := range EventKinds {
		keys = append(keys, "patient.event."+string(k))
	}
	for _, s := range OrderStates {
		keys = append(keys, "patient.order."+string(s))
	}
	for _, x := range order.Phases {
		keys = append(keys, "patient.phase."+string(x), "paper.phase."+string(x))
	}
	for _, w := range patient.LeftWhys {
		keys = append(keys, "patient.left."+string(w), "patient.code."+string(w))
	}
	for _, w := range dose.HoldWhys {
		keys = append(keys, "patient.code."+string(w))
	}
	for _, w := range dose.NotWhys {
		keys = append(keys, "patient.code."+string(w))
	}
	for _, a := range []dose.GapAction{dose.Same, dose.SeePhysician, dose.Reduce, dose.Restart, dose.NewFile} {
		keys = append(keys, "patient.code."+string(a))
	}
	for _, c := range []dose.MissedCause{dose.Absent, dose.HeldBack, dose.NoOrder, dose.CupNotPut} {
		keys = append(keys, "patient.code."+string(c))
	}
	for _, s := range Substances {
		keys = append(keys, "patient.substance."+s)
	}
	for _, m := range Methods {
		keys = append(keys, "patient.method."+m)
	}
	for _, lang := range []string{"vi", "en"} {
		p := printer(t, lang)
		for _, k := range keys {
			if p.Missing(k) {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
	}
}

// TestStripShowsEveryDay holds that a day without a dose never vanishes from
// the picture, and that a bar is as high as its dose.
func TestStripShowsEveryDay(t *testing.T) {
	days := sampleDays(30)
	s := stripOf(printer(t, "en"), days)
	if len(s.Bars) != 30 {
		t.Fatalf("%d days drawn, want 30", len(s.Bars))
	}
	signs := 0
	for i, b := range s.Bars {
		if (b.H == 0) != (days[i].Taken == 0) {
			t.Errorf("day %v: height %d for %v", days[i].Day, b.H, days[i].Taken)
		}
		if b.sign() != "" {
			signs++
		}
		if i > 0 && b.X <= s.Bars[i-1].X+s.Bars[i-1].W-1 {
			t.Errorf("day %v overlaps the day before", days[i].Day)
		}
	}
	if signs != 4 {
		t.Errorf("%d signs, want two missed days, one hold and one vomited dose", signs)
	}
	full, part := s.Bars[29], s.Bars[22]
	if part.Day.Mark != papers.Part || part.H*85 > full.H*60+85 || part.H*85 < full.H*60-85 {
		t.Errorf("60 mg is drawn %d high, 85 mg %d", part.H, full.H)
	}
	if full.Y < stripTop || full.OrderY != full.Y {
		t.Errorf("the bar ends at %d and the order stands at %d", full.Y, full.OrderY)
	}
}

func TestScaleIsAboveEveryDose(t *testing.T) {
	for _, g := range []unit.Microgram{500, 10_000, 55_000, 85_000, 120_000, 260_000, 999_000} {
		top, step := scale([]Day{{Taken: g}})
		if top < g || top%step != 0 || top/step > 6 {
			t.Errorf("%v: top %v, step %v", g, top, step)
		}
	}
}

// TestCardSaysNothing: a card that is found names no medicine, programme, site
// or person.
func TestCardSaysNothing(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		p := printer(t, lang)
		var b bytes.Buffer
		if err := Card(SampleCard(p)).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		_, card, ok := strings.Cut(b.String(), `<div class="card">`)
		if !ok {
			t.Fatal("no card on the page")
		}
		card = strings.ToLower(card)
		for _, w := range []string{"methadone", "thương", "thanh minh", "y tế", "điều trị", "treatment", "patient"} {
			if strings.Contains(card, w) {
				t.Errorf("%s: the card says %q", lang, w)
			}
		}
	}
}
