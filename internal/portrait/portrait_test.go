package portrait

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tram/internal/reason"
)

// corners is a picture whose four quarters have colours of their own: red
// green on top, blue white below.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			switch {
			case x >= w/2 && y >= h/2:
				c = color.RGBA{255, 255, 255, 255}
			case x >= w/2:
				c = color.RGBA{0, 200, 0, 255}
			case y >= h/2:
				c = color.RGBA{0, 0, 255, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts an EXIF part into a JPEG: how it was held, and a place.
func withExif(b []byte, order binary.AppendByteOrder, held uint16) []byte {
	tiff := []byte("II*\x00")
	if order.String() == "BigEndian" {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x010e), 2), 4), "HERE"...)
	tiff = order.AppendUint16(order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1), held), 0)
	tiff = append(order.AppendUint32(tiff, 0), "GPS 21.3891N 103.0169E"...)
	part := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
	return append(append(head, part...), b[2:]...)
}

// quarters are the colours of a portrait's corners by name, in reading order.
func quarters(t *testing.T, b []byte) string {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	for _, at := range []image.Point{{w / 8, h / 8}, {w * 7 / 8, h / 8}, {w / 8, h * 7 / 8}, {w * 7 / 8, h * 7 / 8}} {
		r, g, b, _ := m.At(at.X, at.Y).RGBA()
		name := "?"
		for n, is := range map[string]bool{
			"red": r > 0xd000 && g < 0x3000 && b < 0x3000, "green": r < 0x3000 && g > 0xb000 && b < 0x3000, "blue": r < 0x3000 && g < 0x3000 && b > 0xd000,
			"white": r > 0xd000 && g > 0xd000 && b > 0xd000,
		} {
			if is {
				name = n
			}
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func made(t *testing.T, upload []byte) []byte {
	t.Helper()
	b, err := Make(upload)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > Max {
		t.Errorf("a portrait of %d bytes", len(b))
	}
	return b
}

// TestPortrait: any picture becomes a small JPEG of the one shape, the same for
// the same bytes.
func TestPortrait(t *testing.T) {
	for name, upload := range map[string][]byte{
		"jpeg": asJPEG(t, corners(1200, 1600)), "png": asPNG(t, corners(1200, 1600)), "wide": asJPEG(t, corners(2000, 900)), "tall": asPNG(t, corners(500, 3000)),
		"grey": asPNG(t, image.NewGray(image.Rect(0, 0, 700, 700))), "deep": asPNG(t, image.NewNRGBA64(image.Rect(0, 0, 700, 700))),
	} {
		b := made(t, upload)
		m, err := jpeg.DecodeConfig(bytes.NewReader(b))
		if err != nil || m.Width != Width || m.Height != Height {
			t.Errorf("%s: %d × %d, %v", name, m.Width, m.Height, err)
		}
		if !bytes.Equal(b, made(t, upload)) || Hash(b) != Hash(made(t, upload)) || len(Hash(b)) != 64 {
			t.Errorf("%s: made twice, two portraits", name)
		}
	}
	if got := quarters(t, made(t, asPNG(t, corners(1200, 1500)))); got != "red green blue white" {
		t.Errorf("corners %s", got)
	}
	m, err := jpeg.DecodeConfig(bytes.NewReader(made(t, asPNG(t, corners(100, 100)))))
	if err != nil || m.Width != 80 || m.Height != 100 {
		t.Errorf("a small picture became %d × %d", m.Width, m.Height)
	}
}

// TestSeeThroughIsWhite: what is transparent becomes white and not black.
func TestSeeThroughIsWhite(t *testing.T) {
	if got := quarters(t, made(t, asPNG(t, image.NewNRGBA(image.Rect(0, 0, 400, 500))))); got != "white white white white" {
		t.Errorf("corners %s", got)
	}
}

// TestHeldUpright turns a picture as the camera was held, and leaves nothing of
// the file but the picture.
func TestHeldUpright(t *testing.T) {
	const plain, mirrored = "red green blue white", "green red white blue"
	for held, want := range []string{
		0: plain, 1: plain, 2: mirrored, 3: "white blue green red", 4: "blue white red green", 5: "red blue green white", 6: "blue red white green",
		7: "white green blue red", 8: "green white red blue", 9: plain,
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			upload := withExif(asJPEG(t, corners(900, 900)), order, uint16(held))
			b := made(t, upload)
			if got := quarters(t, b); got != want {
				t.Errorf("held %d, %s: corners %s, want %s", held, order, got, want)
			}
			if bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte("GPS")) || bytes.Contains(b, []byte("HERE")) {
				t.Errorf("held %d: where it was taken is still in it", held)
			}
		}
	}
	shape, err := jpeg.DecodeConfig(bytes.NewReader(made(t, withExif(asJPEG(t, corners(1600, 200)), binary.BigEndian, 6))))
	if err != nil || shape.Height != Width*Height/Width && shape.Width != 200 {
		t.Errorf("a picture held sideways became %+v, %v", shape, err)
	}
}

// TestNoisyPictureIsSmall: even a picture that nothing compresses ends under
// the limit.
func TestNoisyPictureIsSmall(t *testing.T) {
	m, r := image.NewRGBA(image.Rect(0, 0, Width, Height)), rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	made(t, asPNG(t, m))
}

// bomb is a PNG whose header claims a size and whose picture is not there.
func bomb(w, h uint32, depth, colour byte) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	chunk := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	chunk = append(chunk, depth, colour, 0, 0, 0)
	return binary.BigEndian.AppendUint32(append(b, chunk...), crc32.ChecksumIEEE(chunk))
}

