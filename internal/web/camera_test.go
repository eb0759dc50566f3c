package web

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"tram/internal/walk"
)

// held is what a camera sees when somebody holds a code before it: white paper
// on a grey table, not quite in the middle.
func held(t *testing.T, text string) string {
	t.Helper()
	code, err := qr.Encode(text, qr.Q, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	code, err = barcode.Scale(code, code.Bounds().Dx()*6, code.Bounds().Dy()*6)
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewGray(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			v := uint8(110)
			if in := image.Pt(x-150, y-90); in.In(code.Bounds().Inset(-30)) {
				v = 235
				if in.In(code.Bounds()) && color.GrayModel.Convert(code.At(in.X, in.Y)).(color.Gray).Y < 128 {
					v = 30
				}
			}
			picture.SetGray(x, y, color.Gray{Y: v})
		}
	}
	return walk.Y4M(t, picture)
}

// TestWalkByCamera finds a person by the card that is held before the camera.
func TestWalkByCamera(t *testing.T) {
	h, p := morning(t)
	b := walk.StartWithCamera(t, held(t, h.code(p)))
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Tap("[data-camera]")
	page.Wait("#pour")
	page.WaitText("main", h.code(p))
	page.Shot("camera-found")
	page.Quiet()
}

// TestWalkCameraSeesSomethingElse: an address on a poster is looked for as a
// code, found to be none, and opened by nobody.
func TestWalkCameraSeesSomethingElse(t *testing.T) {
	h, _ := morning(t)
	b := walk.StartWithCamera(t, held(t, "https://example.org/win"))
	page := b.Open(walk.Phone)
	signInWalk(h, page, h.srv.URL)
	page.Tap("[data-camera]")
	page.WaitText("main", "https://example.org/win") // shown as what was looked for
	if at := page.At(); strings.Contains(at, "example.org") || !strings.HasPrefix(at, "/window") {
		t.Errorf("the page went to %s", at)
	}
	page.Shot("camera-other")
}

// TestWalkNoCamera: who does not let the page use the camera is told what to do
// instead.
func TestWalkNoCamera(t *testing.T) {
	h, _ := morning(t)
	b := walk.StartWithoutCamera(t)
	page := b.Open(walk.Desk)
	signInWalk(h, page, h.srv.URL)
	page.Tap("[data-camera]")
	page.Until("the page says so", `document.querySelector("[data-camera-says]").textContent.trim() !== ""`)
	page.Shot("camera-none")
}
