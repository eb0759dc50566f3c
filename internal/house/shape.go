package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"path"
	"strings"
)

// plates finds packages that do not say at the door what they are.
func plates(t *tree) []Finding {
	best := map[string]int{}
	first := map[string]*source{}
	for _, s := range t.code {
		if s.test {
			continue
		}
		if first[s.dir] == nil {
			first[s.dir] = s
		}
		if s.file.Doc != nil {
			best[s.dir] = max(best[s.dir], strings.Count(strings.TrimSpace(s.file.Doc.Text()), "\n")+1)
		}
	}
	var found []Finding
	for dir, s := range first {
		switch {
		case best[dir] == 0:
			found = append(found, Finding{File: s.path, Text: "package " + s.file.Name.Name + " has no door plate: say what it decides or keeps, what it refuses to know, what it promises"})
		case best[dir] < plateMin:
			found = append(found, Finding{File: s.path, Text: fmt.Sprintf("the door plate of package %s has %d lines, fewer than %d: what does it refuse to know, what does it promise?", s.file.Name.Name, best[dir], plateMin)})
		}
	}
	return found
}

// docs finds exported names without a sentence.
func docs(t *tree) []Finding {
	var found []Finding
	for _, s := range t.shipped() {
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && onExported(d) && !starts(d.Doc, d.Name.Name) {
					found = append(found, Finding{File: s.path, Line: t.at(d.Pos()), Text: "exported " + d.Name.Name + " needs a sentence that starts with its name"})
				}
			case *ast.GenDecl:
				found = append(found, t.undocumented(s, d)...)
			}
		}
	}
	return found
}

// undocumented finds exported types without a sentence of their own, and
// constants and variables that neither have one nor stand in a group that has.
func (t *tree) undocumented(s *source, d *ast.GenDecl) []Finding {
	var found []Finding
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			own := spec.Doc
			if own == nil && !d.Lparen.IsValid() {
				own = d.Doc
			}
			if spec.Name.IsExported() && !starts(own, spec.Name.Name) && spec.Comment == nil {
				found = append(found, Finding{File: s.path, Line: t.at(spec.Pos()), Text: "exported " + spec.Name.Name + " needs a sentence that starts with its name"})
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					found = append(found, Finding{File: s.path, Line: t.at(name.Pos()), Text: "exported " + name.Name + " needs a comment, or its group one"})
				}
			}
		}
	}
	return found
}

// onExported says whether a function is none of a type that nobody sees.
func onExported(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// starts says whether a comment's first sentence starts with the name, with or
// without an article.
func starts(c *ast.CommentGroup, name string) bool {
	if c == nil {
		return false
	}
	text := c.Text()
	for _, article := range []string{"", "A ", "An ", "The "} {
		rest, ok := strings.CutPrefix(text, article+name)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,;:.'(\n")) {
			return true
		}
	}
	return false
}

// long finds functions and files over the limit without an excuse.
func long(t *tree) []Finding {
	var found []Finding
	for _, s := range t.code {
		if s.generated {
			continue
		}
		lines := bytes.Count(s.text, []byte("\n"))
		if lines > fileMax && !excused(string(s.text), true) {
			found = append(found, Finding{File: s.path, Text: fmt.Sprintf("%d lines, more than %d: split it by noun, or say why not after %q", lines, fileMax, excuse)})
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := t.at(f.End()) - t.at(f.Pos()) + 1
			from := f.Pos()
			if f.Doc != nil {
				from = f.Doc.Pos()
			}
			whole := s.text[t.fset.Position(from).Offset:t.fset.Position(f.End()).Offset]
			if n > functionMax && !excused(string(whole), false) {
				found = append(found, Finding{File: s.path, Line: t.at(f.Pos()), Text: fmt.Sprintf("%s has %d lines, more than %d: divide it, or say why not after %q", f.Name.Name, n, functionMax, excuse)})
			}
		}
	}
	return found
}

// excused says whether text has a line of excuse with a reason. A file's own
// excuse stands at the very left, where those of functions inside do not.
func excused(text string, left bool) bool {
	for line := range strings.Lines(text) {
		if !left {
			line = strings.TrimSpace(line)
		}
		reason, ok := strings.CutPrefix(line, excuse)
		if ok && len(strings.TrimSpace(reason)) >= excuseMin {
			return true
		}
	}
	return false
}

// names finds rooms that are called after nothing.
func names(t *tree) []Finding {
	var found []Finding
	told := map[string]bool{}
	for _, s := range t.code {
		for _, name := range []string{path.Base(s.dir), s.file.Name.Name} {
			if bannedNames[strings.TrimSuffix(name, "_test")] && !told[s.dir] {
				told[s.dir] = true
				found = append(found, Finding{File: s.dir, Text: "a room called " + name + " will hold anything; name it after what it decides or keeps"})
			}
		}
	}
	return found
}
