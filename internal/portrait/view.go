package portrait

import (
	"image"
	"image/color"
)

// turn is how a picture must be turned to stand upright, as EXIF counts it: 1
// is upright, 3 upside down, 6 and 8 on their sides, the others mirrored.
type turn int

const upright turn = 1

// view is a picture as a person holds it up: turned, not copied.
type view struct {
	pic  image.RGBA64Image
	turn turn
}

// size is that of the turned picture.
func (v view) size() (w, h int) {
	w, h = v.pic.Bounds().Dx(), v.pic.Bounds().Dy()
	if v.turn >= 5 {
		return h, w
	}
	return w, h
}

// at is a point of the turned picture.
func (v view) at(x, y int) color.RGBA64 {
	b := v.pic.Bounds()
	w, h := b.Dx()-1, b.Dy()-1
	switch v.turn {
	case 2:
		x = w - x
	case 3:
		x, y = w-x, h-y
	case 4:
		y = h - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, h-x
	case 7:
		x, y = w-y, h-x
	case 8:
		x, y = w-y, x
	}
	return v.pic.RGBA64At(b.Min.X+x, b.Min.Y+y)
}

// crop is the largest part of the shape of a portrait: the middle of a wide
// picture, and of a tall one more of the top, where faces are.
func (v view) crop(w, h int) image.Rectangle {
	fullW, fullH := v.size()
	cropW, cropH := fullW, fullW*h/w
	if cropH > fullH {
		cropW, cropH = fullH*w/h, fullH
	}
	left, top := (fullW-cropW)/2, (fullH-cropH)/3
	return image.Rect(left, top, left+cropW, top+cropH)
}

// portrait is the cropped picture in a size of at most w × h; a small picture
// is not blown up.
func (v view) portrait(w, h int) image.Image {
	crop := v.crop(w, h)
	if crop.Dx() < w {
		w, h = crop.Dx(), crop.Dy()
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetRGBA(x, y, v.mean(image.Rect(
				crop.Min.X+x*crop.Dx()/w, crop.Min.Y+y*crop.Dy()/h, crop.Min.X+(x+1)*crop.Dx()/w, crop.Min.Y+(y+1)*crop.Dy()/h)))
		}
	}
	return out
}

// mean is the mean colour of a part, on white where the picture is
// transparent. A large part is sampled, evenly: more would be slower and look
// the same.
func (v view) mean(part image.Rectangle) color.RGBA {
	across, down := min(max(part.Dx(), 1), samplesMax), min(max(part.Dy(), 1), samplesMax)
	var r, g, b uint64
	for j := range down {
		for i := range across {
			c := v.at(part.Min.X+(2*i+1)*part.Dx()/(2*across), part.Min.Y+(2*j+1)*part.Dy()/(2*down))
			white := 0xffff - uint64(c.A)
			r, g, b = r+uint64(c.R)+white, g+uint64(c.G)+white, b+uint64(c.B)+white
		}
	}
	n := uint64(across*down) * 0x101
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 255}
}
