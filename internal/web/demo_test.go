package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tram/internal/duty"
	"tram/internal/unit"
	"tram/internal/web/pages/signin"
)

// TestDemoChoosesASite goes from the picker into a site and back.
func TestDemoChoosesASite(t *testing.T) {
	h := newHouse(t)
	h.Patient("Lò Văn Thương", 30*unit.Milligram)
	s, err := New(Options{
		Clinic: h.Clinic, Sites: SitesPath, PINs: []signin.PIN{{Name: "Dò PIN", Duties: []duty.Duty{duty.Dispenser}, PIN: "260711"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDemo([]*Server{s})
	if err != nil {
		t.Fatal(err)
	}
	h.srv.Close()
	h.srv = httptest.NewServer(d)
	t.Cleanup(h.srv.Close)
	b := h.browser()
	b.get("/window")
	b.shows("Mở cơ sở nào?", "Trạm thử", "1 người bệnh")
	b.get("/sites/NO")
	b.shows("Mở cơ sở nào?")
	b.post("/language", url.Values{"lang": {"vi"}, "back": {"/sites"}})
	b.shows("Mở cơ sở nào?")
	b.get("/sites/TT")
	b.shows("Ai đang làm việc?")
	b.shows("Dò PIN", "Cấp phát thuốc", "260711")
	r := httptest.NewRequest(http.MethodGet, "/signin", nil)
	r.AddCookie(&http.Cookie{Name: langCookie, Value: "en"})
	said := httptest.NewRecorder()
	s.ServeHTTP(said, r)
	if page := said.Body.String(); !strings.Contains(page, "<td>Dispensing</td>") || strings.Contains(page, "Cấp phát thuốc") {
		t.Errorf("the duties beside the PINs do not follow the language: %s", page)
	}
	if _, err := NewDemo(nil); err == nil {
		t.Error("a demonstration of no site")
	}
}

// TestPageOf: a page shown in answer to a form belongs to an address that can
// be looked at.
func TestPageOf(t *testing.T) {
	s, err := New(Options{Clinic: newHouse(t).Clinic})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"/patient/abc/order": "/patient/abc/order", "/patient/abc/note": "/patient/abc", "/orders/gap/abc": "/orders",
		"/window/hold": "/window", "/unlock": "/", "/": "/", "/none/such": "/", "": "/",
	} {
		if got := s.pageOf(address); got != want {
			t.Errorf("pageOf(%q): got %q, want %q", address, got, want)
		}
	}
}
