package photo

import (
	"errors"
	"math"

	"github.com/facesieve/facesieve/internal/origin"
)

// ErrLandmarks means that landmarks fix no transform: not finite, or all in
// one point.
var ErrLandmarks = errors.New("the landmarks fix no transform")

// Similarity is a 2x3 matrix, row by row, that takes a position in a picture
// to one in a crop: rotation, one scale, and a shift.
type Similarity [6]float32

// ArcFace112 returns the positions of the five landmarks in an ArcFace crop
// of 112 by 112 pixels: left eye, right eye, nose, left and right corner of
// the mouth as seen in the picture, each x, y.
func ArcFace112() [10]float32 {
	return [10]float32{38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041}
}

// Align finds the similarity without reflection that brings landmarks to
// points with the least sum of squared distances (Umeyama 1991, in two
// dimensions, where the rotation is a complex factor and needs no
// decomposition). The error is ErrLandmarks.
func Align(landmarks, points [10]float32) (Similarity, error) {
	var sx, sy, dx, dy float64
	for i := 0; i < 10; i += 2 {
		sx += float64(landmarks[i]) / 5
		sy += float64(landmarks[i+1]) / 5
		dx += float64(points[i]) / 5
		dy += float64(points[i+1]) / 5
	}
	var dot, cross, norm float64
	for i := 0; i < 10; i += 2 {
		ax, ay := float64(landmarks[i])-sx, float64(landmarks[i+1])-sy
		bx, by := float64(points[i])-dx, float64(points[i+1])-dy
		dot += ax*bx + ay*by
		cross += ax*by - ay*bx
		norm += ax*ax + ay*ay
	}
	a, b := dot/norm, cross/norm
	s := Similarity{
		float32(a), float32(-b), float32(dx - a*sx + b*sy),
		float32(b), float32(a), float32(dy - b*sx - a*sy),
	}
	for _, v := range s {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return Similarity{}, origin.Errorf("photo", "align: %w", ErrLandmarks)
		}
	}
	if norm < 1e-6 || a*a+b*b < 1e-12 {
		return Similarity{}, origin.Errorf("photo", "align: %w", ErrLandmarks)
	}
	return s, nil
}

// inverse returns the map from the crop to the picture.
func (s Similarity) inverse() (m [6]float64) {
	a, b, c := float64(s[0]), float64(s[1]), float64(s[2])
	d, e, f := float64(s[3]), float64(s[4]), float64(s[5])
	det := a*e - b*d
	if det != 0 {
		det = 1 / det
	}
	m = [6]float64{e * det, -b * det, 0, -d * det, a * det, 0}
	m[2] = -m[0]*c - m[1]*f
	m[5] = -m[3]*c - m[4]*f
	return m
}

// fixedBits and cellBits are the precision of a position on its way to the
// image and of the bilinear weight: those of OpenCV's warpAffine.
const (
	fixedBits = 10
	cellBits  = 5
)

// Warp cuts a crop of w by h pixels out of a picture, in RGB, w*h*3 bytes in
// dst. Sampling is bilinear with black outside the picture, in the fixed-point
// arithmetic of OpenCV's warpAffine with INTER_LINEAR: a position counts to
// 1/32 pixel.
func Warp(im *Picture, s Similarity, w, h int, dst []uint8) {
	m := s.inverse()
	const one, half = 1 << fixedBits, 1 << (fixedBits - cellBits - 1)
	var kept [2 * 160]int // on the stack for the crops in use
	offsets := kept[:]
	if 2*w > len(offsets) {
		offsets = make([]int, 2*w)
	}
	dx, dy := offsets[:w], offsets[w:2*w]
	for x := range w {
		dx[x], dy[x] = fixed(m[0]*float64(x)*one), fixed(m[3]*float64(x)*one)
	}
	for y := range h {
		x0 := fixed((m[1]*float64(y)+m[2])*one) + half
		y0 := fixed((m[4]*float64(y)+m[5])*one) + half
		row := dst[3*y*w : 3*(y+1)*w]
		if im.inside(x0+dx[0], y0+dy[0]) && im.inside(x0+dx[w-1], y0+dy[w-1]) {
			im.warpRow(row, dx, dy, x0, y0)
			continue
		}
		for x, d := range dx {
			v := im.sample((x0+d)>>(fixedBits-cellBits), (y0+dy[x])>>(fixedBits-cellBits))
			p := row[:3:3]
			p[0], p[1], p[2] = uint8(v), uint8(v>>lane), uint8(v>>(2*lane))
			row = row[3:]
		}
	}
}

