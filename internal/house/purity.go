package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// pure rooms get day, chance and state from their caller, so that the same
// question has the same answer at every site, in every rebuild, for ever.
var pure = join(terms, care)

// impureImports are whole packages a pure room does without.
var impureImports = map[string]string{
	"math/rand": "chance", "math/rand/v2": "chance", "crypto/rand": "chance",
	"os": "the machine", "os/exec": "the machine", "io/ioutil": "the machine", "syscall": "the machine",
	"database/sql": "a database", "net": "the network", "net/http": "the network",
	"log": "a log", "log/slog": "a log",
}

// impureCalls are parts of packages that are otherwise harmless.
var impureCalls = map[string]map[string]bool{
	"time": {"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true, "Tick": true, "NewTimer": true, "NewTicker": true, "Local": true},
}

// purity finds the clock, chance and the outer world in pure rooms.
func purity(t *tree) []Finding {
	var found []Finding
	for _, s := range t.shipped() {
		if !pure.has(s.dir) {
			continue
		}
		local := map[string]string{} // name in this file → package path
		for _, spec := range s.file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			name := path[strings.LastIndex(path, "/")+1:]
			if spec.Name != nil {
				name = spec.Name.Name
			}
			local[name] = path
			if what, bad := impureImports[path]; bad {
				found = append(found, Finding{File: s.path, Line: t.at(spec.Pos()), Text: fmt.Sprintf("%s is pure and must not know %s (%s); the caller brings it", s.dir, what, path)})
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			base, ok := sel.X.(*ast.Ident)
			if ok && impureCalls[local[base.Name]][sel.Sel.Name] {
				found = append(found, Finding{File: s.path, Line: t.at(sel.Pos()), Text: fmt.Sprintf("%s is pure: %s.%s enters at the door and is passed down", s.dir, base.Name, sel.Sel.Name)})
			}
			return true
		})
	}
	return found
}

// counted rooms deal in amounts that must add up to the last microgram.
var (
	counted    = join(terms, care, floor{"internal/fact", "internal/rulebook"})
	mayMeasure = floor{"internal/care/level", "internal/care/indicator"}
)

// floats finds floating point where things are counted: in the terms, in
// decisions, in facts, and in the columns of our schemas.
func floats(t *tree) []Finding {
	var found []Finding
	for _, s := range t.shipped() {
		if !counted.has(s.dir) || mayMeasure.has(s.dir) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if what := float(n); what != "" {
				found = append(found, Finding{File: s.path, Line: t.at(n.Pos()), Text: what + " where things are counted; use whole micrograms, microlitres or days"})
			}
			return true
		})
	}
	return append(found, floatColumns(t)...)
}

// float says what is floating about a piece of syntax, or "".
func float(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		if n.Name == "float32" || n.Name == "float64" {
			return n.Name
		}
	case *ast.BasicLit:
		if n.Kind == token.FLOAT {
			return "the constant " + n.Value
		}
	}
	return ""
}

// floatColumns finds column types that round.
func floatColumns(t *tree) []Finding {
	var found []Finding
	for _, p := range t.paths {
		if !strings.HasSuffix(p, ".sql") || inTestdata(p) {
			continue
		}
		for i, line := range strings.Split(string(t.texts[p]), "\n") {
			code, _, _ := strings.Cut(line, "--")
			for _, word := range strings.FieldsFunc(strings.ToUpper(code), func(r rune) bool { return r < 'A' || r > 'Z' }) {
				if word == "REAL" || word == "FLOAT" || word == "DOUBLE" {
					found = append(found, Finding{File: p, Line: i + 1, Text: word + " where things are counted; use INTEGER with the unit in the name"})
				}
			}
		}
	}
	return found
}
