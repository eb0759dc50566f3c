package stock

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
	"tram/internal/unit"

	"pgregory.net/rapid"
)

const testDay day.Day = 100

func no(t *testing.T, err error) string {
	t.Helper()
	var r *reason.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return r.Rule
}

func ml(v unit.Microlitre) string { return strings.ReplaceAll(v.String(), " ", "") }

// witness reads who stood beside: a name, or alone at a site of one person.
func witness(r *ruletable.Row) Second {
	if s := r.Text("witness"); s != "alone" {
		return Second{Person: id.Person(s)}
	}
	return Second{Alone: true}
}

func TestReceive(t *testing.T) {
	ruletable.Run(t, "receive.txt", func(r *ruletable.Row) string {
		known := false
		c := Receive{
			Code: id.CheckCode("MB-0311"), Product: r.Words("product", labelMax), Lot: r.Words("lot", labelMax), Expiry: day.Day(r.Int("expiry")),
			Strength: unit.Strength(r.Mg("strength")), Volume: r.ML("volume"), Note: r.Words("note", textMax), Witness: witness(r),
		}
		r.Each("code", map[string]func(string){
			"right":   func(string) {},
			"known":   func(string) { known = true },
			"none":    func(string) { c.Code = "" },
			"wrong":   func(string) { c.Code = "MB-0312" + c.Code[len(c.Code)-2:] },
			"no_sign": func(string) { c.Code = "MB-0311" },
			"lower":   func(string) { c.Code = " " + strings.ToLower(c.Code) },
		})
		f, err := DecideReceive(c, known, "nurse", testDay)
		if err != nil {
			return no(t, err)
		}
		if f.Code != id.CheckCode("MB-0311") || f.Witness != c.Witness.Person || f.Strength != c.Strength || f.Expiry != c.Expiry {
			t.Errorf("fact %+v", f)
		}
		return ml(f.Volume)
	})
}

// bottle is the bottle of a row: 1000 mL of 10 mg/mL, opened on day 90.
func bottle(r *ruletable.Row) Bottle {
	b := Bottle{Bottle: "b", Size: 1000 * unit.Millilitre, Left: 500 * unit.Millilitre, Strength: 10_000, Expiry: 200, Opened: 90}
	r.Each("bottle", map[string]func(string){
		"sealed":   func(string) { b.Opened, b.Left = day.Never, b.Size },
		"finished": func(string) { b.Finished = true },
		"expiry":   func(v string) { b.Expiry = day.Day(r.Number(v)) },
		"left":     func(v string) { b.Left = r.Volume(v) },
	})
	return b
}

func TestBottle(t *testing.T) {
	ruletable.Run(t, "bottle.txt", func(r *ruletable.Row) string {
		b, w, volume, why := bottle(r), witness(r), r.ML("volume"), r.Words("why", textMax)
		var open []Bottle
		r.Each("open", map[string]func(string){
			"strength": func(v string) {
				open = append(open, Bottle{Bottle: "o", Strength: unit.Strength(r.Amount(v)), Left: 1, Opened: 80})
			},
		})
		tol := Tolerance{}
		if s := r.Text("tolerance"); s != "" {
			tol = Tolerance{Volume: r.Volume(s), Known: true}
		}
		switch act := r.Text("act"); act {
		case "open":
			if _, err := DecideOpen(b, open, w, "nurse", testDay); err != nil {
				return no(t, err)
			}
			return "opened"
		case "spill":
			f, err := DecideSpill(b, Spill{Bottle: "b", Volume: volume, Why: why, Witness: w}, "nurse", testDay)
			if err != nil {
				return no(t, err)
			}
			return ml(f.Volume)
		case "count":
			f, err := DecideCount(b, Count{Bottle: "b", Measured: volume, Why: why, Witness: w}, tol, "nurse", testDay)
			if err != nil {
				return no(t, err)
			}
			return ml(f.Book) + "/" + ml(f.Measured)
		case "finish":
			if _, err := DecideFinish(b, w, "nurse", testDay); err != nil {
				return no(t, err)
			}
			return "finished"
		default:
			t.Fatalf("no act %q", act)
			return ""
		}
	})
}

