// Package static holds what the pages load beside themselves: our stylesheet
// and script, the vendored scripts, the icons.
//
// Everything is inside the program and served from it; nothing comes from
// elsewhere. Each file has an address with the hash of its content, so that a
// browser may keep it for ever and a new version is a new address. Files are
// sent compressed when the browser takes it; the compressed bytes are made
// once, when first asked for.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

//go:embed *
var files embed.FS

// Prefix is where the files are served.
const Prefix = "/static/"

// asset is one file with its address.
type asset struct {
	url    string
	kind   string // media type
	body   []byte
	packed func() []byte
}

var (
	byName = map[string]*asset{} // "tram.css"
	byURL  = map[string]*asset{}
	icons  = map[string]string{} // name without .svg → the element
)

func init() {
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		switch ext := path.Ext(name); {
		case strings.HasPrefix(name, "icons/") && ext == ".svg":
			icons[strings.TrimSuffix(path.Base(name), ".svg")] = element(string(body))
		case ext == ".css" || ext == ".js":
			add(name, ext, body)
		}
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("static: %v", err)) // the files are part of the program
	}
}

func add(name, ext string, body []byte) {
	sum := sha256.Sum256(body)
	base := strings.TrimSuffix(path.Base(name), ext)
	a := &asset{url: Prefix + base + "." + hex.EncodeToString(sum[:6]) + ext, kind: mime.TypeByExtension(ext), body: body}
	if ext == ".js" {
		a.kind = "text/javascript; charset=utf-8" // an old Windows registry may say otherwise
	}
	if ext == ".css" {
		a.kind = "text/css; charset=utf-8"
	}
	a.packed = sync.OnceValue(func() []byte { return pack(body) })
	byName[name], byURL[a.url] = a, a
}

func pack(body []byte) []byte {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil
	}
	_, errWrite := w.Write(body)
	if errClose := w.Close(); errWrite != nil || errClose != nil {
		return nil
	}
	return buf.Bytes()
}

// URL is the address of a file by its name, "tram.css" or
// "vendor/htmx.min.js". A name that does not exist is a programming error and
// panics; the storybook renders every page and so finds it.
func URL(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	return a.url
}

var (
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
	blanks  = regexp.MustCompile(`\s+`)
)

// element makes an icon's file into one line to be put into a page. It is
// decoration: the words stand beside it.
func element(svg string) string {
	svg = blanks.ReplaceAllString(strings.TrimSpace(comment.ReplaceAllString(svg, "")), " ")
	return strings.Replace(svg, "<svg", `<svg aria-hidden="true" focusable="false"`, 1)
}

// Icon is the SVG element of an icon by its name, "droplet". A name that does
// not exist panics, as in [URL].
func Icon(name string) string {
	svg, ok := icons[name]
	if !ok {
		panic("static: no icon " + name)
	}
	return svg
}

// Handler serves the files under [Prefix]. An address that is not exactly one
// of ours is not found; there is no listing and no path to climb.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		body := a.body
		if p := a.packed(); p != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = p
		}
		h.Set("Content-Length", fmt.Sprint(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the browser went away: nothing to do for it
		}
	})
}

// WriteTo writes the files under their addresses into a directory, for looking
// at pages without a server.
func WriteTo(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("write static files: %w", err)
	}
	for url, a := range byURL {
		if err := os.WriteFile(filepath.Join(dir, path.Base(url)), a.body, 0o600); err != nil {
			return fmt.Errorf("write static files: %w", err)
		}
	}
	return nil
}
