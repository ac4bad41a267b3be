package face

import "math"

// level is a horizontal cut through the head: an ellipse of half width w and
// half depth d around the axis at depth z, at height y (down), in head units.
type level struct{ y, w, d, z float64 }

// head is a person's head in the pose and position of a shot. Its space has its
// origin between the eyes inside the head, x to the right as seen in the
// picture, y down, z out of the picture; the unit is the mean distance between
// the eyes.
type head struct {
	p                      *Person
	s                      *Shot
	sy, cy, sp, cp, sr, cr float64
	at                     point // of the origin, pixels
	levels                 [9]level
	smile, open            float64
}

// newHead puts a head into a picture. The shift of the face out of its usual
// position is cut so that all landmarks stay inside.
func newHead(p *Person, s *Shot) *head {
	h := &head{p: p, s: s, smile: s.Smile, open: s.Open}
	h.sy, h.cy = math.Sincos(s.Yaw)
	h.sp, h.cp = math.Sincos(s.Pitch)
	h.sr, h.cr = math.Sincos(s.Roll)
	h.build()
	mid := h.space(0, .35, .45)
	h.at.x = float64(s.Width)/2 + s.DX*s.Scale - mid.x
	h.at.y = float64(s.Height)*.53 + s.DY*s.Scale - mid.y
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, q := range h.landmarks() {
		lo.x, lo.y = math.Min(lo.x, q.x), math.Min(lo.y, q.y)
		hi.x, hi.y = math.Max(hi.x, q.x), math.Max(hi.y, q.y)
	}
	const margin = 10
	h.at.x += math.Max(0, margin-lo.x) - math.Max(0, hi.x-float64(s.Width)+margin)
	h.at.y += math.Max(0, margin-lo.y) - math.Max(0, hi.y-float64(s.Height)+margin)
	return h
}

// build sets the levels from crown to chin. An open mouth lowers the chin.
func (h *head) build() {
	p := h.p
	cran, cheek, jaw, chin := p.of(CraniumWidth), p.of(CheekWidth), p.of(JawWidth), p.of(ChinWidth)
	drop := .13 * h.open
	end := p.of(ChinLength) + drop
	angle := p.of(JawHeight) + drop*.6
	h.levels = [9]level{
		{-1.72, .5 * cran, .6, -.05},
		{-1.42, .86 * cran, 1, -.05},
		{-.8, 1.04 * cran, 1.12, -.02},
		{-.2, (cran + cheek) / 2, 1.03, .02},
		{.4, cheek, .95, .1},
		{.85, (cheek + jaw) / 2 * 1.01, .86, .18},
		{angle, jaw, .7, .32},
		{end - .17, chin, .5, .48},
		{end, chin * .5, .3, .6},
	}
}

// cut returns the level at a height, between those of the head.
func (h *head) cut(y float64) level {
	l := h.levels[:]
	if y <= l[0].y {
		return level{y, l[0].w, l[0].d, l[0].z}
	}
	for i := 1; i < len(l); i++ {
		if y > l[i].y {
			continue
		}
		t := (y - l[i-1].y) / (l[i].y - l[i-1].y)
		a, b := l[i-1], l[i]
		return level{y, a.w + (b.w-a.w)*t, a.d + (b.d-a.d)*t, a.z + (b.z-a.z)*t}
	}
	e := l[len(l)-1]
	return level{y, e.w, e.d, e.z}
}

// space projects a position in the head's space: turned by yaw, pitch and roll,
// without perspective. The result is in pixels from the origin.
func (h *head) space(x, y, z float64) point {
	x, z = x*h.cy+z*h.sy, z*h.cy-x*h.sy
	y = y*h.cp - z*h.sp
	k := h.s.Scale
	return point{h.at.x + k*(x*h.cr-y*h.sr), h.at.y + k*(x*h.sr+y*h.cr)}
}

// surface returns the depth of the face at x, y.
func (h *head) surface(x, y float64) float64 {
	l := h.cut(y)
	f := x / l.w
	return l.z + l.d*math.Sqrt(math.Max(.04, 1-f*f))
}

// on projects a spot on the face.
func (h *head) on(x, y float64) point { return h.space(x, y, h.surface(x, y)) }

// off projects a position that stands out of the face by dz.
func (h *head) off(x, y, dz float64) point { return h.space(x, y, h.surface(x, y)+dz) }

// edge projects the silhouette at a height, on the left (side -1) or right (1),
// with more head units outside of it.
func (h *head) edge(y, side, more float64) point {
	l := h.cut(y)
	half := math.Hypot(l.w*h.cy, l.d*h.sy) + more
	c := h.space(0, y, l.z)
	k := h.s.Scale * side * half
	return point{c.x + k*h.cr, c.y + k*h.sr}
}

// around projects a position on the head's surface at an angle from the front, or
// the silhouette where the surface has turned away there.
func (h *head) around(y, angle, more float64) point {
	l := h.cut(y)
	sin, cos := math.Sincos(angle)
	w, d := l.w+more, l.d+more
	if w*cos*h.cy-d*sin*h.sy <= 0 {
		return h.edge(y, math.Copysign(1, angle), more)
	}
	return h.space(w*sin, y, l.z+d*cos)
}

// outline returns the silhouette of the skin.
func (h *head) outline() path {
	n := len(h.levels)
	at := make([]point, 0, 2*n+2)
	at = append(at, h.space(0, -1.86, -.05))
	for _, l := range h.levels {
		at = append(at, h.edge(l.y, 1, 0))
	}
	end := h.levels[n-1]
	at = append(at, h.space(0, end.y+.03, end.z))
	for i := n - 1; i >= 0; i-- {
		at = append(at, h.edge(h.levels[i].y, -1, 0))
	}
	return loop(at...)
}

