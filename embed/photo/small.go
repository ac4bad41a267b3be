package photo

import "github.com/facesieve/facesieve/internal/phash"

// smallSide is the width and height of a Small, smallSamples how many pixels of the
// picture a cell takes in each direction: as many for any picture, so that a large one
// costs no more than a small one.
const (
	smallSide    = phash.Samples
	smallSamples = 4
)

// Small is a picture made small, whatever its shape: 32 x 32 cells with the mean grey
// of 16 pixels that lie evenly in each. It is computed in whole numbers, so that all
// processors give the same.
type Small struct {
	cells [smallSide * smallSide]int32 // sums of 16 greys, each 0 to 255 * 256
}

// Shrink makes a picture small.
func Shrink(im *Picture) *Small {
	const n = smallSide * smallSamples
	var columns [n]int
	for i := range columns {
		columns[i] = 3 * ((2*i + 1) * im.Width / (2 * n))
	}
	s := new(Small)
	for j := range n {
		y := (2*j + 1) * im.Height / (2 * n)
		row := im.Pix[3*y*im.Width : 3*(y+1)*im.Width]
		cells := s.cells[j/smallSamples*smallSide:][:smallSide]
		for c := range cells {
			var red, green, blue int32
			for _, at := range columns[c*smallSamples:][:smallSamples] {
				p := row[at : at+3 : at+3]
				red, green, blue = red+int32(p[0]), green+int32(p[1]), blue+int32(p[2])
			}
			cells[c] += 77*red + 150*green + 29*blue
		}
	}
	return s
}

// Thumbnail returns side x side greys, 0 to 255, row after row; side divides 32.
func (s *Small) Thumbnail(side int) []byte {
	out, step := make([]byte, side*side), smallSide/side
	one := int64(step * step * smallSamples * smallSamples * 256)
	for i := range out {
		var sum int64
		for y := range step {
			for x := range step {
				sum += int64(s.cells[(i/side*step+y)*smallSide+i%side*step+x])
			}
		}
		out[i] = uint8((sum + one/2) / one)
	}
	return out
}

// Hash returns the perceptual hash of the picture: near pictures, whatever their size
// and encoding, differ in few of its 64 bits. It is the one of the library pHash (C.
// Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010) on
// these cells: bit 8(v-1) + u-1 is set where the coefficient of their cosine transform
// at the frequencies u (across) and v (down), 1 to 8 each, is above the median of the
// 64. Of a picture of one grey it is 0.
func (s *Small) Hash() uint64 {
	waves := cosines()
	var across [smallSide][phash.Side]int64
	for y := range across {
		for u := range phash.Side {
			for x, v := range s.cells[y*smallSide:][:smallSide] {
				across[y][u] += int64(v) * waves[u][x]
			}
		}
	}
	var all [phash.Side * phash.Side]int64
	for i := range all {
		for y := range smallSide {
			all[i] += across[y][i%phash.Side] * waves[i/phash.Side][y]
		}
	}
	return phash.Bits(all)
}

// cosines gives 2^14 cos((2x + 1) u pi / 64) of the frequencies u, 1 to 8, to the
// nearest whole number. The sums of Hash stay below 2^63 with them.
func cosines() (waves [phash.Side][smallSide]int64) {
	for u := range waves {
		for x := range waves[u] {
			waves[u][x] = phash.Wave((2*x + 1) * (u + 1))
		}
	}
	return waves
}
