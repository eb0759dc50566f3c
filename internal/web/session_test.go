package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tram/internal/access"
	"tram/internal/care/dose"
	"tram/internal/clinic/clinictest"
	"tram/internal/duty"
	"tram/internal/unit"
	"tram/internal/web/static"
)

// TestEveryRouteNamesItsAction walks the route table: each route stands for
// an action of the access table or is one of the few open ones, and lets
// nobody in who has not signed in.
func TestEveryRouteNamesItsAction(t *testing.T) {
	h := newHouse(t)
	s, err := New(Options{Clinic: h.Clinic})
	if err != nil {
		t.Fatal(err)
	}
	open := 0
	known := map[access.Action]bool{}
	for _, a := range access.Actions {
		known[a] = true
	}
	for _, rt := range s.routes() {
		if rt.open {
			open++
			continue
		}
		if !known[rt.action] {
			t.Errorf("%s stands for no action", rt.pattern)
		}
		method, path, _ := strings.Cut(rt.pattern, " ")
		path = strings.NewReplacer("{$}", "", "{id}", "abc", "{day}", "2026-11-02", "{month}", "2026-11", "{ticket}", "abc", "{key}", "daily_max_ug").Replace(path)
		b := h.browser()
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		if method == http.MethodGet {
			b.get(path)
		} else {
			b.post(path, url.Values{"form": {"abc"}})
		}
		if b.status != http.StatusSeeOther && b.status != http.StatusUnauthorized {
			t.Errorf("%s lets a stranger in: %d", rt.pattern, b.status)
		}
	}
	if open > 9 {
		t.Errorf("%d open routes; each one more is a decision", open)
	}
}

// TestDutiesDecide wants each duty to get exactly the pages of its actions.
func TestDutiesDecide(t *testing.T) {
	h := newHouse(t)
	s, err := New(Options{Clinic: h.Clinic})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range duty.All {
		pin := "4081" + string('3'+rune(len(d)%6)) + "9"
		f, code, err := h.Enrol(context.Background(), h.Nurse, h.NewForm(), "Thử "+string(d), []duty.Duty{d}, clinictest.NursePIN)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.SetPIN(context.Background(), f.Person, "", code, pin); err != nil {
			t.Fatal(err)
		}
		b := h.signedIn(access.Actor{Person: f.Person}, pin, "1")
		for _, rt := range s.routes() {
			path, get := strings.CutPrefix(rt.pattern, "GET ")
			if !get || rt.open || rt.quiet || strings.Contains(path, "{") {
				continue
			}
			b.get(path)
			may := access.Allow(access.Actor{Person: f.Person, Duties: []duty.Duty{d}}, rt.action, access.InCare) == nil
			if may == (b.status == http.StatusForbidden) {
				t.Errorf("%s %s: answered %d, may %v", d, path, b.status, may)
			}
		}
	}
}

// TestLockKeepsTheForm locks between typing and sending: the form is neither
// lost nor done by itself, and PINs are not kept.
func TestLockKeepsTheForm(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	b.get("/window?do=part")
	page := b.raw
	b.post("/lock", nil)
	b.shows("Màn hình đang khóa")
	b.lacks("Lò Văn Thương")
	b.get("/window")
	b.lacks("Lò Văn Thương")
	b.raw = page
	b.send("/window/part", "volume", "0,5", "note", "Ho khi đang uống", "second", string(h.Assistant.Person), "second_pin", clinictest.AssistantPIN)
	b.shows("Biểu mẫu vừa gửi được giữ lại")
	if got := h.doses(p); got[0].Outcome != dose.PouredOnly {
		t.Fatalf("recorded while locked: %+v", got)
	}
	b.send("/unlock", "pin", "111222")
	b.shows("Mã PIN chưa đúng")
	b.send("/unlock", "pin", clinictest.NursePIN)
	b.shows("Ghi điều bạn vừa gửi?")
	if strings.Contains(b.page, clinictest.AssistantPIN) {
		t.Fatal("a PIN was kept")
	}
	b.send("/window/part", "second_pin", clinictest.AssistantPIN)
	b.shows("Đã ghi uống 25 mg")
}

// TestIdleLocks locks by the clock: soon at the window with nobody open, later
// with a patient open, and at once on a new day.
func TestIdleLocks(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	h.Pass(70_000)
	b.get("/window")
	b.shows("Lò Văn Thương")
	h.Pass(90_000)
	b.get("/window")
	b.shows("Màn hình đang khóa")
	b.lacks("Lò Văn Thương")
	b.send("/unlock", "pin", clinictest.NursePIN)
	b.send("/window/open", "patient", string(p))
	h.Pass(90_000)
	b.get("/window")
	b.shows("Rót 30 mg")
	h.Pass(330_000)
	b.get("/window")
	b.shows("Màn hình đang khóa")
	b.send("/unlock", "pin", clinictest.NursePIN)
	h.Pass(-3 * 86_400_000) // a clock that went back is another day
	b.get("/window")
	b.shows("Ai đang làm việc?")
}

