package nearduplicate

import "slices"

// Crops is the number of hashes by which a picture is looked up: its own and those of what
// it would be after a small crop.
const Crops = 3

// hashSide is the number of frequencies of a hash in each direction.
const hashSide = 8

// Hashes returns the perceptual hashes of a picture as it is and after small crops: hash, its own, and those
// of crops of its thumbnail, computed as embed/photo computes hash of the picture. They
// differ from the hashes of crops of the picture itself in two to six bits.
func Hashes(hash uint64, thumb []byte) [Crops]uint64 {
	out := [Crops]uint64{hash, hash, hash}
	if len(thumb) != side*side {
		return out
	}
	for v, margin := range [Crops]int{0, 3, 5} { // hundredths, on each side
		if margin > 0 {
			out[v] = hashCrop(thumb, margin)
		}
	}
	return out
}

// hashCells is the number of samples of a crop in each direction.
const hashCells = 32

// hashCrop returns the hash of a thumbnail without a margin.
func hashCrop(thumb []byte, margin int) uint64 {
	var basis [hashSide][side]int64 // of the thumbnail's cells
	for i := range hashCells {
		// In units of 1/400 cell, where the middle of the i-th sample falls.
		x := 4*side*margin + (100-2*margin)*(2*i+1) - 200
		x = min(max(x, 0), 400*(side-1))
		k := min(x/400, side-2)
		for u := range hashSide {
			w := wave((2*i + 1) * (u + 1))
			basis[u][k] += w * int64(400*(k+1)-x)
			basis[u][k+1] += w * int64(x-400*k)
		}
	}
	var across [side][hashSide]int64 // below 2^36
	for y := range side {
		for u := range hashSide {
			for x, grey := range thumb[y*side : (y+1)*side] {
				across[y][u] += basis[u][x] * int64(grey)
			}
			across[y][u] /= 1 << 10 // leaves room for the second sum
		}
	}
	var all [hashSide * hashSide]int64
	for i := range all {
		for y := range side {
			all[i] += across[y][i%hashSide] * basis[i/hashSide][y]
		}
	}
	sorted := all
	slices.Sort(sorted[:])
	middle := sorted[len(sorted)/2-1] + sorted[len(sorted)/2]
	var hash uint64
	for i, v := range all {
		if 2*v > middle {
			hash |= 1 << i
		}
	}
	return hash
}

// wave returns 2^14 cos(k pi / 64), to the nearest whole number.
func wave(k int) int64 {
	quarter := [33]int64{
		16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449,
		14053, 13623, 13160, 12665, 12140, 11585, 11003, 10394, 9760, 9102, 8423,
		7723, 7005, 6270, 5520, 4756, 3981, 3196, 2404, 1606, 804, 0,
	}
	switch k %= 128; {
	case k <= 32:
		return quarter[k]
	case k <= 64:
		return -quarter[64-k]
	case k <= 96:
		return -quarter[k-64]
	}
	return quarter[128-k]
}
