package labelnoise

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/facesieve/facesieve/cluster"
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

// Expected returns the number of false flags among images that were flagged with these
// probabilities of noise, summed as 1 - p, and the ends of a 95 % interval of the real
// number: quantiles of negative binomials whose own mean is uncertain by as much as
// simulated sets show (docs/quality.md). The high end is that of half a flag more, for
// what no probability foresees.
func Expected(falseFlags float64) (low, high float64) {
	if !(falseFlags > 0) {
		return 0, 0
	}
	return quantile(.025, falseFlags), quantile(.975, falseFlags+.5)
}

// quantile returns the smallest number of flags that a share q of draws does not exceed,
// given their mean.
func quantile(q, mean float64) float64 {
	const sd = 1.2 // relative standard deviation of the mean
	size := 1 / (sd * sd)
	p := size / (size + mean)
	logTerm := float64(size * cluster.Log(p)) // of the probability of 0
	var total float64
	for k := 0.0; k < 1e7; k++ {
		total += cluster.Exp(logTerm)
		if total >= q {
			return k
		}
		logTerm += cluster.Log((k + size) / (k + 1) * (1 - p))
	}
	return mean
}