func TestDraw(t *testing.T) {
	ruletable.Run(t, "draw.txt", func(r *ruletable.Row) string {
		var open []Bottle
		if text := r.Text("bottles"); text != "" {
			for i, v := range strings.Split(text, "+") {
				open = append(open, Bottle{Bottle: id.Bottle(rune('A' + i)), Left: r.Volume(v)})
			}
		}
		draws, err := Draw(open, r.ML("dose"))
		if err != nil {
			return no(t, err)
		}
		var parts []string
		for _, d := range draws {
			parts = append(parts, fmt.Sprintf("%s:%s", d.Bottle, ml(d.Volume)))
		}
		return strings.Join(parts, "+")
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }

// TestDrawIsExact: what is drawn is exactly what was asked, from bottles that
// hold it, first opened first; and a refusal leaves no part of a draw.
func TestDrawIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var open []Bottle
		var held unit.Microlitre
		for i := range rapid.IntRange(0, 4).Draw(t, "bottles") {
			left := unit.Microlitre(rapid.Int64Range(0, 12_000).Draw(t, "left"))
			open, held = append(open, Bottle{Bottle: id.Bottle(fmt.Sprint(i)), Left: left}), held+left
		}
		v := unit.Microlitre(rapid.Int64Range(-1, 25_000).Draw(t, "dose"))
		draws, err := Draw(open, v)
		if err != nil {
			if draws != nil {
				t.Fatalf("refused, and drew %v", draws)
			}
			if rule := reason.Rule(err); rule != "STOCK-17" && v > 0 && v <= held {
				t.Fatalf("%v of %v refused by %s", v, held, rule)
			}
			return
		}
		var sum unit.Microlitre
		next := 0
		for _, d := range draws {
			for string(d.Bottle) != fmt.Sprint(next) {
				if open[next].Left > 0 {
					t.Fatalf("bottle %d still holds %v and was passed over: %v", next, open[next].Left, draws)
				}
				next++
			}
			open[next].Left -= d.Volume
			if d.Volume <= 0 || open[next].Left < 0 {
				t.Fatalf("%v leaves %v", d, open[next].Left)
			}
			sum += d.Volume
		}
		if sum != v || v <= 0 || len(draws) > 2 {
			t.Fatalf("%v drawn as %v", v, draws)
		}
	})
}

// shelf is a bottle's book kept by hand, to compare with what the decisions say.
type shelf struct {
	b                       Bottle
	drawn, lost, difference unit.Microlitre
}

// TestEveryDropIsSomewhere: through any days of pouring, spilling and counting,
// the book of a bottle is never below nothing, never above what a bottle of its
// label can hold, and what was in it equals what is left, what was drawn, what was lost and what the
// counts did not find.
func TestEveryDropIsSomewhere(t *testing.T) {
	people := []id.Person{"nurse", "other", ""}
	rapid.Check(t, func(t *rapid.T) {
		s := shelf{b: Bottle{Bottle: "b", Size: 100 * unit.Millilitre, Left: 100 * unit.Millilitre, Strength: 10_000, Expiry: 200}}
		for range rapid.IntRange(1, 40).Draw(t, "acts") {
			v := unit.Microlitre(rapid.Int64Range(-10, 30_000).Draw(t, "volume"))
			w := Second{rapid.SampledFrom(people).Draw(t, "witness"), rapid.Bool().Draw(t, "alone")}
			beside, err := s.act(rapid.SampledFrom([]string{"open", "draw", "draw", "spill", "count", "finish"}).Draw(t, "act"), v, w)
			if err == nil && beside == "nurse" {
				t.Fatalf("the nurse was the nurse's own witness")
			}
			if s.b.Left < 0 || s.b.Left > s.b.Size+s.b.Size/overfill || s.b.Left != s.b.Size-s.drawn-s.lost+s.difference {
				t.Fatalf("%+v", s)
			}
		}
	})
}

// act does one thing and says who witnessed it.
func (s *shelf) act(what string, v unit.Microlitre, w Second) (id.Person, error) {
	switch what {
	case "open":
		f, err := DecideOpen(s.b, nil, w, "nurse", testDay)
		if err == nil {
			s.b.Opened = f.Day
		}
		return f.Witness, err
	case "draw":
		if s.b.Opened == day.Never || s.b.Finished {
			return "", nil
		}
		draws, err := Draw([]Bottle{s.b}, v)
		for _, d := range draws {
			s.b.Left, s.drawn = s.b.Left-d.Volume, s.drawn+d.Volume
		}
		return "", err
	case "spill":
		f, err := DecideSpill(s.b, Spill{"b", v, "fell", w}, "nurse", testDay)
		if err == nil {
			s.b.Left, s.lost = s.b.Left-f.Volume, s.lost+f.Volume
		}
		return f.Witness, err
	case "count":
		f, err := DecideCount(s.b, Count{"b", s.b.Left + v/1000, "", w}, Tolerance{30, true}, "nurse", testDay)
		if err == nil {
			s.difference += f.Measured - f.Book
			s.b.Left = f.Measured
		}
		return f.Witness, err
	default:
		f, err := DecideFinish(s.b, w, "nurse", testDay)
		s.b.Finished = s.b.Finished || err == nil
		return f.Witness, err
	}
}
