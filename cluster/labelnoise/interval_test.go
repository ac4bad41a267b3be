package labelnoise

import "testing"

// The interval holds the simulated share in most sets, is wider for fewer
// identities, and says nothing of one.
func TestRateInterval(t *testing.T) {
	hit, wide, narrow := 0, 0.0, 0.0
	const sets = 20
	for seed := range uint64(sets) {
		for _, identities := range []int{30, 120} {
			f := drawFaces(seed, identities, 12, .1)
			j := judgeFaces(f)
			s, identity, wrong := Sample{}, []int{}, 0
			for i := range j.p {
				s.Own, s.Other, s.N = append(s.Own, j.own[i]), append(s.Other, j.other[i].Score), append(s.N, 12)
				identity = append(identity, f.identity[i])
				if f.wrong[i] > 0 {
					wrong++
				}
			}
			low, high := j.model.RateInterval(s, identity)
			if low > high || low < 0 || high > 1 {
				t.Fatalf("interval %f to %f", low, high)
			}
			if identities == 120 {
				narrow += high - low
				if share := float64(wrong) / float64(len(j.p)); low <= share && share <= high {
					hit++
				}
			} else {
				wide += high - low
			}
		}
	}
	if hit < sets*3/4 {
		t.Errorf("%d of %d intervals hold the simulated share", hit, sets)
	}
	if wide <= narrow {
		t.Errorf("intervals of 30 identities sum to %.3f, of 120 to %.3f", wide, narrow)
	}
	one := Sample{Own: []float32{1}, Other: []float32{0}, N: []int32{3}}
	if low, high := (Model{}).RateInterval(one, []int{7}); low != 0 || high != 1 {
		t.Errorf("one identity: %f to %f", low, high)
	}
}
