package photo

import (
	"image"
	"math"
	"sync"
)

// Colour planes become RGB as libjpeg and libwebp do it: chroma planes of half
// width or height are enlarged by a triangle filter, 3/4 of the nearer sample
// and 1/4 of the farther one in each direction.

// colourTables hold what Y, Cb and Cr add to red, green and blue, in lanes
// with 8 fraction bits, and the clamp behind the sum.
type colourTables struct {
	y, cb, cr [256]uint64
	clamp     [1024]uint8
}

// colourBias, in whole levels, keeps the lanes positive.
const (
	colourBits = 8
	colourBias = 320
)

// fullRange is JFIF's conversion. What Cb adds to blue and Cr to red is
// rounded to whole levels, as libjpeg does it.
var fullRange = sync.OnceValue(func() *colourTables {
	t := new(colourTables)
	t.fill(0, 1, math.Round, [4]float64{1.402, .714136286, .344136286, 1.772})
	return t
})

// videoRange is the conversion of VP8, ITU-R BT.601 with 16 as black and 235
// as white.
var videoRange = sync.OnceValue(func() *colourTables {
	t := new(colourTables)
	const gain = 255. / 219
	t.fill(16, gain, func(v float64) float64 { return v }, [4]float64{1.59603, .81297, .39176, 2.01723})
	return t
})

// fill computes the tables from black's level, luma's gain, and the factors
// Cr to red, Cr to green, Cb to green and Cb to blue.
func (t *colourTables) fill(black, gain float64, round func(float64) float64, k [4]float64) {
	fixed := func(v float64) uint64 { return uint64(math.Round(v * (1 << colourBits))) }
	// Each lane's biases add up to colourBias: 32 with luma, the rest with the
	// planes that can take more away than that.
	const dark, rest, half = 32, colourBias - 32, (colourBias - 32) / 2
	for i := range 256 {
		c := float64(i - 128)
		t.y[i] = fixed((float64(i)-black)*gain+dark+.5) * ones
		t.cb[i] = fixed(half-k[2]*c)<<lane | fixed(rest+round(k[3]*c))<<(2*lane)
		t.cr[i] = fixed(rest+round(k[0]*c)) | fixed(half-k[1]*c)<<lane
	}
	for i := range t.clamp {
		t.clamp[i] = uint8(min(max(i-colourBias, 0), 255))
	}
}

var chromaRows = sync.Pool{New: func() any { return new([]uint64) }}

// ycbcrRows converts all ratios that occur in files; others go pixel by pixel.
func ycbcrRows(im *Picture, m *image.YCbCr, t *colourTables) {
	halfX, halfY := false, false
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
	case image.YCbCrSubsampleRatio422:
		halfX = true
	case image.YCbCrSubsampleRatio440:
		halfY = true
	case image.YCbCrSubsampleRatio420:
		halfX, halfY = true, true
	default:
		ycbcrPixels(im, m, t)
		return
	}
	buffer := chromaRows.Get().(*[]uint64)
	defer chromaRows.Put(buffer)
	width, height := im.Width, im.Height
	if halfX {
		width = (width + 1) / 2
	}
	if halfY {
		height = (height + 1) / 2
	}
	// One sample beside each end repeats the edge.
	if cap(*buffer) < width+2 {
		*buffer = make([]uint64, width+2)
	}
	row := (*buffer)[:width+2]
	for y := range im.Height {
		near, far := y, y
		if halfY {
			near = y / 2
			far = min(max(near-1+y%2*2, 0), height-1)
		}
		chromaRow(row, m, near, far)
		luma := m.Y[y*m.YStride : y*m.YStride+im.Width]
		to := im.Pix[3*y*im.Width : 3*(y+1)*im.Width]
		if halfX {
			t.convertHalf(to, luma, row)
		} else {
			t.convertFull(to, luma, row[1:])
		}
	}
}

// crShift is the position of Cr beside Cb in a chroma sample's word.
const crShift = 32

// chromaRow blends two rows of both planes: 3 parts near, 1 part far.
func chromaRow(row []uint64, m *image.YCbCr, near, far int) {
	n := len(row) - 2
	cb, cr := m.Cb[near*m.CStride:][:n], m.Cr[near*m.CStride:][:n]
	cb2, cr2 := m.Cb[far*m.CStride:][:n], m.Cr[far*m.CStride:][:n]
	out := row[1 : n+1]
	for i := range out {
		out[i] = (uint64(cb[i])|uint64(cr[i])<<crShift)*3 + (uint64(cb2[i]) | uint64(cr2[i])<<crShift)
	}
	row[0], row[n+1] = row[1], row[n]
}

// convertHalf writes a row whose chroma has half its width.
func (t *colourTables) convertHalf(to, luma []uint8, row []uint64) {
	const (
		even = 8 | 8<<crShift
		odd  = 7 | 7<<crShift
	)
	before, here := row[0], row[1]
	rest := row[2:]
	for len(luma) >= 2 && len(rest) > 0 && len(to) >= 6 {
		after := rest[0]
		a, b := (here*3+before+even)>>4, (here*3+after+odd)>>4
		v := t.cb[uint8(a)] + t.cr[uint8(a>>crShift)] + t.y[luma[0]]
		u := t.cb[uint8(b)] + t.cr[uint8(b>>crShift)] + t.y[luma[1]]
		to[0] = t.clamp[v>>colourBits&1023]
		to[1] = t.clamp[v>>(colourBits+lane)&1023]
		to[2] = t.clamp[v>>(colourBits+2*lane)&1023]
		to[3] = t.clamp[u>>colourBits&1023]
		to[4] = t.clamp[u>>(colourBits+lane)&1023]
		to[5] = t.clamp[u>>(colourBits+2*lane)&1023]
		before, here = here, after
		luma, to, rest = luma[2:], to[6:], rest[1:]
	}
	if len(luma) == 1 {
		a := (here*3 + before + even) >> 4
		t.pixel(to, luma[0], uint8(a), uint8(a>>crShift))
	}
}

// convertFull writes a row with a chroma sample for each pixel.
func (t *colourTables) convertFull(to, luma []uint8, row []uint64) {
	const half = 2 | 2<<crShift
	for x, y := range luma {
		c := (row[x] + half) >> 2
		t.pixel(to[3*x:], y, uint8(c), uint8(c>>crShift))
	}
}

func (t *colourTables) pixel(to []uint8, y, cb, cr uint8) {
	v := t.cb[cb] + t.cr[cr] + t.y[y]
	to[0] = t.clamp[v>>colourBits&1023]
	to[1] = t.clamp[v>>(colourBits+lane)&1023]
	to[2] = t.clamp[v>>(colourBits+2*lane)&1023]
}

// ycbcrPixels converts planes of any ratio, each pixel with its own sample.
func ycbcrPixels(im *Picture, m *image.YCbCr, t *colourTables) {
	i := 0
	for y := m.Rect.Min.Y; y < m.Rect.Max.Y; y++ {
		for x := m.Rect.Min.X; x < m.Rect.Max.X; x++ {
			c := m.COffset(x, y)
			t.pixel(im.Pix[i:], m.Y[m.YOffset(x, y)], m.Cb[c], m.Cr[c])
			i += 3
		}
	}
}
