package order

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/unit"

	"pgregory.net/rapid"
)

var oneOrder = regexp.MustCompile(`^(\w+)@(\w+):(\d+)-(\d+):(\d+)([>~%\w]*)$`)

// atSites reads the orders of odds.txt, and ends those that another replaces
// as the records do.
func atSites(t *testing.T, s string) []Standing {
	t.Helper()
	var list []Standing
	for i, one := range strings.Split(s, ",") {
		if stop, ok := strings.CutPrefix(one, "!"); ok {
			stopAtSite(t, list, stop)
			continue
		}
		m := oneOrder.FindStringSubmatch(one)
		if m == nil {
			t.Fatalf("order %q", one)
		}
		o := Standing{
			Order: id.Order(m[1]), Site: id.Site(m[2]), First: day.Day(num(t, m[3])), Last: day.Day(num(t, m[4])), Amount: mg(t, m[5]),
			Phase: Maintenance, Patient: "p", Signed: true, SignedAt: day.Instant(i + 1),
		}
		for _, x := range regexp.MustCompile(`[>~%]\w+`).FindAllString(m[6], -1) {
			switch x[0] {
			case '>':
				o.Replaces = append(o.Replaces, id.Order(x[1:]))
			case '~':
				o.KnewEnded = append(o.KnewEnded, id.Order(x[1:]))
			default:
				o.Phase = Phase(x[1:])
			}
		}
		list = append(list, o)
	}
	end := func(o id.Order, from day.Day) {
		i := slices.IndexFunc(list, func(s Standing) bool { return s.Order == o })
		if list[i].StoppedFrom == day.Never || from < list[i].StoppedFrom {
			list[i].StoppedFrom = from
		}
	}
	for _, o := range list {
		for _, x := range o.Replaces {
			end(x, o.First)
		}
		for _, x := range o.Stops {
			end(o.Order, x.From)
		}
	}
	return list
}

func stopAtSite(t *testing.T, list []Standing, s string) {
	t.Helper()
	m := regexp.MustCompile(`^(\w+)@(\w+):(\d+)(=(\w+))?(\*(\w+))?$`).FindStringSubmatch(s)
	if m == nil {
		t.Fatalf("stop %q", s)
	}
	e := Ending{Site: id.Site(m[2]), From: day.Day(num(t, m[3])), For: id.Order(m[7])}
	if m[5] != "" {
		e.Knew = []id.Order{id.Order(m[5])}
	}
	i := slices.IndexFunc(list, func(x Standing) bool { return string(x.Order) == m[1] })
	list[i].Stops = append(list[i].Stops, e)
}

// TestOdds: rules ORDER-44 and ORDER-48 to ORDER-51 by their table, in every
// order of the list.
func TestOdds(t *testing.T) {
	rows(t, "odds.txt", func(t *testing.T, f []string) {
		list := atSites(t, f[1])
		permuted(list, func(list []Standing) {
			d := day.Day(num(t, f[0]))
			if got := said(list, d); got != f[2] {
				t.Errorf("%v: got %s, want %s", names2(list), got, f[2])
			}
			o, ok := At(list, d)
			got := "-"
			if ok {
				got = o.Rule.Rule
			}
			if got != f[3] {
				t.Errorf("%v: at odds %s, want %s", names2(list), got, f[3])
			}
		})
	})
}

func said(list []Standing, d day.Day) string {
	s, no := InForce(list, d)
	if no != nil {
		return no.Rule
	}
	return fmt.Sprintf("%s-%d", unit.Decimal(int64(s.Amount), "."), end(s))
}

func names2(list []Standing) (out []id.Order) {
	for _, s := range list {
		out = append(out, s.Order)
	}
	return out
}

func permuted(list []Standing, visit func([]Standing)) {
	if len(list) < 2 {
		visit(list)
		return
	}
	for i := range list {
		rest := slices.Concat(list[:i], list[i+1:])
		permuted(rest, func(p []Standing) { visit(slices.Concat([]Standing{list[i]}, p)) })
	}
}

