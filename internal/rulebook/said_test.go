package rulebook

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

var digits = regexp.MustCompile(`[0-9]+`)

// TestEverySentenceInEveryLanguage: each text of each set has its sentence in
// each other language, none is left over, every number of the one stands in the
// other, and the letters are in their one Unicode form.
func TestEverySentenceInEveryLanguage(t *testing.T) {
	all, err := said()
	if err != nil {
		t.Fatal(err)
	}
	need := map[string]bool{}
	for _, id := range IDs() {
		s, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range s.sentences() {
			if text != "" {
				need[text] = true
			}
		}
	}
	if len(need) < 90 || all["vi"] == nil {
		t.Fatalf("%d sentences, languages %d", len(need), len(all))
	}
	for lang, m := range all {
		for text := range need {
			sentence := In(lang, text)
			if m[text] == "" {
				t.Errorf("%s lacks %q", lang, text)
			}
			if !norm.NFC.IsNormalString(sentence) || strings.TrimSpace(sentence) != sentence {
				t.Errorf("%s: %q is not in the form that is kept", lang, sentence)
			}
			there := digits.FindAllString(sentence, -1)
			for _, n := range digits.FindAllString(text, -1) {
				if !slices.Contains(there, n) {
					t.Errorf("%s: %q lacks the number %s of %q", lang, sentence, n, text)
				}
			}
		}
		for text := range m {
			if !need[text] {
				t.Errorf("%s holds a sentence of no set: %q", lang, text)
			}
		}
	}
	if got := In("vi", "the programme's own words"); got != "the programme's own words" {
		t.Errorf("the programme's own words became %q", got)
	}
}
