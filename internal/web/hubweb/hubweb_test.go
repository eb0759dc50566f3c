package hubweb_test

import (
	"encoding/base64"
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
	"tram/internal/id"
	"tram/internal/sitesync/wire"
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
	b.wants(b.post("/cases/answer", http.StatusOK, "incident", "i", "answer", "x"), "Đăng nhập máy chủ")
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

// signIn signs the manager in, in English.
func (b *browser) signIn() string {
	b.t.Helper()
	b.post("/signin", http.StatusOK, "person", string(b.hub.People()[0].Person), "password", password)
	return b.post("/language", http.StatusOK, "lang", "en", "back", "/")
}

// join lets a site take part whose journal is made up.
func (b *browser) join(s *hubdbtest.Site, role programme.Role, parent id.Site) {
	b.t.Helper()
	f := programme.SiteJoined{Site: s.Code, Name: "Trạm " + string(s.Code), Number: 1, Verifier: s.Public, NKey: "U" + string(s.Code), Box: string(s.Code), Role: role, Parent: parent}
	if err := b.hub.Record(b.t.Context(), b.hub.People()[0].Person, f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) take(s *hubdbtest.Site, from, to int) {
	b.t.Helper()
	if _, err := b.hub.DB().Ingest(b.t.Context(), []hubdb.Piece{{Segment: s.Segment(from, to), Verifier: s.Keys.Verifier}}, []byte("s"), b.hub.Now()); err != nil {
		b.t.Fatal(err)
	}
}

// filled is a programme of two sites in which something of everything waits.
func filled(t *testing.T) (b *browser, tg, ns *hubdbtest.Site) {
	t.Helper()
	b = open(t)
	tg, ns = hubdbtest.New("TG"), hubdbtest.New("NS")
	b.join(tg, programme.Main, "")
	b.join(ns, programme.Satellite, "TG")
	for _, s := range []*hubdbtest.Site{tg, ns} {
		p := s.Register(hubdbtest.Start, "Vàng A Dơ", "040123457")
		s.Dose(hubdbtest.Start, p, "o")
		b.take(s, 0, len(s.Entries))
	}
	forked := hubdbtest.New("NS")
	forked.Add(1, "site.founded", `{}`)
	b.take(forked, 0, 1)
	return b, tg, ns
}

// TestOverview: the sites and what the hub waits for are on the first page, in
// words; what was never heard is said to be unknown, and no name of a patient
// is shown.
func TestOverview(t *testing.T) {
	b, _, _ := filled(t)
	b.join(hubdbtest.New("HL"), programme.Satellite, "TG")
	page := b.signIn()
	b.wants(page, "Lò Thị Nhàn", "TG · Trạm TG", "stopped", "a person&#39;s answer", "its first contact since it joined", "over 3 entries", "not told since the hub was started",
		"Every letter was accepted", "2 cases wait")
	if strings.Contains(page, "Dơ") {
		t.Fatal("a patient's name is on the hub's page")
	}
	b.post("/language", http.StatusNotFound, "lang", "en", "back", "//elsewhere.example/") // of this hub, and of no other
}

// TestCases: what people must answer stands there until they do; the answer is
// in the hub's journal, with a name, and a second press is none.
func TestCases(t *testing.T) {
	b, _, _ := filled(t)
	b.signIn()
	page := b.get("/cases")
	b.wants(page, "same identity number", "Two histories of one site", "Both PCs stop")
	pairs, err := b.hub.DB().OpenPairs(t.Context())
	if err != nil || len(pairs) != 1 {
		t.Fatal(pairs, err)
	}
	one, two := string(pairs[0].One), string(pairs[0].Two)
	b.wants(page, pairs[0].OneCode)
	b.wants(b.post("/cases/pair", http.StatusUnprocessableEntity, "one", one, "two", two, "keep", one, "why", ""), "PROG-11")
	b.wants(b.post("/cases/pair", http.StatusOK, "one", one, "two", two, "keep", one, "why", "same card"), "Recorded", "No two records look like one person", "same card")
	found, err := b.hub.DB().OpenIncidents(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	said := b.post("/cases/answer", http.StatusUnprocessableEntity, "form", "f1", "incident", found[0].ID, "answer", " ")
	b.wants(said, "PROG-12", "Two histories")
	b.wants(b.post("/cases/answer", http.StatusOK, "form", "f0", "incident", "gone", "answer", "x"), "PROG-15", "Two histories")
	for range 2 {
		b.wants(b.post("/cases/answer", http.StatusOK, "form", "f1", "incident", found[0].ID, "answer", "telephoned"), "Nothing waits for an answer", "telephoned", "Lò Thị Nhàn")
	}
	answers, err := b.hub.DB().Answers(t.Context(), 9)
	if err != nil || len(answers) != 2 {
		t.Fatalf("%+v, %v", answers, err)
	}
}

// TestSitePage: a stopped journal goes on, and an installation ends, with a
// reason and the password; the form keeps what was typed when one is missing.
func TestSitePage(t *testing.T) {
	b, tg, ns := filled(t)
	b.signIn()
	b.wants(b.get("/sites/NS"), "Nothing more of its journal is taken", "Installation 1 is the present one", "ns.test/tram")
	b.wants(b.post("/sites/NS/resume", http.StatusUnprocessableEntity, "why", "the old PC is off", "password", "wrong"), "the old PC is off", "The password is not right")
	if page := b.post("/sites/NS/resume", http.StatusOK, "why", "the old PC is off", "password", password); strings.Contains(page, "Nothing more of its journal is taken") {
		t.Fatal("the journal is still stopped")
	}
	b.wants(b.post("/sites/NS/resume", http.StatusOK, "why", "again", "password", password), "PROG-18")
	b.wants(b.get("/cases"), "the old PC is off")
	b.take(ns, 0, len(ns.Entries))

	b.wants(b.get("/sites/TG"), `value="3"`)
	b.wants(b.post("/sites/TG/end", http.StatusUnprocessableEntity, "number", "1", "size", "three", "reason", "stolen", "password", password), "A whole number")
	b.wants(b.post("/sites/TG/end", http.StatusUnprocessableEntity, "number", "1", "size", "3", "reason", "", "password", password), "PROG-16")
	b.wants(b.post("/sites/TG/end", http.StatusUnprocessableEntity, "number", "1", "size", "3", "reason", "stolen", "password", "x"), "The password is not right")
	b.wants(b.post("/sites/TG/end", http.StatusOK, "number", "1", "size", "3", "reason", "stolen", "note", "telephoned", "password", password),
		"Installation 1 ended; its first 3 entries are good", "waits for a new PC", "Nothing more of its journal is taken")
	b.wants(b.get("/cases"), "An installation was ended here")
	tg.Add(hubdbtest.Start, "site.founded", `{}`)
	b.take(tg, 3, 4)
	if head, _, err := b.hub.DB().Head(t.Context(), "TG"); err != nil || head.Size != 3 {
		t.Fatalf("%+v, %v", head, err)
	}
	r, err := b.client.Get(b.url + "/sites/XX")
	b.read(r, err, http.StatusNotFound)
}

// TestClinicians: whoever made a key at a site waits to be named, is named with
// a password, and is ended.
func TestClinicians(t *testing.T) {
	b, tg, _ := filled(t)
	b.signIn()
	b.wants(b.get("/clinicians"), "Nobody waits to be named", "no letter can be signed")
	tg.Add(hubdbtest.Start, "staff.enrolled", `{"person":"p1","name":"Cà Văn Út","duties":["physician"]}`)
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	tg.Add(hubdbtest.Start, "staff.key_made", `{"person":"p1","key":"`+key+`"}`)
	b.take(tg, 3, 5)
	b.wants(b.get("/clinicians"), "Cà Văn Út", "Physician", wire.WordsOf(key), "waits to be named")
	until := (b.hub.Today() + 90).String()
	name := func(status int, until, pass string) string {
		return b.post("/clinicians/name", status, "site", "TG", "person", "p1", "until", until, "password", pass)
	}
	b.wants(name(http.StatusUnprocessableEntity, "soon", password), "A date is needed")
	b.wants(name(http.StatusUnprocessableEntity, (b.hub.Today()+900).String(), password), "PROG-09")
	b.wants(name(http.StatusUnprocessableEntity, until, "x"), "The password is not right", until)
	b.wants(name(http.StatusOK, until, password), "Nobody waits to be named", "signs until")
	if c, _ := b.hub.Directory().Clinician("p1"); !c.Signs(b.hub.Today()+90) || c.Signs(b.hub.Today()+91) || c.Key != key {
		t.Fatalf("%+v", c)
	}
	b.wants(b.post("/clinicians/end", http.StatusUnprocessableEntity, "person", "p1", "why", "moved", "password", "x"), "moved")
	b.wants(b.post("/clinicians/end", http.StatusOK, "person", "p1", "why", "moved", "password", password), "ended from", "waits to be named")
}

// TestPeople: a person is added, sets a password by the code that was shown
// once, sees what their duties allow, and is gone when they are ended.
func TestPeople(t *testing.T) {
	b, _, _ := filled(t)
	b.signIn()
	b.wants(b.post("/people", http.StatusUnprocessableEntity, "name", "Hà Thị Soi", "password", password), "STAFF-02", "Hà Thị Soi")
	b.wants(b.post("/people", http.StatusUnprocessableEntity, "name", "Hà Thị Soi", "duty", "inspector", "password", "x"), "The password is not right")
	page := b.post("/people", http.StatusOK, "name", "Hà Thị Soi", "duty", "inspector", "password", password)
	_, rest, ok := strings.Cut(page, `id="once">`)
	if !ok {
		t.Fatal(page)
	}
	code := rest[:8]
	if strings.Contains(b.get("/people"), code) {
		t.Fatal("a code is shown twice")
	}
	person := string(b.hub.People()[1].Person)
	them := b.other()
	const own = "chín con trâu trắng"
	them.wants(them.post("/first", http.StatusUnprocessableEntity, "person", person, "code", code, "new", own, "again", "else"), "không giống nhau")
	them.wants(them.post("/first", http.StatusOK, "person", person, "code", code, "new", own, "again", own), "Đã đặt mật khẩu")
	them.wants(them.post("/first", http.StatusUnprocessableEntity, "person", person, "code", code, "new", own, "again", own), "STAFF-16")
	them.post("/signin", http.StatusOK, "person", person, "password", own)
	cases := them.get("/cases")
	if pairs, err := b.hub.DB().OpenPairs(t.Context()); err != nil || strings.Contains(cases, pairs[0].OneCode) || strings.Contains(cases, "<textarea") {
		t.Fatal("an inspector sees a patient's code, or may answer", err)
	}
	r, err := them.client.Get(them.url + "/sites/TG/patients")
	them.wants(them.read(r, err, http.StatusForbidden), "ACCESS-02")
	them.wants(them.post("/clinicians/name", http.StatusForbidden, "site", "TG", "person", "p1", "until", b.hub.Today().String(), "password", own), "ACCESS-02")
	them.wants(them.post("/me", http.StatusOK, "password", own, "new", "tám con ngựa ô gầy", "again", "tám con ngựa ô gầy"), "Đã đặt mật khẩu")
	b.wants(b.post("/people/"+person, http.StatusOK, "act", "duties", "duty", "physician", "why", "new", "password", password), "Saved")
	them.get("/sites/TG/patients")
	b.wants(b.post("/people/"+person, http.StatusUnprocessableEntity, "act", "leave", "why", "moved", "password", "x"), "moved")
	b.wants(b.post("/people/"+person, http.StatusOK, "act", "leave", "why", "moved", "password", password), "Saved")
	them.wants(them.get("/cases"), "Đăng nhập máy chủ")
	b.wants(b.post("/people/"+string(b.hub.People()[0].Person), http.StatusUnprocessableEntity, "act", "leave", "password", password), "STAFF-04")
}

// other is another browser at the same hub.
func (b *browser) other() *browser {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	c := *b.client
	c.Jar = jar
	return &browser{b.t, &c, b.url, b.hub}
}