// sites draws orders of two sites, each of which knows its own and, now and
// then, what the other has: it writes, signs and stops as the decisions allow.
// long: one case for each act.
func sites(t *rapid.T) (all []Standing, today day.Day) {
	today = testDay
	replaces := map[id.Order][]id.Order{}
	known := map[id.Site]map[id.Order]int{"A": {}, "B": {}} // by order, how many of its stops are known
	see := func(s id.Site) History {
		var h History
		h.FirstDose, h.Strengths = 10, []unit.Strength{10_000}
		for _, o := range all {
			stops, ok := known[s][o.Order]
			if !ok {
				continue
			}
			o.Stops, o.StoppedFrom = o.Stops[:stops], day.Never
			for _, e := range o.Stops {
				o.StoppedFrom = sooner(o.StoppedFrom, e.From)
			}
			for n, list := range replaces {
				if _, ok := known[s][n]; ok && slices.Contains(list, o.Order) {
					o.StoppedFrom = sooner(o.StoppedFrom, find2(all, n).First)
				}
			}
			h.Orders = append(h.Orders, o)
		}
		return h
	}
	for range rapid.IntRange(2, 10).Draw(t, "acts") {
		s := rapid.SampledFrom([]id.Site{"A", "B"}).Draw(t, "site")
		switch rapid.SampledFrom([]string{"write", "write", "stop", "hear", "day", "choose"}).Draw(t, "act") {
		case "write":
			first := today + day.Day(rapid.IntRange(0, 6).Draw(t, "first"))
			c := Write{Patient: "p", Phase: Maintenance, Amount: unit.Microgram(rapid.IntRange(6, 9).Draw(t, "mg")) * 10_000, First: first, Last: first + day.Day(rapid.IntRange(0, 9).Draw(t, "days")), Reason: "r"}
			for _, r := range []string{"ORDER-21", "ORDER-22", "ORDER-23", "ORDER-24", "ORDER-25", "ORDER-26", "ORDER-27", "ORDER-28", "ORDER-29", "ORDER-30", "ORDER-31", "ORDER-32", "ORDER-33", "ORDER-34", "ORDER-35"} {
				c.Overrides = append(c.Overrides, Override{r, "r"})
			}
			w, warn, err := DecideWrite(see(s), c, today, testLimits())
			if err != nil || len(warn) > 0 {
				t.Fatalf("%v %v", err, warn)
			}
			o := id.Order(fmt.Sprint("o", len(all)))
			replaces[o], known[s][o] = w.Replaces, 0
			all = append(all, Standing{Order: o, Patient: "p", Phase: w.Phase, Amount: w.Amount, First: w.First, Last: w.Last, Signed: true, SignedAt: day.Instant(len(all) + 1), Site: s, Replaces: w.Replaces, KnewEnded: w.KnewEnded})
		case "stop", "choose":
			h := see(s)
			if len(h.Orders) == 0 {
				continue
			}
			o := h.Orders[rapid.IntRange(0, len(h.Orders)-1).Draw(t, "which")].Order
			var fs []Stopped
			if rapid.Bool().Draw(t, "choose") {
				fs, _ = DecideChoose(h, Choose{o, "r"}, "mo", today, testLimits()) // a refusal changes nothing
			} else if f, err := DecideStop(h, Stop{o, today, "r"}, today); err == nil {
				fs = append(fs, f)
			}
			for _, f := range fs {
				x := find2(all, f.Order)
				if known[s][x.Order] < len(x.Stops) { // what is known is the first few: hear the others first
					continue
				}
				x.Stops = append(x.Stops, Ending{s, f.From, f.Knew, f.For})
				known[s][x.Order] = len(x.Stops)
			}
		case "hear":
			for _, o := range all {
				known[s][o.Order] = len(o.Stops)
			}
		case "day":
			today++
		}
	}
	for i := range all {
		for _, e := range all[i].Stops {
			all[i].StoppedFrom = sooner(all[i].StoppedFrom, e.From)
		}
		for _, o := range all {
			if slices.Contains(o.Replaces, all[i].Order) {
				all[i].StoppedFrom = sooner(all[i].StoppedFrom, o.First)
			}
		}
	}
	return all, today
}

func sooner(a, b day.Day) day.Day {
	if a == day.Never {
		return b
	}
	return min(a, b)
}

func find2(all []Standing, o id.Order) *Standing {
	return &all[slices.IndexFunc(all, func(s Standing) bool { return s.Order == o })]
}

