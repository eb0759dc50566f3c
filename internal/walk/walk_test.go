package walk

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"tram/internal/walk/chromium"
)

const good = `<!doctype html><html lang="en"><head><title>Good</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="/icon.svg"><script src="/good.js" defer></script></head><body><main><h1>Window</h1>
<form action="/next" method="get"><label for="q">Name or card</label> <input id="q" name="q" autofocus>
<button id="find">Find</button></form><p id="late" hidden>Here now</p></main></body></html>`

const goodScript = `document.addEventListener("keydown", e => { if (e.key === "F2") document.getElementById("late").hidden = false })`

const bad = `<!doctype html><html><head><title>Bad</title><meta name="viewport" content="width=device-width, minimum-scale=1"></head><body><img src="http://elsewhere.example/x.png">
<input><p style="color:red"></p><table width="3000"><tr><td>wide</td></tr></table><script>inline()</script><script src="/bad.js"></script></body></html>`

// site serves two small pages under the content policy that ours have too.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	page := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			_, _ = fmt.Fprint(w, body)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /good", page("text/html; charset=utf-8", good))
	mux.HandleFunc("GET /good.js", page("text/javascript", goodScript))
	mux.HandleFunc("GET /icon.svg", page("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`))
	mux.HandleFunc("GET /bad", page("text/html; charset=utf-8", bad))
	mux.HandleFunc("GET /bad.js", page("text/javascript", `console.error("spilled", 5); undefinedName()`))
	mux.HandleFunc("GET /next", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Next</title><link rel="icon" href="/icon.svg"><h1 id="got">got %q</h1></html>`, r.FormValue("q"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// TestWalk walks through a page that is in order, by keyboard and by finger,
// and checks each thing the package measures.
func TestWalk(t *testing.T) {
	shots := t.TempDir()
	t.Setenv("WALK_SHOTS", shots)
	s := site(t)
	b := Start(t)

	desk := b.Open(Desk)
	cost := desk.Weigh(s.URL + "/good")
	if cost.Requests < 2 || cost.Bytes < int64(len(good)+len(goodScript)) || cost.Bytes > 5000 || len(cost.Foreign) > 0 {
		t.Errorf("weighed %+v, the page is %d and its script %d bytes", cost, len(good), len(goodScript))
	}
	if again := desk.Weigh(s.URL + "/good"); again.Bytes < cost.Bytes/2 {
		t.Errorf("second weighing %+v came from the cache; the first was %+v", again, cost)
	}
	desk.Press(kb.F2)
	desk.WaitText("#late", "Here now")
	desk.Accessible()
	desk.Shot("good")
	desk.Type("Lò")
	if got := desk.Value("#q"); got != "Lò" {
		t.Errorf("typed into the field that has the focus: %q", got)
	}
	desk.Fill("#q", "Quàng")
	desk.Press(kb.Enter)
	desk.WaitAt("/next?q=Qu%C3%A0ng")
	if got := desk.Text("#got"); got != `got "Quàng"` {
		t.Errorf("next page says %s", got)
	}
	if got, want := desk.Did(), (Actions{Keys: 2, Taps: 1, Typed: 7}); got != want || got.Total() != 10 {
		t.Errorf("did %+v, want %+v", got, want)
	}
	desk.Quiet()

	phone := b.Open(Phone)
	phone.Go(s.URL + "/good")
	phone.Scan("TG-0412-7")
	phone.WaitAt("/next?q=TG-0412-7")
	phone.Go(s.URL + "/good")
	phone.Tap("#find")
	phone.WaitAt("/next?q=")
	phone.Go(s.URL + "/good")
	if got, want := phone.Did(), (Actions{Scans: 1, Taps: 1}); got != want {
		t.Errorf("did %+v, want %+v", got, want)
	}
	if w := Ask[int](phone, `window.innerWidth`); w != int(Phone.Width) || phone.Sideways() != 0 {
		t.Errorf("phone is %d wide and scrolls %d sideways", w, phone.Sideways())
	}
	phone.Reset()
	if phone.Did().Total() != 0 {
		t.Errorf("after Reset: %+v", phone.Did())
	}
	picture, err := os.ReadFile(filepath.Join(shots, "good-desk.png"))
	if err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("no picture: %v", err)
	}
}

// TestComplaints checks that each kind of trouble is noticed: an inline script
// and a foreign picture against the policy, an error in a script, what the
// script says itself, what axe finds, and a page too wide for the phone.
func TestComplaints(t *testing.T) {
	s := site(t)
	p := Start(t).Open(Phone)
	p.Go(s.URL + "/bad")
	all := strings.Join(p.Complaints(), "\n")
	for _, want := range []string{"inline script", "inline style", "elsewhere.example", "spilled 5", "undefinedName is not defined"} {
		if !strings.Contains(all, want) {
			t.Errorf("nobody complained of %q:\n%s", want, all)
		}
	}
	var rules []string
	for _, v := range p.Axe() {
		rules = append(rules, v.ID)
	}
	for _, want := range []string{"html-has-lang", "image-alt", "label"} {
		if !slices.Contains(rules, want) {
			t.Errorf("axe did not find %s, only %v", want, rules)
		}
	}
	if got, want := p.Sideways(), 3000-int(Phone.Width); got < want {
		t.Errorf("a page of 3000 pixels scrolls %d sideways on a phone, want at least %d", got, want)
	}
}

// TestGoAgain goes to an address that the browser gives up at first, as it does
// when the page leaves by itself at that moment; here because the first answer
// holds nothing to show. Then it walks back and forth: each step has arrived
// when it returns.
func TestGoAgain(t *testing.T) {
	var asked atomic.Int32
	page := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>x</title><link rel="icon" href="data:,"><h1>%s</h1></html>`, text)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /first", func(w http.ResponseWriter, _ *http.Request) { page(w, "first") })
	mux.HandleFunc("GET /wanted", func(w http.ResponseWriter, _ *http.Request) {
		if n := asked.Add(1); n > 1 {
			page(w, fmt.Sprint("wanted ", n))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)

	p := Start(t).Open(Desk)
	p.Go(s.URL + "/first")
	p.Go(s.URL + "/wanted")
	if got := p.Text("h1"); got != "wanted 2" {
		t.Errorf("went to the page %q, want the second answer", got)
	}
	p.Reload()
	if got := p.Text("h1"); got != "wanted 3" {
		t.Errorf("loaded the page %q again, want the third answer", got)
	}
	p.Back()
	if got := p.Text("h1"); got != "first" {
		t.Errorf("went back to %q, want first", got)
	}
	p.Forward()
	if got := p.Text("h1"); !strings.HasPrefix(got, "wanted") {
		t.Errorf("went forward to %q, want the page wanted", got)
	}
	if got := p.Did().Taps; got != 3 {
		t.Errorf("counted %d taps, want 3", got)
	}
}

// TestOwnCookies checks that two pages of one browser are two PCs.
func TestOwnCookies(t *testing.T) {
	s := site(t)
	b := Start(t)
	one, two := b.Open(Desk), b.Open(Desk)
	one.Go(s.URL + "/good")
	two.Go(s.URL + "/good")
	Ask[string](one, `document.cookie = "who=one"`)
	if got := Ask[string](two, `document.cookie`); got != "" {
		t.Errorf("the second PC has the first one's cookie %q", got)
	}
}

// TestWithoutBrowser checks that a missing browser skips, and fails where it
// is required.
func TestWithoutBrowser(t *testing.T) {
	t.Setenv(chromium.EnvPath, "no-such-browser")
	for _, required := range []bool{false, true} {
		t.Setenv(chromium.EnvRequire, map[bool]string{true: "1", false: ""}[required])
		f := &fake{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { _ = recover() }()
			Start(f)
		}()
		<-done
		if f.failed != required || f.skipped == required {
			t.Errorf("required %v: skipped %v, failed %v", required, f.skipped, f.failed)
		}
	}
}

// fake hears what Start says to a test that has no browser.
type fake struct {
	testing.TB
	skipped, failed bool
}

func (f *fake) Helper()               {}
func (f *fake) Skipf(string, ...any)  { f.skipped = true; panic("skipped") }
func (f *fake) Fatalf(string, ...any) { f.failed = true; panic("failed") }
