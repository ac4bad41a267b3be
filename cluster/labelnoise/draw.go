package labelnoise

import (
	"crypto/sha256"
	"encoding/binary"
)

// Seed returns a seed, or a name as RandomOther takes it, that follows from a text alone.
func Seed(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}

// RandomIndex draws evenly from the numbers below n but own, from a seed that depends
// on the image alone. It is -1 where there is none.
func RandomIndex(seed uint64, own, n int) int {
	if n < 2 {
		return -1
	}
	return (own + 1 + int(mix(seed)%uint64(n-1))) % n
}

// RandomOther draws evenly from all but own of those that are named by these numbers, from
// a seed that depends on the image alone. One more or fewer of them leaves most draws as
// they are (rendezvous hashing, Thaler and Ravishankar 1996). It is -1 where there is none.
func RandomOther(seed uint64, own int, names []uint64) int {
	best, highest := -1, uint64(0)
	at := mix(seed)
	for k, name := range names {
		if k == own {
			continue
		}
		if h := mix(at ^ name); best < 0 || h > highest {
			best, highest = k, h
		}
	}
	return best
}

// RandomShare draws evenly from 0 to 1.
func RandomShare(seed uint64) float64 { return float64(mix(seed)>>11) / (1 << 53) }

// mix scatters a seed (splitmix64, Steele et al. 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
