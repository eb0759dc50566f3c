package patient

import (
	"errors"
	"strings"
	"testing"

	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/ruletable"
)

func no(t *testing.T, err error) string {
	t.Helper()
	var r *reason.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return r.Rule
}

func date(t *testing.T, s string) day.Day {
	t.Helper()
	d, err := day.Parse(s)
	if err != nil {
		t.Fatalf("day %q: %v", s, err)
	}
	return d
}

// names are the names that a table cannot hold in one word.
var names = map[string]string{
	"two_blanks": "Giàng  A   Dế", "blanks": " \t ", "digits": "12345", "only_hidden": "\u200b\u2060", "hidden": "Giàng\u200b A Dế", "turned": "\u202eGiàng A Dế\u202c",
	"tab": "Giàng\tA\nDế", "script": "<script>alert(1)</script>", "quotes": "O'Brien", "full": strings.Repeat("ệ", nameMax), "long": strings.Repeat("ệ", nameMax+1),
}

func name(r *ruletable.Row) string {
	s := r.Text("name")
	if long, ok := names[s]; ok {
		return long
	}
	return s
}

// details reads the person of a row.
func details(t *testing.T, r *ruletable.Row) Details {
	t.Helper()
	d := Details{Name: name(r), Sex: Sex(r.Text("sex"))}
	if s := r.Text("born"); s != "" {
		p, err := day.ParsePartial(s)
		if err != nil {
			t.Fatalf("born %q: %v", s, err)
		}
		d.Birth = p
	}
	text := func(to *string, most int) func(string) {
		return func(v string) {
			switch v {
			case "full":
				*to = strings.Repeat("ệ", most)
			case "long":
				*to = strings.Repeat("ệ", most+1)
			default:
				*to = v
			}
		}
	}
	r.Each("more", map[string]func(string){
		"note": text(&d.Note, textMax), "ethnic": text(&d.Ethnic, nameMax), "commune": text(&d.Commune, nameMax), "village": text(&d.Village, nameMax),
		"phone": text(&d.Phone, nameMax), "identity": text(&d.Identity, nameMax), "language": text(&d.Language, nameMax),
	})
	return d
}

func TestRegister(t *testing.T) {
	ruletable.Run(t, "register.txt", func(r *ruletable.Row) string {
		d, today := details(t, r), date(t, "2026-11-23")
		code := id.CheckCode("TG-0042")
		r.Each("code", map[string]func(string){
			"right": func(string) {}, "none": func(string) { code = "" }, "wrong": func(string) { code = "TG-0043" + code[7:] },
			"lower": func(string) { code = " " + strings.ToLower(code) },
		})
		same := r.Yes("same_id")
		f, err := DecideRegister(d, code, same, today)
		changed, changeErr := DecideChange("p", d, same, "moved", today)
		if rule := reason.Rule(err); rule != "PATIENT-07" && rule != reason.Rule(changeErr) {
			t.Errorf("registering says %v and changing %v", err, changeErr)
		}
		if err != nil {
			return no(t, err)
		}
		if f.Code != id.CheckCode("TG-0042") || f.Day != today || f.Details != changed.Details {
			t.Errorf("facts %+v and %+v", f, changed)
		}
		return strings.ReplaceAll(shorten(f.Details.Name), " ", "_")
	})
}

// shorten keeps the longest name out of the table.
func shorten(s string) string {
	if len([]rune(s)) == nameMax {
		return "full"
	}
	return s
}

func TestCourse(t *testing.T) {
	ruletable.Run(t, "course.txt", func(r *ruletable.Row) string {
		in, open, words := r.Yes("in_care"), r.Yes("cup_open"), r.Words("words", most(r))
		switch act := r.Text("act"); act {
		case "end":
			f, err := DecideLeave("p", in, open, LeftWhy(r.Text("why")), words, 100)
			if err != nil {
				return no(t, err)
			}
			return string(f.Why)
		case "return":
			if _, err := DecideReturn("p", in, 100); err != nil {
				return no(t, err)
			}
			return "returned"
		case "note":
			f, err := DecideNote("p", words, 100)
			if err != nil {
				return no(t, err)
			}
			if f.Text != strings.TrimSpace(words) {
				t.Errorf("note %q of %q", f.Text, words)
			}
			return "noted"
		case "change":
			if _, err := DecideChange("p", Details{Name: "Dế"}, false, words, 100); err != nil {
				return no(t, err)
			}
			return "changed"
		default:
			t.Fatalf("no act %q", act)
			return ""
		}
	})
}

// most is how long the words of an act may be.
func most(r *ruletable.Row) int {
	return map[string]int{"end": textMax, "note": noteMax, "change": nameMax}[r.Text("act")]
}

func TestUrine(t *testing.T) {
	ruletable.Run(t, "urine.txt", func(r *ruletable.Row) string {
		var found []string
		r.Each("found", map[string]func(string){
			"opiates": func(string) { found = append(found, " opi\u200bates ") },
			"blank":   func(string) { found = append(found, "  ") },
			"full":    func(string) { found = append(found, strings.Repeat("ệ", substanceMax)) },
			"long":    func(string) { found = append(found, strings.Repeat("ệ", substanceMax+1)) },
			"times":   func(v string) { found = append(found, strings.Split(strings.Repeat("x,", r.Number(v)-1)+"x", ",")...) },
		})
		f, err := DecideUrine("p", day.Day(r.Int("day")), found, r.Words("method", nameMax), 100)
		if err != nil {
			return no(t, err)
		}
		switch {
		case f.Found == nil:
			t.Error("nothing found must be an empty list and not an absent one")
		case len(f.Found) == 0:
			return "none"
		case len(f.Found) > 1 || len(f.Found[0]) > 20:
			return "many"
		}
		return f.Found[0]
	})
}

func TestPhoto(t *testing.T) {
	ruletable.Run(t, "photo.txt", func(r *ruletable.Row) string {
		agreed, kept, shown := r.Yes("agreed"), r.Text("kept"), r.Text("shown")
		if r.Text("act") == "withdraw" {
			f, err := DecideWithdraw("p", kept, shown)
			if err != nil {
				return no(t, err)
			}
			return f.Hash
		}
		f, err := DecidePhoto("p", "new", 5, agreed)
		if err != nil {
			return no(t, err)
		}
		if !f.Agreed || f.Bytes != 5 || f.Patient != "p" {
			t.Errorf("fact %+v", f)
		}
		return f.Hash
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }

// TestLargestRecordFitsTheJournal: what passes the checks fits an entry of the
// journal, 16 KiB, with room for what stands around it.
func TestLargestRecordFitsTheJournal(t *testing.T) {
	const entryMax, around = 16 << 10, 1 << 10
	widest := func(n int) int { return n * len("𠮷") } // four bytes, as wide as a rune gets
	for what, size := range map[string]int{
		"details": widest(7*nameMax + textMax + nameMax), "note": widest(noteMax), "urine": widest(foundMax*substanceMax + nameMax), "leaving": widest(textMax),
	} {
		if size+around > entryMax {
			t.Errorf("%s: %d bytes do not fit an entry", what, size)
		}
	}
}
