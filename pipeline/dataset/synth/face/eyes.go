package face

import "math"

// eyes draws both eyes: lids, white, iris, pupil, light and lashes.
func (h *head) eyes(c *canvas) {
	for _, side := range [2]float64{-1, 1} {
		h.eye(c, side)
	}
}

// frame returns the map from a position beside an eye's centre, u outwards and v
// down, to the canvas.
func (h *head) frame(side float64) func(u, v float64) point {
	e := h.p.of(EyeSpacing) / 2
	sin, cos := math.Sincos(-h.p.of(EyeSlant))
	return func(u, v float64) point {
		return h.off(side*(e+u*cos-v*sin), u*sin+v*cos, .02)
	}
}

func (h *head) eye(c *canvas, side float64) {
	p, k := h.p, h.s.Scale
	put := h.frame(side)
	w, open := p.of(EyeWidth), 1-h.s.Blink
	top := p.of(EyeHeight) * (open*(1+.12*h.s.Brow-.12*math.Max(0, h.smile)) + .02)
	low := p.of(EyeHeight) * (.75*open*(1-.25*math.Max(0, h.smile)) + .02)
	if open < .2 { // closed lids meet at the lower one
		top = -low * .8
	}
	r := p.of(EyeRound)
	upper := spline(12, put(-w, .02), put(-w*.55, -top*(.78-r)), put(0, -top*1.05), put(w*.55, -top*(.8+r)),
		put(w, 0))
	lower := spline(10, put(w, 0), put(w*.5, low*(.85+r*.5)), put(-w*.4, low*(.8-r*.5)), put(-w, .02))
	skin := p.skin()
	h.lids(c, put, w, top, low, skin)
	white := polygon(append(append([]point{}, upper...), lower[1:len(lower)-1]...)...)
	if open >= .2 {
		saved := c.clip
		c.clip = c.cut(white)
		h.ball(c, put, white, w, top, skin)
		c.clip = saved
	}
	ink := skin.times(.22).mix(rgb{.04, .03, .03}, .5+.5*p.of(Lashes))
	thick := (.026 + .042*p.of(Lashes)) * k
	c.fill(ribbon(upper, func(t float64) float64 { return thick * (.35 + .65*t) }), ink, .95)
	if l := p.of(Lashes); l > .55 { // a wing at the outer corner
		c.fill(ribbon(spline(5, put(w*.8, -top*.3), put(w*1.05, -.03), put(w*1.25, -.07)), taper(thick*.9)),
			ink, .9)
	}
	c.fill(ribbon(lower, steady(.018*k)), skin.times(.42), .55)
}

// ball draws what shows between the lids; the clip is set to it.
func (h *head) ball(c *canvas, put func(u, v float64) point, white path, w, top float64, skin rgb) {
	p, k := h.p, h.s.Scale
	c.fill(white, rgb{.93, .92, .9}.mix(skin, .12), 1)
	r := p.of(IrisSize)
	// The gaze is the same in the picture for both eyes, not mirrored.
	mid, out := put(0, 0), put(.05, 0)
	dir := math.Copysign(1, out.x-mid.x)
	at := put(dir*h.s.GazeX*w*.28, -.01+h.s.GazeY*.02)
	iris := p.iris()
	c.fill(ellipse(at, r*k*h.cy, r*k, h.s.Roll), iris.times(.5), 1)
	c.fill(ellipse(at, r*.82*k*h.cy, r*.82*k, h.s.Roll), iris, 1)
	c.blob(point{at.x, at.y + r*.4*k}, r*.7*k, r*.5*k, 0, iris.mix(rgb{1, 1, 1}, .35), .7)
	c.fill(ellipse(at, r*.42*k, r*.42*k, 0), rgb{.03, .03, .03}, 1)
	c.blob(put(0, -top), w*1.1*k, .07*k, h.s.Roll, skin.times(.2), .75)
	c.fill(ellipse(point{at.x + (.25*h.s.Light[0]-.1)*r*2*k, at.y - .4*r*k}, .3*r*k, .3*r*k, 0),
		rgb{1, 1, 1}, .9)
}

// lids draws the upper lid's crease, the bag below and the shadow at the inner
// corner.
func (h *head) lids(c *canvas, put func(u, v float64) point, w, top, low float64, skin rgb) {
	p, k := h.p, h.s.Scale
	lid := p.of(EyeLid)
	up := math.Max(top, 0) + lid
	crease := spline(10, put(-w*.95, -lid*.3), put(-w*.4, -up*.95), put(w*.35, -up), put(w*1.12, -lid*.35))
	c.blob(put(0, -up*.7), w*1.2*k, (lid+.04)*k, h.s.Roll, skin.mix(rgb{.55, .3, .3}, .3).times(.85), .5)
	c.fill(ribbon(crease, taper((.022+.02*p.of(Age))*k)), skin.times(.42), .75)
	bags := .25*p.of(Age) + .75*p.of(EyeBags)
	if bags > .3 {
		bag := spline(8, put(-w*.8, low+.03), put(0, low+.09), put(w*.85, low+.05))
		c.fill(ribbon(bag, taper(.05*k)), skin.times(.55), .8*(bags-.2))
	}
	c.blob(put(-w*1.05, .01), .07*k, .05*k, 0, skin.times(.5), .5)
}

// brows draws both brows.
func (h *head) brows(c *canvas) {
	p, k := h.p, h.s.Scale
	y := p.of(BrowHeight) - .07*h.s.Brow
	in, length := p.of(BrowInner), p.of(BrowLength)
	angle, arch, peak := p.of(BrowAngle), p.of(BrowArch), p.of(BrowPeak)
	frown := math.Max(0, -h.s.Brow) * .06
	thick := p.of(BrowThickness) * k
	ink := p.brow()
	for _, side := range [2]float64{-1, 1} {
		at := func(t float64) point {
			bow := arch * (1 - math.Pow(math.Abs(t-peak)/math.Max(peak, 1-peak), 2))
			return h.off(side*(in+length*t-frown*(1-t)*.5), y-angle*(t-.4)*length-bow+frown*(1-t), .03)
		}
		line := make([]point, 12)
		for i := range line {
			line[i] = at(float64(i) / 11)
		}
		c.fill(ribbon(line, func(t float64) float64 {
			return thick * math.Min(1, .55+3*t) * (1 - .75*t*t)
		}), ink, .62+.33*p.of(BrowTone))
		for i := 1; i < 10; i++ { // single hairs, up and outwards
			t := float64(i) / 10
			a, b := at(t-.06), at(t+.07)
			b.y -= thick * .35 * (1 - t)
			c.fill(ribbon([]point{{a.x, a.y + thick*.3*(1-t*t)}, b}, steady(.02*k)), ink.times(.6), .5)
		}
	}
}
