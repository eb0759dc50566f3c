package hubweb_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tram/internal/hubdb/hubdbtest"
	"tram/internal/sitesync/wire"
	"tram/internal/walk"
	"tram/internal/web/hubweb"
)

// asks lets a site ask to join with a code of this hub, and answers the
// characters that its people read out.
func (b *browser) asks(s *hubdbtest.Site) string {
	b.t.Helper()
	code, _, err := b.hub.NewCode(b.hub.People()[0].Person, "hub.test", []byte("pin"))
	if err != nil {
		b.t.Fatal(err)
	}
	a := wire.Application{
		Site: s.Code, Name: "Trạm " + string(s.Code), Programme: b.hub.Directory().Programme.Programme, Language: "vi", Number: 1, Verifier: s.Public,
		Box: base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", 32))), NKey: "U" + strings.Repeat("A", 55), Secret: code.Secret[:],
	}
	body, err := json.Marshal(a)
	if err != nil {
		b.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	b.hub.Joining().ServeHTTP(w, httptest.NewRequest(http.MethodPost, wire.JoinPath, bytes.NewReader(body)))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), wire.Waiting) {
		b.t.Fatal(w.Code, w.Body)
	}
	return a.Words()
}

// looks opens every page, asks each for accessibility and for no line that must
// be pushed sideways, and takes its picture.
func looks(page *walk.Page, url, lang string) {
	for _, x := range []struct{ name, path string }{
		{"overview", "/"}, {"cases", "/cases"}, {"site", "/sites/NS"}, {"patients", "/sites/TG/patients"}, {"clinicians", "/clinicians"}, {"people", "/people"}, {"me", "/me"},
	} {
		page.Go(url + x.path)
		page.Accessible()
		page.ShotWhole("hub-" + x.name + "-" + lang)
	}
}

// TestWalk goes through the hub's pages in a real browser: sign in, let a site
// in, answer a conflict, name who signs, end a stolen PC's installation; and
// then looks at every page on a phone, in the other language.
func TestWalk(t *testing.T) {
	chrome := walk.Start(t)
	b, tg, _ := filled(t)
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	tg.Add(hubdbtest.Start, "staff.enrolled", `{"person":"p1","name":"Cà Văn Út","duties":["physician"]}`)
	tg.Add(hubdbtest.Start, "staff.key_made", `{"person":"p1","key":"`+key+`"}`)
	b.take(tg, 3, 5)
	said := b.asks(hubdbtest.New("BT"))
	pages, err := hubweb.New(b.hub, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(pages)
	t.Cleanup(srv.Close)
	person := string(b.hub.People()[0].Person)
	page := chrome.Open(walk.Desk)
	signIn := func() {
		page.Go(srv.URL)
		page.Accessible()
		page.Shot("hub-signin")
		page.Until("a person is chosen", `(document.querySelector("#person").value = "`+person+`") !== ""`)
		page.Fill("#password", password)
		page.Press("\r")
		page.Wait(".rail")
	}
	signIn()
	page.WaitText("#request-BT", said)
	looks(page, srv.URL, "vi")

	page.Go(srv.URL)
	page.Until("a role is chosen", `(document.querySelector("#request-BT select[name=role]").value = "satellite") !== ""`)
	page.Until("a main clinic is chosen", `(document.querySelector("#request-BT select[name=parent]").value = "TG") !== ""`)
	page.Tap("#approve-BT")
	page.WaitText(".table", "BT")
	if s, ok := b.hub.Directory().Site("BT"); !ok || s.Parent != "TG" {
		t.Fatalf("%+v", s)
	}

	found, err := b.hub.DB().OpenIncidents(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	page.Go(srv.URL + "/cases")
	page.Fill("#answer-"+found[0].ID, "Đã gọi NS, máy cũ đã tắt")
	page.Tap("#case-" + found[0].ID + " form button")
	page.WaitText("main", "máy cũ đã tắt")
	page.WaitGone("#case-" + found[0].ID)

	namesAndEnds(b, page, srv.URL, wire.WordsOf(key))
	page.Quiet("422")

	page = chrome.Open(walk.Phone)
	signIn()
	page.Tap("button[lang=en]")
	page.WaitText("h1", "The programme")
	looks(page, srv.URL, "en")
	page.Quiet()
}

// namesAndEnds names who signs, after a wrong password, and ends a stolen PC's
// installation.
func namesAndEnds(b *browser, page *walk.Page, url, words string) {
	page.Go(url + "/clinicians")
	page.WaitText("#asks-p1", words)
	page.Fill("#password-p1", "không phải")
	page.Tap("#name-p1")
	page.Wait("#password-p1-error")
	page.Accessible()
	page.Fill("#password-p1", password)
	page.Tap("#name-p1")
	page.Wait("#named-p1 .badge-good")

	page.Go(url + "/sites/TG")
	page.Tap("#end summary")
	page.Tap("label[for=end-reason-1]")
	page.Fill("#end-note", "Trạm trưởng gọi lúc 7 giờ")
	page.Fill("#password-end", password)
	page.ShotWhole("hub-end")
	page.Tap("#end-do")
	page.WaitText("main", "chờ máy mới")
	page.Accessible()
	page.ShotWhole("hub-ended")
	if s, _ := b.hub.Directory().Site("TG"); s.Good(1, 5) || !s.Good(1, 4) {
		b.t.Fatalf("%+v", s)
	}
}
