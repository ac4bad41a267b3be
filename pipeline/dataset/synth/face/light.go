package face

import "math"

// lighten shades the head, where the canvas is marked, as a smooth solid under
// the shot's light.
func (h *head) lighten(c *canvas) {
	l := [3]float32{float32(h.s.Light[0]), float32(h.s.Light[1]), float32(h.s.Light[2])}
	amb := float32(h.s.Ambient)
	const from, step, count = -2.6, .06, 96
	// A row is what a pixel needs of the level at its height, found without a
	// search: the middle, the inverse of half the width, the normal's part
	// downwards.
	var rows [count][3]float32
	for i := range rows {
		v := h.cut(from + step*float64(i))
		half := math.Hypot(v.w*h.cy, v.d*h.sy) * 1.08
		rows[i] = [3]float32{float32(v.z * h.sy), float32(1 / half), float32(clamp((v.y+.15)/2, -.8, .8))}
	}
	k := 1 / h.s.Scale
	sin, cos := float32(h.sr*k), float32(h.cr*k)
	for y := range c.h {
		dy := float32(float64(y) + .5 - h.at.y)
		for x := range c.w {
			i := y*c.w + x
			m := c.lit[i]
			if m == 0 {
				continue
			}
			dx := float32(float64(x) + .5 - h.at.x)
			u, v := dx*cos+dy*sin, dy*cos-dx*sin
			row := &rows[min(max(int((v-from)/step), 0), count-1)]
			t := min(max((u-row[0])*row[1], -1), 1)
			t *= .55 + .45*t*t
			nz := float32(math.Sqrt(float64(max(.05, 1-t*t*.9-row[2]*row[2]))))
			f := amb + (1-amb)*1.45*max(0, t*l[0]+row[2]*l[1]+nz*l[2])
			f *= h.shade(u, v)
			f = 1 + (f-1)*float32(m)/255
			px := c.pix[3*i : 3*i+3 : 3*i+3]
			px[0], px[1], px[2] = px[0]*f, px[1]*f*(.9+.1*min(f, 1)), px[2]*f*(.85+.15*min(f, 1))
		}
	}
}

// shade returns what a cast shadow leaves of the light at a position of the picture, in
// head units from the middle of the face.
func (h *head) shade(u, v float32) float32 {
	if h.s.Shadow == 0 {
		return 1
	}
	at := h.s.ShadowAt
	in := (u*float32(at[0]) + v*float32(at[1]) - float32(at[2])) / float32(h.s.ShadowFor)
	in = min(max(in, 0), 1)
	return 1 - float32(h.s.Shadow)*in*in*(3-2*in)
}
