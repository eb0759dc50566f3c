package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestFalseTrees checks that each house rule speaks up, says what it should,
// and leaves alone what stands beside. Every archive in testdata is a small
// tree; its file "want" holds the findings, one a line, and nothing else may
// be found. Run with UPDATE=1 to rewrite "want", and read the difference.
func TestFalseTrees(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no false trees: %v", err)
	}
	spoke := map[string]bool{}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			root, want := grow(t, a)
			found, err := Check(root)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, f := range found {
				spoke[f.Rule] = true
				got.WriteString(f.String() + "\n")
			}
			if os.Getenv("UPDATE") == "1" {
				rewrite(t, name, a, got.String())
				return
			}
			if got.String() != want {
				t.Errorf("found\n%s\nwant\n%s", got.String(), want)
			}
		})
	}
	for _, c := range checks {
		if !spoke[c.name] {
			t.Errorf("check %q speaks up in no false tree; a check that cannot fail is none", c.name)
		}
	}
}

// grow writes the files of an archive and answers the root and the file "want".
func grow(t *testing.T, a *txtar.Archive) (root, want string) {
	t.Helper()
	root = t.TempDir()
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(path, f.Data, 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
	return root, want
}

func rewrite(t *testing.T, name string, a *txtar.Archive, want string) {
	t.Helper()
	for i, f := range a.Files {
		if f.Name == "want" {
			a.Files[i].Data = []byte(want)
		}
	}
	err := os.WriteFile(name, txtar.Format(a), 0o644)
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryEdge checks that no edge of the law is dead: each forbids its own
// rooms at least once, with its own reason.
func TestEveryEdge(t *testing.T) {
	tr := &tree{module: "false.example/tree"}
	room := func(r string) string {
		if strings.HasSuffix(r, "/") {
			return r + "x"
		}
		return r
	}
	for _, e := range law {
		told := false
		for _, from := range e.from {
			for _, to := range e.to {
				for _, text := range tr.breaks(room(from), tr.module+"/"+room(to)) {
					told = told || strings.HasSuffix(text, e.why)
				}
			}
		}
		if !told {
			t.Errorf("no import breaks the edge %q", e.why)
		}
	}
}

// TestMachineFolders checks the shapes one by one, put together here so that
// the check on the real tree does not find its own test.
func TestMachineFolders(t *testing.T) {
	for line, want := range map[string]bool{
		"see ../sha" + "red/notes.md":    true,
		"`/wo" + "rk/main`":              true,
		"(/ro" + "ot/.cache)":            true,
		"/Us" + "ers/An/tram":            true,
		`C:\Us` + `ers\An\tram`:          true,
		"https://example.org/wo" + "rk/": false,
		"/home" + "work/x":               false,
		"internal/sha" + "red/x":         false,
		"data in /var/lib/tram":          false,
	} {
		if got := machine.MatchString(line); got != want {
			t.Errorf("%q: found %v, want %v", line, got, want)
		}
	}
}

// TestRootAboveNothing checks that a folder outside any module is an error
// that says where to run, not a silent pass over an empty tree.
func TestRootAboveNothing(t *testing.T) {
	_, err := Root(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "run this inside the source tree") {
		t.Errorf("Root outside a module: %v", err)
	}
}

// TestVendorLockRefusesEscape checks that a row cannot name a file outside the
// tree, which the re-fetch would overwrite.
func TestVendorLockRefusesEscape(t *testing.T) {
	for row, want := range map[string]string{
		"htmx.org 2.0.11 dist/htmx.min.js ../../etc/passwd -": "leaves the tree",
		"htmx.org 2.0.11 dist/htmx.min.js /etc/passwd -":      "leaves the tree",
		"htmx.org 2.0.11 dist/htmx.min.js":                    "has 3 columns, want 5",
	} {
		root := t.TempDir()
		path := filepath.Join(root, filepath.FromSlash(vendorLock))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err != nil {
			t.Fatal(err)
		}
		err = os.WriteFile(path, []byte(row+"\n"), 0o644)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadVendorLock(root)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("lock row %q: %v, want %q", row, err, want)
		}
	}
}
