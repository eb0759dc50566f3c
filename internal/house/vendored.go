package house

import (
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// vendorLock is where the lock of the checked-in browser files stands.
const vendorLock = "internal/web/static/vendor/vendor.lock"

// vendorRooms hold nothing but files of the lock (and the lock itself).
var vendorRooms = []string{
	"internal/web/static/vendor",
	"internal/web/static/icons",
	"internal/walk/testdata/vendor",
}

const vendorHead = `# Browser files of other people, exactly as their packages ship them.
# Written by: go run ./tools/vendorjs -update   Compared by the house test.
# package  version  member  file  sha512
`

// VendorRow is one checked-in file of a package of the npm registry.
type VendorRow struct {
	Name    string // npm package
	Version string // exact version
	Member  string // path inside the package
	File    string // path in this tree, with slashes
	SHA512  string // hex, of the file; "-" before the first fetch
}

// Package answers name@version.
func (r VendorRow) Package() string { return r.Name + "@" + r.Version }

// ReadVendorLock reads the lock below root.
func ReadVendorLock(root string) ([]VendorRow, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(vendorLock)))
	if err != nil {
		return nil, fmt.Errorf("read vendor lock: %w", err)
	}
	var rows []VendorRow
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 5 {
			return nil, fmt.Errorf("%s:%d has %d columns, want 5", vendorLock, i+1, len(f))
		}
		if !filepath.IsLocal(filepath.FromSlash(f[3])) {
			return nil, fmt.Errorf("%s:%d: %q leaves the tree", vendorLock, i+1, f[3])
		}
		rows = append(rows, VendorRow{Name: f[0], Version: f[1], Member: f[2], File: f[3], SHA512: f[4]})
	}
	return rows, nil
}

// WriteVendorLock writes the lock below root.
func WriteVendorLock(root string, rows []VendorRow) error {
	var b strings.Builder
	b.WriteString(vendorHead)
	for _, r := range rows {
		fmt.Fprintf(&b, "%s %s %s %s %s\n", r.Name, r.Version, r.Member, r.File, r.SHA512)
	}
	err := os.WriteFile(filepath.Join(root, filepath.FromSlash(vendorLock)), []byte(b.String()), 0o644)
	if err != nil {
		return fmt.Errorf("write vendor lock: %w", err)
	}
	return nil
}

// vendored finds checked-in browser files that are not what the lock says, and
// files beside them that the lock does not know.
func vendored(t *tree) []Finding {
	if !hasVendored(t) {
		return nil
	}
	rows, err := ReadVendorLock(t.root)
	if err != nil {
		return []Finding{{File: vendorLock, Text: rootless(t, err)}}
	}
	var found []Finding
	known := map[string]bool{vendorLock: true}
	for _, r := range rows {
		known[r.File] = true
		body, err := os.ReadFile(filepath.Join(t.root, filepath.FromSlash(r.File)))
		if err != nil {
			found = append(found, Finding{File: r.File, Text: "is in the lock but not here: " + rootless(t, err)})
			continue
		}
		sum := sha512.Sum512(body)
		if hex.EncodeToString(sum[:]) != r.SHA512 {
			found = append(found, Finding{File: r.File, Text: "is not the file of " + r.Package() + "; go run ./tools/vendorjs tells more"})
		}
	}
	for _, room := range vendorRooms {
		found = append(found, strangers(t, room, known)...)
	}
	return found
}

// rootless is an error's text without the folder that the tree happens to be in.
func rootless(t *tree, err error) string {
	return strings.ReplaceAll(filepath.ToSlash(err.Error()), filepath.ToSlash(t.root)+"/", "")
}

// hasVendored says whether any vendored room exists.
func hasVendored(t *tree) bool {
	for _, room := range vendorRooms {
		_, err := os.Stat(filepath.Join(t.root, filepath.FromSlash(room)))
		if err == nil {
			return true
		}
	}
	return false
}

// strangers finds files in a vendored room that nobody vouches for.
func strangers(t *tree, room string, known map[string]bool) []Finding {
	var found []Finding
	err := filepath.WalkDir(filepath.Join(t.root, filepath.FromSlash(room)), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel := t.rel(path)
		if !known[rel] {
			found = append(found, Finding{File: rel, Text: "is not in " + vendorLock})
		}
		return nil
	})
	if err != nil {
		found = append(found, Finding{File: room, Text: "cannot be listed: " + err.Error()})
	}
	return found
}
