package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/unit"
	"tram/internal/walk"
)

// hostileNames are names as nobody has them.
var hostileNames = []string{
	`<script>window.hurt=1</script>Lò Văn Một`, `"><img src=x onerror=window.hurt=1>Hai`, `' onmouseover='window.hurt=1' x='Ba`, `{{7*7}}${7*7}Bốn`,
	`</textarea></form><form action="/lock" method="post">Năm`, "\u202eeman\u202c Sáu", "\u200bBảy\u200d", "😀 Tám", strings.Repeat("Ệ", 200), "A&amp;B Chín", "&#60;b&#62;Mười",
}

// TestHostileNamesInABrowser shows people with hostile names on every page that
// names people: nothing of them runs, nothing breaks the page, nothing is asked
// of another origin, and the browser's policy has nothing to complain of (S6).
// Afterwards nothing of the day's work is left in the browser's storage (S29).
func TestHostileNamesInABrowser(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	for _, name := range hostileNames {
		h.Patient(name, 20*unit.Milligram)
	}
	page := b.Open(walk.Phone)
	signInWalk(h, page, h.srv.URL)
	today := h.Today().String()
	for _, path := range []string{
		"/window", "/patients", "/patient/" + string(p), "/papers/register/" + today, "/papers/missed/" + today, "/papers/sheet/" + today, "/papers/records/" + today, "/day/close",
	} {
		if cost := page.Weigh(h.srv.URL + path); len(cost.Foreign) > 0 {
			t.Errorf("%s asks %v", path, cost.Foreign)
		}
		if walk.Ask[bool](page, `"hurt" in window`) {
			t.Errorf("%s ran a name", path)
		}
		if n := walk.Ask[int](page, `document.querySelectorAll("main script:not([src]), main img[src=x], main [onmouseover], main form[action='/lock']").length`); n > 0 {
			t.Errorf("%s holds %d elements out of a name", path, n)
		}
		if n := page.Sideways(); n > 0 {
			t.Errorf("%s is %d pixels wider than the screen", path, n)
		}
	}
	page.Go(h.srv.URL + "/window")
	page.Wait("#find")
	page.Until("have its keys", "document.documentElement.hasAttribute('data-armed')")
	page.Scan(`<script>window.hurt=1</script>`) // a part of one name, and so that person is opened
	page.WaitText("#pane-name", `<script>window.hurt=1</script>Lò Văn Một`)
	left := walk.Ask[string](page, `JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])`)
	if left != `[{},{},""]` {
		t.Errorf("the browser keeps %s", left)
	}
	page.Quiet()
}

// TestWalkScannerSendsKeys: what a scanner may send beside its code (control
// characters, the browser's shortcuts) gives no dose and leaves the page (S40).
func TestWalkScannerSendsKeys(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	asScanner(t, func() bool {
		h, p := morning(t)
		page := b.Open(walk.Desk)
		signInWalk(h, page, h.srv.URL)
		page.Scan(h.code(p))
		page.Wait("#pour")
		armed(page, "#pour")
		walk.Ask[bool](page, `(() => {
			for (const key of ["p", "s", "P", "S", "Enter", "F5", "w", "o"])
				for (const how of [{ctrlKey: true}, {altKey: true}, {metaKey: true}, {ctrlKey: true, shiftKey: true}])
					document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...how}));
			return true;
		})()`)
		walk.Ask[bool](page, "window.before = true")
		page.Scan("\u0002" + h.code(p) + "\u0003")
		if page.ScanLate() > scanGap {
			return false
		}
		page.Until("have the page that the scan leads to", "!window.before && document.readyState === 'complete'")
		page.WaitText("#pane-name", "Lò Văn Thương")
		if got := h.doses(p); len(got) != 0 {
			t.Fatalf("keys of a scanner poured %d cups", len(got))
		}
		armed(page, "#pour")
		page.Press("p")
		page.Wait("#swallowed")
		return true
	})
}

// TestWalkBackAndReload: after a cup was poured, the browser's back button and a
// reload show the cup, pour nothing, and the dose is answered for once (P11).
func TestWalkBackAndReload(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Scan(h.code(p))
	page.Wait("#pour")
	armed(page, "#pour")
	page.Press("p")
	page.Wait("#swallowed")
	page.Back()
	page.Reload()
	page.Back()
	page.Forward()
	page.Go(h.srv.URL + "/window")
	page.Wait("#swallowed")
	armed(page, "#swallowed")
	page.Press("s")
	page.WaitGone("#swallowed")
	page.Back()
	if got := h.doses(p); len(got) != 1 || got[0].Taken != 30*unit.Milligram {
		t.Fatalf("doses %+v, want one of 30 mg", got)
	}
}

// TestLogsNameNobody works through a morning with a person whose name, numbers
// and dose stand nowhere else, makes every kind of mistake and fault, and looks
// for them in the log (S27).
func TestLogsNameNobody(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	err := h.View(context.Background(), func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		d := row.Details
		d.Phone, d.Identity, d.Note = "0987 111 222", "CCCD-777888", "Kaliangsong"
		if err != nil {
			return err
		}
		_, err = h.ChangePatient(context.Background(), h.Nurse, h.NewForm(), p, d, "thử")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.send("/window/find", "q", "thuong")
	b.send("/window/pour")
	form, _ := formOf(b.raw, "/window/swallowed")
	b.post("/window/swallowed", url.Values{"form": form["form"], "dose": {"Thương"}})
	for _, path := range []string{"/window?do=Thương", "/patient/Thương", "/papers/register/Thương", "/import/Thương", "/rules/Thương", "/nothing/Thương", "/patients"} {
		b.get(strings.ReplaceAll(path, "Thương", url.PathEscape("Thương")))
	}
	b.post("/patients", url.Values{"q": {"Lò Văn Thương"}, "form": {string(h.NewForm())}})
	b.post("/window/hold", url.Values{"note": {"Kaliangsong"}})
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/window", "/patient/" + string(p), "/patients", "/papers", "/day/close", "/orders", "/staff", "/journal"} {
		b.get(path)
	}
	b.post("/window/find", url.Values{"q": {"Lò Văn Thương"}})
	b.post("/window/swallowed", form)
	if b.status != http.StatusInternalServerError {
		t.Fatalf("a closed site answers %d", b.status)
	}
	log := h.log.String()
	if !strings.Contains(log, "number=F-") {
		t.Fatalf("no fault was logged: %s", log)
	}
	for _, secret := range []string{"Thương", "Th%C6%B0", "Lò Văn", "0987", "777888", "Kaliangsong", clinictest.NursePIN, "SELECT", "INSERT"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q: %s", secret, log)
		}
	}
}

// TestStreamsEndWithTheProgram: a page that listens does not outlive the server.
func TestStreamsEndWithTheProgram(t *testing.T) {
	h, _ := morning(t)
	b := h.nurse()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	ready := make(chan struct{})
	ended := make(chan bool, 1)
	go func() { ended <- b.events(ctx, ready) }()
	<-ready
	h.web.EndStreams()
	h.web.EndStreams()
	select {
	case <-ended:
	case <-ctx.Done():
		t.Error("the stream goes on")
	}
}
