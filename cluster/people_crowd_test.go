package cluster

import (
	"math"
	"math/rand/v2"
)

// crowd draws people and images of them as unit vectors: a part that is the
// person's, a part that is the image's, and a lean that all share.
type crowd struct {
	r       *rand.Rand
	cols    int
	rho     float64 // expected cosine of two images of one person, without the lean
	lean    float64
	leanTo  []float32
	persons [][]float32
}

func newCrowd(seed uint64, persons int, lean float64) *crowd {
	c := &crowd{r: rand.New(rand.NewPCG(seed, 1)), cols: 72, rho: 0.65, lean: lean}
	c.leanTo = c.direction()
	for range persons {
		c.persons = append(c.persons, c.direction())
	}
	// The images must not depend on the lean's draws.
	c.r = rand.New(rand.NewPCG(seed, 2))
	return c
}

func (c *crowd) direction() []float32 {
	v := make([]float32, c.cols)
	for j := range v {
		v[j] = float32(c.r.NormFloat64())
	}
	Normalize(v)
	return v
}

// images are n new images of one person.
func (c *crowd) images(person, n int) Matrix {
	m := NewMatrix(n, c.cols)
	for i := range n {
		noise, row := c.direction(), m.Row(i)
		for j := range row {
			row[j] = float32(math.Sqrt(c.rho))*c.persons[person][j] + float32(math.Sqrt(1-c.rho))*noise[j]
		}
		Normalize(row)
		for j := range row {
			row[j] += float32(c.lean) * c.leanTo[j]
		}
		Normalize(row)
	}
	return m
}

// people are new images of the persons first to last, of 1 to most images each.
func (c *crowd) people(first, last, most int) People {
	p := People{Centroids: NewMatrix(last-first, c.cols)}
	for k := first; k < last; k++ {
		x := PersonCentroid(c.images(k, 1+c.r.IntN(most)))
		copy(p.Centroids.Row(k-first), x.Vector)
		p.N, p.Rho = append(p.N, int32(x.N)), append(p.Rho, x.Rho)
	}
	return p
}
