package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"tram/internal/house"
)

// maxMember bounds one unpacked file: the largest we want is under 1 MB, and a
// registry's answer is outside data.
const maxMember = 4 << 20

// packages lists name@version of the rows, each once, in their order.
func packages(rows []house.VendorRow) []string {
	var all []string
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Package()] {
			seen[r.Package()] = true
			all = append(all, r.Package())
		}
	}
	return all
}

// fetch asks npm for one package and answers the small files in it by their
// name inside the package. npm runs no script of the package for "pack".
func fetch(scratch, pkg string) (map[string][]byte, error) {
	dir, err := os.MkdirTemp(scratch, "pack")
	if err != nil {
		return nil, fmt.Errorf("make a directory for %s: %w", pkg, err)
	}
	cmd := exec.Command("npm", "pack", "--ignore-scripts", "--silent", pkg)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	err = cmd.Run()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", pkg, err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("npm pack %s left %d archives, want 1", pkg, len(found))
	}
	return unpack(found[0])
}

// unpack reads the regular files of an npm archive; all stand below "package/".
func unpack(archive string) (map[string][]byte, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unzip %s: %w", filepath.Base(archive), err)
	}
	members := map[string][]byte{}
	for tr := tar.NewReader(zip); ; {
		head, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return members, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", filepath.Base(archive), err)
		}
		if head.Typeflag != tar.TypeReg || head.Size > maxMember {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(tr, maxMember))
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", head.Name, filepath.Base(archive), err)
		}
		members[strings.TrimPrefix(head.Name, "package/")] = body
	}
}

// settle compares the files of one package with the lock and the tree, or with
// update writes them and their sums. It answers how many differ.
func settle(out io.Writer, root string, rows []house.VendorRow, pkg string, members map[string][]byte, update bool) (int, error) {
	wrong := 0
	for i, r := range rows {
		if r.Package() != pkg {
			continue
		}
		body, ok := members[r.Member]
		if !ok {
			return 0, fmt.Errorf("%s has no file %s", pkg, r.Member)
		}
		sum := sha512.Sum512(body)
		text := hex.EncodeToString(sum[:])
		path := filepath.Join(root, filepath.FromSlash(r.File))
		if update {
			rows[i].SHA512 = text
			err := write(path, body)
			if err != nil {
				return 0, err
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil || string(have) != string(body) || r.SHA512 != text {
			_, _ = fmt.Fprintf(out, "  DIFFERS %s (%s of %s)\n", r.File, r.Member, pkg)
			wrong++
		}
	}
	return wrong, nil
}

// write puts one fetched file into the tree.
func write(path string, body []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err != nil {
		return fmt.Errorf("make directory of %s: %w", path, err)
	}
	err = os.WriteFile(path, body, 0o644)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
