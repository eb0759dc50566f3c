package paper

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"
)

var rect = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z`)

// area is how many units the outline covers, and whether it stays inside the
// quiet zone.
func area(t *testing.T, c Code, quiet int) int {
	t.Helper()
	sum := 0
	for _, m := range rect.FindAllStringSubmatch(c.Path, -1) {
		n := make([]int, 5)
		for i := range n {
			v, err := strconv.Atoi(m[i+1])
			if err != nil {
				t.Fatal(err)
			}
			n[i] = v
		}
		if n[0] < quiet || n[0]+n[2] > c.Width-quiet {
			t.Errorf("a run from %d to %d reaches into the quiet zone of a code %d wide", n[0], n[0]+n[2], c.Width)
		}
		sum += n[2] * n[3]
	}
	return sum
}

// TestQRKeepsEveryModule compares the outline with the encoder's own picture.
func TestQRKeepsEveryModule(t *testing.T) {
	const text = "T-4K7Q2M9X-B"
	c, err := QR(text)
	if err != nil {
		t.Fatal(err)
	}
	pic, err := qr.Encode(text, qr.Q, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for y := range pic.Bounds().Dy() {
		for x := range pic.Bounds().Dx() {
			if dark(pic, x, y) {
				want++
			}
		}
	}
	if got := area(t, c, quietQR); got != want || want == 0 {
		t.Errorf("outline covers %d modules, the code has %d", got, want)
	}
	if c.Width != c.Height || c.Width != pic.Bounds().Dx()+8 {
		t.Errorf("size %d × %d", c.Width, c.Height)
	}
}

func TestBarsKeepEveryModule(t *testing.T) {
	const text = "T-4K7Q2M9X-B"
	c, err := Bars(text)
	if err != nil {
		t.Fatal(err)
	}
	pic, err := code128.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for x := range pic.Bounds().Dx() {
		if dark(pic, x, 0) {
			want++
		}
	}
	if got := area(t, c, quietBars); got != want*barHeight || want == 0 {
		t.Errorf("outline covers %d, want %d", got, want*barHeight)
	}
}

func TestTooLongIsRefused(t *testing.T) {
	long := make([]byte, 5000)
	for i := range long {
		long[i] = 'a'
	}
	if _, err := QR(string(long)); err == nil {
		t.Error("5000 characters made a QR code")
	}
}
