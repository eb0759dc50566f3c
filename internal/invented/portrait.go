package invented

import (
	"image"
	"image/color"

	"tram/internal/care/patient"
	"tram/internal/day"
	"tram/internal/id"
	"tram/internal/portrait"
)

// A portrait of an invented person is drawn: a head, hair and shoulders in
// plain colours, of nobody, and nobody takes it for a photograph.
const (
	drawnWidth  = portrait.Width / 2
	drawnHeight = portrait.Height / 2
)

var (
	walls  = []color.RGBA{{214, 228, 225, 255}, {231, 224, 209, 255}, {216, 222, 235, 255}, {232, 217, 217, 255}, {222, 231, 208, 255}}
	skins  = []color.RGBA{{201, 155, 116, 255}, {184, 134, 94, 255}, {214, 172, 134, 255}, {166, 118, 82, 255}}
	hairs  = []color.RGBA{{33, 29, 28, 255}, {58, 46, 40, 255}, {112, 110, 108, 255}, {24, 24, 32, 255}}
	cloths = []color.RGBA{{11, 90, 87, 255}, {39, 62, 107, 255}, {122, 46, 52, 255}, {84, 84, 90, 255}, {120, 92, 36, 255}, {66, 48, 92, 255}}
)

// oval says whether a point lies in an ellipse around (cx, cy).
func oval(x, y, cx, cy, rx, ry int) bool {
	dx, dy := x-cx, y-cy
	return dx*dx*ry*ry+dy*dy*rx*rx <= rx*rx*ry*ry
}

// draw draws the n-th face; a few hundred of them differ.
func draw(n int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, drawnWidth, drawnHeight))
	wall, skin, hair, cloth := walls[n/5%len(walls)], skins[n*7/5%len(skins)], hairs[n*5/3%len(hairs)], cloths[n*11/7%len(cloths)]
	wide, tall, long, cap := 36+n%9, 46+n*3%11, n%3 == 1, n%7 == 3
	const cx, cy = drawnWidth / 2, 88
	for y := range drawnHeight {
		for x := range drawnWidth {
			c := wall
			switch {
			case cap && y < cy-tall/3 && oval(x, y, cx, cy-tall/3, wide+8, tall*3/4):
				c = cloth
			case oval(x, y, cx, cy, wide, tall) && y > cy-tall/2+n%8:
				c = skin
			case oval(x, y, cx, cy-4, wide+5, tall+4) && (y < cy+8 || long):
				c = hair
			case x > cx-14 && x < cx+14 && y > cy && y < 150:
				c = skin
			case oval(x, y, cx, drawnHeight+10, 66+n%8, 66):
				c = cloth
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// photograph keeps a drawn portrait of two people in three; the third did not
// agree, and the window shows initials.
func (w *world) photograph(p *person, d day.Day, at day.Instant, by id.Person) {
	if !w.place.Staged || w.codes%3 == 0 {
		return
	}
	pic, ok := w.drawn[w.codes]
	if !ok {
		var err error
		if pic, err = portrait.Encode(draw(w.codes*5 + len(w.place.Founded.Name))); !w.decided(d, "draw a portrait", err) {
			return
		}
		w.drawn[w.codes] = pic
	}
	f, err := patient.DecidePhoto(p.row.Patient, portrait.Hash(pic), len(pic), true)
	if w.decided(d, "photograph", err) {
		w.tell(at, by, f)
		w.buf[len(w.buf)-1].Blob = pic
	}
}
