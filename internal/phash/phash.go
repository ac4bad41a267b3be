// Package phash holds what perceptual hashes share, whatever the samples that they are
// made of: the waves of a cosine transform in whole numbers, and how its coefficients
// become bits (C. Zauner, Implementation and Benchmarking of Perceptual Image Hash
// Functions, 2010).
package phash

import "slices"

// Side is the number of frequencies of a hash in each direction.
const Side = 8

// Samples is the number of samples in each direction that Wave's frequencies are of.
const Samples = 32

// Wave returns 2^14 cos(k pi / 64), to the nearest whole number; k is 0 or more. With k =
// (2x + 1) u it is the wave of frequency u at sample x of Samples.
func Wave(k int) int64 {
	// A quarter of a wave, from which the rest follows.
	quarter := [Samples + 1]int64{
		16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449,
		14053, 13623, 13160, 12665, 12140, 11585, 11003, 10394, 9760, 9102, 8423,
		7723, 7005, 6270, 5520, 4756, 3981, 3196, 2404, 1606, 804, 0,
	}
	switch k %= 4 * Samples; {
	case k <= Samples:
		return quarter[k]
	case k <= 2*Samples:
		return -quarter[2*Samples-k]
	case k <= 3*Samples:
		return -quarter[k-2*Samples]
	}
	return quarter[4*Samples-k]
}

// Bits returns the hash of coefficients at the frequencies u (across) and v (down), 1 to 8
// each: bit 8(v-1) + u-1 is set where theirs is above the median of all.
func Bits(coefficients [Side * Side]int64) uint64 {
	sorted := coefficients
	slices.Sort(sorted[:])
	middle := sorted[len(sorted)/2-1] + sorted[len(sorted)/2]
	var hash uint64
	for i, v := range coefficients {
		if 2*v > middle {
			hash |= 1 << i
		}
	}
	return hash
}
