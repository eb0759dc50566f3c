package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// tree is the source tree, read once for all checks.
type tree struct {
	root     string
	module   string // module path of go.mod
	fset     *token.FileSet
	texts    map[string][]byte // every text file by its path
	paths    []string          // of texts, sorted
	code     []*source         // every Go file outside testdata, sorted by path
	unparsed []Finding
}

// source is one Go file.
type source struct {
	path      string // from the root
	dir       string // folder of path: the room
	file      *ast.File
	text      []byte
	test      bool // a _test.go file
	generated bool
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

// read reads the tree below root.
func read(root string) (*tree, error) {
	t := &tree{root: root, fset: token.NewFileSet(), texts: map[string][]byte{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := t.rel(path)
		if d.IsDir() {
			if unreadNames[d.Name()] || unreadPaths[rel] {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Name() == ".git" {
			return nil // in a second work tree of git it is a file that says where the first one is
		}
		return t.take(path, rel, d)
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	slices.Sort(t.paths)
	m := moduleLine.FindSubmatch(t.texts["go.mod"])
	if m == nil {
		return nil, fmt.Errorf("go.mod in %s names no module", root)
	}
	t.module = string(m[1])
	t.parse()
	return t, nil
}

// take reads one file when it is text of a size that people write.
func (t *tree) take(path, rel string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() > textMax {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if bytes.IndexByte(text[:min(len(text), 8000)], 0) >= 0 {
		return nil // a picture, a database, a program
	}
	t.texts[rel] = text
	t.paths = append(t.paths, rel)
	return nil
}

// parse reads the syntax of all Go files. What does not parse is a finding.
func (t *tree) parse() {
	for _, p := range t.paths {
		if !strings.HasSuffix(p, ".go") || inTestdata(p) {
			continue
		}
		text := t.texts[p]
		file, err := parser.ParseFile(t.fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.unparsed = append(t.unparsed, Finding{File: p, Rule: "syntax", Text: err.Error()})
			continue
		}
		t.code = append(t.code, &source{
			path: p, dir: path.Dir(p), file: file, text: text,
			test: strings.HasSuffix(p, "_test.go"), generated: ast.IsGenerated(file),
		})
	}
}

// shipped answers the Go files that go into a program and were written by hand.
func (t *tree) shipped() []*source {
	var all []*source
	for _, s := range t.code {
		if !s.test && !s.generated {
			all = append(all, s)
		}
	}
	return all
}

// at is the line of a position.
func (t *tree) at(p token.Pos) int { return t.fset.Position(p).Line }

// rel answers path from the root, with slashes.
func (t *tree) rel(path string) string {
	r, err := filepath.Rel(t.root, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(r)
}

// inTestdata says whether a path lies below a testdata folder.
func inTestdata(p string) bool {
	return strings.HasPrefix(p, "testdata/") || strings.Contains(p, "/testdata/")
}

// inVendored says whether a path lies in a room of other people's files.
func inVendored(p string) bool {
	for _, room := range vendorRooms {
		if strings.HasPrefix(p, room+"/") {
			return true
		}
	}
	return false
}
