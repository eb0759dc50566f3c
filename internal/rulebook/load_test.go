package rulebook

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/stability"
	"tram/internal/unit"
)

func TestEverySetLoads(t *testing.T) {
	if ids := IDs(); !slices.Equal(ids, []string{"au", "vn", "who"}) {
		t.Fatalf("sets: %v", ids)
	}
	for _, id := range IDs() {
		s := loaded(t, id)
		if _, err := Effective(s, nil); err != nil {
			t.Errorf("Effective(%q): %v", id, err)
		}
		for _, src := range s.Sources {
			if !cited(s, src.ID) {
				t.Errorf("%s: source %s is listed and cited nowhere", id, src.ID)
			}
		}
	}
	if _, err := Load("xx"); !errors.Is(err, ErrNoSet) {
		t.Errorf("Load(xx) = %v, want ErrNoSet", err)
	}
}

// cited says whether a number, a row or a note of the set stands on a source.
func cited(s Set, id string) bool {
	named := func(text string) bool {
		return strings.Contains(text, id) || strings.Contains(text, strings.TrimPrefix(id, "VN"))
	}
	for _, n := range s.Numbers {
		if n.Source == id || named(n.Note) {
			return true
		}
	}
	for _, r := range s.Missed.Rows {
		if r.Source == id || named(r.Note) {
			return true
		}
	}
	return false
}

// TestUnknownStaysUnknown: what no source gives has no value anywhere, and is
// asked for.
func TestUnknownStaysUnknown(t *testing.T) {
	for set, want := range map[string][]string{
		"vn":  {DailyMax, DoseGapHours, CountTolerance, PermittedLoss, StableWindowDays, StableMissedMax, StableUrineDays},
		"who": {DailyMax, StepMax, RiseGapDays, FirstRiseDays, WeekMax, InductionDays, LengthMaint, MissedKey, VomitedKey, StableDoseDays, StableWindowDays, StableMissedMax, StableUrineDays},
		"au":  {DailyMax, FirstDoseHighMax, StepMax, VomitedKey, StableDoseDays, StableWindowDays, StableMissedMax, StableUrineDays},
	} {
		b, err := Effective(loaded(t, set), nil)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, q := range b.Unanswered() {
			keys = append(keys, q.Key)
			if r, ok := b.Rule(q.Key); ok && (r.Known || r.InForce != 0 || r.SourceNow != "" || r.StatusNow != Unknown) {
				t.Errorf("%s %s: unknown, and yet %+v", set, q.Key, r)
			}
			if !q.Asked || q.Words == "" {
				t.Errorf("%s %s: %+v", set, q.Key, q)
			}
		}
		for _, k := range want {
			if !slices.Contains(keys, k) {
				t.Errorf("%s does not ask for %s; it asks for %v", set, k, keys)
			}
		}
		if set == "vn" && len(keys) != len(want) {
			t.Errorf("vn asks for %v, want %v", keys, want)
		}
	}
}

