package walk

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

// The camera of a walk: small, so that a film of some seconds is a few
// megabytes, and large enough for a card held before it.
const (
	filmWidth  = 320
	filmHeight = 240
	filmRate   = 10 // pictures a second
)

// Scene is a picture held before the camera for some seconds. It stands in the
// middle of a frame of 320 × 240, on grey.
type Scene struct {
	Picture image.Image
	Seconds int
}

// Film writes scenes as a film and answers its file.
func Film(t testing.TB, scenes ...Scene) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "camera.y4m")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	_, err = fmt.Fprintf(w, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n", filmWidth, filmHeight, filmRate)
	for _, s := range scenes {
		frame := develop(s.Picture)
		for i := 0; i < s.Seconds*filmRate && err == nil; i++ {
			_, err = w.Write(frame)
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		t.Fatalf("write the film: %v", err)
	}
	return path
}

// develop is one frame of a film: brightness, then the two colours at a quarter
// of the points.
func develop(m image.Image) []byte {
	b := m.Bounds()
	at := func(x, y int) (uint8, uint8, uint8) {
		p := image.Pt(x-(filmWidth-b.Dx())/2, y-(filmHeight-b.Dy())/2).Add(b.Min)
		if !p.In(b) {
			return color.RGBToYCbCr(150, 150, 150)
		}
		c, ok := color.RGBAModel.Convert(m.At(p.X, p.Y)).(color.RGBA)
		if !ok {
			panic("a colour model made another kind of colour")
		}
		return color.RGBToYCbCr(c.R, c.G, c.B)
	}
	frame := []byte("FRAME\n")
	var blue, red []byte
	for y := range filmHeight {
		for x := range filmWidth {
			l, cb, cr := at(x, y)
			frame = append(frame, l)
			if x%2 == 0 && y%2 == 0 {
				blue, red = append(blue, cb), append(red, cr)
			}
		}
	}
	return append(append(frame, blue...), red...)
}
