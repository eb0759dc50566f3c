package transfer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
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

// inst is the installation of a row: site TG, number 2, open on day 100 with
// its baton, but for the differences named in the column.
func inst(r *ruletable.Row, column string) Installation {
	i := Installation{Site: "TG", Number: 2, Phase: Open, Day: testDay, Floor: testDay, Size: 50}
	r.Each(column, map[string]func(string){
		"closed":       func(string) { i.Phase, i.Day, i.Floor = Enrolled, 99, 99 },
		"unwitnessed":  func(v string) { i.Phase, i.Unwitnessed = Unwitnessed, r.Number(v) },
		"no_date":      func(string) { i.Phase = NoDate },
		"stopped":      func(string) { i.Phase = Stopped },
		"recovering":   func(string) { i.Phase = Recovering },
		"adjudication": func(string) { i.Phase, i.Missing = Adjudication, true },
		"fenced":       func(string) { i.Phase = Fenced },
		"fence":        func(v string) { i.Fence = day.Day(r.Number(v)) },
		"floor":        func(v string) { i.Floor = day.Day(r.Number(v)) },
		"day":          func(v string) { i.Day = day.Day(r.Number(v)) },
		"alone":        func(v string) { i.Unwitnessed = r.Number(v) },
		"hub":          func(string) { i.Site = Hub },
	})
	return i
}

// spanOf reads "100-103", "100-" for good, or "".
func spanOf(r *ruletable.Row, s string) Span {
	first, last, _ := strings.Cut(s, "-")
	return Span{day.Day(r.Number(first)), day.Day(r.Number(last))}
}

// holding is what the row's site knows of the person: home since day 1, unless
// the column says otherwise. Letters are given and accepted in the order named.
func holding(r *ruletable.Row, column string) Holding {
	h := ApplyRegistered(Holding{}, "a1", 1)
	seq := int64(40)
	r.Each(column, map[string]func(string){
		"none":      func(string) { h = Holding{Patient: "a1"} },
		"spent":     func(v string) { h = ApplyDose(h, day.Day(r.Number(v))) },
		"elsewhere": func(v string) { h = ApplyElsewhere(h, day.Day(r.Number(v))) },
		"out": func(v string) {
			s := spanOf(r, v)
			h = ApplyGiven(h, Given{Letter: id.Letter(fmt.Sprintf("out%d", seq)), Patient: "a1", To: "NS", First: s.First, Last: s.Last}, At{seq, 90})
			seq++
		},
		"in": func(v string) {
			s := spanOf(r, v)
			h = ApplyAccepted(h, Accepted{Letter: id.Letter(fmt.Sprintf("in%d", seq)), Patient: "a1", From: "HN", First: s.First, Last: s.Last}, At{seq, 90})
			seq++
		},
		"shown": func(string) { h = ApplyReleased(h, Released{Letter: "out40"}) },
	})
	return h
}

func spanText(s Span) string {
	if s.Last == day.Never {
		return fmt.Sprintf("%d-", s.First)
	}
	return fmt.Sprintf("%d-%d", s.First, s.Last)
}

func TestGive(t *testing.T) {
	ruletable.Run(t, "give.txt", func(r *ruletable.Row) string {
		i, h := inst(r, "site"), holding(r, "days")
		today := day.Day(r.Int("today"))
		s := spanOf(r, r.Text("asked"))
		c := Issue{Letter: "l1", To: id.Site(r.Text("to")), First: s.First, Last: s.Last, Why: Why(r.Text("why"))}
		var f Given
		var err error
		switch {
		case c.Why == Back && c.First == day.Never:
			f, err = DecideReturn(i, h, Return{Letter: "l1", To: c.To}, today, Proposed)
		default:
			f, err = DecideIssue(i, h, c, today, Proposed)
		}
		if err != nil {
			return no(t, err)
		}
		if f.Number != i.Number || f.Patient != "a1" || f.Letter != "l1" || f.To != c.To {
			t.Errorf("fact %+v", f)
		}
		after := ApplyGiven(h, f, At{50, today})
		if holds(after.Days, Span{f.First, f.First}) || len(h.Out) == len(after.Out) {
			t.Errorf("given days %v are still in %v", f, after.Days)
		}
		return spanText(Span{f.First, f.Last})
	})
}

