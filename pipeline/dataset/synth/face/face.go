// Package face draws portraits of people who do not exist. A Person is who is
// in the picture, a Shot how it was taken; Draw is a pure function of the two.
// The head is an approximate solid, a stack of ellipses, on which the features
// are laid as curves, so that a turned head moves them as a turned head does.
package face

import (
	"image"
	"math/rand/v2"
)

// Picture is a drawn picture with the positions of the five landmarks: left eye,
// right eye (as seen in the picture), tip of the nose, left and right corner of
// the mouth, each x, y, in pixels.
type Picture struct {
	Image     *image.RGBA
	Landmarks [10]float32
}

// Draw draws a person in a shot. Equal arguments give equal bytes. All
// landmarks lie inside the picture.
func Draw(p Person, s Shot) Picture {
	h := newHead(&p, &s)
	c := newCanvas(s.Width, s.Height)
	r := rand.New(rand.NewPCG(s.Seed, 5))
	c.backdrop(s.Background, r)
	h.clothes(c, r)
	c.mark = true
	h.hairBack(c)
	h.neck(c)
	h.collar(c, r)
	face := h.skin(c)
	h.nose(c)
	h.eyes(c)
	h.lips(c)
	h.marks(c)
	c.clip = nil
	h.beard(c)
	c.clip = face
	h.brows(c)
	c.clip = nil
	h.hair(c)
	h.lighten(c)
	c.mark = false
	h.glasses(c, r)
	h.hat(c, r)
	h.cover(c, r)
	out := Picture{Image: c.develop(&s)}
	for i, q := range h.landmarks() {
		out.Landmarks[2*i], out.Landmarks[2*i+1] = float32(q.x), float32(q.y)
	}
	return out
}
