package aggregate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/facesieve/facesieve/cluster"
)

const dimensions = 64

// person draws somebody's direction.
func person(r *rand.Rand) []float64 {
	out := make([]float64, dimensions)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// images draws unit vectors about the directions of people, n of each.
func images(r *rand.Rand, n []int, people ...[]float64) cluster.Matrix {
	rows := 0
	for _, k := range n {
		rows += k
	}
	out, row := cluster.NewMatrix(rows, dimensions), 0
	for p, k := range n {
		for range k {
			for j := range out.Row(row) {
				out.Row(row)[j] = float32(people[p][j] + .8*r.NormFloat64())
			}
			cluster.Normalize(out.Row(row))
			row++
		}
	}
	return out
}

// span returns the numbers from one up to another.
func span(from, to int) (out []int) {
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// A guest's own label tells that the host's label holds two people, and no other label
// tells it of one person's; nor does the label that has the host's own images besides.
func TestOtherLabelsTellGuests(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 2))
		const labels, host, guest, away = 80, 7, 8, 9
		people := make([][]float64, labels)
		for i := range people {
			people[i] = person(r)
		}
		people[away] = people[10] // a person under two labels
		all := newOthers(labels, dimensions)
		vectors := make([]cluster.Matrix, labels)
		for i := range labels {
			vectors[i] = images(r, []int{15}, people[i])
		}
		vectors[host] = images(r, []int{12, 4}, people[host], people[guest])
		for i, v := range vectors {
			if i != 20 { // of a lost shard
				all.set(i, v)
			}
		}
		all.fit()
		n := all.nearest(host, vectors[host], span(12, 16), span(0, 12))
		if n.PSmaller < .95 || n.PLarger > .05 || n.Join > .5 || n.Score < .7 {
			t.Errorf("seed %d: of the guest %+v", seed, n)
		}
		told := all.beside(host, vectors[host])
		if a, b := told(span(12, 16), span(0, 12)), told(span(0, 12), span(12, 16)); a != b || a < math.Log(15) {
			t.Errorf("seed %d: the guest's label tells %.2f, and %.2f", seed, a, b)
		}
		for _, i := range []int{guest, away, 20, 30} {
			if got := all.beside(i, vectors[i])(span(0, 10), span(10, 15)); got > .1 {
				t.Errorf("seed %d: of label %d, of one person, others tell %.2f", seed, i, got)
			}
		}
	}
}

// Where there is no other label nothing is told.
func TestNobodyElseTellsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	v := images(r, []int{10, 5}, person(r), person(r))
	all := newOthers(2, dimensions)
	all.set(0, v)
	all.fit()
	if got := all.beside(0, v)(span(0, 10), span(10, 15)); got != 0 {
		t.Errorf("a label alone is told %g", got)
	}
}
