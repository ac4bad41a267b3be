package face

import (
	"math"
	"math/rand/v2"
)

// Shot is everything about one picture that says nothing about who is in it.
type Shot struct {
	Width, Height int     // pixels
	Scale         float64 // pixels per head unit (the mean distance between the eyes)
	DX, DY        float64 // the face's offset from its usual position, in head units

	Yaw, Pitch, Roll         float64 // radians; positive: to the right, up, clockwise, as seen in the picture
	Smile, Open, Brow, Blink float64 // expression: -1..1, 0..1, -1..1, 0..1
	GazeX, GazeY             float64 // -1..1

	Light     [3]float64 // direction towards the light: right, down, out of the picture; a unit vector
	Ambient   float64    // the part of the light that comes from everywhere, 0..1
	Shadow    float64    // how much darker one part of the head is, 0..1
	ShadowAt  [3]float64 // its edge: the normal's x and y in head units, and how far out
	ShadowFor float64    // width of the edge, head units
	Cast      [3]float64 // gain of red, green and blue
	Exposure  float64    // gain of all
	Contrast  float64    // about middle grey
	Saturated float64    // 1 unchanged, 0 grey
	Grey      bool
	Blur      float64 // standard deviation in pixels
	Noise     float64 // amplitude of the sensor's noise, 0..1
	Quality   int     // of the JPEG file, 40..95

	Glasses    Glasses
	Hat        Hat
	Cover      Cover
	Background int
	Clothes    int
	Tied       bool   // long hair tied back
	Seed       uint64 // of background, clothes, cover and noise
}

// Glasses are what the person wears before the eyes.
type Glasses uint8

// The kinds of glasses.
const (
	NoGlasses Glasses = iota
	Clear
	Dark
)

// Hat is what the person wears on the head.
type Hat uint8

// The kinds of hats.
const (
	NoHat Hat = iota
	Beanie
	Brim
	Hood
)

// Cover is what hides part of the face.
type Cover uint8

// The kinds of covers.
const (
	NoCover Cover = iota
	Hand
	Scarf
	Microphone
	Edge
	Smudge
)

// NewShot draws the circumstances of one picture.
func NewShot(r *rand.Rand) Shot {
	var s Shot
	s.Scale = 37 + 15*r.Float64()
	s.Width = min(200, int(s.Scale*(3.5+.8*r.Float64())))
	s.Height = int(float64(s.Width) * (1.14 + .2*r.Float64()))
	s.DX, s.DY = clamp(.18*r.NormFloat64(), -.5, .5), clamp(.13*r.NormFloat64(), -.4, .4)
	s.Yaw = clamp(.33*r.NormFloat64(), -.6, .6)
	s.Pitch = clamp(.16*r.NormFloat64(), -.32, .32)
	s.Roll = clamp(.14*r.NormFloat64(), -.35, .35)
	s.express(r)
	s.illuminate(r)
	if r.IntN(2) == 0 {
		s.Blur = .4 + 1.1*r.Float64()
	}
	s.Noise = .012 + .04*r.Float64()*r.Float64()
	s.Quality = 40 + r.IntN(56)
	s.dress(r)
	return s
}

// express draws the expression.
func (s *Shot) express(r *rand.Rand) {
	s.Smile = clamp(.25+.5*r.NormFloat64(), -.7, 1)
	if r.IntN(3) == 0 {
		s.Open = r.Float64()
	}
	s.Brow = clamp(.55*r.NormFloat64(), -1, 1)
	s.Blink = .15 * r.Float64()
	if r.IntN(25) == 0 {
		s.Blink = 1
	} else if r.IntN(10) == 0 {
		s.Blink = .5 * r.Float64()
	}
	s.GazeX, s.GazeY = clamp(.35*r.NormFloat64(), -1, 1), clamp(.3*r.NormFloat64(), -1, 1)
}

// illuminate draws light, colour cast and exposure.
func (s *Shot) illuminate(r *rand.Rand) {
	x, y := 1.7*(r.Float64()*2-1), -1.1*r.Float64()+.15
	n := math.Sqrt(x*x + y*y + 1)
	s.Light = [3]float64{x / n, y / n, 1 / n}
	s.Ambient = .35 + .5*r.Float64()
	if r.IntN(5) < 2 {
		turn := 2 * math.Pi * r.Float64()
		s.Shadow = .25 + .35*r.Float64()
		s.ShadowAt = [3]float64{math.Cos(turn), math.Sin(turn), .1 + .5*r.Float64()}
		s.ShadowFor = .12 + .4*r.Float64()
	}
	warm, green := .13*r.NormFloat64(), .05*r.NormFloat64()
	s.Cast = [3]float64{math.Exp(clamp(warm, -.28, .28)), math.Exp(clamp(green, -.11, .11)),
		math.Exp(-clamp(warm, -.28, .28))}
	s.Exposure = math.Exp(clamp(.28*r.NormFloat64()+.06, -.6, .5))
	s.Contrast = .7 + .5*r.Float64()
	s.Saturated = .65 + .6*r.Float64()
	s.Grey = r.IntN(9) == 0
}

// dress draws glasses, hat, cover, clothes and background.
func (s *Shot) dress(r *rand.Rand) {
	switch n := r.IntN(100); {
	case n < 22:
		s.Glasses = Clear
	case n < 27:
		s.Glasses = Dark
	}
	switch n := r.IntN(100); {
	case n < 7:
		s.Hat = Beanie
	case n < 13:
		s.Hat = Brim
	case n < 17:
		s.Hat = Hood
	}
	if r.IntN(100) < 15 {
		s.Cover = Cover(1 + r.IntN(5))
	}
	s.Tied = r.IntN(4) == 0
	s.Background = r.IntN(6)
	s.Clothes = r.IntN(5)
	s.Seed = r.Uint64()
}

func clamp(v, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, v)) }
