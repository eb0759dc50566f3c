package web

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"tram/internal/id"
	"tram/internal/paper"
	"tram/internal/unit"
	"tram/internal/walk"
)

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v(\d+)`)

// held is a QR code as our paper draws it, held before a camera.
func held(t *testing.T, text string) image.Image {
	t.Helper()
	c, err := paper.QR(text)
	if err != nil {
		t.Fatal(err)
	}
	size := 220 / c.Width // pixels for one module
	m := image.NewRGBA(image.Rect(0, 0, c.Width*size, c.Height*size))
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	for _, r := range run.FindAllStringSubmatch(c.Path, -1) {
		n := make([]int, 4)
		for i := range n {
			if n[i], err = strconv.Atoi(r[i+1]); err != nil {
				t.Fatal(err)
			}
			n[i] *= size
		}
		draw.Draw(m, image.Rect(n[0], n[1], n[0]+n[2], n[1]+n[3]), image.Black, image.Point{}, draw.Src)
	}
	return m
}

// TestWalkCameraReadsACard holds other people's codes before the camera, which
// are refused in words and followed nowhere, and then the card of a patient,
// who is opened.
func TestWalkCameraReadsACard(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	h, p := morning(t)
	card, err := h.GiveCard(context.Background(), h.Nurse, h.NewForm(), p)
	if err != nil {
		t.Fatal(err)
	}
	b := walk.StartWithCamera(t, walk.Film(t,
		walk.Scene{Picture: held(t, "https://elsewhere.example/give?dose=1"), Seconds: 6},
		walk.Scene{Picture: held(t, card.Card), Seconds: 4},
	))
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Tap("[data-camera]")
	page.Wait("[data-camera-view]")
	page.WaitText("[data-camera-says]", "không phải thẻ hay mã số của ai ở đây")
	if at := page.At(); at != "/window" {
		t.Fatalf("a foreign code led to %s", at)
	}
	page.WaitText("#pane-name", "Lò Văn Thương")
	page.Wait("#pour")
	if got := h.doses(p); len(got) != 0 {
		t.Fatalf("a camera poured %v", got)
	}
	if walk.Ask[bool](page, `!document.querySelector("[data-camera-view]").hidden`) {
		t.Error("the camera goes on looking")
	}
	page.Quiet()
}

// TestWalkCameraSeesOnlyCodes: a code that holds a name finds nobody, and
// neither does a code of nobody.
func TestWalkCameraSeesOnlyCodes(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	h, p := morning(t)
	code := h.code(p)
	wrong := code[:len(code)-1] + "X"
	if id.CodeOK(wrong) {
		wrong = code[:len(code)-1] + "Y"
	}
	for text, says := range map[string]string{"thuong": "không phải thẻ hay mã số của ai", wrong: "ký tự kiểm tra không khớp"} {
		b := walk.StartWithCamera(t, walk.Film(t, walk.Scene{Picture: held(t, text), Seconds: 4}))
		page := b.Open(walk.Phone)
		signInWalk(h, page, h.srv.URL)
		page.Tap("[data-camera]")
		page.WaitText(".alert", says)
		if page.Count("#pane-name") != 0 {
			t.Errorf("%q opened somebody", text)
		}
		page.Shot("camera-nobody-" + text)
		page.Quiet()
	}
}

// TestWalkCameraIsOffBehindTheLock: nobody is opened by a card that passes a
// locked screen.
func TestWalkCameraIsOffBehindTheLock(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	h, _ := morning(t)
	page := walk.StartWithCamera(t, walk.Film(t, walk.Scene{Picture: held(t, "https://elsewhere.example/"), Seconds: 2})).Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Tap("[data-camera]")
	page.WaitText("[data-camera-says]", "không phải thẻ hay mã số của ai ở đây")
	page.Accessible()
	page.Shot("camera-foreign")
	walk.Ask[bool](page, `(window.track = document.querySelector("[data-camera-view]").srcObject.getTracks()[0], true)`)
	idles(h, page, time.Minute+2*time.Second)
	page.Wait("#lock")
	page.Until("the camera is off", `window.track.readyState === "ended" && document.querySelector("[data-camera-view]").hidden`)
}

// TestWalkCameraDenied says in words what to do where the camera may not be
// used, at the window and where photos are taken.
func TestWalkCameraDenied(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	h, p := morning(t)
	page := walk.StartWithoutCamera(t).Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Tap("[data-camera]")
	page.WaitText("[data-camera-says]", "Trình duyệt không cho dùng máy ảnh")
	page.Shot("camera-denied")
	page.Scan(h.code(p)) // the morning goes on
	page.WaitText("#pane-name", "Lò Văn Thương")
	page.Go(h.srv.URL + "/patient/" + string(p) + "/photo")
	page.Tap("[data-photo-open]")
	page.WaitText("[data-photo-says]", "Trình duyệt không cho dùng máy ảnh")
	page.Accessible()
	page.Quiet()
}

// TestWalkHostileScanner: control characters and Ctrl keys that a scanner types
// into a page with a cup ready to pour do nothing there; what is left of the
// code is looked up as text.
func TestWalkHostileScanner(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	asScanner(t, func() bool {
		h, p := morning(t)
		other := h.Patient("Quàng Thị Sơ", 20*unit.Milligram)
		page := b.Open(walk.Desk)
		signInWalk(h, page, h.srv.URL)
		page.Scan(h.code(p))
		page.Wait("#pour")
		armed(page, "#pour")
		walk.Ask[bool](page, `(document.addEventListener("keydown", e => { if (e.ctrlKey) window.ctrl = (window.ctrl || []).concat(e.key + (e.defaultPrevented ? "-" : "+")) }), true)`)
		page.PressCtrl("psPS")
		if page.Count("#pour") != 1 || len(h.doses(p)) != 0 {
			t.Fatalf("Ctrl and a letter poured: %v", h.doses(p))
		}
		// in the middle of a scan, a command of the browser reaches nobody
		if got := walk.Ask[string](page, `(() => {
			const press = (key, ctrlKey) => document.dispatchEvent(new KeyboardEvent("keydown", {key, ctrlKey, bubbles: true, cancelable: true}));
			const went = [press("T", false), press("o", true), press("p", true), press("-", false), press("j", true)].map(String);
			return went.join(" ");
		})()`); got != "true false false true false" {
			t.Errorf("keys of a scan that went on to the browser: %s", got)
		}
		page.Until("the burst is over", `new Promise(done => setTimeout(() => done(true), 300))`)
		page.Scan("<b>\u0000\u001dPSPS\u0007https://elsewhere.example/ps")
		if page.ScanLate() > scanGap {
			return false
		}
		page.WaitText(".find-part", "không phải thẻ hay mã số của ai")
		page.Until("the field has the caret", "document.activeElement.id === 'find' && document.readyState === 'complete'")
		page.Scan(h.code(other))
		page.WaitText("#pane-name", "Quàng Thị Sơ")
		if got := len(h.doses(p)) + len(h.doses(other)); got != 0 {
			t.Fatalf("%d cups were poured by a scanner", got)
		}
		if at := page.At(); at != "/window" {
			t.Errorf("a scanner led to %s", at)
		}
		page.Quiet()
		return true
	})
}

// face is a drawn face, of nobody, as large as the camera's frame.
func face() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{200, 220, 215, 255}), image.Point{}, draw.Src)
	for y := range 240 {
		for x := range 320 {
			if dx, dy := x-160, y-100; dx*dx*10+dy*dy*7 < 36000 {
				m.SetRGBA(x, y, color.RGBA{190, 140, 100, 255})
			}
			if dx, dy := x-160, y-240; dx*dx+dy*dy*2 < 8000 {
				m.SetRGBA(x, y, color.RGBA{11, 90, 87, 255})
			}
		}
	}
	return m
}

// TestWalkPhoto takes a photo with the camera of the page, with the person's
// word; it stands at the window and in the record, and goes when withdrawn.
func TestWalkPhoto(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	h, p := morning(t)
	b := walk.StartWithCamera(t, walk.Film(t, walk.Scene{Picture: face(), Seconds: 2}))
	for _, size := range []walk.Size{walk.Desk, walk.Phone} {
		page := b.Open(size)
		signInWalk(h, page, h.srv.URL)
		page.Go(h.srv.URL + "/patient/" + string(p) + "/photo")
		page.Accessible()
		page.Tap("[data-photo-open]")
		page.Until("the camera shows something", `document.querySelector("[data-photo-view]").videoWidth > 0`)
		page.ShotWhole("photo-camera")
		page.Tap("[data-photo-shoot]")
		page.Until("a picture is chosen", `document.querySelector("#photo-file").files.length === 1`)
		page.Wait("[data-photo-preview]")
		page.Tap("#photo-save") // without the person's word the browser does not send it
		if h.photo(p) != "" {
			t.Fatal("kept without agreement")
		}
		page.Tap("[for=photo-agreed-0]")
		page.ShotWhole("photo-preview")
		page.Tap("#photo-save")
		page.Wait(".photo-now")
		hash := h.photo(p)
		if hash == "" {
			t.Fatal("no photo on record")
		}
		page.Until("the photo is shown", `document.querySelector(".photo-now").naturalWidth > 0`)
		page.Accessible()
		page.ShotWhole("photo-kept")
		if over := page.Sideways(); over > 0 {
			t.Errorf("%s: the photo's page is %d pixels too wide", size.Name, over)
		}
		page.Go(h.srv.URL + "/patient/" + string(p))
		page.Until("the record shows the photo", `document.querySelector(".record-top .portrait").naturalWidth > 0`)
		page.Shot("photo-record")
		page.Go(h.srv.URL + "/window")
		page.Until("the field has the caret", "document.activeElement.id === 'find'")
		page.Scan(h.code(p))
		page.Wait("#pour")
		page.Until("the window shows the photo", `document.querySelector("#pane .portrait").naturalWidth > 0`)
		page.Accessible()
		page.Shot("photo-window")
		if src := walk.Ask[string](page, `document.querySelector("#pane .portrait").getAttribute("src")`); src != "/window/photo/"+string(p)+"/"+hash {
			t.Errorf("the photo's address is %s", src)
		}
		if alt := walk.Ask[string](page, `document.querySelector("#pane .portrait").alt`); alt != "Ảnh của Lò Văn Thương" {
			t.Errorf("the photo's words are %q", alt)
		}
		page.Go(h.srv.URL + "/patient/" + string(p) + "/photo")
		page.Tap("details summary")
		page.Tap("#withdraw")
		page.WaitText(".alert-good", "Đã gỡ và xóa ảnh")
		if h.photo(p) != "" {
			t.Fatal("the photo is still on record")
		}
		page.Quiet()
	}
	if got := h.doses(p); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// TestWalkPhotoFromAFile: a large picture is made smaller by the page before it
// travels, and what is no picture is said to be none.
func TestWalkPhotoFromAFile(t *testing.T) {
	t.Parallel() // it mostly waits for the browser
	b := walk.Start(t)
	h, p := morning(t)
	dir := t.TempDir()
	large, fake := filepath.Join(dir, "large.png"), filepath.Join(dir, "photo.png")
	f, err := os.Create(large)
	if err == nil {
		err = png.Encode(f, image.NewGray(image.Rect(0, 0, 2600, 3200)))
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = os.WriteFile(fake, []byte("<html><script>alert(1)</script>"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Go(h.srv.URL + "/patient/" + string(p) + "/photo")
	page.Choose("#photo-file", fake)
	page.WaitText("[data-photo-says]", "không mở được tệp này")
	page.Tap("[for=photo-agreed-0]")
	page.Tap("#photo-save")
	page.WaitText(".error", "không phải ảnh JPEG hay PNG")
	page.Accessible()
	page.ShotWhole("photo-refused")
	page.Choose("#photo-file", large)
	page.Until("the page made it smaller", `document.querySelector("#photo-file").files[0].name === "photo.jpg" && document.querySelector("#photo-file").files[0].size < 200000`)
	if !walk.Ask[bool](page, `document.querySelector("#photo-agreed-0").checked`) {
		page.Tap("[for=photo-agreed-0]")
	}
	page.Tap("#photo-save")
	page.Wait(".photo-now")
	if h.photo(p) == "" {
		t.Fatal("no photo on record")
	}
	page.Quiet("422")
}
