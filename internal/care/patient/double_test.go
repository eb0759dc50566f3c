package patient

import (
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/ruletable"
)

func TestLikely(t *testing.T) {
	ruletable.Run(t, "likely.txt", func(r *ruletable.Row) string {
		var found []Candidate
		r.Each("found", map[string]func(string){
			"number": func(string) {
				found = append(found, Candidate{Other: "o1", Code: "NS-0007-B", Site: "NS", Why: ByIdentity})
			},
			"name": func(string) { found = append(found, Candidate{Other: "o2", Code: "TG-0001-K", Why: ByName}) },
		})
		var said []Said
		add := func(p id.Patient) func(string) {
			return func(v string) { said = append(said, Said{Other: p, Answer: Answer(v), Note: " seen the card "}) }
		}
		r.Each("said", map[string]func(string){"o1": add("o1"), "o2": add("o2"), "n": func(string) { said[0].Note = " \t" }})
		if r.Text("act") == "known" {
			f, err := DecideKnown(found, said[0])
			if err != nil {
				return no(t, err)
			}
			return string(f.Other) + ":" + string(f.Answer)
		}
		facts, err := DecideLikeness(found, said)
		if err != nil {
			return no(t, err)
		}
		var out []string
		for _, f := range facts {
			if f.Note != "seen the card" || f.Code == "" {
				t.Errorf("fact %+v", f)
			}
			out = append(out, string(f.Other)+":"+string(f.Answer))
		}
		if out == nil {
			return "nothing"
		}
		return strings.Join(out, ",")
	})
}

func TestDouble(t *testing.T) {
	ruletable.Run(t, "double.txt", func(r *ruletable.Row) string {
		d := Double{Other: "o1", Code: "NS-0007-B", Site: "NS", Asked: r.Yes("asked")}
		switch r.Text("verdict") {
		case "keep":
			d.Verdict, d.Same, d.Keep = 7, true, true
		case "other":
			d.Verdict, d.Same = 7, true
		case "two":
			d.Verdict = 7
		}
		if before := r.Text("before"); before != "" {
			x := strings.Split(strings.TrimSuffix(before, "*"), ":")
			a := DoubleAnswered{Day: day.Day(r.Number(x[0])), Answer: Answer(x[1]), Dosed: Dosed(x[2]), Verdict: d.Verdict}
			if strings.HasSuffix(before, "*") {
				a.Verdict = 0
			}
			d.Answers = append(d.Answers, a)
		}
		f := DoubleAnswered{Patient: "p", Dosed: Dosed(r.Text("dosed")), Note: "spoke with Mai"}
		switch act := r.Text("act"); act {
		case "stop":
			if no := Stop(d, 100); no != nil {
				return no.Rule
			}
			return "free"
		case "mute":
			f.Answer, f.Note = TwoPeople, " "
		default:
			f.Answer = map[string]Answer{"one": OnePerson, "two": TwoPeople}[act]
		}
		f, err := DecideDouble(d, f, 100)
		if err != nil {
			return no(t, err)
		}
		if f.Day != 100 || f.Other != "o1" || f.Verdict != d.Verdict {
			t.Errorf("fact %+v", f)
		}
		d.Answers = append(d.Answers, f)
		if no := Stop(d, 101); no != nil {
			t.Errorf("answered, and the next day %v", no)
		}
		return string(f.Answer) + ":" + string(f.Dosed)
	})
}
