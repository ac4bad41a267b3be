package synth

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// stream returns the random numbers of one thing of a set: a person, a picture, a
// list. It depends on the seed and on what the thing is, and on nothing that was
// drawn before, so that pictures are drawn in any order by any number of workers.
func stream(seed uint64, what string, index ...int) *rand.Rand {
	b := append([]byte("facesieve synth 1 "), what...)
	b = binary.LittleEndian.AppendUint64(append(b, 0), seed)
	for _, i := range index {
		b = binary.LittleEndian.AppendUint64(b, uint64(i))
	}
	return rand.New(rand.NewChaCha8(sha256.Sum256(b)))
}
