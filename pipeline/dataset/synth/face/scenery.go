package face

import (
	"image"
	"math"
	"math/rand/v2"
)

// Scenery draws a picture without a face: a landscape, an object or a texture.
func Scenery(r *rand.Rand) *image.RGBA {
	s := NewShot(r)
	c := newCanvas(s.Width, s.Height)
	switch r.IntN(3) {
	case 0:
		c.landscape(r)
	case 1:
		c.object(r)
	default:
		c.backdrop(1+r.IntN(5), r)
	}
	return c.develop(&s)
}

// landscape draws hills under a sky.
func (c *canvas) landscape(r *rand.Rand) {
	w, h := float64(c.w), float64(c.h)
	c.gradient(rgb{.45, .65, .9}.mix(anyColour(r), .3), rgb{.9, .85, .8}, math.Pi/2)
	sun := point{r.Float64() * w, .25 * h * r.Float64()}
	c.blob(sun, .3*w, .3*w, 0, rgb{1, .95, .7}, .9)
	for i := range 4 {
		y := h * (.35 + .17*float64(i))
		col := rgb{.3, .5, .3}.mix(anyColour(r), .4).times(1.1 - .2*float64(i))
		line := []point{{-10, h + 10}, {-10, y}}
		for x := range 9 {
			line = append(line, point{w * float64(x) / 8, y - .14*h*r.Float64()})
		}
		c.fill(loop(append(line, point{w + 10, y}, point{w + 10, h + 10})...), col, 1)
	}
}

// object draws a vessel or a ball on a table.
func (c *canvas) object(r *rand.Rand) {
	w, h := float64(c.w), float64(c.h)
	c.backdrop(5, r)
	c.fill(polygon(point{0, .7 * h}, point{w, .68 * h}, point{w, h}, point{0, h}), anyColour(r).times(.7), 1)
	x, col := w*(.35+.3*r.Float64()), anyColour(r)
	c.blob(point{x, .85 * h}, .4*w, .08*h, 0, rgb{.05, .05, .05}, .7)
	var left, right []point
	for i := range 6 {
		d := w * (.08 + .2*r.Float64())
		y := h * (.3 + .11*float64(i))
		left, right = append(left, point{x - d, y}), append(right, point{x + d, y})
	}
	c.fill(loop(join(left, right)...), col, 1)
	c.blob(point{x - .1*w, .5 * h}, .08*w, .25*h, .1, rgb{1, 1, 1}, .5)
	c.blob(point{x + .15*w, .6 * h}, .12*w, .3*h, 0, col.times(.3), .6)
}
