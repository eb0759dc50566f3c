package web

import (
	"net/http/httptest"
	"net/url"
	"testing"

	"tram/internal/unit"
)

// TestDemoChoosesASite goes from the picker into a site and back.
func TestDemoChoosesASite(t *testing.T) {
	h := newHouse(t)
	h.Patient("Lò Văn Thương", 30*unit.Milligram)
	s, err := New(Options{Clinic: h.Clinic, Sites: SitesPath})
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
	if _, err := NewDemo(nil); err == nil {
		t.Error("a demonstration of no site")
	}
}
