package matching

import (
	"math"
	"math/rand/v2"

	"github.com/facesieve/facesieve/cluster"
)

// population draws people and images of them as unit vectors: a part that is the
// person's, a part that is the image's, and a direction common to all.
type population struct {
	r               *rand.Rand
	cols            int
	rho             float64 // expected cosine of two images of one person, without the common direction
	common          float64
	commonDirection []float32
	persons         [][]float32
}

func newPopulation(seed uint64, persons int, common float64) *population {
	c := &population{r: rand.New(rand.NewPCG(seed, 1)), cols: 72, rho: 0.65, common: common}
	c.commonDirection = c.direction()
	for range persons {
		c.persons = append(c.persons, c.direction())
	}
	// The images must not depend on the draw of the common direction.
	c.r = rand.New(rand.NewPCG(seed, 2))
	return c
}

func (c *population) direction() []float32 {
	v := make([]float32, c.cols)
	for j := range v {
		v[j] = float32(c.r.NormFloat64())
	}
	cluster.Normalize(v)
	return v
}

// images are n new images of one person.
func (c *population) images(person, n int) cluster.Matrix {
	m := cluster.NewMatrix(n, c.cols)
	for i := range n {
		noise, row := c.direction(), m.Row(i)
		for j := range row {
			own, other := float32(math.Sqrt(c.rho)), float32(math.Sqrt(1-c.rho))
			row[j] = float32(own*c.persons[person][j]) + float32(other*noise[j])
		}
		cluster.Normalize(row)
		for j := range row {
			row[j] += float32(float32(c.common) * c.commonDirection[j])
		}
		cluster.Normalize(row)
	}
	return m
}

// identities are new images of the persons first to last, of 1 to most images each.
func (c *population) identities(first, last, most int) Identities {
	p := Identities{Centroids: cluster.NewMatrix(last-first, c.cols)}
	for k := first; k < last; k++ {
		x := Centroid(c.images(k, 1+c.r.IntN(most)), nil)
		copy(p.Centroids.Row(k-first), x.Vector)
		p.N, p.Rho = append(p.N, int32(x.N)), append(p.Rho, x.Rho)
	}
	return p
}