// landmarks returns the eyes, the tip of the nose and the corners of the mouth.
func (h *head) landmarks() [5]point {
	e := h.p.of(EyeSpacing) / 2
	m := h.mouth()
	return [5]point{
		h.on(-e, 0), h.on(e, 0), h.off(0, h.p.of(NoseLength), noseOut),
		h.on(-m.half, m.corner), h.on(m.half, m.corner),
	}
}

// skin draws head, ears and the soft relief of the face, and returns the mask
// of the face.
func (h *head) skin(c *canvas) *mask {
	skin := h.p.skin()
	outline := h.outline()
	near := 1.
	if h.s.Yaw > 0 {
		near = -1
	}
	if !h.flows() {
		h.ear(c, -near)
	}
	if !h.flows() && math.Abs(h.s.Yaw) < .1 {
		h.ear(c, near)
	}
	c.fill(outline, skin, 1)
	if !h.flows() && math.Abs(h.s.Yaw) >= .1 {
		h.ear(c, near)
	}
	face := c.cut(outline)
	c.clip = face
	h.relief(c, skin)
	return face
}

// ear draws one ear.
func (h *head) ear(c *canvas, side float64) {
	p := h.p
	size, y, spread := p.of(EarSize), p.of(EarHeight), p.of(EarSpread)
	l := h.cut(y)
	put := func(u, v float64) point { // u outwards, v down, in ear sizes
		return h.space(side*(l.w-.05+(u*.55)*(.2+spread)*1.6), y+v*size, l.z-.12-u*size*.5)
	}
	skin := p.skin()
	c.fill(loop(put(-.2, -.6), put(.35, -1), put(.95, -.75), put(1, -.1), put(.65, .5), put(.35, .95),
		put(-.1, .8)), skin.mix(rgb{.75, .35, .3}, .12), 1)
	c.fill(loop(put(.1, -.4), put(.4, -.7), put(.75, -.5), put(.7, 0), put(.35, .35), put(.1, .2)),
		skin.times(.66), .7)
	c.fill(ribbon(spline(8, put(.2, -.5), put(.5, -.45), put(.5, 0), put(.25, .3)), taper(.05*h.s.Scale)),
		skin.times(1.05), .6)
}

// relief sprays the soft lights and shadows of cheeks, sockets, temples and
// chin.
func (h *head) relief(c *canvas, skin rgb) {
	p, k := h.p, h.s.Scale
	dark, red := skin.times(.68), skin.mix(rgb{.82, .3, .25}, .45)
	roll := h.s.Roll
	e := p.of(EyeSpacing) / 2
	for _, side := range [2]float64{-1, 1} {
		c.blob(h.on(side*e*.92, -.1), .42*k*h.cy, .3*k, roll, dark, .2+.45*p.of(EyeDepth))
		c.blob(h.on(side*.62, .62), .4*k, .32*k, roll, red, .12+.5*p.of(CheekRed))
		c.blob(h.on(side*.72, 1.02), .34*k, .5*k, roll-side*.4, dark, .08+.6*p.of(CheekBone))
		c.blob(h.on(side*.62, .38), .34*k, .2*k, roll-side*.25, skin.mix(rgb{1, .97, .92}, .6),
			.12+.25*p.of(CheekBone))
		c.blob(h.edge(-.5, side, -.05), .3*k, .6*k, roll, dark, .22)
	}
	c.blob(h.on(0, -.85), .7*k, .3*k, roll, skin.mix(rgb{1, .97, .92}, .5), .2)
	end := h.levels[8].y
	c.blob(h.on(0, end-.22), .3*k, .18*k, roll, skin.mix(rgb{1, .97, .92}, .5), .25)
	c.blob(h.on(0, end+.02), .8*k, .16*k, roll, dark, .5)
	if d := p.of(ChinDimple); d > .65 {
		c.blob(h.on(0, end-.18), .045*k, .13*k, roll, skin.times(.45), 1.6*d-.6)
	}
}

// chest returns a position on the axis of the body, y head units below the mouth.
// The body follows the head's position by half and its tilt not at all.
func (h *head) chest(y float64) point {
	at := h.space(0, 1, -.2)
	return point{at.x*.6 + float64(h.s.Width)*.2 - h.sr*h.s.Scale*.3, at.y + y*h.s.Scale}
}

// neck draws the neck with the shadow of the head.
func (h *head) neck(c *canvas) {
	p, k := h.p, h.s.Scale
	w := p.of(NeckWidth)
	skin := p.skin().times(.86)
	put := func(x, y float64) point { return h.space(x, y, .1) }
	base := h.chest(0)
	low := func(x, y float64) point { return point{base.x + x*w*k, base.y + y*k} }
	shape := polygon(spline(40, put(-w, .6), put(w, .6), low(1, .7), low(1.12, 1), low(.7, 1.33),
		low(0, 1.47), low(-.7, 1.33), low(-1.12, 1), low(-1, .7), put(-w, .6))...)
	c.fill(shape, skin, 1)
	saved := c.clip
	c.clip = c.cut(shape)
	for _, s := range [2]float64{-1, 1} {
		c.blob(low(s*1.05, .9), .3*k, 1.1*k, 0, skin.times(.6), .7)
		c.blob(low(s*.25, 1.15), .1*k, .5*k, -s*.35, skin.times(.72), .6)
	}
	under := h.space(0, h.levels[8].y-.05, .35)
	c.blob(point{under.x, under.y + .1*k}, 1.15*k, .6*k, h.s.Roll, skin.times(.4), .85)
	c.clip = saved
}
