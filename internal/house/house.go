// Package house holds the house rules, so that they are a test and not a wish.
//
// It reads the source tree as text and syntax, never builds it, and answers
// findings: a file, a line, the rule and what to do. A tree that does not
// compile is still checked as far as it parses, because the compiler says the
// rest better. Rooms that do not exist yet break nothing.
//
// The law of imports stands in law.go, each forbidden edge with its reason.
// Limits and their reasons stand in limits.go. Every check has a test with a
// small false tree in which it must speak up: a check that cannot fail is none.
package house

import (
	"fmt"
	"path/filepath"
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

// tree is the source tree, read once for all checks.
type tree struct {
	root string
}

// rel answers path from the root, with slashes.
func (t *tree) rel(path string) string {
	r, err := filepath.Rel(t.root, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(r)
}