// inside reports whether a position and all of the four pixels around it are in
// the picture. What lies between two such positions is, too.
func (im *Picture) inside(fx, fy int) bool {
	return uint(fx>>fixedBits) < uint(im.Width-1) && uint(fy>>fixedBits) < uint(im.Height-1)
}

// warpRow samples a row of positions that are all inside.
func (im *Picture) warpRow(row []uint8, dx, dy []int, x0, y0 int) {
	const cell, less = 1<<cellBits - 1, fixedBits - cellBits
	stride, pix := 3*im.Width, im.Pix
	dy = dy[:len(dx)]
	for x, d := range dx {
		fx, fy := (x0+d)>>less, (y0+dy[x])>>less
		at := fy>>cellBits*stride + 3*(fx>>cellBits)
		ax, ay := uint64(fx&cell), uint64(fy&cell)
		up, down := pix[at:at+6:at+6], pix[at+stride:at+stride+6:at+stride+6]
		p, r := pack(up[0], up[1], up[2]), pack(down[0], down[1], down[2])
		// Borrows run through the lanes of a difference and are gone in the sum.
		p = p<<cellBits + (pack(up[3], up[4], up[5])-p)*ax
		r = r<<cellBits + (pack(down[3], down[4], down[5])-r)*ax
		v := (p<<cellBits + (r-p)*ay + ones<<(2*cellBits-1)) >> (2 * cellBits)
		to := row[:3:3]
		to[0], to[1], to[2] = uint8(v), uint8(v>>lane), uint8(v>>(2*lane))
		row = row[3:]
	}
}

// fixed rounds half to even, and keeps far positions finite.
func fixed(v float64) int {
	return int(math.RoundToEven(min(max(v, -1<<40), 1<<40)))
}

// sample reads the picture at a position in 1/32 pixels: three channels in
// lanes.
func (im *Picture) sample(fx, fy int) uint64 {
	const cell = 1 << cellBits
	x, y := fx>>cellBits, fy>>cellBits
	ax, ay := uint64(fx&(cell-1)), uint64(fy&(cell-1))
	var p, q, r, t uint64
	if uint(x) < uint(im.Width-1) && uint(y) < uint(im.Height-1) {
		at := 3 * (y*im.Width + x)
		up, down := im.Pix[at:at+6:at+6], im.Pix[at+3*im.Width:]
		down = down[:6:6]
		p, q = pack(up[0], up[1], up[2]), pack(up[3], up[4], up[5])
		r, t = pack(down[0], down[1], down[2]), pack(down[3], down[4], down[5])
	} else {
		p, q = im.pixel(x, y), im.pixel(x+1, y)
		r, t = im.pixel(x, y+1), im.pixel(x+1, y+1)
	}
	v := (p*(cell-ax)+q*ax)*(cell-ay) + (r*(cell-ax)+t*ax)*ay
	return (v + ones<<(2*cellBits-1)) >> (2 * cellBits)
}

func pack(r, g, b uint8) uint64 {
	return uint64(r) | uint64(g)<<lane | uint64(b)<<(2*lane)
}

// pixel is a pixel in lanes, black outside the picture.
func (im *Picture) pixel(x, y int) uint64 {
	if uint(x) >= uint(im.Width) || uint(y) >= uint(im.Height) {
		return 0
	}
	at := 3 * (y*im.Width + x)
	return pack(im.Pix[at], im.Pix[at+1], im.Pix[at+2])
}
