package face

import (
	"math"
	"math/rand/v2"
)

// marks draws freckles, moles, a scar and the lines of age.
func (h *head) marks(c *canvas) {
	p, k := h.p, h.s.Scale
	skin := p.skin()
	h.lines(c, skin)
	if f := p.of(Freckles); f > .8 {
		r := rand.New(rand.NewPCG(p.Seed, 1))
		for range int((f - .7) * 170) {
			x, y := r.NormFloat64()*.45, .35+r.NormFloat64()*.2
			if math.Abs(x) > .95 {
				continue
			}
			c.blob(h.off(x, y, .02), .042*k, .04*k, 0, skin.mix(rgb{.5, .24, .1}, .55).times(.86), .62)
		}
	}
	for _, m := range p.Moles {
		if m.Size > 0 {
			c.fill(ellipse(h.on(m.X, m.Y), m.Size*k*h.cy, m.Size*k, h.s.Roll), rgb{.2, .1, .07}.mix(skin, .15), .9)
		}
	}
	if p.of(Scar) > .85 {
		t := p.of(ScarPosition)*2 - 1
		x := math.Copysign(.35+.4*math.Abs(t), t)
		y := .2 + .8*math.Abs(math.Sin(9*t))
		c.fill(ribbon(spline(6, h.on(x-.1, y-.2), h.on(x, y), h.on(x+.05, y+.22)), taper(.06*k)),
			skin.mix(rgb{1, .75, .7}, .6), .9)
		c.fill(ribbon(spline(6, h.on(x-.07, y-.2), h.on(x+.03, y), h.on(x+.08, y+.22)), taper(.03*k)),
			skin.times(.5), .6)
	}
}

// lines draws folds beside the mouth, on the forehead and beside the eyes.
func (h *head) lines(c *canvas, skin rgb) {
	p, k := h.p, h.s.Scale
	age := p.of(Age)
	ink := skin.times(.5)
	m := h.mouth()
	fold := .75*p.of(FoldDepth) + .25*age + .3*math.Max(0, h.smile) - .3
	wide, tip := p.of(NoseWidth), p.of(NoseLength)
	for _, side := range [2]float64{-1, 1} {
		if fold > .05 {
			l := spline(9, h.on(side*(wide+.05), tip-.05), h.on(side*(m.half+.08), (tip+m.y)/2),
				h.on(side*(m.half+.14), m.y+.02), h.on(side*(m.half+.1), m.y+.1))
			c.fill(ribbon(l, taper(.045*k)), ink, .62*math.Min(1, fold))
			c.blob(l[4], .3*k, .07*k, h.s.Roll+math.Pi/2-side*.35, skin.times(.6), .6*math.Min(1, fold))
		}
		if age > .6 { // beside the eye
			e := p.of(EyeSpacing)/2 + p.of(EyeWidth)
			for i := -1.; i <= 1; i++ {
				c.fill(ribbon([]point{h.on(side*(e+.06), .02+.04*i), h.on(side*(e+.2), .03+.1*i)},
					steady(.025*k)), ink, age-.4)
			}
		}
	}
	if f := p.of(ForeheadLines); f > .5 {
		for i := range 3 {
			y := -.68 - .13*float64(i) - .04*h.s.Brow
			w := .5 - .06*float64(i)
			l := spline(9, h.on(-w, y+.03), h.on(-w/2, y-.02), h.on(0, y+.01), h.on(w/2, y-.02), h.on(w, y+.03))
			c.fill(ribbon(l, taper(.04*k)), ink, .8*(f-.35)+.1*math.Max(0, h.s.Brow))
		}
	}
	if f := p.of(ForeheadLines); f < .2 { // between the brows
		for _, x := range [2]float64{-.07, .07} {
			c.fill(ribbon(spline(5, h.on(x, -.38), h.on(x*.8, -.26), h.on(x*1.1, -.14)), taper(.04*k)), ink, .7)
		}
	}
}
