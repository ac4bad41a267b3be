package train

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkStep(b *testing.B) {
	n, err := ParseNetwork("16/2,32/2,48,64/2,96", 64)
	if err != nil {
		b.Fatal(err)
	}
	const batch = 64
	m := NewModel(n, 2000, 1)
	h, _ := findHead("amsoftmax")
	l, err := newLearner(m, h, batch)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range l.pixels {
		l.pixels[i] = r.Float32()*2 - 1
	}
	for i := range l.classes {
		l.classes[i] = float32(r.IntN(2000))
	}
	for range b.N {
		if _, _, _, err := l.step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "pictures/s")
}
