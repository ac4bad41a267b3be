package photo

import (
	"math"
	"sync"
)

// Three channels travel through the arithmetic in one 64-bit word, in lanes
// of 21 bits.
const (
	lane     = 21
	laneMask = 1<<lane - 1
	// fraction bits of a bilinear weight, and of a row kept between the
	// horizontal and the vertical pass.
	weightBits = 10
	rowBits    = 3
	ones       = 1 | 1<<lane | 1<<(2*lane)
)

// tap says where an output column or row reads: at a source position and, with
// weight w out of 1<<weightBits, at the next one. Only where w is 0 may that be
// outside the picture.
type tap struct{ at, w uint32 }

// taps computes them as OpenCV's resize does, with pixel centres at .5.
func taps(dst []tap, from, to int) []tap {
	dst = dst[:0]
	scale := float64(from) / float64(to)
	for i := range to {
		at := (float64(i)+.5)*scale - .5
		floor := math.Floor(at)
		var t tap
		switch {
		case floor < 0:
		case int(floor)+1 >= from:
			t.at = uint32(from) - 1
		default:
			t = tap{at: uint32(floor), w: uint32(math.Round((at - floor) * (1 << weightBits)))}
		}
		dst = append(dst, t)
	}
	return dst
}

// slope is a source pixel in lanes and the way from it to the next one. Borrows
// run through its lanes; they are gone when it is added to the pixel.
type slope struct{ here, next uint64 }

// resizer holds what a letterbox needs between calls.
type resizer struct {
	xs, ys []tap
	source []slope // one source row
	rows   [2][]uint64
	at     [2]int // which source row each of rows holds
}

var resizers = sync.Pool{New: func() any { return new(resizer) }}

// Letterbox scales a picture, up or down, to fit a square of size by size
// pixels, at its top left corner, and sets the rest to 0. dst has 3*size*size
// values: planes of blue, green and red, 0 to 255, each a whole number.
// Sampling is bilinear as OpenCV's resize with INTER_LINEAR has it (no
// smoothing), within one level. It returns scale: a position in the square
// divided by scale is one in the picture.
func Letterbox(im *Picture, size int, dst []float32) (scale float32) {
	ratio := float64(size) / float64(max(im.Width, im.Height))
	w := min(size, max(1, int(math.Round(float64(im.Width)*ratio))))
	h := min(size, max(1, int(math.Round(float64(im.Height)*ratio))))
	r := resizers.Get().(*resizer)
	defer resizers.Put(r)
	r.xs, r.ys = taps(r.xs, im.Width, w), taps(r.ys, im.Height, h)
	r.at = [2]int{-1, -1}
	for i := range r.rows {
		if cap(r.rows[i]) < w {
			r.rows[i] = make([]uint64, w)
		}
		r.rows[i] = r.rows[i][:w]
	}
	plane := size * size
	for y, t := range r.ys {
		a := int(t.at)
		b := min(a+1, im.Height-1)
		top := r.row(im, a, b)
		bottom := r.row(im, b, a)
		o := y * size
		blue, green, red := dst[o:o+size], dst[plane+o:plane+o+size], dst[2*plane+o:2*plane+o+size]
		mixRows(top, bottom, uint64(t.w), blue, green, red)
		clear(blue[w:])
		clear(green[w:])
		clear(red[w:])
	}
	for c := range 3 {
		clear(dst[c*plane+h*size : (c+1)*plane])
	}
	return float32(ratio)
}

// row returns a source row scaled horizontally; keep is the row that must
// not be replaced.
func (r *resizer) row(im *Picture, y, keep int) []uint64 {
	slot := 0
	switch {
	case r.at[0] == y:
		return r.rows[0]
	case r.at[1] == y:
		return r.rows[1]
	case r.at[0] == keep:
		slot = 1
	}
	r.at[slot] = y
	if cap(r.source) < im.Width {
		r.source = make([]slope, im.Width)
	}
	r.source = r.source[:im.Width]
	slopes(r.source, im.Pix[3*y*im.Width:3*(y+1)*im.Width])
	const (
		shift = weightBits - rowBits
		half  = ones << (shift - 1)
		keepM = (laneMask >> shift) * ones
	)
	out, source := r.rows[slot][:len(r.xs)], r.source
	for i, t := range r.xs {
		s := &source[t.at]
		out[i] = (s.here<<weightBits + s.next*uint64(t.w) + half) >> shift & keepM
	}
	return out
}

// slopes computes a row's; the last pixel has no next one and leads to itself.
func slopes(to []slope, row []uint8) {
	here := pack(row[0], row[1], row[2])
	row = row[3:]
	for i := range to {
		next := here
		if len(row) >= 3 {
			next = pack(row[0], row[1], row[2])
			row = row[3:]
		}
		to[i] = slope{here, next - here}
		here = next
	}
}

// mixRows blends two rows and writes the three channels.
func mixRows(top, bottom []uint64, w uint64, blue, green, red []float32) {
	const (
		shift = weightBits + rowBits
		half  = ones << (shift - 1)
	)
	n := len(top)
	bottom, blue, green, red = bottom[:n], blue[:n], green[:n], red[:n]
	for i, t := range top {
		v := t<<weightBits + (bottom[i]-t)*w + half
		red[i] = float32(int32(v >> shift & 0xff))
		green[i] = float32(int32(v >> (shift + lane) & 0xff))
		blue[i] = float32(int32(v >> (shift + 2*lane) & 0xff))
	}
}
