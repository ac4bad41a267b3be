package face

import "math"

// mouth holds a mouth's measures under an expression, in head units: half its
// width, the heights of its middle and corners, and half the opening.
type mouth struct{ half, y, corner, gap float64 }

func (h *head) mouth() mouth {
	p := h.p
	m := mouth{half: p.of(MouthWidth) * (1 + .2*math.Max(0, h.smile) - .1*h.open), y: p.of(MouthHeight)}
	m.y = math.Max(m.y, p.of(NoseLength)+.3)
	m.corner = m.y - p.of(MouthCorner)*.8 - .1*h.smile
	m.gap = .13 * h.open
	if h.smile > .55 {
		m.gap += .06 * (h.smile - .5)
	}
	m.corner += m.gap * .5
	return m
}

// lips draws the mouth, with teeth where it is open.
func (h *head) lips(c *canvas) {
	p, k := h.p, h.s.Scale
	m := h.mouth()
	skin, lip := p.skin(), p.lips()
	up, low, bow := p.of(UpperLip), p.of(LowerLip), p.of(LipBow)
	at := func(x, y float64) point { return h.off(x*m.half, y, .04*(1-x*x)) }
	upY, lowY := m.y-m.gap*.35, m.y+m.gap*1.3
	line := func(y, sag float64) []point { // from corner to corner
		return spline(15, at(-1, m.corner), at(-.55, (y+sag)*.75+m.corner*.25), at(0, y),
			at(.55, (y+sag)*.75+m.corner*.25), at(1, m.corner))
	}
	innerUp, innerLow := line(upY, -.012), line(lowY, .0)
	top := spline(19, at(-1, m.corner), at(-.6, (upY+m.corner)/2-up*.62), at(-.2, upY-up),
		at(0, upY-up+bow), at(.2, upY-up), at(.6, (upY+m.corner)/2-up*.62), at(1, m.corner))
	bottom := spline(15, at(-1, m.corner), at(-.6, (lowY+m.corner)/2+low*.6), at(0, lowY+low),
		at(.6, (lowY+m.corner)/2+low*.6), at(1, m.corner))
	c.blob(at(0, lowY+low+.08), m.half*.75*k, .1*k, h.s.Roll, skin.times(.45), .55)
	if f := p.of(Philtrum); f > .3 {
		c.blob(at(0, m.y-up-.09), .06*k, .11*k, h.s.Roll, skin.times(.5), .7*f)
	}
	if m.gap > .01 {
		c.fill(polygon(join(innerUp, innerLow)...), rgb{.16, .05, .05}, 1)
		teeth := spline(11, at(-.8, m.corner*.3+upY*.7), at(-.5, upY+m.gap*.55), at(0, upY+m.gap*.75),
			at(.5, upY+m.gap*.55), at(.8, m.corner*.3+upY*.7))
		saved := c.clip
		c.clip = c.cut(polygon(join(innerUp, innerLow)...))
		c.fill(polygon(join(innerUp, teeth)...), rgb{.93, .91, .86}, .95)
		c.clip = saved
	}
	c.fill(polygon(join(top, innerUp)...), lip.times(.84), .92)
	c.fill(polygon(join(innerLow, bottom)...), lip, .92)
	c.blob(at(.1*h.s.Light[0], lowY+low*.5), m.half*.4*k, low*.38*k, h.s.Roll, lip.mix(rgb{1, 1, 1}, .6), .55)
	c.fill(ribbon(innerUp, taper(.035*k)), skin.times(.2), .85)
	for _, x := range [2]float64{-1, 1} {
		c.blob(at(x*1.02, m.corner), .07*k, .06*k, 0, skin.times(.35), .7)
	}
}

// join returns the points of a line and then those of another backwards: the
// outline of what lies between them.
func join(a, b []point) []point {
	out := append(make([]point, 0, len(a)+len(b)), a...)
	for i := len(b) - 1; i >= 0; i-- {
		out = append(out, b[i])
	}
	return out
}
