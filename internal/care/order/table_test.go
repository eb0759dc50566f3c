package order

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"
)

const testDay day.Day = 100

func known(v int64, status string) Limit {
	return Limit{Value: v, Known: true, Source: "TEST", Status: status}
}

// testLimits are the limits named in the head of testdata/write.txt.
func testLimits() Limits {
	return Limits{
		Version:        7,
		FirstDoseMaxUg: known(20_000, "verified"), FirstDoseCareUg: known(18_000, "verified"),
		FirstDoseHighMaxUg: known(30_000, "verified"), DailyMaxUg: known(200_000, "set"),
		StepMaxInductionUg: known(10_000, "unverified"), StepMaxUg: known(15_000, "unverified"),
		RiseGapDays: known(3, "verified"), FirstRiseDays: known(3, "verified"),
		WeekRiseInductionUg: known(20_000, "unverified"), WeekRiseUg: known(30_000, "unverified"),
		MaintenanceMinUg: known(60_000, "unverified"), MaintenanceMaxUg: known(120_000, "unverified"),
		InductionDays: known(14, "verified"),
		LengthDays: map[Phase]Limit{
			Induction: known(7, "set"), Adjustment: known(10, "partly"),
			Maintenance: known(30, "verified"), Taper: known(14, "set"),
		},
	}
}

// rows reads a rule table: the fields of each line without its comment.
func rows(t *testing.T, file string, visit func(t *testing.T, f []string)) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	sc := bufio.NewScanner(f)
	n := 0
	for line := 1; sc.Scan(); line++ {
		text, _, _ := strings.Cut(sc.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		n++
		t.Run(fmt.Sprintf("%s:%d", file, line), func(t *testing.T) { visit(t, fields) })
	}
	if err := sc.Err(); err != nil || n == 0 {
		t.Fatalf("%s: %d rows, %v", file, n, err)
	}
}

func mg(t *testing.T, s string) unit.Microgram {
	t.Helper()
	v, err := unit.ParseMg(s)
	if err != nil {
		t.Fatalf("amount %q: %v", s, err)
	}
	return v
}

func num(t *testing.T, s string) int {
	t.Helper()
	if s == "-" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("number %q: %v", s, err)
	}
	return n
}

// orders reads "S70-99:80!95,W100-110:90".
func orders(t *testing.T, s string, p Phase) []Standing {
	t.Helper()
	if s == "-" {
		return nil
	}
	var list []Standing
	for i, one := range strings.Split(s, ",") {
		o := Standing{Order: id.Order(fmt.Sprintf("o%d", i)), Phase: p, Patient: "p", WrittenAt: day.Instant(i)}
		o.Signed = one[0] == 'S'
		o.Imported = one[0] == 'I'
		body, stop, _ := strings.Cut(one[1:], "!")
		days, amount, _ := strings.Cut(body, ":")
		first, last, _ := strings.Cut(days, "-")
		o.First, o.Last, o.Amount = day.Day(num(t, first)), day.Day(num(t, last)), mg(t, amount)
		if stop != "" {
			o.StoppedFrom = day.Day(num(t, stop))
		}
		list = append(list, o)
	}
	return list
}

// writeCase reads the columns of write.txt.
func writeCase(t *testing.T, f []string) (History, Write) {
	t.Helper()
	h := History{Orders: orders(t, f[5], Maintenance), FirstDose: day.Day(num(t, f[4])), Strengths: []unit.Strength{10_000}}
	if h.FirstDose != day.Never {
		h.LastDose = testDay - 1
	}
	if f[6] != "-" {
		h.RestartMaxUg = mg(t, f[6])
	}
	c := Write{
		Patient: "p", Phase: Phase(f[0]), First: day.Day(num(t, f[1])), Last: day.Day(num(t, f[2])),
		Amount: mg(t, f[3]), Reason: "said so",
	}
	for _, m := range strings.Split(f[7], ",") {
		key, val, _ := strings.Cut(m, "=")
		switch {
		case key == "-":
		case key == "noreason":
			c.Reason = " "
		case key == "long":
			c.Reason = strings.Repeat("x", textMax+1)
		case key == "imported":
			c.Imported = true
		case key == "bottle":
			h.Strengths = append(h.Strengths, unit.Strength(mg(t, val)))
		case key == "last":
			h.LastAmount = mg(t, val)
		case key == "blank":
			c.Overrides = append(c.Overrides, Override{val, " "})
		case key == "over":
			c.Overrides = append(c.Overrides, Override{val, "for a reason"})
		case strings.HasPrefix(key, "ORDER-"): // more after over=
			c.Overrides = append(c.Overrides, Override{key, "for a reason"})
		default:
			t.Fatalf("unknown word %q", m)
		}
	}
	return h, c
}

// answer writes a decision as the tables do.
func answer(w []reason.Warning, err error, limitNames bool) string {
	var r *reason.Refusal
	switch {
	case errors.As(err, &r):
		return r.Rule
	case err != nil:
		return err.Error()
	case len(w) == 0:
		return "ok"
	}
	out := "?"
	for _, x := range w {
		out += " " + x.Rule
		if limitNames && x.Rule == unknownRule {
			out += ":" + x.Args[0].Value.(string)
		}
	}
	return out
}

