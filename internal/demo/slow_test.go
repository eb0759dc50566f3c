package demo_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tram/internal/duty"
	"tram/internal/walk"
	"tram/internal/web"
)

// How bad the link of the slow walk is: a tablet at the far end of the health
// centre, or a phone in the valley.
const (
	slowKbit    = 256
	slowLatency = 400 * time.Millisecond
	paintWithin = 5 * time.Second         // bound of the test
	saysWithin  = 1500 * time.Millisecond // from asking for the next page to "one moment"
)

// TestFirstPaintOnASlowLink opens the window of 64 people over a slow link with
// nothing in the cache (T14): something of use is there within seconds, the
// figure is in the log, and from a press until the next page comes the screen
// says that it is on its way.
func TestFirstPaintOnASlowLink(t *testing.T) {
	b := walk.Start(t)
	site := bigPlace(t)
	openDay(t, site, 0)
	h, err := web.New(web.Options{Clinic: site.Clinic, IdleWindow: time.Hour, IdleElse: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	p := b.Open(walk.Phone)
	p.Slow(slowKbit, slowLatency)
	first := p.Weigh(srv.URL + "/signin")
	paint := p.FirstPaint()
	t.Logf("sign-in, nothing cached, %d kbit/s and %v: first paint after %v, %d bytes", slowKbit, slowLatency, paint, first.Bytes)
	if paint > paintWithin {
		t.Errorf("the sign-in page shows nothing for %v", paint)
	}
	signIn(t, p, srv.URL, site, duty.Dispenser)
	full := p.Weigh(srv.URL + "/window")
	paint = p.FirstPaint()
	t.Logf("window of 64 people: first paint after %v, %d bytes", paint, full.Bytes)
	if paint > paintWithin {
		t.Errorf("the window shows nothing for %v", paint)
	}

	p.Until("have its script", `document.documentElement.hasAttribute("data-armed")`)
	walk.Ask[bool](p, watchBusy)
	p.Scan("lo van")
	p.WaitText(".find-part", "Lò Văn")
	said := walk.Ask[string](p, `sessionStorage.getItem("said") || ""`)
	if took, words, ok := strings.Cut(said, " "); !ok {
		t.Error("the screen never says that the next page is on its way")
	} else if ms, err := strconv.Atoi(took); err != nil || time.Duration(ms)*time.Millisecond > saysWithin {
		t.Errorf("the screen says %q after %s ms", words, took)
	}
	p.Quiet()
}

// watchBusy notes when the page says that the next one is on its way, and what
// it says; the browser answers no questions between two pages, so the page
// itself must tell the next one. Only this test uses the browser's storage.
const watchBusy = `(() => {
	let asked = 0;
	addEventListener("beforeunload", () => { asked = performance.now(); });
	new MutationObserver(() => {
		const b = document.querySelector(".busy.on");
		if (b && b.checkVisibility()) sessionStorage.setItem("said", Math.round(performance.now() - asked) + " " + b.textContent);
	}).observe(document.querySelector(".busy"), {attributes: true, childList: true});
	return true;
})()`
