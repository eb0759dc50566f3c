package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tram/internal/id"
	"tram/internal/web"
)

// face is a site's pages as one browser meets them, without a network.
type face struct {
	*web.Server
	cookies map[string]*http.Cookie
	clock   time.Duration // of the server, for the last answer
	busy    time.Duration // of the processor for it; 0 where that is not known
	wire    int           // bytes of the last answer, as they would be sent
	raw     int           // and unpacked
	body    string
}

// newFace signs the nurse in.
func newFace(s *benchSite) (*face, error) {
	h, err := web.New(web.Options{Clinic: s.Clinic})
	if err != nil {
		return nil, err
	}
	f := &face{Server: h, cookies: map[string]*http.Cookie{}}
	return f, f.post("/signin", url.Values{"person": {string(s.nurse.Person)}, "pin": {benchPIN}, "station": {"1"}})
}

// ask sends one request and wants one status.
func (f *face) ask(r *http.Request, want int) error {
	r.Header.Set("Accept-Encoding", "gzip")
	for _, c := range f.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	before, _ := processorTime()
	t := time.Now()
	f.ServeHTTP(w, r)
	f.clock, f.wire = time.Since(t), w.Body.Len()
	after, _ := processorTime()
	f.busy = after - before
	if w.Code != want {
		return fmt.Errorf("%s %s answers %d, want %d", r.Method, r.URL.Path, w.Code, want)
	}
	res := w.Result()
	for _, c := range res.Cookies() {
		f.cookies[c.Name] = c
	}
	body := io.Reader(w.Body)
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			return err
		}
		body = z
	}
	text, err := io.ReadAll(body)
	f.body, f.raw = string(text), len(text)
	return err
}

func (f *face) get(path string) error {
	return f.ask(httptest.NewRequest(http.MethodGet, path, nil), http.StatusOK)
}

func (f *face) post(path string, form url.Values) error {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.ask(r, http.StatusSeeOther)
}

// lap asks for a page of each patient, who is before the window then, and
// keeps the server's own time and the largest answer.
func (f *face) lap(l *laps, name string, s *benchSite, path func(id.Patient) string) (largest int, err error) {
	for _, p := range s.patients {
		form := url.Values{"patient": {string(p)}, "form": {string(newForm())}}
		if err := f.post("/window/open", form); err != nil {
			return 0, err
		}
		if err := f.get(path(p)); err != nil {
			return 0, err
		}
		l.waits[name] = append(l.waits[name], f.clock)
		l.busy[name] += f.busy
		largest = max(largest, f.wire)
	}
	return largest, nil
}

// pagesMeasured are the two pages that are looked at all morning.
var pagesMeasured = []struct {
	name string
	path func(id.Patient) string
}{
	{"window page", func(id.Patient) string { return "/window" }},
	{"patient page", func(p id.Patient) string { return "/patient/" + string(p) }},
}

// pages measures the server's own time for the window and a patient's record
// in the middle of a morning, over all patients: the first time after the site
// was opened, which also leaves the trace of the look, durably, and again.
func (b *bench) pages(ctx context.Context, s *benchSite) error {
	d, err := s.beginNext(ctx)
	if err != nil {
		return err
	}
	half := len(s.patients) / 2
	for _, p := range s.patients[:half] {
		if err := s.pour(ctx, p); err != nil {
			return err
		}
	}
	l := newLaps()
	for _, pg := range pagesMeasured {
		if err := s.reopen(ctx); err != nil {
			return err
		}
		f, err := newFace(s)
		if err != nil {
			return err
		}
		wire := 0
		for _, state := range []string{"first look", "again"} {
			name := pg.name + ", " + state
			if wire, err = f.lap(l, name, s, pg.path); err != nil {
				return err
			}
			b.table.add("F4", name+", server time, median", l.wait(name, 0.5), "ms", atMost(5))
			b.table.add("F4", name+", server time, p99", l.wait(name, 0.99), "ms", atMost(30))
			if n := len(s.patients); l.busy[name] > 0 {
				b.table.add("F4", name+", time of a core, mean", float64(l.busy[name].Microseconds())/1000/float64(n), "ms", goal{})
			}
		}
		b.table.add("F5", pg.name+" over the wire, the largest", float64(wire)/1000, "kB", atMost(300))
	}
	if err := b.firstPage(s); err != nil {
		return err
	}
	return s.finish(ctx, d, half)
}

// linked are the addresses a page loads beside itself.
var linked = regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)

// firstPage is what a browser fetches that was never here: the sign-in page
// with all it loads.
func (b *bench) firstPage(s *benchSite) error {
	h, err := web.New(web.Options{Clinic: s.Clinic})
	if err != nil {
		return err
	}
	f := &face{Server: h, cookies: map[string]*http.Cookie{}}
	if err := f.get("/signin"); err != nil {
		return err
	}
	total, had := f.wire, map[string]bool{}
	for _, m := range linked.FindAllStringSubmatch(f.body, -1) {
		if had[m[1]] {
			continue
		}
		had[m[1]] = true
		if err := f.get(m[1]); err != nil {
			return err
		}
		total += f.wire
	}
	b.table.add("F5", "first page over the wire, with style and script", float64(total)/1000, "kB", atMost(150))
	return nil
}
