package face

import "math"

// lighten shades the head, where the canvas is marked, as a smooth solid under
// the shot's light.
func (h *head) lighten(c *canvas) {
	s := h.s
	l, amb := s.Light, s.Ambient
	k := 1 / s.Scale
	var rows [96]level // levels by height, so that a pixel needs no search
	const from, step = -2.6, .06
	for i := range rows {
		v := h.cut(from + step*float64(i))
		half := math.Hypot(v.w*h.cy, v.d*h.sy) * 1.08
		rows[i] = level{1 / half, v.z * h.sy, clamp((v.y+.15)/2, -.8, .8), 0}
	}
	for y := range c.h {
		for x := range c.w {
			i := y*c.w + x
			m := c.lit[i]
			if m == 0 {
				continue
			}
			dx, dy := (float64(x)+.5-h.at.x)*k, (float64(y)+.5-h.at.y)*k
			u, v := dx*h.cr+dy*h.sr, dy*h.cr-dx*h.sr
			row := &rows[min(max(int((v-from)/step), 0), len(rows)-1)]
			t := clamp((u-row.w)*row.y, -1, 1)
			t *= .55 + .45*t*t
			ny := row.d
			nz := math.Sqrt(math.Max(.05, 1-t*t*.9-ny*ny))
			f := amb + (1-amb)*1.45*math.Max(0, t*l[0]+ny*l[1]+nz*l[2])
			f = 1 + (f-1)*float64(m)/255
			g := float32(f)
			px := c.pix[3*i : 3*i+3 : 3*i+3]
			px[0], px[1], px[2] = px[0]*g, px[1]*g*(.9+.1*min(g, 1)), px[2]*g*(.85+.15*min(g, 1))
		}
	}
}
