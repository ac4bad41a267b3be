package pipeline_test

import (
	"strings"
	"testing"

	"github.com/facesieve/facesieve/cluster/labelnoise"
	"github.com/facesieve/facesieve/pipeline/runstore"
	"github.com/facesieve/facesieve/pipeline/stage/calibrate"
)

// Where a person's images stand under another label too, as a guest's group, they are taken
// away with his own where he is simulated as a stranger: nobody in the set is left whom he is like.
func TestStrangersHaveNoOtherLabel(t *testing.T) {
	l := newHarness(t)
	planned, _ := l.must(given(t, twoPeople(), 40))
	run, err := runstore.Load(t.Context(), l.store, planned.ID)
	if err != nil {
		t.Fatal(err)
	}
	sample, err := calibrate.Sample(t.Context(), runstore.NewShards(run))
	if err != nil {
		t.Fatal(err)
	}
	guests := 0
	for _, e := range sample.Examples {
		if !strings.HasPrefix(e.Path, guestsLabel+"/") && !strings.HasPrefix(e.Path, hostOfLabel+"/guest") {
			continue
		}
		guests++
		for _, k := range []labelnoise.Variant{labelnoise.Stranger, labelnoise.RandomFlip} {
			if x := e.As[k]; k == labelnoise.Stranger && x.Other > .5 || x.Own > .5 {
				t.Errorf("%s, simulated as %v: cosines of %.2f to its label and %.2f to another", e.Path, k, x.Own, x.Other)
			}
		}
	}
	if guests != 12+guestImages {
		t.Errorf("%d images of a guest are in the sample", guests)
	}
}
