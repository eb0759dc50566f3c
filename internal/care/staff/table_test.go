package staff

import (
	"errors"
	"strings"
	"testing"

	"tram/internal/duty"
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

// duties reads "dispenser+manager".
func duties(s string) []duty.Duty {
	var list []duty.Duty
	for _, d := range strings.FieldsFunc(s, func(r rune) bool { return r == '+' }) {
		list = append(list, duty.Duty(d))
	}
	return list
}

func TestPeople(t *testing.T) {
	ruletable.Run(t, "people.txt", func(r *ruletable.Row) string {
		var others int
		taken, m := false, Member{Person: "x", Duties: duties(r.Text("has"))}
		r.Each("more", map[string]func(string){
			"taken": func(string) { taken = true }, "left": func(string) { m.Left = true }, "managers": func(v string) { others = r.Number(v) },
		})
		asked, act := duties(r.Text("asked")), r.Text("act")
		words := r.Words("words", map[string]int{"enrol": nameMax, "duties": reasonMax, "leave": reasonMax}[act])
		switch act {
		case "enrol":
			if special, ok := map[string]string{"hidden": "Hà\u200b", "inner_blanks": " Lò  Thị Hà "}[words]; ok {
				words = special
			}
			f, err := DecideEnrol(words, asked, taken)
			if err != nil {
				return no(t, err)
			}
			if len([]rune(f.Name)) == nameMax {
				return "full"
			}
			return strings.ReplaceAll(f.Name, " ", "_")
		case "duties":
			f, err := DecideDuties(m, asked, others, words)
			if err != nil {
				return no(t, err)
			}
			if len(f.Duties) != len(asked) {
				t.Errorf("duties %v of %v", f.Duties, asked)
			}
			return "set"
		case "leave":
			if _, err := DecideLeave(m, others, words); err != nil {
				return no(t, err)
			}
			return "left"
		default:
			t.Fatalf("no act %q", act)
			return ""
		}
	})
}

func TestSecrets(t *testing.T) {
	common := map[string]bool{"password1": true, "matkhau123": true}
	ruletable.Run(t, "secrets.txt", func(r *ruletable.Row) string {
		secret := r.Text("secret")
		if special, ok := map[string]string{
			"full": strings.Repeat("ệ", passwordMax), "long": strings.Repeat("ệ", passwordMax+1), "arabic": "١٢٣٤٥٦", "short_viet": "ệộắằẩẫặ",
			"eight_viet": "ệộắằẩẫặỵ", "words": "ba con trâu trắng",
		}[secret]; ok {
			secret = special
		}
		var err error
		if r.Text("what") == "pin" {
			err = CheckPIN(secret)
		} else {
			of := Member{Name: "Lò Thị Hương"}
			if r.Text("what") == "manager" {
				of.Duties = []duty.Duty{duty.Counsellor, duty.Manager}
			}
			err = CheckPassword(secret, of, "Thanh Minh", common)
		}
		if err != nil {
			return no(t, err)
		}
		return "ok"
	})
}

func TestEveryRuleHasItsLines(t *testing.T) { ruletable.Covers(t) }

// TestEveryRunAndRepeatIsRefused goes through every PIN of one repeated group
// and every run, and counts how few PINs the rule takes away.
func TestEveryRunAndRepeatIsRefused(t *testing.T) {
	refused := 0
	for n := range 1_000_000 {
		pin := make([]byte, PINDigits)
		for i, rest := PINDigits-1, n; i >= 0; i, rest = i-1, rest/10 {
			pin[i] = byte('0' + rest%10)
		}
		s := string(pin)
		weak := s == strings.Repeat(s[:1], 6) || s == strings.Repeat(s[:2], 3) || s == strings.Repeat(s[:3], 2) ||
			strings.Contains("012345678901234", s) || strings.Contains("432109876543210", s)
		err := CheckPIN(s)
		if (err != nil) != weak {
			t.Fatalf("CheckPIN(%s) = %v, weak = %v", s, err, weak)
		}
		if weak {
			refused++
		}
	}
	if refused > 2000 {
		t.Errorf("%d PINs refused: too many to choose freely", refused)
	}
}
