package words

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/unicode/norm"
)

// TestEveryKeyInEveryLanguage keeps the languages whole: the same keys, and
// the same arguments under each key.
func TestEveryKeyInEveryLanguage(t *testing.T) {
	c := loaded(t)
	all := map[string]bool{}
	for _, lang := range langs {
		for _, k := range c.Keys(lang) {
			all[k] = true
		}
	}
	for k := range all {
		want := ""
		for _, lang := range langs {
			m, ok := c.messages[lang][k]
			if !ok {
				t.Errorf("%s: key %s is missing", lang, k)
				continue
			}
			got := strings.Join(arguments(m), " ")
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("key %s: arguments differ between languages: %q and %q", k, want, got)
			}
		}
	}
}

func arguments(m message) []string {
	var names []string
	for _, ps := range m.forms {
		for _, p := range ps {
			if p.arg != "" && !slices.Contains(names, p.arg) {
				names = append(names, p.arg)
			}
		}
	}
	sort.Strings(names)
	return names
}

// TestFormsAreTheLanguages wants exactly the plural forms that CLDR knows for
// the language.
func TestFormsAreTheLanguages(t *testing.T) {
	c := loaded(t)
	forms := map[string][]plural.Form{"vi": {plural.Other}, "en": {plural.Other, plural.One}}
	for _, lang := range langs {
		for k, m := range c.messages[lang] {
			for f := range m.forms {
				if !slices.Contains(forms[lang], f) {
					t.Errorf("%s %s: form %v does not exist in this language", lang, k, f)
				}
			}
			if m.by != "" && len(m.forms) != len(forms[lang]) {
				t.Errorf("%s %s: %d plural forms, want %d", lang, k, len(m.forms), len(forms[lang]))
			}
		}
	}
}

// TestTextsAreSound finds empty messages, blanks at the ends, and Vietnamese
// in decomposed letters, which search and fonts treat differently.
func TestTextsAreSound(t *testing.T) {
	c := loaded(t)
	for _, lang := range langs {
		for k, m := range c.messages[lang] {
			for _, ps := range m.forms {
				text := whole(ps)
				if strings.TrimSpace(text) != text || text == "" {
					t.Errorf("%s %s: empty, or blanks at an end: %q", lang, k, text)
				}
				if !norm.NFC.IsNormalString(text) {
					t.Errorf("%s %s: not in composed letters", lang, k)
				}
			}
		}
	}
}

func whole(ps []piece) string {
	var sb strings.Builder
	for _, p := range ps {
		sb.WriteString(p.lit)
		if p.arg != "" {
			sb.WriteString("0")
		}
	}
	return sb.String()
}

// avoided is one row of avoid.json.
type avoided struct {
	ID    string              `json:"id"`
	Avoid map[string][]string `json:"avoid"`
	Use   map[string]string   `json:"use"`
}

func avoidList(t *testing.T) []avoided {
	t.Helper()
	b, err := os.ReadFile("avoid.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []avoided
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestPersonFirst refuses words that make a person into a condition.
func TestPersonFirst(t *testing.T) {
	c, rows := loaded(t), avoidList(t)
	if len(rows) < 40 {
		t.Fatalf("only %d rows in avoid.json", len(rows))
	}
	for _, lang := range langs {
		for k, m := range c.messages[lang] {
			for _, ps := range m.forms {
				if row, word := stigma(rows, lang, whole(ps)); word != "" {
					t.Errorf("%s %s: %q; better: %s (%s)", lang, k, word, row.Use[lang], row.ID)
				}
			}
		}
	}
}

// TestPersonFirstInTheRulebook: what the rule sets say to readers is held to the
// same list.
func TestPersonFirstInTheRulebook(t *testing.T) {
	rows := avoidList(t)
	b, err := os.ReadFile("../rulebook/texts/vi.json")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	if err := json.Unmarshal(b, &said); err != nil || len(said) < 90 {
		t.Fatalf("%d sentences, %v", len(said), err)
	}
	for en, vi := range said {
		for lang, text := range map[string]string{"en": en, "vi": vi} {
			if row, word := stigma(rows, lang, text); word != "" {
				t.Errorf("%s %q: %q; better: %s (%s)", lang, text, word, row.Use[lang], row.ID)
			}
		}
	}
}

// TestPersonFirstFinds shows that the list can fail a text.
func TestPersonFirstFinds(t *testing.T) {
	rows := avoidList(t)
	for lang, text := range map[string]string{"en": "The Addict is here.", "vi": "Danh sách con nghiện"} {
		if _, word := stigma(rows, lang, text); word == "" {
			t.Errorf("nothing found in %q", text)
		}
	}
	if _, word := stigma(rows, "en", "Habitat"); word != "" {
		t.Errorf("%q found inside a longer word", word)
	}
}

func stigma(rows []avoided, lang, text string) (avoided, string) {
	text = " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }), " ") + " "
	for _, row := range rows {
		for _, w := range row.Avoid[lang] {
			w = strings.ToLower(w)
			if strings.Contains(text, " "+w+" ") || strings.Contains(text, " "+w+"s ") {
				return row, w
			}
		}
	}
	return avoided{}, ""
}

// used finds the keys in calls of T: T("a.b") and T("a.b."+x), whose key is a
// beginning.
var used = regexp.MustCompile(`\bT\("([a-z0-9_.]+)"(\+|\s*\+)?`)

// TestEveryUsedKeyExists reads the sources of the program and wants each key
// that a page asks for.
func TestEveryUsedKeyExists(t *testing.T) {
	keys := loaded(t).Keys(langs[0])
	n := 0
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ext := filepath.Ext(path)
		if e.IsDir() || (ext != ".go" && ext != ".templ") || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "words_test.go") || strings.HasSuffix(path, "whole_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			n++
			if !known(keys, m[1], m[2] != "") {
				t.Errorf("%s: no words for %q", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("no call of T found: the pattern is wrong")
	}
}

func known(keys []string, key string, beginning bool) bool {
	i, found := slices.BinarySearch(keys, key)
	if !beginning {
		return found
	}
	return i < len(keys) && strings.HasPrefix(keys[i], key)
}
