package labelnoise

import (
	"math"
	"testing"
)

func TestAveragePrecision(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		score    []float32
		positive []bool
		want     float64
	}{
		"perfect":     {[]float32{3, 2, 1}, []bool{yes, yes, no}, 1},
		"worst":       {[]float32{3, 2, 1}, []bool{no, no, yes}, 1. / 3},
		"by hand":     {[]float32{4, 3, 2, 1}, []bool{yes, no, yes, no}, .5*1 + .5*2/3},
		"all tied":    {[]float32{1, 1, 1, 1}, []bool{yes, no, no, no}, .25},
		"tied middle": {[]float32{3, 2, 2, 1}, []bool{yes, yes, no, no}, .5*1 + .5*2/3},
		"none":        {[]float32{1, 2}, []bool{no, no}, 0},
	} {
		if got := AveragePrecision(c.score, c.positive); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}
