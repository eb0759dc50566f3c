// Package paper draws what scanners read from paper: QR codes and Code 128
// bars, as outlines for SVG.
//
// It decides nothing about what is printed; a code carries the text it is
// given. The outlines are made of whole units and need no fonts, so that what
// is printed is what was drawn.
package paper

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"
)

// Code is a drawn code: the outline of its dark parts and its size, both with
// the quiet zone that scanners need around it.
type Code struct {
	Path          string // for the d of an SVG path
	Width, Height int
}

// Quiet zones in modules, as the standards ask for.
const (
	quietQR   = 4  // ISO/IEC 18004
	quietBars = 10 // ISO/IEC 15417
	barHeight = 24
)

// QR draws text as a QR code that may be damaged by a quarter: cards are
// carried in pockets for years.
func QR(text string) (Code, error) { return drawQR(text, qr.Q, qr.Auto) }

// LetterQR draws the text of a letter, capitals and the signs of base 45, as a
// QR code that may be damaged by a seventh: it is read within days, and fewer
// modules are larger ones.
func LetterQR(text string) (Code, error) { return drawQR(text, qr.M, qr.AlphaNumeric) }

func drawQR(text string, level qr.ErrorCorrectionLevel, mode qr.Encoding) (Code, error) {
	c, err := qr.Encode(text, level, mode)
	if err != nil {
		return Code{}, fmt.Errorf("draw QR code: %w", err)
	}
	size := c.Bounds().Dx()
	var sb strings.Builder
	for y := range c.Bounds().Dy() {
		row(&sb, c, y, quietQR, y+quietQR, 1)
	}
	return Code{sb.String(), size + 2*quietQR, c.Bounds().Dy() + 2*quietQR}, nil
}

// Bars draws text as Code 128, for scanners that read lines only.
func Bars(text string) (Code, error) {
	c, err := code128.Encode(text)
	if err != nil {
		return Code{}, fmt.Errorf("draw bar code: %w", err)
	}
	var sb strings.Builder
	row(&sb, c, 0, quietBars, 0, barHeight)
	return Code{sb.String(), c.Bounds().Dx() + 2*quietBars, barHeight}, nil
}

// row adds the dark runs of one line of a code as rectangles.
func row(sb *strings.Builder, c barcode.Barcode, y, left, top, height int) {
	width := c.Bounds().Dx()
	for x := 0; x < width; x++ {
		if !dark(c, x, y) {
			continue
		}
		from := x
		for x < width && dark(c, x, y) {
			x++
		}
		fmt.Fprintf(sb, "M%d %dh%dv%dh-%dz", from+left, top, x-from, height, x-from)
	}
}

func dark(c barcode.Barcode, x, y int) bool {
	g, ok := color.GrayModel.Convert(c.At(x, y)).(color.Gray)
	return ok && g.Y < 128
}
