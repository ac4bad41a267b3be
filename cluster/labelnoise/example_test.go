package labelnoise_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/facesieve/facesieve/cluster/labelnoise"
)

// Scores of 2000 images of 100 identities, of which one in twenty is a flip: it is
// more similar to another identity than to its own.
func ExampleFit() {
	r := rand.New(rand.NewPCG(1, 2))
	between := func(low, high float32) float32 { return low + float32((high-low)*r.Float32()) }
	sample := labelnoise.Sample{Identities: 100}
	for i := range 2000 {
		own, other := between(.5, .9), between(.1, .3)
		if i%20 == 0 {
			own, other = between(-.2, .2), between(.5, .9)
		}
		sample.Own = append(sample.Own, own)
		sample.Other = append(sample.Other, other)
		sample.Random = append(sample.Random, between(-.2, .2))
		sample.N = append(sample.N, 20)
	}
	model := labelnoise.Fit(sample)
	fmt.Printf("wrong labels: %.0f %%\n", 100*model.Rate)
	for _, scores := range [][2]float32{{.7, .2}, {.1, .7}} {
		noise, flip := model.Judge(scores[0], scores[1], 20)
		fmt.Printf("own %.1f, best other %.1f: wrong %.2f, a flip %.2f\n", scores[0], scores[1], noise, flip)
	}
	// Output:
	// wrong labels: 5 %
	// own 0.7, best other 0.2: wrong 0.00, a flip 0.00
	// own 0.1, best other 0.7: wrong 1.00, a flip 1.00
}
