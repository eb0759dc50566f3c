package walk

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"os"
	"testing"
)

// Y4M writes a picture as a film of a few equal frames, the form in which a
// browser's test camera takes it, and answers its file.
func Y4M(t testing.TB, picture image.Image) string {
	t.Helper()
	path := t.TempDir() + "/camera.y4m"
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, h := picture.Bounds().Dx()&^1, picture.Bounds().Dy()&^1 // colour is kept for pairs
	luma, chroma := make([]byte, 0, w*h), make([]byte, w*h/2)
	for y := range h {
		for x := range w {
			luma = append(luma, color.GrayModel.Convert(picture.At(picture.Bounds().Min.X+x, picture.Bounds().Min.Y+y)).(color.Gray).Y)
		}
	}
	for i := range chroma {
		chroma[i] = 128
	}
	out := bufio.NewWriter(f)
	put := func(b []byte) {
		if _, err := out.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	put(fmt.Appendf(nil, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", w, h))
	for range 5 {
		put([]byte("FRAME\n"))
		put(luma)
		put(chroma)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
