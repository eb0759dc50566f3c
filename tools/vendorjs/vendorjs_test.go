package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tram/internal/house"
)

// pack makes an npm archive.
func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	tw := tar.NewWriter(zip)
	for name, text := range files {
		err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg})
		if err != nil {
			t.Fatal(err)
		}
		_, err = tw.Write([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, close := range []func() error{tw.Close, zip.Close} {
		err := close()
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "x.tgz")
	err := os.WriteFile(path, b.Bytes(), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnpack(t *testing.T) {
	members, err := unpack(pack(t, map[string]string{"package/dist/a.js": "a()", "package/LICENSE": "free", "package/huge": strings.Repeat("x", maxMember+1)}))
	if err != nil {
		t.Fatal(err)
	}
	if len(members) != 2 || string(members["dist/a.js"]) != "a()" || string(members["LICENSE"]) != "free" {
		t.Errorf("unpacked %d members, want the two small ones", len(members))
	}
	broken := filepath.Join(t.TempDir(), "b.tgz")
	err = os.WriteFile(broken, []byte("no archive"), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	_, err = unpack(broken)
	if err == nil {
		t.Error("a file that is no archive was unpacked")
	}
}

// TestSettle checks that a file that differs from the package is told, that
// the lock's sum counts as much as the bytes, that -update puts both right,
// and that a member the package does not have is an error.
func TestSettle(t *testing.T) {
	root := t.TempDir()
	sum := sha512.Sum512([]byte("a()"))
	right := hex.EncodeToString(sum[:])
	members := map[string][]byte{"dist/a.js": []byte("a()")}
	row := house.VendorRow{Name: "a", Version: "1.0.0", Member: "dist/a.js", File: "static/a.js", SHA512: right}
	path := filepath.Join(root, "static", "a.js")
	for _, c := range []struct {
		name, have, sum string
		wrong           int
	}{
		{"same", "a()", right, 0},
		{"changed file", "b()", right, 1},
		{"changed lock", "a()", "00", 1},
		{"missing file", "", right, 1},
	} {
		_ = os.Remove(path)
		if c.have != "" {
			err := write(path, []byte(c.have))
			if err != nil {
				t.Fatal(err)
			}
		}
		row.SHA512 = c.sum
		rows := []house.VendorRow{row, {Name: "other", Version: "1"}}
		n, err := settle(&bytes.Buffer{}, root, rows, "a@1.0.0", members, false)
		if err != nil || n != c.wrong {
			t.Errorf("%s: %d wrong, %v; want %d", c.name, n, err, c.wrong)
		}
		_, err = settle(&bytes.Buffer{}, root, rows, "a@1.0.0", members, true)
		have, _ := os.ReadFile(path)
		if err != nil || string(have) != "a()" || rows[0].SHA512 != right {
			t.Errorf("%s: after -update the file is %q and the lock %.8s, %v", c.name, have, rows[0].SHA512, err)
		}
	}
	row.Member = "gone.js"
	_, err := settle(&bytes.Buffer{}, root, []house.VendorRow{row}, "a@1.0.0", members, false)
	if err == nil {
		t.Error("a member that the package does not have passed")
	}
}

func TestPackagesOnce(t *testing.T) {
	got := packages([]house.VendorRow{{Name: "a", Version: "1"}, {Name: "b", Version: "2"}, {Name: "a", Version: "1"}})
	if strings.Join(got, " ") != "a@1 b@2" {
		t.Errorf("packages %v", got)
	}
}
