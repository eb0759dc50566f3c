package words

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"tram/internal/day"
	"tram/internal/reason"
	"tram/internal/unit"
)

func loaded(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestValuesInBothLanguages(t *testing.T) {
	c := loaded(t)
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	d, _ := day.Of(2026, 11, 23)
	at := day.InstantOf(time.Date(2026, 11, 22, 23, 45, 0, 0, time.UTC))
	vi, en := c.For("vi").In(z), c.For("en").In(z)
	for _, row := range []struct{ what, got, want string }{
		{"vi dose", vi.Dose(85*unit.Milligram, 8500), "85 mg = 8,5 mL"},
		{"en dose", en.Dose(85*unit.Milligram, 8500), "85 mg = 8.5 mL"},
		{"half a mg", vi.Mg(500), "0,5 mg"},
		{"strength", vi.Strength(10000), "10 mg/mL"},
		{"negative volume", en.ML(-2500), "−2.5 mL"},
		{"vi day", vi.Day(d), "23/11/2026"},
		{"en day", en.Day(d), "23 Nov 2026"},
		{"vi weekday", vi.DayLong(d), "Thứ Hai 23/11/2026"},
		{"en weekday", en.DayLong(d), "Mon 23 Nov 2026"},
		{"never", en.Day(day.Never), "not known"},
		{"clock at the site", vi.Clock(at), "06:45"},
		{"moment at the site", en.Moment(at), "23 Nov 2026 06:45"},
		{"clock without a zone says so", c.For("en").Clock(at), "23:45 UTC"},
		{"small int", en.Int(1234), "1234"},
		{"large int", en.Int(-1234567), "−1 234 567"},
		{"birth year", vi.Born(day.Partial{Year: 1985}), "1985"},
		{"birth month", vi.Born(day.Partial{Year: 1985, Month: 3}), "03/1985"},
		{"birth date", en.Born(day.Partial{Year: 1985, Month: 3, Dom: 7}), "7 Mar 1985"},
		{"unknown birth", en.Born(day.Partial{}), "not known"},
	} {
		if got := Plain(row.got); got != row.want {
			t.Errorf("%s: got %q, want %q", row.what, got, row.want)
		}
	}
	if strings.Contains(vi.Dose(85*unit.Milligram, 8500), " ") {
		t.Error("a dose can be torn apart at a blank")
	}
}

func small(en string) fstest.MapFS {
	return fstest.MapFS{
		"vi/a.json": {Data: []byte(`{"a.days": {"other": "{n} ngày"}, "a.on": "ngày {d|weekday} lúc {at}"}`)},
		"en/a.json": {Data: []byte(en)},
	}
}

func TestPluralsAndArguments(t *testing.T) {
	c, err := load(small(`{"a.days": {"by": "n", "one": "{n} day", "other": "{n} days"}, "a.on": "on {d|weekday} at {at}"}`))
	if err != nil {
		t.Fatal(err)
	}
	en, vi := c.For("en"), c.For("vi")
	for _, row := range []struct{ got, want string }{
		{en.T("a.days", "n", 1), "1 day"},
		{en.T("a.days", "n", 0), "0 days"},
		{en.T("a.days", "n", 2), "2 days"},
		{vi.T("a.days", "n", 1), "1 ngày"},
		{en.T("a.gone"), "⟦a.gone⟧"},
		{en.T("a.on", "at", "x"), "on ⟦d⟧ at x"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
	if !en.Missing("a.gone") || en.Missing("a.days") {
		t.Error("Missing is wrong")
	}
	if c.For("fr").Lang() != "vi" {
		t.Error("an unknown language must get the first one")
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a key twice":      `{"a": "x", "a": "y"}`,
		"an open brace":    `{"a": "x {n"}`,
		"no form other":    `{"a": {"one": "x"}}`,
		"an unknown form":  `{"a": {"some": "x", "other": "y"}}`,
		"a number":         `{"a": 1}`,
		"a list":           `["a"]`,
		"a cut off object": `{"a": "x"`,
	} {
		if _, err := load(small(text)); err == nil {
			t.Errorf("%s was loaded", name)
		}
	}
}

func TestNamesSortAsReadersExpect(t *testing.T) {
	names := []string{"Đào Văn A", "Ảng Thị B", "Cà Văn C", "An Văn D", "Dương Thị E"}
	p := loaded(t).For("vi")
	slices.SortFunc(names, p.Compare)
	if got := strings.Join(names, ", "); got != "An Văn D, Ảng Thị B, Cà Văn C, Dương Thị E, Đào Văn A" {
		t.Fatalf("got %s", got)
	}
}

func TestReasonSaysWhyAndWhatToDo(t *testing.T) {
	c := loaded(t)
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	at := day.InstantOf(time.Date(2026, 11, 23, 0, 10, 0, 0, time.UTC))
	en := c.For("en").In(z)
	s := en.Refusal(reason.Refuse("DOSE-05", "at", at, "why", "intoxicated"))
	if !s.Stop || s.Rule != "DOSE-05" || !strings.Contains(s.Text, "07:10") || strings.Contains(s.Text, "intoxicated\"") || s.Do == "" {
		t.Fatalf("got %+v", s)
	}
	w := reason.Warn("DOSE-42", "missed", 1, "last", day.Day(20000))
	w.Source, w.Status = "VN-3140", "unverified"
	if got := en.Reason(w); got.Stop || got.Source != "VN-3140" || got.Status != "unverified" || !strings.Contains(got.Text, "1 day") {
		t.Fatalf("got %+v", got)
	}
}

// TestDaySpokenNamesItsMonth: 3 April is never read as 4 March.
func TestDaySpokenNamesItsMonth(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := day.Of(2026, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"vi": "3 tháng 4 năm 2026", "en": "3 Apr 2026"} {
		if got := Plain(c.For(lang).DaySpoken(d)); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
