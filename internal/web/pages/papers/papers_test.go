package papers

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"tram/internal/care/dose"
	"tram/internal/day"
	"tram/internal/unit"
	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func printer(t *testing.T, lang string) *words.Printer {
	t.Helper()
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	return c.For(lang).In(z)
}

// all are the papers of the storybook, by name.
func all(p *words.Printer) map[string]templ.Component {
	return map[string]templ.Component{
		"register": RegisterPaper(p, SampleRegister(p)),
		"stock":    StockBookPaper(p, SampleStockBook(p)),
		"absent":   AbsentPaper(p, SampleAbsent(p)),
		"record":   RecordsPaper(p, SampleRecords(p)),
		"sheet":    SheetPaper(p, SampleSheet(p)),
		"count":    CountPaper(p, SampleCount(p)),
	}
}

func TestSamples(t *testing.T) {
	for name := range all(printer(t, "vi")) {
		story.Check(t, "paper-"+name, func(p *words.Printer) templ.Component { return all(p)[name] })
	}
	story.Check(t, "papers-choose", func(p *words.Printer) templ.Component { return Choose(SampleIndex(p)) })
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return words.Plain(b.String())
}

func TestPapersHaveAllWordsAndPrintTheSameTwice(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		first, second := all(printer(t, lang)), all(printer(t, lang))
		for name, c := range first {
			html := render(t, c)
			if i := strings.Index(html, "⟦"); i >= 0 {
				t.Errorf("%s %s: missing words: %.60s", lang, name, html[i:])
			}
			if html != render(t, second[name]) {
				t.Errorf("%s %s: two printings differ", lang, name)
			}
			if strings.Contains(html, "style=") || strings.Contains(html, "onclick") {
				t.Errorf("%s %s: inline style or script, which the policy forbids", lang, name)
			}
		}
	}
}

// TestEveryCodeHasWords looks at each mark and each line of the stock book,
// also those a sample might not show.
func TestEveryCodeHasWords(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		p := printer(t, lang)
		for _, m := range Marks {
			if p.Missing("paper.mark." + string(m)) {
				t.Errorf("%s: no words for mark %s", lang, m)
			}
		}
		for _, l := range StockTexts {
			if p.Missing("paper.stock.line." + string(l)) {
				t.Errorf("%s: no words for line %s", lang, l)
			}
		}
	}
}

func TestMarks(t *testing.T) {
	for o, want := range map[dose.Outcome]Mark{
		dose.Taken: Swallowed, dose.PartOnly: Part, dose.NotTaken: NotGiven, dose.Unknown: Unclear, dose.PouredOnly: Question,
	} {
		if got := MarkOf(o); got != want {
			t.Errorf("MarkOf(%s) = %s, want %s", o, got, want)
		}
	}
	for c, want := range map[dose.MissedCause]Mark{
		dose.Absent: Missed, dose.HeldBack: Held, dose.NoOrder: NoOrder, dose.CupNotPut: NotGiven,
	} {
		if got := MarkOfMissed(c); got != want {
			t.Errorf("MarkOfMissed(%s) = %s, want %s", c, got, want)
		}
	}
}

// TestRegisterSum counts a replacement's liquid and not a second person.
func TestRegisterSum(t *testing.T) {
	s := SampleRegister(printer(t, "vi")).Sum()
	if s.People != 40 || s.Dosed+s.Missed+s.Held+s.Other != s.People {
		t.Fatalf("people %d = dosed %d + missed %d + held %d + other %d", s.People, s.Dosed, s.Missed, s.Held, s.Other)
	}
	if s.Missed != 1 || s.Held != 1 || s.Other != 5 {
		t.Errorf("missed %d, held %d, other %d, want 1, 1, 5", s.Missed, s.Held, s.Other)
	}
	var taken unit.Microgram
	for _, r := range SampleRegister(printer(t, "vi")).Rows {
		taken += r.Taken
	}
	if s.Taken != taken || s.Taken%500 != 0 {
		t.Errorf("taken %v, want %v", s.Taken, taken)
	}
}

// TestStockBookBalances holds that the page's columns explain its balance.
func TestStockBookBalances(t *testing.T) {
	b := SampleStockBook(printer(t, "vi"))
	s := b.Sum()
	if got := b.Lines[0].Left + s.In - s.Doses - s.Lost + s.Diff; got != s.Left {
		t.Errorf("brought forward and moves give %v, the page says %v", got, s.Left)
	}
}

// TestSheetNeverPrintsAStoppedDose: a person who must see the physician first
// has no amount on paper, where nobody can check again.
func TestSheetNeverPrintsAStoppedDose(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		p := printer(t, lang)
		s := SampleSheet(p)
		s.Rows = s.Rows[3:4]
		s.Rows[0].LastAmount = 0
		html := render(t, SheetPaper(p, s))
		if strings.Contains(html, words.Plain(p.Dose(s.Rows[0].Amount, s.Rows[0].Volume))) {
			t.Errorf("%s: the sheet shows a dose for a stopped patient", lang)
		}
		if !strings.Contains(html, p.T("paper.sheet.no_dose")) || !strings.Contains(html, "DOSE-06") {
			t.Errorf("%s: the sheet does not say why nothing is poured", lang)
		}
	}
}

// TestAbsentNamesNoMedicine: the list goes out of the room.
func TestAbsentNamesNoMedicine(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		p := printer(t, lang)
		a := SampleAbsent(p)
		html := strings.ToLower(render(t, AbsentPaper(p, a)))
		for _, w := range []string{"methadone", " mg", " ml", strings.ToLower(a.Head.Programme)} {
			if strings.Contains(html, w) {
				t.Errorf("%s: the list holds %q", lang, w)
			}
		}
	}
}

func TestDifference(t *testing.T) {
	p := printer(t, "vi")
	b := BottleRow{Strength: 10_000, Book: 229_000, Measured: 227_800}
	if got := words.Plain(difference(p, b)); got != "−1,2 mL (12 mg)" {
		t.Errorf("got %q", got)
	}
	b.Measured = 229_500
	if got := words.Plain(difference(p, b)); got != "+0,5 mL (5 mg)" {
		t.Errorf("got %q", got)
	}
	b.Measured = b.Book
	if got := difference(p, b); got != "0" {
		t.Errorf("got %q", got)
	}
}

// TestAttestedIsCounted: a dose on people's word has its remark and its line
// under the register; a register without one has neither.
func TestAttestedIsCounted(t *testing.T) {
	r := Register{Rows: []RegisterRow{{Mark: Swallowed, Attested: true}, {Mark: Swallowed}}}
	if s := r.Sum(); s.Dosed != 2 || s.Attested != 1 {
		t.Errorf("%+v", s)
	}
	p := printer(t, "en")
	if got := remarks(p, r.Rows[0]); len(got) != 1 || !strings.Contains(got[0], "people's word") {
		t.Errorf("%q", got)
	}
	if got := remarks(p, r.Rows[1]); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
