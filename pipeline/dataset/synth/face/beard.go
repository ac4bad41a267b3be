package face

import (
	"math"
	"math/rand/v2"
)

// beard draws what grows around mouth, chin and cheeks.
func (h *head) beard(c *canvas) {
	p := h.p
	col := p.hair().mix(rgb{.25, .12, .07}, .3*p.of(BeardTone)).times(.85)
	dense := .62 + .33*p.of(BeardDensity)
	switch p.Beard {
	case Stubble:
		ink, alpha := p.hair().mix(p.skin(), .3).times(.75), .2+.11*p.of(BeardDensity)
		h.whiskers(c, ink, alpha, 0)
		h.whiskers(c, ink, alpha, .09)
	case Full:
		h.whiskers(c, col, dense, 0)
		h.moustache(c, col, dense)
	case Moustache:
		h.moustache(c, col, .95)
	case Goatee:
		h.moustache(c, col, dense)
		h.tuft(c, col, dense, 1)
	case Chin:
		h.tuft(c, col, dense, .75)
	}
}

// whiskers covers cheeks and chin, from a line that lies down head units lower
// than usual.
func (h *head) whiskers(c *canvas, col rgb, alpha, down float64) {
	m := h.mouth()
	burn := math.Max(.3, h.p.of(Sideburn))
	line := .75 + .25*h.p.of(BeardTone) + down
	end := h.levels[8].y
	low := h.p.of(LowerLip)
	lip := m.y + m.gap*1.3 + low + .04 + down*.4
	at := []point{
		h.edge(burn, -1, 0), h.around(line, -1.1, 0), h.on(-m.half-.12, line+.18), h.on(-m.half-.02, m.y+.06),
		h.on(-m.half*.6, lip), h.on(0, lip+.03), h.on(m.half*.6, lip), h.on(m.half+.02, m.y+.06),
		h.on(m.half+.12, line+.18), h.around(line, 1.1, 0), h.edge(burn, 1, 0),
		h.edge(1, 1, .05), h.edge(end-.3, 1, .1), h.edge(end, 1, .12), h.edge(end, -1, .12),
		h.edge(end-.3, -1, .1), h.edge(1, -1, .05)}
	c.fill(loop(at...), col, alpha)
	saved := c.clip
	c.clip = c.cut(loop(at...))
	r := rand.New(rand.NewPCG(h.p.Seed, 3))
	k := h.s.Scale
	for range 40 {
		x := (r.Float64()*2 - 1) * .85
		y := lip + (end-lip)*r.Float64()
		a, b := h.on(x, y), h.on(x*1.02, y+.12)
		c.fill(ribbon([]point{a, b}, steady(.02*k)), col.times(.6+.7*r.Float64()), alpha*.7)
	}
	c.clip = saved
}

// moustache covers the upper lip.
func (h *head) moustache(c *canvas, col rgb, alpha float64) {
	p := h.p
	m := h.mouth()
	y := m.y - m.gap*.35 - p.of(UpperLip)*.6
	top := math.Min(p.of(NoseLength)+.13, y-.06)
	long := m.half * (.75 + .6*p.of(BeardTone))
	droop := .25 * p.of(BeardDensity)
	at := []point{
		h.on(0, top+.03), h.on(long*.5, top+.03), h.on(long, m.corner-.06), h.on(long*1.08, m.corner+droop*.6),
		h.on(long*.8, m.corner+.01), h.on(long*.4, y), h.on(0, y-.015),
		h.on(-long*.4, y), h.on(-long*.8, m.corner+.01), h.on(-long*1.08, m.corner+droop*.6),
		h.on(-long, m.corner-.06), h.on(-long*.5, top+.03)}
	c.fill(loop(at...), col, alpha)
	k := h.s.Scale
	for i := -4.; i <= 4; i++ {
		x := long * i / 4.6
		c.fill(ribbon([]point{h.on(x*.8, top+.03), h.on(x, y+(m.corner-m.y)*math.Abs(i)/5)}, taper(.035*k)),
			col.times(.6), alpha*.6)
	}
}

// tuft covers the chin.
func (h *head) tuft(c *canvas, col rgb, alpha, wide float64) {
	m := h.mouth()
	end := h.levels[8].y
	y := m.y + m.gap*1.3 + h.p.of(LowerLip) + .03
	w := m.half * wide
	at := []point{
		h.on(-.1, y), h.on(.1, y), h.on(w*.75, y+.12), h.on(w, m.y+.2), h.on(w*.95, end-.12), h.on(w*.5, end+.08),
		h.on(-w*.5, end+.08), h.on(-w*.95, end-.12), h.on(-w, m.y+.2), h.on(-w*.75, y+.12)}
	c.fill(loop(at...), col, alpha)
	k := h.s.Scale
	for i := -3.; i <= 3; i++ {
		c.fill(ribbon([]point{h.on(w*i/4, y+.1), h.on(w*i/4.5, end)}, taper(.035*k)), col.times(.6), alpha*.6)
	}
}
