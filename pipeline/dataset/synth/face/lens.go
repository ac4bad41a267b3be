package face

import (
	"image"
	"math"
	"math/rand/v2"
)

// develop turns the canvas into a picture: blur, colour cast, exposure,
// contrast and noise.
func (c *canvas) develop(s *Shot) *image.RGBA {
	if s.Blur > 0 {
		c.blur(s.Blur)
	}
	im := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	gain := [3]float32{}
	for i := range gain {
		gain[i] = float32(s.Cast[i] * s.Exposure)
	}
	contrast, colour := float32(s.Contrast), float32(s.Saturated)
	if s.Grey {
		colour = 0
	}
	grain := rand.NewPCG(s.Seed, 4)
	noise := float32(s.Noise * 2 / 255)
	for i := range c.w * c.h {
		px := c.pix[3*i : 3*i+3 : 3*i+3]
		r, g, b := px[0]*gain[0], px[1]*gain[1], px[2]*gain[2]
		y := .3*r + .59*g + .11*b
		r, g, b = y+(r-y)*colour, y+(g-y)*colour, y+(b-y)*colour
		n := grain.Uint64()
		both := float32(int(n&255) + int(n>>8&255) - 255) // the part all channels share
		r = shoulder((r-.45)*contrast+.45) + noise*(both+.5*float32(int(n>>16&255)-127))
		g = shoulder((g-.45)*contrast+.45) + noise*(both+.5*float32(int(n>>24&255)-127))
		b = shoulder((b-.45)*contrast+.45) + noise*(both+.5*float32(int(n>>32&255)-127))
		out := im.Pix[4*i : 4*i+4 : 4*i+4]
		out[0], out[1], out[2], out[3] = level8(r), level8(g), level8(b), 255
	}
	return im
}

// shoulder bends the brightest part of the scale down, as film does.
func shoulder(v float32) float32 {
	if v > .8 {
		d := v - .8
		v = .8 + d/(1+d*3.2)
	}
	return v
}

func level8(v float32) uint8 { return uint8(min(max(v*255+.5, 0), 255)) }

// blur applies a Gaussian blur, one direction after the other.
func (c *canvas) blur(sigma float64) {
	n := int(math.Ceil(2.2 * sigma))
	kernel := make([]float32, 2*n+1)
	var sum float32
	for i := range kernel {
		d := float64(i - n)
		kernel[i] = float32(math.Exp(-d * d / (2 * sigma * sigma)))
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	room := make([]float32, 3*(max(c.w, c.h)+2*n))
	for y := range c.h {
		smear(c.pix[3*y*c.w:], 3, c.w, n, kernel, room)
	}
	for x := range c.w {
		smear(c.pix[3*x:], 3*c.w, c.h, n, kernel, room)
	}
}

// smear convolves one row or column of count pixels, step floats apart, with
// the border repeated.
func smear(pix []float32, step, count, n int, kernel, room []float32) {
	for i := range count + 2*n {
		at := step * min(max(i-n, 0), count-1)
		room[3*i], room[3*i+1], room[3*i+2] = pix[at], pix[at+1], pix[at+2]
	}
	for i := range count {
		var r, g, b float32
		win := room[3*i : 3*i+3*len(kernel)]
		for j, f := range kernel {
			r, g, b = r+f*win[3*j], g+f*win[3*j+1], b+f*win[3*j+2]
		}
		pix[step*i], pix[step*i+1], pix[step*i+2] = r, g, b
	}
}
