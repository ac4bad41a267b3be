package matmul

import "testing"

func BenchmarkAdd(b *testing.B) {
	for _, s := range [][3]int{{784, 16, 27}, {196, 32, 144}, {196, 48, 288}, {49, 64, 432}, {49, 96, 576}, {196, 288, 48}} {
		m, n, k := s[0], s[1], s[2]
		x, y, z := Of(m, k, make([]float32, m*k)), Of(k, n, make([]float32, k*n)), Of(m, n, make([]float32, m*n))
		for i := range x.Data {
			x.Data[i] = 1
		}
		run := func(name string, f func()) {
			b.Run(name, func(b *testing.B) {
				for range b.N {
					f()
				}
				b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		run("nn", func() { Add(z, x, y) })
		run("gonum", func() { portable(z, x, false, k, y) })
		xt := Of(k, m, x.Data)
		run("tn", func() { AddTransposed(z, xt, y) })
	}
}
