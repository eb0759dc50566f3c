package invented

import (
	"bytes"
	"image"
	imagedraw "image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"tram/internal/care/patient"
	"tram/internal/portrait"
)

// TestPortraitsAreDrawn: two people in three have a portrait of their own,
// small, the same each time, and under its name; a person without one did not
// agree. DRAWN=file keeps a sheet of them for looking at.
func TestPortraitsAreDrawn(t *testing.T) {
	for i, s := range histories(t, 1) {
		people, seen := 0, map[string]bool{}
		var sheet []image.Image
		for _, f := range s.Facts {
			switch v := f.Fact.(type) {
			case patient.Registered:
				people++
			case patient.Photographed:
				if !v.Agreed || portrait.Hash(f.Blob) != v.Hash || len(f.Blob) != v.Bytes || v.Bytes > 6000 {
					t.Errorf("%s: %d bytes under %s: %+v", s.Founded.Site, len(f.Blob), portrait.Hash(f.Blob), v)
				}
				if seen[v.Hash] {
					t.Errorf("%s: two people have one portrait", s.Founded.Site)
				}
				seen[v.Hash] = true
				m, err := jpeg.Decode(bytes.NewReader(f.Blob))
				if err != nil {
					t.Fatal(err)
				}
				sheet = append(sheet, m)
			default:
				if f.Blob != nil {
					t.Errorf("%s: %T carries a picture", s.Founded.Site, v)
				}
			}
		}
		if n := len(seen); n != people-people/3 {
			t.Errorf("%s: %d portraits of %d people", s.Founded.Site, n, people)
		}
		if name := os.Getenv("DRAWN"); name != "" && i == 2 {
			keepSheet(t, name, sheet)
		}
	}
}

func keepSheet(t *testing.T, name string, all []image.Image) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 10*drawnWidth, (len(all)+9)/10*drawnHeight))
	for i, x := range all {
		imagedraw.Draw(m, image.Rect(0, 0, drawnWidth, drawnHeight).Add(image.Pt(i%10*drawnWidth, i/10*drawnHeight)), x, x.Bounds().Min, imagedraw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
