package face

import (
	"image"
	"math"

	"golang.org/x/image/vector"
)

// rgb is a colour, each channel from 0 to 1 on the display's scale.
type rgb [3]float32

// mix returns the colour that lies t of the way to o.
func (c rgb) mix(o rgb, t float64) rgb {
	f := float32(t)
	return rgb{c[0] + (o[0]-c[0])*f, c[1] + (o[1]-c[1])*f, c[2] + (o[2]-c[2])*f}
}

// times returns the colour with every channel multiplied by f.
func (c rgb) times(f float64) rgb {
	g := float32(f)
	return rgb{c[0] * g, c[1] * g, c[2] * g}
}

// ramp returns the colour at t, from 0 to 1, between equally spaced stops.
func ramp(stops []rgb, t float64) rgb {
	at := math.Max(0, math.Min(1, t)) * float64(len(stops)-1)
	i := min(int(at), len(stops)-2)
	return stops[i].mix(stops[i+1], at-float64(i))
}

// mask is a coverage of the whole canvas, one byte a pixel, and the box outside
// of which it is zero.
type mask struct {
	pix []uint8
	box image.Rectangle
}

// canvas is a picture while it is drawn: w by h pixels of three floats each.
type canvas struct {
	w, h int
	pix  []float32
	lit  []uint8 // what the head covers, for the light
	mark bool    // fills count as head
	clip *mask   // where not nil, fills and blobs stay inside
	ras  vector.Rasterizer
	tile image.Alpha
}

func newCanvas(w, h int) *canvas {
	return &canvas{w: w, h: h, pix: make([]float32, 3*w*h), lit: make([]uint8, w*h)}
}

// raster draws the coverage of a closed path into the tile and returns the
// tile's position on the canvas, empty where the path lies outside.
func (c *canvas) raster(p path) image.Rectangle {
	box := p.bounds().Intersect(image.Rect(0, 0, c.w, c.h))
	if c.clip != nil {
		box = box.Intersect(c.clip.box)
	}
	if box.Empty() {
		return image.Rectangle{}
	}
	w, h := box.Dx(), box.Dy()
	c.ras.Reset(w, h)
	p.trace(&c.ras, float64(box.Min.X), float64(box.Min.Y))
	if cap(c.tile.Pix) < w*h {
		c.tile.Pix = make([]uint8, c.w*c.h)
	}
	c.tile.Pix = c.tile.Pix[:w*h]
	clear(c.tile.Pix)
	c.tile.Stride, c.tile.Rect = w, image.Rect(0, 0, w, h)
	c.ras.Draw(&c.tile, c.tile.Rect, image.Opaque, image.Point{})
	return box
}

// fill covers the inside of a closed path with a colour.
func (c *canvas) fill(p path, col rgb, alpha float64) {
	box := c.raster(p)
	full := float32(alpha) / 255
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := c.tile.Pix[(y-box.Min.Y)*c.tile.Stride:][:box.Dx()]
		for i, a := range row {
			if a == 0 {
				continue
			}
			at := y*c.w + box.Min.X + i
			if c.clip != nil {
				a = uint8(int(a) * int(c.clip.pix[at]) / 255)
			}
			c.over(at, col, float32(a)*full)
			if c.mark && a > c.lit[at] {
				c.lit[at] = a
			}
		}
	}
}

// over lays a colour over one pixel.
func (c *canvas) over(at int, col rgb, f float32) {
	px := c.pix[3*at : 3*at+3 : 3*at+3]
	px[0] += (col[0] - px[0]) * f
	px[1] += (col[1] - px[1]) * f
	px[2] += (col[2] - px[2]) * f
}

// cut returns the coverage of a closed path as a mask.
func (c *canvas) cut(p path) *mask {
	box := c.raster(p)
	m := &mask{pix: make([]uint8, c.w*c.h), box: box}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		copy(m.pix[y*c.w+box.Min.X:], c.tile.Pix[(y-box.Min.Y)*c.tile.Stride:][:box.Dx()])
		if c.clip == nil {
			continue
		}
		for x := box.Min.X; x < box.Max.X; x++ {
			m.pix[y*c.w+x] = uint8(int(m.pix[y*c.w+x]) * int(c.clip.pix[y*c.w+x]) / 255)
		}
	}
	return m
}

// blob sprays a soft ellipse: half axes a and b at an angle, strongest in the
// middle, nothing beyond the axes.
func (c *canvas) blob(at point, a, b, angle float64, col rgb, alpha float64) {
	if a < .3 || b < .3 {
		return
	}
	r := math.Max(a, b)
	box := image.Rect(int(at.x-r), int(at.y-r), int(at.x+r)+2, int(at.y+r)+2)
	box = box.Intersect(image.Rect(0, 0, c.w, c.h))
	if c.clip != nil {
		box = box.Intersect(c.clip.box)
	}
	sin, cos := math.Sincos(angle)
	ux, uy, vx, vy := float32(cos/a), float32(sin/a), float32(-sin/b), float32(cos/b)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		dy := float32(float64(y) + .5 - at.y)
		for x := box.Min.X; x < box.Max.X; x++ {
			dx := float32(float64(x) + .5 - at.x)
			s, t := dx*ux+dy*uy, dx*vx+dy*vy
			f := 1 - s*s - t*t
			if f <= 0 {
				continue
			}
			f *= f * float32(alpha)
			i := y*c.w + x
			if c.clip != nil {
				f *= float32(c.clip.pix[i]) / 255
			}
			c.over(i, col, f)
		}
	}
}