// TestRefreshIsNoPerson lets the page's own questions run without keeping the
// screen open.
func TestRefreshIsNoPerson(t *testing.T) {
	h, _ := morning(t)
	b := h.nurse()
	for range 3 {
		h.Pass(30_000)
		b.get("/window/lists")
	}
	r, err := http.NewRequest(http.MethodGet, h.srv.URL+"/window", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("HX-Request", "true")
	b.do(r)
	if b.status != http.StatusUnauthorized {
		t.Fatalf("after 90 s of nothing but refreshes: %d, want 401", b.status)
	}
	b.get("/window")
	b.shows("Màn hình đang khóa")
}

// TestRefreshLeavesTheNotice keeps what an act said for the page that a person
// reads.
func TestRefreshLeavesTheNotice(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	form, _ := formOf(b.raw, "/window/swallowed")
	follow := b.client.CheckRedirect
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.post("/window/swallowed", form)
	b.client.CheckRedirect = follow
	r, err := http.NewRequest(http.MethodGet, h.srv.URL+"/window", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("HX-Request", "true")
	b.do(r)
	b.lacks("Mời người tiếp theo")
	b.get("/window")
	b.shows("Mời người tiếp theo")
}

// TestIdlePageBesideABusyOne does not lock a person out who works in another
// page of the same browser.
func TestIdlePageBesideABusyOne(t *testing.T) {
	h, _ := morning(t)
	b := h.nurse()
	lock := func() int {
		r, err := http.NewRequest(http.MethodPost, h.srv.URL+"/lock", strings.NewReader("idle=60"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Tram-Script", "1")
		b.do(r)
		return b.status
	}
	h.Pass(70_000)
	b.post("/awake", nil)
	h.Pass(5_000)
	if got := lock(); got != http.StatusConflict {
		t.Errorf("5 s after a sign of a person: %d, want 409", got)
	}
	h.Pass(60_000)
	if got := lock(); got != http.StatusNoContent {
		t.Errorf("65 s after a sign of a person: %d, want 204", got)
	}
	b.get("/window")
	b.shows("Màn hình đang khóa")
}

// TestExpiredSessionKeepsTheForm signs in after the session ended in the middle
// of a form.
func TestExpiredSessionKeepsTheForm(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	page := b.raw
	other := h.browser() // the program was started again: the old token means nothing
	other.raw = page
	other.send("/window/pour")
	other.shows("Ai đang làm việc?", "vẫn được giữ")
	other.get("/signin?person=" + string(h.Nurse.Person))
	other.send("/signin", "pin", clinictest.NursePIN, "station", "1")
	other.shows("Ghi điều bạn vừa gửi?")
	other.send("/window/pour")
	other.shows("Đã rót vào cốc")
	if got := h.doses(p); len(got) != 1 {
		t.Fatalf("%d cups, want 1", len(got))
	}
}

// TestTokenIsRenewed wants a new token at each sign-in, and the old one to be
// worth nothing.
func TestTokenIsRenewed(t *testing.T) {
	h := newHouse(t)
	b := h.nurse()
	u, err := url.Parse(h.srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	token := func() *http.Cookie {
		for _, c := range b.client.Jar.Cookies(u) {
			if strings.HasPrefix(c.Name, "tram_") && c.Name != stationCookie && c.Name != langCookie {
				return c
			}
		}
		t.Fatal("no session cookie")
		return nil
	}
	old := token()
	b.get("/switch")
	b.get("/signin?person=" + string(h.Doctor.Person))
	b.send("/signin", "pin", clinictest.DoctorPIN, "station", "2")
	if token().Value == old.Value {
		t.Error("the token is the same after another person signed in")
	}
	thief := h.browser()
	thief.client.Jar.SetCookies(u, []*http.Cookie{old})
	thief.get("/window")
	thief.shows("Ai đang làm việc?")
}

// TestWhatNoPageOfOursSends is refused without a word written.
func TestWhatNoPageOfOursSends(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	form, _ := formOf(b.raw, "/window/pour")
	send := func(body, kind, query string, head map[string]string) int {
		r, err := http.NewRequest(http.MethodPost, h.srv.URL+"/window/pour"+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		for k, v := range head {
			r.Header.Set(k, v)
		}
		b.do(r)
		return b.status
	}
	const plain = "application/x-www-form-urlencoded"
	without := url.Values{"patient": form["patient"], "shown_ug": form["shown_ug"]}
	for name, row := range map[string]struct{ got, want int }{
		"another site's page":         {send(form.Encode(), plain, "", map[string]string{"Sec-Fetch-Site": "cross-site"}), 403},
		"another origin":              {send(form.Encode(), plain, "", map[string]string{"Origin": "http://evil.example"}), 403},
		"a sibling site":              {send(form.Encode(), plain, "", map[string]string{"Sec-Fetch-Site": "same-site"}), 403},
		"a field twice":               {send(form.Encode()+"&patient=abc", plain, "", nil), 400},
		"a parameter twice":           {send(form.Encode(), plain, "?a=1&a=2", nil), 400},
		"JSON":                        {send(`{"patient":"x"}`, "application/json", "", nil), 400},
		"no kind":                     {send(form.Encode(), "", "", nil), 400},
		"a file":                      {send("--x--", "multipart/form-data; boundary=x", "", nil), 400},
		"bytes that are no text":      {send("form=%ff%fe", plain, "", nil), 400},
		"a NUL":                       {send("form=a%00b", plain, "", nil), 400},
		"too much":                    {send("form="+strings.Repeat("a", bodyMax+1), plain, "", nil), 413},
		"too many fields":             {send(strings.Repeat("a=1&", 1)+manyFields(fieldsMax+1), plain, "", nil), 400},
		"no form id":                  {send(without.Encode(), plain, "", nil), 400},
		"a form id from elsewhere":    {send(form.Encode()+"", plain+"; charset=utf-8", "", map[string]string{"Origin": "null"}), 403},
		"an amount that is no number": {send(replaced(form, "shown_ug", "8.5e4"), plain, "", nil), 400},
		"a patient from elsewhere":    {send(replaced(form, "patient", "../../etc"), plain, "", nil), 400},
	} {
		if row.got != row.want {
			t.Errorf("%s: answered %d, want %d", name, row.got, row.want)
		}
	}
	if got := h.doses(p); len(got) != 0 {
		t.Fatalf("something was poured: %+v", got)
	}
	b.get("/window")
	b.send("/window/pour")
	b.shows("Đã rót vào cốc")
}

func manyFields(n int) string {
	v := url.Values{}
	for i := range n {
		v.Set("f"+strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat("y", i/50), "1")
	}
	return v.Encode()
}

func replaced(v url.Values, k, x string) string {
	w := url.Values{}
	for key, list := range v {
		w[key] = list
	}
	w.Set(k, x)
	return w.Encode()
}

// TestHeaders wants the policy on pages, refusals and files alike.
func TestHeaders(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/signin", "/nothing", "/window", static.URL("tram.css")} {
		r, err := http.NewRequest(http.MethodGet, h.srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: may be sniffed", path)
		}
		want := "no-store"
		if strings.HasPrefix(path, static.Prefix) {
			want = "public, max-age=31536000, immutable"
		}
		if got := res.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
}

// TestFaultIsCalm closes the site under the page: a number, no cause, and the
// cause in the log without a name.
func TestFaultIsCalm(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	b.get("/window")
	if b.status != http.StatusInternalServerError {
		t.Fatalf("answered %d", b.status)
	}
	b.shows("Máy đang gặp sự cố", "F-", "phiếu giấy")
	b.lacks("sqlite", "closed", ".go:")
	if log := h.log.String(); !strings.Contains(log, "number=F-") || strings.Contains(log, "Thương") {
		t.Errorf("log: %s", log)
	}
}

// TestLanguage speaks the chosen language from then on.
func TestLanguage(t *testing.T) {
	h := newHouse(t)
	b := h.nurse()
	r, err := http.NewRequest(http.MethodPost, h.srv.URL+"/language", strings.NewReader("lang=en&back=/window"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || !strings.Contains(string(body), `lang="en"`) || !strings.Contains(string(body), "to come") || res.Request.URL.Path != "/window" {
		t.Errorf("not in English: %v %s", err, res.Request.URL)
	}
	for _, back := range []string{"//evil.example", "https://evil.example", "/\\evil.example", ""} {
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, _ := http.NewRequest(http.MethodPost, h.srv.URL+"/language", strings.NewReader(url.Values{"lang": {"vi"}, "back": {back}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := b.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Get("Location"); got != "/" {
			t.Errorf("back %q goes to %q", back, got)
		}
	}
}

// TestNames of people on the sign-in page; who left is not there, and a wrong
// PIN says how many tries are left.
func TestSignInRefusals(t *testing.T) {
	h := newHouse(t)
	_ = h.Patient("Lò Văn Thương", 30*unit.Milligram)
	if err := h.Leave(context.Background(), h.Nurse, h.NewForm(), h.Assistant.Person, "moved away", clinictest.NursePIN); err != nil {
		t.Fatal(err)
	}
	b := h.browser()
	b.get("/signin")
	m, _ := h.Member(h.Assistant.Person)
	b.lacks(m.Name, "Thương")
	b.get("/signin?person=" + string(h.Nurse.Person))
	for _, left := range []string{"4", "3", "2", "1"} {
		b.send("/signin", "pin", "999111", "station", "1")
		b.shows("Còn " + left + " lần thử")
	}
	b.send("/signin", "pin", "999111", "station", "1")
	b.shows("tạm bị khóa")
	b.send("/signin", "pin", clinictest.NursePIN, "station", "1")
	b.shows("tạm bị khóa")
}
