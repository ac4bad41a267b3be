package matching_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/matching"
	"github.com/facesieve/facesieve/schemas"
)

// Two sources of 200 identities, the first ten of which are the same people.
func ExampleFitReference() {
	const identities, dim = 200, 64
	r := rand.New(rand.NewPCG(1, 2))
	// images returns the centroids of five images each of people: every image is
	// the person's vector and as much chance.
	images := func(people cluster.Matrix) matching.Identities {
		source := matching.Identities{Centroids: cluster.NewMatrix(identities, dim)}
		for k := range identities {
			v := cluster.NewMatrix(5, dim)
			for i := range v.Rows {
				for j, x := range people.Row(k) {
					v.Row(i)[j] = x + r.Float32() - .5
				}
				cluster.Normalize(v.Row(i))
			}
			c := matching.Centroid(v, nil)
			copy(source.Centroids.Row(k), c.Vector)
			source.N, source.Rho = append(source.N, int32(c.N)), append(source.Rho, c.Rho)
		}
		return source
	}
	draw := func() cluster.Matrix {
		people := cluster.NewMatrix(identities, dim)
		for i := range people.Data {
			people.Data[i] = r.Float32() - .5
		}
		return people
	}
	known, others := draw(), draw()
	copy(others.Data[:10*dim], known.Data)
	set, reference := images(known), images(others)

	model := matching.FitReference(set, reference)
	const comparisons = identities * identities
	limits := matching.Limits{Certain: .01, Probable: .5}
	tiers := map[schemas.Tier]int{}
	pairs, _ := model.Candidates(set, reference, -1, model.Floor(comparisons, limits))
	for _, p := range pairs {
		match := model.Judge(p.Score, int(set.N[p.A]), int(reference.N[p.B]), comparisons, limits, false)
		tiers[match.Tier]++
	}
	fmt.Println("certain:", tiers[schemas.TierCertain], "probable:", tiers[schemas.TierProbable])
	// Output: certain: 10 probable: 0
}

func ExampleNamesMatch() {
	fmt.Println(matching.NamesMatch("Joanna_García", "joanna garcia"))
	fmt.Println(matching.NamesMatch("Wang_Nan", "Nan_Wang"))
	fmt.Println(matching.NormalName("Robert_Downey_Jr."))
	// Output:
	// true
	// false
	// robert downey jr
}
