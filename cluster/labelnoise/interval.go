package labelnoise

import (
	"math"
	"math/rand/v2"
	"slices"
)

// bootstrapRounds is the number of resampled sets behind an interval.
const bootstrapRounds = 400

// RateInterval returns the ends of a 95 % interval of the share of wrong labels:
// the mean p_noise of the sample, resampled by whole identities (the bootstrap of
// Efron 1979), for images of one label are not independent. identity[i] is the
// number of the identity of the sample's image i. With fewer than two identities
// the interval is 0 to 1.
func (m Model) RateInterval(s Sample, identity []int) (low, high float64) {
	position := map[int]int{} // of each identity in sum and count
	var sum []float64
	var count []int
	for i, id := range identity {
		k, ok := position[id]
		if !ok {
			k = len(sum)
			position[id] = k
			sum, count = append(sum, 0), append(count, 0)
		}
		p, _ := m.Judge(s.Own[i], s.Other[i], int(s.N[i]))
		sum[k] += float64(p)
		count[k]++
	}
	if len(sum) < 2 {
		return 0, 1
	}
	draw := rand.New(rand.NewPCG(uint64(len(sum)), 1))
	rates := make([]float64, bootstrapRounds)
	for r := range rates {
		total, n := 0.0, 0
		for range sum {
			k := draw.IntN(len(sum))
			total += sum[k]
			n += count[k]
		}
		rates[r] = total / float64(n)
	}
	slices.Sort(rates)
	at := func(q float64) float64 { return rates[int(math.Round(q*float64(len(rates)-1)))] }
	return at(.025), at(.975)
}
