package house

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strings"
)

var (
	openEnd = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)
	issueNo = regexp.MustCompile(`(?i)(#|issue )\d+`)
)

// openEnds finds promises to nobody: an open end names the issue that ends it.
func openEnds(t *tree) []Finding {
	var found []Finding
	for _, s := range t.code {
		if s.generated {
			continue
		}
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				found = append(found, openEndsIn(s.path, t.at(c.Pos()), c.Text)...)
			}
		}
	}
	for _, p := range t.paths {
		switch path.Ext(p) {
		case ".templ", ".sql", ".css", ".js", ".md":
			if !inVendored(p) && !inTestdata(p) {
				found = append(found, openEndsIn(p, 1, string(t.texts[p]))...)
			}
		}
	}
	return found
}

// openEndsIn finds them in a text that begins at a line.
func openEndsIn(file string, line int, text string) []Finding {
	var found []Finding
	for i, l := range strings.Split(text, "\n") {
		word := openEnd.FindString(l)
		if word != "" && !issueNo.MatchString(l) {
			found = append(found, Finding{File: file, Line: line + i, Text: word + " without an issue number; do it, or open the issue"})
		}
	}
	return found
}

// machine is how folders of one person's machine look. The parts are put
// together here so that this file does not find itself.
var machine = regexp.MustCompile(`(^|[\s"'` + "`" + `(=:])((/ro` + `ot|/wo` + `rk|/ho` + `me/[a-z]+|/Us` + `ers/[A-Za-z]+)/|\.\./sha` + `red\b|[A-Z]:\\Us` + `ers\\)`)

// machinePaths finds folders that exist on one machine only: the next reader
// cannot follow them, and they tell where the text was written.
func machinePaths(t *tree) []Finding {
	var found []Finding
	for _, p := range t.paths {
		if inVendored(p) {
			continue
		}
		for i, line := range strings.Split(string(t.texts[p]), "\n") {
			m := machine.FindStringSubmatch(line)
			if m != nil {
				found = append(found, Finding{File: p, Line: i + 1, Text: fmt.Sprintf("%s is a folder of one machine; write where it is in this tree", m[2])})
			}
		}
	}
	return found
}

var decisionFile = regexp.MustCompile(`^docs/decisions/(\d{4})-[a-z0-9-]+\.md$`)

// decisions finds records without a number of their own or without a heading.
func decisions(t *tree) []Finding {
	var found []Finding
	numbers := map[string]string{}
	for _, p := range t.paths {
		if !strings.HasPrefix(p, "docs/decisions/") || path.Base(p) == "README.md" {
			continue
		}
		m := decisionFile.FindStringSubmatch(p)
		if m == nil {
			found = append(found, Finding{File: p, Text: "a decision is docs/decisions/0000-some-words.md"})
			continue
		}
		if other, taken := numbers[m[1]]; taken {
			found = append(found, Finding{File: p, Text: "number " + m[1] + " is taken by " + other})
		}
		numbers[m[1]] = p
		for _, head := range decisionHeads {
			text := "\n" + string(t.texts[p])
			if !strings.Contains(text, "\n## "+head+"\n") && !strings.Contains(text, "\n**"+head+".**") {
				found = append(found, Finding{File: p, Text: "has no heading \"## " + head + "\""})
			}
		}
	}
	return found
}

// dependencyList is where each module of others has its line.
const dependencyList = "docs/dependencies.md"

var required = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+)\s+v\S+`)

// dependencies finds modules that our code imports and nobody has answered for.
func dependencies(t *tree) []Finding {
	var modules []string
	for _, m := range required.FindAllSubmatch(t.texts["go.mod"], -1) {
		modules = append(modules, string(m[1]))
	}
	told := map[string]bool{}
	var found []Finding
	for _, s := range t.code {
		for _, spec := range s.file.Imports {
			m := moduleOf(modules, strings.Trim(spec.Path.Value, `"`))
			if m == "" || told[m] || strings.Contains(string(t.texts[dependencyList]), "`"+m+"`") {
				continue
			}
			told[m] = true
			found = append(found, Finding{File: s.path, Line: t.at(spec.Pos()), Text: m + " has no line in " + dependencyList + ": why, under which licence, and who would replace it"})
		}
	}
	return found
}

// moduleOf answers the longest module that holds a package, or "".
func moduleOf(modules []string, pkg string) string {
	best := ""
	for _, m := range modules {
		if (pkg == m || strings.HasPrefix(pkg, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	return best
}

// literals calls each for all string constants of a file.
func literals(s *source, each func(*ast.BasicLit)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if ok && strings.HasPrefix(lit.Value, `"`) {
			each(lit)
		}
		return true
	})
}
