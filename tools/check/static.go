package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"tram/internal/house"
)

// modules makes the later timings honest (no download inside them) and says
// early when a module is missing or was changed.
func modules(g *gate) error {
	err := g.stream("go", "mod", "download")
	if err != nil {
		return err
	}
	_, err = g.quiet("go", "mod", "verify")
	return err
}

// format holds all files to gofmt, and those we write to gofumpt, which leaves
// generated files alone.
func format(g *gate) error {
	root, err := g.quiet("go", "env", "GOROOT")
	if err != nil {
		return err
	}
	gofmt := filepath.Join(strings.TrimSpace(root), "bin", "gofmt")
	err = g.nothing("these files are not formatted; gofmt -w FILE", gofmt, "-l", ".")
	if err != nil {
		return err
	}
	return g.nothing("these files are not formatted; go tool gofumpt -w FILE", "go", "tool", "gofumpt", "-l", ".")
}

func houseRules(g *gate) error {
	found, err := house.Check(g.root)
	if err != nil {
		return err
	}
	for _, f := range found {
		g.say("%s", f)
	}
	if len(found) > 0 {
		return fmt.Errorf("%d house rules broken", len(found))
	}
	return nil
}

func vet(g *gate) error { return g.stream("go", "vet", "./...") }

func staticcheck(g *gate) error { return g.stream("go", "tool", "staticcheck", "./...") }

func errcheck(g *gate) error {
	return g.stream("go", "tool", "errcheck", "-exclude", filepath.Join("tools", "check", "errcheck.txt"), "./...")
}

// fileName is the only part of a generated page that depends on the folder in
// which the generator was started; it serves error messages.
var fileName = regexp.MustCompile("FileName: `[^`]*`")

// generated generates all pages anew in a copy and compares, so that a check
// never changes the tree under someone's editor.
func generated(g *gate) error {
	scratch, err := os.MkdirTemp("", "check-templ")
	if err != nil {
		return fmt.Errorf("make a scratch directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	pages, err := copyPages(g.root, scratch)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return nil
	}
	_, err = g.quiet("go", "tool", "templ", "generate", "-path", scratch, "-log-level", "error")
	if err != nil {
		return err
	}
	return comparePages(g, scratch)
}

// copyPages copies the .templ files to the same places below scratch.
func copyPages(root, scratch string) ([]string, error) {
	var pages []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") && path != root {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".templ") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		pages = append(pages, rel)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(scratch, rel)
		err = os.MkdirAll(filepath.Dir(to), 0o755)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		return nil, fmt.Errorf("copy the pages: %w", err)
	}
	return pages, nil
}

// comparePages finds generated files that are stale, missing or orphaned.
func comparePages(g *gate, scratch string) error {
	fresh, err := readGenerated(scratch)
	if err != nil {
		return err
	}
	have, err := readGenerated(g.root)
	if err != nil {
		return err
	}
	wrong := 0
	for rel, text := range fresh {
		if !bytes.Equal(text, have[rel]) {
			g.say("%s is not what its .templ file says", rel)
			wrong++
		}
	}
	for rel := range have {
		if _, ok := fresh[rel]; !ok {
			g.say("%s has no .templ file any more", rel)
			wrong++
		}
	}
	if wrong > 0 {
		return errors.New("generated pages differ; go tool templ generate, then commit")
	}
	return nil
}

// readGenerated reads the generated pages below root, without their folder.
func readGenerated(root string) (map[string][]byte, error) {
	texts := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_templ.go") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		texts[rel] = fileName.ReplaceAll(text, []byte("FileName: ``"))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read generated pages: %w", err)
	}
	return texts, nil
}
