package face

import (
	"math"
	"math/rand/v2"
)

// Person is one identity: what stays the same from shot to shot. It is a plain
// value; two persons are the same where the values are equal.
type Person struct {
	Traits [traitCount]float64 // each from 0 to 1 within the range of traitRanges
	Hair   HairStyle
	Beard  BeardStyle
	Moles  [4]Mole
	Seed   uint64 // positions of freckles and strands
}

// Mole is a dark spot on the face at X and Y, in head units. Size is the radius
// in head units, 0 for none.
type Mole struct{ X, Y, Size float64 }

// HairStyle is how the hair is worn.
type HairStyle uint8

// The styles of hair.
const (
	Bald      HairStyle = iota
	Shaved              // a shadow on the scalp
	Short               // combed back or up
	Parted              // parted, ears free
	Fringe              // falls over the forehead, ears free
	Bob                 // to the jaw
	Long                // to the shoulders and below
	Curly               // round and curly
	Ring                // a bald top above hair at the sides
	hairCount           // number of styles
)

// BeardStyle is what grows on the lower face.
type BeardStyle uint8

// The styles of beards.
const (
	Shaven BeardStyle = iota
	Stubble
	Moustache
	Goatee
	Full
	Chin
	beardCount // number of styles
)

// beardOdds and hairOdds are the parts of a hundred with each style.
var (
	beardOdds = [beardCount]int{60, 10, 8, 7, 10, 5}
	hairOdds  = [hairCount]int{5, 7, 20, 14, 15, 12, 13, 9, 5}
)

// pick draws an index with the given odds, which sum to 100.
func pick(r *rand.Rand, odds []int) int {
	n := r.IntN(100)
	for i, o := range odds {
		if n -= o; n < 0 {
			return i
		}
	}
	return 0
}

// NewPerson draws an identity. Traits are independent and uniform, so that
// people fill the space of faces evenly.
func NewPerson(r *rand.Rand) Person {
	var p Person
	for i := range p.Traits {
		p.Traits[i] = r.Float64()
	}
	p.Hair = HairStyle(pick(r, hairOdds[:]))
	p.Beard = BeardStyle(pick(r, beardOdds[:]))
	if p.Hair == Bob || p.Hair == Long {
		p.Beard = Shaven
	}
	for i := range p.Moles {
		p.Moles[i] = newMole(r)
	}
	p.Seed = r.Uint64()
	return p
}

// newMole draws a mole on a cheek, the chin or the forehead, or, in two cases of
// three, none.
func newMole(r *rand.Rand) Mole {
	x, y, size := r.Float64()*2-1, r.Float64(), .036+.026*r.Float64()
	if r.IntN(3) != 0 {
		return Mole{}
	}
	if r.IntN(4) == 0 {
		return Mole{X: .7 * x, Y: -.85 + .3*y, Size: size} // forehead
	}
	side := math.Copysign(.32+.5*math.Abs(x), x)
	return Mole{X: side, Y: .25 + 1.1*y, Size: size}
}

// Sibling draws a look-alike: the same colours, hair and beard and nearly the
// same proportions, with details of the face that differ clearly. The more apart
// the two are, the more they differ: at 1 people are unsure, at 2 they rarely are.
func (p Person) Sibling(r *rand.Rand, apart float64) Person {
	for i := range p.Traits {
		p.Traits[i] = fold(p.Traits[i] + .06*apart*r.NormFloat64())
	}
	for _, k := range r.Perm(len(details))[:min(len(details), int(math.Round(9*apart)))] {
		t := details[k]
		step := (.35 + .3*r.Float64()) * apart
		if r.IntN(2) == 0 {
			step = -step
		}
		p.Traits[t] = fold(p.Traits[t] + step)
	}
	for i := range p.Moles { // which nobody inherits
		if r.IntN(2) == 0 {
			p.Moles[i] = newMole(r)
		}
	}
	p.Seed = r.Uint64()
	return p
}

// fold reflects a value at 0 and 1 into the range.
func fold(v float64) float64 {
	v = math.Abs(v)
	if v > 1 {
		v = 2 - v
	}
	return math.Max(0, math.Min(1, v))
}
