package face

import (
	"math"
	"math/rand/v2"
)

// glasses draws glasses, clear or dark.
func (h *head) glasses(c *canvas, r *rand.Rand) {
	if h.s.Glasses == NoGlasses {
		return
	}
	k := h.s.Scale
	e := h.p.of(EyeSpacing) / 2
	w, t := .3+.07*r.Float64(), .2+.1*r.Float64()
	square := .5 + .5*r.Float64()
	thick := (.03 + .05*r.Float64()) * k
	frame := anyColour(r).times(.45)
	tint := rgb{.06, .06, .07}
	for _, s := range [2]float64{-1, 1} {
		put := func(u, v float64) point { return h.off(s*(e+.03)+u*w, .04+v*t, .14) }
		d := .7 + .3*square
		at := []point{put(-1, 0), put(-d, -d), put(0, -1), put(d, -d), put(1, 0), put(d, d), put(0, 1),
			put(-d, d), put(-1, 0)}
		if h.s.Glasses == Dark {
			c.fill(loop(at[:8]...), tint, .88)
			c.blob(put(-.3, -.4), .2*k, .1*k, -.5, rgb{.8, .85, .9}, .4)
		} else {
			c.fill(loop(at[:8]...), rgb{.9, .95, 1}, .08)
			c.fill(ribbon([]point{put(-.5, .3), put(0, -.5)}, steady(.06*k)), rgb{1, 1, 1}, .25*r.Float64())
		}
		c.fill(ribbon(spline(25, at...), steady(thick)), frame, .95)
		c.fill(ribbon([]point{h.off(s*(e+.03+w), 0, .12), h.edge(-.02, s, -.02)}, steady(thick)), frame, .9)
	}
	c.fill(ribbon(spline(5, h.off(-e-.03+w, .0, .14), h.off(0, -.05, .22), h.off(e+.03-w, .0, .14)),
		steady(thick)), frame, .95)
}

// hat draws a hat over hair and forehead.
func (h *head) hat(c *canvas, r *rand.Rand) {
	if h.s.Hat == NoHat {
		return
	}
	col := anyColour(r).times(.85)
	y := -.78 - .2*r.Float64()
	var low []point
	for i := range 9 {
		t := float64(i)/8*2 - 1
		low = append(low, h.around(y+.18*t*t, t*1.5, .1))
	}
	// A hat is larger than the hair under it.
	top, side := h.bulk()
	more := side + .06 + .08*r.Float64()
	up := h.crown(top+.08+.15*r.Float64(), more)[9:20]
	out := append([]point{h.edge(y+.2, -1, more), h.edge(y-.3, -1, more)}, up...)
	out = append(out, h.edge(y-.3, 1, more), h.edge(y+.2, 1, more))
	shape := polygon(join(low, out)...)
	k := h.s.Scale
	switch h.s.Hat {
	case Hood:
		for _, s := range [2]float64{-1, 1} {
			c.fill(loop(h.edge(-1.4, s, -.1), h.edge(-.6, s, .06), h.edge(.6, s, .1), h.edge(1.6, s, .3),
				h.edge(1.6, s, .8), h.edge(.4, s, .5), h.edge(-.8, s, .4), h.edge(-1.6, s, .25)), col, 1)
			in := spline(10, h.edge(-.9, s, .02), h.edge(-.4, s, .07), h.edge(.6, s, .12), h.edge(1.5, s, .33))
			c.fill(ribbon(in, steady(.13*k)), col.times(.45), .9)
			fold := spline(10, h.edge(-1.2, s, .2), h.edge(-.2, s, .3), h.edge(.8, s, .32), h.edge(1.5, s, .55))
			c.fill(ribbon(fold, taper(.12*k)), col.times(.7), .8)
		}
		c.fill(shape, col, 1)
		c.fill(ribbon(low, steady(.13*k)), col.times(.45), .9)
	case Brim:
		c.fill(shape, col, 1)
		brim := append([]point{}, low...)
		for i := 8; i >= 0; i-- {
			t := float64(i)/8*2 - 1
			brim = append(brim, h.around(y+.1+.1*t*t, t*1.35, .1+.45*math.Cos(t*1.3)))
		}
		c.fill(polygon(brim...), col.times(.6), 1)
	default:
		c.fill(shape, col, 1)
		c.fill(ribbon(low, steady(.22*k)), col.times(.75), 1)
		for i := 1; i < 8; i++ {
			c.fill(ribbon([]point{low[i], out[min(2+i, len(out)-1)]}, taper(.05*k)), col.times(.7), .5)
		}
	}
}

// cover draws what hides part of the face: something before the lower half or
// one side of it.
func (h *head) cover(c *canvas, r *rand.Rand) {
	k := h.s.Scale
	side := math.Copysign(1, r.Float64()-.5)
	switch h.s.Cover {
	case Hand:
		skin := h.p.skin().times(.95)
		at := h.on(side*(.6+.2*r.Float64()), 1.25+.3*r.Float64())
		for i := range 4 {
			a := -1.9 + .22*float64(i) + .3*side
			s, co := math.Sincos(a)
			x := at.x + (float64(i)-1.5)*.2*k
			tip := point{x + co*.75*k*.5, at.y + s*.7*k}
			c.fill(ribbon([]point{{x, at.y + .5*k}, {x, at.y}, tip}, steady(.2*k)), skin.times(1-.06*float64(i)), 1)
			c.fill(ellipse(tip, .1*k, .1*k, 0), skin.times(1-.06*float64(i)), 1)
		}
		c.fill(ellipse(point{at.x, at.y + .75*k}, .5*k, .55*k, 0), skin, 1)
	case Scarf:
		col, y := anyColour(r), h.mouth().y+.12+.3*r.Float64()
		c.fill(loop(h.edge(y-.05, -1, .15), h.on(0, y+.12), h.edge(y-.05, 1, .15), h.edge(1.9, 1, .7),
			h.space(0, 3.2, 0), h.edge(1.9, -1, .7)), col, 1)
		for range 5 {
			yy := y + .15 + 1.2*r.Float64()
			c.fill(ribbon(spline(8, h.edge(yy, -1, .3), h.on(0, yy+.2), h.edge(yy, 1, .3)), taper(.1*k)),
				col.times(.6+.3*r.Float64()), .8)
		}
	case Microphone:
		at := h.on(side*.35, 1.45)
		end := point{at.x + side*k, at.y + 1.8*k}
		c.fill(ribbon([]point{at, end}, steady(.24*k)), rgb{.12, .12, .13}, 1)
		c.fill(ellipse(at, .27*k, .27*k, 0), rgb{.3, .3, .32}, 1)
		c.blob(point{at.x - .08*k, at.y - .08*k}, .2*k, .2*k, 0, rgb{.7, .7, .72}, .7)
	case Edge:
		x := h.edge(.3, side, -.3-.3*r.Float64()).x
		far := x + side*3*k
		c.fill(polygon(point{x, -5}, point{far, -5}, point{far, float64(c.h) + 5},
			point{x + side*.4*k, float64(c.h) + 5}), anyColour(r), 1)
	case Smudge:
		at := h.on(side*(.3+.5*r.Float64()), -.9+2.3*r.Float64())
		c.blob(at, (.4+.3*r.Float64())*k, (.3+.3*r.Float64())*k, 3*r.Float64(), anyColour(r), .95)
	}
}
