package face

import (
	"math"
	"math/rand/v2"
)

// gloss sprays the sheen of light and the dark edges over the cap of hair.
func (h *head) gloss(c *canvas, inner, outer []point, col rgb) {
	k := h.s.Scale
	saved := c.clip
	c.clip = c.cut(polygon(join(inner, outer)...))
	shine := col.mix(rgb{1, .97, .9}, .38)
	for i := 8; i <= 20; i++ {
		near := 1 - math.Abs(float64(i-14)/9-.6*h.s.Light[0])
		if near > 0 {
			c.blob(inner[i].to(outer[i], .45), .32*k, .2*k, h.s.Roll, shine, .3*near)
		}
	}
	for i := 2; i < len(outer)-2; i += 2 {
		c.blob(outer[i], .3*k, .3*k, 0, col.times(.5), .5)
		c.blob(inner[i], .14*k, .14*k, 0, col.times(.55), .45)
	}
	c.clip = saved
}

// strands draws lighter and darker strands on the cap of hair: from the parting
// to the sides, or from the hairline back.
func (h *head) strands(c *canvas, inner, outer []point, col rgb, r *rand.Rand) {
	p, k := h.p, h.s.Scale
	last := len(inner) - 1
	part := int((p.of(HairPart)*.5 + .5) * float64(last))
	part = min(max(part, 8), last-8)
	for range 26 {
		tone := col.times(.55 + .35*r.Float64())
		if r.IntN(3) == 0 {
			tone = col.mix(rgb{1, .95, .85}, .16+.14*r.Float64())
		}
		f := r.Float64()
		w := (.03 + .05*r.Float64()) * k
		if p.Hair == Short {
			i := 3 + r.IntN(last-5)
			j := min(max(i+r.IntN(5)-2, 0), last)
			c.fill(ribbon(spline(7, inner[i].to(outer[i], .1*f), inner[j].to(outer[j], .5),
				inner[j].to(outer[j], .85+.1*f)), taper(w)), tone, .6)
			continue
		}
		dir := 1
		if r.IntN(last) < part {
			dir = -1
		}
		var line []point
		for i := part; i >= 2 && i <= last-2; i += dir * 2 {
			along := math.Abs(float64(i-part)) / float64(last)
			line = append(line, inner[i].to(outer[i], f*(.9-.2*along)+.08*along))
		}
		if len(line) > 2 {
			c.fill(ribbon(spline(14, line...), taper(w)), tone, .6)
		}
	}
	if p.Hair == Parted || h.flows() {
		c.fill(ribbon([]point{inner[part], inner[part].to(outer[part], .75)}, taper(.05*k)),
			p.skin().times(.8), .75)
	}
}

// curls draws a round head of curls.
func (h *head) curls(c *canvas, inner, outer []point, col rgb, r *rand.Rand) {
	k := h.s.Scale
	c.fill(polygon(join(inner, outer)...), col.times(.85), 1)
	for i := 1; i < len(outer)-1; i++ {
		c.fill(ellipse(outer[i], (.13+.07*r.Float64())*k, (.13+.07*r.Float64())*k, 0),
			col.times(.7+.25*r.Float64()), 1)
		c.fill(ellipse(inner[i], (.05+.06*r.Float64())*k, (.06+.04*r.Float64())*k, 0),
			col.times(.75+.25*r.Float64()), 1)
	}
	for range 60 {
		i := r.IntN(len(inner))
		at := inner[i].to(outer[i], r.Float64())
		tone := col.times(.6)
		if r.IntN(2) == 0 {
			tone = col.mix(rgb{1, .95, .85}, .14)
		}
		s, co := math.Sincos(6.3 * r.Float64())
		d := .1 * k
		line := spline(6, point{at.x - d*co, at.y - d*s}, point{at.x + d*s*.8, at.y - d*co*.8},
			point{at.x + d*co, at.y + d*s})
		c.fill(ribbon(line, taper(.05*k)), tone, .6)
	}
}
