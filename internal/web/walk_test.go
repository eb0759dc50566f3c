package web

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tram/internal/care/dose"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/id"
	"tram/internal/unit"
	"tram/internal/walk"
)

// signInWalk signs the nurse in with a real browser.
func signInWalk(h *house, p *walk.Page, url string) {
	p.Go(url + "/signin?person=" + string(h.Nurse.Person))
	p.Fill("#pin", clinictest.NursePIN)
	p.Press("\r")
	p.WaitAt("/window")
	p.Wait("#find")
}

// armed waits until a late button can be pressed, by a finger and by its key.
func armed(p *walk.Page, selector string) {
	p.Until(selector+" is armed", "document.documentElement.hasAttribute('data-armed') && getComputedStyle(document.querySelector('"+selector+"')).visibility === 'visible'")
}

func (h *house) code(p id.Patient) string {
	h.t.Helper()
	code := ""
	err := h.View(context.Background(), func(v *clinicdb.View) error {
		row, err := v.Patient(p)
		code = row.Code
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

// TestWalkByKeyboard gives a dose by keyboard alone: scan, P, S. On the way it
// asks for accessibility, and that a double press does not answer for a cup.
func TestWalkByKeyboard(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Accessible()
	page.Reset()
	page.Scan(h.code(p))
	page.Wait("#pour")
	page.Accessible()
	page.Shot("window-ready")
	armed(page, "#pour")
	page.Press("p")
	page.Wait(".cup")
	page.Press("s") // the second half of a double press: too early to mean anything
	page.Press("p")
	if got := h.doses(p); len(got) != 1 || got[0].Outcome != dose.PouredOnly {
		t.Fatalf("after a double press: %+v", got)
	}
	page.Wait("#swallowed")
	page.Accessible()
	armed(page, "#swallowed")
	page.Press("s")
	page.Wait(".end")
	if got := h.doses(p); got[0].Outcome != dose.Taken {
		t.Fatalf("not recorded as swallowed: %+v", got)
	}
	if did := page.Did(); did.Total() > 5 { // scan, p, s, and the two presses too many
		t.Errorf("%+v, want three actions beside the two needless ones", did)
	}
	page.Accessible()
	page.Quiet()
}

// TestWalkScannerAnywhere scans a card while another person's dose is on the
// screen and no field has the caret: the letters of the code mean nothing but
// the code.
func TestWalkScannerAnywhere(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	asScanner(t, func() bool {
		h, p := morning(t)
		other := h.Patient("Quàng Thị Sơ", 20*unit.Milligram)
		card, err := h.GiveCard(context.Background(), h.Nurse, h.NewForm(), other)
		if err != nil {
			t.Fatal(err)
		}
		page := b.Open(walk.Desk)
		signInWalk(h, page, h.srv.URL)
		page.Scan(h.code(p))
		page.Wait("#pour")
		armed(page, "#pour")
		page.Scan("PSPSPS") // no such code; its letters are the keys of the acts
		if page.ScanLate() > scanGap {
			return false
		}
		page.WaitText(".find-part", "Không tìm thấy ai")
		page.Until("the field has the caret", "document.activeElement.id === 'find'")
		page.Scan(card.Card)
		page.WaitText("#pane-name", "Quàng Thị Sơ")
		if got := len(h.doses(p)) + len(h.doses(other)); got != 0 {
			t.Fatalf("%d cups were poured by a scanner", got)
		}
		page.Quiet()
		return true
	})
}

// scanGap is how quickly a key of a scanner follows the one before (settle in
// tram.js): what comes later was pressed by a hand, and means what it says.
const scanGap = 150 * time.Millisecond

// asScanner walks again, from the beginning, where the machine was too busy to
// type as quickly as a scanner does; the walk then answers false.
func asScanner(t *testing.T, walk func() bool) {
	t.Helper()
	for range 10 {
		if walk() {
			return
		}
	}
	t.Fatal("the machine never typed as quickly as a scanner")
}

// TestWalkByTouch gives a dose on a phone by touch alone.
func TestWalkByTouch(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	page := b.Open(walk.Phone)
	signInWalk(h, page, h.srv.URL)
	if over := page.Sideways(); over > 0 {
		t.Errorf("the queue is %d pixels too wide", over)
	}
	page.Reset()
	page.Tap(".queue .row")
	page.Wait("#pour")
	armed(page, "#pour")
	page.Tap("#pour")
	page.Wait("#swallowed")
	armed(page, "#swallowed")
	page.Tap("#swallowed")
	page.Wait(".end")
	if got := h.doses(p); len(got) != 1 || got[0].Outcome != dose.Taken {
		t.Fatalf("got %+v", got)
	}
	if did := page.Did(); did.Total() != 3 {
		t.Errorf("%+v, want three taps", did)
	}
	if over := page.Sideways(); over > 0 {
		t.Errorf("the patient is %d pixels too wide", over)
	}
	page.Accessible()
	page.Quiet()
}

// idles lets time pass in which nobody touches the PC, for the site and for the
// page alike; none of it is waited for.
func idles(h *house, p *walk.Page, d time.Duration) {
	h.t.Helper()
	h.Pass(d.Milliseconds())
	walk.Ask[bool](p, fmt.Sprintf(`(() => { const now = Date.now; Date.now = () => now() + %d; return true; })()`, d.Milliseconds()))
}

// TestWalkLockKeepsTheNote locks over a half-typed note and gives it back; a
// wrong PIN is said in words.
func TestWalkLockKeepsTheNote(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Scan(h.code(p))
	page.Wait("#pour")
	page.Go(h.srv.URL + "/window?do=hold")
	page.Fill("#signs", "Nói líu lưỡi, đi kh")
	idles(h, page, 5*time.Minute+2*time.Second)
	page.Wait("#lock")
	if walk.Ask[string](page, "getComputedStyle(document.querySelector('#pane')).visibility") != "hidden" {
		t.Error("the patient can be seen through the lock")
	}
	page.Accessible()
	page.Shot("window-locked")
	page.Type("111222")
	page.Press("\r")
	page.WaitText("[data-unlock-error]", "Còn 4 lần thử")
	page.Type(clinictest.NursePIN)
	page.Press("\r")
	page.WaitGone("#lock")
	if got := page.Value("#signs"); got != "Nói líu lưỡi, đi kh" {
		t.Errorf("the note is %q", got)
	}
	page.Quiet("422")
}

// TestWalkListsRefresh sees a dose poured elsewhere without a reload.
func TestWalkListsRefresh(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.WaitText(".tabs .on b", "1")
	doc := h.signedIn(h.Doctor, clinictest.DoctorPIN, "2")
	doc.send("/window/open", "patient", string(p))
	doc.send("/window/pour")
	page.WaitText(".tabs .on b", "0")
	page.WaitText(".tabs .ask b", "1")
	page.Quiet()
}
