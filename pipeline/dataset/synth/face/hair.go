package face

import (
	"math"
	"math/rand/v2"
)

// flows reports whether hair falls beside the face in this shot.
func (h *head) flows() bool {
	return (h.p.Hair == Long || h.p.Hair == Bob) && !h.s.Tied
}

// hairBack draws the hair behind head and neck.
func (h *head) hairBack(c *canvas) {
	p, vol := h.p, h.p.of(HairVolume)
	var low, wide float64
	switch {
	case p.Hair == Curly:
		k := h.s.Scale
		tall := 1 + .5*p.Traits[FringeDepth]
		c.fill(ellipse(h.space(0, -.4, -.25), (1.2+vol)*k, tall*k, h.s.Roll), p.hair().times(.6), 1)
		return
	case h.flows() && p.Hair == Bob:
		low, wide = 1.35+.3*p.of(HairWave), .12+vol*.7
	case h.flows():
		low, wide = 2.7, .1+vol*.7
	default:
		return
	}
	left, right := []point{h.space(-.3, -1.45, 0)}, []point{h.space(.3, -1.45, 0)}
	for i := range 7 {
		t := float64(i) / 6
		y := -1 + (low+1)*t
		more := wide * (.5 + .5*math.Min(1, 3*t) + .4*t*p.of(HairWave))
		yy := math.Min(y, .5)
		a, b := h.edge(yy, -1, more), h.edge(yy, 1, more)
		d := h.space(0, y-yy, 0)
		d.x, d.y = d.x-h.at.x, d.y-h.at.y
		left = append(left, point{a.x + d.x, a.y + d.y})
		right = append(right, point{b.x + d.x, b.y + d.y})
	}
	c.fill(loop(join(left, right)...), p.hair().times(.6), 1)
}

// hairline returns the border between forehead and hair, from the left ear to
// the right one.
func (h *head) hairline() []point {
	p := h.p
	y, peak, temple := p.of(HairLine), p.of(HairPeak), p.of(HairTemple)
	burn := p.of(Sideburn)
	if p.Hair == Bob || p.Hair == Long {
		burn = .2
	}
	at := [...][2]float64{{1.5, burn}, {1.28, burn - .05}, {1.12, -.32}, {.92, -.62 + temple*.3},
		{.66, y + .1 + temple}, {.36, y + temple*.4}, {.16, y + peak*.5}}
	var out []point
	for i := range at {
		out = append(out, h.around(at[i][1], -at[i][0], .012))
	}
	out = append(out, h.around(y+peak, 0, .012))
	for i := len(at) - 1; i >= 0; i-- {
		out = append(out, h.around(at[i][1], at[i][0], .012))
	}
	return spline(29, out...)
}

// crown returns the outer border of the hair, beside the hairline: half an
// ellipse over the temples.
func (h *head) crown(top, side float64) []point {
	burn := h.p.of(Sideburn)
	out := []point{h.edge(burn, -1, .01+.1*side), h.edge(min(.1, burn-.1), -1, .01+.4*side),
		h.edge(min(-.4, burn-.2), -1, .01+.85*side)}
	const n = 9
	left, right, mid := h.edge(-.75, -1, .01+side), h.edge(-.75, 1, .01+side), h.space(0, -.75, -.03)
	over := h.space(0, -1.86-top, -.1)
	for i := range n {
		sin, cos := math.Sincos(math.Pi * float64(i) / (n - 1))
		sin, cos = math.Pow(sin, .9), math.Copysign(math.Pow(math.Abs(cos), .9), cos)
		x, y := mid.to(left, math.Abs(cos)), mid.to(over, sin)
		if cos < 0 {
			x = mid.to(right, -cos)
		}
		out = append(out, point{x.x + y.x - mid.x, x.y + y.y - mid.y})
	}
	out = append(out, h.edge(min(-.4, burn-.2), 1, .01+.85*side), h.edge(min(.1, burn-.1), 1, .01+.4*side),
		h.edge(burn, 1, .01+.1*side))
	return spline(29, out...)
}

// bulk returns how far the hair stands out above the head and at its sides, in
// head units.
func (h *head) bulk() (top, side float64) {
	vol := h.p.of(HairVolume)
	switch h.p.Hair {
	case Bald, Shaved, Ring:
		return .01, .01
	case Curly:
		return vol * 1.1, .12 + vol
	}
	return vol * 1.1, .04 + vol*.5
}