// TestVietnam holds the numbers of the Vietnamese set against their sources,
// as the rooms get them.
func TestVietnam(t *testing.T) {
	b, err := Effective(loaded(t, "vn"), nil)
	if err != nil {
		t.Fatal(err)
	}
	o := b.Order()
	for name, c := range map[string]struct{ got, want order.Limit }{
		"first dose":    {o.FirstDoseMaxUg, order.Limit{Value: 30_000, Known: true, Source: "VN3140", Status: "verified"}},
		"extra care":    {o.FirstDoseCareUg, order.Limit{Value: 25_000, Known: true, Source: "VN3140", Status: "verified"}},
		"largest start": {o.FirstDoseHighMaxUg, order.Limit{Value: 30_000, Known: true, Source: "VN3140", Status: "verified"}},
		"daily maximum": {o.DailyMaxUg, order.Limit{Status: "unknown"}},
		"step early":    {o.StepMaxInductionUg, order.Limit{Value: 10_000, Known: true, Source: "MEM", Status: "unverified"}},
		"step later":    {o.StepMaxUg, order.Limit{Value: 15_000, Known: true, Source: "MEM", Status: "unverified"}},
		"days between":  {o.RiseGapDays, order.Limit{Value: 3, Known: true, Source: "VN3140", Status: "verified"}},
		"first days":    {o.FirstRiseDays, order.Limit{Value: 3, Known: true, Source: "VN3140", Status: "verified"}},
		"week early":    {o.WeekRiseInductionUg, order.Limit{Value: 20_000, Known: true, Source: "MEM", Status: "unverified"}},
		"week later":    {o.WeekRiseUg, order.Limit{Value: 30_000, Known: true, Source: "MEM", Status: "unverified"}},
		"range low":     {o.MaintenanceMinUg, order.Limit{Value: 60_000, Known: true, Source: "MEM", Status: "unverified"}},
		"range high":    {o.MaintenanceMaxUg, order.Limit{Value: 120_000, Known: true, Source: "MEM", Status: "unverified"}},
		"induction":     {o.InductionDays, order.Limit{Value: 14, Known: true, Source: "VN3140", Status: "verified"}},
		"length ind":    {o.LengthDays[order.Induction], order.Limit{Value: 1, Known: true, Source: "VNC26D", Status: "partly"}},
		"length adj":    {o.LengthDays[order.Adjustment], order.Limit{Value: 5, Known: true, Source: "VNC26D", Status: "partly"}},
		"length maint":  {o.LengthDays[order.Maintenance], order.Limit{Value: 30, Known: true, Source: "VNC26", Status: "verified"}},
		"length taper":  {o.LengthDays[order.Taper], order.Limit{Value: 14, Known: true, Source: "VNC26D", Status: "partly"}},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, c.got, c.want)
		}
	}
	d := b.Dose()
	if d.MinHours != 0 || d.WatchFromDay != 3 || d.WatchToDay != 10 || d.WatchStatus != "unverified" || d.WatchSource != "MEM" || d.OrderEndsDays != 3 {
		t.Errorf("dose limits %+v", d)
	}
	if got := b.StalePourMinutes(); got != 15 {
		t.Errorf("stale pour after %d minutes, want 15", got)
	}
	st := b.Stability()
	if want := (stability.Limit{Key: StableDoseDays, Value: 30, Known: true, Source: "DBIEN", Status: "derived"}); st.DoseDays != want {
		t.Errorf("same dose for %+v, want %+v", st.DoseDays, want)
	}
	if st.InductionDays.Value != 14 || st.WindowDays.Known || st.MissedMax.Known || st.UrineDays.Known {
		t.Errorf("stability limits %+v", st)
	}
	if _, ok := b.CountTolerance(); ok {
		t.Error("a count tolerance nobody set")
	}
	if _, ok := b.PermittedLoss(); ok {
		t.Error("a permitted loss nobody set")
	}
	if v, ok := b.RestartMax(); !ok || v != 30*unit.Milligram {
		t.Errorf("restart at most %v, %v, want 30 mg", v, ok)
	}
}

// TestMissedDays walks every table day by day, one row on each side of each
// boundary.
func TestMissedDays(t *testing.T) {
	for _, c := range []struct {
		set     string
		days    int
		action  dose.GapAction
		from    unit.Microgram // ordered
		becomes unit.Microgram
	}{
		{"vn", 1, dose.Same, 80_000, 80_000},
		{"vn", 3, dose.Same, 80_000, 80_000},
		{"vn", 4, dose.Reduce, 80_000, 40_000},
		{"vn", 5, dose.Reduce, 80_000, 40_000},
		{"vn", 6, dose.Restart, 80_000, 30_000},
		{"vn", 30, dose.Restart, 80_000, 30_000},
		{"vn", 31, dose.NewFile, 80_000, 30_000},
		{"vn", 4_000, dose.NewFile, 80_000, 30_000},
		{"au", 1, dose.Same, 100_000, 100_000},
		{"au", 2, dose.Same, 100_000, 100_000},
		{"au", 3, dose.Reduce, 100_000, 50_000},
		{"au", 4, dose.Reduce, 100_000, 40_000}, // 40 mg or half, whichever is lower
		{"au", 4, dose.Reduce, 70_000, 35_000},
		{"au", 5, dose.Restart, 100_000, 30_000},
		{"who", 1, "", 0, 0}, // no table: every gap asks the physician
	} {
		b, err := Effective(loaded(t, c.set), nil)
		if err != nil {
			t.Fatal(err)
		}
		row, ok := b.Dose().GapFor(c.days)
		if ok != (c.action != "") || row.Action != c.action {
			t.Errorf("%s, %d days: got %q, %v, want %q", c.set, c.days, row.Action, ok, c.action)
			continue
		}
		restart, _ := b.RestartMax()
		if got := row.Proposed(c.from, restart); ok && got != c.becomes {
			t.Errorf("%s, %d days: %v becomes %v, want %v", c.set, c.days, c.from, got, c.becomes)
		}
		if want := map[string]string{"vn": "unverified", "au": "verified", "who": ""}[c.set]; row.Status != want {
			t.Errorf("%s, %d days: status %q, want %q", c.set, c.days, row.Status, want)
		}
	}
}

