package train

import (
	"math"
	"testing"
)

// Adam against its definition, in float64.
func TestAdam(t *testing.T) {
	m := &Model{Parameters: []*Parameter{{Values: []float32{1, -2, .5}, Decays: true}, {Values: []float32{3}}}}
	a := newAdam(m, .1)
	gradients := [][][]float32{{{.5, -1, 0}, {2}}, {{.1, 3, 1e-4}, {-1}}, {{-.5, 1, 2}, {0}}}
	want := [][]float64{{1, -2, .5}, {3}}
	first, second := [][]float64{make([]float64, 3), make([]float64, 1)}, [][]float64{make([]float64, 3), make([]float64, 1)}
	for step, g := range gradients {
		a.update(m, g, .01)
		for k := range want {
			for i := range want[k] {
				v := float64(g[k][i])
				first[k][i] = .9*first[k][i] + .1*v
				second[k][i] = .999*second[k][i] + .001*v*v
				n := float64(step + 1)
				move := first[k][i] / (1 - math.Pow(.9, n)) / (math.Sqrt(second[k][i]/(1-math.Pow(.999, n))) + 1e-8)
				if k == 0 {
					want[k][i] *= 1 - .01*.1
				}
				want[k][i] -= .01 * move
				if got := float64(m.Parameters[k].Values[i]); math.Abs(got-want[k][i]) > 1e-5 {
					t.Errorf("step %d: parameter %d, %d is %v, want %v", step, k, i, got, want[k][i])
				}
			}
		}
	}
}

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		step int
		want float64
	}{{0, .1}, {4, .5}, {9, 1}, {10, 1}, {60, .505}, {110, .01}} {
		if got := schedule(1, c.step, 10, 110); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("step %d: %v, want %v", c.step, got, c.want)
		}
	}
	for _, c := range [][3]float64{{0, 10, 0}, {5, 10, .5}, {10, 10, 1}, {99, 10, 1}, {0, 0, 1}} {
		if got := ramp(int(c[0]), c[1]); float64(got) != c[2] {
			t.Errorf("ramp at step %v of %v: %v, want %v", c[0], c[1], got, c[2])
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.MaxFloat32} {
		if got := finite(float32(v)); got == (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("finite(%v) is %v", v, got)
		}
	}
	if got := schedule(1, 0, 0, 1); got != 1 {
		t.Errorf("without warm-up: %v", got)
	}
}
