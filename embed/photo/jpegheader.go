package photo

import (
	"encoding/binary"
	"fmt"
)

// jpegComponent is a colour plane as the frame header declares it: its id,
// sampling factors, and the Huffman tables of the first scan.
type jpegComponent struct {
	id, h, v, dc, ac int
}

// jpegHeader is what stands before a JPEG's first entropy-coded byte.
type jpegHeader struct {
	sof           byte // the frame marker's code: 0xC0 baseline, 0xC2 progressive
	precision     int
	width, height int
	components    []jpegComponent
	scanned       int       // components in the first scan
	tables        [8][]byte // Huffman tables: class*4 + id, 16 counts and the symbols
	ownTables     bool      // some are not the standard's for their slot
	tableSpans    [][2]int  // the segments with Huffman tables: first byte, end
	restart       bool      // the scan has restart markers
	jfif          bool
	adobe         int    // colour transform of the Adobe segment, -1 without one
	tiff          []byte // the EXIF segment's TIFF structure
	scan          int    // where the entropy-coded data begins
	strict        bool   // nothing but well-formed segments stands before it
}

// parseJPEG reads the segments up to the first scan.
func parseJPEG(data []byte) (jpegHeader, error) {
	h := jpegHeader{adobe: -1, strict: true}
	for pos := 2; ; {
		next, marker, clean := nextMarker(data, pos)
		h.strict = h.strict && clean
		if next+2 > len(data) {
			return h, fmt.Errorf("%w: before the first scan", ErrTruncated)
		}
		pos = next
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd8 {
			h.strict = false
			continue
		}
		if marker == 0xd9 {
			return h, fmt.Errorf("%w: no scan", ErrCorrupt)
		}
		size := int(binary.BigEndian.Uint16(data[pos:]))
		if size < 2 {
			return h, fmt.Errorf("%w: a segment of length %d", ErrCorrupt, size)
		}
		if pos+size > len(data) {
			return h, fmt.Errorf("%w: before the first scan", ErrTruncated)
		}
		if err := h.segment(marker, data[pos+2:pos+size]); err != nil {
			return h, err
		}
		if marker == 0xc4 {
			h.tableSpans = append(h.tableSpans, [2]int{pos - 2, pos + size})
		}
		pos += size
		if marker == 0xda {
			h.scan = pos
			return h, nil
		}
	}
}

// nextMarker finds the marker at or after pos and returns the position behind
// it, its code, and whether nothing stood before it.
func nextMarker(data []byte, pos int) (next int, marker byte, clean bool) {
	clean = true
	for pos+1 < len(data) {
		if data[pos] == 0xff && data[pos+1] != 0 && data[pos+1] != 0xff {
			return pos + 2, data[pos+1], clean
		}
		clean = false
		pos++
	}
	return len(data), 0, false
}

func (h *jpegHeader) segment(marker byte, body []byte) error {
	switch {
	case marker == 0xc4:
		return h.huffman(body)
	case marker >= 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc:
		return h.frame(marker, body)
	case marker == 0xda:
		return h.firstScan(body)
	case marker == 0xdd:
		h.restart = len(body) < 2 || body[0]|body[1] != 0
	case marker == 0xe0:
		h.jfif = h.jfif || len(body) >= 5 && string(body[:5]) == "JFIF\x00"
	case marker == 0xe1:
		if h.tiff == nil && len(body) > 6 && string(body[:6]) == exifMagic {
			h.tiff = body[6:]
		}
	case marker == 0xee:
		if len(body) >= 12 && string(body[:5]) == "Adobe" {
			h.adobe = int(body[11])
		}
	}
	return nil
}

func (h *jpegHeader) frame(marker byte, body []byte) error {
	if h.sof != 0 {
		return fmt.Errorf("%w: two frames", ErrCorrupt)
	}
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return fmt.Errorf("%w: the frame header", ErrCorrupt)
	}
	h.sof = marker
	h.precision = int(body[0])
	h.height = int(binary.BigEndian.Uint16(body[1:]))
	h.width = int(binary.BigEndian.Uint16(body[3:]))
	for i := range int(body[5]) {
		c := body[6+3*i:]
		h.components = append(h.components, jpegComponent{id: int(c[0]), h: int(c[1] >> 4), v: int(c[1] & 15)})
	}
	return nil
}

// firstScan reads which tables the components use, in the scan's order.
func (h *jpegHeader) firstScan(body []byte) error {
	if h.sof == 0 || len(body) < 1 || len(body) < 1+2*int(body[0])+3 {
		return fmt.Errorf("%w: the scan header", ErrCorrupt)
	}
	h.scanned = int(body[0])
	for i := range h.scanned {
		id, tables := int(body[1+2*i]), body[2+2*i]
		if i >= len(h.components) || h.components[i].id != id {
			h.strict = false // another order than the frame's: legal and rare
			continue
		}
		h.components[i].dc, h.components[i].ac = int(tables>>4), int(tables&15)
	}
	return nil
}

func (h *jpegHeader) huffman(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 || body[0]&0xec != 0 {
			return fmt.Errorf("%w: a Huffman table", ErrCorrupt)
		}
		n := 17
		for _, count := range body[1:17] {
			n += int(count)
		}
		if n > 17+256 || n > len(body) {
			return fmt.Errorf("%w: a Huffman table", ErrCorrupt)
		}
		slot := body[0]>>4*4 + body[0]&3
		h.tables[slot] = body[1:n]
		h.ownTables = h.ownTables || string(body[1:n]) != standardTables[slot]
		body = body[n:]
	}
	return nil
}

// plain reports whether the file is of the common kind that the fast decoder
// reads right: baseline, grey or YCbCr, one scan, no restart markers.
func (h *jpegHeader) plain() bool {
	n := len(h.components)
	if !h.strict || h.sof != 0xc0 || h.precision != 8 || h.restart || h.scanned != n || n != 1 && n != 3 {
		return false
	}
	for _, c := range h.components {
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.dc > 3 || c.ac > 3 {
			return false
		}
	}
	if n == 1 {
		return h.adobe != 0
	}
	y, cb, cr := h.components[0], h.components[1], h.components[2]
	rgb := h.adobe == 0 || y.id == 'R' && cb.id == 'G' && cr.id == 'B'
	return !rgb && cb.h == 1 && cb.v == 1 && cr.h == 1 && cr.v == 1 && y.h <= 2 && y.v <= 2
}
