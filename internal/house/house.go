// Package house holds the house rules, so that they are a test and not a wish.
//
// It reads the source tree as text and syntax, never builds it, and answers
// findings: a file, a line, the rule and what to do. A tree that does not
// compile is still checked as far as it parses, because the compiler says the
// rest better. Rooms that do not exist yet break nothing.
//
// The law of imports stands in law.go, each forbidden edge with its reason.
// Limits stand in limits.go. Every check has a small false tree in testdata in
// which it must speak up: a check that cannot fail is none.
package house

import (
	"cmp"
	"fmt"
	"slices"
)

// Finding is one broken house rule.
type Finding struct {
	File string // path from the root, with slashes
	Line int    // 0 when the whole file or folder is meant
	Rule string // name of the check
	Text string // what is wrong and what to do
}

// String answers the finding in the form editors can jump to.
func (f Finding) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s (%s)", f.File, f.Text, f.Rule)
	}
	return fmt.Sprintf("%s:%d: %s (%s)", f.File, f.Line, f.Text, f.Rule)
}

// check is one house rule: its name, as in [Finding.Rule], and the search.
type check struct {
	name string
	find func(*tree) []Finding
}

var checks = []check{
	{"imports", imports},
	{"purity", purity},
	{"floats", floats},
	{"plate", plates},
	{"doc", docs},
	{"long", long},
	{"name", names},
	{"open-end", openEnds},
	{"machine", machinePaths},
	{"rule-row", ruleRows},
	{"rule-words", ruleWords},
	{"rule-test", ruleTests},
	{"words", wholeWords},
	{"decision", decisions},
	{"dependency", dependencies},
	{"vendored", vendored},
}

// Check reads the tree below root and answers everything that breaks a house
// rule, in the order of the files. The error is about the reading, not the rules.
func Check(root string) ([]Finding, error) {
	t, err := read(root)
	if err != nil {
		return nil, err
	}
	found := slices.Clone(t.unparsed)
	for _, c := range checks {
		for _, f := range c.find(t) {
			f.Rule = c.name
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(found), nil
}