// TestTheSaferOneStands: whatever two sites write, stop and choose, knowing or
// not knowing of each other, what is in force on a day is never above any
// order that covers it, never lasts longer than any of those at odds, does not
// depend on the order of the list or on which site is "here", and is shown as
// open wherever two differ. A new order that names all of them ends it.
func TestTheSaferOneStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, today := sites(t)
		turned := slices.Clone(all)
		slices.Reverse(turned)
		for d := today; d < today+20; d++ {
			s, no := InForce(all, d)
			if a, b := said(all, d), said(turned, d); a != b {
				t.Fatalf("day %d: %s, and %s the other way round", d, a, b)
			}
			o, open := At(all, d)
			for _, x := range all {
				switch {
				case no != nil || !x.Covers(d):
				case s.Amount > x.Amount || open && end(s) > end(x):
					t.Fatalf("day %d: %+v in force beside %+v", d, s, x)
				case x.Amount != s.Amount && !open:
					t.Fatalf("day %d: %+v and %+v differ and nobody is asked", d, s, x)
				}
			}
			if no != nil && no.Rule == "ORDER-44" {
				t.Fatalf("day %d: one site's own orders contradict: %+v", d, all)
			}
			if open && o.Stands.Amount != s.Amount {
				t.Fatalf("day %d: shown %+v, in force %+v", d, o.Stands, s)
			}
		}
		answered(t, all, today)
	})
}

// answered writes a new order with everything known, and chooses each order at
// odds: either ends it.
func answered(t *rapid.T, all []Standing, today day.Day) {
	h := History{FirstDose: 10, Orders: all}
	c := Write{Patient: "p", Phase: Maintenance, First: today, Last: today + 40}
	n := Standing{Order: "n", Patient: "p", Phase: Maintenance, Amount: 65_000, First: today, Last: today + 40, Signed: true, SignedAt: 999, Site: "A", Replaces: replaced(h, c), KnewEnded: knownEnded(h, c)}
	after := slices.Clone(all)
	for i := range after {
		if slices.Contains(n.Replaces, after[i].Order) {
			after[i].StoppedFrom = sooner(after[i].StoppedFrom, today)
		}
	}
	after = append(after, n)
	if got := said(after, today); got != fmt.Sprintf("65-%d", today+40) {
		t.Fatalf("a new order that names all: %s, of %+v", got, after)
	}
	if o, open := At(after, today); open {
		t.Fatalf("a new order that names all leaves %+v", o)
	}
	odds, _ := At(all, today)
	for _, s := range odds.Orders {
		stops, err := DecideChoose(h, Choose{s.Order, "seen"}, "mo", today, testLimits())
		if err != nil {
			if !slices.Contains([]string{"ORDER-18", "ORDER-52"}, reason.Rule(err)) {
				t.Fatal(err)
			}
			continue
		}
		after := slices.Clone(all)
		for _, f := range stops {
			x := find2(after, f.Order)
			x.Stops = append(slices.Clone(x.Stops), Ending{"A", f.From, f.Knew, f.For})
			x.StoppedFrom = sooner(x.StoppedFrom, f.From)
		}
		got, no := InForce(after, max(today, s.First))
		if no != nil || got.Amount != s.Amount || end(got) != end(s) {
			t.Fatalf("chose %s, in force %+v, %v; of %+v", s.Order, got, no, after)
		}
	}
}

// TestChoose: rules ORDER-11, ORDER-13, ORDER-17, ORDER-18, ORDER-20 and
// ORDER-52.
func TestChoose(t *testing.T) {
	two := "a@A:90-110:80,b@B:95-110:70"
	for name, x := range map[string]struct {
		orders, choose, why string
		by                  id.Person
		want                string
	}{
		"one of two":        {two, "a", "seen", "mo", "ok"},
		"nobody":            {two, "a", "seen", "", "ORDER-17"},
		"no reason":         {two, "a", " ", "mo", "ORDER-20"},
		"a book":            {two, "a", strings.Repeat("x", textMax+1), "mo", "ORDER-11"},
		"another":           {two, "c", "seen", "mo", "ORDER-13"},
		"one that ended":    {"a@A:90-99:80,b@B:95-110:70", "a", "seen", "mo", "ORDER-18"},
		"nothing to answer": {"a@A:90-110:80", "a", "seen", "mo", "ORDER-52"},
		"above the maximum": {"a@A:90-110:210,b@B:95-110:70", "a", "seen", "mo", "ORDER-06"},
		"of one site":       {"a@A:90-110:80,b@A:95-110:70", "a", "seen", "mo", "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			fs, err := DecideChoose(History{FirstDose: 10, Orders: atSites(t, x.orders)}, Choose{id.Order(x.choose), x.why}, x.by, testDay, testLimits())
			got := reason.Rule(err)
			if err == nil && len(fs) == 1 && fs[0].Order == "b" && fs[0].For == "a" && fs[0].From == testDay {
				got = "ok"
			}
			if got != x.want {
				t.Errorf("got %s (%+v), want %s", got, fs, x.want)
			}
		})
	}
}