// progressive turns a baseline JPEG's header into that of a progressive one of
// another size.
func progressive(b []byte, w, h uint16) []byte {
	out := bytes.Clone(b)
	at := bytes.Index(out, []byte{0xff, 0xc0})
	out[at+1] = 0xc2
	binary.BigEndian.PutUint16(out[at+5:], h)
	binary.BigEndian.PutUint16(out[at+7:], w)
	return out
}

// TestRefused: what is no picture, too large a one or a broken one is refused
// before it costs anything.
func TestRefused(t *testing.T) {
	good := asJPEG(t, corners(600, 800))
	goodPNG := asPNG(t, corners(600, 800))
	scan := good[bytes.Index(good, []byte{0xff, 0xda}):]
	for _, x := range []struct {
		name, want string
		upload     []byte
	}{
		{"nothing", "PATIENT-18", nil},
		{"html named png", "PATIENT-18", []byte("<!doctype html><script>alert(1)</script>")},
		{"pdf", "PATIENT-18", []byte("%PDF-1.7\n")},
		{"exe", "PATIENT-18", append([]byte("MZ\x90\x00"), make([]byte, 512)...)},
		{"svg", "PATIENT-18", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		{"gif", "PATIENT-18", []byte("GIF89a\x01\x00\x01\x00")},
		{"webp", "PATIENT-18", []byte("RIFF\x00\x00\x00\x00WEBPVP8 ")},
		{"jpeg behind html", "PATIENT-18", append([]byte("<html>"), good...)},
		{"png 50,000 × 50,000", "PATIENT-19", bomb(50_000, 50_000, 8, 2)},
		{"png of the largest sides", "PATIENT-19", bomb(1<<31-1, 1, 8, 2)},
		{"png of 16 bits", "PATIENT-19", bomb(5_000, 5_000, 16, 6)},
		{"png just over", "PATIENT-19", bomb(8_001, 5_000, 8, 0)},
		{"png just inside, and empty", "PATIENT-20", bomb(8_000, 5_000, 8, 0)},
		{"jpeg 50,000 × 50,000", "PATIENT-19", progressive(good, 50_000, 50_000)},
		{"progressive jpeg, too much to hold", "PATIENT-19", progressive(good, 4_000, 3_000)},
		{"jpeg cut off", "PATIENT-20", good[:len(good)/2]},
		{"jpeg without its last bytes", "PATIENT-20", good[:len(good)-40]},
		{"jpeg of three bytes", "PATIENT-20", good[:3]},
		{"jpeg of a thousand scans", "PATIENT-20", append(bytes.Clone(good), bytes.Repeat(scan[:12], 1000)...)},
		{"png cut off", "PATIENT-20", goodPNG[:len(goodPNG)/2]},
		{"png of a signature", "PATIENT-20", goodPNG[:8]},
		{"png of no size", "PATIENT-20", bomb(0, 10, 8, 2)},
		{"a dot", "PATIENT-21", asPNG(t, corners(79, 400))},
		{"a line", "PATIENT-21", asJPEG(t, corners(400, 79))},
	} {
		began := time.Now()
		b, err := Make(x.upload)
		if got := reason.Rule(err); got != x.want || b != nil {
			t.Errorf("%s: %q %v, want %s", x.name, got, err, x.want)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", x.name, took)
		}
	}
	if _, err := Make(asPNG(t, corners(sideMin, sideMin))); err != nil {
		t.Errorf("the smallest picture: %v", err)
	}
}

// FuzzMake: whatever the bytes, the answer is a portrait or one of our
// refusals.
func FuzzMake(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, corners(100, 120), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(withExif(b.Bytes(), binary.BigEndian, 6))
	f.Add(bomb(50_000, 50_000, 8, 2))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, upload []byte) {
		out, err := Make(upload)
		if err != nil && reason.Rule(err) == "" {
			t.Fatal(err)
		}
		if err == nil && (len(out) == 0 || len(out) > Max) {
			t.Fatalf("%d bytes", len(out))
		}
	})
}

// BenchmarkMake is one photograph of a telephone with twelve megapixels.
func BenchmarkMake(b *testing.B) {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, corners(3000, 4000), nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Make(buf.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
