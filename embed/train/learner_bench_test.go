package train

import (
	"testing"
)

// BenchmarkStep is whole training steps of the built-in model: augmentation,
// forward, backward and update.
func BenchmarkStep(b *testing.B) {
	n, err := ParseNetwork("16/2,32/2,64,80/2,96", 64)
	if err != nil {
		b.Fatal(err)
	}
	o := small()
	o.Network, o.Batch = n, 64
	p := blobs(1, 64, 2, Margin)
	for i := len(p.Identities); i < 2000; i++ { // as many classes as are usual
		p.Identities = append(p.Identities, "")
	}
	t, err := begin(o, p, Run{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	batch := make([]int, o.Batch)
	for i := range batch {
		batch[i] = 2 * i
	}
	for b.Loop() {
		if err := t.step(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*o.Batch)/b.Elapsed().Seconds(), "pictures/s")
}
