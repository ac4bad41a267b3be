package cluster

import "math/rand/v2"

// simulated is the images of two identities: each identity is a random direction
// and its images lie around it, some far away, as hard photographs do.
type simulated struct {
	v     Matrix
	wrong []bool // the image shows the other identity, or nobody of the two
}

// simulate draws size unit vectors of each of two identities, of which a share is
// wrong: half of them show the other identity, half a third person.
func simulate(seed uint64, size int, share float64) simulated {
	const dim = 64
	r := rand.New(rand.NewPCG(seed, 7))
	centres := NewMatrix(2, dim)
	for i := range centres.Rows {
		direction(r, centres.Row(i))
	}
	s := simulated{v: NewMatrix(2*size, dim), wrong: make([]bool, 2*size)}
	noise, third := make([]float32, dim), make([]float32, dim)
	for i := range s.v.Rows {
		kind := 0
		if r.Float64() < share {
			kind = 1 + r.IntN(2)
		}
		centre := centres.Row(i / size)
		switch kind {
		case 1:
			r.Int()
			centre = centres.Row(1 - i/size)
		case 2:
			direction(r, third)
			centre = third
		}
		direction(r, noise)
		spread := float32(.6 + float64(.5*r.ExpFloat64()*.6))
		for j := range noise {
			s.v.Row(i)[j] = centre[j] + float32(spread*noise[j])
		}
		Normalize(s.v.Row(i))
		s.wrong[i] = kind > 0
	}
	return s
}

// direction fills v with a random direction, evenly distributed.
func direction(r *rand.Rand, v []float32) {
	for j := range v {
		v[j] = float32(r.NormFloat64())
	}
	Normalize(v)
}
