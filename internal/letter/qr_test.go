package letter_test

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"tram/internal/letter"
	"tram/internal/paper"
)

// modules is the picture that a code's outline draws, one pixel a module. It is
// read from the path that is printed, not from the encoder.
func modules(t testing.TB, text string) [][]bool {
	t.Helper()
	code, err := paper.LetterQR(text)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]bool, code.Height)
	for y := range out {
		out[y] = make([]bool, code.Width)
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(code.Path, "z"), "z") {
		var x, y, w, h, back int
		if _, err := fmt.Sscanf(part, "M%d %dh%dv%dh-%d", &x, &y, &w, &h, &back); err != nil || w != back {
			t.Fatalf("path %q: %v", part, err)
		}
		for dy := range h {
			for dx := range w {
				out[y+dy][x+dx] = true
			}
		}
	}
	return out
}

// print is how a page is seen: dots for each module, turned by some degrees, a
// share of the dots wrong, a spot of dirt of so many dots, a lens that blurs.
type print struct {
	dots  int
	turn  float64
	noise float64
	spot  int
	lens  bool
}

func (p print) image(code [][]bool, dice *rand.Rand) image.Image {
	side := len(code) * p.dots
	room := side + side/2
	img := image.NewGray(image.Rect(0, 0, room, room))
	sin, cos := math.Sincos(p.turn * math.Pi / 180)
	mid := float64(room) / 2
	for y := range room {
		for x := range room {
			fx, fy := float64(x)+0.5-mid, float64(y)+0.5-mid
			u, v := (fx*cos+fy*sin+float64(side)/2)/float64(p.dots), (fy*cos-fx*sin+float64(side)/2)/float64(p.dots)
			dark := u >= 0 && v >= 0 && int(u) < len(code) && int(v) < len(code) && code[int(v)][int(u)]
			dark = dark || math.Hypot(fx-float64(side)/8, fy-float64(side)/8) < float64(p.spot)
			if dice.Float64() < p.noise {
				dark = !dark
			}
			if !dark {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	if p.lens {
		return seen(img)
	}
	return img
}

// seen is a picture through a lens that does not resolve single dots: each is
// the mean of itself and its eight neighbours.
func seen(img *image.Gray) image.Image {
	out := image.NewGray(img.Bounds())
	for y := 1; y < img.Bounds().Dy()-1; y++ {
		for x := 1; x < img.Bounds().Dx()-1; x++ {
			sum := 0
			for i := range 9 {
				sum += int(img.GrayAt(x+i%3-1, y+i/3-1).Y)
			}
			out.SetGray(x, y, color.Gray{Y: uint8(sum / 9)})
		}
	}
	return out
}

// frames is how many pictures a scanner takes before we call it a failure, well
// under a second's; the noise of each is another.
const frames = 10

func scan(p print, code [][]bool) (text string, err error) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range frames {
		bmp, berr := gozxing.NewBinaryBitmapFromImage(p.image(code, dice))
		if berr != nil {
			return "", berr
		}
		got, derr := qrcode.NewQRCodeReader().Decode(bmp, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
		if derr == nil {
			return got.GetText(), nil
		}
		err = derr
	}
	return "", err
}

// TestReadFromPaper: the code of a letter, drawn as a label printer of 203 dpi
// draws it, is read by another implementation: small, turned, dirty.
func TestReadFromPaper(t *testing.T) {
	w := newWorld(t)
	text := letter.Text(w.seal(t, w.draft()))
	code := modules(t, text)
	for what, p := range map[string]print{
		"three dots a module, 32 mm":      {dots: 3},
		"four dots a module, 43 mm":       {dots: 4},
		"turned by 3 degrees":             {dots: 4, turn: 3},
		"turned by 15 degrees":            {dots: 4, turn: 15},
		"on its side":                     {dots: 4, turn: 90},
		"on its head, askew":              {dots: 4, turn: 187},
		"three dots, blurred":             {dots: 3, lens: true},
		"one dot in 200 wrong":            {dots: 4, noise: 0.005, lens: true},
		"turned, one in 200 wrong":        {dots: 4, turn: 5, noise: 0.005, lens: true},
		"a spot of dirt of two and a bit": {dots: 4, spot: 18},
	} {
		got, err := scan(p, code)
		if err != nil || got != text {
			t.Errorf("%s: %q, %v", what, got, err)
			continue
		}
		if _, err := letter.OpenText(got, w.me(), w.dir, today); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestQRSizes logs and bounds what letters take on paper.
func TestQRSizes(t *testing.T) {
	w := newWorld(t)
	for _, x := range []struct {
		name, note string
		most       int // modules a side
	}{
		{"Vừ A Dính", "", 77},
		{"Nguyễn Thị Phương Thảo", "", 77},
		{"Nguyễn Thị Phương Thảo", "Dị ứng penicillin. Nói chậm, nghe kém tai trái.", 85},
		{strings.Repeat("Ệ", 200), strings.Repeat("Ệ", 200), 101},
	} {
		d := w.draft()
		d.Letter.Name, d.Letter.Note = x.name, x.note
		raw := w.seal(t, d)
		side := len(modules(t, letter.Text(raw))) - 8
		t.Logf("%.24q: %d bytes, %d characters, version %d, %d modules", x.name, len(raw), len(letter.Text(raw)), (side-17)/4, side)
		if side > x.most {
			t.Errorf("%.24q: %d modules a side, want at most %d", x.name, side, x.most)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	w := newWorld(b)
	for d := w.draft(); b.Loop(); {
		w.seal(b, d)
	}
}

func BenchmarkOpen(b *testing.B) {
	w := newWorld(b)
	raw := w.seal(b, w.draft())
	for b.Loop() {
		if _, err := letter.Open(raw, w.me(), w.dir, today); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenShort(b *testing.B) {
	w := newWorld(b)
	text := w.short(b, w.draft())
	for b.Loop() {
		if _, err := letter.OpenShort(text, w.me(), w.dir, today); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQR(b *testing.B) {
	w := newWorld(b)
	text := letter.Text(w.seal(b, w.draft()))
	for b.Loop() {
		if _, err := paper.LetterQR(text); err != nil {
			b.Fatal(err)
		}
	}
}