func TestReassign(t *testing.T) {
	ruletable.Run(t, "reassign.txt", func(r *ruletable.Row) string {
		s := Sealed{Site: "NS", Day: 99, By: "An", Witness: "Bình", Read: true}
		r.Each("sealed", map[string]func(string){
			"no":     func(string) { s.Day = day.Never },
			"one":    func(string) { s.Witness = "" },
			"same":   func(string) { s.Witness = "An" },
			"unread": func(string) { s.Read = false },
			"today":  func(string) { s.Day = testDay },
		})
		asked := spanOf(r, r.Text("asked"))
		c := Issue{Letter: "l1", To: id.Site(r.Text("to")), First: asked.First, Last: asked.Last, Why: ForGood}
		f, err := DecideReassign(inst(r, "site"), s, holding(r, "days"), c, testDay, Proposed)
		if err != nil {
			return no(t, err)
		}
		return spanText(Span{f.First, f.Last})
	})
}

func TestAccept(t *testing.T) {
	ruletable.Run(t, "accept.txt", func(r *ruletable.Row) string {
		s := spanOf(r, r.Text("letter"))
		c := Accept{Signed: true, Letter: Letter{ID: "l1", Patient: "a1", From: "HN", Number: 1, Seq: 7, To: "TG", First: s.First, Last: s.Last, Why: Visit}}
		r.Each("more", map[string]func(string){
			"forged": func(string) { c.Signed = false },
			"to":     func(v string) { c.Letter.To = id.Site(v) },
			"again":  func(string) { c.Letter.ID = "in40" },
			"screen": func(v string) { c.Shown = id.Patient(v) },
			"ended":  func(v string) { c.Ended, c.EndedAt = true, int64(r.Number(v)) },
			"known":  func(string) { c.Known = true },
			"last":   func(v string) { c.Letter.LastDay = day.Day(r.Number(v)) },
		})
		h := holding(r, "days")
		f, err := DecideAccept(inst(r, "site"), h, c, testDay)
		if err != nil {
			return no(t, err)
		}
		after := ApplyAccepted(h, f, At{50, testDay})
		again := ApplyAccepted(after, f, At{51, testDay})
		if len(again.In) != len(after.In) || len(again.Days) != len(after.Days) {
			t.Errorf("a letter counted twice: %+v", again)
		}
		var days []string
		for _, d := range after.Days {
			days = append(days, spanText(d))
		}
		return strings.Join(days, ",")
	})
}

func TestDose(t *testing.T) {
	ruletable.Run(t, "dose.txt", func(r *ruletable.Row) string {
		i, h, today := inst(r, "site"), holding(r, "days"), day.Day(r.Int("today"))
		var err error
		switch act := r.Text("act"); act {
		case "may":
			err = MayDose(i, h, today)
		case "record":
			if no := mayRecord(i, h, today); no != nil {
				err = no
			}
		case "hand":
			err = MayHandOver(i, day.Day(r.Int("cup")), today)
		default:
			t.Fatalf("no act %q", act)
		}
		if err != nil {
			return no(t, err)
		}
		return "yes"
	})
}

func TestShow(t *testing.T) {
	ruletable.Run(t, "show.txt", func(r *ruletable.Row) string {
		h, l := holding(r, "days"), id.Letter(r.Text("letter"))
		switch act := r.Text("act"); act {
		case "show":
			if err := MayShow(h, l); err != nil {
				return no(t, err)
			}
		case "release":
			f, err := DecideRelease(h, l, r.Text("medium"), int64(r.Int("has")))
			if err != nil {
				return no(t, err)
			}
			if err := MayShow(ApplyReleased(h, f), l); err != nil {
				t.Errorf("released and not shown: %v", err)
			}
		case "cancel":
			return no(t, DecideCancel(h, l))
		default:
			t.Fatalf("no act %q", act)
		}
		return "yes"
	})
}

