package labelnoise

import "slices"

// thresholds states what the decisions mean in this run.
func (m *Model) thresholds(s Sample, sim simulation) {
	m.Review = m.threshold(s, sim, orDefault(s.ReviewAt, .5))
	m.Drop = m.threshold(s, sim, orDefault(s.DropAt, .95))
}

// orDefault returns x, or otherwise where x is 0.
func orDefault(x, otherwise float64) float64 {
	if x == 0 {
		return otherwise
	}
	return x
}

// threshold returns what the probability at means for the images of the sample.
func (m *Model) threshold(s Sample, sim simulation, at float64) Threshold {
	t := Threshold{P: at, Score: m.Mean}
	n := len(sim.images)
	if n == 0 {
		return t
	}
	other := sim.medianOther()
	low, high := -1.0, 1.0
	for range 40 {
		t.Score = (low + high) / 2
		if q, _ := m.Judge(float32(t.Score), float32(other), int(m.Size)); float64(q) >= at {
			low = t.Score
		} else {
			high = t.Score
		}
	}
	above := 0
	for _, x := range sim.images {
		if x.random >= t.Score {
			above++
		}
	}
	t.FalseMatchRate = float64(above) / float64(n)
	scale := float64(max(s.Judged, len(s.Own))) / float64(n)
	for _, x := range sim.images {
		if q, _ := m.Judge(float32(x.own), float32(x.other), x.size); float64(q) >= at {
			t.Flags += scale
			t.FalseFlags += float64(scale * (1 - float64(q)))
		}
	}
	return t
}

// medianOther returns the median of the images' best other scores.
func (s simulation) medianOther() float64 {
	other := make([]float64, len(s.images))
	for i, x := range s.images {
		other[i] = x.other
	}
	slices.Sort(other)
	return other[len(other)/2]
}
