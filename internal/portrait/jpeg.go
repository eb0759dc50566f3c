package portrait

import (
	"bytes"
	"encoding/binary"
)

// head is what a JPEG says about itself before its picture.
type head struct {
	turn        turn
	components  int64
	progressive bool
	scans       int
}

// perPixel is how many bytes decoding takes for each pixel, at the worst: a
// progressive picture is held as numbers of four bytes until it is complete.
func (h head) perPixel() int64 {
	if h.progressive {
		return 5 * h.components
	}
	return h.components
}

// JPEG markers.
const (
	startOfFrame       = 0xc0 // baseline; up to 0xcf with exceptions
	huffmanTables      = 0xc4
	arithmeticReserved = 0xc8
	arithmeticTables   = 0xcc
	restart            = 0xd0 // up to 0xd7
	startOfPicture     = 0xd8
	endOfPicture       = 0xd9
	startOfScan        = 0xda
	app1               = 0xe1
)

// readJPEG reads the parts before the picture. Where they cannot be followed,
// it believes the worst; the decoder says later what is wrong.
func readJPEG(b []byte) head {
	h := head{turn: upright, components: 4, progressive: true, scans: bytes.Count(b, []byte{0xff, startOfScan})}
	for at := 2; at+4 <= len(b); {
		kind := b[at+1]
		if kind == 0xff { // fill
			at++
			continue
		}
		if b[at] != 0xff || kind < startOfFrame || (kind >= restart && kind <= startOfPicture) { // where decoders differ in what they forgive
			return h
		}
		size := int(binary.BigEndian.Uint16(b[at+2:]))
		if size < 2 || at+2+size > len(b) || kind == startOfScan || kind == endOfPicture {
			return h
		}
		part := b[at+4 : at+2+size]
		switch {
		case kind == app1:
			if o := orientation(part); o != 0 {
				h.turn = o
			}
		case isFrame(kind) && len(part) >= 6:
			h.components, h.progressive = int64(part[5]), kind != startOfFrame && kind != startOfFrame+1
		}
		at += 2 + size
	}
	return h
}

func isFrame(kind byte) bool {
	return kind >= startOfFrame && kind <= 0xcf && kind != huffmanTables && kind != arithmeticReserved && kind != arithmeticTables
}

// orientationTag is the number of EXIF's field.
const orientationTag = 0x0112

// orientation reads how the camera was held, or 0 where that is not said in a
// form we know.
func orientation(part []byte) turn {
	tiff, ok := bytes.CutPrefix(part, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	first := int64(order.Uint32(tiff[4:]))
	if first+2 > int64(len(tiff)) {
		return 0
	}
	fields := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(fields) < 12 {
			return 0
		}
		if order.Uint16(fields) == orientationTag {
			if o := turn(order.Uint16(fields[8:])); o >= upright && o <= 8 {
				return o
			}
			return 0
		}
		fields = fields[12:]
	}
	return 0
}