func TestWrite(t *testing.T) {
	for file, lim := range map[string]Limits{"write.txt": testLimits(), "unknown.txt": {}} {
		rows(t, file, func(t *testing.T, f []string) {
			h, c := writeCase(t, f)
			w, warns, err := DecideWrite(h, c, testDay, lim)
			want := strings.Join(f[8:], " ")
			if got := answer(warns, err, file == "unknown.txt"); got != want {
				t.Errorf("got %s, want %s (%v)", got, want, warns)
			}
			if want == "ok" && (w.Amount != c.Amount || w.Order != "" || w.Rules != lim.Version) {
				t.Errorf("written %+v does not say what was asked", w)
			}
			if want != "ok" && w.Amount != 0 {
				t.Errorf("something was written: %+v", w)
			}
		})
	}
}

func TestSign(t *testing.T) {
	rows(t, "sign.txt", func(t *testing.T, f []string) {
		h := History{Orders: orders(t, f[1], Phase(f[0])), FirstDose: day.Day(num(t, f[2]))}
		s, err := DecideSign(h, "o0", id.Person(strings.Trim(f[3], "-")), testDay, testLimits())
		if got := answer(nil, err, false); got != f[4] {
			t.Errorf("got %s, want %s", got, f[4])
		}
		if err == nil && (s.Order != "o0" || s.Patient != "p") {
			t.Errorf("signed %+v, want order o0 of p", s)
		}
	})
}

func TestStop(t *testing.T) {
	rows(t, "stop.txt", func(t *testing.T, f []string) {
		why := map[string]string{"-": " ", "why": "why", "long": strings.Repeat("x", textMax+1)}[f[2]]
		s, err := DecideStop(History{Orders: orders(t, f[0], Maintenance)}, Stop{Order: "o0", From: day.Day(num(t, f[1])), Reason: why}, testDay)
		if got := answer(nil, err, false); got != f[3] {
			t.Errorf("got %s, want %s", got, f[3])
		}
		if err == nil && !reflect.DeepEqual(s, Stopped{Order: "o0", Patient: "p", From: day.Day(num(t, f[1])), Reason: "why"}) {
			t.Errorf("stopped %+v", s)
		}
	})
}

func TestInForce(t *testing.T) {
	rows(t, "force.txt", func(t *testing.T, f []string) {
		list := orders(t, f[1], Maintenance)
		for range 2 { // the answer must not depend on the order of the list
			s, no := InForce(list, day.Day(num(t, f[0])))
			got := unit.Decimal(int64(s.Amount), ".")
			if no != nil {
				got = no.Rule
			}
			if got != f[2] {
				t.Errorf("got %s, want %s", got, f[2])
			}
			slices.Reverse(list)
		}
	})
}

// TestReplaces: a new order ends every order with a day in common, signed or
// waiting, and no other.
func TestReplaces(t *testing.T) {
	h := History{FirstDose: 10, Orders: orders(t, "S70-99:80,S70-100:80,W105-120:80,S111-120:80,S90-110:80!100,W100-110:80!100,S90-110:80!101", Maintenance)}
	c := Write{Patient: "p", Phase: Maintenance, Amount: 80_000, First: 100, Last: 110, Reason: "renewed"}
	w, warns, err := DecideWrite(h, c, testDay, testLimits())
	if err != nil || len(warns) > 0 {
		t.Fatalf("got %v, %v, want an order", warns, err)
	}
	if want := []id.Order{"o1", "o2", "o6"}; !slices.Equal(w.Replaces, want) {
		t.Errorf("replaces %v, want %v", w.Replaces, want)
	}
}

// TestWarningsCarryTheirSource: a warning shows where its number comes from
// and how sure it is; only the overrides that were needed are recorded.
func TestWarningsCarryTheirSource(t *testing.T) {
	h := History{FirstDose: 10, Orders: orders(t, "S70-99:80", Maintenance)}
	c := Write{Patient: "p", Phase: Maintenance, Amount: 130_000, First: 100, Last: 110, Reason: "level is low"}
	c.Overrides = []Override{{"ORDER-25", "seen twice"}, {"STOCK-01", "of no use"}}
	_, warns, err := DecideWrite(h, c, testDay, testLimits())
	if err != nil || answer(warns, nil, false) != "? ORDER-28 ORDER-29" {
		t.Fatalf("got %v, %v", warns, err)
	}
	for _, w := range warns {
		if w.Source != "TEST" || w.Status != "unverified" || !w.Stop {
			t.Errorf("%v: source %q, status %q, stop %v", w, w.Source, w.Status, w.Stop)
		}
	}
	c.Overrides = append(c.Overrides, Override{"ORDER-28", "a"}, Override{"ORDER-29", "b"})
	w, warns, err := DecideWrite(h, c, testDay, testLimits())
	if want := []Override{{"ORDER-25", "seen twice"}, {"ORDER-28", "a"}, {"ORDER-29", "b"}}; err != nil || !slices.Equal(w.Overrides, want) {
		t.Errorf("overrides %v (%v, %v), want %v", w.Overrides, warns, err, want)
	}
}

// TestSignWarnings: what was answered at writing is not asked again; an order
// from a file comes with everything it would have raised.
func TestSignWarnings(t *testing.T) {
	h := History{FirstDose: 10, Orders: orders(t, "S70-99:80,W100-110:130,I100-110:130", Maintenance)}
	h.Orders[1].Overrides = []Override{{"ORDER-25", "a"}, {"ORDER-28", "b"}, {"ORDER-29", "c"}}
	for o, want := range map[id.Order]string{"o1": "ok", "o2": "? ORDER-25 ORDER-28 ORDER-29", "o9": "ORDER-13"} {
		warns, err := SignWarnings(h, o, testLimits())
		if got := answer(warns, err, false); got != want {
			t.Errorf("order %s: got %s, want %s", o, got, want)
		}
	}
}
