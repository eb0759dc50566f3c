// Package story checks a page's samples: it renders each one in every language
// and looks for what no page may have.
//
// It is used by the tests of the page packages, one call for each sample. It
// knows HTML and our conventions, not the pages: balanced elements, a name for
// each control, no id twice, no word missing, nothing that the content
// security policy would block, a form id on each form that posts. With
// TRAM_STORY=directory set it also writes the pages there, to be looked at.
package story

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"tram/internal/day"
	"tram/internal/web/static"
	"tram/internal/words"
)

// Check renders a sample in every language and reports what is wrong with it.
// name is used for the written file.
func Check(t *testing.T, name string, sample func(p *words.Printer) templ.Component) {
	t.Helper()
	cat, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range cat.Langs() {
		var buf bytes.Buffer
		if err := sample(cat.For(lang).In(zone)).Render(context.Background(), &buf); err != nil {
			t.Errorf("%s %s: %v", name, lang, err)
			continue
		}
		for _, problem := range Problems(buf.String(), lang) {
			t.Errorf("%s %s: %s", name, lang, problem)
		}
		if dir := os.Getenv("TRAM_STORY"); dir != "" {
			write(t, dir, name+"."+lang+".html", buf.String())
		}
	}
}

// void lists the elements that have no end.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// element is an open element while reading.
type element struct {
	name     string
	attrs    map[string]string
	text     bool // has words inside
	fragment string
}

// page is what was seen so far.
type page struct {
	lang     string
	open     []element
	ids      map[string]bool
	refs     []string // ids that labels and descriptions point to
	controls []element
	labelled map[string]bool // ids that a label names
	problems []string
}

// Problems reads one page and lists what is wrong with it, in words.
func Problems(text, lang string) []string {
	pg := &page{lang: lang, ids: map[string]bool{}, labelled: map[string]bool{}}
	if strings.Contains(text, "⟦") {
		pg.add("words are missing: %s", regexp.MustCompile(`⟦[^⟧]*⟧?`).FindString(text))
	}
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				pg.add("cannot be read: %v", z.Err())
			}
			pg.end()
			return pg.problems
		case html.TextToken:
			if strings.TrimSpace(string(z.Text())) != "" {
				for i := range pg.open {
					pg.open[i].text = true
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			pg.start(z.Token())
		case html.EndTagToken:
			pg.close(z.Token().Data)
		}
	}
}

func (pg *page) add(format string, args ...any) {
	pg.problems = append(pg.problems, fmt.Sprintf(format, args...))
}

func (pg *page) start(t html.Token) {
	e := element{name: t.Data, attrs: map[string]string{}}
	for _, a := range t.Attr {
		e.attrs[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			pg.add("<%s> has %s, which the content security policy blocks", e.name, a.Key)
		}
	}
	if id := e.attrs["id"]; id != "" {
		if pg.ids[id] {
			pg.add("the id %q stands twice", id)
		}
		pg.ids[id] = true
	}
	for _, k := range []string{"for", "aria-labelledby", "aria-describedby", "list", "form"} {
		pg.refs = append(pg.refs, strings.Fields(e.attrs[k])...)
	}
	pg.rules(e)
	inside := slices.ContainsFunc(pg.open, func(o element) bool { return o.name == "svg" })
	if t.Type == html.SelfClosingTagToken && (inside || e.name == "svg") || slices.Contains(void, e.name) {
		return
	}
	pg.open = append(pg.open, e)
}

// rules holds what one element must have.
func (pg *page) rules(e element) {
	switch e.name {
	case "html":
		if e.attrs["lang"] != pg.lang {
			pg.add("the page says language %q, want %q", e.attrs["lang"], pg.lang)
		}
	case "img":
		if _, ok := e.attrs["alt"]; !ok {
			pg.add("an image has no alt")
		}
	case "script":
		if e.attrs["src"] == "" {
			pg.add("a script inside the page")
		}
	case "label":
		if f := e.attrs["for"]; f != "" {
			pg.labelled[f] = true
		}
	case "input", "select", "textarea":
		if e.attrs["type"] != "hidden" {
			pg.controls = append(pg.controls, e)
		}
		if e.attrs["type"] == "hidden" && e.attrs["name"] == "form" {
			pg.formID(e.attrs["value"])
		}
	case "form":
		if m := strings.ToLower(e.attrs["method"]); m != "post" && m != "get" {
			pg.add("a form to %q has no method", e.attrs["action"])
		}
	}
	for _, k := range []string{"href", "src", "action", "formaction"} {
		if v := e.attrs[k]; strings.Contains(v, "//") || strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "about:invalid") {
			pg.add("<%s> points outside: %s", e.name, v)
		}
	}
}

// formID marks the nearest open form as having its id.
func (pg *page) formID(value string) {
	for i := len(pg.open) - 1; i >= 0; i-- {
		if pg.open[i].name == "form" {
			pg.open[i].fragment = value
			return
		}
	}
}

func (pg *page) close(name string) {
	if len(pg.open) == 0 {
		pg.add("</%s> ends nothing", name)
		return
	}
	e := pg.open[len(pg.open)-1]
	pg.open = pg.open[:len(pg.open)-1]
	if e.name != name {
		pg.add("</%s> ends <%s>", name, e.name)
		return
	}
	switch e.name {
	case "button", "a", "legend", "h1", "h2", "h3", "th", "title", "summary":
		if !e.text && e.attrs["aria-label"] == "" && e.name != "th" {
			pg.add("<%s> has no words", e.name)
		}
	case "form":
		_, plain := e.attrs["data-plain"]
		_, unlock := e.attrs["data-unlock"]
		if strings.EqualFold(e.attrs["method"], "post") && e.fragment == "" && !plain && !unlock {
			pg.add("the form to %q posts without a form id", e.attrs["action"])
		}
	}
}

// end checks what is known only at the end.
func (pg *page) end() {
	for _, e := range pg.open {
		pg.add("<%s> is never closed", e.name)
	}
	for _, e := range pg.controls {
		if !pg.labelled[e.attrs["id"]] && e.attrs["aria-label"] == "" && e.attrs["aria-labelledby"] == "" {
			pg.add("<%s name=%q> has no label", e.name, e.attrs["name"])
		}
	}
	for _, r := range pg.refs {
		if !pg.ids[r] {
			pg.add("something points to the id %q, which is not there", r)
		}
	}
}

// write puts the page and what it loads into dir, with addresses that work
// from a file.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := static.WriteTo(filepath.Join(dir, "static")); err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, `"`+static.Prefix, `"static/`)
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
