package labelnoise

import "slices"

// thresholds states what the decisions mean in this run.
func (m *Model) thresholds(s Sample, p *simulation) {
	m.Review = m.threshold(s, p, orDefault(s.ReviewAt, .5))
	m.Drop = m.threshold(s, p, orDefault(s.DropAt, .95))
}

func orDefault(x, otherwise float64) float64 {
	if x == 0 {
		return otherwise
	}
	return x
}

func (m *Model) threshold(s Sample, p *simulation, at float64) Threshold {
	t := Threshold{P: at, Score: m.Mean}
	n := len(p.own)
	if n == 0 {
		return t
	}
	other := slices.Sorted(slices.Values(p.other))[n/2]
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
	for _, r := range p.random {
		if r >= t.Score {
			above++
		}
	}
	t.FalseMatchRate = float64(above) / float64(n)
	scale := float64(max(s.Judged, len(s.Own))) / float64(n)
	for i := range n {
		if q, _ := m.Judge(float32(p.own[i]), float32(p.other[i]), p.size[i]); float64(q) >= at {
			t.Flags += scale
			t.FalseFlags += float64(scale * (1 - float64(q)))
		}
	}
	return t
}