func TestVomited(t *testing.T) {
	b, err := Effective(loaded(t, "vn"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for minutes, want := range map[int]int{0: 100, 9: 100, 10: 50, 30: 50, 31: 50, 60: 50, 61: 0, 1_000: 0} {
		if row, ok := b.Dose().VomitFor(minutes); !ok || row.Percent != want {
			t.Errorf("after %d minutes: got %d %%, %v, want %d %%", minutes, row.Percent, ok, want)
		}
	}
}

// TestFilesThatAreRefused changes one place of a good file and expects the
// words that name it.
func TestFilesThatAreRefused(t *testing.T) {
	good, err := sets.ReadFile("sets/vn.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown field", `"jurisdiction": "VN",`, `"jurisdiction": "VN", "colour": "red",`, `unknown field "colour"`},
		{"repeated field", `"jurisdiction": "VN",`, "\"jurisdiction\": \"VN\",\n \"jurisdiction\": \"XX\",", `line 4: field "jurisdiction" is given twice`},
		{"missing field", `"jurisdiction": "VN",`, ``, `field "jurisdiction" is missing`},
		{"field in another case", `"jurisdiction": "VN",`, `"Jurisdiction": "VN",`, `field "jurisdiction" is missing`},
		{"missing field in a row", `"decides": "nurse", `, ``, `/missed/rows/0: field "decides" is missing`},
		{"null where text is due", `"jurisdiction": "VN",`, `"jurisdiction": null,`, "null where a value is needed"},
		{"something after the end", "\n}\n", "\n}\n{}", "something follows the end"},
		{"text for a number", `"value": 25000`, `"value": "25000"`, "line 24"},
		{"fraction", `"value": 25000`, `"value": 25000.5`, "line 24"},
		{"cut short", "\n}\n", "\n", "line 73: EOF"},
		{"date that is none", "2024-12-31", "2024-12-32", "not a date"},
		{"ends before it starts", `"valid_to": ""`, `"valid_to": "2024-12-30"`, "valid_to: is before valid_from"},
		{"not a key", `"key": "induction_days"`, `"key": "induction_weeks"`, "induction_weeks: is no key"},
		{"key left out", `"key": "induction_days"`, `"key": "observe_after_first_dose_hours"`, "observe_after_first_dose_hours: has another unit"},
		{"key twice", `"key": "induction_days"`, `"key": "first_rise_days"`, "first_rise_days: is given twice"},
		{"mg for µg", `"value": 25000, "unit": "ug"`, `"value": 25, "unit": "ug"`, "25 is outside"},
		{"unit that is not the key's", `"value": 25000, "unit": "ug"`, `"value": 25000, "unit": "mg"`, "another unit than ug"},
		{"contradiction", `"value": 15000, "unit": "ug", "condition": "range`, `"value": 30001, "unit": "ug", "condition": "range`, "first_dose_min_ug: is above first_dose_max_ug"},
		{"unknown with a value", `"value": null`, `"value": 200000`, "daily_max_ug: is unknown and yet has a value"},
		{"no value, not unknown", `"value": 25000`, `"value": null`, "first_dose_care_from_ug: has no value and is not marked unknown"},
		{"source not listed", `"source": "VN3140"`, `"source": "VN0000"`, "cites a source that is not listed: VN0000"},
		{"memory called verified", `"source": "MEM", "edition": "2010, superseded", "status": "unverified"`, `"source": "MEM", "edition": "2010, superseded", "status": "verified"`, "calls itself verified without a document"},
		{"status only a programme gives", `"status": "partly"`, `"status": "set"`, "status a file cannot have: set"},
		{"table with a hole", `"from_days": 4,`, `"from_days": 5,`, "missed row 2: starts at day 5 where 4 is due"},
		{"table without an end", `"from_days": 31, "to_days": 0`, `"from_days": 31, "to_days": 60`, "missed row 4: only the last row is open-ended"},
		{"more than the same dose left to the nurse", `"decides": "physician"`, `"decides": "nurse"`, "missed row 2: only the same dose is the nurse's"},
		{"vomited with a hole", `"from_minutes": 10,`, `"from_minutes": 11,`, "vomited row 2: starts at minute 11 where 10 is due"},
		{"no source id", `"id": "VNHP"`, `"id": "VNC26"`, "source VNC26: needs an id of its own"},
	} {
		bad := strings.Replace(string(good), c.from, c.to, 1)
		if bad == string(good) {
			t.Errorf("%s: nothing was changed", c.name)
			continue
		}
		if _, err := Parse([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Parse(make([]byte, fileMax+1)); err == nil {
		t.Error("a file too large was read")
	}
}

// TestEveryKeyIsKnown: each constant the limits ask for stands in the
// catalogue, and each number the order room may miss has a name in the set's
// words, so that ORDER-34 can say which one it is.
func TestEveryKeyIsKnown(t *testing.T) {
	b, err := Effective(loaded(t, "who"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range catalogue {
		r, ok := b.Rule(e.key)
		if !ok || r.Unit != e.unit || !strings.HasSuffix(e.key, "_"+e.unit) {
			t.Errorf("%s: %+v", e.key, r)
		}
		if want := "rulebook." + strings.TrimSuffix(e.key, "_"+e.unit); !e.optional && r.Words != want {
			t.Errorf("%s: words %q, want %q", e.key, r.Words, want)
		}
	}
	o := b.Order()
	w := order.Write{Patient: "p", Phase: order.Induction, Amount: 15_000, First: 100, Last: 101}
	_, warns, err := order.DecideWrite(order.History{}, w, 100, o)
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, x := range warns {
		if x.Rule != "ORDER-34" {
			continue
		}
		named++
		words := "rulebook." + x.Args[0].Value.(string)
		if !slices.ContainsFunc(b.Rules(), func(r Rule) bool { return r.Words == words }) {
			t.Errorf("ORDER-34 names %s, which no number is called", words)
		}
	}
	if named == 0 {
		t.Error("the WHO set has no prescription length, and nobody was told")
	}
}

// TestUnconfirmedIsShown: a number in use that nobody verified or confirmed is
// listed until the programme confirms it.
func TestUnconfirmedIsShown(t *testing.T) {
	s := loaded(t, "vn")
	has := func(changes []Confirmed, key string) bool {
		b, err := Effective(s, changes)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(b.Unconfirmed(), func(q Question) bool { return q.Key == key })
	}
	for key, confirm := range map[string]string{
		StepMax: "step_max_ug=15000", LengthTaper: "length_taper_days=14", MissedKey: "missed=own", StalePourMinutes: "stale_pour_minutes=15",
	} {
		if !has(nil, key) {
			t.Errorf("%s is not shown as unconfirmed", key)
		}
		if has(confirmed(t, s, nil, confirm), key) {
			t.Errorf("%s is shown as unconfirmed after it was confirmed", key)
		}
	}
	if has(nil, RiseGapDays) || has(nil, DailyMax) {
		t.Error("a verified or an unknown number is shown as unconfirmed")
	}
}
