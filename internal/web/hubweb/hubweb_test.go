package hubweb_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tram/internal/care/programme"
	"tram/internal/hub"
	"tram/internal/hubdb"
	"tram/internal/hubdb/hubdbtest"
	"tram/internal/web/hubweb"
)

const password = "sương mù trên đèo cao"

type browser struct {
	t      *testing.T
	client *http.Client
	url    string
	hub    *hub.Hub
}

func open(t *testing.T) *browser {
	t.Helper()
	o := hub.Options{Dir: t.TempDir(), HashKiB: 64}
	if _, _, err := hub.Create(o, hub.Founding{Programme: "DBV", Name: "Chương trình thử", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Manager: "Lò Thị Nhàn", Password: password}); err != nil {
		t.Fatal(err)
	}
	h, err := hub.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	pages, err := hubweb.New(h, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewTLSServer(pages)
	t.Cleanup(s.Close)
	c := s.Client()
	if c.Jar, err = cookiejar.New(nil); err != nil {
		t.Fatal(err)
	}
	return &browser{t, c, s.URL, h}
}

func (b *browser) get(path string) string {
	b.t.Helper()
	r, err := b.client.Get(b.url + path)
	return b.read(r, err, http.StatusOK)
}

func (b *browser) read(r *http.Response, err error, status int) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != status {
		b.t.Fatalf("%s %v, want %d\n%s", r.Status, err, status, text)
	}
	return string(text)
}

func (b *browser) post(path string, status int, values ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	r, err := b.client.PostForm(b.url+path, form)
	return b.read(r, err, status)
}

func (b *browser) wants(text string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.t.Fatalf("no %q on the page:\n%s", w, text)
		}
	}
}

// TestSignedInOnly: nobody sees or does anything before the password, and a
// guesser is stopped even when the sixth guess is right.
func TestSignedInOnly(t *testing.T) {
	b := open(t)
	b.wants(b.get("/"), "Đăng nhập máy chủ")
	b.wants(b.post("/incident", http.StatusOK, "incident", "i", "answer", "x"), "Đăng nhập máy chủ")
	person := string(b.hub.People()[0].Person)
	for range 5 {
		b.wants(b.post("/signin", http.StatusUnprocessableEntity, "person", person, "password", "wrong"), "không đúng")
	}
	b.post("/signin", http.StatusUnprocessableEntity, "person", person, "password", password)
	b.post("/signin", http.StatusUnprocessableEntity, "person", "nobody", "password", password)
}

// TestForeignFormIsRefused: a page elsewhere cannot press a button here.
func TestForeignFormIsRefused(t *testing.T) {
	b := open(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/signin", strings.NewReader("person=x"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://elsewhere.example")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r, err := b.client.Do(req)
	b.read(r, err, http.StatusForbidden)
}

// TestOverview: the sites, their journals and what waits are on the first
// page, an answer goes into the journal, and no name of a patient is shown.
func TestOverview(t *testing.T) {
	b := open(t)
	person := b.hub.People()[0].Person
	tg, ns := hubdbtest.New("TG"), hubdbtest.New("NS")
	for i, s := range []*hubdbtest.Site{tg, ns} {
		f := programme.SiteJoined{Site: s.Code, Name: "Trạm " + string(s.Code), Number: 1, Verifier: s.Public, NKey: "U" + string(s.Code), Box: string(s.Code), Role: programme.Main}
		if err := b.hub.Record(t.Context(), person, f); err != nil {
			t.Fatal(err)
		}
		p := s.Register(hubdbtest.Start, "Vàng A Dơ", "0123")
		s.Dose(hubdbtest.Start, p, "o")
		n := len(s.Entries)
		pieces := []hubdb.Piece{{Segment: s.Segment(0, n), Verifier: s.Keys.Verifier}}
		if i == 1 {
			forked := hubdbtest.New("NS")
			forked.Add(1, "site.founded", `{}`)
			pieces = append(pieces, hubdb.Piece{Segment: forked.Segment(0, 1), Verifier: forked.Keys.Verifier})
		}
		if _, err := b.hub.DB().Ingest(t.Context(), pieces, []byte("s"), b.hub.Now()); err != nil {
			t.Fatal(err)
		}
	}
	b.post("/signin", http.StatusOK, "person", string(person), "password", password)
	b.post("/language", http.StatusOK, "lang", "en")
	page := b.get("/")
	b.wants(page, "Lò Thị Nhàn", "TG · Trạm TG", "stopped", "same identity number", "Two histories of one site", "Every letter was accepted")
	if strings.Contains(page, "Dơ") {
		t.Fatal("a patient's name is on the hub's page")
	}
	pairs, err := b.hub.DB().OpenPairs(t.Context())
	if err != nil || len(pairs) != 1 {
		t.Fatal(pairs, err)
	}
	one, two := string(pairs[0].One), string(pairs[0].Two)
	b.wants(b.post("/pair", http.StatusOK, "one", one, "two", two, "same", "yes", "why", ""), "PROG-11")
	b.wants(b.post("/pair", http.StatusOK, "one", one, "two", two, "same", "yes", "why", "same card"), "Recorded", "No two records look like one person")
	found, err := b.hub.DB().OpenIncidents(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	b.wants(b.post("/incident", http.StatusOK, "incident", found[0].ID, "answer", "telephoned"), "Nothing waits for an answer")
	if page := b.post("/resume", http.StatusOK, "site", "NS"); strings.Contains(page, "stopped") {
		t.Fatal("the journal is still stopped")
	}
	b.wants(b.post("/lock", http.StatusOK), "Đăng nhập máy chủ")
}
