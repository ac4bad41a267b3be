package mixture_test

import (
	"math/rand/v2"
	"testing"

	"github.com/facesieve/facesieve/cluster"
	"github.com/facesieve/facesieve/cluster/mixture"
)

// A label of one person and a few strangers may look like two people's at first; where its
// parts are one person's beside each other, that is what its probability says.
func TestPartsThatRejoinAreOnePerson(t *testing.T) {
	m := mixture.Model{Units: mixture.Units{Impostor: 0, Genuine: .5}, Rate: .05}
	rejoined := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 11))
		v := cluster.NewMatrix(13, dimensions)
		host := direction(r)
		put(r, v, 0, 7, host)
		for k := 7; k < 13; {
			n := min(1+r.IntN(3), 13-k)
			put(r, v, k, n, toward(host, direction(r), .1+.8*r.Float64()))
			k += n
		}
		groups := m.Groups(v, nil)
		if len(groups) > 1 {
			continue
		}
		if m.Label(mixture.Splits(v)) >= mixture.Merged {
			rejoined++
		}
		if groups[0].P >= mixture.Merged {
			t.Errorf("seed %d: one group, of two people with p %.3f", seed, groups[0].P)
		}
	}
	t.Logf("%d of 3,000 labels looked like two people's, and are not", rejoined)
	if rejoined == 0 {
		t.Error("no label looked like two people's: this test tells nothing")
	}
}
