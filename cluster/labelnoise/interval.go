package labelnoise

import (
	"math"
	"math/rand/v2"
	"slices"
)

// bootstrapRounds is the number of resampled sets behind an interval.
const bootstrapRounds = 400

// RateInterval returns the ends of a 95 % interval of the share of wrong labels:
// the mean probability of noise of the examples, resampled by whole identities (the
// bootstrap of Efron 1979), for images of one label are not independent, moved to lie
// about Rate. Its high end is at least 3 images in n, which could be wrong where none shows
// (Hanley and Lippman-Hand 1983). With fewer than two identities the interval is 0 to 1.
func (m *Model) RateInterval(examples []Example) (low, high float64) {
	position := map[int]int{} // of each identity in sum and count
	var sum []float64
	var count []int
	for i := range examples {
		id := examples[i].Identity
		k, ok := position[id]
		if !ok {
			k = len(sum)
			position[id] = k
			sum, count = append(sum, 0), append(count, 0)
		}
		sum[k] += m.Judge(&examples[i].As[AsItStands]).Noise
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
	middle := at(.5)
	move := func(x float64) float64 { return math.Min(math.Max(x-middle+m.Rate, 0), 1) }
	return move(at(.025)), math.Min(math.Max(move(at(.975)), 3/float64(len(examples))), 1)
}
