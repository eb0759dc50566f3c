package rulebook

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed texts/*.json
var texts embed.FS

// said holds, for each language but English, every sentence of the sets in that
// language. The sets keep the English ones beside their numbers, where whoever
// compares a number with its source reads both.
var said = sync.OnceValues(func() (map[string]map[string]string, error) {
	files, err := texts.ReadDir("texts")
	if err != nil {
		return nil, fmt.Errorf("sentences of the rule sets: %w", err)
	}
	all := map[string]map[string]string{}
	for _, f := range files {
		b, err := texts.ReadFile("texts/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("sentences of the rule sets: %w", err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			return nil, fmt.Errorf("sentences of the rule sets, %s: %w", f.Name(), err)
		}
		all[f.Name()[:len(f.Name())-len(".json")]] = m
	}
	return all, nil
})

// In is a sentence of a set in a language. A sentence of the programme's own is
// answered as it was written.
func In(lang, sentence string) string {
	all, err := said()
	if err != nil {
		return sentence // the test reads the same embedded files: it cannot happen in a program that passed it
	}
	if s, ok := all[lang][sentence]; ok {
		return s
	}
	return sentence
}

// sentences are all texts of a set that a person reads.
func (s Set) sentences() []string {
	out := []string{s.Title, s.Legal, s.Note, s.Missed.Note, s.Vomited.Note}
	for _, n := range s.Numbers {
		out = append(out, n.Condition, n.Edition, n.Note)
	}
	for _, r := range s.Missed.Rows {
		out = append(out, r.Condition, r.Edition, r.Note)
	}
	for _, r := range s.Vomited.Rows {
		out = append(out, r.Condition, r.Edition, r.Note)
	}
	for _, src := range s.Sources {
		out = append(out, src.Text)
	}
	return out
}
