package face

import (
	"math"
	"math/rand/v2"
)

// anyColour draws a colour of any hue, mostly not glaring.
func anyColour(r *rand.Rand) rgb {
	c := rgb{r.Float32(), r.Float32(), r.Float32()}
	y := (c[0] + c[1] + c[2]) / 3
	return c.mix(rgb{y, y, y}, .25+.6*r.Float64())
}

// backdrop fills the canvas behind the person: a gradient, then one of several
// scenes.
func (c *canvas) backdrop(kind int, r *rand.Rand) {
	a, b := anyColour(r), anyColour(r)
	c.gradient(a, b, r.Float64()*2*math.Pi)
	w, h := float64(c.w), float64(c.h)
	switch kind {
	case 1: // lights out of focus
		for range 8 + r.IntN(10) {
			s := (.04 + .14*r.Float64()) * w
			c.fill(ellipse(point{r.Float64() * w, r.Float64() * h}, s, s, 0),
				anyColour(r).mix(rgb{1, 1, .9}, .3), .2+.4*r.Float64())
		}
	case 2: // stripes: a wall of boards, a curtain
		n := 3 + r.IntN(10)
		skew := (r.Float64() - .5) * w
		for i := range n {
			x, d := w*1.6*float64(i)/float64(n)-.3*w, w*.8/float64(n)
			c.fill(polygon(point{x, 0}, point{x + d, 0}, point{x + d + skew, h}, point{x + skew, h}), b,
				.25+.4*r.Float64())
		}
	case 3: // shelves or windows
		for range 5 + r.IntN(8) {
			x, y := r.Float64()*w, r.Float64()*h
			dx, dy := (.1+.3*r.Float64())*w, (.1+.4*r.Float64())*h
			c.fill(polygon(point{x, y}, point{x + dx, y}, point{x + dx, y + dy}, point{x, y + dy}),
				anyColour(r), .4+.5*r.Float64())
		}
	case 4: // leaves
		for range 40 {
			s := (.03 + .1*r.Float64()) * w
			c.fill(ellipse(point{r.Float64() * w, r.Float64() * h}, s, s*.45, 3*r.Float64()),
				a.mix(b, r.Float64()).times(.6+.7*r.Float64()), .7)
		}
	case 5: // large soft shapes
		for range 5 {
			c.blob(point{r.Float64() * w, r.Float64() * h}, (.3+.5*r.Float64())*w, (.3+.5*r.Float64())*w,
				3*r.Float64(), anyColour(r), .8)
		}
	}
}

// gradient fills the canvas from one colour to another in a direction.
func (c *canvas) gradient(a, b rgb, angle float64) {
	sin, cos := math.Sincos(angle)
	span := math.Abs(cos)*float64(c.w) + math.Abs(sin)*float64(c.h)
	sx, sy := float32(cos/span), float32(sin/span)
	for y := range c.h {
		f := .5 + (float32(y)-float32(c.h)/2)*sy - float32(c.w)/2*sx
		row := c.pix[3*y*c.w : 3*(y+1)*c.w]
		for x := 0; x < len(row); x += 3 {
			row[x], row[x+1], row[x+2] = a[0]+(b[0]-a[0])*f, a[1]+(b[1]-a[1])*f, a[2]+(b[2]-a[2])*f
			f += sx
		}
	}
}

// clothes draws shoulders and a collar.
func (h *head) clothes(c *canvas, r *rand.Rand) {
	k := h.s.Scale
	base := h.chest(.95 + .15*r.Float64())
	x, y := base.x, base.y
	wide := (1.75 + .35*r.Float64()) * k
	low := math.Max(float64(h.s.Height)+5, y+2*k)
	col := anyColour(r)
	neck := h.p.of(NeckWidth) * 1.02 * k
	c.fill(loop(point{x - neck, y}, point{x - wide*.75, y + .42*k}, point{x - wide, y + k},
		point{x - wide*1.05, low + k}, point{x + wide*1.05, low + k}, point{x + wide, y + k},
		point{x + wide*.75, y + .42*k}, point{x + neck, y}), col, 1)
	c.blob(point{x + wide*h.s.Light[0]*.6, y + .7*k}, wide, 1.2*k, 0, col.mix(rgb{1, 1, 1}, .35), .45)
	c.blob(point{x - wide*h.s.Light[0]*.8, y + k}, wide*.9, 1.3*k, 0, col.times(.4), .55)
}

// collar draws what closes the clothes at the neck.
func (h *head) collar(c *canvas, r *rand.Rand) {
	k := h.s.Scale
	base := h.chest(.98)
	x, y := base.x, base.y
	w := h.p.of(NeckWidth) * 1.05 * k
	col := anyColour(r)
	switch h.s.Clothes {
	case 0: // round
		c.fill(ribbon(spline(12, point{x - w, y - .05*k}, point{x - w*.6, y + .3*k}, point{x, y + .42*k},
			point{x + w*.6, y + .3*k}, point{x + w, y - .05*k}), steady(.14*k)), col, 1)
	case 1: // shirt
		for _, s := range [2]float64{-1, 1} {
			c.fill(polygon(point{x + s*w*1.05, y - .25*k}, point{x + s*w*1.3, y + .2*k},
				point{x + s*w*.7, y + .75*k}, point{x + s*.02*k, y + .55*k}), col.mix(rgb{1, 1, 1}, .6), 1)
		}
	case 2: // roll neck
		c.fill(polygon(point{x - w*1.02, y - .4*k}, point{x + w*1.02, y - .4*k},
			point{x + w*1.15, y + .4*k}, point{x - w*1.15, y + .4*k}), col, 1)
	case 3: // jacket
		for _, s := range [2]float64{-1, 1} {
			c.fill(polygon(point{x + s*w*.95, y - .2*k}, point{x + s*w*1.7, y + .2*k},
				point{x + s*w*.9, y + 2*k}, point{x, y + 2*k}), col.times(.6), 1)
		}
	}
}
