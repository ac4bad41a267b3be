package face

import "math"

// noseOut is how far the tip of the nose stands out of the face.
const noseOut = .26

// nose draws bridge, wings, nostrils and tip.
func (h *head) nose(c *canvas) {
	p, k := h.p, h.s.Scale
	skin := p.skin()
	tip, wide, bridge, round := p.of(NoseLength), p.of(NoseWidth), p.of(NoseBridge), p.of(NoseTip)
	wide *= 1 + .06*h.smile
	bump := p.of(NoseBump)
	base := tip + .06
	dark := skin.times(.5)
	shadow := .25 + .35*p.of(NoseShadow)
	for _, side := range [2]float64{-1, 1} {
		lit := .5 - .5*side*h.s.Light[0]/.86 // 0 on the lit side, 1 in shadow
		// The flank from the inner corner of the eye down to the wing.
		flank := loop(
			h.off(side*(bridge+.1), -.12, .02), h.off(side*bridge*.8, .1, .1),
			h.off(side*(bridge+bump)*.8, tip*.5, .16), h.off(side*round, tip-.05, noseOut*.8),
			h.off(side*wide*.85, base-.04, .08), h.off(side*wide, tip-.06, .03), h.off(side*(bridge+.14), tip*.5, .02))
		c.fill(flank, dark, .5*shadow*(.2+.8*lit))
		mid := h.off(side*(bridge+.09), tip*.52, .08)
		lean := h.s.Roll + math.Pi/2 - side*(wide-bridge)*.5
		c.blob(mid, tip*.68*k, .15*k, lean, dark, 1.1*shadow*(.3+.7*lit))
		c.blob(h.off(side*wide*.8, tip-.08, .08), .12*k, .13*k, 0, skin.mix(rgb{1, .95, .9}, .3), .35*(1-.6*lit))
		wing := spline(9, h.off(side*wide*.75, tip-.15, .06), h.off(side*wide*1.02, tip-.07, .05),
			h.off(side*wide*1.04, base-.03, .05), h.off(side*wide*.72, base+.01, .08))
		c.fill(ribbon(wing, taper(.05*k)), skin.times(.4), .75)
		n := p.of(NostrilSize)
		c.fill(ellipse(h.off(side*(wide*.5+.01), base-.005, .12), n*1.5*k, n*.8*k, h.s.Roll-side*.3),
			skin.times(.18), .85)
		line := spline(8, h.off(side*(bridge+.03), -.08, .05), h.off(side*(bridge+bump), tip*.45, .13),
			h.off(side*round*1.1, tip-.14, noseOut*.7))
		c.fill(ribbon(line, taper(.035*k)), skin.times(.5), .1+.3*lit)
	}
	c.blob(h.off(0, base+.03, .1), (wide+.12)*k, .1*k, h.s.Roll, skin.times(.35), .6)
	c.blob(h.off(0, tip*.45, .18), bridge*1.1*k, tip*.5*k, h.s.Roll, skin.mix(rgb{1, .98, .94}, .55), .45)
	c.blob(h.off(0, tip-.02, noseOut), round*1.25*k, round*1.1*k, h.s.Roll,
		skin.mix(rgb{1, .7, .62}, .35).times(1.04), .6)
	c.blob(h.off(.03*h.s.Light[0], tip-.05, noseOut), round*.55*k, round*.5*k, 0, rgb{1, .98, .95}, .5)
	under := spline(7, h.off(-wide*.35, base, .14), h.off(0, base+.04, .18), h.off(wide*.35, base, .14))
	c.fill(ribbon(under, taper(.04*k)), skin.times(.36), .7)
}
