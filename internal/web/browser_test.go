package web

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tram/internal/access"
	"tram/internal/clinic/clinictest"
	"tram/internal/web/ui/story"
	"tram/internal/words"
)

// house is a site under test with its pages served over real HTTP.
type house struct {
	*clinictest.Site
	t   *testing.T
	srv *httptest.Server
	web *Server
	log *strings.Builder
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{Site: clinictest.New(t), t: t, log: &strings.Builder{}}
	s, err := New(Options{Clinic: h.Clinic, Log: slog.New(slog.NewTextHandler(h.log, nil)), Stations: 2})
	if err != nil {
		t.Fatal(err)
	}
	h.srv, h.web = httptest.NewServer(s), s
	t.Cleanup(h.srv.Close)
	return h
}

// browser is one browser without scripts: it keeps cookies, follows
// redirects, and fills in the forms that a page really shows.
type browser struct {
	h      *house
	client *http.Client
	page   string // words without no-break spaces
	raw    string
	status int
	path   string
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h: h, client: &http.Client{Jar: jar}}
}

// signedIn is a browser of a person at a window.
func (h *house) signedIn(a access.Actor, pin, station string) *browser {
	h.t.Helper()
	b := h.browser()
	b.get("/signin?person=" + string(a.Person))
	b.send("/signin", "pin", pin, "station", station)
	if b.status != http.StatusOK {
		h.t.Fatalf("sign-in answered %d: %s", b.status, b.text())
	}
	return b
}

func (b *browser) do(r *http.Request) {
	b.h.t.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	b.status, b.raw, b.page, b.path = res.StatusCode, string(body), words.Plain(string(body)), res.Request.URL.Path
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		for _, p := range story.Problems(b.raw, "vi") {
			b.h.t.Errorf("%s: %s", b.path, p)
		}
	}
}

func (b *browser) get(path string) {
	b.h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.h.srv.URL+path, nil)
	if err != nil {
		b.h.t.Fatal(err)
	}
	b.do(r)
}

func (b *browser) post(path string, v url.Values) {
	b.h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.h.srv.URL+path, strings.NewReader(v.Encode()))
	if err != nil {
		b.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.do(r)
}

// send fills in the form of the page that goes to action and sends it. It
// fails where there is no such form, or no such field in it.
func (b *browser) send(action string, fields ...string) {
	b.h.t.Helper()
	v, ok := formOf(b.raw, action)
	if !ok {
		b.h.t.Fatalf("%s has no form to %s:\n%s", b.path, action, b.text())
	}
	for i := 0; i < len(fields); i += 2 {
		if _, there := v[fields[i]]; !there {
			b.h.t.Fatalf("the form to %s has no field %s", action, fields[i])
		}
		v.Set(fields[i], fields[i+1])
	}
	for k, list := range v {
		if list[0] == unset {
			v.Del(k)
		}
	}
	b.post(action, v)
}

// unset marks a field that a browser would not send: a radio button nobody
// chose, or a button nobody pressed.
const unset = "\x00unset"

// formOf reads the form to action as a browser would send it.
func formOf(page, action string) (url.Values, bool) {
	z := html.NewTokenizer(strings.NewReader(page))
	v, inside := url.Values{}, false
	area, choice := "", ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return nil, false
		case html.TextToken:
			if inside && area != "" {
				v.Set(area, string(z.Text()))
			}
		case html.EndTagToken:
			switch z.Token().Data {
			case "form":
				if inside {
					return v, true
				}
			case "textarea":
				area = ""
			case "select":
				choice = ""
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			a := map[string]string{}
			for _, x := range t.Attr {
				a[x.Key] = x.Val
			}
			_, checked := a["checked"]
			_, selected := a["selected"]
			switch {
			case t.Data == "form":
				inside = a["action"] == action && strings.EqualFold(a["method"], "post")
				v = url.Values{}
			case !inside || (a["name"] == "" && t.Data != "option"):
			case t.Data == "textarea":
				area = a["name"]
				v.Set(area, "")
			case t.Data == "select":
				choice = a["name"]
				v.Set(choice, "")
			case t.Data == "option" && choice != "" && selected:
				v.Set(choice, a["value"])
			case t.Data == "button", t.Data == "input" && (a["type"] == "radio" || a["type"] == "checkbox") && !checked:
				if !v.Has(a["name"]) {
					v.Set(a["name"], unset)
				}
			case t.Data == "input":
				v.Set(a["name"], a["value"])
			}
		}
	}
}

// text is the words of the page.
func (b *browser) text() string {
	z := html.NewTokenizer(strings.NewReader(b.page))
	var out []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(out, " ")
		case html.TextToken:
			if s := strings.TrimSpace(string(z.Text())); s != "" {
				out = append(out, html.UnescapeString(s))
			}
		}
	}
}

// shows wants words on the page.
func (b *browser) shows(want ...string) {
	b.h.t.Helper()
	text := b.text()
	for _, w := range want {
		if !strings.Contains(text, w) {
			b.h.t.Fatalf("%s (%d) does not show %q:\n%s", b.path, b.status, w, text)
		}
	}
}

// lacks wants words not to be on the page.
func (b *browser) lacks(not ...string) {
	b.h.t.Helper()
	text := b.text()
	for _, w := range not {
		if strings.Contains(text, w) {
			b.h.t.Fatalf("%s shows %q:\n%s", b.path, w, text)
		}
	}
}

// events reads the stream of events until one has the name, or ctx ends.
func (b *browser) events(ctx context.Context, ready chan<- struct{}) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.h.srv.URL+"/events", nil)
	if err != nil {
		return false
	}
	res, err := b.client.Do(r)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		switch lines.Text() {
		case ": here":
			close(ready)
		case "event: changed":
			return true
		}
	}
	return false
}
