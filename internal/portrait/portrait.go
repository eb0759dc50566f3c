// Package portrait makes a small portrait of a picture that somebody took or
// chose: the one form in which pictures of people are kept.
//
// It knows bytes and no person. What comes in is hostile or unlucky until it is
// decoded: the kind is told by the bytes and never by a name, the size is read
// before anything is decoded, and the work and the memory have bounds. What
// goes out is pixels encoded anew: whatever else the file held, a position, a
// name, a second file behind the first, is not in it. The same picture gives
// the same bytes.
package portrait

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"tram/internal/reason"
)

// Hash is the name under which a portrait is kept: the SHA-256 of its bytes.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Make turns an uploaded picture into a portrait, or refuses it. PATIENT-18:
// neither JPEG nor PNG, by its bytes. PATIENT-19: too large to be decoded here.
// PATIENT-20: damaged or cut off. PATIENT-21: too small to know a face on.
func Make(upload []byte) ([]byte, error) {
	pic, turned, err := decode(upload)
	if err != nil {
		return nil, err
	}
	v := view{pic: pic, turn: turned}
	if w, h := v.size(); w < sideMin || h < sideMin {
		return nil, reason.Refuse("PATIENT-21", "min", sideMin)
	}
	return encode(v)
}

// Encode makes a portrait of a picture that the program drew itself.
func Encode(pic image.Image) ([]byte, error) {
	p, ok := pic.(image.RGBA64Image)
	if !ok {
		return nil, errors.New("portrait: a picture of no known kind")
	}
	return encode(view{pic: p, turn: upright})
}

// decode reads a picture within its bounds.
func decode(b []byte) (image.RGBA64Image, turn, error) {
	var (
		size   image.Config
		pic    image.Image
		turned = upright
		memory int64 // bytes for each pixel
		err    error
	)
	read := jpeg.Decode
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		size, err = jpeg.DecodeConfig(bytes.NewReader(b))
		h := readJPEG(b)
		turned, memory = h.turn, h.perPixel()
		if h.scans > scansMax {
			return nil, turned, reason.Refuse("PATIENT-20")
		}
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		size, err = png.DecodeConfig(bytes.NewReader(b))
		read, memory = png.Decode, perPixel(size.ColorModel)
	default:
		return nil, turned, reason.Refuse("PATIENT-18")
	}
	if err != nil || size.Width <= 0 || size.Height <= 0 {
		return nil, turned, reason.Refuse("PATIENT-20")
	}
	pixels := int64(size.Width) * int64(size.Height)
	if pixels > pixelsMax || pixels*memory > memoryMax {
		return nil, turned, reason.Refuse("PATIENT-19", "max", pixelsMax/1_000_000)
	}
	if pic, err = read(bytes.NewReader(b)); err != nil {
		return nil, turned, reason.Refuse("PATIENT-20")
	}
	p, ok := pic.(image.RGBA64Image)
	if !ok {
		return nil, turned, reason.Refuse("PATIENT-20")
	}
	return p, turned, nil
}

// perPixel is how many bytes a decoded PNG takes for each pixel.
func perPixel(m color.Model) int64 {
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.RGBAModel, color.NRGBAModel:
		return 4
	}
	return 1 // a palette's index
}

// encode crops, scales and encodes; a picture that stays too large is made
// smaller, not worse.
func encode(v view) ([]byte, error) {
	for side := 1; side <= 4; side++ {
		small := v.portrait(Width/side, Height/side)
		for _, q := range qualities {
			var buf bytes.Buffer
			if err := jpeg.Encode(&buf, small, &jpeg.Options{Quality: q}); err != nil {
				return nil, err
			}
			if buf.Len() <= Max {
				return buf.Bytes(), nil
			}
		}
	}
	return nil, errors.New("portrait: a picture of 80 × 100 pixels has more than 30 KB") // 24 KB without any compression
}
