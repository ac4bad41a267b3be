package photo

import "math"

// WarpSmooth cuts a crop of w by h pixels out of a picture as Warp does, and makes it
// smaller without aliasing: where the crop has less than half the picture's scale, the
// picture's pixels are first averaged in square blocks, as many as leave no less than the
// crop's scale. s takes positions that count from the upper left corner of the first pixel,
// as Letterbox's do, not from its centre. Where s is not finite, or takes all positions to
// one, the crop is black.
func WarpSmooth(im *Picture, s Similarity, w, h int, dst []uint8) {
	scale := s.Scale()
	if !(scale > 0) || math.IsInf(scale, 0) || !s.finite() {
		clear(dst[:3*w*h])
		return
	}
	if block := int(min(1/scale, float64(max(im.Width, im.Height)))); block > 1 {
		x0, y0, x1, y1 := s.covers(im, w, h)
		if x0 >= x1 || y0 >= y1 {
			clear(dst[:3*w*h])
			return
		}
		im = reduce(im, x0, y0, x1, y1, block)
		s = s.ofBlocks(block, x0, y0)
	}
	s[2] += (s[0]+s[1])/2 - .5
	s[5] += (s[3]+s[4])/2 - .5
	Warp(im, s, w, h, dst)
}

// Reduce makes a picture smaller: each pixel is the mean of a block of so many pixels in
// each direction, at the right and lower edge of those that are there.
func Reduce(im *Picture, block int) *Picture {
	return reduce(im, 0, 0, im.Width, im.Height, block)
}

// OfBlocks returns the similarity for a picture that Reduce has made smaller.
func (s Similarity) OfBlocks(block int) Similarity { return s.ofBlocks(block, 0, 0) }

// Scale returns how much longer a way is in the crop than in the picture.
func (s Similarity) Scale() float64 {
	return math.Sqrt(math.Abs(float64(s[0])*float64(s[4]) - float64(s[1])*float64(s[3])))
}

// Source returns the position in the picture that a position in the crop comes from.
func (s Similarity) Source(x, y float32) (float32, float32) {
	m := s.inverse()
	return float32(m[0]*float64(x) + m[1]*float64(y) + m[2]), float32(m[3]*float64(x) + m[4]*float64(y) + m[5])
}

func (s Similarity) finite() bool {
	var sum float64
	for _, v := range s {
		sum += float64(v) * 0
	}
	return sum == 0
}

// ofBlocks is s for a picture that holds the means of blocks, from the pixel x0, y0 on.
func (s Similarity) ofBlocks(block, x0, y0 int) Similarity {
	k, x, y := float32(block), float32(x0), float32(y0)
	return Similarity{
		k * s[0], k * s[1], s[0]*x + s[1]*y + s[2],
		k * s[3], k * s[4], s[3]*x + s[4]*y + s[5],
	}
}

// covers returns the part of a picture that a crop of w by h pixels shows, and a pixel
// more on each side.
func (s Similarity) covers(im *Picture, w, h int) (x0, y0, x1, y1 int) {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for corner := range 4 {
		x, y := s.Source(float32(corner%2*w), float32(corner/2*h))
		for i, v := range [2]float32{x, y} {
			low[i], high[i] = min(low[i], float64(v)), max(high[i], float64(v))
		}
	}
	within := func(v float64, most int) int { return int(min(max(v, 0), float64(most))) }
	return within(low[0]-1, im.Width), within(low[1]-1, im.Height), within(high[0]+2, im.Width), within(high[1]+2, im.Height)
}

// reduce averages blocks of a part of a picture.
func reduce(im *Picture, x0, y0, x1, y1, block int) *Picture {
	w, h := (x1-x0+block-1)/block, (y1-y0+block-1)/block
	out := &Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h)}
	sums := make([]int, 3*w)
	for y := range h {
		clear(sums)
		top, bottom := y0+y*block, min(y0+(y+1)*block, y1)
		for row := top; row < bottom; row++ {
			addBlocks(sums, im.Pix[3*(row*im.Width+x0):3*(row*im.Width+x1)], block)
		}
		to := out.Pix[3*y*w : 3*(y+1)*w]
		for x := range w {
			n := (bottom - top) * min(block, x1-x0-x*block)
			for c := range 3 {
				to[3*x+c] = uint8((sums[3*x+c] + n/2) / n)
			}
		}
	}
	return out
}

// addBlocks adds a row's pixels to the sums of their blocks.
func addBlocks(sums []int, row []uint8, block int) {
	for len(sums) >= 3 {
		part := row[:min(3*block, len(row))]
		row = row[len(part):]
		var red, green, blue int
		for len(part) >= 3 {
			red, green, blue = red+int(part[0]), green+int(part[1]), blue+int(part[2])
			part = part[3:]
		}
		sums[0], sums[1], sums[2] = sums[0]+red, sums[1]+green, sums[2]+blue
		sums = sums[3:]
	}
}