func TestOpen(t *testing.T) {
	ruletable.Run(t, "open.txt", func(r *ruletable.Row) string {
		i := inst(r, "site")
		o := Opening{Day: day.Day(r.Int("pc")), Confirmed: true, OnlyPC: true}
		head := func(v string) *Head {
			number, size, _ := strings.Cut(v, "/")
			return &Head{Site: "TG", Number: r.Number(number), Size: int64(r.Number(size))}
		}
		r.Each("media", map[string]func(string){
			"baton": func(v string) { o.Baton, o.BatonID = head(v), "k1" },
			"hub":   func(v string) { o.Hub = head(v) },
			"fork":  func(v string) { o.Baton = head(v); o.Baton.Other = true },
			"other": func(v string) { o.Baton = head("2/50"); o.Baton.Site = id.Site(v) },
		})
		r.Each("people", map[string]func(string){
			"disagree": func(string) { o.Confirmed = false },
			"maybe":    func(string) { o.OnlyPC = false },
		})
		f, err := DecideOpen(i, o, Proposed)
		if err != nil {
			return no(t, err)
		}
		i = ApplyOpened(i, f)
		return fmt.Sprintf("%s:%d", i.Phase, f.Unwitnessed)
	})
}

func TestRestore(t *testing.T) {
	ruletable.Run(t, "restore.txt", func(r *ruletable.Row) string {
		c := Restore{Today: testDay, Confirmed: true, Backup: Head{Site: "TG", Number: 2, Size: 50}, BatonID: "k1", Newest: 2, Witness: "p2"}
		head := func(v string) *Head {
			number, size, _ := strings.Cut(v, "/")
			return &Head{Site: "TG", Number: r.Number(number), Size: int64(r.Number(size))}
		}
		r.Each("media", map[string]func(string){
			"baton": func(v string) { c.Baton = head(v) },
			"hub":   func(v string) { c.Hub = head(v) },
			"fork":  func(v string) { c.Hub = head(v); c.Hub.Other = true },
			"other": func(v string) { c.Baton = head("2/50"); c.Baton.Site = id.Site(v) },
		})
		r.Each("people", map[string]func(string){
			"always_in": func(string) { c.NotWithout = true },
			"disagree":  func(string) { c.Confirmed = false },
			"nobody":    func(string) { c.Witness = "" },
			"alone":     func(string) { c.Witness, c.Alone = "", true },
			"only":      func(string) { c.OnlyBaton = true },
			"receipts":  func(string) { c.HubReleases = true },
		})
		f, err := DecideRestore(c)
		if err != nil {
			return no(t, err)
		}
		i := ApplyRestored(Installation{Site: "TG", Number: 2, Phase: Recovering, Floor: 97, Size: 50, Missing: r.Yes("missing")}, f)
		if i.Number != f.Number || i.Floor != testDay {
			t.Errorf("after %+v: %+v", f, i)
		}
		return fmt.Sprintf("%d:%s:fence%d:from%d", i.Number, i.Phase, i.Fence, f.OfSize)
	})
}

func TestAdjudicate(t *testing.T) {
	ruletable.Run(t, "adjudicate.txt", func(r *ruletable.Row) string {
		i := inst(r, "site")
		out, in := spanOf(r, r.Text("out")), spanOf(r, r.Text("in"))
		c := Adjudicate{Whole: true, Witness: "p2", Today: testDay}
		if out != (Span{}) {
			c.Found = append(c.Found, Found{Letter: "l1", Patient: "a1", Other: "NS", First: out.First, Last: out.Last})
		}
		if in != (Span{}) {
			c.Found = append(c.Found, Found{Letter: "l2", Patient: "a1", Other: "NS", In: true, First: in.First, Last: in.Last})
		}
		r.Each("people", map[string]func(string){
			"part":   func(string) { c.Whole = false },
			"nobody": func(string) { c.Witness = "" },
			"alone":  func(string) { c.Witness, c.Alone = "", true },
		})
		f, err := DecideAdjudicate(i, c)
		if err != nil {
			return no(t, err)
		}
		i = ApplyAdjudicated(i, f)
		h := ApplyFound(ApplyRegistered(Holding{}, "a1", 1), f)
		var days []string
		for _, d := range Usable(i, h, testDay) {
			days = append(days, spanText(d))
		}
		return string(i.Phase) + ":" + strings.Join(days, ",")
	})
}

func TestTablesCoverTheRules(t *testing.T) { ruletable.Covers(t) }
