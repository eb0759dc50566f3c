package order

import (
	"fmt"
	"slices"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"

	"pgregory.net/rapid"
)

// treatment is one patient's orders as the door keeps them: what the decisions
// allow is applied, and nothing else.
type treatment struct {
	h        History
	today    day.Day
	lim      Limits
	replaces map[id.Order][]id.Order
}

// write sends an order as a determined physician would: every warning is
// answered with a reason, until it is written or refused.
func (x *treatment) write(c Write) {
	w, warns, err := DecideWrite(x.h, c, x.today, x.lim)
	for _, one := range warns {
		c.Overrides = append(c.Overrides, Override{one.Rule, "I have seen the person"})
	}
	if len(warns) > 0 {
		w, warns, err = DecideWrite(x.h, c, x.today, x.lim)
	}
	if err != nil || len(warns) > 0 {
		return
	}
	o := id.Order(fmt.Sprintf("o%d", len(x.h.Orders)))
	x.replaces[o] = w.Replaces
	x.h.Orders = append(x.h.Orders, Standing{
		Order: o, Patient: w.Patient, Phase: w.Phase, Amount: w.Amount, First: w.First, Last: w.Last,
		Overrides: w.Overrides, Imported: w.Imported, WrittenAt: day.Instant(len(x.h.Orders)),
	})
}

func (x *treatment) sign(i int) {
	o := x.h.Orders[i].Order
	if _, err := DecideSign(x.h, o, "mo", x.today, x.lim); err != nil {
		return
	}
	s := &x.h.Orders[i]
	s.Signed, s.SignedAt = true, day.Instant(x.today)*1000+day.Instant(i)
	for j := range x.h.Orders {
		if slices.Contains(x.replaces[o], x.h.Orders[j].Order) {
			x.stop(j, s.First)
		}
	}
}

func (x *treatment) stop(i int, from day.Day) {
	if s := &x.h.Orders[i]; s.StoppedFrom == day.Never || from < s.StoppedFrom {
		s.StoppedFrom = from
	}
}

// TestNoPathGoesAboveAHardLimit: whatever is written, answered for, signed and
// stopped, on no day is an order in force above the programme's daily maximum,
// none starts treatment above the largest first dose, and one person's orders
// never contradict each other.
func TestNoPathGoesAboveAHardLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		daily := rapid.SampledFrom([]int64{40_000, 120_000, 200_000}).Draw(t, "daily")
		lim := testLimits()
		lim.DailyMaxUg = known(daily, "set")
		x := &treatment{today: testDay, lim: lim, replaces: map[id.Order][]id.Order{}}
		x.h.Strengths = []unit.Strength{10_000}
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			x.act(t)
			x.mustHold(t, daily)
		}
	})
}

// act is one thing that may happen in a treatment.
func (x *treatment) act(t *rapid.T) {
	switch rapid.SampledFrom([]string{"write", "write", "sign", "stop", "dose", "gap", "tomorrow"}).Draw(t, "act") {
	case "write":
		first := x.today + day.Day(rapid.IntRange(-3, 12).Draw(t, "first"))
		x.write(Write{
			Patient: "p", Phase: rapid.SampledFrom(Phases).Draw(t, "phase"),
			Amount: unit.Microgram(rapid.SampledFrom([]int64{0, 10, 20, 30, 31, 40, 41, 80, 120, 121, 200, 201}).Draw(t, "mg")) * unit.Milligram,
			First:  first, Last: first + day.Day(rapid.SampledFrom([]int{0, 3, 6, 7, 13, 29, 30}).Draw(t, "days")),
			Reason: "as discussed", Imported: rapid.Bool().Draw(t, "imported"),
		})
	case "sign":
		if n := len(x.h.Orders); n > 0 {
			x.sign(rapid.IntRange(0, n-1).Draw(t, "which"))
		}
	case "stop":
		if n := len(x.h.Orders); n > 0 {
			i := rapid.IntRange(0, n-1).Draw(t, "which")
			from := x.today + day.Day(rapid.IntRange(-2, 5).Draw(t, "from"))
			if s, err := DecideStop(x.h, Stop{Order: x.h.Orders[i].Order, From: from, Reason: "asked to"}, x.today); err == nil {
				x.stop(i, s.From)
			}
		}
	case "dose":
		if s, no := InForce(x.h.Orders, x.today); no == nil {
			if x.h.FirstDose == day.Never {
				x.h.FirstDose = x.today
			}
			x.h.LastDose, x.h.LastAmount, x.h.RestartMaxUg = x.today, s.Amount, 0
		}
	case "gap":
		x.h.RestartMaxUg = 20 * unit.Milligram
	case "tomorrow":
		x.today++
	}
}

func (x *treatment) mustHold(t *rapid.T, daily int64) {
	for d := x.today; d < x.today+50; d++ {
		s, no := InForce(x.h.Orders, d)
		switch {
		case no != nil && no.Rule == "ORDER-44":
			t.Fatalf("day %d: orders that replace each other contradict: %+v", d, x.h.Orders)
		case no != nil:
		case int64(s.Amount) > daily:
			t.Fatalf("day %d: %v in force above the daily maximum %d", d, s.Amount, daily)
		case s.Phase == Induction && !s.Imported && x.h.FirstDose == day.Never && s.Amount > 30*unit.Milligram:
			t.Fatalf("day %d: %v starts treatment", d, s.Amount)
		case s.Amount <= 0 || !s.Signed:
			t.Fatalf("day %d: in force: %+v", d, s)
		}
	}
}

// TestAnythingIsAnsweredInWords: no command, however wrong, makes a panic or a
// fault, and nothing is both written and warned about.
func TestAnythingIsAnsweredInWords(t *testing.T) {
	anyDay := rapid.Int32Range(-1<<31, 1<<31-1)
	rapid.Check(t, func(t *rapid.T) {
		c := Write{
			Phase:  Phase(rapid.SampledFrom([]string{"", "induction", "taper", "'; --"}).Draw(t, "phase")),
			Amount: unit.Microgram(rapid.Int64().Draw(t, "amount")),
			First:  day.Day(anyDay.Draw(t, "first")), Last: day.Day(anyDay.Draw(t, "last")),
			Reason: rapid.String().Draw(t, "reason"), Imported: rapid.Bool().Draw(t, "imported"),
		}
		today := day.Day(rapid.Int32Range(1, 100_000).Draw(t, "today"))
		w, warns, err := DecideWrite(History{Strengths: []unit.Strength{10_000}}, c, today, testLimits())
		if err != nil && reason.Rule(err) == "" {
			t.Fatalf("a fault: %v", err)
		}
		if w.Amount != 0 && (err != nil || len(warns) > 0) {
			t.Fatalf("written %+v and yet %v, %v", w, warns, err)
		}
	})
}
