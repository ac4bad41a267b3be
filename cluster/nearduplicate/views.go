package nearduplicate

import "github.com/facesieve/facesieve/internal/phash"

// Crops is the number of hashes by which a picture is looked up: its own and those of what
// it would be after a small crop.
const Crops = 3

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

// hashCrop returns the hash of a thumbnail without a margin.
func hashCrop(thumb []byte, margin int) uint64 {
	var basis [phash.Side][side]int64 // of the thumbnail's cells
	for i := range phash.Samples {
		// In units of 1/400 cell, where the middle of the i-th sample falls.
		x := 4*side*margin + (100-2*margin)*(2*i+1) - 200
		x = min(max(x, 0), 400*(side-1))
		k := min(x/400, side-2)
		for u := range phash.Side {
			w := phash.Wave((2*i + 1) * (u + 1))
			basis[u][k] += w * int64(400*(k+1)-x)
			basis[u][k+1] += w * int64(x-400*k)
		}
	}
	var across [side][phash.Side]int64 // below 2^36
	for y := range side {
		for u := range phash.Side {
			for x, grey := range thumb[y*side : (y+1)*side] {
				across[y][u] += basis[u][x] * int64(grey)
			}
			across[y][u] /= 1 << 10 // leaves room for the second sum
		}
	}
	var all [phash.Side * phash.Side]int64
	for i := range all {
		for y := range side {
			all[i] += across[y][i%phash.Side] * basis[i/phash.Side][y]
		}
	}
	return phash.Bits(all)
}
