package nearduplicates

import (
	"slices"
	"testing"

	"github.com/facesieve/facesieve/cluster/nearduplicate"
)

// However many pictures look the same, each proposes a bounded number of pairs, and none
// twice or with itself.
func TestProposalsAreBounded(t *testing.T) {
	const set, references = 500, 300
	f := finder{pictures: make([]picture, set+references), set: set}
	for i := range f.pictures {
		f.pictures[i].hashes = [nearduplicate.Crops]uint64{5, 5, 5}
	}
	if err := f.proposeByHash(t.Context()); err != nil {
		t.Fatal(err)
	}
	of, within := make([]int, set+references), 0
	for _, p := range f.proposed {
		if p.a >= p.b || int(p.a) >= set {
			t.Fatalf("%+v", p)
		}
		if int(p.b) < set {
			within++
		}
		of[p.a]++
		of[p.b]++
	}
	if within == 0 || within > set*mostProposed || len(f.proposed) > (2*set+references)*mostProposed {
		t.Errorf("%d pairs, %d of them of the set", len(f.proposed), within)
	}
	if i := slices.Index(of, 0); i >= 0 {
		t.Errorf("picture %d is in no pair", i)
	}
	n := len(f.proposed)
	f.propose([][]pair{slices.Clone(f.proposed)})
	if len(f.proposed) != n {
		t.Errorf("%d pairs, of which %d were there", len(f.proposed), n)
	}
}
