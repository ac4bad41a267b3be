package photo

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"sync"

	"github.com/gen2brain/jpegn"
)

var walkers = sync.Pool{New: func() any { return new(walker) }}

var jpegEnd = []byte{0xff, 0xd9}

// decodeJPEG sends the common kind through a check of its scan to the fast
// decoder, and every other kind to the standard library's, which is strict.
func decodeJPEG(data []byte, l Limits) (*Picture, error) {
	h, err := parseJPEG(data)
	if err != nil {
		return nil, err
	}
	release, err := l.admit(h.width, h.height, h.cost())
	if err != nil {
		return nil, err
	}
	defer release()
	var im *Picture
	if h.plain() {
		im, err = h.decodePlain(data)
	} else {
		im, err = h.decodeAny(data)
	}
	if err != nil {
		return nil, err
	}
	return upright(im, orientation(h.tiff)), nil
}

// cost is the decode's memory in bytes a pixel: planes and the result, upright
// and as stored; of a progressive file also 32-bit coefficients, and of one
// in four inks two copies of the planes.
func (h *jpegHeader) cost() float64 {
	maxH, maxV := 1, 1
	for _, c := range h.components {
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
	}
	planes := 0.0
	for _, c := range h.components {
		planes += float64(c.h*c.v) / float64(maxH*maxV)
	}
	cost := planes + 3
	if h.sof != 0xc0 && h.sof != 0xc1 {
		cost += 4 * planes
	}
	if len(h.components) == 4 {
		cost += 4
	}
	if orientation(h.tiff) > 1 {
		cost += 3
	}
	return cost
}

func (h *jpegHeader) decodePlain(data []byte) (*Picture, error) {
	w := walkers.Get().(*walker)
	err := h.walk(data, w)
	walkers.Put(w)
	if errors.Is(err, ErrCorrupt) { // the strict decoder has the last word
		return h.decodeAny(data)
	}
	if err != nil {
		return nil, err
	}
	m, err := jpegn.Decode(h.withoutTables(data))
	if err != nil || m.Bounds() != image.Rect(0, 0, h.width, h.height) {
		return h.decodeAny(data) // a few legal sizes are not read above
	}
	return toRGB(m), nil
}

// decodeAny reads with image/jpeg. An end marker is added, so that a file is
// judged by its scans alone.
func (h *jpegHeader) decodeAny(data []byte) (*Picture, error) {
	whole := true
	if h.sof == 0xc2 {
		scans := 0
		if whole, scans = progressiveWhole(data, len(h.components)); scans > maxScans {
			return nil, fmt.Errorf("%w: %d scans", ErrCorrupt, scans)
		}
	}
	var head []byte
	if len(h.components) == 4 && h.adobe < 0 {
		// image/jpeg reads four inks only with Adobe's segment. Without it
		// they are taken as inverted all the same, as libjpeg's users do.
		head = adobeCMYK
	}
	source := func() io.Reader {
		return io.MultiReader(bytes.NewReader(data[:2]), bytes.NewReader(head),
			bytes.NewReader(data[2:]), bytes.NewReader(jpegEnd))
	}
	c, err := jpeg.DecodeConfig(source())
	if err != nil || c.Width != h.width || c.Height != h.height {
		return nil, jpegFault(data, h, err)
	}
	m, err := jpeg.Decode(source())
	if err != nil {
		return nil, jpegFault(data, h, err)
	}
	if !whole {
		return nil, fmt.Errorf("%w: scans are missing", ErrTruncated)
	}
	return toRGB(m), nil
}

// adobeCMYK is an Adobe segment that says "four inks, not transformed".
var adobeCMYK = []byte{0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0}

// jpegFault sorts image/jpeg's errors: a file without its end marker was cut,
// one with it is wrong inside.
func jpegFault(data []byte, h *jpegHeader, err error) error {
	var unsupported jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return fmt.Errorf("%w: %w", ErrFormat, err)
	case !bytes.Contains(data[h.scan:], jpegEnd):
		return fmt.Errorf("%w: inside a scan", ErrTruncated)
	case err == nil:
		return fmt.Errorf("%w: two frame headers", ErrCorrupt)
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// maxScans bounds the time that a small progressive file can ask for: each of
// its scans passes over the whole picture. Real files have about ten.
const maxScans = 500

// progressiveWhole counts the scans and reports whether they bring every
// coefficient of every component to its last bit. A file cut between two scans
// decodes without an error into a blurred picture.
func progressiveWhole(data []byte, components int) (whole bool, scans int) {
	ids := map[byte]*[64]bool{}
	for pos := 2; pos+4 <= len(data); {
		next, marker, _ := nextMarker(data, pos)
		pos = next
		if marker == 0xd9 || pos+2 > len(data) {
			break
		}
		if marker == 0x01 || marker >= 0xd0 && marker <= 0xd8 {
			continue
		}
		size := int(data[pos])<<8 | int(data[pos+1])
		if pos+size > len(data) {
			break
		}
		if marker == 0xda {
			scans++
			scanDone(data[pos+2:max(pos+2, pos+size)], ids)
		}
		pos += max(size, 2)
	}
	if len(ids) < components {
		return false, scans
	}
	for _, done := range ids {
		for _, d := range done {
			if !d {
				return false, scans
			}
		}
	}
	return true, scans
}

// scanDone notes which coefficients a scan brings to their last bit.
func scanDone(body []byte, ids map[byte]*[64]bool) {
	if len(body) < 1 || len(body) < 1+2*int(body[0])+3 {
		return
	}
	n := int(body[0])
	first, last, low := int(body[1+2*n]), int(body[2+2*n]), body[3+2*n]&15
	for i := range n {
		id := body[1+2*i]
		if ids[id] == nil {
			ids[id] = new([64]bool)
		}
		for k := first; low == 0 && k <= min(last, 63); k++ {
			ids[id][k] = true
		}
	}
}