// hair draws the hair that lies on the head and before it.
func (h *head) hair(c *canvas) {
	p := h.p
	col, vol := p.hair(), p.of(HairVolume)
	r := rand.New(rand.NewPCG(p.Seed, 2))
	inner := h.hairline()
	switch p.Hair {
	case Bald:
		return
	case Shaved:
		c.fill(polygon(join(inner, h.crown(h.bulk()))...), col.mix(p.skin(), .35), .72)
		return
	case Ring:
		h.ring(c, col, vol)
		return
	}
	outer := h.crown(h.bulk())
	if p.Hair == Curly {
		h.curls(c, inner, outer, col, r)
		return
	}
	if p.Hair == Short && p.of(HairWave) > .6 { // spikes
		for i := 8; i < 21; i += 2 {
			outer[i] = inner[i].to(outer[i], 1.12)
		}
	}
	c.fill(polygon(join(inner, outer)...), col, 1)
	h.gloss(c, inner, outer, col)
	h.strands(c, inner, outer, col, r)
	if p.Hair == Fringe || (p.Hair == Bob || p.Hair == Long) && p.of(FringeSlope) > .08 {
		h.fringe(c, col, r)
	}
	if h.flows() {
		h.curtain(c, col, r)
	}
}

// ring draws hair at the sides under a bald top.
func (h *head) ring(c *canvas, col rgb, vol float64) {
	burn := h.p.of(Sideburn)
	for _, s := range [2]float64{-1, 1} {
		in := []point{h.around(burn, s*1.5, .01), h.around(-.25, s*1.15, .01), h.around(-.7, s*1.05, .01),
			h.around(-.95, s*1.2, .01)}
		out := []point{h.edge(burn, s, .03), h.edge(-.2, s, .08+vol*.4), h.edge(-.7, s, .06+vol*.4),
			h.edge(-1, s, .02)}
		c.fill(loop(join(in, out)...), col, .95)
	}
}

// fringe draws hair over the forehead.
func (h *head) fringe(c *canvas, col rgb, r *rand.Rand) {
	p, k := h.p, h.s.Scale
	deep, slope := p.of(FringeDepth), p.of(FringeSlope)
	var top, low []point
	const n = 13
	for i := range n {
		t := float64(i)/(n-1)*2 - 1
		a := t * 1.12
		bottom := math.Max(deep+slope*t*.7+.06*math.Cos(t*2), p.of(HairLine)+.04)
		if i%2 == 1 {
			bottom -= .07
		}
		top = append(top, h.around(-1.5, a*.8, .03))
		low = append(low, h.around(bottom, a, .05))
	}
	c.fill(polygon(join(top, low)...), col, 1)
	for range 16 {
		i := r.IntN(n)
		j := min(max(i+int(slope*8), 0), n-1)
		tone := col.times(.6 + .25*r.Float64())
		if r.IntN(3) == 0 {
			tone = col.mix(rgb{1, .95, .85}, .2)
		}
		c.fill(ribbon([]point{top[i], top[i].to(low[j], .5), low[j]}, taper(.05*k)), tone, .65)
	}
}

// curtain draws long hair that falls beside the face.
func (h *head) curtain(c *canvas, col rgb, r *rand.Rand) {
	p, k := h.p, h.s.Scale
	vol := p.of(HairVolume)
	low := 2.7
	if p.Hair == Bob {
		low = 1.25 + .3*p.of(HairWave)
	}
	angle := 1.32 - .3*p.Traits[HairTemple]
	for _, s := range [2]float64{-1, 1} {
		var in, out []point
		for i := range 9 {
			t := float64(i) / 8
			y := -1.15 + (low+1.15)*t
			wave := .05 * p.of(HairWave) * math.Sin(t*11+p.of(HairPart))
			yy := math.Min(y, .6)
			d := h.space(0, y-yy, 0)
			d.x, d.y = d.x-h.at.x, d.y-h.at.y
			a, b := h.around(yy, s*(angle-.1*math.Sin(math.Pi*t)+wave), .02), h.edge(yy, s, .06+vol*.5*(1+t)+wave)
			in = append(in, point{a.x + d.x, a.y + d.y})
			out = append(out, point{b.x + d.x, b.y + d.y})
		}
		c.fill(loop(join(in, out)...), col.times(.95), 1)
		for range 9 {
			f := r.Float64()
			line := make([]point, 0, 9)
			for i := range in {
				line = append(line, in[i].to(out[i], f))
			}
			tone := col.times(.6 + .3*r.Float64())
			if r.IntN(3) == 0 {
				tone = col.mix(rgb{1, .95, .85}, .2)
			}
			c.fill(ribbon(spline(14, line...), taper((.03+.05*r.Float64())*k)), tone, .55)
		}
	}
}
