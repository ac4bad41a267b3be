package photo

import "encoding/binary"

// exifMagic stands before the TIFF structure in a JPEG's EXIF segment.
const exifMagic = "Exif\x00\x00"

// orientation reads tag 0x0112 from the first directory of a TIFF structure
// (EXIF 2.32, section 4.6.4): 1 to 8, and 1 where it is absent or senseless.
// It follows one offset and reads at most 65,535 entries of 12 bytes.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			return orientationValue(entries, order)
		}
		entries = entries[12:]
	}
	return 1
}

// orientationValue reads an entry's value: a SHORT, which stands in the first
// half of the field, or, as some writers have it, a LONG.
func orientationValue(entry []byte, order binary.ByteOrder) int {
	value := uint32(0)
	switch order.Uint16(entry[2:]) {
	case 3:
		value = uint32(order.Uint16(entry[8:]))
	case 4:
		value = order.Uint32(entry[8:])
	}
	if value < 1 || value > 8 {
		return 1
	}
	return int(value)
}

// upright turns and mirrors a picture as its EXIF orientation asks.
func upright(im *Picture, orientation int) *Picture {
	w, h := im.Width, im.Height
	// A pixel of the result comes from start + x*dx + y*dy in the source.
	var start, dx, dy int
	switch orientation {
	case 2:
		start, dx, dy = w-1, -1, w
	case 3:
		start, dx, dy = w*h-1, -1, -w
	case 4:
		start, dx, dy = w*(h-1), 1, -w
	case 5:
		start, dx, dy = 0, w, 1
	case 6:
		start, dx, dy = w*(h-1), -w, 1
	case 7:
		start, dx, dy = w*h-1, -w, -1
	case 8:
		start, dx, dy = w-1, w, -1
	default:
		return im
	}
	out := &Picture{Width: w, Height: h, Pix: make([]uint8, len(im.Pix))}
	if orientation >= 5 {
		out.Width, out.Height = h, w
	}
	to := out.Pix
	for y := range out.Height {
		from := start + y*dy
		for range out.Width {
			s := im.Pix[3*from : 3*from+3 : 3*from+3]
			to[0], to[1], to[2] = s[0], s[1], s[2]
			to = to[3:]
			from += dx
		}
	}
	return out
}
